from goals.views.answers import (
    commitment_complete,
    commitment_drop,
    commitment_move,
    commitment_partly,
    commitment_split,
    commitment_undo,
)
from goals.views.commitments import commitment_create, commitment_detail, commitment_edit, commitment_list

__all__ = [
    "commitment_complete",
    "commitment_create",
    "commitment_detail",
    "commitment_drop",
    "commitment_edit",
    "commitment_list",
    "commitment_move",
    "commitment_partly",
    "commitment_split",
    "commitment_undo",
]
