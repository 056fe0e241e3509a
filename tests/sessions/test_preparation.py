"""Tests the preparation page: its content for mentor and mentee, topics, questions and the status update."""

import re
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from core.optimistic_locking import fingerprint
from goals.models import WorkEvent
from mentoring.models import Agreement
from sessions.carryover import carry_over
from sessions.models import AgendaItem, SessionVisit, StatusUpdate
from tests import make
from tests.browsing import fields_of

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def session(pair):
    return make.session(pair)


@pytest.fixture
def page(as_, session):
    def get(user, of=None) -> str:
        answer = as_(user).get(f"/sessions/{(of or session).pk}/prepare/")
        assert answer.status_code == 200
        return answer.content.decode()

    return get


def carried(pair, title: str, times: int) -> AgendaItem:
    item = make.topic(pair, title=title)
    for n in range(times):
        past = make.session(pair, datetime.now() - timedelta(days=20 - n), closed_at=timezone.now())
        carry_over(past)
    return item


def test_the_head_shows_length_both_zones_and_session_number(page, sam, session):
    html = page(sam)
    assert "session 1 of 15, ends" in html and "60 minutes" in html
    assert re.search(r"10:00–11:00</time>\s*<span[^>]*>\(1[45]:30–1[56]:30 for Ada\)", html)


def test_the_agenda_is_summarized_and_expands(page, sam, session):
    html = page(sam)
    assert "Open 15 · Work 38 · Close 7" in html and "60 of 60 min" in html
    assert "Topic: obstacle first, then explore" in html and "What is the real difficulty here for you?" in html


def test_minutes_over_the_length_are_shown(page, sam, session):
    session.blocks.filter(position=3).update(minutes=25)
    assert "The agenda is 13 minutes longer than the session." in page(sam)
    session.blocks.filter(position=3).update(minutes=2)
    assert "10 minutes are free." in page(sam)


def test_a_missing_agreement_shows_a_hint(page, sam, pair):
    assert "have no working agreement yet" in page(sam)
    Agreement.objects.create(pair=pair, version=1)
    assert "have no working agreement" not in page(sam)


def test_the_mentee_sees_three_fields_and_open_commitments(page, ada, pair):
    make.commitment(pair, text="Send the draft to Lin")
    html = page(ada)
    assert all(f'name="{name}"' in html for name in StatusUpdate.FIELDS)
    assert "Share with Sam" in html and "Send the draft to Lin" in html


def test_the_mentor_sees_the_shared_update_and_marks_it_read(as_, page, sam, ada, session):
    StatusUpdate.objects.create(session=session, author=ada, wins="Secret win")
    assert "Not shared yet." in page(sam) and "Secret win" not in page(sam)
    StatusUpdate.objects.get().share()
    html = page(sam)
    assert "Secret win" in html and "I have read it" in html
    as_(sam).post(f"/sessions/{session.pk}/status/read/")
    assert "You read it" in page(sam) and "Sam read it" in page(ada)


def test_the_first_visit_is_stored_once(page, sam, session):
    page(sam)
    seen = SessionVisit.objects.get().opened_at
    page(sam)
    assert SessionVisit.objects.get().opened_at == seen


def test_a_later_session_links_to_the_topics(page, sam, pair, session):
    make.topic(pair, title="The board presentation")
    later = make.session(pair, session.planned_for + timedelta(days=14))
    assert "The board presentation" in page(sam)
    html = page(sam, later)
    assert "The board presentation" not in html and "your next session, which comes before this one" in html


def test_a_canceled_session_shows_who_and_why(page, sam, ada, session):
    session.cancel(ada, "I am ill")
    html = page(sam)
    assert "Ada canceled this session." in html and "“I am ill”" in html and "Restore the session" in html


def test_a_closed_session_has_no_preparation(page, ada, session):
    session.closed_at = timezone.now()
    session.save()
    assert "This session is closed." in page(ada) and "<textarea" not in page(ada)


def test_a_full_page_needs_at_most_forty_queries(as_, sam, ada, pair, session, django_assert_max_num_queries):
    client = as_(sam)
    for n in range(12):
        make.topic(pair, title=f"Topic {n}")
        make.topic(pair, title=f"Question {n}?", kind="question", state="parked" if n % 2 else "open")
        make.commitment(pair)
    client.get(f"/sessions/{session.pk}/prepare/")
    with django_assert_max_num_queries(40):
        client.get(f"/sessions/{session.pk}/prepare/")


# --- Topics and questions ---------------------------------------------------------------------------------


