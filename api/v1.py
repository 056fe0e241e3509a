"""The operations of version 1. Each answer goes through the access rules and the forms that the pages use.

This module imports a large library, so api/views.py imports it with the first request.
"""

from datetime import UTC, datetime
from datetime import time as day_time
from typing import Annotated
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_noop
from ninja import Header, Query, Status

from accounts.localization import localized_for
from accounts.models import FormToken
from api.contract import (
    CommitmentChange,
    CommitmentDone,
    CommitmentIn,
    CommitmentMove,
    CommitmentOut,
    CommitmentQuery,
    Commitments,
    FigureOut,
    Figures,
    Key,
    PageQuery,
    PairOut,
    PairQuery,
    Pairs,
    People,
    ProgramOut,
    Programs,
    SessionOut,
    SessionQuery,
    Sessions,
    TokenOut,
)
from api.framework import Invalid, api, operation, page_of
from api.models import ApiToken, Scope
from core.optimistic_locking import Conflict
from dashboard.figures import figures_in
from goals.forms import CommitmentEditForm, CommitmentForm, DoneForm, MoveForm
from goals.models import Commitment
from mentoring.models import Enrollment, Pair, Program, add_pairs_now
from sessions.models import Session

__all__ = ["api"]

# --- Token and programs ---


def programs_of(token: ApiToken):
    """Return the program of a program's token; for a person, those in which they take part."""
    if token.program_id:
        return Program.objects.managed_by(token.user).filter(pk=token.program_id)
    return Program.objects.open_to(token.user)


def pairs_of(token: ApiToken):
    """Return the pairs of which a token sees the facts: all of a program, or a person's own."""
    if token.program_id:
        return Pair.objects.managed_by(token.user).filter(program=token.program_id)
    return Pair.objects.visible_to(token.user)


def program_line(program: Program) -> dict:
    return {name: getattr(program, "pk" if name == "id" else name) for name in ProgramOut.model_fields}


@operation("get", "token", "", "Token", gettext_noop("Show what this token may do"), TokenOut)
def get_token(request):
    token = request.auth
    return {
        "name": token.name,
        "scopes": token.scopes,
        "program": token.program_id,
        "expires_at": token.expires_at,
    }


@operation("get", "programs", Scope.PROGRAMS_READ, "Programs", gettext_noop("List programs"), Programs)
def list_programs(request, query: Query[PageQuery]):
    return page_of(programs_of(request.auth), query, lambda rows: map(program_line, rows))


@operation("get", "programs/{pk}", Scope.PROGRAMS_READ, "Programs", gettext_noop("Show a program"), ProgramOut)
def get_program(request, pk: Key):
    return program_line(get_object_or_404(programs_of(request.auth), pk=pk))


@operation("get", "programs/{pk}/people", Scope.PEOPLE_READ, "People", gettext_noop("List mentors and mentees"), People)
def list_people(request, pk: Key, query: Query[PageQuery]):
    program = get_object_or_404(programs_of(request.auth), pk=pk)
    rows = program.enrollments.current().exclude(role=Enrollment.Role.ADMIN).select_related("user")
    return page_of(rows, query, lambda found: (person_line(row, program) for row in add_pairs_now(found)))


def person_line(row: Enrollment, program: Program) -> dict:
    states = {"none": "not invited", "open": "invited", "expired": "invitation expired", "used": "joined"}
    return {
        "id": row.pk,
        "person": row.user_id,
        "name": row.user.name if row.accepted_at else row.name,  # before that, nothing of an account leaves
        "email": row.user.email,
        "role": row.role,
        "state": states[row.invitation_state],
        "invited_on": row.invited_at and program.date_of(row.invited_at),
        "joined_on": row.accepted_at and program.date_of(row.accepted_at),
        "capacity": row.capacity,
        "pairs_now": row.pairs_now,
    }


@operation("get", "programs/{pk}/figures", Scope.FIGURES_READ, "Figures", gettext_noop("Show the figures"), Figures)
def get_figures(request, pk: Key):
    program = get_object_or_404(programs_of(request.auth), pk=pk)
    snapshot = program.snapshots.first()
    with localized_for(request.auth.user):
        items = [{name: getattr(one, name) for name in FigureOut.model_fields} for one in figures_in(snapshot)]
    return {"counted_on": snapshot and snapshot.taken_on, "items": items}


