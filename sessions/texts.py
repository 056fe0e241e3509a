"""Text that people write, one *piece* at a time: its key, who may edit it, and how it is saved.

A piece is one text field of one row. Its key is part of URLs and element ids:

    block-12-note              notes of a block
    item-5-obstacle            title, obstacle, tried, options, ideas of an agenda item
    feedback-3-differently     example, intended, happened, differently, keep, adjust
    status-9-wins              wins, blocks, deadlines of the status update for session 9
    note-9-session             private note for session 9
    note-4-pair                private note for pair 4

Status updates and private notes are named by their session (or pair), because the row is created by the first save.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.urls import reverse

from core.optimistic_locking import Conflict, Versioned, fingerprint
from mentoring import revisions
from mentoring.models import Pair
from sessions.models import AgendaItem, Block, Feedback, PrivateNote, Session, StatusUpdate, TextVersion

KINDS: dict[str, "TextKind"] = {}  # by the first part of a key


class TextKind:
    """A kind of text: its model and fields, who may write it, and how its row is found or created."""

    name: str
    model: type[Versioned]
    fields: tuple[str, ...]  # the last parts of its keys
    pair_path = "pair"
    is_private = False  # without versions, and without news for the other person
    hints_at_traits = False  # its fields point out words about traits (sessions/wording.py)

    def find(self, user, pk: int, field: str) -> Versioned:
        """Return the row if `user` may edit it; otherwise raise ObjectDoesNotExist."""
        return self.model.objects.editable_by(user).select_related(self.pair_path).get(pk=pk)

    def key_of(self, row: Versioned, field: str) -> tuple[int, str]:
        """Return the number and the field in the key."""
        return row.pk, field

    def column(self, field: str) -> str:
        return field

    def is_draft(self, row: Versioned) -> bool:
        """Return True while only its author sees the text."""
        return False

    def create(self, row: Versioned) -> Versioned:
        """Store a row that is created by the first save; two first saves at once get the same row."""
        raise NotImplementedError

    def label(self, row: Versioned, column: str) -> str:
        """Return the label of the text, unless the page has one that fits better."""
        return row._meta.get_field(column).verbose_name

    def locked(self, row: Versioned) -> AbstractContextManager[None]:
        """Open the transaction in which the text is saved."""
        return row.pair.locked()

    def before_write(self, row: Versioned, by: Model) -> None:
        """Change other columns of the row, in the transaction of the save."""

    def after_write(self, row: Versioned) -> None:
        """Change other rows after a text was changed, in the transaction of the save."""

    def is_only_text(self, field: str) -> bool:
        """Return True if no list, heading or form shows this text, so that open pages need nothing else."""
        return False


def register(kind: type[TextKind]) -> type[TextKind]:
    """Let the editor write this kind of text."""
    KINDS[kind.name] = kind()
    return kind


# --- The kinds --------------------------------------------------------------------------------------------


@register
class BlockText(TextKind):
    name, model, fields, pair_path = "block", Block, ("note",), "session__pair"

    def is_only_text(self, field: str) -> bool:
        return True


@register
class ItemText(TextKind):
    name, model, fields = "item", AgendaItem, ("title", *AgendaItem.NOTES)

    def is_only_text(self, field: str) -> bool:
        return field != "title"


@register
class FeedbackText(TextKind):
    name, model, fields, hints_at_traits = "feedback", Feedback, Feedback.FIELDS, True

    def is_draft(self, row: Feedback) -> bool:
        return row.is_draft

    def before_write(self, row: Feedback, by: Model) -> None:
        """Make the person who writes the first answer the author."""
        if Feedback.objects.get(pk=row.pk).is_empty:
            Feedback.objects.filter(pk=row.pk).update(created_by=by)


@register
class StatusText(TextKind):
    name, model, fields = "status", StatusUpdate, StatusUpdate.FIELDS

    def find(self, user, pk: int, field: str) -> StatusUpdate:
        return status_update(user, Session.objects.editable_by(user).select_related("pair").get(pk=pk))

    def key_of(self, row: StatusUpdate, field: str) -> tuple[int, str]:
        return row.session_id, field

    def is_draft(self, row: StatusUpdate) -> bool:
        return row.shared_at is None

    def create(self, row: StatusUpdate) -> StatusUpdate:
        return StatusUpdate.objects.get_or_create(session=row.session, defaults={"author": row.author})[0]


@register
class PrivateNoteText(TextKind):
    name, model, fields, is_private = "note", PrivateNote, ("session", "pair"), True

    def find(self, user, pk: int, field: str) -> PrivateNote:
        if field == "pair":
            return private_note(user, Pair.objects.editable_by(user).get(pk=pk))
        session = Session.objects.editable_by(user).select_related("pair").get(pk=pk)
        return private_note(user, session.pair, session)

    def key_of(self, row: PrivateNote, field: str) -> tuple[int, str]:
        return (row.session_id, "session") if row.session_id else (row.pair_id, "pair")

    def column(self, field: str) -> str:
        return "text"

    def create(self, row: PrivateNote) -> PrivateNote:
        return PrivateNote.objects.get_or_create(pair=row.pair, session=row.session, author=row.author)[0]


def status_update(user, session: Session) -> StatusUpdate:
    """Return the session's status update, or an unsaved one for the mentee. A draft is visible to its author only."""
    if update := session.status_for(user):
        return update
    if not session.pair.is_mentee(user) or hasattr(session, "status_update"):
        raise StatusUpdate.DoesNotExist
    return StatusUpdate(session=session, author=user)


