"""Commitments: one owner, a due date, and answers that can be undone."""

import re
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from core.optimistic_locking import Conflict
from goals.models import Commitment, CommitmentEvent
from tests import make

MONDAY = "2026-12-07 10:00Z"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _on_a_monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def commitment(pair):
    return make.commitment(pair, due_on=date(2026, 12, 10))


def url(verb: str, row) -> str:
    return reverse(f"commitment_{verb}", args=[row.pk])


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def kept_texts(pair, today=date(2026, 12, 31)) -> list[str]:
    return [c.text for c in Commitment.objects.filter(pair=pair).kept(today)]


# --- What can be stored ------------------------------------------------------------------------------------


def test_the_owner_is_one_of_the_pair(pair):
    with pytest.raises(ValueError, match="one of the pair's two people"):
        make.commitment(pair, owner=make.user())
    assert not Commitment.objects.exists()


def test_a_new_owner_is_one_of_the_pair(commitment, ada):
    with pytest.raises(ValueError, match="one of the pair's two people"):
        commitment.reword(ada, 1, owner=make.user())
    assert fresh(commitment).owner == ada


def test_the_history_starts_with_the_creation(commitment, ada):
    event = commitment.events.get()
    assert (event.kind, event.created_by, event.new_due_on) == ("made", ada, date(2026, 12, 10))


# --- Kept in time ------------------------------------------------------------------------------------------


def test_done_on_the_due_date_counts_as_kept(commitment, pair, ada):
    with time_machine.travel("2026-12-10 17:00Z"):
        commitment.complete(ada, 1)
    assert kept_texts(pair) == [commitment.text]


def test_the_due_date_ends_in_the_owners_time_zone(commitment, pair, ada):
    """20:00 UTC on the 10th is the 11th in Kolkata."""
    with time_machine.travel("2026-12-10 20:00Z"):
        assert commitment.complete(ada, 1).late
    assert kept_texts(pair) == []


def test_done_late_is_not_kept_unless_dated_earlier(pair, ada):
    late, earlier = (make.commitment(pair, text=t, due_on=date(2026, 12, 10)) for t in ("late", "earlier"))
    with time_machine.travel("2026-12-11 12:00Z"):
        late.complete(ada, 1)
        earlier.complete(ada, 1, done_on=date(2026, 12, 9))
    assert kept_texts(pair) == ["earlier"]


def test_a_future_completion_date_counts_as_today(commitment, ada):
    assert commitment.complete(ada, 1, done_on=date(2026, 12, 24)).effective_on == date(2026, 12, 7)


def test_a_commitment_moved_in_time_is_kept_by_its_new_date(commitment, pair, ada):
    commitment.renegotiate(ada, 1, date(2026, 12, 20), "Lin is away")
    assert kept_texts(pair, today=date(2026, 12, 15)) == [commitment.text]
    assert kept_texts(pair, today=date(2026, 12, 21)) == []
    with time_machine.travel("2026-12-20 08:00Z"):
        commitment.complete(ada, 2)
    assert kept_texts(pair) == [commitment.text]


def test_a_commitment_moved_too_late_is_not_kept(commitment, pair, ada):
    with time_machine.travel("2026-12-12 08:00Z"):
        commitment.renegotiate(ada, 1, date(2026, 12, 20), "Forgot")
        commitment.complete(ada, 2)
    assert kept_texts(pair) == []


def test_an_open_commitment_past_its_due_date_is_not_kept(commitment, pair):
    assert kept_texts(pair, today=date(2026, 12, 10)) == [commitment.text]
    assert kept_texts(pair, today=date(2026, 12, 11)) == []


def test_a_partly_done_commitment_stays_open_with_what_is_left(commitment, ada):
    commitment.complete_partly(ada, 1, "the summary")
    row = fresh(commitment)
    assert (row.state, row.left_to_do, row.due_on) == ("open", "the summary", date(2026, 12, 10))


