"""The timeline of a pair: everything both people can see, newest first."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import chain, groupby

from django.db.models import Q, prefetch_related_objects
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.formatting import full_date, full_time, short_day
from goals.models import Commitment, CommitmentEvent, Reading
from mentoring.models import Pair
from practice.models import Share
from sessions.models import Feedback, Session, SessionMove

SHOWN = {
    "sessions": gettext_lazy("Sessions"),
    "commitments": gettext_lazy("Commitments"),
    "feedback": gettext_lazy("Feedback"),
    "values": gettext_lazy("Values"),
    "direction": gettext_lazy("Direction"),
    "outcomes": gettext_lazy("Outcomes"),
    "practice": gettext_lazy("Practice"),
}


@dataclass(frozen=True)
class Entry:
    """One entry of the timeline, as text. Several commitments of one session are the `parts` of one entry."""

    kind: str
    on: date  # in the reader's time zone
    text: str
    note: str = ""
    url: str = ""
    trace: str = ""  # URL of its throughline, or empty
    day: str = ""  # that date as text, for the first entry of a day between sessions
    parts: tuple["Entry", ...] = ()

    @property
    def icon(self) -> str:
        return LOOKS[self.kind][0]

    @property
    def css(self) -> str:
        tone = LOOKS[self.kind][1]
        return f"ev ev-{tone}" if tone else "ev"


@dataclass
class Group:
    """A session with what came of it that day, what came between two sessions, or the entries of one month."""

    title: str
    on: date | None = None  # of a session
    day: str = ""
    takeaway: str = ""
    url: str = ""
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True)
class Timeline:
    groups: list[Group]
    has_older: bool


@dataclass(eq=False)
class Row:
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
    value: str = ""
    number: int | None = None  # of a session; a check-in has none
    is_done: bool = False  # of the commitment that was made

    @cached_property
    def on(self) -> date:
        return timezone.localdate(self.at)


def timeline(pair: Pair, show: str, start: int, most: int) -> Timeline:
    """Return up to `most` entries after the first `start`, newest first; `show` is a group of SHOWN, else all.

    Entries are grouped by session, or by month if only entries of another kind are shown.
    """
    wanted = [show] if show in SHOWN else list(SHOWN)
    rows = list(chain.from_iterable(READ[group](pair, start + most + 1) for group in wanted))
    rows.sort(key=lambda row: (row.at, row.ref or 0), reverse=True)
    shown = rows[start : start + most]
    by_session = "sessions" in wanted
    held = [(row.on, row) for row in rows if row.kind == "held"]
    names = {pair.mentor_id: pair.mentor.first_name, pair.mentee_id: pair.mentee.first_name}
    groups = []
    for (session, title), of_group in groupby(shown, lambda row: place_of(row, held) if by_session else month_of(row)):
        group = session_group(session) if session else Group(title)
        of_group = [row for row in of_group if row is not session]
        group.entries = entries(pair, of_group, names, in_session=bool(session))
        if by_session:
            group.entries = folded_values(group.entries)
        groups.append(group)
    return Timeline(groups, len(rows) > start + most)


def place_of(row: Row, held: list[tuple[date, Row]]) -> tuple[Row | None, str]:
    """Return the session on whose day a row falls, or none and what it came after. `held` is newest first."""
    day = row.on
    that_day = [session for on, session in held if on == day]
    if that_day:
        return next((session for session in that_day if session.at <= row.at), that_day[-1]), ""
    before = next((session for _on, session in held if session.at <= row.at), None)
    if before is None:
        return None, _("Before your first session") if held else ""
    if before is not held[0][1]:
        return None, _("Between sessions")
    return None, _("Since session %(n)s") % {"n": before.number} if before.number else _("Since your last check-in")


def month_of(row: Row) -> tuple[None, str]:
    return None, date_format(row.on, "YEAR_MONTH_FORMAT")


def session_group(session: Row) -> Group:
    title = _("Session %(n)s") % {"n": session.number} if session.number else _("Check-in")
    url = reverse("session_detail", args=[session.ref])
    return Group(title, session.on, full_date(session.on), session.note.strip(), url)


# Each function below reads one group: at least its `most` newest rows, in any order.


def session_rows(pair: Pair, most: int) -> Iterator[Row]:
    """Yield the sessions held with their numbers, those canceled and skipped, and each time that one was moved."""
    held = pair.sessions.held().exclude(kind=Session.Kind.CHECK_IN).order_by("starts_at", "pk")
    numbers = {pk: n for n, pk in enumerate(held.values_list("pk", flat=True), 1)}
    past = pair.sessions.filter(Q(held_at__isnull=False) | Q(canceled_at__isnull=False) | Q(skipped_at__isnull=False))
    past = past.order_by(Coalesce("canceled_at", "skipped_at", "starts_at").desc(), "-pk")
    columns = ("pk", "starts_at", "held_at", "takeaway", "canceled_at", "skipped_at", "called_off_by", "reason")
    for pk, at, held_at, takeaway, canceled_at, skipped_at, by, reason in past.values_list(*columns)[:most]:
        if held_at:
            yield Row(at, "held", pk, note=takeaway, number=numbers.get(pk))
        for what, called_off_at in (("canceled", canceled_at), ("skipped", skipped_at)):
            if called_off_at:
                yield Row(called_off_at, what, pk, by, note=reason, times=(at, None))
    moves = SessionMove.objects.filter(session__pair=pair).order_by("-created_at", "-session")
    columns = ("created_at", "session", "created_by", "reason", "from_at", "to_at")
    for at, session, by, reason, *times in moves.values_list(*columns)[:most]:
        yield Row(at, "session moved", session, by, note=reason, times=tuple(times))


def commitment_rows(pair: Pair, most: int) -> Iterator[Row]:
    events = CommitmentEvent.objects.filter(commitment__pair=pair, undone_at=None)
    events = events.exclude(kind=CommitmentEvent.Kind.REWORDED).order_by("-created_at", "-commitment")
    columns = ("created_at", "kind", "commitment", "created_by", "commitment__text", "note", "old_due_on", "new_due_on")
    for at, kind, pk, by, text, note, old, new, state in events.values_list(*columns, "commitment__state")[:most]:
        is_done = state == Commitment.State.DONE
        yield Row(at, kind, pk, by, text, note, pk, dates=(old, new) if new else None, is_done=is_done)


def feedback_rows(pair: Pair, most: int) -> Iterator[Row]:
    """Yield each feedback with its answers, one per line, without unanswered questions."""
    asked = (_("Example:"), _("Intended:"), _("Happened:"), _("Next time:"), _("Keep doing:"), _("Adjust next:"))
    feedback = Feedback.objects.written().filter(pair=pair).order_by("-created_at", "-session")
    columns = ("created_at", "session", "created_by", "pk", *Feedback.FIELDS)
    for at, session, by, pk, *answers in feedback.values_list(*columns)[:most]:
        note = "\n".join(f"{label} {answer}" for label, answer in zip(asked, answers, strict=True) if answer)
        yield Row(at, "feedback", session, by, note=note, line=pk)


def value_rows(pair: Pair, most: int) -> Iterator[Row]:
    readings = Reading.objects.filter(indicator__pair=pair).order_by("-updated_at", "-indicator")
    columns = ("updated_at", "indicator", "created_by", "indicator__title", "value", "note")
    for at, indicator, by, title, value, note in readings.values_list(*columns)[:most]:
        yield Row(at, "value", indicator, by, title, note, value=f"{value.normalize():f}")


def direction_rows(pair: Pair, most: int) -> Iterator[Row]:
    """Yield changes of direction of goals and plans, and what was reached."""
    pivots = pair.pivots.order_by("-created_at", "-goal")
    columns = ("created_at", "kind", "goal", "created_by", "text_after", "reason")
    for at, kind, goal, by, text, reason in pivots.values_list(*columns)[:most]:
        yield Row(at, f"pivot {kind}", goal, by, text, reason)
    prefetch_related_objects([pair], "goals__milestones")
    for goal in pair.goals.all():
        yield Row(goal.created_at, "goal", goal.pk, goal.created_by_id, goal.title)
        if goal.reached_at:
            yield Row(goal.reached_at, "reached", goal.pk, goal.created_by_id, goal.title)
        for step in goal.milestones.all():
            if step.reached_at:
                yield Row(step.reached_at, "reached", step.pk, step.created_by_id, step.title)
            if step.dropped_at:
                yield Row(step.dropped_at, "milestone dropped", step.pk, step.created_by_id, step.title)


def outcome_rows(pair: Pair, most: int) -> Iterator[Row]:
    columns = ("pk", "created_by", "title", "evidence_url", "created_at", "confirmed_at")
    for pk, by, title, url, created_at, confirmed_at in pair.outcomes.current().order_by().values_list(*columns):
        yield Row(created_at, "outcome", pk, by, title, url, line=pk)
        if confirmed_at:
            yield Row(confirmed_at, "confirmed", pk, by, title, url, line=pk)
    kudos = pair.celebrations.order_by("-created_at", "-pk").values_list("created_at", "pk", "created_by", "text")
    for at, pk, by, text in kudos[:most]:
        yield Row(at, "kudos", pk, by, Truncator(text).chars(240))


def practice_rows(pair: Pair, most: int) -> Iterator[Row]:
    """Yield what one of the pair shares with the other and has not taken back."""
    shares = Share.objects.filter(pair=pair, entry__written_at__isnull=False).order_by("-shared_at", "-pk")
    for share in shares.select_related("entry").prefetch_related("entry__texts")[:most]:
        yield Row(share.shared_at, "shared", share.entry_id, share.entry.author_id, share.entry.title)


READ = {
    "sessions": session_rows,
    "commitments": commitment_rows,
    "feedback": feedback_rows,
    "values": value_rows,
    "direction": direction_rows,
    "outcomes": outcome_rows,
    "practice": practice_rows,
}
GROUPS = {  # by kind of entry; all other kinds are commitments
    **dict.fromkeys(("held", "canceled", "skipped", "session moved"), "sessions"),
    **dict.fromkeys(("goal", "reached", "milestone dropped"), "direction"),
    **dict.fromkeys(("outcome", "confirmed", "kudos"), "outcomes"),
    "feedback": "feedback",
    "value": "values",
    "shared": "practice",
}


def entries(pair: Pair, rows: list[Row], names: dict[int, str], in_session: bool) -> list[Entry]:
    """Return the entries of a group. The values of an indicator on one day are one entry."""
    found, made, days, values = [], [], set(), {}
    for row in rows:
        if row.kind == "value":
            values.setdefault((row.ref, row.on), []).append(row)
    for row in rows:
        of_day = values.get((row.ref, row.on), [row]) if row.kind == "value" else [row]
        if row is not of_day[0]:
            continue
        one = value_entry(pair, of_day, names) if row.kind == "value" else entry(pair, row, names)
        if in_session and row.kind == "made":
            made.append((one, row.is_done))
        found.append(one if in_session or row.on in days else replace(one, day=short_day(row.on)))
        days.add(row.on)
    return folded(found, made) if len(made) > 1 else found


def folded(found: list[Entry], made: list[tuple[Entry, bool]]) -> list[Entry]:
    """Put the commitments of one session into one entry, in the place of the newest."""
    parts = tuple(one for one, _is_done in made)
    counts = {"n": len(made), "done": sum(is_done for _one, is_done in made)}
    text = ngettext("%(n)s commitment", "%(n)s commitments", counts["n"]) % counts
    if counts["done"]:
        text = _("%(made)s made, %(done)s done so far") % {"made": text, "done": counts["done"]}
    else:
        text = _("%(made)s made") % {"made": text}
    all_of_them = replace(parts[0], text=text, note="", url="", trace="", parts=parts)
    return [all_of_them if one is parts[0] else one for one in found if one is parts[0] or one not in parts]


def folded_values(found: list[Entry]) -> list[Entry]:
    """Put all values into one entry, in the place of the newest; its text counts the indicators if they are several."""
    values = tuple(one for one in found if one.kind == "value")
    if len(values) < 2:
        return found
    newest = {one.url: one.text for one in reversed(values)}
    text = ngettext("%(n)s indicator updated", "%(n)s indicators updated", len(newest)) % {"n": len(newest)}
    text = text if len(newest) > 1 else values[0].text
    all_of_them = replace(values[0], text=text, note="", url="", parts=values)
    days = {one.on: one.day for one in found if one.day}
    kept = [all_of_them if one is values[0] else one for one in found if one is values[0] or one.kind != "value"]
    return [replace(one, day=days.pop(one.on, "")) for one in kept]


def value_entry(pair: Pair, rows: list[Row], names: dict[int, str]) -> Entry:
    """Return one entry for the values of an indicator on one day, those of the mentee first."""
    rows, first = sorted(rows, key=lambda row: (row.by != pair.mentee_id, row.at)), rows[0]
    texts = [f"{names.get(row.by) or _('Someone')} {row.value}" for row in rows]
    text = _("%(indicator)s: %(values)s") % {"indicator": first.text, "values": ", ".join(texts)}
    return Entry(
        "value", first.on, text, "\n".join(note for row in rows if (note := short(row.note))), url_of(pair, first)
    )


def entry(pair: Pair, row: Row, names: dict[int, str]) -> Entry:
    values = {"name": names.get(row.by) or _("Someone"), "text": row.text}
    if row.times:
        start, end = row.times
        values |= {"from": full_time(start), "to": full_time(end) if end else ""}
    if row.dates:
        old, new = row.dates
        values |= {"old": full_date(old) if old else "", "new": full_date(new)}
    kind = "pivot" if row.kind.startswith("pivot ") else row.kind
    return Entry(kind, row.on, TEXTS[row.kind] % values, short(row.note), url_of(pair, row), trace_url(pair, row))


def short(note: str) -> str:
    return "\n".join(Truncator(line).chars(240) for line in note.strip().splitlines())


TEXTS = {
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
    "goal": gettext_lazy("New goal: %(text)s"),
    "reached": gettext_lazy("Reached: %(text)s"),
    "milestone dropped": gettext_lazy("Dropped: %(text)s"),
    "pivot kept": gettext_lazy("Reviewed and kept: %(text)s"),
    "pivot changed": gettext_lazy("Changed: %(text)s"),
    "pivot dropped": gettext_lazy("Dropped: %(text)s"),
    "pivot taken up": gettext_lazy("Reopened: %(text)s"),
    "outcome": gettext_lazy("Outcome: %(text)s"),
    "confirmed": gettext_lazy("Confirmed: %(text)s"),
    "shared": gettext_lazy("%(name)s shared: %(text)s"),
    "kudos": gettext_lazy("Kudos from %(name)s: “%(text)s”"),
}


LOOKS = {  # icon and color by kind of entry; "pivot" for all changes of direction
    "canceled": ("x-mark", ""),
    "skipped": ("x-mark", ""),
    "session moved": ("arrow-right", "moved"),
    "made": ("check-circle", ""),
    "partly": ("arrow-trending-up", ""),
    "moved": ("arrow-right", "moved"),
    "done": ("check", "kept"),
    "dropped": ("x-mark", ""),
    "split": ("list-bullet", ""),
    "feedback": ("chat-bubble-bottom-center-text", "said"),
    "value": ("chart-bar", ""),
    "goal": ("flag", ""),
    "reached": ("trophy", "kept"),
    "milestone dropped": ("x-mark", ""),
    "pivot": ("arrow-path", ""),
    "outcome": ("sparkles", "kept"),
    "confirmed": ("check-badge", "kept"),
    "kudos": ("heart", "said"),
    "shared": ("book-open", "said"),
}


def group_of(row: Row) -> str:
    return "direction" if row.kind.startswith("pivot ") else GROUPS.get(row.kind, "commitments")


def url_of(pair: Pair, row: Row) -> str:
    """Return the page that an entry links to."""
    match group_of(row):
        case "values":
            return f"{reverse('progress', args=[pair.pk])}#indicator-{row.ref}"
        case "direction":
            return reverse("goal_list", args=[pair.pk])
        case "outcomes":
            return reverse("outcome_list", args=[pair.pk])
        case "practice":
            return reverse("entry_detail", args=[row.ref])
        case "feedback":
            return reverse("feedback_detail", args=[row.line])
        case "commitments":
            return reverse("commitment_detail", args=[row.ref])
    return "" if row.ref is None or row.kind in ("canceled", "skipped") else reverse("session_detail", args=[row.ref])


def trace_url(pair: Pair, row: Row) -> str:
    """Return the URL of the throughline of feedback or an outcome. That of a commitment is on its own page."""
    group = group_of(row)
    if row.line is None or group == "commitments":
        return ""
    return reverse("trace", args=[pair.pk, group.removesuffix("s"), row.line])
