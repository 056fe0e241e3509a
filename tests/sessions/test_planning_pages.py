"""Tests the pages that plan, move, cancel and log sessions."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions.forms.planning import MoveForm
from sessions.models import Session
from sessions.time_slot import TimeSlot
from tests import make
from tests.browsing import fields_of

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)  # a Monday
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _on_a_monday():
    with time_machine.travel(NOW, tick=False):
        yield


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def plan(**other) -> dict:
    data = {"on": "2027-03-05", "at": "10:00", "zone": "Europe/London", "minutes": "60", "kind": "standard"}
    return data | {"place": "Room 4", "repeat": "", "until": ""} | other


def url(pair, verb: str = "new") -> str:
    return f"/pairs/{pair.pk}/sessions/{verb}/"


# --- Planning ---------------------------------------------------------------------------------------------


def test_a_session_is_planned_with_one_click(as_, pair, sam):
    answer = as_(sam).post(url(pair), plan(), follow=True)
    session = pair.sessions.get()
    assert answer.redirect_chain == [(f"/sessions/{session.pk}/prepare/", 302)]
    assert (session.place, session.created_by, session.blocks.count()) == ("Room 4", sam, 8)
    assert "Session scheduled" in answer.content.decode()


def test_a_series_repeats_until_its_last_day(as_, pair, sam):
    answer = as_(sam).post(url(pair), plan(repeat="2-weekly", until="2027-04-30"), follow=True)
    assert pair.sessions.count() == 5
    assert "5 sessions scheduled, the last one Fri, Apr 30" in answer.content.decode()


def test_the_page_proposes_a_date_in_both_time_zones(as_, pair, sam):
    page = as_(sam).get(url(pair)).content.decode()
    assert 'value="2027-03-08"' in page and 'value="2-weekly" selected' in page
    html = as_(sam).get(url(pair), plan(), headers=HTMX).content.decode()
    assert "For you Fri, Mar 5, 10:00–11:00 (Europe/London)" in html
    assert "For Ada 15:30–16:30 (Asia/Kolkata)" in html
    assert "<input" not in html and not Session.objects.exists()


def test_an_overlap_warns_and_can_be_confirmed(as_, pair, sam):
    make.session(make.pair(mentor=sam, mentee=make.user("Kofi Mensah")), at("2027-03-05 09:30"), minutes=120)
    client = as_(sam)
    answer = client.post(url(pair), plan(place="Room 9"))
    page = answer.content.decode()
    assert answer.status_code == 422 and not pair.sessions.exists()
    assert "Sam has another session at that time." in page and "Schedule anyway" in page
    assert 'value="Room 9"' in page
    assert 'name="sure" value="2027-03-05T10:00 Europe/London 60"' in page
    other_time = client.post(url(pair), plan(sure="2027-03-05T10:00 Europe/London 60", at="10:30"))
    assert other_time.status_code == 422, "another time needs its own confirmation"
    assert client.post(url(pair), plan(sure="2027-03-05T10:00 Europe/London 60")).status_code == 302
    assert pair.sessions.count() == 1


def test_a_nonexistent_hour_is_named_and_moved_forward(as_, pair, sam):
    data = plan(on="2027-03-28", at="01:30")
    page = as_(sam).post(url(pair), data).content.decode()
    assert "01:30 does not exist in Europe/London on Sun, Mar 28 because the clocks change. It will be 02:30." in page
    as_(sam).post(url(pair), data | {"sure": "2027-03-28T01:30 Europe/London 60"})
    assert pair.sessions.get().starts_at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "nonsense",
    [
        {"on": "2207-03-05"},
        {"on": "yesterday"},
        {"at": "25:00"},
        {"minutes": "5"},
        {"minutes": "500"},
        {"zone": "Mars/X"},
        {"kind": "party"},
        {"repeat": "weekly", "until": "2027-03-01"},
        {"repeat": "hourly"},
        {"place": "x" * 501},
    ],
)
def test_invalid_input_is_refused_and_kept(as_, pair, sam, nonsense):
    answer = as_(sam).post(url(pair), plan(**nonsense))
    assert answer.status_code == 422 and not Session.objects.exists()
    assert "error-summary" in answer.content.decode()
    assert "Room 4" in answer.content.decode() or "place" in nonsense


def test_a_double_click_plans_once(as_, pair, sam):
    token = "6a0e5f0c-27a9-4c1b-8a8d-0d3a8d1f5a10"
    first, second = (as_(sam).post(url(pair), plan(form_token=token)) for _press in range(2))
    assert first.url == second.url and pair.sessions.count() == 1


def test_ended_pairs_and_strangers_cannot_plan(as_, pair, sam):
    assert as_(make.user()).post(url(pair), plan()).status_code == 404
    pair.end()
    assert as_(sam).post(url(pair), plan()).status_code == 404
    assert not Session.objects.exists()


# --- The list ---------------------------------------------------------------------------------------------


def test_the_list_shows_all_pairs_by_month_in_both_time_zones(as_, pair, sam):
    kofi = make.pair(mentor=make.user("Kofi Mensah"), mentee=sam)
    make.session(pair, at("2027-03-05 10:00"))
    make.session(kofi, at("2027-04-05 10:00"))
    make.session(pair, at("2027-02-05 10:00"), closed_at=NOW, held_at=NOW)
    make.session(pair, at("2027-02-12 10:00"), canceled_at=NOW, reason="Ill")
    make.session(pair, at("2027-02-19 10:00"))
    page = as_(sam).get("/sessions/").content.decode()
    for words in (
        "March 2027",
        "April 2027",
        "15:30–16:30 for Ada",
        "Kofi",
        "your mentor",
        "your mentee",
        "held",
        "“Ill”",
    ):
        assert words in page
    assert "did you meet?" in page


def test_the_list_has_one_schedule_button_and_the_rhythm_of_each_pair(as_, pair, sam):
    make.session(pair, at("2027-03-05 10:00"))
    page = as_(sam).get("/sessions/").content.decode()
    assert page.count("btn-primary") == 1 and f'href="{url(pair)}"' in page
    assert "1 session scheduled" in page and 'class="ticks"' in page
    kofi = make.pair(mentor=make.user("Kofi Mensah"), mentee=sam)
    page = as_(sam).get("/sessions/").content.decode()
    assert page.count("btn-primary") == 1 and f'href="{url(kofi)}"' in page and f'href="{url(pair)}"' in page


def test_a_canceled_session_can_be_restored_from_the_list(as_, pair, sam):
    session = make.session(pair, at("2027-03-05 10:00"), canceled_at=NOW)
    page = as_(sam).get("/sessions/").content.decode()
    assert f'action="/sessions/{session.pk}/restore/"' in page
    as_(sam).post(f"/sessions/{session.pk}/restore/")
    session.refresh_from_db()
    assert session.is_live


def test_an_empty_list_explains_itself(as_):
    assert "once you are in a pair" in as_(make.user()).get("/sessions/").content.decode()


def test_a_longer_list_needs_no_more_queries(as_, pair, sam):
    client, costs = as_(sam), []
    for days in (range(1, 3), range(3, 13)):
        for n in days:
            make.session(pair, at(f"2027-03-{n + 5:02} 10:00"))
            make.session(pair, at(f"2027-02-{n:02} 10:00"))
        client.get("/sessions/")  # counts the inbox, once a minute
        with CaptureQueriesContext(connection) as queries:
            client.get("/sessions/")
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 16


# --- Moving, canceling, skipping --------------------------------------------------------------------------


def move(session, **other) -> dict:
    """Return the form data with the values from when the form was opened."""
    data = {"on": "2027-03-09", "at": "10:30", "zone": "Europe/London", "minutes": "60", "place": session.place}
    shown = {"on": f"{session.planned_for:%Y-%m-%d}", "at": f"{session.planned_for:%H:%M:%S}", "zone": session.zone}
    shown |= {"minutes": session.minutes, "place": session.place}
    return data | {f"initial-{name}": value for name, value in shown.items()} | {"reason": "A customer visit"} | other


def test_a_move_shows_the_new_time_and_keeps_the_reason(as_, pair, ada):
    session = make.session(pair, at("2027-03-05 10:00"))
    page = as_(ada).post(f"/sessions/{session.pk}/move/", move(session), follow=True).content.decode()
    session.refresh_from_db()
    assert session.starts_at == datetime(2027, 3, 9, 10, 30, tzinfo=UTC)
    assert session.moves.get().reason == "A customer visit"
    assert "The session is now Tue, Mar 9, 16:00." in page  # in Ada's time zone


def test_changing_only_the_place_is_not_a_move(as_, pair, ada):
    session = make.session(pair, at("2027-03-05 10:00"))
    as_(ada).post(
        f"/sessions/{session.pk}/move/", move(session, on="2027-03-05", at="10:00", place="https://meet.example.org/x")
    )
    session.refresh_from_db()
    assert session.place == "https://meet.example.org/x" and not session.moves.exists()


def test_simultaneous_moves_are_reported_and_can_be_confirmed(as_, pair, sam, ada):
    session = make.session(pair, at("2027-03-05 10:00"))
    stale = move(session)
    session.move(ada, TimeSlot(at("2027-03-08 10:00"), "Europe/London", 60), "Dentist")
    answer = as_(sam).post(f"/sessions/{session.pk}/move/", stale)
    page = answer.content.decode()
    assert answer.status_code == 409 and "Ada moved this session" in page and "“Dentist”" in page
    assert 'value="2027-03-09"' in page and 'value="A customer visit"' in page
    session.refresh_from_db()
    assert session.planned_for.day == 8
    again = as_(sam).post(f"/sessions/{session.pk}/move/", fields_of(page))
    assert again.status_code == 302, "sending it again confirms it"
    session.refresh_from_db()
    assert session.planned_for.day == 9


def test_a_stale_form_keeps_the_other_persons_changes(as_, pair, sam, ada):
    session = make.session(pair, at("2027-03-05 10:00"), place="Room 1")
    opened = as_(sam).get(f"/sessions/{session.pk}/move/").content.decode()
    as_(ada).post(f"/sessions/{session.pk}/move/", move(session, on="2027-03-05", at="10:00", place="Room 2"))
    assert as_(sam).post(f"/sessions/{session.pk}/move/", fields_of(opened) | {"at": "09:30"}).status_code == 302
    session.refresh_from_db()
    assert (session.planned_for, session.place) == (at("2027-03-05 09:30"), "Room 2")
    clash = as_(ada).post(f"/sessions/{session.pk}/move/", fields_of(opened) | {"place": "Room 3"})
    page = clash.content.decode()
    assert clash.status_code == 409 and "Stored now: “Room 2”" in page and 'name="place" value="Room 3"' in page
    assert "moved this session" not in page, "the conflict is about the place, not the time"
    assert as_(ada).post(f"/sessions/{session.pk}/move/", fields_of(page)).status_code == 302
    session.refresh_from_db()
    assert (session.planned_for, session.place) == (at("2027-03-05 09:30"), "Room 3")


def test_this_and_later_sessions_of_a_series_move_together(as_, pair, sam, ada):
    as_(sam).post(url(pair), plan(repeat="weekly", until="2027-03-26"))
    _first, *rest = pair.sessions.order_by("starts_at")
    data = {"on": "2027-03-15", "at": "09:30", "place": "Room 9", "and_later": "on"}
    page = as_(ada).post(f"/sessions/{rest[0].pk}/move/", move(rest[0], **data), follow=True).content.decode()
    assert "and 2 later sessions moved too" in page
    moved = list(pair.sessions.order_by("starts_at"))
    assert [f"{one.planned_for:%d %H:%M} {one.place}" for one in moved] == [
        *("05 10:00 Room 4", "15 09:30 Room 9", "22 09:30 Room 9", "29 09:30 Room 9"),
    ]
    assert {move.created_at for one in rest for move in one.moves.all()} == {NOW}, "moved in one action"
    assert "and_later" not in as_(ada).get(f"/sessions/{moved[-1].pk}/move/").content.decode()


def test_parts_of_two_times_are_never_combined(as_, pair, sam, ada):
    session = make.session(pair, at("2027-03-05 10:00"))
    opened = as_(sam).get(f"/sessions/{session.pk}/move/").content.decode()
    session.move(ada, TimeSlot(at("2027-03-08 10:00"), "Europe/London", 60))
    answer = as_(sam).post(f"/sessions/{session.pk}/move/", fields_of(opened) | {"at": "09:30"})
    session.refresh_from_db()
    assert answer.status_code == 409 and session.planned_for == at("2027-03-08 10:00")
    assert as_(sam).post(f"/sessions/{session.pk}/move/", fields_of(answer.content.decode())).status_code == 302
    session.refresh_from_db()
    assert session.planned_for == at("2027-03-05 09:30"), "the day and time he submitted"


def test_a_change_just_before_saving_is_not_lost(as_, pair, sam, ada, monkeypatch):
    session = make.session(pair, at("2027-03-05 10:00"), place="Room 1")
    save, first = MoveForm.save, []

    def at_the_same_moment(form, by):
        if not first:
            first.append(Session.objects.get(pk=session.pk).change_place("Room 2"))
        return save(form, by)

    monkeypatch.setattr(MoveForm, "save", at_the_same_moment)
    assert as_(sam).post(f"/sessions/{session.pk}/move/", move(session, on="2027-03-05")).status_code == 302
    session.refresh_from_db()
    assert (session.planned_for, session.place) == (at("2027-03-05 10:30"), "Room 2")


@pytest.mark.parametrize("verb", ["cancel", "skip"])
def test_canceling_asks_for_a_reason_and_offers_undo(as_, pair, sam, ada, verb):
    session = make.session(pair, at("2027-03-05 10:00"))
    client = as_(sam)
    assert client.post(f"/sessions/{session.pk}/{verb}/", {"reason": ""}).status_code == 422
    long = client.post(f"/sessions/{session.pk}/{verb}/", {"reason": "x" * 301})
    assert long.status_code == 422 and "x" * 301 in long.content.decode()
    page = client.post(f"/sessions/{session.pk}/{verb}/", {"reason": "Travel"}, follow=True).content.decode()
    session.refresh_from_db()
    assert session.is_called_off and session.called_off_by == sam and session.reason == "Travel"
    assert "Undo" in page and f'action="/sessions/{session.pk}/restore/"' in page
    again = as_(ada).post(f"/sessions/{session.pk}/{verb}/", {"reason": "Me too"}, follow=True)
    html = again.content.decode()
    assert ("Sam canceled" if verb == "cancel" else "Sam skipped") + " the session Fri, Mar 5" in html


def test_a_series_can_be_canceled_from_one_date_on(as_, pair, sam):
    as_(sam).post(url(pair), plan(repeat="weekly", until="2027-03-26"))
    first, second, *_rest = pair.sessions.order_by("starts_at")
    as_(sam).post(f"/sessions/{second.pk}/cancel/", {"reason": "New job", "and_later": "on"})
    assert list(pair.sessions.live()) == [first]


def test_undo_restores_all_sessions_canceled_together(as_, pair, sam, ada):
    as_(sam).post(url(pair), plan(repeat="weekly", until="2027-04-09"))
    row = list(pair.sessions.order_by("starts_at"))
    row[4].cancel(ada, "Dentist")  # on its own, before
    page = as_(sam).post(f"/sessions/{row[1].pk}/cancel/", {"reason": "New job", "and_later": "on"}, follow=True)
    assert list(pair.sessions.live()) == row[:1]
    assert f'action="/sessions/{row[1].pk}/restore/all/"' in page.content.decode()
    page = as_(sam).post(f"/sessions/{row[1].pk}/restore/all/", follow=True).content.decode()
    assert "4 sessions restored, starting Fri, Mar 12, 10:00." in page
    assert list(pair.sessions.live().order_by("starts_at")) == [*row[:4], row[5]]
    assert row[0].series.__class__.objects.get().ended_at is None
    assert as_(sam).post(f"/sessions/{row[1].pk}/restore/all/").status_code == 302, "a second press changes nothing"


def test_sessions_canceled_together_are_one_notice(as_, pair, sam, ada):
    as_(sam).post(url(pair), plan(repeat="weekly", until="2027-04-09"))
    row = list(pair.sessions.order_by("starts_at"))
    as_(sam).post(f"/sessions/{row[1].pk}/cancel/", {"reason": "New job", "and_later": "on"})
    client = as_(ada)
    home = client.get("/").content.decode()
    assert "Sam canceled 5 sessions, starting Fri, Mar 12, 15:30." in home and "“New job”" in home
    assert "canceled your session" not in home
    page = client.get("/sessions/").content.decode()
    assert "Sam canceled 5 sessions, starting Fri, Mar 12, 15:30" in page and 'id="past"' not in page
    assert f'action="/sessions/{row[1].pk}/restore/all/"' in page
    client.post(f"/sessions/{row[1].pk}/dismiss-change/")
    assert "canceled 5 sessions" not in client.get("/").content.decode()
    row[2].refresh_from_db()
    row[2].restore()
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        row[2].cancel(sam, "Once more")
        assert "“Once more”" in client.get("/").content.decode(), "a new notice"
    as_(ada).post(f"/pairs/{pair.pk}/pause/", {"from_on": "2027-03-02", "resume_on": "2027-03-08", "skip": "on"})
    home = as_(sam).get("/").content.decode()
    assert "Ada set a pause until Mon, Mar 8; 1 session is skipped." in home and "skipped your session" not in home


# --- Logging a meeting ------------------------------------------------------------------------------------


def test_a_meeting_is_logged_with_one_click(as_, pair, ada):
    page = as_(ada).get(url(pair, "log")).content.decode()
    assert 'value="2027-03-01"' in page and 'value="13:30"' in page  # an hour ago in her time zone
    data = {"on": "2027-02-26", "at": "17:00", "zone": "Asia/Kolkata", "minutes": "20", "line": "In the train"}
    answer = as_(ada).post(url(pair, "log"), data, follow=True)
    session = pair.sessions.get()
    assert session.held_at and session.blocks.get().note == "In the train"
    assert "held" in answer.content.decode()


def test_a_meeting_in_the_future_cannot_be_logged(as_, pair, ada):
    data = {"on": "2027-03-26", "at": "17:00", "zone": "Asia/Kolkata", "minutes": "20", "line": "In the train"}
    answer = as_(ada).post(url(pair, "log"), data)
    assert (
        answer.status_code == 422
        and "This time is in the future" in answer.content.decode()
        and not pair.sessions.exists()
    )


def test_long_names_and_right_to_left_text_are_shown(as_, pair, sam):
    pair.mentee.name = "أدا " * 49
    pair.mentee.save()
    session = make.session(pair, at("2027-03-05 10:00"), place="غرفة ٤ 🚪")
    page = as_(sam).get(f"/sessions/{session.pk}/prepare/").content.decode()
    assert "غرفة ٤ 🚪" in page and "أدا" in page


def test_today_is_not_a_past_date(as_, pair, sam):
    assert timezone.localdate() == date(2027, 3, 1)
    assert as_(sam).post(url(pair), plan(on="2027-03-01", at="10:00")).status_code == 302


def test_restoring_by_both_at_once_restores(as_, sam, ada, pair, monkeypatch):
    session = make.session(pair)
    session.cancel(sam)
    monkeypatch.setattr(Session, "is_called_off", True)  # both pages read it before either was pressed
    assert [as_(who).post(f"/sessions/{session.pk}/restore/").status_code for who in (sam, ada)] == [302, 302]
    assert Session.objects.live().filter(pk=session.pk).exists()
