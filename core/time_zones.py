"""The list of time zones to choose from, and zones by stored name or by what people type."""

from functools import cache
from itertools import groupby
from zoneinfo import ZoneInfo, available_timezones

from django.utils.translation import gettext_lazy as _

REGIONS = {
    "Africa": _("Africa"),
    "America": _("America"),
    "Antarctica": _("Antarctica"),
    "Arctic": _("Arctic"),
    "Asia": _("Asia"),
    "Atlantic": _("Atlantic Ocean"),
    "Australia": _("Australia"),
    "Europe": _("Europe"),
    "Indian": _("Indian Ocean"),
    "Pacific": _("Pacific Ocean"),
}

# An abbreviation is a fixed offset, but people mean the zone they live in, with daylight saving time. The zones
# named EST, MST and HST in the tz database have none.
ABBREVIATIONS = {
    **dict.fromkeys(("est", "edt", "est5edt", "et", "eastern"), "America/New_York"),
    **dict.fromkeys(("cdt", "cst6cdt", "ct", "central"), "America/Chicago"),
    **dict.fromkeys(("mst", "mdt", "mst7mdt", "mt", "mountain"), "America/Denver"),
    **dict.fromkeys(("pst", "pdt", "pst8pdt", "pt", "pacific"), "America/Los_Angeles"),
    **dict.fromkeys(("akst", "akdt"), "America/Anchorage"),
    **dict.fromkeys(("hst", "hdt"), "Pacific/Honolulu"),
    **dict.fromkeys(("cet", "cest", "met", "mest", "mez", "mesz"), "Europe/Berlin"),
    **dict.fromkeys(("eet", "eest"), "Europe/Athens"),
    **dict.fromkeys(("wet",), "Europe/Lisbon"),
    "bst": "Europe/London",
    "msk": "Europe/Moscow",
    "ist": "Asia/Kolkata",
    "pkt": "Asia/Karachi",
    "wib": "Asia/Jakarta",
    "sgt": "Asia/Singapore",
    "hkt": "Asia/Hong_Kong",
    "jst": "Asia/Tokyo",
    "kst": "Asia/Seoul",
    "awst": "Australia/Perth",
    **dict.fromkeys(("acst", "acdt"), "Australia/Adelaide"),
    **dict.fromkeys(("aest", "aedt"), "Australia/Sydney"),
    **dict.fromkeys(("nzst", "nzdt"), "Pacific/Auckland"),
    "sast": "Africa/Johannesburg",
    "wat": "Africa/Lagos",
    "eat": "Africa/Nairobi",
    "brt": "America/Sao_Paulo",
    **dict.fromkeys(("utc", "z", "zulu"), "UTC"),
}
# These need a question: GMT is London in winter or Accra all year, CST is Chicago or Shanghai, and so on.
AMBIGUOUS = {"gmt", "cst", "ast", "gst", "sst", "west", "cat", "art", "wst"}


@cache
def _spelling() -> dict[str, str]:
    """Return the names in the tz database by their lower-case form."""
    return {name.lower(): name for name in sorted(available_timezones())}


def is_zone(name: str) -> bool:
    """Return True if the tz database has a zone of exactly this name."""
    return _spelling().get(name.lower()) == name


def parse_zone(text: str) -> str:
    """Return the zone for a name or abbreviation in any case; empty if it is unknown or ambiguous."""
    typed = text.strip().lower().replace(" ", "_")
    if typed in ABBREVIATIONS or typed in AMBIGUOUS:
        return ABBREVIATIONS.get(typed, "")
    name = _spelling().get(typed, "")
    return "" if name.startswith(("Etc/", "posix", "right")) and name != "Etc/UTC" else name


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone with this name; UTC if this server does not know it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


@cache
def zone_choices() -> list:
    """Return the time zones to choose from, by region; aliases such as US/Eastern are accepted but not listed."""
    names = sorted(name for name in available_timezones() if name.partition("/")[0] in REGIONS)
    groups = groupby(names, key=lambda name: name.partition("/")[0])
    cities = [(REGIONS[region], [(name, _city(name)) for name in members]) for region, members in groups]
    return [*cities, (_("Elsewhere"), [("UTC", "UTC")])]


def _city(name: str) -> str:
    return name.partition("/")[2].replace("_", " ").replace("/", ", ")
