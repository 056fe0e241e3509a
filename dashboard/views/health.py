"""The program admin's Monday morning: who needs help and why, what to do, and how the program fares, in figures."""

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
from dashboard.drafts import drafts
from dashboard.figures import count, kept_figures
from dashboard.flags import RULES
from dashboard.forms.pulse import PulseForm
from dashboard.models import Flag, MentorContact
from dashboard.support import Needs, flagged, pairs_in_need, rows_of, theirs_to_see, with_names
from mentoring.csv_export import table_response
from mentoring.models import Enrollment, ExitAnswer, Pair, PairPulse, Program, TalkRequest
from mentoring.models.pulse import open_round

AT_A_TIME = 7
SNOOZES = (3, 7, 14)


def managed(request, pk: int) -> Program:
    return get_object_or_404(Program.objects.managed_by(request.user), pk=pk)


@require_safe
def program_list(request):
    """The programs this person runs, and in how many pairs somebody is needed."""
    if not Program.can_be_created_by(request.user):
        raise Http404
    programs = Program.objects.managed_by(request.user).order_by("-ends_on", "name").with_figures()
    needs = pairs_in_need(request.user, timezone.localdate())
    rows = [(program, needs.get(program.pk, 0)) for program in programs]
    return render(request, "dashboard/program_list.html", {"rows": rows})


@require_safe
def program_health(request, pk):
    """Pairs that need help first, seven at a time; paperwork in one line; then the figures."""
    wishes = TalkRequest.objects.shown_to(request.user).waiting().filter(program=OuterRef("pk")).order_by()
    count_wishes = Coalesce(Subquery(wishes.values("program").annotate(n=Count("pk")).values("n")), 0)
    programs = Program.objects.managed_by(request.user).annotate(wishes_n=count_wishes)
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
        "postponed": needs.postponed,
        "snapshot": snapshot,
        "figures": kept_figures(snapshot),
        "support": with_names(mentors[:AT_A_TIME]),
        "support_n": len(mentors),
        "snoozes": SNOOZES,
    }
    return render(request, "dashboard/program_health.html", context)


def explained(flags: list[Flag], paperwork: bool = True) -> list[tuple[Flag, object]]:
    return [(flag, RULES[flag.rule]) for flag in flags if paperwork or not RULES[flag.rule].paperwork]


def managed_flag(request, pk) -> Flag:
    """A flag that this admin sees: never one of an own pair."""
    flags = Flag.objects.for_admins().filter(pair__in=Pair.objects.managed_by(request.user))
    return get_object_or_404(flags.exclude(pair__mentor=request.user).exclude(pair__mentee=request.user), pk=pk)


@require_POST
def flag_unsnooze(request, pk):
    """Show it again before its day."""
    flag = managed_flag(request, pk)
    Flag.objects.filter(pk=flag.pk).update(snoozed_until=None, snoozed_by=None, snooze_reason="")
    AuditEvent.record(request.user, f"flag {flag.rule} shown again", flag)
    return redirect("program_health", flag.pair.program_id)


@require_POST
def flag_snooze(request, pk):
    """Not now, with a reason; it comes back by itself."""
    flag = managed_flag(request, pk)
    days, reason = request.POST.get("days", ""), " ".join(request.POST.get("reason", "").split())[:200]
    if days not in map(str, SNOOZES) or not reason:
        messages.warning(request, _("Say in a word why it can wait."))
    else:
        until = flag.pair.program.today() + timezone.timedelta(days=int(days))
        said = {"snoozed_until": until, "snoozed_by": request.user, "snooze_reason": reason}
        Flag.objects.filter(pk=flag.pk).update(**said)
        AuditEvent.record(request.user, f"flag {flag.rule} snoozed", flag)
    return redirect("program_health", flag.pair.program_id)


@require_POST
def paperwork_remind(request, pk, rule):
    """Have both people of every pair reminded of what they have not filled in; once a week at most."""
    program, now = managed(request, pk), timezone.now()
    if rule not in RULES or not RULES[rule].paperwork:
        raise Http404
    flags = Flag.objects.for_admins().awake(program.today()).filter(rule=rule).to_nudge(now)
    flags = flags.filter(pair__in=theirs_to_see(program, request.user))
    with transaction.atomic():
        pairs = list(flags.values_list("pair", flat=True))
        flags.update(nudged_at=now)
        Pair.objects.filter(pk__in=pairs).update(touched_at=now)
        AuditEvent.record(request.user, f"reminded of {rule}", program)
    if pairs:
        said = ngettext("%(n)s pair hears of it by mail.", "%(n)s pairs hear of it by mail.", len(pairs))
        messages.success(request, said % {"n": len(pairs)})
    else:
        messages.info(request, _("They were reminded in the last seven days."))
    return redirect("program_health", pk)


@require_POST
def mentor_contact(request, pk, user):
    """An admin was in touch with this mentor."""
    program = managed(request, pk)
    rows = program.enrollments.here().filter(role=Enrollment.Role.MENTOR)
    mentor = get_object_or_404(User.objects.filter(pk__in=rows.values("user")), pk=user)
    MentorContact.objects.create(program=program, mentor=mentor, by=request.user)
    AuditEvent.record(request.user, "mentor contacted", program)
    messages.success(request, _("Noted: you were in touch with %(name)s.") % {"name": mentor.first_name})
    return redirect("program_health", pk)


@require_POST
def figures_count(request, pk):
    """Count the figures now instead of tonight."""
    program = managed(request, pk)
    count(program, program.today())
    return redirect("program_health", pk)


@require_POST
def figures_export(request, pk):
    """The figures as a table, with their definitions."""
    program = managed(request, pk)
    headings = [_("Figure"), _("Value"), _("n"), _("28 days before"), _("Definition")]
    figures = kept_figures(count(program, program.today()))
    values = (["" if value is None else value for value in (row.value, row.n, row.before)] for row in figures)
    rows = [[row.name, *said, row.definition] for row, said in zip(figures, values, strict=True)]
    AuditEvent.record(request.user, "figures exported", program)
    return table_response(f"figures-{program.pk}.csv", headings, rows)


@require_http_methods(["GET", "HEAD", "POST"])
def pair_pulse(request, pk):
    """Two questions to one of the two; the partner never reads the answer."""
    pair = get_object_or_404(Pair.objects.editable_by(request.user).with_people(), pk=pk)
    asked_on = open_round(pair, request.user.today())
    said = PairPulse.objects.filter(pair=pair, user=request.user, asked_on=asked_on).first() if asked_on else None
    form = PulseForm(request.POST or None, instance=said)
    if request.method == "POST" and asked_on and form.is_valid():
        PairPulse.record(pair, request.user, asked_on, **form.cleaned_data)
        messages.success(request, _("Thank you. Your partner does not see it."))
        return redirect("pair_detail", pk)
    context = {"pair": pair, "other": pair.other(request.user), "form": form, "asked_on": asked_on, "said": said}
    return render(request, "dashboard/pair_pulse.html", context, status=422 if form.errors else 200)


@require_safe
def what_admins_see(request, pk):
    """What admins of the program see about one's own pairs; of confidential answers only one's own."""
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
