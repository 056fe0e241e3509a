from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from mentoring.models import Pair
from reminders.emails import Entry, Letter, address, letter, subject
from reminders.intents import Intent


def about(person: User, intent: Intent, title: str, action: str, page: str) -> Entry:
    words = {"name": intent.row.other(person).first_name, "day": date_format(intent.row.ends_on, "D j M")}
    url = address(page, intent.row.pk)
    return Entry(subject=subject(title, **words), title=title % words, action=action, url=url, page=url)


@letter
def ending_plan(person: User, intent: Intent) -> Entry:
    title = _("Your time with %(name)s ends on %(day)s: plan a good ending")
    return about(person, intent, title, _("Plan the ending"), "pair_finish")


@letter
def ending_closing(person: User, intent: Intent) -> Entry:
    heading = _("Schedule your closing session with %(name)s")
    return about(person, intent, heading, _("Schedule the session"), "session_schedule")


@letter
def pair_ended(person: User, intent: Intent) -> Letter:
    pair: Pair = intent.row
    partner = pair.other(person)
    canceled = pair.sessions.filter(canceled_at=pair.ended_at)
    facts = {"pair": pair, "partner": partner, "by_partner": pair.ended_by_id == partner.pk}
    facts |= {"canceled": list(canceled.order_by("starts_at")), "mine": pair.is_mentee(person)}
    heading = subject(_("Your mentoring with %(name)s has ended"), name=partner.first_name)
    return Letter(heading, address("pair_detail", pair.pk), facts)


@letter
def archived(person: User, intent: Intent) -> Entry:
    pair: Pair = intent.row
    title, page = _("Your time with %(name)s is archived"), "pair_detail"
    if pair.is_mentee(person):
        title, page = _("Your time with %(name)s is archived: save your record"), "growth_record"
    return about(person, intent, title, _("Open the archive"), page)


@letter
def deletion_near(person: User, intent: Intent) -> Letter:
    pair: Pair = intent.row
    mine = pair.is_mentee(person)
    words = {"name": pair.other(person).first_name, "day": date_format(pair.kept_until, "j M")}
    page = address("growth_record" if mine else "pair_detail", pair.pk)
    return Letter(
        subject(_("Your content with %(name)s will be deleted on %(day)s"), **words), page, words | {"mine": mine}
    )


@letter
def exit_answer(person: User, intent: Intent) -> Entry:
    return about(person, intent, _("How was your time with %(name)s?"), _("Answer"), "exit_answer")
