"""Time zones by the names that are stored."""

from zoneinfo import ZoneInfo


def zone_of(name: str) -> ZoneInfo:
    """The zone of a stored name; UTC where this server does not know it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
