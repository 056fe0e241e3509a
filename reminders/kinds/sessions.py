"""Reminders about a session: prepare it, confirm it, read its recap, learn of changes (docs/rules.md, reminders)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from django.db.models import F, Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.working_hours import DAY, working_days_later
from core.formatting import clock
from goals.models import Commitment
from mentoring.models import Pair
from reminders.emails import Email, EmailPart, date_and_time, page_url, subject_line
from reminders.intents import HORIZON, Intent, Kind, Row, register
from reminders.kinds.commitments import MAX_DAYS_OFF, UPDATE_ASKS_ABOUT_LAST, commitment_part, update_due_at
from reminders.links import Purpose, link
from reminders.models import Topic
from reminders.session_changes import call_off_change, move_change, summarize_changes
from reminders.windows import UNDO_PERIOD, afternoon, morning, next_window
from sessions import calendar, closing
from sessions.calendar import CalendarFile
from sessions.models import AgendaItem, Feedback, ItemOutcome, Session, SessionAnswer, SessionMove, SessionVisit
from sessions.models.session import SessionQuerySet
from sessions.session_room.features import features_for

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    class ClosedSession(Session):
        closed_at: datetime
        recap_facts: "RecapFacts"  # kept by recap_facts()

    class SessionToPrepare(Session):
        """A session as sessions_to_prepare() returns it."""

        shared_at: datetime | None  # of the status update
        known_visits: list[SessionVisit]

    class SessionToConfirm(Session):
        known_answers: list[SessionAnswer]


SHORT_NOTICE = timedelta(hours=12)  # the other person is emailed if a session this close is moved, canceled or skipped


def other_person_ids(session: Session, person_id: int | None) -> Iterator[int]:
    """Yield the people of the session other than this one."""
    return (pk for pk in (session.pair.mentor_id, session.pair.mentee_id) if pk != person_id)


def name_and_time(person: User, session: Session) -> dict[str, str]:
    """Return the partner's name and the time of the session, for a subject."""
    return {"name": session.pair.other(person).first_name, "when": date_and_time(session.starts_at)}


@dataclass
class RecapFacts:
    """The content of the recap emails of a session, the same for both people."""

    made: list[Commitment]
    carried: list[str]  # titles
    feedback: list[Feedback]
    next: Session | None
    answered: set[int]  # who answered whether it took place


def recap_facts(session: "ClosedSession") -> RecapFacts:
    """Read them once for both emails; they are kept on the row."""
    if not hasattr(session, "recap_facts"):
        carried = session.outcomes.filter(outcome=ItemOutcome.Outcome.CARRIED).order_by("pk")
        session.recap_facts = RecapFacts(
            closing.commitments_made(session),
            list(carried.values_list("title", flat=True)),
            list(session.feedback.written().select_related("created_by")),
            closing.next_session_after(session),
            set(session.answers.values_list("user", flat=True)),
        )
    return session.recap_facts


# --- Always sent --------------------------------------------------------------------------------------------


@register
class Recap(Kind["ClosedSession"]):
    """Send both people the recap of a closed session, unless it was logged afterward."""

    name = "recap"
    label = gettext_lazy("Recap of a session")
    why = gettext_lazy("You get this after each session, so that you both have the same record.")
    subject = "session"
    anchor, max_age = "closed_at", timedelta(days=7)

    @staticmethod
    def rows() -> QuerySet[Session]:
        return Session.objects.with_people().filter(closed_at__isnull=False)

    def intents(self, session: "ClosedSession") -> Iterator[Intent]:
        if session.logged_at:
            return
        due_at, expires_at = session.closed_at + UNDO_PERIOD, session.closed_at + self.max_age
        for person_id in other_person_ids(session, None):
            yield self.intent(session, person_id, session.closed_at.isoformat(), due_at, expires_at)

    def email(self, person: User, intent: Intent["ClosedSession"]) -> Email:
        session, page = intent.row, page_url("session_recap", intent.subject_pk)
        facts = recap_facts(session)
        asks_for_rating = session.pair.is_mentee(person) and features_for(session.number).rating
        context = session_context(person, session) | {
            "made": [(made, closing.as_sentence(made, to=person)) for made in facts.made],
            "carried": facts.carried,
            "feedback": facts.feedback,
            "next": facts.next,
            "different_url": f"{page}#not-as-i-remember",
            "rating_url": f"{page}#rating" if asks_for_rating else "",
        }
        if person.pk not in facts.answered:
            context["met_url"] = link("email_met", Purpose.MET, person, session.pk, answer="met")
        subject = subject_line(_("Recap with %(name)s, %(when)s"), **name_and_time(person, session))
        return Email(subject, page, context)


