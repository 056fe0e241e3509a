"""The programs a person runs, the overview of a program, and what its admins see of its members."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import AuditEvent, User
from core.formatting import day
from dashboard.attention import NeedsAttention, PairRow, count_pairs_in_need, flagged_pairs, pair_rows, with_names
from dashboard.email_drafts import Draft, draft_of_pause, draft_to_all, drafts
from dashboard.figures import figures_in
from dashboard.flags import RULES, Rule
from dashboard.forms.snoozing import SnoozeForm
from dashboard.models import Flag, FlagRule, MentorContact
from dashboard.overview import MOST_LISTED, PERIODS, Filters, Overview, mentors_of, week_of
from mentoring.models import Enrollment, ExitAnswer, Pair, Program, TalkRequest, add_pairs_now
from sessions.planning import Rhythm, rhythms

AT_A_TIME = 7
MOST_AT_ONCE = 50  # pairs selected on one page


@dataclass(frozen=True)
class PairInNeed:
    """A pair that needs attention, with what an admin reads and can do about it."""

    row: PairRow
    admin: User
    rhythm: Rhythm

    @cached_property
    def flags(self) -> list[tuple[Flag, Rule]]:
        """The flags without paperwork, each with its rule."""
        return flags_with_rules(self.row)

    @property
    def since(self) -> datetime:
        return min(flag.raised_at for flag, _rule in self.flags)

    @property
    def facts(self) -> str:
        """When the pair met and will meet, in short sentences."""
        ticks, found = self.rhythm.ticks, []
        last = next((tick.on for tick in reversed(ticks) if tick.kind == "held"), None)
        if FlagRule.NO_RECENT_SESSION in [rule.name for _flag, rule in self.flags]:
            found.append(_("They agreed to meet %(cadence)s.") % {"cadence": self.row.pair.get_cadence_display()})
        if last:
            found.append(_("Last session: %(day)s.") % {"day": day(last)})
        else:
            found.append(_("Matched: %(day)s.") % {"day": day(self.row.pair.started_on)})
        if ticks and ticks[-1].kind == "next" and ticks[-1].is_scheduled:
            found.append(_("Next session: %(day)s.") % {"day": day(ticks[-1].on)})
        else:
            found.append(_("No session is scheduled."))
        return " ".join(found)

    @property
    def ticks(self) -> list[tuple[str, str]]:
        return self.rhythm.strip

    @property
    def needs_decision(self) -> bool:
        return any(flag.needs_decision for flag, _rule in self.flags)

    @property
    def pause_drafts(self) -> list[Draft]:
        """The email that offers a pause, or the neutral ones where a rule is confidential."""
        if any(rule.confidential for _flag, rule in self.flags):
            return self.drafts
        return [draft_of_pause(self.row.pair, self.admin, self.pause_url)]

    @property
    def pause_url(self) -> str:
        return settings.SITE_URL + reverse("pair_pause", args=[self.row.pair.pk])

    @property
    def email_drafts(self) -> list[Draft]:
        """The same without the offer of a pause."""
        return self.drafts if any(rule.confidential for _flag, rule in self.flags) else self.drafts[:1]

    @cached_property
    def drafts(self) -> list[Draft]:
        return drafts(self.row.pair, self.flags, self.admin, self.pause_url)


def flags_with_rules(row: PairRow) -> list[tuple[Flag, Rule]]:
    return [(flag, RULES[flag.rule]) for flag in row.flags if not RULES[flag.rule].paperwork]


def pairs_in_need(rows: list[PairRow], admin: User, today: date) -> list[PairInNeed]:
    found = rhythms([row.pair for row in rows], today)
    return [PairInNeed(row, admin, found[row.pair.pk]) for row in rows]


@require_safe
def program_list(request):
    """List the programs this person runs, with the number of pairs that need attention."""
    if not Program.can_be_created_by(request.user):
        raise Http404
    programs = Program.objects.managed_by(request.user).order_by("-ends_on", "name").in_bulk()
    needs = count_pairs_in_need(programs, request.user, timezone.localdate())
    pairs = Pair.objects.active().filter(program__in=programs).order_by().values_list("program")
    pairs = dict(pairs.annotate(Count("pk")))
    invited = Enrollment.objects.current().invited().filter(program__in=programs).order_by().values_list("program")
    invited = dict(invited.annotate(Count("pk")))
    rows = [(one, needs.get(pk, 0), pairs.get(pk, 0), invited.get(pk, 0)) for pk, one in programs.items()]
    return render(request, "dashboard/program_list.html", {"rows": rows})


@require_safe
def program_overview(request, pk):
    """Show the pairs that need attention, seven at a time, missing paperwork, and how the program is doing."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    today, snapshot = program.today(), program.snapshots.first()
    needs = NeedsAttention(program, request.user, today)
    page = Paginator(needs.pairs, AT_A_TIME).get_page(request.GET.get("page"))
    mentors = mentors_of(program, request.user)
    doing = Overview(program, request.user, today, snapshot, Filters.read(request.GET, mentors))
    on_page = {pair.pair_id for pair in page.object_list}
    rows = needs.rows([pair for pair in needs.pairs if pair.pair_id in on_page.union(doing.heat_pairs)])
    doing.headlines = {row.pair.pk: headline for row in rows if (headline := headline_of(row))}
    figures = figures_in(snapshot)
    context = {
        "program": program,
        "today": today,
        "week": week_of(program, today),
        "counts": {row.key: int(row.value) for row in figures if row.key in ("active", "paused")},
        "requests_n": TalkRequest.objects.shown_to(request.user).waiting().filter(program=program).count(),
        "pairs": pairs_in_need([row for row in rows if row.pair.pk in on_page], request.user, today),
        "pairs_n": len(needs.pairs),
        "page": page,
        "has_pairs": bool(needs.pairs) or program.pairs.active().exists(),
        "paperwork": needs.paperwork,
        "snoozed": needs.snoozed,
        "snapshot": snapshot,
        "figures": figures,
        "doing": doing,
        "mentor_names": mentors,
        "mentors_typed": len(mentors) > MOST_LISTED,
        "mentor_name": mentors.get(doing.filters.mentor, ""),
        "periods": PERIODS,
        "mentors": with_names(needs.mentors[:AT_A_TIME]),
        "mentors_n": len(needs.mentors),
    }
    return render(request, "dashboard/program_overview.html", context)