def test_a_topic_can_be_added_without_a_session(as_, pair, ada):
    answer = as_(ada).post(f"/pairs/{pair.pk}/agenda-items/new/", {"title": "How do I say no?", "next": "/"})
    assert (answer.status_code, answer.url) == (302, "/")
    item = AgendaItem.objects.get()
    assert (item.kind, item.created_by, item.state) == ("question", ada, "open")
    assert "How do I say no?" in as_(ada).get(f"/pairs/{pair.pk}/agenda-items/new/").content.decode()


def test_a_topic_can_have_a_work_event_and_a_kind(as_, pair, ada):
    event = WorkEvent.objects.create(pair=pair, title="Board", happens_on=timezone.now().date() + timedelta(days=4))
    data = {"title": "Why now?", "kind": "topic", "work_event": event.pk}
    as_(ada).post(f"/pairs/{pair.pk}/agenda-items/new/", data)
    item = AgendaItem.objects.get()
    assert (item.kind, item.work_event) == ("topic", event)


def test_work_events_of_other_pairs_are_not_offered(as_, pair, ada):
    foreign = WorkEvent.objects.create(pair=make.pair(), title="Board", happens_on=timezone.now().date())
    answer = as_(ada).post(f"/pairs/{pair.pk}/agenda-items/new/", {"title": "x", "work_event": foreign.pk})
    assert answer.status_code == 422 and not AgendaItem.objects.exists()


@pytest.mark.parametrize("title", ["", "   ", "x" * 301])
def test_an_empty_or_too_long_topic_is_refused_and_kept(as_, pair, ada, title):
    answer = as_(ada).post(f"/pairs/{pair.pk}/agenda-items/new/", {"title": title})
    assert answer.status_code == 422 and title.strip() in answer.content.decode() and not AgendaItem.objects.exists()


def test_a_double_click_adds_one_topic(as_, pair, ada):
    data = {"title": "Once", "form_token": "6a0e5f0c-27a9-4c1b-8a8d-0d3a8d1f5a11"}
    for _press in range(2):
        as_(ada).post(f"/pairs/{pair.pk}/agenda-items/new/", data)
    assert AgendaItem.objects.count() == 1


def test_adding_with_htmx_clears_the_field_and_updates_the_list(as_, pair, ada, session):
    url = f"/pairs/{pair.pk}/agenda-items/new/"
    answer = as_(ada).post(url, {"title": "The launch"}, headers=HTMX).content.decode()
    assert 'id="item-add"' in answer and 'value="The launch"' not in answer
    assert re.search(r'id="items"\s+hx-swap-oob="true"', answer) and "The launch" in answer


@pytest.mark.parametrize(
    ("verb", "state"), [("park", "parked"), ("drop", "dropped"), ("reopen", "open"), ("keep", "open")]
)
def test_each_button_sets_the_state(as_, pair, ada, verb, state):
    item = make.topic(pair, state="parked" if verb == "reopen" else "open")
    assert as_(ada).post(f"/agenda-items/{item.pk}/{verb}/").status_code == 302
    item.refresh_from_db()
    assert item.state == state


def test_parking_with_htmx_offers_undo_and_shows_the_parking_lot(as_, pair, ada, session):
    item = make.topic(pair)
    html = as_(ada).post(f"/agenda-items/{item.pk}/park/", headers=HTMX).content.decode()
    assert "Parked: The board presentation" in html and "Parking lot: 1" in html
    assert f'action="/agenda-items/{item.pk}/reopen/"' in html


def test_a_stale_action_is_reported_and_changes_nothing(as_, pair, sam, ada):
    item = make.topic(pair)
    item.drop(ada)
    answer = as_(sam).post(f"/agenda-items/{item.pk}/park/", headers=HTMX)
    assert answer.status_code == 409 and "Someone has already settled this" in answer.content.decode()
    item.refresh_from_db()
    assert item.state == "dropped"


def test_the_mentor_cannot_drop_the_mentees_item(as_, page, pair, sam, session):
    item = make.topic(pair)
    assert f"/agenda-items/{item.pk}/park/" in page(sam) and f"/agenda-items/{item.pk}/drop/" not in page(sam)
    assert as_(sam).post(f"/agenda-items/{item.pk}/drop/").status_code == 404


def test_parking_in_a_running_session_stores_an_outcome(as_, pair, sam, session):
    item = make.topic(pair)
    session.started_at = timezone.now()
    session.save()
    as_(sam).post(f"/agenda-items/{item.pk}/park/")
    assert session.outcomes.get().outcome == "parked"