def test_counts_leave_out_commitments_dropped_in_time(pair, ada):
    def one(text, due_on=date(2026, 12, 10)):
        return make.commitment(pair, text=text, due_on=due_on)

    one("done").complete(ada, 1)
    one("dropped in time").drop(ada, 1)
    one("still ahead", date(2026, 12, 30))
    one("done ahead", date(2026, 12, 30)).complete(ada, 1)
    one("open and past")
    one("due today", date(2026, 12, 14))
    with time_machine.travel("2026-12-12 08:00Z"):
        one("dropped late").drop(ada, 1)
    counted = Commitment.objects.came_due(date(2026, 12, 1), date(2026, 12, 14))
    assert {c.text for c in counted} == {"done", "done ahead", "open and past", "dropped late"}
    assert {c.text for c in counted.kept(date(2026, 12, 14))} == {"done", "done ahead"}
    assert Commitment.objects.kept_of_counted(date(2026, 12, 1), date(2026, 12, 14)) == (2, 4)
    since, today = date(2026, 12, 1), date(2026, 12, 14)
    due = [c for c in Commitment.objects.with_kept() if c.has_come_due(since, today)]
    assert {c.text for c in due} == {"done", "done ahead", "open and past", "dropped late"}
    assert {c.text for c in due if c.is_kept(today)} == {"done", "done ahead"}


# --- Answers and conflicts ------------------------------------------------------------------------------


def test_either_person_can_answer_and_is_named_in_the_history(commitment, sam):
    assert commitment.complete(sam, 1).created_by == sam


def test_a_conflict_changes_nothing(commitment, ada, sam):
    stale = fresh(commitment)
    commitment.renegotiate(sam, 1, date(2026, 12, 18))
    with pytest.raises(Conflict):
        stale.drop(ada, 1)
    assert (fresh(commitment).state, commitment.events.count()) == ("open", 2)


def test_an_answer_given_twice_counts_once(commitment, ada):
    other_copy = fresh(commitment)
    first = commitment.complete(ada, 1)
    assert other_copy.complete(ada, 1) == first
    assert other_copy.state == "done"
    assert commitment.events.count() == 2


def test_two_different_moves_from_one_version_conflict(commitment, ada):
    other_tab = fresh(commitment)
    commitment.renegotiate(ada, 1, date(2026, 12, 18))
    with pytest.raises(Conflict):
        other_tab.renegotiate(ada, 1, date(2026, 12, 19))


@pytest.mark.parametrize("verb", ["complete", "drop"])
def test_a_settled_commitment_accepts_no_other_answer(commitment, ada, verb):
    getattr(commitment, verb)(ada, 1)
    with pytest.raises(Conflict):
        commitment.complete_partly(ada, commitment.version, "more")


def test_every_answer_updates_the_revision_of_the_pair(commitment, pair, ada):
    before = fresh(pair).revision
    commitment.complete(ada, 1)
    assert fresh(pair).revision == before + 1


# --- Undo --------------------------------------------------------------------------------------------------


ANSWERS = {
    "complete": {},
    "complete_partly": {"left": "the end"},
    "renegotiate": {"due_on": date(2026, 12, 20)},
    "drop": {"reason": "not needed"},
    "reword": {"text": "Send two drafts", "done_when": "both are read"},
    "split": {"parts": [("One", date(2026, 12, 8)), ("Two", date(2026, 12, 10))]},
}
FIELDS = ("text", "owner_id", "due_on", "done_when", "state", "left_to_do", "settled_at")


@pytest.mark.parametrize("verb", ANSWERS)
def test_every_answer_can_be_undone_by_its_author(commitment, ada, sam, verb):
    before = [getattr(commitment, name) for name in FIELDS]
    event = getattr(commitment, verb)(ada, 1, **ANSWERS[verb])
    assert not commitment.undo(sam, event)
    assert commitment.undo(ada, event)
    assert [getattr(fresh(commitment), name) for name in FIELDS] == before
    assert fresh(event).undone_at
    assert fresh(commitment).version == 3  # undoing is a new version
    assert not commitment.undo(ada, fresh(event))


def test_an_undone_answer_does_not_count(commitment, pair, ada):
    with time_machine.travel("2026-12-12 08:00Z"):
        commitment.undo(ada, commitment.drop(ada, 1))
        commitment.renegotiate(ada, 3, date(2026, 12, 12), "late")
    assert kept_texts(pair) == []
    event = commitment.events.last()
    with time_machine.travel("2026-12-12 08:01Z"):
        commitment.undo(ada, event)
    assert not Commitment.objects.with_kept().get(pk=commitment.pk).slipped


def test_an_answer_can_be_undone_for_ten_minutes(commitment, ada):
    event = commitment.complete(ada, 1)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert not commitment.undo(ada, event)
    with time_machine.travel(timezone.now() + timedelta(seconds=30)):
        assert commitment.undo(ada, event)


