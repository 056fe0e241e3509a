"""Tests the wrap-up page: agreeing on commitments and closing the session."""

import re
import uuid
from datetime import date, datetime, timedelta
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone

from core.optimistic_locking import fingerprint
from goals.models import Commitment
from sessions import closing
from sessions.models import AgendaItem, Session
from sessions.time_slot import TimeSlot
from tests import make
from tests.threads import run_at_once

HTMX = {"HX-Request": "true"}


@pytest.fixture
def session(pair):
    return make.running_session(pair)


@pytest.fixture
def planned(pair):
    return make.session(pair)


@pytest.fixture
def client(as_, sam):
    return as_(sam)


def url(name: str, session: Session, *more) -> str:
    return reverse(name, args=[session.pk, *more])


def form_data(**more) -> dict:
    return {"takeaway": "", "started_from": fingerprint(""), "need": ""} | more


def make_one(session, by, **fields) -> Commitment:
    fields = {
        "text": "Send the draft to Lin",
        "owner": by,
        "due_on": timezone.now().date() + timedelta(days=9),
    } | fields
    return closing.create_commitment(session, by, **fields)


# --- The page ------------------------------------------------------------------------------------------------


def test_commitments_are_sentences_with_one_question_about_done(client, session, ada):
    known = make_one(session, ada, done_when="Lin has commented")
    asked = make_one(session, ada, text="Rehearse the opening")
    html = client.get(url("session_wrap_up", session)).content.decode()
    assert "Ada will send the draft to Lin by" in html
    assert "Done when: Lin has commented" in html
    assert f'id="know-{asked.pk}"' in html
    assert f'id="know-{known.pk}"' not in html


def test_open_items_are_carried_over_questions_first(client, session, pair):
    make.topic(pair, title="The board presentation")
    make.topic(pair, title="How did you say no?", kind=AgendaItem.Kind.QUESTION)
    make.topic(pair, title="Parked thing", state=AgendaItem.State.PARKED)
    html = client.get(url("session_wrap_up", session)).content.decode()
    assert html.index("How did you say no?") < html.index("The board presentation") < html.index("Parked thing")


def test_the_wrap_up_asks_for_no_rating(as_, session, ada):
    assert "useful" not in as_(ada).get(url("session_wrap_up", session)).content.decode()


def test_a_session_that_has_not_begun_has_no_wrap_up(client, planned):
    response = client.get(url("session_wrap_up", planned))
    assert response.status_code == 302
    assert response.url == url("session_prepare", planned)


def test_a_closed_session_leads_to_its_recap(client, session, planned, sam):
    closing.close(session, sam)
    assert client.get(url("session_wrap_up", session)).url == url("session_recap", session)
    assert client.post(url("session_close", session)).url == url("session_recap", session)


def test_many_rows_need_at_most_forty_queries(client, session, ada, pair, django_assert_max_num_queries):
    for n in range(6):
        make_one(session, ada, text=f"Step {n}")
        make.topic(pair, title=f"Topic {n}")
    with django_assert_max_num_queries(40):
        client.get(url("session_wrap_up", session))


# --- Agreeing, correcting, adding -----------------------------------------------------------------------------


def test_either_person_can_agree_with_one_click(client, session, ada):
    make_one(session, ada)
    html = client.post(url("wrap_up_agree", session), headers=HTMX).content.decode()
    assert 'id="wrap-up-agreed"' in html
    session.refresh_from_db()
    first = session.agreed_at
    assert first
    client.post(url("wrap_up_agree", session))
    session.refresh_from_db()
    assert session.agreed_at == first


def test_done_when_can_be_edited_alone(client, session, ada):
    commitment = make_one(session, ada)
    data = {"version": 1, "done_when": "Lin has commented"}
    client.post(url("wrap_up_commitment_edit", session, commitment.pk), data)
    commitment.refresh_from_db()
    assert commitment.done_when == "Lin has commented"
    assert commitment.text == "Send the draft to Lin"
    assert commitment.owner == ada


