"""Tests when reminders are sent: two windows, working days, one email a day, four a week about a pair."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from reminders import windows
from reminders.intents import Intent
from reminders.models import TopicChoice
from reminders.windows import EmailHistory, is_quiet, next_weekly_email, next_window, predict_emails, select

Mode = TopicChoice.Mode
# Zones that change their clocks at odd hours, by odd amounts, at midnight, or never.
ZONES = [
    "Europe/London", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham",
    "Africa/Casablanca", "Africa/Cairo", "Asia/Beirut", "America/Havana", "America/Santiago", "Asia/Gaza",
    "Antarctica/Troll", "America/Sao_Paulo", "Asia/Tehran", "Pacific/Apia", "Asia/Kathmandu",
]  # fmt: skip
FROM, UNTIL = datetime(2026, 11, 22, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC)
moments = st.datetimes(datetime(2026, 11, 22), datetime(2027, 12, 31), timezones=st.just(UTC))


@pytest.fixture
def ada():
    return User(zone="Europe/London")


def at(text: str) -> datetime:
    """Return a moment in Ada's time zone: "Fri 08:30" in the week of November 30, 2026."""
    day, clock = text.split()
    on = date(2026, 11, 30) + timedelta(days=["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "next"].index(day))
    return datetime.combine(on, time.fromisoformat(clock), ZoneInfo("Europe/London"))


def due(kind: str = "commitment_due", when: datetime | None = None, pair: int | None = 1, expires=None, n: int = 1):
    when = when or at("Mon 08:30")
    return Intent(kind, 1, f"commitment:{n}", "x", when, expires or when + timedelta(days=5), pair, row=None)


@pytest.mark.parametrize(
    ("moment", "window"),
    [
        ("Mon 07:00", "Mon 08:30"),
        ("Mon 08:30", "Mon 08:30"),
        ("Mon 08:31", "Mon 16:00"),
        ("Mon 16:01", "Tue 08:30"),
        ("Fri 17:00", "next 08:30"),
        ("Sat 10:00", "next 08:30"),
    ],
)
def test_the_next_window_is_found(ada, moment, window):
    assert next_window(ada, at(moment)) == at(window)


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [("Mon 07:59", True), ("Mon 08:00", False), ("Mon 18:59", False), ("Mon 19:00", True), ("Sun 12:00", True)],
)
def test_nights_and_weekends_are_quiet(ada, moment, quiet):
    assert is_quiet(ada, at(moment)) == quiet


def test_a_day_off_is_quiet(ada):
    ada.days_off = [["2026-12-01", "2026-12-02"]]
    assert is_quiet(ada, at("Tue 10:00"))
    assert next_window(ada, at("Mon 17:00")) == at("Thu 08:30")


@pytest.mark.parametrize("zone", ZONES)
def test_windows_are_once_a_day_all_year(zone):
    """Over thirteen months, each window is at 08:30 or 16:00 local time, without duplicates or gaps."""
    person = User(zone=zone, workdays=[1, 2, 3, 4, 5, 6, 7])
    seen, moment = [], FROM
    while (window := next_window(person, moment)) < UNTIL:
        seen.append(person.local(window))
        moment = window + timedelta(minutes=1)
    mornings = [here.date() for here in seen if here.time() == windows.MORNING]
    assert {here.time() for here in seen} == {windows.MORNING, windows.AFTERNOON}
    assert mornings == [mornings[0] + timedelta(days=n) for n in range(len(mornings))]
    assert len(mornings) in (403, 404, 405)


@given(moment=moments, zone=st.sampled_from(ZONES), workdays=st.sets(st.integers(1, 7)))
def test_the_next_window_is_never_quiet_and_never_in_the_past(moment, zone, workdays):
    person = User(zone=zone, workdays=sorted(workdays))
    window = next_window(person, moment)
    assert window >= moment
    assert not is_quiet(person, window)
    assert next_weekly_email(person, moment) > moment


def test_a_window_sends_one_email_and_a_day_has_no_second(ada):
    history, first = EmailHistory(), [due(n=1), due(n=2, pair=2)]
    assert select(ada, first, at("Mon 08:30"), history).send == first
    history.add(at("Mon 08:30"), first)
    later = select(ada, [due(n=3)], at("Mon 16:00"), history)
    assert not later.send
    assert [until for _it, until in later.hold] == [at("Tue 08:30")]


def test_the_first_email_of_a_day_includes_later_reminders(ada):
    brief = due("session_brief", when=at("Mon 16:00"), expires=at("Tue 08:00"))
    tomorrow = due("session_brief", when=at("Tue 16:00"), n=2)
    feedback = due("did_you_meet", when=at("Mon 16:00"), n=3)
    assert select(ada, [due(), brief, tomorrow, feedback], at("Mon 08:30"), EmailHistory()).send == [due(), brief]
    assert not select(ada, [brief], at("Mon 08:30"), EmailHistory()).send, "by itself it waits for its own window"
    late = select(ada, [brief], at("Mon 16:00"), EmailHistory(emails=[(at("Mon 08:30"), frozenset({1}))]))
    assert not late.send, "never a second email, even if it is pointless tomorrow"


@pytest.mark.parametrize("moment", ["Mon 08:29", "Mon 09:00", "Mon 13:02", "Mon 16:30"])
def test_nothing_is_sent_outside_the_windows(ada, moment):
    result = select(ada, [due(when=at("Mon 00:00"))], at(moment), EmailHistory())
    assert not result.send
    assert [until for _it, until in result.hold] == [next_window(ada, at(moment))]


def test_at_most_four_emails_a_week_are_about_one_pair(ada):
    history = EmailHistory(emails=[(at(f"{day} 08:30"), frozenset({1})) for day in ("Mon", "Tue", "Wed", "Thu")])
    result = select(ada, [due(n=1), due(n=2, pair=2)], at("Fri 08:30"), history)
    assert [it.pair_id for it in result.send] == [2]
    assert [it.pair_id for it, _until in result.hold] == [1]


def test_reminders_in_quiet_hours_are_sent_in_the_next_window(ada):
    result = select(ada, [due()], at("Fri 19:30"), EmailHistory())
    assert result.hold == [(due(), at("next 08:30"))]


def test_weekly_emails_are_sent_on_the_first_working_day(ada):
    history = EmailHistory(modes={"commitments": Mode.WEEKLY})
    assert select(ada, [due()], at("Wed 08:30"), history).hold == [(due(), at("next 08:30"))]
    assert select(ada, [due()], at("Mon 08:30"), history).send == [due()]
    ada.days_off = [["2026-11-30", "2026-11-30"]]
    assert select(ada, [due()], at("Tue 08:30"), history).send == [due()]


def test_kinds_set_to_inbox_only_are_not_emailed(ada):
    assert select(ada, [due()], at("Mon 08:30"), EmailHistory(modes={"commitments": Mode.INBOX})).inbox_only == [due()]
    soon = due("session_soon", when=at("Mon 02:00"))
    assert select(ada, [soon], at("Mon 03:00"), EmailHistory()).inbox_only == [soon]


def test_an_ignored_kind_becomes_weekly(ada):
    history = EmailHistory(ignored_kinds=frozenset({"commitment_due"}))
    assert select(ada, [due()], at("Wed 08:30"), history).hold
    other = due("commitment_last")
    assert select(ada, [other], at("Wed 08:30"), history).send == [other]


@given(days=st.lists(st.tuples(st.integers(0, 13), st.integers(0, 23), st.integers(1, 3)), max_size=25))
def test_daily_and_weekly_limits_hold_over_two_weeks(days):
    """Upcoming emails respect the limits, and the sender uses the same rules."""
    person, start = User(zone="Europe/London"), at("Mon 00:00")
    intents = [
        due(when=start + timedelta(days=d, hours=h), pair=pair, expires=start + timedelta(days=40), n=n)
        for n, (d, h, pair) in enumerate(days)
    ]
    mails = predict_emails(person, intents, start, start + timedelta(days=14), EmailHistory())
    on = [person.local(when).date() for when, _going in mails]
    assert len(on) == len(set(on))
    assert not any(is_quiet(person, when) for when, _going in mails)
    for when, _going in mails:
        week = [going for other, going in mails if when - timedelta(days=7) < other <= when]
        for pair in (1, 2, 3):
            assert sum(any(it.pair_id == pair for it in going) for going in week) <= 4
    keys = [it.key for _when, going in mails for it in going]
    assert len(keys) == len(set(keys))
