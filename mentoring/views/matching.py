"""Matching: suggested matches for a program or one mentee, mentees' choices, and mentors' answers."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import AuditEvent, User
from accounts.reauthentication import requires_reauthentication
from accounts.submit_once import submit_once
from core.formatting import full_date
from core.http import add_undo_message, signed_undo, undo_facts, warn_not_undone, whole_number
from mentoring import matching as rules
from mentoring import proposals
from mentoring.forms.matching import RulesForm, WeightsForm
from mentoring.matching_page import MatchSheet, Suggestions, room, score_parts
from mentoring.models import Enrollment, MatchRequest, Preference, Program, Proposal, StartRun
from mentoring.models.matching import Match

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def managed(request, pk: int) -> Program:
    return get_object_or_404(Program.objects.managed_by(request.user), pk=pk)


@require_safe
def matching(request, pk):
    """Show the suggested matches with reasons and conflicts, and who has none."""
    program = managed(request, pk)
    inputs = proposals.matching_input(program)
    found = Suggestions(program, inputs)
    suggested = Paginator(found.possible, SHOWN).get_page(request.GET.get("suggested"))
    weak = found.weak(suggested.object_list)
    unpaired = proposals.Unpaired(inputs, found.pairs)
    waiting = Paginator(unpaired.mentees, SHOWN).get_page(request.GET.get("mentees"))
    idle = Paginator(unpaired.mentors, SHOWN).get_page(request.GET.get("mentors"))
    run, free = program.start_runs.recent().first(), room(program, ROOM_SHOWN)
    context = {
        "program": program,
        "suggested": suggested,
        "suggested_n": suggested.paginator.count,
        "sheets": found.sheets(with_people(suggested.object_list)),
        "locked_n": sum(row.locked for row in found.possible),
        "selected_n": len(suggested.object_list) - len(weak),
        "weak": weak,
        "run": run,
        "under_way": bool(run and not run.finished_at),
        "stale": with_people(found.stale),
        "waiting": waiting,
        "waiting_n": waiting.paginator.count,
        "unpaired_n": program.enrollments.current().unpaired_mentees().count(),
        "waiting_rows": unpaired.mentees_with_reasons(waiting.object_list),
        "idle": idle,
        "idle_rows": unpaired.mentors_with_reasons(idle.object_list) if found.rows else [],
        "must_accept_n": program.enrollments.must_accept().count(),
        "has_mentees": program.enrollments.current().filter(role=Enrollment.Role.MENTEE).exists(),
        "free": free,
        "score_parts": score_parts({}, inputs.weights),
        "fairness": rules.fairness(inputs, found.pairs),
        "asked": program.match_requests.waiting().prefetch_related("mentor", "mentee"),
    }
    return render(request, "mentoring/matching.html", context)


SHOWN, ROOM_SHOWN = 50, 12


def with_people(rows: list[Proposal]) -> list[Proposal]:
    prefetch_related_objects(rows, "mentor", "mentee")
    return rows


def back_to_matching(request, program: int, anchor: str = ""):
    """Redirect to the page of suggestions from which a form was sent."""
    number = whole_number(request.POST.get("suggested", ""))
    return redirect(reverse("matching", args=[program]) + (f"?suggested={number}" if number > 1 else "") + anchor)


RANKS = {
    "first": gettext_lazy("First choice"),
    "second": gettext_lazy("Second choice"),
    "third": gettext_lazy("Third choice"),
}


@get_or_post
def matching_weights(request, pk):
    """Edit the weight of each part of the score, as a section of the program's settings."""
    program = managed(request, pk)
    form = WeightsForm(request.POST or None, program=program)
    if request.method != "POST" or not form.is_valid():
        context = {"program": program, "form": form}
        return render(request, "mentoring/matching_weights.html", context, status=form.error_status)
    program.match_weights = form.cleaned_data
    program.save(update_fields=["match_weights"])
    AuditEvent.record(request.user, AuditEvent.Action.MATCHING_WEIGHTS_CHANGED, program)
    messages.success(request, _("Weights saved. Suggest matches again to use them."))
    return redirect("matching_weights", pk)


@get_or_post
@requires_reauthentication
def matching_rules(request, pk):
    """Edit the optional matching rules, as a section of the program's settings."""
    program = managed(request, pk)
    form = RulesForm(request.POST or None, program=program)
    if request.method != "POST" or not form.is_valid():
        context = {"program": program, "form": form}
        return render(request, "mentoring/matching_rules.html", context, status=form.error_status)
    program.match_rules = form.rules().non_defaults()
    program.save(update_fields=["match_rules"])
    AuditEvent.record(request.user, AuditEvent.Action.MATCHING_RULES_CHANGED, program)
    messages.success(request, _("Rules saved. Suggest matches again to use them."))
    return redirect("matching_rules", pk)


