from sessions.models.agenda import AgendaItem, Block, ItemOutcome
from sessions.models.session import (
    Series,
    Session,
    SessionAnswer,
    SessionCommitment,
    SessionMove,
    SessionRating,
    SessionVisit,
)
from sessions.models.template import AgendaTemplate, BlockType, TemplateBlock
from sessions.models.words import Feedback, PrivateNote, StatusUpdate, StillRight, Wording

__all__ = [
    "AgendaItem",
    "AgendaTemplate",
    "Block",
    "BlockType",
    "Feedback",
    "ItemOutcome",
    "PrivateNote",
    "Series",
    "Session",
    "SessionAnswer",
    "SessionCommitment",
    "SessionMove",
    "SessionRating",
    "SessionVisit",
    "StatusUpdate",
    "StillRight",
    "TemplateBlock",
    "Wording",
]