def test_owner_and_date_can_be_corrected(client, session, ada, sam):
    commitment = make_one(session, ada)
    on = timezone.now().date() + timedelta(days=3)
    data = {"version": 1, "text": commitment.text, "owner": sam.pk, "due_on": on.isoformat(), "done_when": ""}
    client.post(url("wrap_up_commitment_edit", session, commitment.pk), data)
    commitment.refresh_from_db()
    assert (commitment.owner, commitment.due_on) == (sam, on)


def test_a_stranger_cannot_become_owner(client, session, ada):
    commitment = make_one(session, ada)
    data = {"version": 1, "owner": make.user().pk}
    assert client.post(url("wrap_up_commitment_edit", session, commitment.pk), data).status_code == 422
    commitment.refresh_from_db()
    assert commitment.owner == ada


def test_a_late_correction_shows_both_versions(client, session, ada):
    commitment = make_one(session, ada)
    commitment.reword(ada, 1, text="Send the second draft")
    response = client.post(
        url("wrap_up_commitment_edit", session, commitment.pk), {"version": 1, "text": "Send my draft"}, headers=HTMX
    )
    html = response.content.decode()
    assert response.status_code == 409
    assert "send the second draft" in html
    assert "Send my draft" in html
    commitment.refresh_from_db()
    assert commitment.text == "Send the second draft"


def test_a_double_click_adds_one_commitment(client, session, ada):
    data = {
        "text": "Call Noor",
        "owner": ada.pk,
        "due_on": timezone.now().date().isoformat(),
        "done_when": "",
        "form_token": str(uuid.uuid4()),
    }
    for _ in range(2):
        assert client.post(url("wrap_up_commitment_create", session), data).status_code == 302
    assert [c.text for c in closing.commitments_of(session)] == ["Call Noor"]


def test_an_empty_commitment_is_refused_and_keeps_the_rest(client, session, sam):
    data = {"text": "", "owner": sam.pk, "due_on": "2030-01-02", "done_when": "It is there"}
    response = client.post(url("wrap_up_commitment_create", session), data, headers=HTMX)
    assert response.status_code == 422
    assert "It is there" in response.content.decode()


@pytest.mark.parametrize(("action", "state"), [("discussed", "discussed"), ("parked", "parked"), ("dropped", "open")])
def test_an_item_can_be_settled_during_the_wrap_up(client, session, pair, action, state):
    item = make.topic(pair)
    response = client.post(url("wrap_up_item_settle", session, item.pk), {"as": action})
    item.refresh_from_db()
    assert response.url == url("session_wrap_up", session)
    assert item.state == state
    assert session.outcomes.count() == (state != "open")


def test_a_parked_item_can_be_carried_over_again(client, session, pair):
    item = make.topic(pair, state="parked")
    answer = client.post(url("wrap_up_item_settle", session, item.pk), {"as": "carried"}, headers=HTMX)
    item.refresh_from_db()
    assert item.state == "open"
    html = answer.content.decode()
    assert 'id="wrap-up-carried-over"' in html and "<h1" not in html
    assert client.post(url("wrap_up_item_settle", session, item.pk), {"as": "parked"}).status_code == 302


def test_the_page_previews_the_recap(client, session, pair, sam):
    make_one(session, sam)
    make.topic(pair, title="The launch")
    html = client.get(url("session_wrap_up", session)).content.decode()
    preview = html[html.index('id="wrap-up-preview"') :]
    assert "Recap preview" in preview and "The launch" in preview
    assert html.count("btn-primary") == 1


# --- Closing --------------------------------------------------------------------------------------------------


def test_two_clicks_close_the_session(client, session, planned, sam):
    """Opening this page and one more click, in addition to agreeing."""
    make_one(session, sam)
    response = client.post(url("session_close", session), form_data())
    assert response.url == url("session_recap", session)
    session.refresh_from_db()
    assert session.closed_by == sam


def test_none_this_time_is_accepted(client, session, planned):
    assert client.post(url("session_close", session), form_data()).status_code == 422
    client.post(url("wrap_up_no_commitments", session))
    assert client.post(url("session_close", session), form_data()).status_code == 302
    session.refresh_from_db()
    assert session.closed_at