# --- Pairs and sessions: facts ---


def with_facts(rows):
    return rows.with_people().with_pause(datetime.now(UTC).date())


def pair_line(pair: Pair) -> dict:
    today = pair.program.today()
    paused = pair.paused_until and pair.paused_from <= today < pair.paused_until
    state = "paused" if paused else "to come" if pair.started_on > today else "running"
    mentor, mentee = ({"id": person.pk, "name": person.name} for person in pair.people)
    return {
        "id": pair.pk,
        "program": pair.program_id,
        "mentor": mentor,
        "mentee": mentee,
        "state": "ended" if pair.ended_at else state,
        "started_on": pair.started_on,
        "ends_on": pair.ends_on,
        "ended_on": pair.ended_on,
        "cadence": pair.cadence,
        "minutes": pair.minutes,
    }


@operation("get", "pairs", Scope.PAIRS_READ, "Pairs", gettext_noop("List pairs"), Pairs)
def list_pairs(request, query: Query[PairQuery]):
    rows = pairs_of(request.auth)
    if query.program:
        rows = rows.filter(program=query.program)
    if query.ended is not None:
        rows = rows.filter(ended_at__isnull=not query.ended)
    return page_of(with_facts(rows), query, lambda found: map(pair_line, found))


@operation("get", "pairs/{pk}", Scope.PAIRS_READ, "Pairs", gettext_noop("Show a pair"), PairOut)
def get_pair(request, pk: Key):
    return pair_line(get_object_or_404(with_facts(pairs_of(request.auth)), pk=pk))


FACTS = ("pair_id", "kind", "starts_at", "minutes", "zone", "started_at", "closed_at", "held_at")
FACTS += ("canceled_at", "skipped_at")


def sessions_of(token: ApiToken):
    """Return the sessions of the pairs that a token sees, and of each only dates and states."""
    return Session.objects.filter(pair__in=pairs_of(token)).only(*FACTS)


def session_line(session: Session) -> dict:
    states = {
        "held": session.held_at,
        "canceled": session.canceled_at,
        "skipped": session.skipped_at,
        "unconfirmed": session.closed_at,
        "running": session.started_at,
    }
    return {
        "id": session.pk,
        "pair": session.pair_id,
        "kind": session.kind,
        "starts_at": session.starts_at,
        "minutes": session.minutes,
        "zone": session.zone,
        "state": next((state for state, at in states.items() if at), "planned"),
    }


@operation("get", "sessions", Scope.SESSIONS_READ, "Sessions", gettext_noop("List sessions"), Sessions)
def list_sessions(request, query: Query[SessionQuery]):
    rows = sessions_of(request.auth)
    if query.pair:
        rows = rows.filter(pair=query.pair)
    if query.since:
        rows = rows.filter(starts_at__gte=datetime.combine(query.since, day_time.min, UTC))
    if query.until:
        rows = rows.filter(starts_at__lte=datetime.combine(query.until, day_time.max, UTC))
    return page_of(rows, query, lambda found: map(session_line, found))


@operation("get", "sessions/{pk}", Scope.SESSIONS_READ, "Sessions", gettext_noop("Show a session"), SessionOut)
def get_session(request, pk: Key):
    return session_line(get_object_or_404(sessions_of(request.auth), pk=pk))


# --- Commitments of the person whose token it is ---


def commitment_line(commitment: Commitment) -> dict:
    special = {"id": commitment.pk, "pair": commitment.pair_id}
    return {name: special.get(name, getattr(commitment, name, None)) for name in CommitmentOut.model_fields}


def own_commitment(request, rows, pk: int) -> Commitment:
    """Return a commitment that is the person's own, with its pair."""
    user = request.auth.user
    return get_object_or_404(rows.owned_by(user).select_related("pair"), pk=pk).for_reader(user)


def stored(pk: int) -> dict:
    return commitment_line(Commitment.objects.get(pk=pk))


