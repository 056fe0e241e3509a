"""The status update as one form: three optional fields, each saved against the text it started from."""

from django import forms

from core.optimistic_locking import Conflict
from sessions.models import StatusUpdate
from sessions.texts import piece_of
from sessions.views.texts import PlainText


class StatusForm(forms.Form):
    """Wins, blocks, deadlines. `save` stores each; fields changed meanwhile are in `conflicts`."""

    def __init__(self, data=None, *, update: StatusUpdate):
        self.update = update
        self.pieces = {name: piece_of(update, name) for name in StatusUpdate.FIELDS}
        self.conflicts: list = []
        super().__init__(data)
        for name, piece in self.pieces.items():
            self.fields[name] = PlainText(piece)
            self.fields[f"started_from_{name}"] = forms.CharField(required=False)

    def rows(self) -> list[tuple]:
        """Return for each field: the bound field, its piece, and the fingerprint that saving starts from."""
        newer = {piece.name: piece.fingerprint for piece in self.conflicts}
        return [(self[name], piece, newer.get(name) or self.started_from(name)) for name, piece in self.pieces.items()]

    def started_from(self, name: str) -> str:
        return self.data.get(f"started_from_{name}") or self.pieces[name].fingerprint

    def save(self, by) -> None:
        for name, piece in self.pieces.items():
            try:
                piece.write(by, self.cleaned_data[name], self.started_from(name))
            except Conflict as conflict:
                self.conflicts.append(piece.as_of(conflict.current))
