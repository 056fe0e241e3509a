"""The status update as one form: three optional fields."""

from sessions.forms.pieces import PiecesForm
from sessions.models import StatusUpdate
from sessions.texts import piece_of


class StatusForm(PiecesForm):
    """Wins, blocks, deadlines."""

    def __init__(self, data=None, *, update: StatusUpdate):
        self.update = update
        super().__init__(data, pieces={name: piece_of(update, name) for name in StatusUpdate.FIELDS})
