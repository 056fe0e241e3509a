from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from core.formatting import clock
from goals.models import Commitment
from reminders.emails import Entry, Letter, address, letter, on_the_calendar, subject
from reminders.intents import Intent
from reminders.kinds.sessions import asked_commitments
from reminders.letters.commitments import about_commitment
from reminders.links import Purpose, link
from reminders.session_changes import acts_of, called_off, moved
from sessions import calendar, closing
from sessions.calendar import CalendarFile
from sessions.models import AgendaItem, ItemOutcome, Session, SessionMove
from sessions.session_room.features import features_for


def calendar_of(person: User, session: Session) -> CalendarFile | None:
    """Return the calendar entry for an email on short notice, or None if they turned calendar emails off."""
    return calendar.message(calendar.entry_of(session), person) if person.calendar_mails else None


def session_facts(person: User, session: Session) -> dict:
    return {"session": session, "pair": session.pair, "partner": session.pair.other(person)}


def session_of(intent: Intent) -> Session:
    return Session.objects.with_people().get(pk=intent.subject_pk)


def words_for(person: User, session: Session) -> dict[str, str]:
    """Return the partner's name and the time of the session, for a subject."""
    return {"name": session.pair.other(person).first_name, "when": on_the_calendar(session.starts_at)}


# --- Always sent --------------------------------------------------------------------------------------------


@letter
def recap(person: User, intent: Intent) -> Letter:
    session = session_of(intent)
    page = address("session_recap", session.pk)
    made = [(c, closing.as_sentence(c, to=person)) for c in closing.commitments_of(session)]
    asked = session.pair.is_mentee(person) and features_for(session.number).rating
    carried = session.outcomes.filter(outcome=ItemOutcome.Outcome.CARRIED).order_by("pk")
    facts = session_facts(person, session) | {
        "made": made,
        "carried": list(carried.values_list("title", flat=True)),
        "feedback": session.feedback.written().select_related("created_by"),
        "next": closing.next_session_after(session),
        "different_url": f"{page}#not-as-i-remember",
        "rating_url": f"{page}#rating" if asked else "",
    }
    if not session.answers.filter(user=person).exists():
        facts["met_url"] = link("email_met", Purpose.MET, person, session.pk, answer="met")
    return Letter(subject(_("Recap with %(name)s, %(when)s"), **words_for(person, session)), page, facts)


@letter
def session_moved(person: User, intent: Intent) -> Letter:
    move = SessionMove.objects.select_related("session__pair__mentor", "session__pair__mentee").get(
        pk=intent.subject_pk
    )
    acts = acts_of([moved(move.session, [move])], person)
    facts = session_facts(person, move.session) | {"acts": acts}
    words = {"name": facts["partner"].first_name, "when": on_the_calendar(move.to_at)}
    page = address("session_prepare", move.session_id)
    heading = subject(_("Moved: session with %(name)s, now %(when)s"), **words)
    return Letter(heading, page, facts, calendar_of(person, move.session))


def _called_off(person: User, intent: Intent, text: str) -> Letter:
    session = session_of(intent)
    facts = session_facts(person, session) | {"acts": acts_of([called_off(session)], person)}
    return Letter(subject(text, **words_for(person, session)), address("home"), facts, calendar_of(person, session))


@letter
def session_canceled(person: User, intent: Intent) -> Letter:
    return _called_off(person, intent, _("Canceled: session with %(name)s, %(when)s"))


@letter
def session_skipped(person: User, intent: Intent) -> Letter:
    return _called_off(person, intent, _("Skipped: session with %(name)s, %(when)s"))


# --- Sent in a window ---------------------------------------------------------------------------------------


@letter
def status_update(person: User, intent: Intent) -> Entry:
    session = intent.row
    words = words_for(person, session)
    if session.shared_at:
        title = _("Due before you meet %(name)s, %(when)s") % words
    else:
        title = _("What should %(name)s know before %(when)s?") % words
    return Entry(
        subject=subject(_("Prepare for %(name)s, %(when)s"), **words),
        title=title,
        action=_("Write your update"),
        url=link("email_update", Purpose.UPDATE, person, session.pk),
        page=address("session_prepare", session.pk),
        told=lambda: [_("Wins, blocks, deadlines: two minutes are enough, and every field is optional.")],
        asks=lambda: [about_commitment(person, commitment) for commitment in asked_commitments(session)],
    )


@letter
def session_brief(person: User, intent: Intent) -> Entry:
    """Compose the mentor's brief: state of the update, results since the last session, and number of questions."""
    session = intent.row
    words = words_for(person, session)
    page = address("session_prepare", session.pk)
    return Entry(
        subject=subject(_("Your session with %(name)s, %(when)s"), **words),
        title=_("Your session with %(name)s, %(when)s") % words,
        action=_("Prepare"),
        url=page,
        page=page,
        told=lambda: brief(session),
    )


def brief(session: Session) -> list[str]:
    update = getattr(session, "status_update", None)
    lines = [_("Update: shared") if update and update.shared_at else _("Update: not shared yet")]
    last = session.pair.sessions.held().exclude(pk=session.pk).order_by("-starts_at").first()
    if last and features_for(session.number).since_last_time:
        commitments = Commitment.objects.filter(pair=session.pair_id)
        since = {
            "done": commitments.filter(state=Commitment.State.DONE, settled_at__gte=last.starts_at).count(),
            "overdue": commitments.overdue(session.pair.people).count(),
        }
        lines.append(_("Since last session: %(done)s done, %(overdue)s overdue") % since)
    waiting = AgendaItem.objects.filter(pair=session.pair_id, state=AgendaItem.State.OPEN)
    questions = waiting.filter(kind=AgendaItem.Kind.QUESTION).count()
    if questions:
        lines.append(ngettext("%(count)s open question", "%(count)s open questions", questions) % {"count": questions})
    return lines


@letter
def session_soon(person: User, intent: Intent) -> Entry:
    session = intent.row
    words = {"name": session.pair.other(person).first_name, "time": clock(session.starts_at)}
    page = address("session_prepare", session.pk)
    title = _("Session with %(name)s at %(time)s: look at the agenda") % words
    return Entry(title, title, _("Open the agenda"), page, page)


@letter
def did_you_meet(person: User, intent: Intent) -> Entry:
    session = intent.row
    words = words_for(person, session)
    title = _("Did you and %(name)s meet, %(when)s?") % words
    answer = {
        word: link("email_met", Purpose.MET, person, session.pk, answer=word) for word in ("met", "moved", "not-held")
    }
    return Entry(
        subject=subject(_("Did you meet %(name)s, %(when)s?"), **words),
        title=title,
        action=_("We met"),
        url=answer["met"],
        page=address("session_wrap_up" if session.started_at else "session_recap", session.pk),
        more=[(_("We moved it"), answer["moved"]), (_("We did not meet"), answer["not-held"])],
    )