def test_an_answer_cannot_be_undone_after_a_later_one(commitment, ada, sam):
    event = commitment.complete_partly(ada, 1, "half")
    commitment.renegotiate(sam, 2, date(2026, 12, 20))
    assert not commitment.undo(ada, event)
    assert fresh(commitment).left_to_do == "half"


def test_the_creation_cannot_be_undone(commitment, ada):
    assert not commitment.undo(ada, commitment.events.get())


# --- Split -------------------------------------------------------------------------------------------------


def test_a_split_settles_a_commitment_and_its_parts_keep_the_owner(commitment, pair, ada):
    commitment.split(ada, 1, ANSWERS["split"]["parts"])
    assert fresh(commitment).state == "split"
    parts = [(part.text, part.owner, part.parent, part.state) for part in commitment.parts.order_by("pk")]
    assert parts == [("One", ada, commitment, "open"), ("Two", ada, commitment, "open")]


def test_a_split_submitted_twice_creates_the_parts_once(commitment, ada):
    other_copy = fresh(commitment)
    commitment.split(ada, 1, ANSWERS["split"]["parts"])
    other_copy.split(ada, 1, ANSWERS["split"]["parts"])
    assert commitment.parts.count() == 2


def test_a_split_with_an_answered_part_cannot_be_undone(commitment, ada, sam):
    event = commitment.split(ada, 1, ANSWERS["split"]["parts"])
    commitment.parts.first().complete(sam, 1)
    assert not commitment.undo(ada, event)
    assert fresh(commitment).state == "split"
    assert sorted(part.state for part in commitment.parts.all()) == ["done", "open"]


def test_a_split_needs_at_least_two_parts(commitment, ada):
    with pytest.raises(ValueError, match="two parts"):
        commitment.split(ada, 1, [("One", date(2026, 12, 8))])


# --- Pages: a commitment in a list, and its answers ---------------------------------------------------------


def test_done_needs_one_click_and_offers_undo(as_, ada, commitment):
    client = as_(ada)
    answer = client.post(url("complete", commitment), {"version": 1}, headers=HTMX)
    assert answer.status_code == 200
    event = commitment.events.get(kind="done")
    html = answer.content.decode()
    assert html.strip().startswith("<li") and f'id="commitment-{commitment.pk}"' in html
    assert reverse("commitment_undo", args=[event.pk]) in html
    undone = client.post(reverse("commitment_undo", args=[event.pk]), headers=HTMX)
    assert fresh(commitment).state == "open"
    assert url("complete", commitment) in undone.content.decode()


def test_without_javascript_an_answer_returns_to_its_page(as_, ada, commitment):
    client = as_(ada)
    answer = client.post(
        url("complete", commitment), {"version": 1}, headers={"Referer": "http://testserver/commitments/?pair=1"}
    )
    assert answer.headers["Location"] == "/commitments/?pair=1"
    page = client.get(answer.headers["Location"]).content.decode()
    assert reverse("commitment_undo", args=[commitment.events.last().pk]) in page


def test_a_line_keeps_its_options_after_an_answer(as_, ada, commitment):
    client = as_(ada)
    assert re.search(r">\s*You\s*</span>", client.get(url("detail", commitment), headers=HTMX).content.decode())
    for answer in (
        client.get(url("detail", commitment), {"line": "hide_owner name_partner"}, headers=HTMX),
        client.post(url("complete", commitment), {"version": 1, "line": "hide_owner name_partner"}, headers=HTMX),
    ):
        assert "You</span>" not in answer.content.decode() and "with Sam" in answer.content.decode()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/x", "//evil.example/x", "/\\evil.example"])
def test_an_answer_never_redirects_to_another_site(as_, ada, commitment, elsewhere):
    answer = as_(ada).post(url("complete", commitment), {"version": 1, "next": elsewhere})
    assert answer.headers["Location"] == url("detail", commitment)


FORMS = {
    "partly": {"left": "the summary"},
    "move": {"due_on": "2026-12-15", "reason": "Lin is away"},
    "drop": {"reason": "not needed"},
    "complete": {"done_on": "2026-12-06"},
    "split": {"first": "One", "first_due": "2026-12-08", "second": "Two", "second_due": "2026-12-09"},
}
AFTER = {"partly": "partly", "move": "moved", "drop": "dropped", "complete": "done", "split": "split"}