@pytest.mark.parametrize(("choice", "sessions", "left_open"), [("proposed", 2, False), ("open", 1, True)])
def test_the_next_date_can_be_accepted_or_left_open(client, session, pair, sam, choice, sessions, left_open):
    closing.make_no_commitments(session)
    assert client.post(url("session_close", session), form_data(next=choice)).status_code == 302
    session.refresh_from_db()
    assert pair.sessions.count() == sessions
    assert bool(session.next_left_open_at) == left_open


def test_another_next_date_can_be_chosen(client, session, pair, sam):
    closing.make_no_commitments(session)
    day = (timezone.now() + timedelta(days=20)).date()
    day -= timedelta(days=max(0, day.weekday() - 4))  # a weekend would be asked about
    client.post(url("session_close", session), form_data(next="other", other_start=f"{day}T09:30"))
    later = pair.sessions.exclude(pk=session.pk).get()
    assert later.planned_for.isoformat() == f"{day}T09:30:00"
    assert later.zone == session.zone


def test_a_suggested_next_date_can_be_chosen(client, session, pair, sam):
    closing.make_no_commitments(session)
    html = client.get(url("session_wrap_up", session)).content.decode()
    _first, second = re.findall(r'name="next" value="(\d[^"]+)"', html)
    start, zone = second.split()
    assert client.post(url("session_close", session), form_data(next=second)).status_code == 302
    later = pair.sessions.exclude(pk=session.pk).get()
    assert (later.planned_for.isoformat(), later.zone) == (f"{start}:00", zone)


def test_a_chosen_date_that_became_busy_is_refused_once(client, session, pair, sam):
    closing.make_no_commitments(session)
    html = client.get(url("session_wrap_up", session)).content.decode()
    pick = re.findall(r'name="next" value="(\d[^"]+)"', html)[0]
    make.session(make.pair(mentor=sam, mentee=make.user("Noor Rahimi")), datetime.fromisoformat(pick.split()[0]))
    response = client.post(url("session_close", session), form_data(next=pick))
    html = response.content.decode()
    assert response.status_code == 422
    assert re.search(rf'value="{pick}" id="id_next_time_\d"\s+checked', html)
    sure = re.search(r'name="sure" value="([^"]+)"', html)[1]
    assert client.post(url("session_close", session), form_data(next=pick, sure=sure)).status_code == 302


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"next": "0001-01-01T10:00 Europe/Berlin"},
        {"next": "other"},
        {"next": "other", "other_start": "2001-01-01T10:00"},
    ],
)
def test_without_a_next_date_it_stays_open_and_keeps_the_text(client, session, sam, bad):
    closing.make_no_commitments(session)
    response = client.post(url("session_close", session), form_data(takeaway="Ask first", **bad))
    assert response.status_code == 422
    assert "Ask first" in response.content.decode()
    session.refresh_from_db()
    assert session.closed_at is None


def test_a_double_click_plans_one_session_and_one_commitment(client, session, pair, sam):
    closing.make_no_commitments(session)
    data = form_data(next="proposed", need="Introduce me to Noor", form_token=str(uuid.uuid4()))
    for _ in range(2):
        client.post(url("session_close", session), data)
    assert pair.sessions.count() == 2
    assert Commitment.objects.filter(text="For Ada: Introduce me to Noor").count() == 1


def test_a_need_becomes_a_commitment_of_the_mentor(as_, session, planned, sam, ada):
    closing.make_no_commitments(session)
    as_(ada).post(url("session_close", session), form_data(need="Introduce me to Noor", takeaway="Ask first"))
    promise = closing.commitments_of(session).get()
    assert (promise.owner, promise.text) == (sam, "For Ada: Introduce me to Noor"), "the text names whose need it is"
    promise.due_on = date(2026, 12, 17)
    assert closing.as_sentence(promise) == "Sam, by Thu, Dec 17. For Ada: Introduce me to Noor"
    assert closing.as_sentence(promise, to=sam) == "You, by Thu, Dec 17. For Ada: Introduce me to Noor"
    session.refresh_from_db()
    assert session.takeaway == "Ask first"


