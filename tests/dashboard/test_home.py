"""Tests the home page for every combination of roles, its order and its number of queries."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from dashboard.models import Flag, FlagRule
from mentoring.models import Agreement
from reminders.intents import KINDS
from reminders.models import Snooze
from sessions.models import AgendaItem, Session, SessionAnswer, StatusUpdate
from tests import make
from tests.site.test_weight import check_page

HOME = "/"


@pytest.fixture(autouse=True)
def _on_a_monday_morning():
    with time_machine.travel("2026-12-07 09:00Z", tick=False):
        yield


def show(as_, user) -> str:
    answer = as_(user).get(HOME)
    assert answer.status_code == 200
    return answer.content.decode()


def in_order(html: str, *texts: str) -> bool:
    places = [html.find(text) for text in texts]
    return -1 not in places and places == sorted(places)


def today_at(hour: int) -> datetime:
    return datetime(2026, 12, 7, hour)


# --- Home of a mentor -------------------------------------------------------------------------------------


def test_mentor_home_is_ordered_by_urgency(as_, pair, sam):
    session = make.session(pair, today_at(11))
    make.commitment(pair, owner=sam, text="Find the old slides", due_on=date(2026, 12, 7))
    make.commitment(pair, owner=sam, text="Ask around", due_on=date(2026, 12, 20))
    html = show(as_, sam)
    room = reverse("session_detail", args=[session.pk])
    assert in_order(html, room, "Find the old slides", "Ask around", reverse("pair_detail", args=[pair.pk]))
    assert "Engineering mentoring" not in html and "your mentee" not in html, "they would say the same in every row"
    make.session(make.pair(make.program("Second"), sam, make.user("Kofi Mensah")), today_at(15))
    assert in_order(show(as_, sam), "Engineering mentoring", "Second")


def test_opening_todays_session_is_the_primary_action(as_, pair, sam):
    make.session(pair, today_at(11))
    make.session(make.pair(pair.program, mentor=sam, mentee=make.user("Kofi Mensah")), today_at(15))
    html = show(as_, sam)
    assert html.count("btn-primary") == 1
    assert in_order(html, "11:00 with Ada", "btn-primary", "15:00 with Kofi")


def first_line_of_card(html: str) -> str:
    """Return the text above the title of the first session card."""
    line = html.partition('class="next"')[2].partition(">")[2].partition("</p>")[0]
    return " ".join(strip_tags(line).split())


def test_card_of_todays_session_starts_with_the_partners_time(as_, pair, sam):
    make.session(pair, today_at(11))
    assert first_line_of_card(show(as_, sam)).startswith("16:30 for Ada")


def test_card_of_a_later_session_starts_with_both_times(as_, pair, ada):
    make.session(pair, datetime(2026, 12, 11, 10, 30))
    assert first_line_of_card(show(as_, ada)).startswith("Fri, Dec 11, 16:00 (10:30 for Sam)")


@pytest.mark.parametrize(
    ("hour", "minute", "expected"), [(10, 20, "In 20 minutes"), (12, 0, ""), (10, 1, "In 1 minute")]
)
def test_card_counts_the_minutes_of_the_last_hour(as_, pair, sam, hour, minute, expected):
    make.session(pair, today_at(hour).replace(minute=minute))
    with time_machine.travel("2026-12-07 10:00Z", tick=False):
        assert first_line_of_card(show(as_, sam)).startswith(expected or "17:30 for Ada")


def test_mentor_reads_a_shared_update_on_the_card(as_, pair, sam, ada):
    session = make.session(pair, today_at(11))
    update = StatusUpdate.objects.create(session=session, author=ada, wins="The demo went well", blocks="No time.")
    assert "The demo went well" not in show(as_, sam)
    update.share()
    assert "The demo went well. No time." in show(as_, sam)


def test_coming_up_lists_sessions_by_day(as_, pair, sam):
    other = make.pair(pair.program, sam, make.user("Kofi Mensah", zone="Europe/London"))
    make.session(pair, datetime(2026, 12, 11, 10, 30))
    make.session(other, datetime(2026, 12, 11, 15))
    html = show(as_, sam).partition("Coming up")[2]
    assert in_order(html, "<b>Dec</b>11", "Fri 10:30", "Session with Ada", "15:00", "Session with Kofi")
    assert html.count('class="day"') == 1


def test_session_card_summarizes_update_and_open_topics(as_, pair, sam, ada):
    held = make.session(pair, datetime(2026, 11, 25, 11))
    held.answer(sam, met=True)
    session = make.session(pair, today_at(11))
    make.commitment(pair, text="one", due_on=date(2026, 12, 20)).complete(ada, 1)
    with time_machine.travel("2026-11-26 09:00Z"):
        make.commitment(pair, text="two", due_on=date(2026, 12, 1))
    make.topic(pair, ada, "Why?", kind=AgendaItem.Kind.QUESTION)
    html = show(as_, sam)
    assert "No update from Ada yet" in html
    assert "Since your last session 11 days ago" in html and "1 done, 1 overdue" in html
    assert "1 open question" in html
    StatusUpdate.objects.create(session=session, author=ada, wins="w", shared_at=timezone.now())
    assert "update shared" in show(as_, sam)


def test_the_mentor_does_not_see_a_draft_update(as_, pair, sam, ada):
    session = make.session(pair, today_at(11))
    StatusUpdate.objects.create(session=session, author=ada, wins="only mine so far")
    assert "No update from Ada yet" in show(as_, sam)


def test_after_a_closed_session_the_next_one_is_shown(as_, pair, sam):
    done = make.session(pair, datetime(2026, 12, 7, 7), closed_at=timezone.now(), started_at=timezone.now())
    kofi = make.pair(pair.program, mentor=sam, mentee=make.user("Kofi Mensah"))
    make.session(kofi, today_at(11))
    html = show(as_, sam)
    assert "Next: 11:00 with Kofi" in html
    assert reverse("session_detail", args=[done.pk]) not in html


def test_a_running_session_stays_first_past_its_end(as_, pair, sam):
    running = make.session(pair, datetime(2026, 12, 7, 7), started_at=timezone.now() - timedelta(hours=2))
    later = make.session(make.pair(pair.program, mentor=sam, mentee=make.user("Kofi Mensah")), today_at(11))
    html = show(as_, sam)
    assert in_order(html, reverse("session_detail", args=[running.pk]), reverse("session_detail", args=[later.pk]))


# --- Home of a mentee -------------------------------------------------------------------------------------


def test_mentee_home_shows_next_session_commitments_and_topics(as_, pair, ada):
    session = make.session(pair, datetime(2026, 12, 11, 10, 30))
    make.commitment(pair, text="later", due_on=date(2026, 12, 20))
    make.commitment(pair, text="sooner", due_on=date(2026, 12, 8))
    html = show(as_, ada)
    assert "What Sam should know before Fri, Dec 11" in html
    assert "16:00" in html  # 10:30 in London, in Ada's time zone
    assert in_order(
        html,
        reverse("status_edit", args=[session.pk]),
        "sooner",
        "later",
        reverse("item_create", args=[pair.pk]),
    )


def test_home_has_the_status_form_with_the_draft(as_, pair, ada):
    session = make.session(pair, datetime(2026, 12, 11, 10))
    html = show(as_, ada)
    assert "Write my update" in html and reverse("status_share", args=[session.pk]) in html
    as_(ada).post(reverse("status_edit", args=[session.pk]), {"wins": "The demo went well"})
    html = show(as_, ada)
    assert "Continue my update" in html and "The demo went well" in html


def test_adding_a_topic_returns_to_home(as_, pair, ada):
    answer = as_(ada).post(reverse("item_create", args=[pair.pk]), {"title": "How do I say no?", "next": HOME})
    assert answer.headers["Location"] == HOME
    assert "1 open question" in show(as_, ada)


def test_each_commitment_has_four_actions(as_, pair, ada):
    row = make.commitment(pair, due_on=date(2026, 12, 8))
    html = show(as_, ada)
    for verb in ("complete", "partly", "move", "drop"):
        assert reverse(f"commitment_{verb}", args=[row.pk]) in html


def test_topics_can_be_added_without_a_session(as_, pair, ada):
    html = show(as_, ada)
    assert reverse("item_create", args=[pair.pk]) in html
    assert "No session scheduled" in html and reverse("session_schedule", args=[pair.pk]) in html


def test_a_shared_update_is_not_requested_again(as_, pair, ada):
    session = make.session(pair, datetime(2026, 12, 11, 10))
    StatusUpdate.objects.create(session=session, author=ada, wins="w", shared_at=timezone.now())
    html = show(as_, ada)
    assert "What Sam should know" not in html and "Edit my update" in html


# --- Both roles --------------------------------------------------------------------------------------------


def test_mentor_and_mentee_roles_share_one_page(as_, pair, sam):
    other = make.pair(make.program("Leadership circle"), mentor=make.user("Noor Haddad"), mentee=sam)
    make.session(pair, today_at(15))
    make.session(other, today_at(11))
    html = show(as_, sam)
    assert in_order(html, "11:00 with Noor", "15:00 with Ada")
    assert "Leadership circle" in html and "your mentor" in html and "your mentee" in html


# --- News and questions ------------------------------------------------------------------------------------


def test_changes_by_the_partner_are_shown_with_their_reason(as_, pair, sam, ada):
    make.session(
        pair, datetime(2026, 12, 10, 10), canceled_at=timezone.now(), called_off_by=sam, reason="I am travelling"
    )
    html = show(as_, ada)
    assert "Sam canceled your session" in html and "I am travelling" in html
    assert "canceled your session" not in show(as_, sam)


def test_each_person_is_asked_if_a_past_session_was_held(as_, pair, sam, ada):
    session = make.session(pair, datetime(2026, 12, 4, 10))
    url = reverse("session_answer", args=[session.pk])
    assert url in show(as_, ada) and "Did you meet?" in show(as_, sam)
    SessionAnswer.objects.create(session=session, user=ada, met=True)
    assert url not in show(as_, ada) and url in show(as_, sam)


def test_home_stops_asking_after_30_days(as_, pair, ada):
    make.session(pair, datetime(2026, 11, 4, 10))
    assert "Did you meet?" not in show(as_, ada)


def test_agreement_hint_disappears_once_both_agreed(as_, pair, sam, ada):
    hint = reverse("agreement_detail", args=[pair.pk])
    agreement = Agreement.objects.create(pair=pair, version=1)
    agreement.sign(sam)
    assert hint in show(as_, ada) and "needs your agreement" in show(as_, ada)
    assert "waiting for Ada" in show(as_, sam)
    agreement.sign(ada)
    assert hint not in show(as_, ada)


# --- Other cases -------------------------------------------------------------------------------------------


def test_home_without_a_program_explains_what_comes_next(as_, db):
    html = show(as_, make.user("Lena Brandt"))
    assert "<h1" in html and "invite you" in html


def test_home_without_a_pair_explains_what_comes_next(as_, db):
    program = make.program()
    person = make.user("Lena Brandt")
    make.enrollment(program, person, "mentee")
    assert "Once you are paired" in show(as_, person)


def test_admins_without_pairs_are_sent_to_their_program(as_, db):
    program = make.program()
    admin = make.admin(program)
    assert as_(admin).get(HOME).headers["Location"] == reverse("program_detail", args=[program.pk])
    make.pair(program)
    assert as_(admin).get(HOME).headers["Location"] == reverse("program_overview", args=[program.pk])
    make.enrollment(make.program("Second"), admin, "admin")
    assert as_(admin).get(HOME).headers["Location"] == reverse("program_list")


def test_home_shows_programs_with_pairs_that_need_attention(as_, pair):
    """On the admin's home page and in the list of programs, without counting the admin's own pair."""
    admin = make.admin(pair.program)
    own = make.pair(pair.program, mentor=admin, mentee=make.user("Tom Reed"))
    for one in (pair, own):
        Flag.objects.create(pair=one, rule=FlagRule.NO_RECENT_SESSION, level="red")
    Flag.objects.create(pair=make.pair(pair.program), rule=FlagRule.NO_AGREEMENT, level="red")  # paperwork
    Flag.objects.create(pair=make.pair(make.program("Elsewhere")), rule=FlagRule.NO_RECENT_SESSION, level="red")
    for page in (HOME, reverse("program_list")):
        html = as_(admin).get(page).content.decode()
        assert "1 pair needs attention" in html and reverse("program_overview", args=[pair.program_id]) in html
    assert "needs attention" not in show(as_, pair.mentor)


def test_admin_home_shows_no_pair_content(as_, pair):
    admin = make.admin(pair.program)
    make.pair(pair.program, mentor=admin, mentee=make.user("Tom Reed"))
    make.commitment(pair, text="a canary in Ada's commitment")
    make.session(pair, today_at(11))
    html = show(as_, admin)
    assert "canary" not in html and "Ada" not in html


def test_an_ended_pair_moves_to_the_list_of_ended_pairs(as_, pair, ada):
    make.commitment(pair, text="long ago")
    make.session(pair, today_at(15))
    pair.end()
    html = show(as_, ada)
    assert "long ago" not in html
    assert "Sam" not in html.partition("Ended pairs</h2>")[0], "only the link to what they wrote is left"


def test_home_rejects_post(as_, ada):
    assert as_(ada).post(HOME).status_code == 405


def test_home_requires_sign_in(client, db):
    assert "login" in client.get(HOME).headers["Location"] or "start" in client.get(HOME).headers["Location"]


def fill(pair, by, owner):
    for n in range(3):
        make.session(pair, datetime(2026, 12, 8 + n, 10))
        make.session(pair, datetime(2026, 11, 8 + n, 10)).answer(by, met=True)
        make.session(pair, datetime(2026, 12, 4, 10 + n))
        make.session(
            pair, datetime(2026, 12, 9, 10 + n), canceled_at=timezone.now(), called_off_by=pair.mentee, reason="no"
        )
        make.topic(pair)
        make.commitment(pair, owner=owner, goal=make.goal(pair), due_on=date(2026, 12, 7 + n))


def test_twice_the_rows_cost_the_same_number_of_queries(as_, pair, sam, ada, django_assert_max_num_queries):
    client, counts = as_(sam), []
    client.get(HOME)  # caches the row of the installation
    for n in range(3):
        fill(make.pair(pair.program, mentor=sam, mentee=make.user(f"Mentee {n}")), sam, sam)
        with django_assert_max_num_queries(40) as seen:
            client.get(HOME)
        counts.append(len(seen.captured_queries))
    assert len(set(counts)) == 1


def test_a_full_home_is_light(as_, pair, sam):
    for n in range(3):
        fill(make.pair(pair.program, mentor=sam, mentee=make.user(f"Mentee {n}")), sam, sam)
    check_page(as_(sam), HOME)


def test_home_limits_long_lists(as_, pair, sam, ada):
    for n in range(30):
        make.commitment(pair, text=f"number {n:02}", due_on=date(2026, 12, 8) + timedelta(days=n))
    html = show(as_, ada)
    assert "number 07" in html and "number 08" not in html and "Show all" in html


def test_a_session_left_open_asks_for_wrap_up(pair, sam, ada, as_):
    """Started on December 26 and left open; in February it is not next any more, and nobody is asked."""
    start = datetime(2026, 12, 26, 10, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        type(pair).objects.filter(pk=pair.pk).update(ends_on=date(2027, 6, 30))
        session = make.session(pair, start.replace(tzinfo=None), "UTC", started_at=start)
        assert session in Session.objects.to_come()
        clock.shift(timedelta(hours=2, minutes=30))
        assert session.is_to_come and session in Session.objects.to_come(), "a long session may still be running"
        clock.shift(timedelta(hours=4))
        page = as_(ada).get("/").content.decode()
        assert "Wrap up Dec 26?" in page and "Did you meet?" not in page
        assert f"/sessions/{session.pk}/wrap-up/" in page
        assert session not in Session.objects.to_come() and not session.is_to_come
        intents = KINDS["did_you_meet"].intents_about([session.pk]).values()
        assert {intent.recipient_id for intent in intents} == {ada.pk, sam.pk}
        clock.move_to(datetime(2027, 2, 3, 9, tzinfo=UTC))
        for path in ("/", f"/pairs/{pair.pk}/"):
            assert "Next: Sat, Dec 26" not in as_(ada).get(path).content.decode()
        assert "Wrap up Dec 26?" not in as_(ada).get("/").content.decode()


def test_a_mentee_sees_the_indicator_with_the_most_values(as_, pair, sam, ada):
    for title, days in (("Seldom", [1]), ("How sure I feel", [1, 8, 15]), ("Empty", [])):
        indicator = make.indicator(pair, title)
        for n, day in enumerate(days):
            make.reading(indicator, n + 1, date(2026, 11, day))
    html = show(as_, ada)
    aside = html.partition("Your progress")[2]
    assert "How sure I feel" in aside and "<polyline" in aside and "Seldom" not in aside
    assert f"/pairs/{pair.pk}/progress/" in aside
    assert "Your progress" not in show(as_, sam)


def test_home_lists_the_newest_reminders_without_tasks(as_, pair, ada):
    make.commitment(pair, text="Overdue long ago", due_on=date(2026, 11, 2))
    for n in range(5):
        commitment = make.commitment(pair, text=f"Reminded of {n}", due_on=date(2026, 12, 8))
        make.reminder(ada, commitment, kind="commitment_due", due_at=timezone.now() - timedelta(hours=n + 1))
    inbox = show(as_, ada).partition('id="inbox"')[2]
    assert inbox.count('class="title-link"') == 3
    assert "Overdue long ago" not in inbox and "6 items in your inbox" in inbox


def test_a_card_links_to_the_call_and_quotes_the_first_topic(as_, pair, sam, ada):
    session = make.session(pair, today_at(11))
    make.topic(pair, ada, "Why?", kind=AgendaItem.Kind.QUESTION)
    html = show(as_, sam)
    assert "1 open question. First: “Why?”" in html and "Join call" not in html
    Session.objects.filter(pk=session.pk).update(place="https://meet.example.org/x")
    assert 'href="https://meet.example.org/x"' in show(as_, sam)
    Session.objects.filter(pk=session.pk).update(place="javascript:alert(1)")
    assert "Join call" not in show(as_, ada)


def test_coming_up_has_one_session_of_each_pair_without_a_card(as_, pair, sam, ada):
    for day in (11, 12, 13):
        make.session(pair, datetime(2026, 12, day, 10, 30))
    assert show(as_, sam).partition("Coming up")[2].count('class="day"') == 1
    html = show(as_, ada).partition("Coming up")[2]
    assert html.count('class="day"') == 1 and "<b>Dec</b>12" in html, "the 11th has a card"
    assert "All sessions" in html


def test_home_names_the_task_if_the_inbox_has_only_tasks(as_, pair, ada):
    commitment = make.commitment(pair, text="Overdue long ago", due_on=date(2026, 11, 2))
    inbox = show(as_, ada).partition('id="inbox"')[2]
    assert "Overdue: Overdue long ago" in inbox and "1 item in your inbox" in inbox
    Snooze.objects.create(user=ada, subject=f"commitment:{commitment.pk}", ends_at=timezone.now() + timedelta(days=3))
    cache.clear()
    assert 'id="inbox"' not in show(as_, ada)
