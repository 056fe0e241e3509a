"""Text that people write, one *piece* at a time: how it is named, who may write it, and how it is saved.

A piece is one text field of one row. Its key stands in URLs and element ids:

    block-12-note              notes of a block
    item-5-obstacle            title, obstacle, tried, options, ideas of an agenda item
    feedback-3-differently     intended, happened, differently
    status-9-wins              wins, blocks, deadlines of the status update for session 9
    note-9-session             what only this person sees, for session 9
    note-4-pair                what only this person sees, lasting, for pair 4

Status updates and private notes are named by their session (or pair), because they come into being with the first save.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.urls import reverse

from core.optimistic_locking import Conflict, Versioned, fingerprint
from mentoring.models import Pair
from sessions.models import AgendaItem, Block, Feedback, PrivateNote, Session, StatusUpdate, Wording

WRITABLE = {
    "block": ("note",),
    "item": ("title", "obstacle", "tried", "options", "ideas"),
    "feedback": Feedback.FIELDS,
    "status": StatusUpdate.FIELDS,
    "note": ("session", "pair"),
}


@dataclass(frozen=True)
class Piece:
    """One text field of one row, as one person sees it."""

    kind: str
    pk: int
    name: str
    row: Versioned
    may_edit: bool = True
    title: str = ""  # a label that fits the page better than the field's own

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.pk}-{self.name}"

    @property
    def column(self) -> str:
        return "text" if self.is_private else self.name

    @property
    def field(self):
        return self.row._meta.get_field(self.column)

    @property
    def label(self) -> str:
        return self.title or self.field.verbose_name

    @property
    def text(self) -> str:
        return getattr(self.row, self.column)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.text)

    @property
    def url(self) -> str:
        return reverse("text_edit", args=[self.key])

    @property
    def is_empty(self) -> bool:
        return not self.text.strip()

    @property
    def is_private(self) -> bool:
        return self.kind == "note"

    @property
    def is_draft(self) -> bool:
        return self.kind == "status" and self.row.shared_at is None

    @property
    def is_one_line(self) -> bool:
        return self.field.get_internal_type() == "CharField"

    def write(self, by: Model, text: str, started_from: str) -> None:
        """Store `text` if nobody changed the wording since `started_from` (a fingerprint); otherwise Conflict.

        A shared wording that this replaces stays readable in Wording. Drafts and private notes concern one person
        and have no history: what was taken out before sharing is never shared. A private note touches no pair.
        """
        with self.row.pair.locked():
            self._store_row()
            first = self.kind == "feedback" and Feedback.objects.get(pk=self.pk).is_empty
            before = self.row.write_text(self.column, text, started_from)
            if first:
                Feedback.objects.filter(pk=self.pk).update(by=by)
            if not self.is_private and before != self.text:
                if not self.is_draft:
                    Wording.keep(self.row.pair, self.key, before, self.text, by)
                self.row.pair.touch()

    def _store_row(self) -> None:
        """Make the row that comes into being with the first save; both of two first saves get the same one."""
        if self.row.pk is None:
            if isinstance(self.row, PrivateNote):
                once = {"pair": self.row.pair, "session": self.row.session, "author": self.row.author}
                found, _ = PrivateNote.objects.get_or_create(**once)
            else:
                made = {"author": self.row.author}
                found, _ = StatusUpdate.objects.get_or_create(session=self.row.session, defaults=made)
            self.row.pk = found.pk
            self.row.refresh_from_db()

    def as_of(self, row: Versioned) -> "Piece":
        """The same piece with the wording of another reading of its row."""
        return replace(self, row=row)

    def last_writer(self):
        """Who wrote what stands now, as far as it is known."""
        if self.is_private or self.is_draft:
            return self.row.author
        last = self.wordings().first()
        return last.by if last and last.text == self.text else None

    def wordings(self) -> Iterable[Wording]:
        """Every wording of a shared piece, newest first. A private one has none."""
        if self.is_private:
            return Wording.objects.none()
        return Wording.objects.of(self.row.pair, self.key).select_related("by")


def piece_of(row: Versioned, name: str = "", may_edit: bool = True, title: str = "") -> Piece:
    """The piece for a row that the page has already fetched by its rule; asks the database nothing."""
    kind = {Block: "block", AgendaItem: "item", Feedback: "feedback", StatusUpdate: "status", PrivateNote: "note"}[
        type(row)
    ]
    pk = row.pk
    if kind == "status":
        pk = row.session_id
    elif kind == "note":
        name, pk = ("session", row.session_id) if row.session_id else ("pair", row.pair_id)
    return Piece(kind, pk, name, row, may_edit, title)


def piece_for(user, what: str) -> Piece:
    """The piece with key `what`, if `user` may write it; otherwise ObjectDoesNotExist."""
    kind, _, rest = what.partition("-")
    pk, _, name = rest.partition("-")
    if name not in WRITABLE.get(kind, ()) or not pk.isdecimal() or len(pk) > 18:
        raise ObjectDoesNotExist(what)
    return Piece(kind, int(pk), name, FIND[kind](user, int(pk), name))


def _block(user, pk: int, name: str) -> Block:
    return Block.objects.editable_by(user).select_related("session__pair").get(pk=pk)


def _item(user, pk: int, name: str) -> AgendaItem:
    return AgendaItem.objects.editable_by(user).select_related("pair").get(pk=pk)


def _feedback(user, pk: int, name: str) -> Feedback:
    return Feedback.objects.editable_by(user).select_related("pair").get(pk=pk)


def status_update(user, session: Session) -> StatusUpdate:
    """The session's status update, or the mentee's empty one, not stored yet. A draft is its author's alone."""
    update = StatusUpdate.objects.readable_by(user).filter(session=session).first()
    if update is None:
        if not session.pair.is_mentee(user) or StatusUpdate.objects.filter(session=session).exists():
            raise StatusUpdate.DoesNotExist
        update = StatusUpdate(author=user)
    update.session = session
    return update


def _status(user, pk: int, name: str) -> StatusUpdate:
    return status_update(user, Session.objects.editable_by(user).select_related("pair").get(pk=pk))


def private_note(user, pair: Pair, session: Session | None = None) -> PrivateNote:
    """What only `user` sees: the stored note, or an empty one that is not stored yet."""
    note = PrivateNote.objects.visible_to(user).filter(pair=pair, session=session).first()
    return note or PrivateNote(pair=pair, session=session, author=user)


def _note(user, pk: int, name: str) -> PrivateNote:
    if name == "pair":
        return private_note(user, Pair.objects.editable_by(user).get(pk=pk))
    session = Session.objects.editable_by(user).select_related("pair").get(pk=pk)
    return private_note(user, session.pair, session)


FIND = {"block": _block, "item": _item, "feedback": _feedback, "status": _status, "note": _note}

__all__ = ["Conflict", "Piece", "piece_for", "piece_of", "private_note", "status_update"]
