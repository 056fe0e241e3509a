"""The progress page of a pair: its indicators as charts, and its evidence."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.flags import RULES
from dashboard.models import Flag
from goals.models.indicator import MAX_TRACKED
from records.progress import tracked_indicators
from records.views.trace import pair_or_404

EVIDENCE = 5  # outcomes; all are on their own page


@require_safe
def progress(request, pk):
    pair = pair_or_404(request, pk)
    rows = tracked_indicators(pair, pair.mentee.today())
    drawn = sorted((row for row in rows if not row.is_short), key=lambda row: not row.chart.has_words)
    short = [row for row in rows if row.is_short]
    rounds = pair.feedback_rounds.with_counts()[:6]
    asks = bool(rounds) or (pair.ended_at is None and pair.is_mentee(request.user))
    cells = sum(not row.chart.has_words for row in drawn) + bool(short) + asks + 1  # in two columns, with the evidence
    context = {
        "pair": pair,
        "other": pair.other(request.user),
        "is_mentee": pair.is_mentee(request.user),
        "open": pair.ended_at is None,
        "indicators": rows,
        "drawn": drawn,
        "short": short,
        "asks": asks,
        "last_is_wide": cells % 2 == 1,
        "addable": [row.indicator for row in rows if row.indicator.is_entered_by(request.user)],
        "most": MAX_TRACKED,
        "full": len(rows) >= MAX_TRACKED,
        "flags": [(flag, RULES[flag.rule]) for flag in Flag.objects.for_member(request.user).filter(pair=pair)],
        "dropped_indicators": pair.indicators.exclude(dropped_at=None),
        "feedback_rounds": rounds,
        "outcomes": pair.outcomes.current()[:EVIDENCE],
    }
    return render(request, "dashboard/progress.html", context)