def saved(form, save: str, by):
    """Call the form's method `save` and return what it returns, or raise Invalid with the errors of the form."""
    if not form.is_valid():
        raise Invalid(form)
    return getattr(form, save)(by)


@operation("get", "commitments", Scope.COMMITMENTS_READ, "Commitments", gettext_noop("List commitments"), Commitments)
def list_commitments(request, query: Query[CommitmentQuery]):
    rows = Commitment.objects.visible_to(request.auth.user).owned_by(request.auth.user)
    if query.pair:
        rows = rows.filter(pair=query.pair)
    if query.state:
        rows = rows.filter(state=query.state)
    return page_of(rows, query, lambda found: map(commitment_line, found))


@operation(
    "get", "commitments/{pk}", Scope.COMMITMENTS_READ, "Commitments", gettext_noop("Show a commitment"), CommitmentOut
)
def get_commitment(request, pk: Key):
    return commitment_line(own_commitment(request, Commitment.objects.visible_to(request.auth.user), pk))


@operation(
    *("post", "commitments", Scope.COMMITMENTS_WRITE, "Commitments", gettext_noop("Add a commitment")),
    CommitmentOut,
    status=201,
)
def create_commitment(
    request, new: CommitmentIn, idempotency_key: Annotated[UUID | None, Header(alias="Idempotency-Key")] = None
):
    """Send the same Idempotency-Key again, and the commitment is added once."""
    user = request.auth.user
    with localized_for(user):
        pair = get_object_or_404(Pair.objects.editable_by(user), pk=new.pair).for_reader(user)
        data = new.model_dump(exclude={"pair", "keep_past_date"}) | {"owner": user.pk}
        data["due_on"] = new.due_on.isoformat()
        if new.keep_past_date:
            data["past_is_fine"] = data["due_on"]
        form = CommitmentForm(data, pair=pair, user=user)

        def act() -> str:
            return str(saved(form, "create", user).pk)

        pk = FormToken.run_once(user, str(idempotency_key or ""), act, form=f"{request.path} {pair.pk}")
    return Status(201, stored(int(pk)))


@operation(
    *("patch", "commitments/{pk}", Scope.COMMITMENTS_WRITE, "Commitments", gettext_noop("Change a commitment")),
    CommitmentOut,
)
def change_commitment(request, pk: Key, new: CommitmentChange):
    """Change what you send and keep the rest. For another due date, move it."""
    user = request.auth.user
    with localized_for(user):
        commitment = own_commitment(request, Commitment.objects.editable_by(user).open(), pk)
        kept = {name: getattr(commitment, name) for name in ("text", "done_when", "if_then", "size")}
        kept |= {name: commitment.serializable_value(name) or "" for name in ("goal", "milestone")}
        kept |= {name: commitment.serializable_value(name) or "" for name in ("work_event", "competency")}
        data = kept | {"owner": user.pk} | new.model_dump(exclude_none=True)
        saved(CommitmentEditForm(data, instance=commitment, pair=commitment.pair, user=user), "save", user)
    return stored(pk)


@operation(
    *("post", "commitments/{pk}/move", Scope.COMMITMENTS_WRITE, "Commitments", gettext_noop("Move the due date")),
    CommitmentOut,
)
def move_commitment(request, pk: Key, new: CommitmentMove):
    """Once it is overdue, a move needs a reason."""
    return answered(request, pk, MoveForm, new.model_dump(mode="json"))


@operation(
    *("post", "commitments/{pk}/complete", Scope.COMMITMENTS_WRITE, "Commitments", gettext_noop("Mark it done")),
    CommitmentOut,
)
def complete_commitment(request, pk: Key, new: CommitmentDone):
    return answered(request, pk, DoneForm, new.model_dump(mode="json", exclude_none=True))


def answered(request, pk: int, form_class, data: dict) -> dict:
    user = request.auth.user
    with localized_for(user):
        commitment = own_commitment(request, Commitment.objects.editable_by(user), pk)
        if not commitment.is_open:
            raise Conflict(commitment)
        saved(form_class(data, commitment=commitment), "save", user)
    return stored(pk)
