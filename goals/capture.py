"""Parse one line into a commitment: "Send the draft to Lin by Thursday" names the task, the date and often the owner.

What the line leaves open has defaults (docs/rules.md, commitments).
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.dates import MONTHS, MONTHS_AP, WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _

LONG_PAST = timedelta(days=60)  # "by 3 Jan" on 20 Nov is the coming January; "by 17 Nov" is a slip and not next year
ENGLISH_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
ENGLISH_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
NUMBERS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4}
MANY = 5  # from the fifth commitment on, the page asks whether these are too many


@dataclass(frozen=True)
class Captured:
    """A parsed line. `owner` and `due_on` are None if the line names none."""

    text: str
    owner: object | None = None
    due_on: date | None = None


def parse_line(line: str, today: date, me=None, people: tuple = ()) -> Captured:
    """Return the task, owner and due date of a line written on `today` by `me`, one of `people`."""
    text, owner = _owner(" ".join(line.split()), me, people)
    text, due_on = _due(text, today)
    return Captured(_sentence(text), owner, due_on)


def _owner(text: str, me, people: tuple):
    """Return the task and its owner: "Sam: …", "Sam will …", "I will …" and "I'll …" name one."""
    named = re.match(r"(?:I will|I'll|I’ll)\s+(?=\S)", text, re.IGNORECASE)
    if named and me:
        return text[named.end() :], me
    for person in people:
        named = re.match(rf"{re.escape(person.first_name)}(?::| will\b| to\b)\s*(?=\S)", text, re.IGNORECASE)
        if named:
            return text[named.end() :], person
    return text, None


def _due(text: str, today: date):
    """Return the line, without the date if it ends with one, and the date it names, if that is today or later.

    "Ask May 3 questions" names none: within a line a date follows "by", "until" or the like.
    """
    for pattern, meaning in _patterns():
        for found in re.finditer(pattern, text, re.IGNORECASE):
            is_last = found.end() == len(text)
            if not (is_last or found.groupdict().get("lead") or (meaning is _today_or_tomorrow and found.start() == 0)):
                continue
            due_on = meaning(found, today)
            if due_on is None or due_on < today:
                continue
            if is_last and found.start() > 0:
                text = text[: found.start()].rstrip(" ,;–—-")
            return text, due_on
    return text, None


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _patterns():
    """Ways to name a date, the exact ones first; the lead-in ("by", "until") belongs to the date."""
    # Translators: the words that lead to a date; a language can have several, separated by "|".
    by = "|".join(re.escape(words) for words in _("by").split("|"))
    # Translators: the word between a day and its month, and between a month and its year: "17 de mayo de 2027".
    between = _("of")
    of = rf"(?:(?:of|{re.escape(between)})\s+)?"
    lead = rf"(?:\b(?P<lead>by|until|till|before|on|due|{by})\s+)?(?:the\s+)?"
    must_lead = rf"\b(?P<lead>by|until|till|before|on|next|this|{by})\s+(?:next\s+|this\s+)?"
    end = r"(?=[.!]?$|[\s,;.])[.!]?"
    months = "|".join(sorted(_months(), key=len, reverse=True))
    days = "|".join(sorted(_weekdays(), key=len, reverse=True))
    whole_days = "|".join(name for name in _weekdays() if len(name) > 5)  # "where we sat" names no day
    year = rf"(?:,?\s+{of}(?P<year>20\d\d))?"
    return (
        (rf"{lead}\b(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d){end}", _iso),
        (
            rf"{lead}\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+{of}(?P<name>{months})\b\.?{year}{end}",
            _named_month,
        ),
        (rf"{lead}\b(?P<name>{months})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?{year}{end}", _named_month),
        # "bis 17.12." and "bis 17.12.2026"; without a word before it, "1.2." is the number of a version
        (rf"\b(?P<lead>{by})\s+(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.(?P<year>20\d\d)?{end}", _numbered_month),
        (
            # In Spanish, "por la mañana" is in the morning and "mañana" is tomorrow.
            rf"{lead}\b(?<!\bla )(?P<word>today|tomorrow|{re.escape(_('today'))}|{re.escape(_('tomorrow'))}){end}",
            _today_or_tomorrow,
        ),
        (rf"\b(?P<lead>in)\s+(?P<n>\d{{1,2}}|{'|'.join(NUMBERS)})\s+(?P<unit>day|week)s?{end}", _in_a_while),
        (rf"{must_lead}(?P<weekday>{days})\b\.?{end}", _weekday),
        (rf"\b(?P<weekday>{whole_days})[.!]?$", _weekday),
    )


def _months() -> dict[str, int]:
    ours = {str(name).lower().rstrip("."): n for table in (MONTHS, MONTHS_AP) for n, name in table.items()}
    return ours | {name: n for n, name in enumerate(ENGLISH_MONTHS, 1)} | {"sept": 9}


def _weekdays() -> dict[str, int]:
    ours = {str(name).lower().rstrip("."): n for table in (WEEKDAYS, WEEKDAYS_ABBR) for n, name in table.items()}
    return ours | {name: n for n, name in enumerate(ENGLISH_DAYS)} | {"tues": 1, "thur": 3, "thurs": 3}


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _iso(found: re.Match, today: date) -> date | None:
    return _date(int(found["year"]), int(found["month"]), int(found["day"]))


def _named_month(found: re.Match, today: date) -> date | None:
    return _day_of_month(found, _months()[found["name"].lower()], today)


def _numbered_month(found: re.Match, today: date) -> date | None:
    return _day_of_month(found, int(found["month"]), today)


def _day_of_month(found: re.Match, month: int, today: date) -> date | None:
    day = int(found["day"])
    if found["year"]:
        return _date(int(found["year"]), month, day)
    this_year = _date(today.year, month, day)
    if this_year and this_year >= today - LONG_PAST:
        return this_year  # not taken where it has passed
    return _date(today.year + 1, month, day)


def _today_or_tomorrow(found: re.Match, today: date) -> date:
    return today + timedelta(days=found["word"].lower() in ("tomorrow", _("tomorrow")))


def _in_a_while(found: re.Match, today: date) -> date:
    n = found["n"].lower()
    return today + timedelta(days=(NUMBERS.get(n) or int(n)) * (7 if found["unit"].lower() == "week" else 1))


def _weekday(found: re.Match, today: date) -> date:
    """The next such day after today; "next Thursday" is the one in the coming week."""
    ahead = (_weekdays()[found["weekday"].lower()] - today.weekday() - 1) % 7 + 1
    if re.search(r"\bnext\s", found[0], re.IGNORECASE):
        to_next_monday = 7 - today.weekday()
        ahead += 7 if ahead < to_next_monday else 0
    return today + timedelta(days=ahead)
