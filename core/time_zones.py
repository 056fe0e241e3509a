"""Time zones: the zone behind a stored name, and the zone that somebody means by what they typed."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

# An abbreviation names an offset, but people mean the place where they live, whose clocks may change. The zones that
# the database itself calls EST, MST and HST never change theirs.
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
# Of these we ask: GMT is London in winter or Accra all year, CST is Chicago or Shanghai, and so on.
AMBIGUOUS = {"gmt", "cst", "ast", "gst", "sst", "west", "cat", "art", "wst"}


@cache
def _spelling() -> dict[str, str]:
    """Each name of the zone database by its lower-case form."""
    return {name.lower(): name for name in sorted(available_timezones())}


def zone_meant(text: str) -> str:
    """The zone that a name or abbreviation means, in any case; empty if it means none, or more than one."""
    said = text.strip().lower().replace(" ", "_")
    if said in ABBREVIATIONS or said in AMBIGUOUS:
        return ABBREVIATIONS.get(said, "")
    name = _spelling().get(said, "")
    return "" if name.startswith(("Etc/", "posix", "right")) and name != "Etc/UTC" else name


def zone_of(name: str) -> ZoneInfo:
    """The zone of a stored name; UTC where this server does not know it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
