"""The rows of the access table for the page Connections (see tests/access.py)."""

from tests.audiences import MEMBERS, Row

TABLE: dict[str, Row] = {
    "connections": Row(MEMBERS),
    "chat_connect": Row(None, MEMBERS, data={"chat-address": "https://8.8.8.8/hook"}),
    "chat_choose": Row(None, MEMBERS, data={"to_chat": "1"}),
    "chat_test": Row(None, MEMBERS),  # to an address that is replaced; nobody here has connected one
    "chat_disconnect": Row(None, MEMBERS),
    "calendar_connect": Row(None, MEMBERS, data={"calendar-address": "https://8.8.8.8/a.ics"}),
    "calendar_read": Row(None, MEMBERS),
    "calendar_disconnect": Row(None, MEMBERS),
}
