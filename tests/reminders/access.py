"""The rows of the access table for the page Connections (see tests/access.py)."""

from tests.audiences import MEMBERS, Row

TABLE: dict[str, Row] = {
    "connections": Row(MEMBERS),
    "calendar_connect": Row(None, MEMBERS, data={"calendar-address": "https://8.8.8.8/a.ics"}),
    "calendar_read": Row(None, MEMBERS),
    "calendar_disconnect": Row(None, MEMBERS),
}
