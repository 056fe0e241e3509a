"""Reminders about planning: no first or next session, no working agreement, inactivity, and the end of a pause."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from django.db.models import Exists, Max, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.working_hours import DAY, working_day
from dashboard.flags import RULES
from dashboard.models import REMIND_AGAIN_AFTER, Flag, FlagRule
from goals.models import CommitmentEvent
from mentoring.models import Agreement, Pair, Pause, Signature
from reminders.emails import Email, EmailPart, page_url, subject_line
from reminders.intents import Intent, Kind, Row, register
from reminders.models import Topic
from reminders.windows import morning, next_working_morning
from sessions.models import Session
from sessions.models.session import SessionQuerySet

if TYPE_CHECKING:

    class LastSession(Session):
        called_off_at: datetime | None  # when a later one was canceled

    class PairToAgree(Pair):
        """A pair as AgreementReminder.derive() completes it."""

        proposed_at: datetime | None  # the newest version
        not_agreed: list[User]

    class IdlePair(Pair):
        """A pair as StillMeeting.derive() completes it."""

        last_held_at: datetime | None
        last_event_at: datetime | None

    class RemindedFlag(Flag):
        reminded_at: datetime

    class NudgedPair(Pair):
        flags_with_reminder: list[RemindedFlag]


PairRow = TypeVar("PairRow", bound=Pair)


class PairKind(Kind[PairRow]):
    """A kind that reads pairs, by default for both people."""

    subject, pair = "pair", "pk"
    recipients: tuple[str, ...] = ("mentor", "mentee")
    changed = "touched_at"

    def concerns(self, pair: Pair, person: User | None, now: datetime, horizon: timedelta) -> bool:
        """Return False also if the date that due times are counted from is out of reach."""
        anchor = getattr(pair, self.anchor)
        after, until = now - self.max_age, now + horizon + (self.max_lead or timedelta())
        if isinstance(anchor, datetime):
            in_reach = after < anchor and (self.max_lead is None or anchor <= until)
        else:
            first, last = after.astimezone(UTC).date(), until.astimezone(UTC).date()
            in_reach = anchor is not None and first < anchor and (self.max_lead is None or anchor <= last)
        return in_reach and super().concerns(pair, person, now, horizon)

    def attach(self, row: PairRow, pair: Pair) -> None:
        row.program, row.mentor, row.mentee = pair.program, pair.mentor, pair.mentee


class PlanningReminder(Kind[Row]):
    """Base class for reminders about planning: the time of day, and for how long they are shown."""

    topic = Topic.PLANNING
    EXPIRES_AFTER = timedelta(days=14)

    def on_morning(self, row: Row, person: User, occasion: str, on: date) -> Intent:
        due_at = next_working_morning(person, on)
        return self.intent(row, person.pk, occasion, due_at, due_at + self.EXPIRES_AFTER)


def active_pairs() -> QuerySet[Pair]:
    return Pair.objects.active().with_people()


def sessions_of_pair() -> SessionQuerySet:
    """Return the sessions of the pair of an outer query."""
    return Session.objects.filter(pair=OuterRef("pk"))


def scheduling_part(person: User, pair: Pair, title: str, subject: str) -> EmailPart:
    values, page = {"name": pair.other(person).first_name}, page_url("session_schedule", pair.pk)
    return EmailPart(subject_line(subject, **values), title % values, _("Schedule a session"), page, page)


@register
class FirstSession(PairKind[Pair], PlanningReminder[Pair]):
    """Remind a pair to schedule its first session, the mentee after two days and the mentor after five."""

    name = "first_date"
    label = gettext_lazy("No first session yet")
    label_for_programs = gettext_lazy("No first session scheduled")
    why = gettext_lazy("You get this because you have not scheduled a session yet.")
    anchor, max_age = "started_on", timedelta(days=30)

    DAYS_AFTER_PAIRING = {"mentee": 2, "mentor": 5}

    @staticmethod
    def rows() -> QuerySet[Pair]:
        return active_pairs().filter(~Exists(sessions_of_pair().filter(canceled_at=None, skipped_at=None)))

    def intents(self, pair: Pair) -> Iterator[Intent]:
        for role, days in self.DAYS_AFTER_PAIRING.items():
            yield self.on_morning(pair, getattr(pair, role), str(days), pair.started_on + timedelta(days=days))

    def email(self, person: User, intent: Intent[Pair]) -> EmailPart:
        title = _("You and %(name)s have not scheduled your first session")
        return scheduling_part(person, intent.row, title, _("Schedule your first session with %(name)s"))


@register
class NextSession(PlanningReminder["LastSession"]):
    """Remind the mentee after two days and both after seven to schedule a next session.

    Days count from the last session, or from when a later one was canceled.
    """

    name = "next_date"
    label = gettext_lazy("No next session")
    label_for_programs = gettext_lazy("No next session scheduled")
    why = gettext_lazy("You get this because you have no next session.")
    subject = "session"
    anchor, max_age = "starts_at", timedelta(days=60)

    @staticmethod
    def rows() -> QuerySet[Session]:
        """Return the last held session of each pair that has no other session to come."""
        others = Session.objects.filter(pair=OuterRef("pair"))
        later = others.filter(starts_at__gt=OuterRef("starts_at"))
        canceled_at = later.order_by().values("pair").annotate(at=Max("canceled_at")).values("at")[:1]
        return (
            Session.objects.with_people()
            .filter(pair__ended_at=None, held_at__isnull=False, closed_at__isnull=False)
            .exclude(kind=Session.Kind.CLOSING)
            .filter(~Exists(later.held() | others.live()))
            .annotate(called_off_at=Subquery(canceled_at))
        )

    def intents(self, session: "LastSession") -> Iterator[Intent]:
        mentor, mentee = session.pair.mentor, session.pair.mentee
        since = max(filter(None, (session.starts_at, session.called_off_at)))
        for days, people in ((2, [mentee]), (7, [mentor, mentee])):
            for person in people:
                on = person.local(since).date() + timedelta(days=days)
                yield self.on_morning(session, person, f"{days}:{since.date()}", on)

    def email(self, person: User, intent: Intent["LastSession"]) -> EmailPart:
        title = _("You and %(name)s have no next session")
        return scheduling_part(person, intent.row.pair, title, _("Schedule your next session with %(name)s"))


@register
class AgreementReminder(PairKind["PairToAgree"], PlanningReminder["PairToAgree"]):
    """Remind anyone who has not agreed, 7 and 14 days after the pairing or the newest version."""

    name = "agreement"
    label = gettext_lazy("Working agreement")
    label_for_programs = gettext_lazy("Working agreement")
    why = gettext_lazy("You get this because you have not agreed to your working agreement yet.")
    anchor, max_age = "touched_at", timedelta(days=30)

    rows = staticmethod(active_pairs)

    def derive(self, rows: Iterable["PairToAgree"]) -> Iterator[Intent]:
        """Read the newest version and who agreed to it for all pairs at once."""
        pairs = list(rows)
        versions = Agreement.objects.filter(pair__in=pairs).order_by("version").values_list("pair", "pk", "created_at")
        newest = {pair_id: (pk, created_at) for pair_id, pk, created_at in versions}
        signatures = Signature.objects.filter(agreement__in=[pk for pk, _created_at in newest.values()])
        signed = set(signatures.values_list("agreement__pair", "user"))
        for pair in pairs:
            pair.proposed_at = newest[pair.pk][1] if pair.pk in newest else None
            pair.not_agreed = [person for person in pair.people if (pair.pk, person.pk) not in signed]
        return super().derive(pairs)

    def intents(self, pair: "PairToAgree") -> Iterator[Intent]:
        """Yield what is due about this pair; needs derive()."""
        for person in pair.not_agreed:
            proposed_on = person.local(pair.proposed_at).date() if pair.proposed_at else pair.started_on
            start = max(pair.started_on, proposed_on)
            for days in (7, 14):
                yield self.on_morning(pair, person, f"{days}:{start}", start + timedelta(days=days))

    def email(self, person: User, intent: Intent["PairToAgree"]) -> EmailPart:
        pair = intent.row
        values, page = {"name": pair.other(person).first_name}, page_url("agreement_detail", pair.pk)
        return EmailPart(
            subject=subject_line(_("Your working agreement with %(name)s"), **values),
            title=_("Your working agreement with %(name)s needs your “I agree”") % values,
            action=_("Read the agreement"),
            url=page,
            page=page,
        )


@register
class StillMeeting(PairKind["IdlePair"], PlanningReminder["IdlePair"]):
    """Ask both people if they are still meeting, after three months without activity; a pair never ends by itself."""

    name = "still_going"
    label = gettext_lazy("Are you still meeting?")
    why = gettext_lazy("You get this because there was no activity between you for three months.")
    anchor, max_age = "started_on", timedelta(days=3650)

    IDLE = timedelta(days=90)

    @staticmethod
    def rows() -> QuerySet[Pair]:
        """Return active pairs without a session that has started or is to come."""
        ahead = Q(started_at__isnull=False) | Q(ends_at__gt=timezone.now())
        return active_pairs().filter(~Exists(sessions_of_pair().live().filter(ahead)))

    def derive(self, rows: Iterable["IdlePair"]) -> Iterator[Intent]:
        """Read when each pair last met or changed a commitment, for all pairs at once."""
        pairs = list(rows)
        held = Session.objects.held().filter(pair__in=pairs).order_by().values_list("pair").annotate(Max("starts_at"))
        events = CommitmentEvent.objects.filter(commitment__pair__in=pairs).order_by().values_list("commitment__pair")
        last_held_at, last_event_at = dict(held), dict(events.annotate(Max("created_at")))
        for pair in pairs:
            pair.last_held_at, pair.last_event_at = last_held_at.get(pair.pk), last_event_at.get(pair.pk)
        return super().derive(pairs)

    def intents(self, pair: "IdlePair") -> Iterator[Intent]:
        """Yield what is due about this pair; needs derive()."""
        for person in pair.people:
            active_on = [person.local(at).date() for at in (pair.last_held_at, pair.last_event_at) if at]
            since = max([pair.started_on, *active_on])
            yield self.on_morning(pair, person, since.isoformat(), since + self.IDLE)

    def email(self, person: User, intent: Intent["IdlePair"]) -> EmailPart:
        pair = intent.row
        values, page = {"name": pair.other(person).first_name}, page_url("session_schedule", pair.pk)
        return EmailPart(
            subject=subject_line(_("Are you still meeting with %(name)s?"), **values),
            title=_("No activity between you and %(name)s for three months. Are you still meeting?") % values,
            action=_("Schedule a session"),
            url=page,
            page=page,
            other_actions=[
                (_("Pause for a while"), page_url("pair_pause", pair.pk)),
                (_("Plan a good ending"), page_url("pair_finish", pair.pk)),
            ],
            lines=lambda: [
                _("Nothing ends by itself. Your program admin sees that you are not meeting, and can help.")
            ],
        )


@register
class Nudge(PairKind["NudgedPair"]):
    """Remind both people at the next window of what is still missing, when an admin has asked for it."""

    name = "nudge"
    label = gettext_lazy("A reminder from a program admin")
    why = gettext_lazy("You get this because a program admin reminded every pair for whom this is open.")
    topic = Topic.PLANNING
    anchor, max_age = "touched_at", timedelta(days=30)

    PAGES = {
        FlagRule.NO_AGREEMENT: "agreement_detail",
        FlagRule.NO_CURRENT_GOAL: "goal_list",
        FlagRule.NO_CLOSING_SESSION: "session_schedule",
    }

    @staticmethod
    def rows() -> QuerySet[Pair]:
        flags = Flag.objects.open().filter(reminded_at__isnull=False)
        pairs = active_pairs().filter(Exists(flags.filter(pair=OuterRef("pk"))))
        return pairs.prefetch_related(Prefetch("flags", flags, to_attr="flags_with_reminder"))

    def intents(self, pair: "NudgedPair") -> Iterator[Intent]:
        for flag in pair.flags_with_reminder:
            occasion, expires_at = f"{flag.rule}:{flag.reminded_at.isoformat()}", flag.reminded_at + REMIND_AGAIN_AFTER
            for person in pair.people:
                yield self.intent(pair, person.pk, occasion, flag.reminded_at, expires_at)

    def email(self, person: User, intent: Intent["NudgedPair"]) -> EmailPart:
        pair = intent.row
        rule = RULES[FlagRule(intent.occasion.partition(":")[0])]
        values, page = {"name": pair.other(person).first_name}, page_url(self.PAGES[rule.name], pair.pk)
        return EmailPart(
            subject=subject_line(_("Still open for you and %(name)s"), **values),
            title=_("Still open for you and %(name)s: %(what)s") % (values | {"what": rule.label}),
            action=_("Open"),
            url=page,
            page=page,
            lines=lambda: [str(rule.advice_for_pair)],
        )


@register
class PauseEnds(Kind[Pause]):
    """Notify both people two days before the end of a pause of a week or more."""

    name = "pause_ends"
    label = gettext_lazy("The end of a pause")
    why = gettext_lazy("You get this because your pause ends soon.")
    subject = "pause"
    anchor, max_lead, max_age = "resume_on", timedelta(days=7), timedelta()
    window_only = True

    @staticmethod
    def rows() -> QuerySet[Pause]:
        return Pause.objects.filter(pair__ended_at=None).select_related("pair__mentor", "pair__mentee")

    def intents(self, pause: Pause) -> Iterator[Intent]:
        if pause.resume_on - pause.from_on < timedelta(days=7):
            return
        for person in (pause.pair.mentor, pause.pair.mentee):
            due_at = morning(person, working_day(person, pause.resume_on - 2 * DAY, -DAY))
            expires_at = morning(person, pause.resume_on + DAY)
            yield self.intent(pause, person.pk, pause.resume_on.isoformat(), due_at, expires_at)

    def email(self, person: User, intent: Intent[Pause]) -> Email:
        pause: Pause = intent.row
        partner = pause.pair.other(person)
        values = {"name": partner.first_name, "when": date_format(pause.resume_on, "DAY_FORMAT")}
        next_session = pause.pair.sessions.to_come().upcoming().first()
        context = {"pair": pause.pair, "partner": partner, "pause": pause, "next": next_session}
        subject = subject_line(_("Your pause with %(name)s ends on %(when)s"), **values)
        return Email(subject, page_url("pair_detail", pause.pair_id), context)
