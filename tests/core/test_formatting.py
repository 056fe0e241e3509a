"""How dates and times are written for people."""

from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format

from accounts.models import User
from core import formatting
from reminders.emails import localized_for


@pytest.mark.parametrize(("clock", "at"), [("12", "10:00 AM"), ("24", "10:00")])
def test_dates_and_times_follow_us_style_and_the_readers_clock(clock, at):
    thursday, now = datetime(2026, 12, 17, 10, tzinfo=UTC), datetime(2026, 12, 16, 10, tzinfo=UTC)
    with time_machine.travel(now, tick=False), localized_for(User(zone="UTC", clock=clock)):
        assert formatting.when(thursday) == f"tomorrow, {at}"
        assert formatting.full_time(thursday) == f"Thu, Dec 17, 2026, {at}"
    with time_machine.travel("2026-12-01 10:00Z", tick=False), localized_for(User(zone="UTC", clock=clock)):
        assert formatting.when(thursday) == f"Thu, Dec 17, {at}"


@pytest.mark.parametrize(
    ("clock", "minutes", "text"),
    [
        ("12", 60, "9:30–10:30 AM"),
        ("12", 180, "9:30 AM–12:30 PM"),
        ("24", 60, "09:30–10:30"),
        ("24", 180, "09:30–12:30"),
    ],
)
def test_a_range_of_times_names_am_or_pm_once_if_it_can(clock, minutes, text):
    start = datetime(2026, 12, 17, 9, 30, tzinfo=UTC)
    end = start + timedelta(minutes=minutes)
    with localized_for(User(zone="UTC", clock=clock)), time_machine.travel(start, tick=False):
        assert formatting.clock_range(start, end) == text
        assert formatting.when_range(start, end) == f"today, {text}"


def test_a_range_in_another_time_zone_names_a_different_weekday():
    start = datetime(2026, 12, 17, 16, 30, tzinfo=UTC)
    end = start + timedelta(hours=1)
    with localized_for(User(zone="UTC", clock="12")):
        assert formatting.clock_range_in_zone(start, end, ZoneInfo("Asia/Tokyo")) == "Fri 1:30–2:30 AM"
        assert formatting.clock_range_in_zone(start, end, ZoneInfo("Etc/UTC")) == ""


def test_a_range_past_midnight_names_both_halves_of_the_day():
    start = datetime(2026, 12, 17, 23, 30, tzinfo=UTC)
    with localized_for(User(zone="UTC", clock="12")):
        assert formatting.clock_range(start, start + timedelta(hours=1)) == "11:30 PM–12:30 AM"


def test_people_read_a_twelve_hour_clock_unless_they_choose_another():
    assert User().clock == User.Clock.H12


@pytest.mark.parametrize(
    ("language", "on", "year", "short", "long"),
    [
        ("en", "Thu, Dec 17", "Thu, Dec 17, 2026", "Dec 17", "December 17, 2026"),
        ("de", "Do, 17. Dez.", "Do, 17. Dez. 2026", "17. Dez.", "17. Dezember 2026"),
        ("es", "jue, 17 dic", "jue, 17 dic 2026", "17 dic", "17 de diciembre de 2026"),
    ],
)
def test_dates_are_written_as_is_usual_in_each_language(language, on, year, short, long):
    day = date(2026, 12, 17)
    with time_machine.travel("2026-12-01 10:00Z", tick=False), localized_for(User(zone="UTC", language=language)):
        assert (formatting.day(day), formatting.full_date(day)) == (on, year)
        assert (date_format(day, "SHORT_DAY_FORMAT"), date_format(day)) == (short, long)


@pytest.mark.parametrize(("language", "at"), [("en", "4:05 PM"), ("de", "16:05"), ("es", "16:05")])
def test_a_visitor_reads_the_clock_that_is_usual_in_their_language(language, at):
    with translation.override(language):
        assert formatting.time_of_day(time(16, 5)) == at


def test_every_language_has_a_format_of_each_name():
    names = {
        language: vars(import_module(f"core.formats.{language}.formats")) for language, _name in settings.LANGUAGES
    }
    names = {language: {name for name in found if name.isupper()} for language, found in names.items()}
    assert names["de"] == names["es"] == names["en"]


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [(2.5, 2, "2,5"), (2.0, 2, "2"), (100, 0, "100"), (0.1 + 0.2, 2, "0,3"), (1.25, 1, "1,2")],
)
def test_numbers_are_written_as_is_usual_in_the_language(value, places, text):
    with translation.override("de"):
        assert formatting.number(value, places) == text
    with translation.override("en"):
        assert formatting.number(value, places) == text.replace(",", ".")


def test_a_period_names_only_the_years_that_are_not_clear(time_machine):
    time_machine.move_to("2026-12-01 10:00Z")
    this, later = date(2026, 8, 22), date(2027, 2, 27)
    assert formatting.period(this, date(2026, 12, 4)) == "Aug 22 – Dec 4"
    assert formatting.period(this, later) == "Aug 22 – Feb 27, 2027"
    assert formatting.period(date(2025, 8, 22), this) == "Aug 22, 2025 – Aug 22"