class ShortNotice(Kind[Row]):
    """Notify the other person at once that a session about to start was changed."""

    why = gettext_lazy("You get this because the session was due to start within 12 hours.")
    max_age = SHORT_NOTICE

    def calendar_file(self, person: User, session: Session) -> CalendarFile | None:
        """Return the calendar entry, or None if the person turned calendar emails off."""
        return calendar.message(calendar.entry_of(session), person) if person.calendar_mails else None


@register
class SessionMoved(ShortNotice[SessionMove]):
    """Notify the other person that a session about to start was moved, unless it has been moved again."""

    name = "session_moved"
    label = gettext_lazy("A session was moved on short notice")
    subject, pair = "move", "session__pair"
    recipients = ("session__pair__mentor", "session__pair__mentee")
    changed, anchor = "session__pair__touched_at", "created_at"

    @staticmethod
    def rows() -> QuerySet[SessionMove]:
        return SessionMove.objects.filter(session__in=Session.objects.live()).prefetch_related("session__pair")

    def attach(self, row: SessionMove, pair: Pair) -> None:
        row.session.pair = pair

    def intents(self, move: SessionMove) -> Iterator[Intent]:
        if move.from_at - move.created_at > SHORT_NOTICE or move.to_at != move.session.starts_at:
            return
        due_at, expires_at = move.created_at + UNDO_PERIOD, max(move.from_at, move.to_at)
        for person_id in other_person_ids(move.session, move.created_by_id):
            yield self.intent(move, person_id, move.created_at.isoformat(), due_at, expires_at)

    def email(self, person: User, intent: Intent[SessionMove]) -> Email:
        moves = SessionMove.objects.select_related("session__pair__mentor", "session__pair__mentee")
        move = moves.get(pk=intent.subject_pk)
        context = session_context(person, move.session) | {
            "changes": summarize_changes([move_change(move.session, [move])], person)
        }
        values = {"name": context["partner"].first_name, "when": date_and_time(move.to_at)}
        subject = subject_line(_("Moved: session with %(name)s, now %(when)s"), **values)
        page = page_url("session_prepare", move.session_id)
        return Email(subject, page, context, self.calendar_file(person, move.session))


class CalledOff(ShortNotice[Session]):
    """Base class for notices of canceled and skipped sessions."""

    subject = "session"
    email_subject: "StrOrPromise"

    @staticmethod
    def rows() -> QuerySet[Session]:
        return Session.objects.select_related("pair")

    def intents(self, session: Session) -> Iterator[Intent]:
        called_off_at = getattr(session, self.anchor)
        if not called_off_at or session.starts_at - called_off_at > SHORT_NOTICE or called_off_at > session.ends_at:
            return
        if called_off_at == session.pair.ended_at:
            return  # canceled by the end of the pair, which has its own notice
        due_at = called_off_at + UNDO_PERIOD
        for person_id in other_person_ids(session, session.called_off_by_id):
            yield self.intent(session, person_id, called_off_at.isoformat(), due_at, session.ends_at)

    def email(self, person: User, intent: Intent[Session]) -> Email:
        session = Session.objects.with_people().get(pk=intent.subject_pk)
        context = session_context(person, session) | {"changes": summarize_changes([call_off_change(session)], person)}
        subject = subject_line(self.email_subject, **name_and_time(person, session))
        return Email(subject, page_url("home"), context, self.calendar_file(person, session))


@register
class SessionCanceled(CalledOff):
    """Notify the other person that a session about to start was canceled."""

    name = "session_canceled"
    label = gettext_lazy("A session was canceled on short notice")
    email_subject = gettext_lazy("Canceled: session with %(name)s, %(when)s")
    anchor = "canceled_at"


@register
class SessionSkipped(CalledOff):
    """Notify the other person that a session about to start was skipped."""

    name = "session_skipped"
    label = gettext_lazy("A session was skipped on short notice")
    email_subject = gettext_lazy("Skipped: session with %(name)s, %(when)s")
    anchor = "skipped_at"


def session_context(person: User, session: Session) -> dict:
    return {"session": session, "pair": session.pair, "partner": session.pair.other(person)}


# --- Sent in a window ---------------------------------------------------------------------------------------


SessionRow = TypeVar("SessionRow", bound=Session)


