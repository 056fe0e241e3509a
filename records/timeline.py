"""The timeline of a pair: everything both people can see, newest first, in one query."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, CharField, DateField, DateTimeField, F, IntegerField, TextField, Value, When
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.formatting import full_date, full_time
from goals.models import Celebration, CommitmentEvent, Goal, Milestone, Outcome, Pivot, Reading
from mentoring.models import Pair
from sessions.models import Feedback, Session, SessionMove

SHOWN = {
    "sessions": gettext_lazy("Sessions"),
    "commitments": gettext_lazy("Commitments"),
    "feedback": gettext_lazy("Feedback"),
    "values": gettext_lazy("Values"),
    "direction": gettext_lazy("Direction"),
    "outcomes": gettext_lazy("Outcomes"),
}
COLUMNS = {
    "at_": DateTimeField(),
    "kind_": CharField(),
    "ref": IntegerField(),
    "line": IntegerField(),  # the key of the row whose throughline is linked
    "by_": IntegerField(),
    "text_": TextField(),
    "note_": TextField(),
    "from_": DateTimeField(),
    "to_": DateTimeField(),
    "old_": DateField(),
    "new_": DateField(),
}


@dataclass(frozen=True)
class Entry:
    """One entry of the timeline, as text."""

    at: datetime
    group: str
    text: str
    note: str
    url: str
    trace: str  # URL of its throughline, or empty


def timeline(pair: Pair, show: str, start: int, most: int) -> list[Entry]:
    """Return up to `most` entries after the first `start`, newest first; `show` is a group of SHOWN, else all."""
    wanted = [show] if show in SHOWN else list(SHOWN)
    branches = [branch for group in wanted for branch in BRANCHES[group](pair)]
    first, *others = branches
    rows = first.union(*others, all=True) if others else first
    names = {pair.mentor_id: pair.mentor.first_name, pair.mentee_id: pair.mentee.first_name}
    found = rows.order_by("-at_", "-ref")[start : start + most]
    return [entry(pair, dict(zip(COLUMNS, row, strict=True)), names) for row in found]


EMPTY = {
    name: Value("") if isinstance(kind, CharField | TextField) else Cast(Value(None), kind)
    for name, kind in COLUMNS.items()
}


def columns(rows, **given):
    """Select the columns of the timeline from `rows`; columns that are not given are empty."""
    return rows.order_by().annotate(**(EMPTY | given)).values_list(*COLUMNS)


def session_branches(pair: Pair) -> list:
    mine = Session.objects.filter(pair=pair)
    moves = SessionMove.objects.filter(session__pair=pair)
    off = {"ref": F("pk"), "by_": F("called_off_by"), "note_": F("reason"), "from_": F("starts_at")}
    return [
        columns(mine.held(), at_=F("starts_at"), kind_=Value("held"), ref=F("pk"), note_=F("takeaway")),
        columns(mine.filter(canceled_at__isnull=False), at_=F("canceled_at"), kind_=Value("canceled"), **off),
        columns(mine.filter(skipped_at__isnull=False), at_=F("skipped_at"), kind_=Value("skipped"), **off),
        columns(
            moves,
            at_=F("created_at"),
            kind_=Value("session moved"),
            ref=F("session"),
            by_=F("created_by"),
            note_=F("reason"),
            from_=F("from_at"),
            to_=F("to_at"),
        ),
    ]


def commitment_branches(pair: Pair) -> list:
    events = CommitmentEvent.objects.filter(commitment__pair=pair, undone_at=None)
    return [
        columns(
            events.exclude(kind=CommitmentEvent.Kind.REWORDED),
            at_=F("created_at"),
            kind_=F("kind"),
            ref=F("commitment"),
            line=F("commitment"),
            by_=F("created_by"),
            text_=F("commitment__text"),
            note_=F("note"),
            old_=F("old_due_on"),
            new_=F("new_due_on"),
        )
    ]


def feedback_branches(pair: Pair) -> list:
    """Each feedback with its answers, one per line, without unanswered questions."""
    asked = {"intended": _("Intended:"), "happened": _("Happened:"), "differently": _("Next time:")}
    lines = [
        Case(
            When(**{name: ""}, then=Value("")),
            default=Concat(Value(f"{label} "), name, Value("\n"), output_field=TextField()),
            output_field=TextField(),
        )
        for name, label in asked.items()
    ]
    feedback = Feedback.objects.written().filter(pair=pair)
    given = {"by_": F("created_by"), "note_": Concat(*lines, output_field=TextField())}
    return [columns(feedback, at_=F("created_at"), kind_=Value("feedback"), ref=F("session"), line=F("pk"), **given)]


def value_branches(pair: Pair) -> list:
    readings = Reading.objects.filter(indicator__pair=pair)
    text = Concat("indicator__title", Value(": "), Cast("value", TextField()), output_field=TextField())
    given = {"text_": text, "note_": F("note")}
    return [
        columns(readings, at_=F("updated_at"), kind_=Value("value"), ref=F("indicator"), by_=F("created_by"), **given)
    ]


def direction_branches(pair: Pair) -> list:
    """Changes of direction of goals and plans, and what was reached."""
    pivots = Pivot.objects.filter(pair=pair)
    steps = Milestone.objects.filter(goal__pair=pair)
    goals = Goal.objects.filter(pair=pair)
    changed = {
        "at_": F("created_at"),
        "kind_": Concat(Value("pivot "), "kind", output_field=CharField()),
        "by_": F("created_by"),
        "text_": F("text_after"),
    }
    made = {"ref": F("pk"), "by_": F("created_by"), "text_": F("title")}
    return [
        columns(pivots, ref=F("goal"), note_=F("reason"), **changed),
        columns(goals, at_=F("created_at"), kind_=Value("goal"), **made),
        columns(goals.exclude(reached_at=None), at_=F("reached_at"), kind_=Value("reached"), **made),
        columns(steps.exclude(reached_at=None), at_=F("reached_at"), kind_=Value("reached"), **made),
        columns(steps.exclude(dropped_at=None), at_=F("dropped_at"), kind_=Value("milestone dropped"), **made),
    ]


def outcome_branches(pair: Pair) -> list:
    mine = Outcome.objects.filter(pair=pair).current()
    kudos = Celebration.objects.filter(pair=pair)
    given = {"ref": F("pk"), "line": F("pk"), "by_": F("created_by"), "text_": F("title"), "note_": F("evidence_url")}
    return [
        columns(mine, at_=F("created_at"), kind_=Value("outcome"), **given),
        columns(mine.exclude(confirmed_at=None), at_=F("confirmed_at"), kind_=Value("confirmed"), **given),
        columns(kudos, at_=F("created_at"), kind_=Value("kudos"), ref=F("pk"), by_=F("created_by"), note_=F("text")),
    ]


BRANCHES = {
    "sessions": session_branches,
    "commitments": commitment_branches,
    "feedback": feedback_branches,
    "values": value_branches,
    "direction": direction_branches,
    "outcomes": outcome_branches,
}
GROUPS = {  # by kind of entry; all other kinds are commitments
    **dict.fromkeys(("held", "canceled", "skipped", "session moved"), "sessions"),
    **dict.fromkeys(("goal", "reached", "milestone dropped"), "direction"),
    **dict.fromkeys(("outcome", "confirmed", "kudos"), "outcomes"),
    "feedback": "feedback",
    "value": "values",
}


def entry(pair: Pair, row: dict, names: dict[int, str]) -> Entry:
    kind, name = row["kind_"], names.get(row["by_"]) or _("Someone")
    values = {"name": name, "text": TRAILING_ZEROS.sub("", row["text_"]) if kind == "value" else row["text_"]}
    if row["from_"]:
        values |= {"from": full_time(row["from_"]), "to": full_time(row["to_"]) if row["to_"] else ""}
    if row["new_"]:
        values |= {"old": full_date(row["old_"]) if row["old_"] else "", "new": full_date(row["new_"])}
    text = TEXTS[kind] % values
    group = "direction" if kind.startswith("pivot ") else GROUPS.get(kind, "commitments")
    note = "\n".join(Truncator(line).chars(240) for line in row["note_"].strip().splitlines())
    ref = row["ref"]
    return Entry(row["at_"], group, text, note, entry_url(pair, group, kind, ref), trace_url(pair, group, row["line"]))


TRAILING_ZEROS = re.compile(r"(?<=\d)\.0+$|(?<=\.\d)0$")  # one database returns 4.00, another 4

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