BULK = ("email", "pause", "snooze")


@require_http_methods(["GET", "HEAD", "POST"])
def attention_bulk(request, pk):
    """Email several pairs that need attention, offer them a pause, or snooze what was found about them."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    sent = request.POST if request.method == "POST" else request.GET
    chosen = {int(pair) for pair in sent.getlist("pair")[:MOST_AT_ONCE] if pair.isascii() and pair.isdigit()}
    needs = NeedsAttention(program, request.user, program.today())
    rows = needs.rows([pair for pair in needs.pairs if pair.pair_id in chosen])
    do = sent.get("do", "")
    if not rows or do not in BULK:
        messages.info(request, _("Select the pairs first."))
        return redirect("program_overview", pk)
    form = SnoozeForm(request.POST if request.method == "POST" else None)
    if do == "snooze" and form.is_valid():
        until = program.today() + timezone.timedelta(days=form.cleaned_data["days"])
        for row in rows:
            for flag, _rule in flags_with_rules(row):
                flag.snooze(request.user, until, form.cleaned_data["reason"])
        text = ngettext("%(n)s pair snoozed until %(day)s.", "%(n)s pairs snoozed until %(day)s.", len(rows))
        messages.success(request, text % {"n": len(rows), "day": day(until)})
        return redirect("program_overview", pk)
    found = pairs_in_need(rows, request.user, needs.today)
    everyone = sorted({person for row in rows for person in row.pair.people}, key=lambda person: person.pk)
    context = {
        "program": program,
        "do": do,
        "pairs": found,
        "form": form,
        "to_all": draft_to_all(everyone, request.user),
        "people_n": len(everyone),
    }
    return render(request, "dashboard/attention_bulk.html", context, status=422 if form.errors else 200)


def headline_of(row: PairRow) -> str:
    """Return the first rule in words, without what is based on an answer."""
    return next((flag.headline for flag, rule in flags_with_rules(row) if not rule.confidential), "")


@require_POST
def mentor_contact_create(request, pk, user):
    """Log a contact between an admin and this mentor."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    rows = program.enrollments.current().filter(role=Enrollment.Role.MENTOR)
    mentor = get_object_or_404(User.objects.filter(pk__in=rows.values("user")), pk=user)
    MentorContact.objects.create(program=program, mentor=mentor, created_by=request.user)
    AuditEvent.record(request.user, AuditEvent.Action.MENTOR_CONTACTED, program)
    messages.success(request, _("Contact with %(name)s logged.") % {"name": mentor.first_name})
    return redirect("program_overview", pk)


@require_safe
def admin_visibility(request, pk):
    """Show a person what the program's admins see about their pairs, without the partner's confidential answers."""
    mine = Enrollment.objects.active_of(request.user)
    program = get_object_or_404(Program.objects.filter(pk__in=mine.values("program")), pk=pk)
    pairs = Pair.objects.filter(program=program).visible_to(request.user).active().with_agreement()
    pairs = pairs.with_pause(program.today()).order_by("pk").for_reader(request.user)
    flags = Flag.objects.visible_to_admins_of(request.user, pairs).not_snoozed(program.today())
    mine = add_pairs_now(list(mine.filter(program=program).order_by("pk")))
    context = {
        "program": program,
        "roles": [enrollment.get_role_display() for enrollment in mine],
        "mentoring": [enrollment for enrollment in mine if enrollment.role == Enrollment.Role.MENTOR],
        "pairs": pairs,
        "flags": [(flag, RULES[flag.rule]) for row in pair_rows(flags, flagged_pairs(flags)) for flag in row.flags],
        "profile": program.profiles.filter(user=request.user).first(),
        "would_mentor": ExitAnswer.objects.would_mentor().filter(user=request.user, pair__program=program).exists(),
        "contact": program.mentor_contacts.filter(mentor=request.user).first(),
    }
    return render(request, "dashboard/admin_visibility.html", context)