def test_an_item_carried_over_three_times_asks_whether_to_keep_it(as_, page, pair, ada, session):
    item = carried(pair, "An old one", 3)
    assert "Still relevant?" in page(ada) and "carried over 3 times" in page(ada)
    as_(ada).post(f"/agenda-items/{item.pk}/keep/")
    assert "Still relevant?" not in page(ada)
    carry_over(make.session(pair, datetime.now() - timedelta(days=2), closed_at=timezone.now()))
    assert "Still relevant?" in page(ada)


def test_an_item_carried_over_twice_does_not_ask(page, pair, ada, session):
    carried(pair, "A younger one", 2)
    assert "Still relevant?" not in page(ada)


def test_more_than_three_topics_show_a_hint(page, pair, ada, session):
    for n in range(3):
        make.topic(pair, title=str(n))
    assert "Three topics are plenty" not in page(ada)
    make.topic(pair, title="one more")
    assert "Three topics are plenty" in page(ada)


def test_simultaneous_edits_of_a_topic_show_both_texts(as_, pair, sam, ada):
    item = make.topic(pair)
    stale = {"title": "Sam's wording", "kind": "topic", "version": item.version}
    assert as_(ada).post(f"/agenda-items/{item.pk}/edit/", stale | {"title": "Ada's wording"}).status_code == 302
    answer = as_(sam).post(f"/agenda-items/{item.pk}/edit/", stale)
    html = answer.content.decode()
    assert answer.status_code == 409 and "Ada&#x27;s wording" in html and "Sam&#x27;s wording" in html
    item.refresh_from_db()
    assert item.title == "Ada's wording"
    as_(sam).post(f"/agenda-items/{item.pk}/edit/", stale | {"version": item.version})
    item.refresh_from_db()
    assert item.title == "Sam's wording"


# --- Before a session has a date --------------------------------------------------------------------------


@pytest.fixture
def undated(pair, ada):
    return AgendaItem.add(pair, ada, "The board presentation")


@pytest.mark.parametrize("start", ["/", "/pairs/{pk}/"])
def test_a_topic_without_a_session_can_be_edited_and_dropped(as_, pair, ada, start):
    client, start = as_(ada), start.format(pk=pair.pk)
    answer = client.post(f"/pairs/{pair.pk}/agenda-items/new/", {"title": "The board", "next": start}, follow=True)
    html = answer.content.decode()
    item = AgendaItem.objects.get()
    assert "Saved for your next session: The board" in html and "Added to the agenda" not in html
    assert f'href="/agenda-items/{item.pk}/edit/?next={start}">The board</a>' in html
    page = client.get(f"/agenda-items/{item.pk}/edit/?next={start}").content.decode()
    answer = client.post(f"/agenda-items/{item.pk}/edit/", fields_of(page) | {"title": " "})
    assert answer.status_code == 422 and "autofocus" in answer.content.decode()
    answer = client.post(f"/agenda-items/{item.pk}/edit/", fields_of(page) | {"title": "The launch"}, follow=True)
    html = answer.content.decode()
    assert answer.redirect_chain == [(start, 302)] and ">The launch</a>" in html
    assert f'action="/agenda-items/{item.pk}/drop/"' in html
    html = client.post(f"/agenda-items/{item.pk}/drop/", {"next": start}, follow=True).content.decode()
    assert "Dropped: The launch" in html and ">The launch</a>" not in html
    undo = re.search(r'action="([^"]+)" method="post" data-undo', html)[1]
    answer = client.post(undo, follow=True)
    assert answer.redirect_chain == [(start, 302)] and ">The launch</a>" in answer.content.decode()


def test_the_mentor_can_edit_and_park_a_topic_without_a_session(as_, pair, sam, undated):
    home, page = (as_(sam).get(url).content.decode() for url in ("/", f"/pairs/{pair.pk}/"))
    assert f'<a href="/pairs/{pair.pk}/agenda-items/new/">1 topic' in home
    for html in (page, as_(sam).get(f"/pairs/{pair.pk}/agenda-items/new/").content.decode()):
        assert "The board presentation" in html and f"/agenda-items/{undated.pk}/edit/" in html
        assert f"/agenda-items/{undated.pk}/park/" in html and f"/agenda-items/{undated.pk}/drop/" not in html
    assert as_(sam).post(f"/agenda-items/{undated.pk}/drop/").status_code == 404


def test_with_a_session_the_topic_is_on_its_agenda(as_, pair, ada, undated):
    session = make.session(pair)
    home, page = (as_(ada).get(url).content.decode() for url in ("/", f"/pairs/{pair.pk}/"))
    assert f'<a class="link-quiet" href="/sessions/{session.pk}/prepare/">1 topic' in home
    assert "The board presentation" in home, "what is on the agenda is named"
    assert "The board presentation" not in page and f"/sessions/{session.pk}/prepare/" in page
    html = as_(ada).post(f"/pairs/{pair.pk}/agenda-items/new/", {"title": "The launch"}, follow=True).content.decode()
    assert "Added to the agenda: The launch" in html


