"""The thread of a relationship: what both see, newest first, in one query however much happened."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, DateField, DateTimeField, F, IntegerField, TextField, Value
from django.db.models.functions import Cast, Coalesce, NullIf
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.when import day, when
from goals.models import CommitmentEvent
from mentoring.models import Pair
from sessions.models import Feedback, Session, SessionMove

SHOWN = {
    "sessions": gettext_lazy("Sessions"),
    "commitments": gettext_lazy("Commitments"),
    "feedback": gettext_lazy("Feedback"),
}
COLUMNS = {
    "at_": DateTimeField(),
    "kind_": CharField(),
    "ref": IntegerField(),
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
    """One thing that happened, in words."""

    at: datetime
    group: str
    says: str
    note: str
    url: str


def timeline(pair: Pair, show: str, start: int, most: int) -> list[Entry]:
    """Up to `most` entries from `start` on, newest first; `show` is a group of SHOWN, or all of them."""
    wanted = [show] if show in SHOWN else list(SHOWN)
    branches = [branch for group in wanted for branch in BRANCHES[group](pair)]
    first, *others = branches
    rows = first.union(*others, all=True) if others else first
    names = {pair.mentor_id: pair.mentor.first_name, pair.mentee_id: pair.mentee.first_name}
    found = rows.order_by("-at_", "-ref")[start : start + most]
    return [entry(dict(zip(COLUMNS, row, strict=True)), names) for row in found]


EMPTY = {
    name: Value("") if isinstance(kind, CharField | TextField) else Cast(Value(None), kind)
    for name, kind in COLUMNS.items()
}


def columns(rows, **given):
    """The rows as the columns of the timeline; what is not given is empty."""
    return rows.order_by().annotate(**(EMPTY | given)).values_list(*COLUMNS)


def session_branches(pair: Pair) -> list:
    mine = Session.objects.filter(pair=pair)
    moves = SessionMove.objects.filter(session__pair=pair)
    off = {"ref": F("pk"), "by_": F("ended_by"), "note_": F("reason"), "from_": F("starts_at")}
    return [
        columns(mine.held(), at_=F("starts_at"), kind_=Value("held"), ref=F("pk"), note_=F("takeaway")),
        columns(mine.filter(canceled_at__isnull=False), at_=F("canceled_at"), kind_=Value("canceled"), **off),
        columns(mine.filter(skipped_at__isnull=False), at_=F("skipped_at"), kind_=Value("skipped"), **off),
        columns(
            moves,
            at_=F("at"),
            kind_=Value("session moved"),
            ref=F("session"),
            by_=F("by"),
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
            at_=F("at"),
            kind_=F("kind"),
            ref=F("commitment"),
            by_=F("by"),
            text_=F("commitment__text"),
            note_=F("note"),
            old_=F("old_due_on"),
            new_=F("new_due_on"),
        )
    ]


def feedback_branches(pair: Pair) -> list:
    blank = Value("", output_field=TextField())
    gist = Coalesce(NullIf("differently", blank), NullIf("happened", blank), "intended")
    said = Feedback.objects.filter(pair=pair).exclude(intended="", happened="", differently="")
    return [columns(said, at_=F("at"), kind_=Value("feedback"), ref=F("session"), by_=F("by"), note_=gist)]


BRANCHES = {"sessions": session_branches, "commitments": commitment_branches, "feedback": feedback_branches}


def entry(row: dict, names: dict[int, str]) -> Entry:
    kind, name = row["kind_"], names.get(row["by_"]) or _("Somebody")
    words = {"name": name, "text": row["text_"]}
    if row["from_"]:
        words |= {"from": when(row["from_"]), "to": when(row["to_"]) if row["to_"] else ""}
    if row["new_"]:
        words |= {"old": day(row["old_"]) if row["old_"] else "", "new": day(row["new_"])}
    says = SAYS[kind] % words
    group = "feedback" if kind == "feedback" else "sessions" if kind in SESSION_KINDS else "commitments"
    return Entry(row["at_"], group, says, Truncator(row["note_"]).chars(240), address(group, kind, row["ref"]))


SAYS = {
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
    "feedback": gettext_lazy("%(name)s noted feedback"),
}
SESSION_KINDS = ("held", "canceled", "skipped", "session moved")


def address(group: str, kind: str, ref: int | None) -> str:
    """Where one tap on an entry leads."""
    if ref is None or kind in ("canceled", "skipped"):
        return ""
    return reverse("commitment_detail" if group == "commitments" else "session_detail", args=[ref])