class SessionReminder(Kind[SessionRow]):
    """Base class for reminders about a session. Moving it creates new ones, because its time is the occasion."""

    topic = Topic.SESSIONS
    subject = "session"
    anchor, max_age = "starts_at", timedelta()

    def about(self, session: SessionRow, person: User, due_at: datetime, expires_at: datetime | None = None) -> Intent:
        return self.intent(session, person.pk, session.starts_at.isoformat(), due_at, expires_at or session.starts_at)


def live_sessions() -> SessionQuerySet:
    return Session.objects.with_people().filter(pair__ended_at=None).live()


def sessions_to_prepare() -> QuerySet[Session]:
    """Return sessions not started yet, with `shared_at` of the status update, their moves and who opened them."""
    rows = live_sessions().filter(started_at=None).with_moves()
    rows = rows.prefetch_related(Prefetch("visits", to_attr="known_visits"))
    return rows.annotate(shared_at=F("status_update__shared_at"))


def planned_at(session: Session) -> datetime:
    """Return when the session's current time was set.

    Nothing due before then is sent, because the person who set the time is looking at the session.
    """
    return max((move.created_at for move in session.known_moves), default=session.created_at)


def visit_of(session: "SessionToPrepare", person: User) -> SessionVisit | None:
    return next((visit for visit in session.known_visits if visit.user_id == person.pk), None)


def local_date(person: User, session: Session) -> date:
    return person.local(session.starts_at).date()


@register
class StatusUpdateReminder(SessionReminder["SessionToPrepare"]):
    """Ask the mentee for their update, unless it is shared, and about commitments due around the session."""

    name = "status_update"
    label = gettext_lazy("Before a session: your update")
    label_for_programs = gettext_lazy("Status update, before a session")
    why = gettext_lazy("You get this before each session, so that your mentor is up to date.")
    max_lead = MAX_DAYS_OFF
    may_be_early = True

    rows = staticmethod(sessions_to_prepare)

    def intents(self, session: "SessionToPrepare") -> Iterator[Intent]:
        mentee = session.pair.mentee
        due_at = update_due_at(mentee, session.starts_at)
        if due_at > planned_at(session) and (not session.shared_at or self.commitments(session).exists()):
            yield self.about(session, mentee, due_at)

    def commitments(self, session: Session) -> QuerySet[Commitment]:
        """Return the mentee's open commitments due around the session; only this email asks about them."""
        on = local_date(session.pair.mentee, session)
        mine = Commitment.objects.open().filter(pair=session.pair_id, owner=session.pair.mentee_id)
        return (
            mine.select_related("owner", "pair").filter(due_on__range=(on - UPDATE_ASKS_ABOUT_LAST, on)).soonest_first()
        )

    def email(self, person: User, intent: Intent["SessionToPrepare"]) -> EmailPart:
        session = intent.row
        values = name_and_time(person, session)
        if session.shared_at:
            title = _("Due before you meet %(name)s, %(when)s") % values
        else:
            title = _("What should %(name)s know before %(when)s?") % values
        return EmailPart(
            subject=subject_line(_("Prepare for %(name)s, %(when)s"), **values),
            title=title,
            action=_("Write your update"),
            url=link("email_update", Purpose.UPDATE, person, session.pk),
            page=page_url("session_prepare", session.pk),
            lines=lambda: [_("Wins, blocks, deadlines: two minutes is enough, and every field is optional.")],
            questions=lambda: [commitment_part(person, commitment) for commitment in self.commitments(session)],
        )


@register
class SessionBrief(SessionReminder["SessionToPrepare"]):
    """Send the mentor a brief on the working day before the session, unless they have just looked at it."""

    name = "session_brief"
    label = gettext_lazy("Before a session: your brief")
    label_for_programs = gettext_lazy("Session brief, before a session")
    why = gettext_lazy("You get this before your sessions.")
    max_lead = MAX_DAYS_OFF
    may_be_early = True

    rows = staticmethod(sessions_to_prepare)

    def intents(self, session: "SessionToPrepare") -> Iterator[Intent]:
        mentor = session.pair.mentor
        due_at = afternoon(mentor, working_days_later(mentor, local_date(mentor, session), -1))
        visit = visit_of(session, mentor)
        seen = visit and (visit.read_at or (visit.opened_at and visit.opened_at > due_at - HORIZON))
        if due_at > planned_at(session) and not seen:
            yield self.about(session, mentor, due_at)

    def email(self, person: User, intent: Intent["SessionToPrepare"]) -> EmailPart:
        session = intent.row
        values, page = name_and_time(person, session), page_url("session_prepare", session.pk)
        return EmailPart(
            subject=subject_line(_("Your session with %(name)s, %(when)s"), **values),
            title=_("Your session with %(name)s, %(when)s") % values,
            action=_("Prepare"),
            url=page,
            page=page,
            lines=lambda: self.lines(session),
        )

    def lines(self, session: Session) -> list[str]:
        """Return the state of the update, results since the last session, and the number of questions."""
        update = getattr(session, "status_update", None)
        lines = [_("Update: shared") if update and update.shared_at else _("Update: not shared yet")]
        last = session.pair.sessions.held().exclude(pk=session.pk).order_by("-starts_at").first()
        if last and features_for(session.number).since_last_time:
            commitments = Commitment.objects.filter(pair=session.pair_id)
            counts = {
                "done": commitments.filter(state=Commitment.State.DONE, settled_at__gte=last.starts_at).count(),
                "overdue": commitments.overdue(session.pair.people).count(),
            }
            lines.append(_("Since last session: %(done)s done, %(overdue)s overdue") % counts)
        open_items = AgendaItem.objects.filter(pair=session.pair_id, state=AgendaItem.State.OPEN)
        if count := open_items.filter(kind=AgendaItem.Kind.QUESTION).count():
            lines.append(ngettext("%(count)s open question", "%(count)s open questions", count) % {"count": count})
        return lines