def test_finish_later_keeps_everything_and_closes_nothing(client, session, ada):
    response = client.post(
        url("session_wrap_up", session), form_data(takeaway="Ask first", need="Introduce me to Noor")
    )
    assert response.url == reverse("home")
    session.refresh_from_db()
    assert session.closed_at is None
    assert session.takeaway == "Ask first"
    assert closing.commitments_of(session).count() == 1
    assert "Ask first" in client.get(url("session_wrap_up", session)).content.decode()


def test_the_other_persons_text_is_never_overwritten(client, session, planned, sam):
    closing.make_no_commitments(session)
    Session.objects.filter(pk=session.pk).update(takeaway="Hers")
    response = client.post(url("session_close", session), form_data(takeaway="His"))
    html = response.content.decode()
    assert response.status_code == 409
    assert "Hers" in html
    assert "His" in html
    session.refresh_from_db()
    assert (session.takeaway, session.closed_at) == ("Hers", None)
    assert (
        client.post(
            url("session_close", session), form_data(takeaway="Both", started_from=fingerprint("Hers"))
        ).status_code
        == 302
    )


def test_a_session_canceled_meanwhile_is_reported(client, session, planned, sam, ada):
    closing.make_no_commitments(session)
    Session.objects.get(pk=session.pk).cancel(ada)
    response = client.post(url("session_close", session), form_data())
    assert response.status_code == 409
    assert "called off" in response.content.decode()


def test_an_ended_pair_cannot_wrap_up(client, session, pair):
    pair.end()
    assert client.get(url("session_wrap_up", session)).status_code == 404
    assert client.post(url("session_close", session), form_data()).status_code == 404


def test_agreed_commitments_cannot_change_here_after_closing(client, session, planned, sam, ada):
    made = make_one(session, ada)
    closing.close(session, sam)
    later = {"text": "Send it to Jo", "due_on": made.due_on + timedelta(days=30), "version": made.version}
    for headers in ({}, HTMX):
        answer = client.post(url("wrap_up_commitment_edit", session, made.pk), later, headers=headers)
        assert answer.status_code == 409 and "Send it to Jo" in answer.content.decode()
    assert [(row.text, row.due_on) for row in Commitment.objects.all()] == [(made.text, made.due_on)]


def test_a_session_that_has_not_begun_cannot_be_closed(client, planned, sam):
    closing.make_no_commitments(planned)
    client.post(url("session_close", planned), form_data(next="open"))
    planned.refresh_from_db()
    assert planned.closed_at is None and planned.held_at is None


@pytest.mark.parametrize("start", ["9999-12-31T23:59", "9999-06-30T10:00", "0001-01-01T00:00"])
def test_a_next_date_in_another_century_is_refused(client, session, sam, start):
    closing.make_no_commitments(session)
    answer = client.post(url("session_close", session), form_data(next="other", other_start=start))
    assert answer.status_code == 422 and "Check the year" in answer.content.decode()
    assert Session.objects.count() == 1


# --- Closed, canceled or ended while somebody was typing ------------------------------------------------------


@pytest.mark.parametrize("page", ["session_close", "session_wrap_up"])
def test_text_typed_while_the_other_closes_is_in_the_recap(as_, session, planned, sam, ada, page):
    make_one(session, ada)
    assert as_(sam).post(url("session_close", session), form_data()).status_code == 302
    late = form_data(takeaway="Ask first", need="Introduce me to Noor", form_token=str(uuid.uuid4()))
    for _press in range(2):
        answer = as_(ada).post(url(page, session), late, follow=True)
    html = answer.content.decode()
    assert "What you wrote was added to the recap." in html
    assert "Ask first" in html and "Introduce me to Noor" in html
    assert Commitment.objects.filter(text="For Ada: Introduce me to Noor", owner=sam).count() == 1


