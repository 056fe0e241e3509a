"""Commitments as lists, pages and forms."""

from datetime import timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.submit_once import submit_once
from core.optimistic_locking import Conflict
from goals.forms import CommitmentEditForm, CommitmentForm, on_top_of
from goals.models import Commitment, CommitmentEvent
from goals.views.back import line
from mentoring.models import Pair

PAGE = 30
VIEWS = {"": gettext_lazy("List"), "board": gettext_lazy("Board"), "log": gettext_lazy("Log")}
WEEK = timedelta(days=7)


@require_safe
def commitment_list(request):
    """Mine over all pairs, soonest first; what others owe me; what is settled, newest first."""
    pairs = list(Pair.objects.visible_to(request.user).with_people().order_by("ended_at", "pk"))
    chosen = next((pair for pair in pairs if str(pair.pk) == request.GET.get("pair")), None)
    rows = Commitment.objects.visible_to(request.user)
    if chosen:
        rows = rows.filter(pair=chosen)
    open_rows = rows.open().filter(pair__ended_at=None).soonest_first().as_lines(pairs)
    settled = Paginator(rows.settled().order_by("-settled_at", "-pk"), PAGE).get_page(request.GET.get("page"))
    settled.object_list = settled.object_list.as_lines(pairs)
    view = request.GET.get("view", "")
    context = {
        "view": view if view in VIEWS else "",
        "views": VIEWS.items(),
        "columns": columns(request.user, open_rows, settled.object_list) if view == "board" else [],
        "log": log(rows, request) if view == "log" else None,
        "mine": [row for row in open_rows if row.owner_id == request.user.pk],
        "theirs": [row for row in open_rows if row.owner_id != request.user.pk],
        "settled": settled,
        "pairs": [(pair, pair.other(request.user)) for pair in pairs],
        "chosen": chosen,
        "can_add_to": [(pair, pair.other(request.user)) for pair in pairs if pair.ended_at is None],
    }
    return render(request, "goals/commitment_list.html", context)


def columns(user, open_rows: list[Commitment], settled: list[Commitment]) -> list[tuple[str, list[Commitment]]]:
    """The same rows as a board: where each stands follows from its date and state, nobody moves it by hand."""
    today = user.today()
    return [
        (_("Overdue"), [row for row in open_rows if row.is_overdue]),
        (_("In the next seven days"), [row for row in open_rows if row.due_on < today + WEEK and not row.is_overdue]),
        (_("Later"), [row for row in open_rows if row.due_on >= today + WEEK]),
        (_("Done"), [row for row in settled if row.state == Commitment.State.DONE][:8]),
    ]


def log(rows, request):
    """Everything that was said about them, newest first."""
    events = CommitmentEvent.objects.filter(commitment__in=rows, undone_at=None).order_by("-at", "-pk")
    return Paginator(events.select_related("commitment", "by"), PAGE).get_page(request.GET.get("page"))


@require_safe
@vary_on_headers("HX-Request")
def commitment_detail(request, pk):
    commitment = get_object_or_404(Commitment.objects.for_lines().visible_to(request.user), pk=pk)
    if request.htmx:
        return line(request, {"commitment": commitment, "fresh": True})
    context = {
        "commitment": commitment,
        "events": commitment.events.select_related("by").order_by("-pk"),
        "parts": commitment.parts.for_lines().soonest_first(),
    }
    return render(request, "goals/commitment_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def commitment_create(request, pk):
    pair = get_object_or_404(Pair.objects.editable_by(request.user).with_people(), pk=pk)
    commitment = Commitment(pair=pair, **{n: request.GET.get(n, "")[:300] for n in ("text", "done_when")})
    form = CommitmentForm(request.POST or None, instance=commitment, pair=pair, user=request.user)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "goals/commitment_create.html", {"form": form, "pair": pair}, status=status)
    made = submit_once(request, lambda: form.make(request.user).pk)
    messages.success(request, _("Noted: %(text)s") % {"text": form.cleaned_data["text"]})
    if form.cleaned_data["size"] == Commitment.Size.BIGGER:
        return redirect("commitment_split", made)
    return redirect("commitment_detail", made)


@require_http_methods(["GET", "HEAD", "POST"])
def commitment_edit(request, pk):
    commitment = get_object_or_404(Commitment.objects.for_lines().editable_by(request.user).open(), pk=pk)
    form = CommitmentEditForm(request.POST or None, instance=commitment, pair=commitment.pair, user=request.user)
    context = {"form": form, "commitment": commitment}
    if request.method != "POST" or not form.is_valid():
        return render(request, "goals/commitment_edit.html", context, status=422 if form.is_bound else 200)
    try:
        form.save(request.user)
    except Conflict as lost:
        data = on_top_of(request.POST, lost.current.version)
        form = CommitmentEditForm(data, instance=lost.current, pair=commitment.pair, user=request.user)
        context = {"form": form, "commitment": commitment, "now": Commitment.objects.get(pk=pk)}
        return render(request, "goals/commitment_edit.html", context, status=409)
    return redirect("commitment_detail", pk)
