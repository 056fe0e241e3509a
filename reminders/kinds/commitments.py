"""Reminders about a commitment: two days before, on the day, and twice after it, softer each time (docs/rules.md)."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.working_hours import DAY, working_day, working_days_later
from goals.models import Commitment, CommitmentEvent
from mentoring.models import Pair
from reminders.emails import EmailPart, page_url, subject_line
from reminders.intents import Intent, Kind, register
from reminders.links import Purpose, link
from reminders.models import Topic
from reminders.windows import morning
from sessions.models import Session

if TYPE_CHECKING:

    class PlannedPair(Pair):
        planned_sessions: list[Session]  # with their moves

    class DatedCommitment(Commitment):
        """A commitment as rows() returns it."""

        pair: PlannedPair
        dated_at: datetime  # when its date was set
        reminder_times: dict[str, datetime]  # kept by due_times()


MAX_DAYS_OFF = timedelta(days=10)  # how far days off may bring a reminder forward; after longer ones it is late
UPDATE_ASKS_ABOUT_LAST = timedelta(days=3)  # commitments due this long before a session are asked about before it


def update_due_at(mentee: User, starts_at: datetime) -> datetime:
    """Return when the status update is asked for: at 08:30 two working days before the session."""
    return morning(mentee, working_days_later(mentee, mentee.local(starts_at).date(), -2))


class CommitmentReminder(Kind["DatedCommitment"]):
    """Base class for the four reminders about a commitment. Each expires when the next one is due."""

    topic = Topic.COMMITMENTS
    subject = "commitment"
    recipients = ("owner",)
    anchor, max_lead, max_age = "due_on", MAX_DAYS_OFF, MAX_DAYS_OFF

    DAYS_BEFORE = 2 * DAY
    SET_DAYS_AHEAD = 4 * DAY  # commitments set later than this get no reminder before the day
    WORKING_DAYS_AFTER = 5  # from the due date to the last reminder
    LAST_EXPIRES_AFTER = 7 * DAY

    @staticmethod
    def rows() -> QuerySet[Commitment]:
        """Return open commitments, with when their date was set, and the planned sessions of their pair."""
        sessions = Session.objects.live().filter(started_at=None).order_by("starts_at").with_moves()
        sessions = sessions.only("pair_id", "starts_at", "created_at")
        date_changes = CommitmentEvent.objects.filter(
            commitment=OuterRef("pk"), kind=CommitmentEvent.Kind.MOVED, undone_at=None
        ).order_by("-pk")
        rows = Commitment.objects.open().filter(pair__ended_at=None).select_related("owner", "pair")
        rows = rows.prefetch_related(Prefetch("pair__sessions", sessions, to_attr="planned_sessions"))
        return rows.annotate(dated_at=Coalesce(Subquery(date_changes.values("created_at")[:1]), "created_at"))

    def attach(self, row: "DatedCommitment", pair: "PlannedPair") -> None:  # type: ignore[override]  # becomes one here
        pair.planned_sessions = row.pair.planned_sessions
        row.pair, row.owner = pair, pair.mentee if row.owner_id == pair.mentee_id else pair.mentor

    def due_times(self, commitment: "DatedCommitment") -> dict[str, datetime]:
        """Return when each of the four reminders is due, on the owner's working days; cached on the row.

        A day off is replaced by the working day before it up to the due date, and by the next working day after it.
        """
        if not hasattr(commitment, "reminder_times"):
            owner, due_on = commitment.owner, commitment.due_on
            days = {
                "commitment_soon": working_day(owner, due_on - self.DAYS_BEFORE, -DAY),
                "commitment_due": working_day(owner, due_on, -DAY),
                "commitment_overdue": working_days_later(owner, due_on, 1),
                "commitment_last": working_days_later(owner, due_on, self.WORKING_DAYS_AFTER),
            }
            commitment.reminder_times = {name: morning(owner, on) for name, on in days.items()}
        return commitment.reminder_times

    def asked_with_update(self, commitment: "DatedCommitment") -> bool:
        """Return True if the email before a session asks about it: the mentee's, due in the three days before."""
        owner, due = commitment.owner, datetime.combine(commitment.due_on, time.min, UTC)
        session = next((it for it in commitment.pair.planned_sessions if it.starts_at >= due), None)
        if owner.pk != commitment.pair.mentee_id or not session:
            return False
        in_time = commitment.due_on >= owner.local(session.starts_at).date() - UPDATE_ASKS_ABOUT_LAST
        planned_at = max((move.created_at for move in session.known_moves), default=session.created_at)
        return in_time and max(commitment.dated_at, planned_at) < update_due_at(owner, session.starts_at)

    def intents(self, commitment: "DatedCommitment") -> Iterator[Intent]:
        times = self.due_times(commitment)
        due_at = times[self.name]
        if due_at <= commitment.dated_at:
            return  # the date was set after this would have been due, so the owner has just seen it
        following = [at for at in times.values() if at > due_at]
        expires_at = min(following) if following else due_at + self.LAST_EXPIRES_AFTER
        yield self.intent(commitment, commitment.owner_id, commitment.due_on.isoformat(), due_at, expires_at)

    def email(self, person: User, intent: Intent["DatedCommitment"]) -> EmailPart:
        """Name the due date as seen from the day it is sent, which may not be the planned one."""
        match (intent.row.due_on - intent.sent_on(person)).days:
            case 0:
                texts = _("Today, %(day)s: %(what)s"), _("Today: %(what)s")
            case 1:
                texts = _("Tomorrow, %(day)s: %(what)s"), _("Tomorrow: %(what)s")
            case 2:
                texts = _("In two days, %(day)s: %(what)s"), _("In two days: %(what)s")
            case days if days > 2:
                texts = _("By %(day)s: %(what)s"), _("By %(day)s: %(what)s")
            case _past:
                texts = _("Not done yet? %(what)s (%(day)s)"), _("Not done yet? %(what)s")
        return commitment_part(person, intent.row, *texts)