def test_home_lists_five_topics_and_links_to_all(as_, pair, ada):
    for n in range(7):
        make.topic(pair, title=f"Topic {n}", position=n)
    html = as_(ada).get("/").content.decode()
    assert "Topic 4" in html and "Topic 5" not in html
    assert f'<a class="link-quiet" href="/pairs/{pair.pk}/agenda-items/new/">7 topics' in html


def test_buttons_on_the_pair_page_lead_back_to_it(as_, pair, ada, undated):
    here = f"/pairs/{pair.pk}/"
    answer = as_(ada).post(f"/agenda-items/{undated.pk}/park/", {"next": here}, headers=HTMX).content.decode()
    assert f'<input type="hidden" name="next" value="{here}">' in answer


def test_a_conflict_without_javascript_shows_the_current_list(as_, pair, sam, ada, undated):
    undated.discuss()
    answer = as_(ada).post(f"/agenda-items/{undated.pk}/drop/", {"next": "/"})
    html = answer.content.decode()
    assert (
        answer.status_code == 409
        and "Someone has already settled this" in html
        and "Topics and questions with Sam" in html
    )
    undated.refresh_from_db()
    assert undated.state == "discussed"


def test_editing_a_dropped_topic_shows_both_texts_and_restores_it(as_, pair, sam, ada, undated):
    page = as_(sam).get(f"/agenda-items/{undated.pk}/edit/").content.decode()
    undated.drop(ada)
    answer = as_(sam).post(f"/agenda-items/{undated.pk}/edit/", fields_of(page) | {"title": "The board, defended"})
    html = answer.content.decode()
    assert answer.status_code == 409 and "The board, defended" in html and "The board presentation" in html
    assert "no longer on the agenda" in html and f'action="/agenda-items/{undated.pk}/reopen/"' in html


# --- The status update ------------------------------------------------------------------------------------


def status(**fields) -> dict:
    empty = dict.fromkeys(StatusUpdate.FIELDS, "")
    return empty | {f"started_from_{name}": fingerprint("") for name in StatusUpdate.FIELDS} | fields


def test_a_draft_is_stored_before_it_is_shared(as_, sam, ada, session):
    as_(ada).post(f"/sessions/{session.pk}/status/", status(wins="Got the budget"))
    update = StatusUpdate.objects.get()
    assert (update.wins, update.shared_at, update.author) == ("Got the budget", None, ada)
    then = status(wins="Got the budget", started_from_wins=fingerprint("Got the budget"), blocks="Time")
    answer = as_(ada).post(f"/sessions/{session.pk}/status/share/", then, follow=True)
    update.refresh_from_db()
    assert update.blocks == "Time" and update.shared_at and "Sam sees it now." in answer.content.decode()


def test_an_empty_update_can_be_shared(as_, page, sam, ada, session):
    as_(ada).post(f"/sessions/{session.pk}/status/share/", status())
    assert "Ada shared an empty update" in page(sam)


def test_text_stored_by_autosave_is_no_conflict(as_, ada, session):
    StatusUpdate.objects.create(session=session, author=ada, wins="Typed")
    answer = as_(ada).post(f"/sessions/{session.pk}/status/share/", status(wins="Typed"))
    assert answer.status_code == 302


def test_a_conflict_in_one_field_stores_the_other_fields(as_, ada, session):
    StatusUpdate.objects.create(session=session, author=ada, wins="From the phone")
    answer = as_(ada).post(f"/sessions/{session.pk}/status/", status(wins="From the laptop", blocks="Time"))
    html = answer.content.decode()
    assert answer.status_code == 409 and "From the phone" in html and "From the laptop" in html
    update = StatusUpdate.objects.get()
    assert (update.wins, update.blocks) == ("From the phone", "Time")
    assert f'name="started_from_wins" value="{fingerprint("From the phone")}"' in html


def test_too_long_text_is_refused_and_kept(as_, ada, session):
    answer = as_(ada).post(f"/sessions/{session.pk}/status/", status(wins="ü" * 20_001))
    assert answer.status_code == 422 and "ü" * 20_001 in answer.content.decode()


def test_the_update_cannot_change_after_the_session(as_, ada, session):
    session.closed_at = timezone.now()
    session.save()
    assert as_(ada).post(f"/sessions/{session.pk}/status/", status(wins="Late")).status_code == 404