def test_two_takeaways_for_a_closed_session_are_both_shown(as_, session, planned, sam, ada):
    make_one(session, ada)
    as_(sam).post(url("session_close", session), form_data(takeaway="His"))
    answer = as_(ada).post(url("session_close", session), form_data(takeaway="Hers"))
    html = answer.content.decode()
    assert answer.status_code == 409 and "His" in html and "Hers" in html and "Add to the recap" in html
    as_(ada).post(url("session_close", session), form_data(takeaway="Both", started_from=fingerprint("His")))
    assert Session.objects.get(pk=session.pk).takeaway == "Both"


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_commitment_added_while_the_other_closes_is_saved(as_, session, planned, sam, ada, headers):
    closing.close(session, sam)
    data = {"text": "Call Noor", "owner": ada.pk, "due_on": timezone.now().date().isoformat()}
    client = as_(ada)
    answer = client.post(url("wrap_up_commitment_create", session), data, headers=headers)
    assert answer.headers.get("HX-Redirect", answer.headers.get("Location")) == url("session_recap", session)
    html = client.get(url("session_recap", session)).content.decode()
    assert "this commitment was saved: Call Noor" in html
    assert [row.text for row in closing.commitments_of(session)] == ["Call Noor"]


@pytest.mark.parametrize("page", ["session_close", "session_wrap_up"])
@pytest.mark.parametrize("meanwhile", ["cancel", "move", "end"])
def test_text_for_a_canceled_session_is_shown_again(as_, session, pair, sam, ada, page, meanwhile):
    if meanwhile == "end":
        pair.end()
    elif meanwhile == "cancel":
        session.cancel(sam)
    else:
        session.move(sam, TimeSlot(session.planned_for + timedelta(days=3), session.zone, 60))
    answer = as_(ada).post(url(page, session), form_data(takeaway="Ask first", need="Introduce me to Noor"))
    html = answer.content.decode()
    assert answer.status_code == (404 if meanwhile == "end" else 409)
    assert "Ask first" in html and "Introduce me to Noor" in html


def test_a_note_on_a_canceled_session_is_shown_again(as_, session, sam, ada):
    session.cancel(sam)
    answer = as_(ada).post(url("session_answer", session), {"met": "met", "note": "It was Tuesday"})
    assert answer.status_code == 409 and "It was Tuesday" in answer.content.decode()
    assert not session.answers.exists()


def test_simultaneous_closing_keeps_the_input_of_both(transactional_db, as_):
    """One request closes the session, the need is stored once, and no input is lost."""
    pair = make.pair()
    make.session(pair)
    session = make.running_session(pair)
    closing.make_no_commitments(session)
    clients = [as_(person) for person in pair.people]
    data = [form_data(need="Introduce me to Noor"), form_data(need="Introduce me to Noor", takeaway="Ask first")]
    sending = zip(clients, data, strict=True)
    answers = run_at_once(*(partial(client.post, url("session_close", session), form) for client, form in sending))
    assert sorted(answer.status_code for answer in answers) in ([302, 302], [302, 409])
    session.refresh_from_db()
    assert session.closed_at and session.answers.count() == 1
    assert session.takeaway == "Ask first" or any("Ask first" in a.content.decode() for a in answers)
    assert Commitment.objects.filter(text="For Ada: Introduce me to Noor").count() == 1


def test_no_session_is_planned_after_the_closing_session(as_, pair, sam):
    session = make.running_session(pair, kind="closing", no_commitments_at=timezone.now())
    page = as_(sam).get(reverse("session_wrap_up", args=[session.pk])).content.decode()
    assert "No next date: this was the closing session" in page and 'value="proposed"' not in page
    as_(sam).post(reverse("session_close", args=[session.pk]), {"next": "open", "started_from": ""})
    recap = as_(sam).get(reverse("session_recap", args=[session.pk])).content.decode()
    assert pair.sessions.count() == 1 and "this was the closing session" in recap


