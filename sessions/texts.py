"""Text that people write, one *piece* at a time: its key, who may edit it, and how it is saved.

A piece is one text field of one row. Its key is part of URLs and element ids:

    block-12-note              notes of a block
    item-5-obstacle            title, obstacle, tried, options, ideas of an agenda item
    feedback-3-differently     intended, happened, differently
    status-9-wins              wins, blocks, deadlines of the status update for session 9
    note-9-session             private note for session 9
    note-4-pair                private note for pair 4

Status updates and private notes are named by their session (or pair), because the row is created by the first save.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.urls import reverse

from core.optimistic_locking import Conflict, Versioned, fingerprint
from mentoring.models import Pair
from sessions.models import AgendaItem, Block, Feedback, PrivateNote, Session, StatusUpdate, TextVersion

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
        """Store `text` if its fingerprint is still `started_from`; otherwise raise Conflict.

        A shared text that this replaces is kept in TextVersion. Drafts and private notes have no history: what was
        removed before sharing is never shared. A private note does not touch the pair.
        """
        with self.row.pair.locked():
            self._store_row()
            first = self.kind == "feedback" and Feedback.objects.get(pk=self.pk).is_empty
            before = self.row.write_text(self.column, text, started_from)
            if first:
                Feedback.objects.filter(pk=self.pk).update(created_by=by)
            if not self.is_private and before != self.text:
                if not self.is_draft:
                    TextVersion.keep(self.row.pair, self.key, before, self.text, by)
                self.row.pair.touch()

    def _store_row(self) -> None:
        """Create the row with the first save; two first saves at once get the same row."""
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
        """Return the same piece with another version of its row."""
        return replace(self, row=row)

    def last_writer(self):
        """Return the author of the current text, or None if unknown."""
        if self.is_private or self.is_draft:
            return self.row.author
        last = self.versions().first()
        return last.created_by if last and last.text == self.text else None

    def versions(self) -> Iterable[TextVersion]:
        """Return every version of a shared piece, newest first. A private one has none."""
        if self.is_private:
            return TextVersion.objects.none()
        return TextVersion.objects.of(self.row.pair, self.key).select_related("created_by")


def piece_of(row: Versioned, name: str = "", may_edit: bool = True, title: str = "") -> Piece:
    """Return the piece of a row at hand, without a query."""
    kind = {Block: "block", AgendaItem: "item", Feedback: "feedback", StatusUpdate: "status", PrivateNote: "note"}[
        type(row)
    ]
    pk = row.pk
    if kind == "status":
        pk = row.session_id
    elif kind == "note":
        name, pk = ("session", row.session_id) if row.session_id else ("pair", row.pair_id)
    return Piece(kind, pk, name, row, may_edit, title)


def piece_for(user, key: str) -> Piece:
    """Return the piece with this key if `user` may edit it; otherwise raise ObjectDoesNotExist."""
    kind, _, rest = key.partition("-")
    pk, _, name = rest.partition("-")
    if name not in WRITABLE.get(kind, ()) or not pk.isdecimal() or len(pk) > 18:
        raise ObjectDoesNotExist(key)
    return Piece(kind, int(pk), name, FIND[kind](user, int(pk), name))


def _block(user, pk: int, name: str) -> Block:
    return Block.objects.editable_by(user).select_related("session__pair").get(pk=pk)


def _item(user, pk: int, name: str) -> AgendaItem:
    return AgendaItem.objects.editable_by(user).select_related("pair").get(pk=pk)


def _feedback(user, pk: int, name: str) -> Feedback:
    return Feedback.objects.editable_by(user).select_related("pair").get(pk=pk)


def status_update(user, session: Session) -> StatusUpdate:
    """Return the session's status update, or an unsaved one for the mentee. A draft is visible to its author only."""
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
    """Return the private note of `user`, or an unsaved empty one."""
    note = PrivateNote.objects.visible_to(user).filter(pair=pair, session=session).first()
    return note or PrivateNote(pair=pair, session=session, author=user)


def _note(user, pk: int, name: str) -> PrivateNote:
    if name == "pair":
        return private_note(user, Pair.objects.editable_by(user).get(pk=pk))
    session = Session.objects.editable_by(user).select_related("pair").get(pk=pk)
    return private_note(user, session.pair, session)


FIND = {"block": _block, "item": _item, "feedback": _feedback, "status": _status, "note": _note}

__all__ = ["Conflict", "Piece", "piece_for", "piece_of", "private_note", "status_update"]
