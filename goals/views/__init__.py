from goals.views.answers import (
    commitment_complete,
    commitment_drop,
    commitment_move,
    commitment_partly,
    commitment_split,
    commitment_undo,
)
from goals.views.commitments import commitment_create, commitment_detail, commitment_edit, commitment_list
from goals.views.lasting import (
    goal_create,
    goal_drop,
    goal_edit,
    goal_reach,
    goal_reopen,
    work_item_create,
    work_item_drop,
    work_item_edit,
    work_item_reopen,
)

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
    "goal_create",
    "goal_drop",
    "goal_edit",
    "goal_reach",
    "goal_reopen",
    "work_item_create",
    "work_item_drop",
    "work_item_edit",
    "work_item_reopen",
]