def test_a_date_after_the_end_is_not_preselected(as_, pair, sam):
    session = make.running_session(pair, no_commitments_at=timezone.now())
    type(pair).objects.filter(pk=pair.pk).update(ends_on=timezone.now().date() + timedelta(days=2))
    page = as_(sam).get(reverse("session_wrap_up", args=[session.pk])).content.decode()
    assert 'id="id_next_0">' in page and "after your time together ends" in page
    answer = as_(sam).post(reverse("session_close", args=[session.pk]), {"started_from": ""})
    assert answer.status_code == 422 and pair.sessions.count() == 1


# --- Changes after agreeing ----------------------------------------------------------------------------------


def test_a_commitment_added_after_agreeing_asks_again(client, session, planned, sam, ada):
    first = make_one(session, ada)
    client.post(url("wrap_up_agree", session))
    assert "✓ Agreed" in client.get(url("session_wrap_up", session)).content.decode()
    make_one(session, sam, text="Call Noor")
    html = client.get(url("session_wrap_up", session)).content.decode()
    assert "Agreed, with the changes" in html and html.count("changed after you agreed") == 1
    client.post(url("wrap_up_agree", session))
    html = client.get(url("session_wrap_up", session)).content.decode()
    assert "✓ Agreed" in html and "changed after you agreed" not in html
    closing.close(session, sam)
    Commitment.objects.get(pk=first.pk).reword(ada, first.version, text="Send both drafts")
    html = client.get(url("session_recap", session)).content.decode()
    assert html.count("changed after you agreed") == 1


# --- A next session that is booked already ----------------------------------------------------------------------


def test_a_booked_session_is_named_and_kept_without_a_choice(client, session, planned):
    closing.make_no_commitments(session)
    html = client.get(url("session_wrap_up", session)).content.decode()
    assert "The next session is booked" in html and "Pick the next session" not in html
    assert re.search(r'value="proposed" id="id_next_0" checked>\s*<span>\s*Keep ', html)
    assert "Move it to another time" in html and 'value="open"' not in html
    for choice in ("proposed", "open"):  # "open" was chosen before the session was booked
        client.post(url("session_close", session), form_data(next=choice))
    planned.refresh_from_db()
    session.refresh_from_db()
    assert session.closed_at and session.next_left_open_at is None
    assert not planned.moves.exists()


def booked_as_shown(client, session) -> str:
    html = client.get(url("session_wrap_up", session)).content.decode()
    return re.search(r'name="booked" value="([^"]+)"', html)[1]


def test_a_booked_session_can_be_moved_while_wrapping_up(client, session, planned, pair, sam):
    closing.make_no_commitments(session)
    day = planned.planned_date + timedelta(days=3)
    fields = form_data(next="other", other_start=f"{day}T11:30", booked=booked_as_shown(client, session))
    fields["sure"] = fields["other_start"]
    assert client.post(url("session_close", session), fields).status_code == 302
    planned.refresh_from_db()
    assert planned.planned_for.isoformat() == f"{day}T11:30:00"
    assert planned.moves.get().created_by == sam and pair.sessions.count() == 2


@pytest.mark.parametrize("booked", ["\0", "x" * 100_000])
def test_a_booked_session_that_the_form_garbles_is_not_moved(client, session, planned, booked):
    fields = form_data(next="other", other_start=f"{planned.planned_date}T11:30", booked=booked)
    assert client.post(url("session_close", session), fields).status_code == 422
    planned.refresh_from_db()
    assert planned.version == 1


def test_a_booked_session_that_changed_meanwhile_is_not_moved_unseen(client, session, planned, ada):
    closing.make_no_commitments(session)
    shown = booked_as_shown(client, session)
    theirs = planned.slot.starting(planned.planned_for + timedelta(days=1))
    planned.move(ada, theirs)
    fields = form_data(next="other", other_start=f"{planned.planned_date}T11:30", booked=shown, takeaway="Kept")
    response = client.post(url("session_close", session), fields)
    html = response.content.decode()
    assert response.status_code == 422 and "The next session was changed meanwhile" in html
    assert "T11:30" in html and "Kept" in html
    session.refresh_from_db()
    planned.refresh_from_db()
    assert session.closed_at is None and planned.slot == theirs
