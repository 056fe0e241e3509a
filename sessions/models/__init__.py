from sessions.models.agenda import AgendaItem, Block, ItemOutcome
from sessions.models.agenda_template import AgendaTemplate, BlockRole, BlockType, TemplateBlock
from sessions.models.busy_calendar import BusyCalendar
from sessions.models.calendar import CalendarFeed
from sessions.models.checkin import CheckIn
from sessions.models.energy_check import EnergyCheck
from sessions.models.rating import SessionRating, Trend
from sessions.models.session import NotLive, Series, Session
from sessions.models.session_rows import SessionAnswer, SessionCommitment, SessionMove, SessionVisit
from sessions.models.texts import Feedback, PrivateNote, StatusUpdate, StillRight, TextVersion

__all__ = [
    "AgendaItem",
    "AgendaTemplate",
    "Block",
    "BlockRole",
    "BlockType",
    "BusyCalendar",
    "CalendarFeed",
    "CheckIn",
    "EnergyCheck",
    "Feedback",
    "ItemOutcome",
    "NotLive",
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
    "TextVersion",
    "Trend",
]
