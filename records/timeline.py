"""The timeline of a pair: everything both people can see, newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import NamedTuple

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.formatting import full_date, full_time
from goals.models import CommitmentEvent, Milestone, Reading
from mentoring.models import Pair
from sessions.models import Feedback, SessionMove

SHOWN = {
    "sessions": gettext_lazy("Sessions"),
    "commitments": gettext_lazy("Commitments"),
    "feedback": gettext_lazy("Feedback"),
    "values": gettext_lazy("Values"),
    "direction": gettext_lazy("Direction"),
    "outcomes": gettext_lazy("Outcomes"),
}


@dataclass(frozen=True)
class Entry:
    """One entry of the timeline, as text."""

    on: date  # in the reader's time zone
    day: str  # that date as text for the first entry of a day, else empty
    group: str
    text: str
    note: str
    url: str
    trace: str  # URL of its throughline, or empty


class Row(NamedTuple):
    """What one entry is made of."""

    at: datetime
    kind: str
    ref: int | None = None  # the key of the row that the entry links to
    by: int | None = None
    text: str = ""
    note: str = ""
    line: int | None = None  # the key of the row whose throughline is linked
    times: tuple[datetime, datetime | None] | None = None
    dates: tuple[date | None, date] | None = None


def timeline(pair: Pair, show: str, start: int, most: int) -> list[Entry]:
    """Return up to `most` entries after the first `start`, newest first; `show` is a group of SHOWN, else all."""
    wanted = [show] if show in SHOWN else list(SHOWN)
    rows = list(chain.from_iterable(READ[group](pair, start + most) for group in wanted))
    rows.sort(key=lambda row: (row.at, row.ref or 0), reverse=True)
    names = {pair.mentor_id: pair.mentor.first_name, pair.mentee_id: pair.mentee.first_name}
    entries, before = [], None
    for row in rows[start : start + most]:
        on = timezone.localdate(row.at)
        entries.append(entry(pair, row, on, full_date(on) if on != before else "", names))
        before = on
    return entries


# Each function below reads one group: at least its `most` newest rows, in any order.


def session_rows(pair: Pair, most: int) -> Iterator[Row]:
    """Yield the sessions held, canceled and skipped, and each time that one was moved."""
    past = pair.sessions.filter(Q(held_at__isnull=False) | Q(canceled_at__isnull=False) | Q(skipped_at__isnull=False))
    past = past.order_by(Coalesce("canceled_at", "skipped_at", "starts_at").desc(), "-pk")
    columns = ("pk", "starts_at", "held_at", "takeaway", "canceled_at", "skipped_at", "called_off_by", "reason")
    for pk, at, held_at, takeaway, canceled_at, skipped_at, by, reason in past.values_list(*columns)[:most]:
        if held_at:
            yield Row(at, "held", pk, note=takeaway)
        for kind, called_off_at in (("canceled", canceled_at), ("skipped", skipped_at)):
            if called_off_at:
                yield Row(called_off_at, kind, pk, by, note=reason, times=(at, None))
    moves = SessionMove.objects.filter(session__pair=pair).order_by("-created_at", "-session")
    columns = ("created_at", "session", "created_by", "reason", "from_at", "to_at")
    for at, session, by, reason, *times in moves.values_list(*columns)[:most]:
        yield Row(at, "session moved", session, by, note=reason, times=tuple(times))


def commitment_rows(pair: Pair, most: int) -> Iterator[Row]:
    events = CommitmentEvent.objects.filter(commitment__pair=pair, undone_at=None)
    events = events.exclude(kind=CommitmentEvent.Kind.REWORDED).order_by("-created_at", "-commitment")
    columns = ("created_at", "kind", "commitment", "created_by", "commitment__text", "note", "old_due_on", "new_due_on")
    for at, kind, pk, by, text, note, old, new in events.values_list(*columns)[:most]:
        yield Row(at, kind, pk, by, text, note, line=pk, dates=(old, new) if new else None)


def feedback_rows(pair: Pair, most: int) -> Iterator[Row]:
    """Yield each feedback with its answers, one per line, without unanswered questions."""
    asked = (_("Intended:"), _("Happened:"), _("Next time:"))
    feedback = Feedback.objects.written().filter(pair=pair).order_by("-created_at", "-session")
    columns = ("created_at", "session", "created_by", "pk", *Feedback.FIELDS)
    for at, session, by, pk, *answers in feedback.values_list(*columns)[:most]:
        note = "\n".join(f"{label} {answer}" for label, answer in zip(asked, answers, strict=True) if answer)
        yield Row(at, "feedback", session, by, note=note, line=pk)


def value_rows(pair: Pair, most: int) -> Iterator[Row]:
    readings = Reading.objects.filter(indicator__pair=pair).order_by("-updated_at", "-indicator")
    columns = ("updated_at", "indicator", "created_by", "indicator__title", "value", "note")
    for at, indicator, by, title, value, note in readings.values_list(*columns)[:most]:
        yield Row(at, "value", indicator, by, f"{title}: {value.normalize():f}", note)


def direction_rows(pair: Pair, most: int) -> Iterator[Row]:
    """Yield changes of direction of goals and plans, and what was reached."""
    pivots = pair.pivots.order_by("-created_at", "-goal")
    columns = ("created_at", "kind", "goal", "created_by", "text_after", "reason")
    for at, kind, goal, by, text, reason in pivots.values_list(*columns)[:most]:
        yield Row(at, f"pivot {kind}", goal, by, text, reason)
    for pk, by, title, created_at, reached_at in pair.goals.values_list(
        "pk", "created_by", "title", "created_at", "reached_at"
    ):
        yield Row(created_at, "goal", pk, by, title)
        if reached_at:
            yield Row(reached_at, "reached", pk, by, title)
    steps = Milestone.objects.filter(goal__pair=pair).exclude(reached_at=None, dropped_at=None)
    for pk, by, title, reached_at, dropped_at in steps.order_by().values_list(
        "pk", "created_by", "title", "reached_at", "dropped_at"
    ):
        if reached_at:
            yield Row(reached_at, "reached", pk, by, title)
        if dropped_at:
            yield Row(dropped_at, "milestone dropped", pk, by, title)


def outcome_rows(pair: Pair, most: int) -> Iterator[Row]:
    columns = ("pk", "created_by", "title", "evidence_url", "created_at", "confirmed_at")
    for pk, by, title, url, created_at, confirmed_at in pair.outcomes.current().order_by().values_list(*columns):
        yield Row(created_at, "outcome", pk, by, title, url, line=pk)
        if confirmed_at:
            yield Row(confirmed_at, "confirmed", pk, by, title, url, line=pk)
    kudos = pair.celebrations.order_by("-created_at", "-pk").values_list("created_at", "pk", "created_by", "text")
    for at, pk, by, text in kudos[:most]:
        yield Row(at, "kudos", pk, by, note=text)


READ = {
    "sessions": session_rows,
    "commitments": commitment_rows,
    "feedback": feedback_rows,
    "values": value_rows,
    "direction": direction_rows,
    "outcomes": outcome_rows,
}
GROUPS = {  # by kind of entry; all other kinds are commitments
    **dict.fromkeys(("held", "canceled", "skipped", "session moved"), "sessions"),
    **dict.fromkeys(("goal", "reached", "milestone dropped"), "direction"),
    **dict.fromkeys(("outcome", "confirmed", "kudos"), "outcomes"),
    "feedback": "feedback",
    "value": "values",
}


def entry(pair: Pair, row: Row, on: date, day: str, names: dict[int, str]) -> Entry:
    values = {"name": names.get(row.by) or _("Someone"), "text": row.text}
    if row.times:
        start, end = row.times
        values |= {"from": full_time(start), "to": full_time(end) if end else ""}
    if row.dates:
        old, new = row.dates
        values |= {"old": full_date(old) if old else "", "new": full_date(new)}
    group = "direction" if row.kind.startswith("pivot ") else GROUPS.get(row.kind, "commitments")
    note = "\n".join(Truncator(line).chars(240) for line in row.note.strip().splitlines())
    url, trace = entry_url(pair, group, row.kind, row.ref), trace_url(pair, group, row.line)
    return Entry(on, day, group, TEXTS[row.kind] % values, note, url, trace)


TEXTS = {
    "held": gettext_lazy("You met"),
    "canceled": gettext_lazy("%(name)s canceled the session of %(from)s"),
    "skipped": gettext_lazy("%(name)s skipped the session of %(from)s"),
    "session moved": gettext_lazy("%(name)s moved the session from %(from)s to %(to)s"),
    "made": gettext_lazy("Agreed: %(text)s, by %(new)s"),
    "partly": gettext_lazy("Partly done: %(text)s"),
    "moved": gettext_lazy("Moved from %(old)s to %(new)s: %(text)s"),
    "done": gettext_lazy("Done: %(text)s"),
    "dropped": gettext_lazy("Dropped: %(text)s"),
    "split": gettext_lazy("Split into steps: %(text)s"),
    "feedback": gettext_lazy("%(name)s added feedback"),
    "value": gettext_lazy("%(name)s added a value: %(text)s"),
    "goal": gettext_lazy("New goal: %(text)s"),
    "reached": gettext_lazy("Reached: %(text)s"),
    "milestone dropped": gettext_lazy("Dropped: %(text)s"),
    "pivot kept": gettext_lazy("Reviewed and kept: %(text)s"),
    "pivot changed": gettext_lazy("Changed: %(text)s"),
    "pivot dropped": gettext_lazy("Dropped: %(text)s"),
    "pivot taken up": gettext_lazy("Reopened: %(text)s"),
    "outcome": gettext_lazy("Outcome: %(text)s"),
    "confirmed": gettext_lazy("Confirmed: %(text)s"),
    "kudos": gettext_lazy("Kudos from %(name)s"),
}


def entry_url(pair: Pair, group: str, kind: str, ref: int | None) -> str:
    """Return the page that an entry links to."""
    match group:
        case "values":
            return f"{reverse('progress', args=[pair.pk])}#indicator-{ref}"
        case "direction":
            return reverse("goal_list", args=[pair.pk])
        case "outcomes":
            return reverse("outcome_list", args=[pair.pk])
    if ref is None or kind in ("canceled", "skipped"):
        return ""
    return reverse("commitment_detail" if group == "commitments" else "session_detail", args=[ref])


def trace_url(pair: Pair, group: str, line: int | None) -> str:
    """Return the URL of the throughline of a commitment, feedback or outcome."""
    return reverse("trace", args=[pair.pk, group.removesuffix("s"), line]) if line else ""
