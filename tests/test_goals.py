"""Goals and real events: one line each, never lost, changed by either person."""

from datetime import date

import pytest
from django.urls import reverse

from goals.models import Goal, WorkItem
from tests import make

KINDS = {
    "goal": (Goal, make.goal, {"title": "Lead a review", "why": "next role", "measure": "twice"}),
    "work_item": (WorkItem, make.work_item, {"title": "Launch", "on": "2026-12-18"}),
}
kinds = pytest.mark.parametrize("kind", KINDS)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


@kinds
def test_either_person_adds_one_and_both_have_it(as_, pair, sam, kind):
    model, _, data = KINDS[kind]
    before = fresh(pair).revision
    answer = as_(sam).post(reverse(f"{kind}_create", args=[pair.pk]), data)
    assert answer.headers["Location"] == reverse("pair_detail", args=[pair.pk])
    row = model.objects.visible_to(pair.mentee).get()
    assert (row.title, row.made_by) == (data["title"], sam)
    assert fresh(pair).revision > before


def test_added_in_the_room_it_leads_back_to_the_room(as_, ada, pair):
    room, elsewhere = "/sessions/1/", "https://elsewhere.example/"
    sent = as_(ada).post(f"/pairs/{pair.pk}/goals/new/", {"title": "Lead a meeting", "next": room})
    assert sent.url == room
    sent = as_(ada).post(f"/pairs/{pair.pk}/goals/new/", {"title": "Say no", "next": elsewhere})
    assert sent.url == f"/pairs/{pair.pk}/"


@kinds
def test_a_line_is_needed_and_the_rest_is_kept(as_, ada, pair, kind):
    model, _, data = KINDS[kind]
    answer = as_(ada).post(reverse(f"{kind}_create", args=[pair.pk]), data | {"title": " "})
    assert answer.status_code == 422
    assert list(data.values())[1] in answer.content.decode()
    assert not model.objects.exists()


@kinds
def test_sent_twice_is_one(as_, ada, pair, kind):
    model, _, data = KINDS[kind]
    for _ in range(2):
        token = {"form_token": "8c6a7c34-28a7-4f0f-8c1e-24c2b6b3a111"}
        as_(ada).post(reverse(f"{kind}_create", args=[pair.pk]), data | token)
    assert model.objects.count() == 1


@kinds
def test_editing_changes_the_words(as_, ada, pair, kind):
    _, make_one, data = KINDS[kind]
    row = make_one(pair)
    as_(ada).post(reverse(f"{kind}_edit", args=[row.pk]), data | {"version": 1})
    assert (fresh(row).title, fresh(row).version) == (data["title"], 2)


@kinds
def test_a_stale_edit_shows_both_wordings_and_can_be_sent_again(as_, ada, sam, pair, kind):
    _, make_one, data = KINDS[kind]
    row = make_one(pair)
    row.change(1, title="What Sam wrote")
    url = reverse(f"{kind}_edit", args=[row.pk])
    answer = as_(ada).post(url, data | {"version": 1})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "What Sam wrote" in html and f'value="{data["title"]}"' in html
    assert fresh(row).title == "What Sam wrote"
    as_(ada).post(url, data | {"version": 2})
    assert fresh(row).title == data["title"]


@kinds
def test_what_is_dropped_is_kept_and_can_be_brought_back(as_, ada, pair, kind):
    _, make_one, _ = KINDS[kind]
    row = make_one(pair)
    commitment = make.commitment(pair, **{kind: row})
    client = as_(ada)
    page = client.post(reverse(f"{kind}_drop", args=[row.pk]), follow=True).content.decode()
    undo = reverse(f"{kind}_reopen", args=[row.pk])
    assert fresh(row).dropped_at and undo in page
    assert getattr(fresh(commitment), kind) == row
    client.post(undo)
    assert fresh(row).dropped_at is None


def test_a_goal_is_reached_and_taken_up_again(as_, ada, pair):
    goal = make.goal(pair)
    as_(ada).post(reverse("goal_reach", args=[goal.pk]))
    assert goal not in Goal.objects.active() and fresh(goal).reached_at
    as_(ada).post(reverse("goal_reopen", args=[goal.pk]))
    assert goal in Goal.objects.active()


def test_a_fourth_goal_is_allowed_but_not_encouraged(as_, ada, pair):
    for _ in range(2):
        make.goal(pair)
    create = reverse("goal_create", args=[pair.pk])
    assert "three goals already" not in as_(ada).get(create).content.decode()
    make.goal(pair)
    assert "three goals already" in as_(ada).get(create).content.decode()
    as_(ada).post(create, {"title": "A fourth"})
    assert Goal.objects.active().count() == 4


@kinds
@pytest.mark.parametrize("verb", ["edit", "drop", "reopen"])
def test_nobody_else_and_nobody_after_the_end(as_, ada, pair, kind, verb):
    _, make_one, data = KINDS[kind]
    row = make_one(pair)
    url = reverse(f"{kind}_{verb}", args=[row.pk])
    for person in (make.user(), make.admin(pair.program)):
        assert as_(person).post(url, data | {"version": 1}).status_code == 404
    pair.end()
    assert as_(ada).post(url, data | {"version": 1}).status_code == 404
    assert fresh(row).version == 1


def test_events_are_known_by_their_day(pair):
    near, far = (make.work_item(pair, t, on=d) for t, d in (("near", date(2026, 12, 8)), ("far", date(2026, 12, 30))))
    gone = make.work_item(pair, "gone", on=date(2026, 12, 1))
    assert list(WorkItem.objects.coming(date(2026, 12, 8))) == [near, far]
    assert gone in WorkItem.objects.current()
