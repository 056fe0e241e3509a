"""Reminders about the end of a pair: planning it, notice of it and looking back (docs/rules.md, reminders)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.working_hours import DAY
from mentoring.models import Pair
from reminders.emails import Email, EmailPart, page_url, subject_line
from reminders.intents import Intent, register
from reminders.kinds.planning import PairKind, PairRow, active_pairs
from reminders.kinds.sessions import SHORT_NOTICE
from reminders.models import Delivery, Reminder, Topic
from reminders.windows import UNDO_PERIOD, next_working_morning
from sessions.models import AgendaTemplate, Session

if TYPE_CHECKING:

    class EndingPair(Pair):
        """A pair as rows() returns it before the end."""

        closing: bool  # it has a closing session

    class EndedPair(Pair):
        ended_at: datetime

    class PairToDelete(Pair):
        kept_until: date


# Ending a pair is a bigger step than moving a session, so there is more time to undo it, unless a session is near.
UNDO_PERIOD_OF_END = timedelta(minutes=15)
ABOUT_THE_END = ("pair_ended", "calendar_cancel", "calendar_series", "calendar_series_end")


def end_notice_at(pair: Pair, ended_at: datetime) -> datetime:
    """Return when people are notified of the end of the pair, by email and in their calendars."""
    soon = Session.objects.filter(pair=pair, canceled_at=ended_at, starts_at__lte=ended_at + SHORT_NOTICE)
    return ended_at + (UNDO_PERIOD if soon.exists() else UNDO_PERIOD_OF_END)


def was_noticed(pair: Pair) -> bool:
    """Return True if an email about the end of the pair was sent, or its recipient visited after it was due."""
    about = Reminder.objects.filter(pair=pair, kind__in=ABOUT_THE_END, due_at__gt=pair.ended_at)
    sent = Q(state__in=(Reminder.State.SENT, Reminder.State.UNKNOWN)) | Q(delivery__copies_sent__gt=0)
    sent |= Q(delivery__state=Delivery.State.SENDING)
    seen = Q(due_at__lte=timezone.now(), recipient__seen_at__gt=F("due_at")) & ~Q(recipient=pair.ended_by_id)
    return about.filter(sent | seen).exists()


# --- Before the end -----------------------------------------------------------------------------------------


class EndingReminder(PairKind[PairRow]):
    """Base class for the reminders before and after the end."""

    topic = Topic.PLANNING
    why = gettext_lazy("You get this because your time together is ending.")

    def part(self, person: User, pair: Pair, title: str, action: str, page: str) -> EmailPart:
        values = {"name": pair.other(person).first_name, "day": date_format(pair.ends_on, "DAY_FORMAT")}
        url = page_url(page, pair.pk)
        return EmailPart(subject_line(title, **values), title % values, action, url, url)


class BeforeTheEnd(EndingReminder["EndingPair"]):
    """A reminder to both people some days before the planned end."""

    anchor, max_lead, max_age = "ends_on", timedelta(days=32), timedelta(days=40)

    @staticmethod
    def rows() -> QuerySet[Pair]:
        """Return active pairs, with whether they have a closing session."""
        sessions = Session.objects.filter(pair=OuterRef("pk"), kind=AgendaTemplate.Kind.CLOSING)
        return active_pairs().annotate(closing=Exists(sessions.filter(canceled_at=None, skipped_at=None)))

    def to_both(self, pair: "EndingPair", on: date, until: date) -> Iterator[Intent]:
        for person in pair.people:
            due_at, expires_at = next_working_morning(person, on), next_working_morning(person, until)
            yield self.intent(pair, person.pk, pair.ends_on.isoformat(), due_at, expires_at)


@register
class PlanTheEnding(BeforeTheEnd):
    """Remind both people to plan the ending, four weeks before it."""

    name = "ending_plan"
    label = gettext_lazy("Plan the ending")

    def intents(self, pair: "EndingPair") -> Iterator[Intent]:
        yield from self.to_both(pair, pair.ends_on - 28 * DAY, pair.ends_on - 14 * DAY)

    def email(self, person: User, intent: Intent["EndingPair"]) -> EmailPart:
        title = _("Your time with %(name)s ends on %(day)s: plan a good ending")
        return self.part(person, intent.row, title, _("Plan the ending"), "pair_finish")


@register
class ScheduleTheClosing(BeforeTheEnd):
    """Remind both people to schedule the closing session, two weeks before the end."""

    name = "ending_closing"
    label = gettext_lazy("Schedule the closing session")

    def intents(self, pair: "EndingPair") -> Iterator[Intent]:
        if not pair.closing:
            yield from self.to_both(pair, pair.ends_on - 14 * DAY, pair.ends_on + DAY)

    def email(self, person: User, intent: Intent["EndingPair"]) -> EmailPart:
        title = _("Schedule your closing session with %(name)s")
        return self.part(person, intent.row, title, _("Schedule the session"), "session_schedule")


# --- After the end ------------------------------------------------------------------------------------------


def ended_pairs() -> QuerySet[Pair]:
    """Return ended pairs whose content is kept."""
    pairs = Pair.objects.filter(ended_at__isnull=False, content_deleted_at=None)
    return pairs.with_people().prefetch_related("exit_answers")


@register
class PairEnded(PairKind["EndedPair"]):
    """Notify both people that the pair has ended, except the one who ended it."""

    name = "pair_ended"
    label = gettext_lazy("Your mentoring has ended")
    about_ended_pairs = True
    why = gettext_lazy("You get this because someone else ended your mentoring.")
    anchor, max_age = "ended_at", 7 * DAY

    @staticmethod
    def rows() -> QuerySet[Pair]:
        return ended_pairs().filter(ended_by__isnull=False).select_related("ended_by")

    def intents(self, pair: "EndedPair") -> Iterator[Intent]:
        for person in pair.people:
            if person.pk != pair.ended_by_id:
                due_at, expires_at = end_notice_at(pair, pair.ended_at), pair.ended_at + self.max_age
                yield self.intent(pair, person.pk, pair.ended_at.isoformat(), due_at, expires_at)

    def email(self, person: User, intent: Intent["EndedPair"]) -> Email:
        pair = intent.row
        partner = pair.other(person)
        canceled = pair.sessions.filter(canceled_at=pair.ended_at)
        context = {"pair": pair, "partner": partner, "by_partner": pair.ended_by_id == partner.pk}
        context |= {"canceled": list(canceled.order_by("starts_at")), "mine": pair.is_mentee(person)}
        subject = subject_line(_("Your mentoring with %(name)s has ended"), name=partner.first_name)
        return Email(subject, page_url("pair_detail", pair.pk), context)


@register
class ExitAnswerReminder(EndingReminder["EndedPair"]):
    """Ask each person to look back, the day after the end and once more a week later."""

    name = "exit_answer"
    label = gettext_lazy("Looking back")
    about_ended_pairs = True
    anchor, max_age = "ended_at", timedelta(days=30)
    confidential = True

    rows = staticmethod(ended_pairs)

    def intents(self, pair: "EndedPair") -> Iterator[Intent]:
        answered = {answer.user_id for answer in pair.exit_answers.all()}
        for person in pair.people:
            ended_on = person.local(pair.ended_at).date()
            for days in (1, 8) if person.pk not in answered else ():
                due_at = next_working_morning(person, ended_on + days * DAY)
                yield self.intent(pair, person.pk, str(days), due_at, due_at + 7 * DAY)

    def email(self, person: User, intent: Intent["EndedPair"]) -> EmailPart:
        return self.part(person, intent.row, _("How was your time with %(name)s?"), _("Answer"), "exit_answer")


@register
class PairArchived(EndingReminder["EndedPair"]):
    """Notify both people thirty days after the end that the pair is archived."""

    name = "archived"
    label = gettext_lazy("Pair archived")
    about_ended_pairs = True
    anchor, max_age = "ended_at", timedelta(days=60)

    rows = staticmethod(ended_pairs)

    def intents(self, pair: "EndedPair") -> Iterator[Intent]:
        for person in pair.people:
            due_at = next_working_morning(person, person.local(pair.ended_at).date() + 30 * DAY)
            yield self.intent(pair, person.pk, "", due_at, due_at + 14 * DAY)

    def email(self, person: User, intent: Intent["EndedPair"]) -> EmailPart:
        pair = intent.row
        title, page = _("Your time with %(name)s is archived"), "pair_detail"
        if pair.is_mentee(person):
            title, page = _("Your time with %(name)s is archived: save your record"), "growth_record"
        return self.part(person, pair, title, _("Open the archive"), page)


@register
class DeletionNotice(PairKind["PairToDelete"]):
    """Notify both people sixty days before their content is deleted; this cannot be turned off.

    If it is nearer, because one of them was erased, the other is notified at once.
    """

    name = "deletion_near"
    label = gettext_lazy("Your content will be deleted")
    about_ended_pairs = True
    why = gettext_lazy("You get this because the content of a pair is kept for a limited time.")
    anchor, max_lead, max_age = "kept_until", timedelta(days=62), timedelta()
    window_only = True

    @staticmethod
    def rows() -> QuerySet[Pair]:
        return ended_pairs().filter(kept_until__isnull=False)

    def intents(self, pair: "PairToDelete") -> Iterator[Intent]:
        for person in pair.people:
            due_at, expires_at = (next_working_morning(person, pair.kept_until - days) for days in (60 * DAY, DAY))
            yield self.intent(pair, person.pk, pair.kept_until.isoformat(), due_at, expires_at)

    def email(self, person: User, intent: Intent["PairToDelete"]) -> Email:
        pair = intent.row
        mine = pair.is_mentee(person)
        values = {"name": pair.other(person).first_name, "day": date_format(pair.kept_until, "SHORT_DAY_FORMAT")}
        subject = subject_line(_("Your content with %(name)s will be deleted on %(day)s"), **values)
        page = page_url("growth_record" if mine else "pair_detail", pair.pk)
        return Email(subject, page, values | {"mine": mine})