@require_POST
def matching_suggest(request, pk):
    """Suggest matches for the whole program; locked ones stay."""
    program = managed(request, pk)
    found = proposals.suggest_matches(program, request.user)
    if not found:
        messages.warning(request, _("No match found: no mentee needs a mentor, or no mentor with room fits."))
    return redirect("matching", pk)


@require_POST
def matching_start(request, pk):
    """Queue the chosen proposals for a worker, which starts the pairs; a second press does nothing.

    With `all`, these are also those of other pages that nobody has to look at.
    """
    program = managed(request, pk)
    if program.is_over:
        text = _("The program ended on %(day)s. Change its end date first, then pair people.")
        messages.error(request, text % {"day": full_date(program.ends_on)})
        return redirect("matching", pk)
    chosen, shown = ({whole_number(value) for value in request.POST.getlist(name)} for name in ("proposal", "shown"))
    if "all" in request.POST:
        found = Suggestions(program, proposals.matching_input(program))
        others = [row for row in found.possible if row.pk not in shown]
        chosen |= {row.pk for row in others} - found.weak(others)

    def act() -> str:
        if not StartRun.begin(program, request.user, chosen):
            text = _("No pair was started. Select matches, or wait until the earlier ones are started.")
            messages.warning(request, text)
        return "done"

    submit_once(request, act)
    return redirect("matching", pk)


@require_safe
def start_run_progress(request, pk):
    """Show how many pairs are started; the page requests it every two seconds."""
    run = get_object_or_404(StartRun.objects.managed_by(request.user), pk=pk)
    if not request.htmx:
        return redirect("matching", run.program_id)
    return render(request, "mentoring/_start_run_progress.html", {"run": run})


@require_POST
def start_run_undo(request, pk):
    """Undo the pairs of a run that nobody can have seen."""
    run = get_object_or_404(StartRun.objects.managed_by(request.user), pk=pk)
    undone = run.undo(request.user)
    if undone is None:
        messages.warning(request, _("This can no longer be undone."))
        return redirect("matching", run.program_id)
    back, kept = undone
    text = ngettext("%(n)s pair is a suggested match again.", "%(n)s pairs are suggested matches again.", back)
    messages.success(request, text % {"n": back})
    if kept:
        text = ngettext(
            "%(n)s pair stays, because one of its people may have seen it.",
            "%(n)s pairs stay, because one of their people may have seen it.",
            kept,
        )
        messages.warning(request, text % {"n": kept})
    return redirect("matching", run.program_id)


@get_or_post
def matching_candidates(request, pk):
    """Show three candidates for one mentee with reasons; choosing one stores a locked proposal."""
    rows = Enrollment.objects.managed_by(request.user).current().filter(role=Enrollment.Role.MENTEE)
    enrollment = get_object_or_404(rows, pk=pk)
    inputs = proposals.matching_input(enrollment.program)
    inputs = proposals.with_locked(inputs, enrollment.program, except_mentee=enrollment.user_id)
    mentee = next((one for one in inputs.mentees if one.pk == enrollment.user_id), None)
    found = rules.candidates(inputs, mentee) if mentee else []
    if request.method == "POST":
        chosen = next((fit for fit in found if str(fit.mentor.pk) == request.POST.get("mentor")), None)
        if chosen:
            mentor = User.objects.get(pk=chosen.mentor.pk)
            Proposal.stage(enrollment.program, mentor, enrollment.user, request.user, chosen.score)
            AuditEvent.record(request.user, AuditEvent.Action.MATCH_PROPOSED, enrollment)
        return redirect("matching", enrollment.program_id)
    context = {
        "must_accept": Enrollment.objects.must_accept().filter(pk=pk).exists(),
        "program": enrollment.program,
        "person": enrollment.shown_name,
        "waits": mentee is not None,
        "sheets": [MatchSheet(fit, inputs.weights) for fit in found],
    }
    return render(request, "mentoring/matching_candidates.html", context)


@require_POST
def proposal_lock(request, pk):
    """Lock or unlock a proposal, or undo that."""
    undo = undo_facts(request)
    proposal = Proposal.objects.managed_by(request.user).filter(pk=pk).select_related("program").first()
    if proposal is None and not undo:
        raise Http404
    locks = not undo[0] if undo else request.POST.get("on") == "1"
    changed = bool(proposal) and (proposal.lock() if locks else proposal.unlock())
    if changed:
        action = AuditEvent.Action.PROPOSAL_LOCKED if locks else AuditEvent.Action.PROPOSAL_UNLOCKED
        AuditEvent.record(request.user, action, proposal.mentee)
    if undo and not changed:
        warn_not_undone(request)
    elif undo and not locks:
        ask_next(proposal.program, proposal.mentee)  # locking had ended the mentee's request to another mentor
    elif changed and not undo:
        text = _("Locked: %(mentee)s with %(mentor)s.") if locks else _("Unlocked: %(mentee)s with %(mentor)s.")
        people = {"mentee": proposal.mentee, "mentor": proposal.mentor}
        add_undo_message(request, text % people, signed_undo(request, locks, proposal.program_id))
    return back_to_matching(request, proposal.program_id if proposal else undo[1], f"#lock-{pk}")


