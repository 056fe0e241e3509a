"""The overview of a program: the pairs that need attention, and how the program is doing."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.whats_new import news_for
from core.drawing import short_date
from core.formatting import day
from core.http import add_undo_message, signed_undo, undo_facts, warn_not_undone
from dashboard.attention import NeedsAttention, PairRow, with_names
from dashboard.email_drafts import Draft, draft_of_pause, draft_to_all, drafts
from dashboard.figures import figures_in
from dashboard.flags import RULES, Rule
from dashboard.forms.snoozing import SnoozeForm
from dashboard.models import Flag, FlagRule, OverviewEmail
from dashboard.overview import PERIODS, Filters, Overview, mentors_of, week_of
from mentoring.models import Program, TalkRequest
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
        """When the pair met and will meet, in short sentences, without what the first rule tells."""
        ticks, found = self.rhythm.ticks, []
        first = self.flags[0][1].name
        last = next((tick.on for tick in reversed(ticks) if tick.kind == "held"), None)
        if last and first != FlagRule.NO_RECENT_SESSION:
            found.append(_("Last session: %(day)s.") % {"day": day(last)})
        elif not last and first != FlagRule.NO_FIRST_SESSION:
            found.append(_("Matched: %(day)s.") % {"day": day(self.row.pair.started_on)})
        if ticks and ticks[-1].kind == "next" and ticks[-1].is_scheduled:
            found.append(_("Next session: %(day)s.") % {"day": day(ticks[-1].on)})
        else:
            found.append(_("No session is scheduled."))
        return " ".join(found)

    @property
    def headline(self) -> str:
        """The first rule in words; a no-show with its day."""
        flag, rule = self.flags[0]
        if rule.name == FlagRule.NO_SHOW and self.rhythm.missed:
            facts = {"rule": flag.headline, "day": short_date(self.rhythm.missed.on)}
            return _("%(rule)s, %(day)s") % facts
        return flag.headline

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
    """Return the flags without paperwork, each with its rule: red ones first, otherwise the oldest."""
    found = [(flag, RULES[flag.rule]) for flag in row.flags if not RULES[flag.rule].paperwork]
    return sorted(found, key=lambda one: one[0].level != Flag.Level.RED)


def pairs_in_need(rows: list[PairRow], admin: User, today: date) -> list[PairInNeed]:
    found = rhythms([row.pair for row in rows], today)
    return [PairInNeed(row, admin, found[row.pair.pk]) for row in rows]


@require_safe
def program_overview(request, pk):
    """Show the pairs that need attention, seven at a time, missing paperwork, and how the program is doing."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    today, snapshot = program.today(), program.snapshots.first()
    needs = NeedsAttention(program, request.user, today)
    page = Paginator(needs.pairs, AT_A_TIME).get_page(request.GET.get("page"))
    mentors, mentors_typed = mentors_of(program, request.user, request.GET.get("mentor", ""))
    doing = Overview(program, request.user, today, snapshot, Filters.read(request.GET, mentors))
    on_page = {pair.pair_id for pair in page.object_list}
    rows = needs.rows([pair for pair in needs.pairs if pair.pair_id in on_page.union(doing.heat_pairs)])
    shown = pairs_in_need(rows, request.user, today)
    doing.headlines = {need.row.pair.pk: headline for need in shown if (headline := headline_of(need))}
    figures = figures_in(snapshot)
    context = {
        "program": program,
        "today": today,
        "week": week_of(program, today),
        "counts": {row.key: int(row.value) for row in figures if row.key in ("active", "paused")},
        "requests_n": TalkRequest.objects.shown_to(request.user).waiting().filter(program=program).count(),
        "pairs": [need for need in shown if need.row.pair.pk in on_page],
        "pairs_n": len(needs.pairs),
        "bulk": BULK,
        "page": page,
        "has_pairs": bool(needs.pairs) or program.pairs.active().exists(),
        "paperwork": needs.paperwork,
        "snoozed": needs.snoozed,
        "snapshot": snapshot,
        "figures": figures,
        "doing": doing,
        "mentor_names": mentors,
        "mentors_typed": mentors_typed,
        "mentor_name": mentors.get(doing.filters.mentor, ""),
        "periods": PERIODS,
        "mentors": with_names(needs.mentors[:AT_A_TIME]),
        "mentors_n": len(needs.mentors),
        "news": news_for(request.user),
        "emailed": OverviewEmail.chosen_by(request.user, program),
        "email_choices": OverviewEmail.Every.choices,
    }
    return render(request, "dashboard/program_overview.html", context)


# What can be done about selected pairs: the value, the words and the icon of its button.
BULK = [
    ("email", gettext_lazy("Email selected"), "envelope"),
    ("pause", gettext_lazy("Offer a pause"), "pause"),
    ("snooze", gettext_lazy("Snooze"), "bell-snooze"),
]


@require_http_methods(["GET", "HEAD", "POST"])
def attention_bulk(request, pk):
    """Email several pairs that need attention, offer them a pause, or snooze what was found about them or undo that."""
    program = get_object_or_404(Program.objects.managed_by(request.user), pk=pk)
    if request.method == "POST" and (undo := undo_facts(request)):
        until, flags = undo
        mine = Flag.objects.for_admins().in_programs([pk], request.user).filter(pk__in=flags)
        if not Flag.undo_snooze(mine, request.user, date.fromisoformat(until)):
            warn_not_undone(request)
        return redirect("program_overview", pk)
    sent = request.POST if request.method == "POST" else request.GET
    chosen = {int(pair) for pair in sent.getlist("pair")[:MOST_AT_ONCE] if pair.isascii() and pair.isdigit()}
    needs = NeedsAttention(program, request.user, program.today())
    rows = needs.rows([pair for pair in needs.pairs if pair.pair_id in chosen])
    do = sent.get("do", "")
    if not rows or do not in [name for name, _words, _icon in BULK]:
        messages.info(request, _("Select the pairs first."))
        return redirect("program_overview", pk)
    form = SnoozeForm(request.POST if request.method == "POST" else None)
    if do == "snooze" and form.is_valid():
        until = program.today() + timezone.timedelta(days=form.cleaned_data["days"])
        flags = [flag for row in rows for flag, _rule in flags_with_rules(row)]
        for flag in flags:
            flag.snooze(request.user, until, form.cleaned_data["reason"])
        text = ngettext("%(n)s pair snoozed until %(day)s.", "%(n)s pairs snoozed until %(day)s.", len(rows))
        undo = signed_undo(request, until.isoformat(), [flag.pk for flag in flags])
        add_undo_message(request, text % {"n": len(rows), "day": day(until)}, undo)
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


def headline_of(need: PairInNeed) -> str:
    """Return the first rule in words, without what is based on an answer."""
    open_rules = [(flag, rule) for flag, rule in need.flags if not rule.confidential]
    if need.flags and open_rules[:1] == need.flags[:1]:
        return need.headline
    return open_rules[0][0].headline if open_rules else ""
