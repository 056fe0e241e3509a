"""Lists, pages and forms of commitments."""

from datetime import date, timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.submit_once import submit_once
from core.http import form_page, is_local_path, referring_path, whole_number
from core.optimistic_locking import Conflict
from goals.capture import parse_line
from goals.default_due_dates import default_due_on
from goals.forms import CommitmentEditForm, CommitmentForm, with_current_version
from goals.models import Commitment, CommitmentEvent, Competency, count_kept
from mentoring.models import Pair

PAGE = 30
VIEWS = {"": gettext_lazy("List"), "board": gettext_lazy("Board"), "log": gettext_lazy("Activity")}
WEEK = timedelta(days=7)
KEPT_OVER = timedelta(days=90)


@require_safe
def commitment_list(request):
    """Show a person's open commitments by due date, or those of the others, then the settled ones."""
    user, since = request.user, request.user.today() - KEPT_OVER
    pairs = Pair.objects.visible_to(user).order_by("ended_at", "pk").for_reader(user)
    chosen = next((pair for pair in pairs if str(pair.pk) == request.GET.get("pair")), None)
    shown = [chosen] if chosen else pairs
    rows = Commitment.objects.filter(pair__in=shown)
    running = [pair for pair in shown if pair.ended_at is None]
    open_rows = Commitment.objects.filter(pair__in=running).open().soonest_first().as_lines(pairs)
    settled = Paginator(rows.settled().order_by("-settled_at", "-pk"), PAGE).get_page(request.GET.get("page"))
    settled.object_list = settled.object_list.as_lines(pairs)
    view, whose = request.GET.get("view", ""), request.GET.get("whose", "")
    mine = [row for row in open_rows if row.owner_id == user.pk]
    theirs = [row for row in open_rows if row.owner_id != user.pk]
    whose = whose if whose in ("theirs", "both") else "mine"
    context = {
        "view": view if view in VIEWS else "",
        "views": VIEWS.items(),
        "columns": columns(user, open_rows, settled.object_list) if view == "board" else [],
        "log": event_page(rows, request) if view == "log" else None,
        "whose": whose,
        "mine_count": len(mine),
        "theirs_count": len(theirs),
        "groups": by_due_date({"mine": mine, "theirs": theirs, "both": open_rows}[whose], user.today()),
        "settled": settled,
        "pairs": [(pair, pair.other(user)) for pair in pairs],
        "chosen": chosen,
        "several": len(shown) > 1,
        "pair_query": f"&pair={chosen.pk}" if chosen else "",
        "partner": shown[0].other(user) if len(shown) == 1 else None,
        "add_to": running[0] if len(running) == 1 else None,
        "can_add_to": [(pair, pair.other(user)) for pair in running],
        "kept": count_kept(rows.owned_by(user).filter(due_on__gte=since).with_slips(), since, user.today()),
    }
    return render(request, "goals/commitment_list.html", context)


def by_due_date(rows: list[Commitment], today: date) -> list[tuple[str, str, list[Commitment]]]:
    """Return these commitments, soonest first, in groups: a name for the page, a title, and the commitments."""
    groups = {"overdue": [], "today": [], "week": [], "later": []}
    for row in rows:
        is_soon = "today" if row.due_on <= today else "week" if row.due_on < today + WEEK else "later"
        groups["overdue" if row.is_overdue_here else is_soon].append(row)
    titles = (_("Past due"), _("Today"), _("Next 7 days"), _("Later"))
    return [(name, title, found) for (name, found), title in zip(groups.items(), titles, strict=True) if found]


def columns(user, open_rows: list[Commitment], settled: list[Commitment]) -> list[tuple[str, list[Commitment]]]:
    """Return the columns of the board. A commitment's column follows from its date and state."""
    today = user.today()
    return [
        (_("Overdue"), [row for row in open_rows if row.is_overdue_here]),
        (_("Next 7 days"), [row for row in open_rows if row.due_on < today + WEEK and not row.is_overdue_here]),
        (_("Later"), [row for row in open_rows if row.due_on >= today + WEEK]),
        (_("Done"), [row for row in settled if row.state == Commitment.State.DONE][:8]),
    ]


