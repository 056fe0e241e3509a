"""Reminders about check-ins: the question, a request for help and the mentor's reply (docs/rules.md, check-ins)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.working_hours import DAY
from mentoring.models import Pair
from reminders.emails import EmailPart, page_url, subject_line
from reminders.intents import Intent, Kind, register
from reminders.kinds.planning import PairKind, active_pairs
from reminders.links import VALID_FOR, Purpose, link
from reminders.models import Topic
from reminders.windows import UNDO_PERIOD, next_window, next_working_morning
from sessions.checkins import due_on
from sessions.models import CheckIn, Session

if TYPE_CHECKING:

    class PairWithCheckIns(Pair):
        """A pair as rows() returns it."""

        check_ins_since: datetime
        kept_sessions: list[Session]


@register
class CheckInReminder(PairKind["PairWithCheckIns"]):
    """Ask the mentee for a check-in halfway between two sessions, if the pair has turned it on."""

    name = "check_in"
    label = gettext_lazy("Check-in between sessions")
    label_for_programs = gettext_lazy("Check-in between sessions")
    why = gettext_lazy("You get this because the two of you check in between sessions.")
    topic = Topic.CHECK_INS
    recipients = ("mentee",)
    anchor, max_age = "touched_at", timedelta(days=60)
    may_be_early = True

    EXPIRES_AFTER = 5 * DAY

    @staticmethod
    def rows() -> QuerySet[Pair]:
        """Return pairs without a check-in since their last session, with the sessions that take or took place."""
        sessions = Session.objects.filter(canceled_at=None, skipped_at=None)
        sessions = sessions.only("pair_id", "starts_at", "started_at", "closed_at", "held_at")
        return (
            active_pairs()
            .filter(check_ins_since__isnull=False)
            .filter(~Exists(CheckIn.objects.filter(pair=OuterRef("pk")).since_last_session()))
            .prefetch_related(Prefetch("sessions", sessions, to_attr="kept_sessions"))
        )

    def concerns(self, pair: Pair, person: User | None, now: datetime, horizon: timedelta) -> bool:
        return pair.check_ins_since is not None and super().concerns(pair, person, now, horizon)

    def intents(self, pair: "PairWithCheckIns") -> Iterator[Intent]:
        mentee = pair.mentee
        last_held = max((it.starts_at for it in pair.kept_sessions if it.held_at), default=None)
        coming = (it.starts_at for it in pair.kept_sessions if not (it.started_at or it.held_at or it.closed_at))
        next_at = min(coming, default=None)
        last = mentee.local(last_held).date() if last_held else pair.started_on
        on = due_on(last, mentee.local(next_at).date() if next_at else None, pair.interval)
        if on is None or on < mentee.local(pair.check_ins_since).date():
            return
        due_at = next_working_morning(mentee, on)
        expires_at = min(filter(None, (due_at + self.EXPIRES_AFTER, next_at)))
        yield self.intent(pair, mentee.pk, on.isoformat(), due_at, expires_at)

    def email(self, person: User, intent: Intent["PairWithCheckIns"]) -> EmailPart:
        pair = intent.row
        values = {"name": pair.mentor.first_name}
        page = link("email_check_in", Purpose.CHECK_IN, person, pair.pk)  # signed once for all answers
        answers = {value: f"{page}?answer={value}" for value in CheckIn.Answer.values}
        return EmailPart(
            subject=subject_line(_("Check-in for %(name)s: how is it going?"), **values),
            title=_("Check-in: how is it going? %(name)s sees your answer.") % values,
            action=_("On track"),
            url=answers[CheckIn.Answer.ON_TRACK],
            page=page_url("check_in", pair.pk),
            other_actions=[
                (_("Stuck"), answers[CheckIn.Answer.STUCK]),
                (_("I need help"), answers[CheckIn.Answer.HELP]),
            ],
        )


def current_requests_for_help() -> QuerySet[CheckIn]:
    check_ins = CheckIn.objects.asking_for_help().current().filter(pair__ended_at=None)
    return check_ins.select_related("pair__mentor", "pair__mentee").prefetch_related("pair__pauses")


class CheckInNews(Kind[CheckIn]):
    """Notify one of the pair of what the other wrote, at the next window, whatever was sent before."""

    topic = Topic.CHECK_INS
    subject = "check_in"
    max_age = timedelta(days=200)  # long enough for a long pause in between
    urgent = True
    confidential = True

    EXPIRES_AFTER = VALID_FOR  # like the link in the email

    def at_next_window(self, check_in: CheckIn, person: User, written_at: datetime) -> Intent:
        """Return an intent due a minute later, or when the pause is over if that or the next window is in one."""
        due_at = written_at + UNDO_PERIOD
        for pause in sorted(check_in.pair.pauses.all(), key=lambda pause: pause.from_on):
            if any(pause.covers(person.local(moment).date()) for moment in (due_at, next_window(person, due_at))):
                due_at = next_working_morning(person, pause.resume_on)
        return self.intent(check_in, person.pk, written_at.isoformat(), due_at, due_at + self.EXPIRES_AFTER)


@register
class HelpWanted(CheckInNews):
    """Notify the mentor that the mentee needs help, until it is answered or they meet."""

    name = "help_wanted"
    label = gettext_lazy("Your mentee needs help")
    why = gettext_lazy("You get this because your mentee chose “I need help” in a check-in.")
    recipients = ("pair__mentor",)
    anchor = "created_at"

    @staticmethod
    def rows() -> QuerySet[CheckIn]:
        return current_requests_for_help().filter(answer=CheckIn.Answer.HELP, replied_at=None)

    def intents(self, check_in: CheckIn) -> Iterator[Intent]:
        yield self.at_next_window(check_in, check_in.pair.mentor, check_in.created_at)

    def email(self, person: User, intent: Intent[CheckIn]) -> EmailPart:
        """Return a part with a link to reply; the note is shown only after signing in."""
        check_in: CheckIn = intent.row
        page = page_url("check_in_reply", check_in.pk)
        title = _("%(name)s asked for help") % {"name": check_in.pair.mentee.first_name}
        return EmailPart(
            subject=subject_line("%(title)s", title=title),
            title=title,
            action=_("Answer in one line"),
            url=link("email_help", Purpose.HELP, person, check_in.pk),
            page=page,
            other_actions=[(_("Sign in to read the note"), page)] if check_in.note else [],
        )


@register
class CheckInAnswered(CheckInNews):
    """Notify the mentee of the mentor's reply."""

    name = "check_in_answered"
    label = gettext_lazy("An answer to your check-in")
    why = gettext_lazy("You get this because your mentor answered your check-in.")
    recipients = ("pair__mentee",)
    anchor = "replied_at"

    @staticmethod
    def rows() -> QuerySet[CheckIn]:
        return current_requests_for_help().filter(replied_at__isnull=False)

    def intents(self, check_in: CheckIn) -> Iterator[Intent]:
        if check_in.replied_at:
            yield self.at_next_window(check_in, check_in.pair.mentee, check_in.replied_at)

    def email(self, person: User, intent: Intent[CheckIn]) -> EmailPart:
        check_in: CheckIn = intent.row
        page = page_url("check_in", check_in.pair_id)
        title = _("%(name)s answered your check-in") % {"name": check_in.pair.mentor.first_name}
        return EmailPart(subject_line("%(title)s", title=title), title, _("Read the answer"), page, page)