@register
class SessionSoon(SessionReminder["SessionToPrepare"]):
    """Remind each person who has not opened the agenda two hours before, in the inbox only."""

    name = "session_soon"
    label = gettext_lazy("A session starts soon")
    why = gettext_lazy("You have not opened its agenda yet.")
    max_lead = timedelta(hours=2)
    by_email = False

    rows = staticmethod(sessions_to_prepare)

    def intents(self, session: "SessionToPrepare") -> Iterator[Intent]:
        for person in session.pair.people:
            visit = visit_of(session, person)
            if not (visit and visit.opened_at):
                yield self.about(session, person, session.starts_at - self.max_lead)

    def email(self, person: User, intent: Intent["SessionToPrepare"]) -> EmailPart:
        session = intent.row
        values = {"name": session.pair.other(person).first_name, "time": clock(session.starts_at)}
        title = _("Session with %(name)s at %(time)s: look at the agenda") % values
        page = page_url("session_prepare", session.pk)
        return EmailPart(title, title, _("Open the agenda"), page, page)


@register
class DidYouMeet(SessionReminder["SessionToConfirm"]):
    """Ask whether an unclosed session took place, the mentee after two hours and the mentor a working day later.

    After three working days it stays unconfirmed and nobody is asked again; it is never closed automatically.
    """

    name = "did_you_meet"
    label = gettext_lazy("Did you meet?")
    label_for_programs = gettext_lazy("Did you meet?")
    why = gettext_lazy("You get this because nobody has confirmed whether this session took place.")
    anchor, max_lead, max_age = "ends_at", timedelta(), timedelta(days=14)

    ASKED_AFTER = timedelta(hours=2)
    UNCONFIRMED_AFTER = 3  # working days

    @staticmethod
    def rows() -> QuerySet[Session]:
        return live_sessions().prefetch_related(Prefetch("answers", to_attr="known_answers"))

    def intents(self, session: "SessionToConfirm") -> Iterator[Intent]:
        mentor, mentee = session.pair.mentor, session.pair.mentee
        answered = {answer.user_id for answer in session.known_answers}
        asked_at = session.ends_at + self.ASKED_AFTER
        first = next_window(mentee, asked_at)
        second = morning(mentor, working_days_later(mentor, mentor.local(asked_at).date(), 1))
        unconfirmed_on = working_days_later(mentee, mentee.local(asked_at).date(), self.UNCONFIRMED_AFTER)
        for person, due_at in ((mentee, first), (mentor, max(second, first))):
            if person.pk not in answered:
                yield self.about(session, person, due_at, max(morning(mentee, unconfirmed_on + DAY), due_at + DAY))

    def email(self, person: User, intent: Intent["SessionToConfirm"]) -> EmailPart:
        session = intent.row
        values = name_and_time(person, session)
        answers = {
            answer: link("email_met", Purpose.MET, person, session.pk, answer=answer)
            for answer in ("met", "moved", "not-held")
        }
        return EmailPart(
            subject=subject_line(_("Did you meet with %(name)s on %(when)s?"), **values),
            title=_("Did you and %(name)s meet on %(when)s?") % values,
            action=_("We met"),
            url=answers["met"],
            page=page_url("session_wrap_up" if session.started_at else "session_recap", session.pk),
            other_actions=[(_("We moved it"), answers["moved"]), (_("We did not meet"), answers["not-held"])],
        )