@pytest.mark.parametrize("verb", FORMS)
def test_each_answer_form_works_as_a_page_and_in_a_list(as_, ada, sam, commitment, verb):
    page = as_(ada).get(url(verb, commitment))
    line = as_(ada).get(url(verb, commitment), headers=HTMX)
    for response in (page, line):
        assert response.status_code == 200
        assert 'name="version"' in response.content.decode()
        assert "HX-Request" in response.headers["Vary"]
    assert b"<html" in page.content and b"<html" not in line.content
    answer = as_(sam).post(url(verb, commitment), {"version": 1} | FORMS[verb])
    assert answer.status_code == 302
    assert commitment.events.last().kind == AFTER[verb]


@pytest.mark.parametrize(
    ("verb", "data"),
    [("partly", {}), ("move", {}), ("complete", {"done_on": "2026-12-24"}), ("split", {"first": "One only"})],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_invalid_answers_are_rejected_with_the_typed_text(as_, ada, commitment, verb, data, headers):
    answer = as_(ada).post(url(verb, commitment), {"version": 1} | data, headers=headers)
    assert answer.status_code == 422
    assert all(value in answer.content.decode() for value in data.values())
    assert commitment.events.count() == 1


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_conflict_is_explained_and_the_text_can_be_sent_again(as_, ada, sam, commitment, headers):
    commitment.renegotiate(sam, 1, date(2026, 12, 18), "so that Lin is back")
    answer = as_(ada).post(url("partly", commitment), {"version": 1, "left": "my own words"}, headers=headers)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Sam" in html and 'value="my own words"' in html and 'name="version" value="2"' in html
    assert as_(ada).post(url("partly", commitment), {"version": 2, "left": "my own words"}).status_code == 302


def test_completing_a_commitment_dropped_by_the_other_conflicts(as_, ada, sam, commitment):
    commitment.drop(sam, 1)
    answer = as_(ada).post(url("complete", commitment), {"version": 1}, headers=HTMX)
    assert answer.status_code == 409
    assert "Sam" in answer.content.decode()


def test_a_double_click_gets_the_same_response_twice(as_, ada, commitment):
    client = as_(ada)
    for _ in range(2):
        assert client.post(url("complete", commitment), {"version": 1}, headers=HTMX).status_code == 200
    assert commitment.events.count() == 2


def test_a_quick_choice_moves_with_one_click(as_, ada, commitment):
    page = as_(ada).get(url("move", commitment), headers=HTMX).content.decode()
    assert 'value="2026-12-14"' in page  # next Monday
    as_(ada).post(url("move", commitment), {"version": 1, "due_on": "", "to": "2026-12-14"})
    assert fresh(commitment).due_on == date(2026, 12, 14)


def test_a_planned_session_is_offered_as_a_quick_choice(as_, ada, pair, commitment):
    make.session(pair, datetime(2026, 12, 16, 10))
    page = as_(ada).get(url("move", commitment), headers=HTMX).content.decode()
    assert 'value="2026-12-16"' in page


@pytest.mark.parametrize("verb", ["detail", "edit", *FORMS])
def test_a_stranger_and_an_admin_get_404(as_, pair, commitment, verb):
    for person in (make.user(), make.admin(pair.program)):
        assert as_(person).get(url(verb, commitment)).status_code == 404
        assert as_(person).post(url(verb, commitment), {"version": 1} | FORMS.get(verb, {})).status_code in (404, 405)
    assert commitment.events.count() == 1


@pytest.mark.parametrize("verb", FORMS)
def test_an_ended_pair_is_read_only(as_, ada, pair, commitment, verb):
    pair.end()
    assert as_(ada).post(url(verb, commitment), {"version": 1} | FORMS[verb]).status_code == 404
    page = as_(ada).get(url("detail", commitment)).content.decode()
    assert commitment.text in page and url(verb, commitment) not in page


def test_undo_needs_a_post(as_, ada, commitment):
    event = commitment.complete(ada, 1)
    assert as_(ada).get(reverse("commitment_undo", args=[event.pk])).status_code == 405
    assert fresh(commitment).state == "done"


def test_the_other_person_cannot_undo_an_answer(as_, ada, sam, commitment):
    event = commitment.complete(ada, 1)
    assert as_(sam).post(reverse("commitment_undo", args=[event.pk]), headers=HTMX).status_code == 409
    assert fresh(commitment).state == "done"


# --- Pages: create, edit, list ------------------------------------------------------------------------------


def fields(pair, **more) -> dict:
    return {"text": "Ask Noor for numbers", "owner": pair.mentee_id, "due_on": "2026-12-11"} | more


def test_the_form_suggests_an_owner_and_a_due_date(as_, ada, pair):
    create = reverse("commitment_create", args=[pair.pk])
    form = as_(ada).get(create).context["form"]
    assert form["owner"].value() == pair.mentee_id
    assert form["due_on"].value() > date(2026, 12, 7)
    as_(ada).post(create, fields(pair))
    created = Commitment.objects.get()
    assert (created.text, created.owner, created.due_on, created.created_by) == (
        "Ask Noor for numbers",
        ada,
        date(2026, 12, 11),
        ada,
    )


@pytest.mark.parametrize("missing", ["text", "owner", "due_on"])
def test_owner_and_date_are_required_and_other_input_is_kept(as_, ada, pair, missing):
    data = fields(pair, done_when="she has sent them") | {missing: ""}
    answer = as_(ada).post(reverse("commitment_create", args=[pair.pk]), data)
    assert answer.status_code == 422 and "she has sent them" in answer.content.decode()
    assert not Commitment.objects.exists()


def test_people_outside_the_pair_cannot_be_owners(as_, ada, pair):
    answer = as_(ada).post(reverse("commitment_create", args=[pair.pk]), fields(pair, owner=make.user().pk))
    assert answer.status_code == 422


def test_a_goal_of_another_pair_is_rejected(as_, ada, pair):
    make.goal(pair)
    other_goal = make.goal(make.pair(pair.program))
    answer = as_(ada).post(reverse("commitment_create", args=[pair.pk]), fields(pair, goal=other_goal.pk))
    assert answer.status_code == 422


def test_a_past_due_date_needs_confirmation(as_, ada, pair):
    create, data = reverse("commitment_create", args=[pair.pk]), fields(pair, due_on="2026-12-01")
    warned = as_(ada).post(create, data)
    assert warned.status_code == 422 and "is in the past" in warned.content.decode()
    as_(ada).post(create, data | {"past_is_fine": "2026-12-02"})
    assert not Commitment.objects.exists()
    as_(ada).post(create, data | {"past_is_fine": "2026-12-01"})
    assert Commitment.objects.get().due_on == date(2026, 12, 1)


def test_a_form_submitted_twice_creates_one_commitment(as_, ada, pair):
    client, create = as_(ada), reverse("commitment_create", args=[pair.pk])
    data = fields(pair, form_token="8c6a7c34-28a7-4f0f-8c1e-24c2b6b3a111")
    places = {client.post(create, data).headers["Location"] for _ in range(2)}
    assert Commitment.objects.count() == 1 and len(places) == 1


def test_a_long_commitment_offers_a_split(as_, ada, pair):
    answer = as_(ada).post(reverse("commitment_create", args=[pair.pk]), fields(pair, size="bigger"))
    assert answer.headers["Location"] == url("split", Commitment.objects.get())


def test_an_edit_keeps_the_old_text_in_the_history(as_, ada, sam, pair, commitment):
    data = {"version": 1, "text": "Send the *final* draft", "owner": sam.pk, "done_when": "Lin said yes"}
    as_(ada).post(url("edit", commitment), data)
    row = fresh(commitment)
    assert (row.text, row.owner, row.done_when) == ("Send the *final* draft", sam, "Lin said yes")
    assert commitment.events.get(kind="reworded").note == "Send the draft to Lin"


def test_editing_an_old_version_shows_both_texts(as_, ada, sam, commitment):
    commitment.reword(sam, 1, text="Sam's wording")
    data = {"version": 1, "text": "Ada's wording", "owner": ada.pk}
    answer = as_(ada).post(url("edit", commitment), data)
    html = answer.content.decode()
    assert answer.status_code == 409 and "Sam&#x27;s wording" in html and "Ada&#x27;s wording" in html
    assert as_(ada).post(url("edit", commitment), data | {"version": 2}).status_code == 302
    assert fresh(commitment).text == "Ada's wording"


def test_long_texts_in_any_script_are_stored(as_, ada, pair):
    text = "‏שלח את הטיוטה ללין 🌱 " + "x" * 450
    as_(ada).post(reverse("commitment_create", args=[pair.pk]), fields(pair, text=text))
    assert Commitment.objects.get().text == text.strip()


def test_the_history_shows_who_did_what(as_, ada, sam, commitment):
    commitment.renegotiate(sam, 1, date(2026, 12, 18), "Lin is back then")
    html = as_(ada).get(url("detail", commitment)).content.decode()
    assert "Sam" in html and "Lin is back then" in html
    assert CommitmentEvent.objects.count() == 2
