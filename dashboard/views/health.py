"""The overview of a program for its admins: pairs that need attention, mentors to contact, and figures."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import AuditEvent, User
from core.http import form_page
from dashboard.drafts import drafts
from dashboard.figures import figures_in, take_snapshot
from dashboard.flags import RULES
from dashboard.forms.pulse import PulseForm
from dashboard.models import Flag, MentorContact
from dashboard.support import Needs, count_pairs_in_need, flagged, pairs_managed_by, rows_of, with_names
from mentoring.csv_export import table_response
from mentoring.models import Enrollment, ExitAnswer, Pair, PairPulse, Program, TalkRequest
from mentoring.models.pulse import open_round

AT_A_TIME = 7
SNOOZES = (3, 7, 14)


def managed(request, pk: int) -> Program:
    return get_object_or_404(Program.objects.managed_by(request.user), pk=pk)


@require_safe
def program_list(request):
    """List the programs this person runs, with the number of pairs that need attention."""
    if not Program.can_be_created_by(request.user):
        raise Http404
    programs = Program.objects.managed_by(request.user).order_by("-ends_on", "name").with_figures()
    needs = count_pairs_in_need(request.user, timezone.localdate())
    rows = [(program, needs.get(program.pk, 0)) for program in programs]
    return render(request, "dashboard/program_list.html", {"rows": rows})


@require_safe
def program_health(request, pk):
    """Show the pairs that need attention, seven at a time, missing paperwork, mentors and figures."""
    requests = TalkRequest.objects.shown_to(request.user).waiting().filter(program=OuterRef("pk")).order_by()
    count_requests = Coalesce(Subquery(requests.values("program").annotate(n=Count("pk")).values("n")), 0)
    programs = Program.objects.managed_by(request.user).annotate(requests_n=count_requests)
    program = get_object_or_404(programs, pk=pk)
    needs = Needs(program, request.user, program.today())
    pairs, mentors = needs.pairs, needs.mentors
    page, snapshot = Paginator(pairs, AT_A_TIME).get_page(request.GET.get("page")), program.snapshots.first()
    rows = []
    for row in needs.rows(page.object_list):
        seen = explained(row.flags, paperwork=False)
        pause = settings.SITE_URL + reverse("pair_pause", args=[row.pair.pk])
        rows.append((row, seen, drafts(row.pair, seen, request.user, pause)))
    context = {
        "program": program,
        "rows": rows,
        "help_n": len(pairs),
        "page": page,
        "has_pairs": program.pairs.active().exists(),
        "paperwork": needs.paperwork,
        "snoozed": needs.snoozed,
        "snapshot": snapshot,
        "figures": figures_in(snapshot),
        "support": with_names(mentors[:AT_A_TIME]),
        "support_n": len(mentors),
        "snoozes": SNOOZES,
    }
    return render(request, "dashboard/program_health.html", context)


def explained(flags: list[Flag], paperwork: bool = True) -> list[tuple[Flag, object]]:
    return [(flag, RULES[flag.rule]) for flag in flags if paperwork or not RULES[flag.rule].paperwork]


def managed_flag(request, pk) -> Flag:
    """Return a flag that this admin may see: never one of their own pairs."""
    flags = Flag.objects.for_admins().filter(pair__in=Pair.objects.managed_by(request.user))
    return get_object_or_404(flags.exclude(pair__mentor=request.user).exclude(pair__mentee=request.user), pk=pk)


@require_POST
def flag_unsnooze(request, pk):
    """End the snooze of a flag early."""
    flag = managed_flag(request, pk)
    Flag.objects.filter(pk=flag.pk).update(snoozed_until=None, snoozed_by=None, snooze_reason="")
    AuditEvent.record(request.user, f"flag {flag.rule} shown again", flag)
    return redirect("program_health", flag.pair.program_id)


@require_POST
def flag_snooze(request, pk):
    """Hide a flag for some days, with a reason; then it comes back."""
    flag = managed_flag(request, pk)
    days, reason = request.POST.get("days", ""), " ".join(request.POST.get("reason", "").split())[:200]
    if days not in map(str, SNOOZES) or not reason:
        messages.warning(request, _("Enter a reason for the snooze."))
    else:
        until = flag.pair.program.today() + timezone.timedelta(days=int(days))
        Flag.objects.filter(pk=flag.pk).update(snoozed_until=until, snoozed_by=request.user, snooze_reason=reason)
        AuditEvent.record(request.user, f"flag {flag.rule} snoozed", flag)
    return redirect("program_health", flag.pair.program_id)


@require_POST
def paperwork_remind(request, pk, rule):
    """Remind both people of every pair in which this paperwork is missing, at most once a week."""
    program, now = managed(request, pk), timezone.now()
    if rule not in RULES or not RULES[rule].paperwork:
        raise Http404
    flags = Flag.objects.for_admins().awake(program.today()).filter(rule=rule).to_nudge(now)
    flags = flags.filter(pair__in=pairs_managed_by(program, request.user))
    with transaction.atomic():
        pairs = list(flags.values_list("pair", flat=True))
        flags.update(nudged_at=now)
        Pair.objects.filter(pk__in=pairs).update(touched_at=now)
        AuditEvent.record(request.user, f"reminded of {rule}", program)
    if pairs:
        message = ngettext("%(n)s pair will be reminded.", "%(n)s pairs will be reminded.", len(pairs))
        messages.success(request, message % {"n": len(pairs)})
    else:
        messages.info(request, _("All of them were reminded in the last 7 days."))
    return redirect("program_health", pk)


@require_POST
def mentor_contact(request, pk, user):
    """Log a contact between an admin and this mentor."""
    program = managed(request, pk)
    rows = program.enrollments.here().filter(role=Enrollment.Role.MENTOR)
    mentor = get_object_or_404(User.objects.filter(pk__in=rows.values("user")), pk=user)
    MentorContact.objects.create(program=program, mentor=mentor, by=request.user)
    AuditEvent.record(request.user, "mentor contacted", program)
    messages.success(request, _("Contact with %(name)s logged.") % {"name": mentor.first_name})
    return redirect("program_health", pk)


@require_POST
def figures_count(request, pk):
    """Update the figures now instead of tonight."""
    program = managed(request, pk)
    take_snapshot(program, program.today())
    return redirect("program_health", pk)


@require_POST
def figures_export(request, pk):
    """Download the figures with their definitions as CSV."""
    program = managed(request, pk)
    headings = [_("Figure"), _("Value"), _("n"), _("28 days before"), _("Definition")]
    figures = figures_in(take_snapshot(program, program.today()))
    values = (["" if value is None else value for value in (row.value, row.n, row.before)] for row in figures)
    rows = [[row.name, *numbers, row.definition] for row, numbers in zip(figures, values, strict=True)]
    AuditEvent.record(request.user, "figures exported", program)
    return table_response(f"figures-{program.pk}.csv", headings, rows)


@require_http_methods(["GET", "HEAD", "POST"])
def pair_pulse(request, pk):
    """Ask one person of a pair the pulse questions; the partner never reads the answer."""
    pair = get_object_or_404(Pair.objects.editable_by(request.user).with_people(), pk=pk)
    asked_on = open_round(pair, request.user.today())
    answer = PairPulse.objects.filter(pair=pair, user=request.user, asked_on=asked_on).first() if asked_on else None
    form = PulseForm(request.POST or None, instance=answer)
    if request.method == "POST" and asked_on and form.is_valid():
        PairPulse.record(pair, request.user, asked_on, **form.cleaned_data)
        messages.success(request, _("Thank you. Your partner does not see your answers."))
        return redirect("pair_detail", pk)
    context = {"pair": pair, "other": pair.other(request.user), "form": form, "asked_on": asked_on}
    return form_page(request, "dashboard/pair_pulse.html", context)


@require_safe
def what_admins_see(request, pk):
    """Show a person what the program's admins see about their pairs, without the partner's confidential answers."""
    mine = Enrollment.objects.active().filter(user=request.user)
    program = get_object_or_404(Program.objects.filter(pk__in=mine.values("program")), pk=pk)
    pairs = Pair.objects.filter(program=program).visible_to(request.user).active().with_people().with_agreement()
    pairs = list(pairs.with_pause(program.today()))
    flags = Flag.objects.seen_by_admins_of(request.user, pairs).awake(program.today())
    rows = rows_of(flags, flagged(flags))
    context = {
        "program": program,
        "mine": list(mine.filter(program=program).with_pairs()),
        "pairs": pairs,
        "rows": [(row, explained(row.flags)) for row in rows],
        "profile": program.profiles.filter(user=request.user).first(),
        "would_mentor": ExitAnswer.objects.would_mentor().filter(user=request.user, pair__program=program).exists(),
        "contact": program.mentor_contacts.filter(mentor=request.user).first(),
    }
    return render(request, "dashboard/what_admins_see.html", context)