def commitment_part(person: User, commitment: Commitment, title: str = "", subject: str = "") -> EmailPart:
    """Return a part with one link for each answer: done, partly, move, drop."""
    default = _("%(what)s, by %(day)s (overdue)") if commitment.is_overdue else _("%(what)s, by %(day)s")
    values = {"what": commitment.text, "day": date_format(commitment.due_on, "DAY_FORMAT")}
    page = link("email_commitment", Purpose.COMMITMENT, person, commitment.pk)  # signed once for all answers
    answers = {verb: f"{page}?do={verb}" for verb in ("done", "partly", "move", "drop")}
    return EmailPart(
        subject=subject_line(subject or "%(what)s", **values),
        title=(title or default) % values,
        action=_("Done"),
        url=answers["done"],
        page=page_url("commitment_detail", commitment.pk),
        other_actions=[(_("Partly"), answers["partly"]), (_("Move"), answers["move"]), (_("Drop"), answers["drop"])],
    )


@register
class CommitmentSoon(CommitmentReminder):
    """Remind the owner two days before the due date, if it was set at least four days ahead."""

    name = "commitment_soon"
    label = gettext_lazy("A commitment due soon")
    label_for_programs = gettext_lazy("Commitment, before it is due")
    why = gettext_lazy("You get this because you set this date.")
    max_age = DAY
    may_be_early = True

    def intents(self, commitment: "DatedCommitment") -> Iterator[Intent]:
        times = self.due_times(commitment)
        dated_on = commitment.owner.local(commitment.dated_at).date()
        if (
            commitment.due_on - dated_on >= self.SET_DAYS_AHEAD
            and times["commitment_soon"] < times["commitment_due"]
            and not self.asked_with_update(commitment)
        ):
            yield from super().intents(commitment)


@register
class CommitmentDue(CommitmentReminder):
    """Remind the owner on the due date, unless the email before a session asks about it."""

    name = "commitment_due"
    label = gettext_lazy("A commitment due today")
    label_for_programs = gettext_lazy("Commitment, on the day it is due")
    why = gettext_lazy("You get this because you set this date.")
    max_age = DAY
    may_be_early = True

    def intents(self, commitment: "DatedCommitment") -> Iterator[Intent]:
        if not self.asked_with_update(commitment):
            yield from super().intents(commitment)


@register
class CommitmentOverdue(CommitmentReminder):
    """Remind the owner one working day after the due date, more softly."""

    name = "commitment_overdue"
    label = gettext_lazy("A commitment overdue by one working day")
    label_for_programs = gettext_lazy("Commitment, one working day overdue")
    why = gettext_lazy("You get this because the date has passed. Moving or dropping it is fine too.")


@register
class CommitmentLast(CommitmentReminder):
    """Ask the owner for the last time, after five working days, to set a new date or drop it."""

    name = "commitment_last"
    label = gettext_lazy("A commitment overdue by five working days")
    label_for_programs = gettext_lazy("Commitment, five working days overdue")
    why = gettext_lazy("You get this once. It is the last reminder about this.")

    def email(self, person: User, intent: Intent["DatedCommitment"]) -> EmailPart:
        title, subject = _("A new date, or drop it? %(what)s (%(day)s)"), _("New date, or drop it? %(what)s")
        part = commitment_part(person, intent.row, title, subject)
        part.lines = lambda: [
            _("Either is fine. It comes up in your next session, and this is the last email about it.")
        ]
        return part