@require_POST
def proposal_remove(request, pk):
    """Remove a proposal, or undo that; one that can no longer become a pair is gone for good."""
    if undo := undo_facts(request):
        program = managed(request, undo[0])
        match = Match(*undo[1])
        if Proposal.put_back(program, match, request.user):
            AuditEvent.record(request.user, AuditEvent.Action.MATCH_PROPOSED, User.objects.get(pk=match.mentee))
        else:
            warn_not_undone(request)
        return redirect("matching", program.pk)
    proposal = get_object_or_404(Proposal.objects.managed_by(request.user), pk=pk)
    match, program = proposal.match, proposal.program
    proposal.delete()
    AuditEvent.record(request.user, AuditEvent.Action.PROPOSAL_REMOVED, proposal.mentee)
    if match.is_possible(program):
        people = {"mentee": proposal.mentee, "mentor": proposal.mentor}
        text = _("Dismissed: %(mentee)s with %(mentor)s.") % people
        add_undo_message(request, text, signed_undo(request, program.pk, match))
    ask_next(program, proposal.mentee)
    return back_to_matching(request, program.pk)


def ask_next(program: Program, mentee: User) -> None:
    if program.mentees_choose:
        MatchRequest.ask_next(program, mentee)


# --- Mentees choose, mentors answer ---


@get_or_post
def mentor_choice(request, pk):
    """Let a mentee without a mentor rank up to three, who are asked one at a time."""
    mine = Enrollment.objects.active_of(request.user).filter(role=Enrollment.Role.MENTEE)
    programs = Program.objects.filter(pk__in=mine.values("program"), mentees_choose=True)
    program = get_object_or_404(programs, pk=pk)
    inputs = proposals.with_locked(proposals.matching_input(program), program, except_mentee=request.user.pk)
    me = next((one for one in inputs.mentees if one.pk == request.user.pk), None)
    requests = program.match_requests.filter(mentee=request.user).prefetch_related("mentor")
    refused = {row.mentor_id for row in requests if row.answer in (MatchRequest.Answer.NO, MatchRequest.Answer.LATE)}
    offers = rules.candidates(inputs, me, most=SHOWN) if me else []
    joined = set(program.enrollments.active().filter(role=Enrollment.Role.MENTOR).values_list("user", flat=True))
    offers = [fit for fit in offers if fit.mentor.pk not in refused and fit.mentor.pk in joined]
    if request.method == "POST" and me:
        allowed = {str(fit.mentor.pk): fit.mentor.pk for fit in offers}
        asked = [allowed[value] for name in RANKS if (value := request.POST.get(name)) in allowed]
        MatchRequest.choose(program, request.user, in_order(asked))
        return redirect("mentor_choice", pk)
    context = {
        "program": program,
        "waits": me is not None,
        "offers": offers,
        "ranks": RANKS,
        "chosen": Preference.objects.filter(program=program, mentee=request.user).prefetch_related("mentor"),
        "requests": requests,
        "asking": any(row.answered_at is None for row in requests),
    }
    return render(request, "mentoring/mentor_choice.html", context)


def in_order(pks: list[int]) -> list[User]:
    """Return the people with these keys, each once, in this order."""
    people = User.objects.in_bulk(pks)
    return [people[pk] for pk in dict.fromkeys(pks)]


@get_or_post
def match_request_answer(request, pk):
    """Let the mentor answer yes or not now, or show that the request has ended."""
    asked = get_object_or_404(MatchRequest.objects.sent_to(request.user), pk=pk)
    lost = False
    if request.method == "POST" and request.POST.get("answer") in ("yes", "no"):
        if asked.reply(request.POST["answer"]):
            messages.success(request, _("Thank you. Your answer was saved."))
            return redirect("home")
        asked.refresh_from_db()
        lost = asked.answer != request.POST["answer"]
    context = {"asked": asked, "fit": None if asked.answered_at else fit_of(asked), "lost": lost}
    return render(request, "mentoring/match_request_answer.html", context, status=409 if lost else 200)


def fit_of(asked: MatchRequest) -> rules.Fit | None:
    inputs = proposals.matching_input(asked.program)
    people = {person.pk: person for person in (*inputs.mentors, *inputs.mentees)}
    if asked.mentor_id in people and asked.mentee_id in people:
        return rules.fit(inputs, people[asked.mentor_id], people[asked.mentee_id])
    return None
