"""The session room: its page, its live fragments and its actions. The timer is in timer.py."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from core.http import safe_next_url, whole_number
from core.optimistic_locking import Conflict
from goals.models import Competency
from mentoring import revisions
from sessions.models import Block, BlockRole, Feedback, Session, SessionVisit
from sessions.models.texts import LONGEST
from sessions.session_room import actions, live_poll, presence
from sessions.session_room.page import PARTS_OF_TEXTS, Room
from sessions.texts import piece_of
from sessions.views.private_notes import is_sharing


def room_or_404(request, pk: int) -> Room:
    return Room(get_object_or_404(Session.objects.visible_to(request.user).select_related("pair"), pk=pk), request.user)


def editable_room_or_404(request, pk: int) -> Room:
    """Return the room, even if the session was closed or called off meanwhile."""
    return Room(
        get_object_or_404(Session.objects.editable_by(request.user).select_related("pair"), pk=pk), request.user
    )


def answer_room(request, session: Session, *parts: str):
    """After an action: return the fragments it changed, or redirect to the page."""
    if not request.htmx or not parts:
        return redirect("session_detail", session.pk)
    return show_parts(request, room_or_404(request, session.pk), parts)


def show_parts(request, room: Room, parts, **more):
    """Return those of these fragments that the room has; if it is not running, only the notice about that."""
    parts = parts if room.state == "running" else ["presence", "cue"]
    parts = [part for part in parts if part == "now" or room.has_part(part)]
    return render(request, "sessions/_live.html", {"room": room, "parts": parts, **more})


@require_safe
def session_detail(request, pk):
    room = room_or_404(request, pk)
    if room.state == "closed":
        return redirect("session_recap", pk)
    if request.method == "GET":
        record_visit(room)
    return render(request, "sessions/session_detail.html", {"room": room, "sharing": is_sharing(request)})


def record_visit(room: Room) -> None:
    """Record that the person has opened the session."""
    presence.arrive(room.session.pk, room.user.pk)
    if room.visit is None or room.visit.opened_at is None:
        SessionVisit.objects.update_or_create(
            session=room.session, user=room.user, defaults={"opened_at": timezone.now()}
        )


@require_safe
def session_live(request, pk):
    """Return what changed, or 304. While nothing changes, live_poll answers most requests before they come here."""
    session = get_object_or_404(Session.objects.visible_to(request.user).select_related("pair"), pk=pk)
    pair, partner_pk = session.pair, session.pair.partner_id(request.user)
    presence.arrive(pk, request.user.pk, in_background="background" in request.GET)
    live_poll.grant(request, pair.pk, partner_pk)
    revisions.remember(pair.pk, pair.revision)
    known = request.headers.get("If-None-Match", "")
    etag = live_poll.etag(pair.revision, presence.is_here(pk, partner_pk))
    if known == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    response = show_news(request, Room(session, request.user), live_poll.revision_of(known))
    response["ETag"] = etag
    return response


def show_news(request, room: Room, known: int | None):
    """Return all that a page with the revision `known` may have to replace: after saves of texts, little else."""
    saved = None if known is None else revisions.texts_since(room.pair.pk, known, room.pair.revision)
    if saved is None:
        return show_parts(request, room, room.parts, texts=room.pieces)
    texts = [(row, name) for row, name in room.pieces if piece_of(row, name).key in saved]
    return show_parts(request, room, PARTS_OF_TEXTS, texts=texts)


@require_safe
@vary_on_headers("HX-Request")
def session_current_block(request, pk):
    """Return the running block; the page fetches it when its structure changed and nobody is typing in it."""
    room = room_or_404(request, pk)
    if not request.htmx:
        return redirect("session_detail", pk)
    return show_parts(request, room, ["now"])


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def session_still_right(request, pk):
    """Confirm the "Still right?" card, or store new challenges as a new version."""
    room = editable_room_or_404(request, pk)
    context = {
        "room": room,
        "challenges": room.still_right.challenges if room.still_right else "",
        "number": room.still_right_number,
    }
    if request.method != "POST":
        return render(request, "sessions/session_still_right.html", context)
    if "challenges" not in request.POST:
        actions.confirm_still_right(room.session)
        return answer_room(request, room.session, "now", "cue")
    typed, number = request.POST["challenges"].replace("\0", ""), whole_number(request.POST.get("number", ""), 9)
    if len(typed) > LONGEST:
        context |= {"challenges": typed, "too_long": len(typed) - LONGEST}
        return still_right_answer(request, context, status=422)
    try:
        if request.POST.get("keep") == "both":
            actions.add_to_still_right(room.session, request.user, typed)
        else:
            actions.change_still_right(room.session, request.user, typed, number)
    except Conflict as conflict:
        now = conflict.current
        context |= {"challenges": typed, "number": now.number if now else 0, "theirs": now}
        return still_right_answer(request, context, status=409)
    if not (request.htmx and room.role == BlockRole.HOPES):
        return answer_room(request, room.session, *(["now", "cue"] if request.htmx else []))
    now = room.pair.still_right.first()
    context |= {"challenges": now.challenges, "number": now.number, "saved": True}
    return still_right_answer(request, context)


def still_right_answer(request, context: dict, status: int = 200):
    """Return the form: in the room, or without JavaScript on its own page."""
    template = "_still_right_form.html" if request.htmx else "session_still_right.html"
    return render(request, f"sessions/{template}", context, status=status)


@require_POST
def status_open(request, pk):
    """Open a shared status update in the session."""
    session = get_object_or_404(Session.objects.editable_by(request.user).live().select_related("pair"), pk=pk)
    actions.open_status_update(session, request.user)
    return answer_room(request, session, "now", "cue")


@require_POST
def block_change_question(request, pk):
    """Replace the block's question by another one of the question bank."""
    blocks = Block.objects.editable_by(request.user).filter(session__in=Session.objects.live())
    block = get_object_or_404(blocks.select_related("session__pair__program"), pk=pk)
    if not block.pair.is_mentor(request.user):
        raise Http404
    actions.change_question(block, request.POST.get("question", ""))
    return answer_room(request, block.session, "now", "cue")


@require_POST
def feedback_create(request, pk):
    session = get_object_or_404(Session.objects.editable_by(request.user).live().select_related("pair"), pk=pk)
    actions.start_feedback(session, request.user)
    return answer_room(request, session, "now", "cue")


@require_POST
def feedback_set_competency(request, pk):
    """Set or clear the competency that a feedback is about."""
    feedback = get_object_or_404(Feedback.objects.editable_by(request.user).select_related("pair", "session"), pk=pk)
    competencies = Competency.objects.filter(program=feedback.pair.program_id).current()
    chosen = competencies.filter(pk=whole_number(request.POST.get("competency", "")))
    actions.set_competency(feedback, chosen.first())
    if feedback.session is None:
        return redirect(feedback)
    return answer_room(request, feedback.session, "now", "cue")


@require_POST
def feedback_commit(request, pk):
    """Turn the third answer into a commitment of the mentee, or of the mentor (`owner=mentor`)."""
    shared = Feedback.objects.editable_by(request.user).shared()
    feedback = get_object_or_404(shared.select_related("pair", "session"), pk=pk)
    owner = feedback.pair.mentor if request.POST.get("owner") == "mentor" else None
    if actions.commit_from_feedback(feedback, request.user, owner) is None:
        messages.warning(request, _("First write what will be done differently. Then it can become a commitment."))
    if feedback.session is None or "next" in request.POST:
        return redirect(safe_next_url(request, feedback.get_absolute_url()))
    return answer_room(request, feedback.session, "commitments", "feedback")