def private_note(user, pair: Pair, session: Session | None = None) -> PrivateNote:
    """Return the private note of `user`, or an unsaved empty one."""
    note = PrivateNote.objects.visible_to(user).filter(pair=pair, session=session).first()
    return note or PrivateNote(pair=pair, session=session, author=user)


# --- One piece --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Piece:
    """One text field of one row, as one person sees it."""

    kind: TextKind
    pk: int
    name: str
    row: Versioned
    may_edit: bool = True
    title: str = ""  # a label that fits the page better than the field's own

    @cached_property
    def key(self) -> str:
        return f"{self.kind.name}-{self.pk}-{self.name}"

    @property
    def column(self) -> str:
        return self.kind.column(self.name)

    @cached_property
    def field(self):
        return self.row._meta.get_field(self.column)

    @property
    def label(self) -> str:
        return self.title or self.kind.label(self.row, self.column)

    @property
    def text(self) -> str:
        return getattr(self.row, self.column)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.text)

    @cached_property
    def url(self) -> str:
        return reverse("text_edit", args=[self.key])

    @property
    def is_empty(self) -> bool:
        return not self.text.strip()

    @property
    def is_private(self) -> bool:
        return self.kind.is_private

    @property
    def is_draft(self) -> bool:
        return self.kind.is_draft(self.row)

    @property
    def is_one_line(self) -> bool:
        return self.field.get_internal_type() == "CharField"

    def write(self, by: Model, text: str, started_from: str) -> None:
        """Store `text` if its fingerprint is still `started_from`; otherwise raise Conflict.

        A shared text that this replaces is kept as a TextVersion. Drafts and private notes have no versions: what was
        removed before sharing is never shared. A private note does not touch the pair.
        """
        with self.kind.locked(self.row):
            if self.row.pk is None:
                self.row.pk = self.kind.create(self.row).pk
                self.row.refresh_from_db()
            self.kind.before_write(self.row, by)
            before = self.row.write_text(self.column, text, started_from)
            if before == self.text:
                return
            self.kind.after_write(self.row)
            if not self.is_private:
                if not self.is_draft:
                    TextVersion.keep(self.row.pair, self.key, before, self.text, by)
                self.row.pair.touch()
                if self.kind.is_only_text(self.name):
                    revisions.remember_text(self.row.pair.pk, self.row.pair.stored_revision(), self.key)

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
    kind = next(kind for kind in KINDS.values() if kind.model is type(row))
    return Piece(kind, *kind.key_of(row, name), row, may_edit, title)


def piece_for(user, key: str) -> Piece:
    """Return the piece with this key if `user` may edit it; otherwise raise ObjectDoesNotExist."""
    name, _, rest = key.partition("-")
    pk, _, field = rest.partition("-")
    kind = KINDS.get(name)
    if kind is None or field not in kind.fields or not pk.isdecimal() or len(pk) > 18:
        raise ObjectDoesNotExist(key)
    return Piece(kind, int(pk), field, kind.find(user, int(pk), field))


__all__ = ["Conflict", "Piece", "TextKind", "piece_for", "piece_of", "private_note", "register", "status_update"]
