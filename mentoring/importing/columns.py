"""Recognize columns and read their cells, in several languages and the many ways people write them."""

import re
from collections.abc import Callable, Sequence
from datetime import time
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _

from core.addresses import normalize_address
from core.folding import folded
from core.time_zones import parse_zone
from mentoring.models import Enrollment, Style

FIELDS = {
    "email": _("Email"),
    "name": _("Name"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "role": _("Role"),
    "team": _("Team"),
    "wants": _("Would like to learn"),
    "offers": _("Can help with"),
    "topics": _("Mentors can help with this, mentees want to learn it"),
    "interests": _("Interests"),
    "capacity": _("Mentees at most"),
    "timezone": _("Time zone"),
    "hours": _("Working hours"),
    "style": _("Style"),
    "languages": _("Languages"),
    "grade": _("Grade"),
    "manager": _("Manager’s email or name"),
    "submitted": _("Submitted at"),
}
AMBIGUOUS = "ask"  # a column that may mean different things for mentors and mentees: the admin has to choose
MAX_ITEMS, LONGEST_ITEM = 20, 80  # kept of a list
LISTS = ("wants", "offers", "topics", "interests", "languages")
EXPORTED = [name for name in FIELDS if name not in ("first_name", "last_name", "topics", "submitted")]

# Words of headings, without accents and case; a heading means the first field of which it contains a word. Words in
# capitals match a whole heading only, since they mean something else inside a longer one.
OTHERS = (  # headings with the address or name of somebody or something else
    "emergency contact|assistant|hr partner|hrbp|hr contact|referred by|referral|approver|sponsor|recruiter|company|"
    "organization|organisation|school|university|course|program name|file name|user name|username|team name|buddy|"
    "partner s|mentor s|mentee s|mailing|notfallkontakt|firma"
)
MANAGERS = (
    "manager|advisors?|supervisor|reports to|line lead|boss|vorgesetzter?|vorgesetzten|fuhrungskraft|jefe|jefa|"
    "supervisora?|responsable|superieure?"
)
HEADINGS = {
    "submitted": "timestamp|submitted|submission (?:date|time)|completion time|end date|recorded date|zeitstempel|"
    "marca temporal|horodateur",
    "email": "e ?mails?|mail|correo|courriel|adresse electronique",
    "first_name": "first names?|given names?|forenames?|vornamen?|prenom|nombre de pila",
    "last_name": "last name|surname|family name|nachname|familienname|apellidos?|nom de famille",
    "role": "ROLE|ROLLE|ROL|FONCTION|program role|role in the program|i would like to be|participant type|"
    "participate as|take part as|join as|(?:mentors?|mentorin|mentora|mentoring) .*(?:mentees?|menti|aprendiz)|"
    "(?:mentees?|menti) .*mentors?|als was|como que|role in (?:this|the) program|ROLE .*",
    "capacity": "capacity|how many mentees|mentees at most|(?:max|maximum|number of|no of) .*mentees|kapazitat|platze|"
    "plazas|wie viele mentees|cuantos",
    "wants": "wants?|like to learn|want to learn|hope to learn|would like to (?:develop|improve|work on|get better)|"
    "to develop|to improve|development (?:areas?|goals?)|learning goals?|goals?|aims?|need help with|mochten? .*lernen|"
    "lernziele|ziele|quiere aprender|aprender|objetivos|objectifs|apprendre",
    "offers": "offers?|help (?:others|with|people|a mentee)|can help|can teach|could teach|can share|can offer|"
    "strengths?|expertise|kann .*weitergeben|weitergeben|starken|ofrece|ensenar|puede ayudar|aider",
    "team": "team|business area|department|abteilung|equipo|equipe|business unit|unit|division|bereich|departamento",
    "ask": "skills?|topics?|competenc(?:y|ies)|areas|subjects?|themen|kompetenzen|fahigkeiten|temas|habilidades",
    "interests": "interests?|interessen|intereses|hobb(?:y|ies)",
    "timezone": "time ?zone|zeitzone|zona horaria|fuseau horaire|where are you based|location|standort|city|office",
    "hours": "HOURS|working hours|arbeitszeit(?:en)?|horario|office hours",
    "style": "STYLE|STIL|ESTILO|feedback style|how do you like to be spoken to",
    "grade": "grade|job level|career level|grado|entgeltgruppe",
    "languages": "languages?|sprachen?|idiomas?|langues?",
    "name": "NAME|FULL ?NAME|NOMBRE|NOM|PARTICIPANT|(?:THE |YOUR |MY |EMPLOYEE |PARTICIPANT |PREFERRED |DISPLAY |"
    "LEGAL |COMPLETE |FULL |PERSON |STAFF )+NAME|NOMBRE COMPLETO|NOMBRE Y APELLIDOS|NOM COMPLET|NOM ET PRENOM|"
    "VOR UND NACHNAME|NAME OF (?:THE )?(?:PARTICIPANT|EMPLOYEE)|WHAT IS YOUR (?:FULL )?NAME",
}


def heading_patterns() -> dict[str, re.Pattern]:
    """Return one pattern per field; words in capitals match a whole heading only."""
    found = {}
    for name, words in HEADINGS.items():
        parts = re.split(r"\|(?![^(]*\))", words)
        whole = "|".join(part.casefold() for part in parts if part.isupper() or re.search(r"[A-Z]{3}", part))
        inside = "|".join(part for part in parts if not re.search(r"[A-Z]{3}", part))
        either = [rf"^(?:{whole})$"] if whole else []
        either += [rf"\b(?:{inside})\b"] if inside else []
        found[name] = re.compile("|".join(either))
    return found


PATTERNS = heading_patterns()
OTHER_PEOPLE, MANAGER = re.compile(rf"\b(?:{OTHERS})\b"), re.compile(rf"\b(?:{MANAGERS})\b")

ROLES = {
    Enrollment.Role.MENTOR: r"mentor(?:s|in|innen|a|es|as|ing others)?",
    Enrollment.Role.MENTEE: r"mentees?|mentis?|aprendi(?:z|ces)|mentorees?|mentore",
}
BOTH = r"both|beides?|ambos|les deux|either|mentors? mentees?"
NOT_A_ROLE = r"\b(?:not|no|neither|none|admin\w*|never|nicht|kein\w*)\b"
WANTS_A_MENTOR = (
    r"\b(?:want|need|looking for|look for|find|have|get|like|seek|seeking|request|suche|brauche|busco|cherche)"
    r" (?:to (?:have|find|get) )?(?:an?|my|eine?n?|una?) mentor(?:in|a)?\b|\b(?:be|being|get|getting) mentored\b"
)
WANTS_A_MENTEE = WANTS_A_MENTOR.partition("|\\b(?:be|")[0].replace("mentor(?:in|a)?", "mentee")
YES = ("x", "yes", "y", "true", "1", "checked", "selected", "ja", "si", "oui", "✓", "✔", "☑", "☒", "✗")
NO = ("no", "n", "false", "0", "unchecked", "not selected", "nein", "non", "-", "–", "☐")
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
    "zero": 0,
    "four": 4,
    "five": 5,
    "six": 6,
    "vier": 4,
    "funf": 5,
    "cuatro": 4,
    "cinco": 5,
    "quatre": 4,
    "cinq": 5,
}
NEGATIONS = r"\b(?:none|no|not|nobody|zero|keine?n?|ninguno|nada|aucune?)\b"
NO_MENTEES = (
    r"(?:no|none|zero|nobody|keine?n?|ninguno|nada|aucune?|not)"
    r"(?: (?:mentees?|one|now|yet|available|at the moment|right now|this (?:year|time|round|cycle)|at present))*[.!]?"
)
ZONES = {  # places that have another name in the zone database
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


KNOWN_ZONES = available_timezones()  # read once, since it scans the whole zone database


def heading_words(heading: str) -> str:
    """Return the heading as plain words: "full_name" and "FullName" become "full name"."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", heading)
    return " ".join(re.findall(r"[^\W_]+", folded(apart)))


def field_of(heading: str) -> str:
    """Return the field for a heading, AMBIGUOUS if it could be two, or an empty string if it is unknown.

    Each part of a heading in two languages ("E-Mail / Correo") is tried. The address or name of somebody else does
    not count.
    """
    question, option = option_of(heading)
    tried = [question, heading] if option else [heading, *re.split(r"\s*[/|\n(]\s*", heading)]
    return next((found for part in tried if (found := _field_of_words(heading_words(part)))), "")


def _field_of_words(words: str) -> str:
    if not words:
        return ""
    if MANAGER.search(words) and not re.search(r"\b(?:mentor|learn|people|with)", words):
        return "manager"
    for name, pattern in PATTERNS.items():
        if name in ("email", "name", "first_name", "last_name") and OTHER_PEOPLE.search(words):
            continue
        if name == "role" and re.search(r"\bjob|how many|experience\b", words):
            continue
        if pattern.search(words):
            return name
    return ""


def option_of(heading: str) -> tuple[str, str]:
    """Split a heading of a checkbox matrix, "Which skills? [Budgets]", into its question and its option."""
    found = re.fullmatch(r"(.+?)\s*\[([^\[\]]+)\]", heading.strip(), re.DOTALL)
    found = found or re.fullmatch(r"(.+?[:?])\s*[-–:]?\s*([^:?(\s][^:?]*)", heading.strip(), re.DOTALL)
    return (found[1], found[2].strip()) if found else (heading, "")


def guess(headings: list[str], rows: Sequence[Sequence[str]] = ()) -> dict[str, list[int]]:
    """Return the columns of each field, judged by their headings; if these are unclear, by their cells."""
    found: dict[str, list[int]] = {}
    for at, heading in enumerate(headings):
        if name := field_of(heading):
            found.setdefault(name, []).append(at)
    columns = {at: [row[at] for row in rows[:200] if at < len(row) and row[at]] for at in range(len(headings))}

    def share(at: int, reads: Callable[[str], object]) -> float:
        cells = columns.get(at, [])
        return sum(bool(reads(cell)) for cell in cells) / len(cells) if cells else 0

    taken = {at for places in found.values() for at in places}
    for name, reads in (("email", is_address), ("role", roles)):
        places = found.get(name, [])
        if not any(share(at, reads) > 0.5 for at in places):
            others = [at for at in columns if at not in taken and not OTHER_PEOPLE.search(heading_words(headings[at]))]
            places = [at for at in others if share(at, reads) > 0.5][:1] or places
        found[name] = places
    for name, places in found.items():
        options = [at for at in places if option_of(headings[at])[1]]
        if name not in (*LISTS, AMBIGUOUS) and not (name == "role" and options):
            found[name] = [max(places, key=lambda at: share(at, READERS.get(name, bool)))] if places else []
    if "name" in found and {"first_name", "last_name"} <= found.keys():
        del found["name"]
    return {name: places for name, places in found.items() if places}


def is_address(text: str) -> bool:
    return bool(re.fullmatch(r"\S+@\S+\.\S+", normalize_address(text)))


def checked_option(heading: str, text: str) -> str:
    """Return the value of a checkbox matrix cell: the option in its heading, nothing, or the text of the cell."""
    answer = folded(text)
    if answer in YES:
        return option_of(heading)[1] or heading.strip()
    return "" if answer in NO else text


def roles(text: str) -> list[str] | None:
    """Return the roles named in a cell; None if it names something else, [] if it is empty.

    An import never creates admins.
    """
    answer = " ".join(re.findall(r"[^\W_]+", folded(text)))
    if not answer:
        return []
    if re.search(NOT_A_ROLE, answer):
        return None
    answer = re.sub(WANTS_A_MENTOR, "mentee", re.sub(WANTS_A_MENTEE, "mentor", answer))
    found = [role for role, words in ROLES.items() if re.search(rf"\b(?:{words})\b", answer)]
    return found or (list(ROLES) if re.search(rf"\b(?:{BOTH})\b", answer) else None)


def split_list(text: str) -> list[str]:
    """Return the items of a list separated by semicolons, line breaks or else commas, each once."""
    parts = re.split(r"[;\n|]", text) if re.search(r"[;\n|]", text) else text.split(",")
    return list({folded(part): " ".join(part.split()) for part in parts if part.strip()}.values())


def capacity(text: str) -> int | None:
    """Return the maximum number of mentees: 2 for "1-2" and "one or two", 0 for "not now", None if unclear."""
    words = folded(text)
    if re.search(NEGATIONS, words) and not re.search(r"\d", words):
        return 0 if re.fullmatch(NO_MENTEES, words) else None
    if re.search(r"\d[.,][1-9]|-\s*\d+\s*$|\d{3}", words) and not re.search(r"\d\s*-\s*\d", words):
        return None
    found = [
        int(word) if word.isdecimal() else NUMBERS.get(word)
        for word in re.findall(r"\d+|[^\W\d_]+", words.replace(".0", ""))
    ]
    numbers = [number for number in found if number is not None]
    return max(numbers) if numbers else None


def grade(text: str) -> int | None:
    """Return the number in a grade such as "7", "L5" or "Grade 12"; None without a number from 1 to 99."""
    found = re.search(r"(?<!\d)0*([1-9]\d?)(?!\d)", folded(text))
    return int(found[1]) if found else None


def zone(text: str) -> str:
    """Return the zone by name, abbreviation or city; an empty string if the cell names none, or several."""
    words = folded(re.sub(r"\(.*?\)", "", text))
    return parse_zone(text) or parse_zone(words) or ZONES.get(words) or CITIES.get(words.split(",")[0].strip(), "")


CITIES = {
    folded(name.rpartition("/")[2].replace("_", " ")): name
    for name in sorted(KNOWN_ZONES, reverse=True)
    if name.split("/")[0] in ("Africa", "America", "Asia", "Australia", "Europe", "Pacific", "Atlantic")
}


def hours(text: str) -> tuple[time, time] | None:
    """Return the start and end of the working day in local time, or None if the cell is not a valid range."""
    found = re.fullmatch(
        r"(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?\s*(?:-|–|to|bis|a)\s*(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?",
        folded(text),
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
    words = folded(text)
    return next((value for value, known in STYLES.items() if words in known), "")


READERS = {
    "email": is_address,
    "role": roles,
    "timezone": zone,
    "hours": hours,
    "style": style,
    "capacity": lambda text: capacity(text) is not None,
}
