"""Several pieces of text as one form: each is saved against the text it started from."""

from django import forms

from core.optimistic_locking import Conflict, fingerprint
from sessions.texts import Piece
from sessions.views.texts import PlainText


class PiecesForm(forms.Form):
    """The pieces by name. `save` stores each; those changed meanwhile are in `conflicts`."""

    def __init__(self, data=None, *, pieces: dict[str, Piece]):
        self.pieces = pieces
        self.conflicts: list[Piece] = []
        super().__init__(data)
        for name, piece in pieces.items():
            self.fields[name] = PlainText(piece)
            self.fields[f"started_from_{name}"] = forms.CharField(required=False)

    def rows(self) -> list[tuple]:
        """Return for each field: the bound field, its piece, and the fingerprint that saving starts from."""
        newer = {piece.key: piece.fingerprint for piece in self.conflicts}
        return [
            (self[name], piece, newer.get(piece.key) or self.started_from(name)) for name, piece in self.pieces.items()
        ]

    def started_from(self, name: str) -> str:
        return self.data.get(f"started_from_{name}") or self.pieces[name].fingerprint

    def save(self, by) -> None:
        """Store what was changed on this page; a text that was left as it was may have a newer version by now."""
        for name, piece in self.pieces.items():
            if fingerprint(self.cleaned_data[name]) == self.started_from(name):
                continue
            try:
                piece.write(by, self.cleaned_data[name], self.started_from(name))
            except Conflict as conflict:
                self.conflicts.append(piece.as_of(conflict.current))
