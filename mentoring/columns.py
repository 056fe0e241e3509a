"""Which column is what, and what its cells say: in several languages, and as people really write them."""

import re
import unicodedata
from datetime import time
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _

from accounts.zones import zone_meant
from mentoring.models import Enrollment, Style

FIELDS = {
    "email": _("E-mail"),
    "name": _("Name"),
    "role": _("Role"),
    "team": _("Team"),
    "wants": _("Would like to learn"),
    "offers": _("Can help with"),
    "interests": _("Interests"),
    "capacity": _("Mentees at most"),
    "timezone": _("Time zone"),
    "hours": _("Working hours"),
    "style": _("Style"),
    "languages": _("Languages"),
    "manager": _("Manager’s e-mail"),
}
# Words of headings, without accents and case: a heading that is one of them, or else that holds one of them.
HEADINGS = {
    "email": ("email", "e-mail", "mail", "email address", "correo", "courriel", "adresse e-mail"),
    "name": ("name", "full name", "your full name", "nombre", "nom", "vor- und nachname", "participant"),
    "role": ("role", "rolle", "rol", "i would like to be", "mentor or mentee", "fonction"),
    "team": ("team", "abteilung", "department", "equipo", "equipe", "unit", "bereich"),
    "wants": ("wants", "mochte lernen", "like to learn", "goals", "aims", "quiere aprender", "lernziele"),
    "offers": ("offers", "kann weitergeben", "help others", "strengths", "skills", "starken", "ofrece"),
    "interests": ("interests", "interessen", "intereses", "hobbies"),
    "capacity": ("capacity", "platze", "how many mentees", "mentees at most", "kapazitat", "plazas"),
    "timezone": ("timezone", "time zone", "zeitzone", "where are you based", "zona horaria", "location", "standort"),
    "hours": ("hours", "working hours", "arbeitszeit", "horario"),
    "style": ("style", "stil", "feedback style", "estilo"),
    "languages": ("languages", "sprachen", "idiomas", "langues", "language"),
    "manager": ("manager", "vorgesetzte", "vorgesetzte(r)", "reports to", "jefe", "responsable", "supervisor"),
}
ROLES = {
    Enrollment.Role.MENTOR: ("mentor", "mentorin", "mentora", "mentoring others"),
    Enrollment.Role.MENTEE: ("mentee", "menti", "aprendiz", "mentoree", "mentore"),
}
BOTH = ("both", "beide", "beides", "ambos", "les deux", "mentor and mentee")
STYLES = {
    Style.DIRECT: ("direct", "direkt", "directo"),
    Style.GENTLE: ("gentle", "sanft", "behutsam", "amable"),
    Style.WRITING: ("in writing", "writing", "schriftlich", "por escrito"),
    Style.ALOUD: ("thinking aloud", "aloud", "laut denken", "en voz alta"),
}
NUMBERS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "eins": 1,
    "zwei": 2,
    "drei": 3,
    "uno": 1,
    "dos": 2,
    "tres": 3,
    "un": 1,
    "deux": 2,
    "trois": 3,
    "ein": 1,
    "a": 1,
}
ZONES = {  # places and countries that the zone database calls otherwise
    "nyc": "America/New_York",
    "san francisco": "America/Los_Angeles",
    "uk": "Europe/London",
    "bangalore": "Asia/Kolkata",
    "mumbai": "Asia/Kolkata",
    "delhi": "Asia/Kolkata",
    "munich": "Europe/Berlin",
    "hamburg": "Europe/Berlin",
    "barcelona": "Europe/Madrid",
}


KNOWN_ZONES = available_timezones()  # read once: it looks through the whole zone database


def plain(text: str) -> str:
    """Without accents, case and doubled blanks."""
    split = unicodedata.normalize("NFKD", text)
    return " ".join("".join(c for c in split if not unicodedata.combining(c)).casefold().split())


def field_of(heading: str) -> str:
    """Our field for a heading; empty for one that says nothing to us."""
    words = plain(heading).strip("?*: ")
    if not words:
        return ""
    exact = next((name for name, known in HEADINGS.items() if words in known), "")
    if exact:
        return exact
    return next((name for name, known in HEADINGS.items() if any(len(w) > 4 and w in words for w in known)), "")


def guess(headings: list[str]) -> dict[str, int]:
    """Field: column. The first column that fits has it; an exact heading before one that merely holds the word."""
    found: dict[str, int] = {}
    exact = {word: name for name, known in HEADINGS.items() for word in known}
    for number, heading in enumerate(headings):
        name = exact.get(plain(heading).strip("?*: "))
        if name:
            found.setdefault(name, number)
    for number, heading in enumerate(headings):
        name = field_of(heading)
        if name and number not in found.values():
            found.setdefault(name, number)
    return found


def roles(text: str) -> list[str] | None:
    """The roles a cell names; None if it names something else. Admins are made by hand, never by a file."""
    said = plain(text)
    if not said:
        return []
    if said in BOTH:
        return [Enrollment.Role.MENTOR, Enrollment.Role.MENTEE]
    parts = [part.strip() for part in re.split(r"[,;/&+]| and | und | y ", said) if part.strip()]
    found = [next((role for role, known in ROLES.items() if part in known), None) for part in parts]
    return None if None in found else list(dict.fromkeys(found))


def things(text: str) -> list[str]:
    """A list in a cell: divided by semicolons, lines, or else commas; each thing once."""
    parts = re.split(r"[;\n|]", text) if re.search(r"[;\n|]", text) else text.split(",")
    found = {plain(part): " ".join(part.split())[:80] for part in parts if part.strip()}
    return list(found.values())[:20]


def capacity(text: str) -> int | None:
    """Mentees at most, from 1 to 3; of "1-2" the larger. None if the cell says something else."""
    said = plain(text)
    if said in NUMBERS:
        return NUMBERS[said]
    found = re.fullmatch(r"(?:(\d+)\s*(?:-|–|to|bis|a)\s*)?(\d+)(?:\.0+)?(?: mentees?)?", said)
    number = int(found[2]) if found and len(found[2]) < 4 else 0
    return number if 1 <= number <= 3 else None


def zone(text: str) -> str:
    """A zone by its name, abbreviation or largest city; empty if the cell names none, or more than one."""
    said = plain(re.sub(r"\(.*?\)", "", text))
    return zone_meant(text) or zone_meant(said) or ZONES.get(said) or CITIES.get(said.split(",")[0].strip(), "")


CITIES = {
    plain(name.rpartition("/")[2].replace("_", " ")): name
    for name in sorted(KNOWN_ZONES, reverse=True)
    if name.split("/")[0] in ("Africa", "America", "Asia", "Australia", "Europe", "Pacific", "Atlantic")
}


def hours(text: str) -> tuple[time, time] | None:
    """From and until, on the clock of the person. None if the cell says something else, or ends before it begins."""
    found = re.fullmatch(
        r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?\s*(?:-|–|to|bis|a)\s*(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?", plain(text)
    )
    if not found:
        return None
    first, last = clock(*found.groups()[:3]), clock(*found.groups()[3:])
    if first and last and not found[3] and not found[6] and last <= first and last.hour < 12 and first.hour < 12:
        last = last.replace(hour=last.hour + 12)  # "9 to 5"
    return (first, last) if first and last and first < last else None


def clock(hour: str, minute: str | None, half: str | None) -> time | None:
    number = int(hour) % 12 + 12 * (half == "pm") if half else int(hour)
    return time(number, int(minute or 0)) if number < 24 and int(minute or 0) < 60 else None


def style(text: str) -> str:
    said = plain(text)
    return next((value for value, known in STYLES.items() if said in known), "")
