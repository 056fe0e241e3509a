from django.utils.translation import gettext as _

from accounts.models import User
from reminders.emails import Entry, address, letter, subject
from reminders.intents import Intent


def about(person: User, intent: Intent, title: str, action: str, page: str) -> Entry:
    words = {"name": intent.row.other(person).first_name}
    url = address(page, intent.row.pk)
    return Entry(subject=subject(title, **words), title=title % words, action=action, url=url, page=url)


@letter
def ending_plan(person: User, intent: Intent) -> Entry:
    return about(person, intent, _("Four weeks left with %(name)s: plan a good ending"), _("Plan it"), "pair_finish")


@letter
def ending_closing(person: User, intent: Intent) -> Entry:
    said = _("A date for your closing session with %(name)s")
    return about(person, intent, said, _("Find one"), "session_schedule")


@letter
def exit_answer(person: User, intent: Intent) -> Entry:
    return about(person, intent, _("Looking back on your time with %(name)s"), _("Say it"), "exit_answer")