def event_page(rows, request):
    """Return the requested page of the events of these commitments, newest first."""
    events = CommitmentEvent.objects.filter(commitment__in=rows, undone_at=None).order_by("-created_at", "-pk")
    return Paginator(events.select_related("commitment", "created_by"), PAGE).get_page(request.GET.get("page"))


def commitment_or_404(request, rows, pk: int) -> Commitment:
    """Return one of these commitments with its owner and pair."""
    return get_object_or_404(rows.select_related("pair"), pk=pk).for_reader(request.user)


@require_safe
@vary_on_headers("HX-Request")
def commitment_detail(request, pk):
    commitment = commitment_or_404(request, Commitment.objects.visible_to(request.user), pk)
    if request.htmx:
        return commitment_line(request, {"commitment": commitment, "fresh": True})
    context = {
        "commitment": commitment,
        "events": commitment.pair.attach_people(commitment.events.order_by("-pk")),
        "parts": commitment.parts.soonest_first().as_lines([commitment.pair]),
    }
    return render(request, "goals/commitment_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def commitment_create(request, pk):
    """Add a commitment, with all its fields or as one `line` that names what, and perhaps who and by when."""
    pair = get_object_or_404(Pair.objects.editable_by(request.user), pk=pk).for_reader(request.user)
    commitment = Commitment(pair=pair, **{n: request.GET.get(n, "")[:300] for n in ("text", "done_when")})
    if competency := whole_number(request.GET.get("competency", "")):
        commitment.competency = Competency.objects.current().filter(program=pair.program_id, pk=competency).first()
    data = fields_of_line(request, pair) if "line" in request.POST else request.POST or None
    form = CommitmentForm(data, instance=commitment, pair=pair, user=request.user)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "goals/commitment_create.html", {"form": form, "pair": pair}, status=status)
    created_pk = submit_once(request, lambda: form.create(request.user).pk)
    messages.success(request, _("Added: %(text)s") % {"text": form.cleaned_data["text"]})
    if form.cleaned_data["size"] == Commitment.Size.BIGGER:
        return redirect("commitment_split", created_pk)
    return redirect("commitment_list") if "line" in request.POST else redirect("commitment_detail", created_pk)


def fields_of_line(request, pair: Pair) -> dict:
    """Return the fields of the form for one line; without an owner it is the writer, without a date the default."""
    user = request.user
    parsed = parse_line(request.POST["line"], user.today(), user, pair.people)
    due_on = parsed.due_on or default_due_on.ask(pair, user.today())
    return {"text": parsed.text, "owner": (parsed.owner or user).pk, "due_on": due_on}


@require_http_methods(["GET", "HEAD", "POST"])
def commitment_edit(request, pk):
    commitment = commitment_or_404(request, Commitment.objects.editable_by(request.user).open(), pk)
    form = CommitmentEditForm(request.POST or None, instance=commitment, pair=commitment.pair, user=request.user)
    context = {"form": form, "commitment": commitment}
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "goals/commitment_edit.html", context)
    try:
        form.save(request.user)
    except Conflict as lost:
        data = with_current_version(request.POST, lost.current.version)
        form = CommitmentEditForm(data, instance=lost.current, pair=commitment.pair, user=request.user)
        context = {"form": form, "commitment": commitment, "now": Commitment.objects.get(pk=pk)}
        return render(request, "goals/commitment_edit.html", context, status=409)
    return redirect("commitment_detail", pk)


def return_path(request, commitment: Commitment) -> str:
    """Return the page that the form names, else the page that sent the request, else the commitment's own page."""
    own = reverse("commitment_detail", args=[commitment.pk])
    path = request.POST.get("next") or referring_path(request)
    return path if is_local_path(path) and not path.startswith(own) else own


def commitment_line(request, context: dict, status: int = 200):
    """Render one commitment as a line of a list, in the form that the asking list needs (`line` in hx-vals).

    hide_owner and name_partner are passed to the template. answer_only renders nothing without a form or an undo,
    because the list shows the commitment elsewhere.
    """
    options = (request.POST if request.method == "POST" else request.GET).get("line", "").split()
    if "answer_only" in options and not (context.keys() & {"form", "event", "lost_to"} or context.get("too_late")):
        return HttpResponse()
    chosen = {name: True for name in ("hide_owner", "name_partner") if name in options}
    return render(request, "goals/_commitment.html", context | chosen, status=status)
