"""Goals, milestones and work events: either person changes them, and none is deleted."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from goals.models import Commitment, Goal, Milestone, WorkEvent
from tests import make

KINDS = {
    "goal": (Goal, make.goal, {"title": "Lead a review", "why": "next role", "measure": "twice"}),
    "work_event": (WorkEvent, make.work_event, {"title": "Launch", "happens_on": "2026-12-18"}),
}
kinds = pytest.mark.parametrize("kind", KINDS)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


@kinds
def test_a_row_added_by_either_person_is_shared(as_, pair, sam, kind):
    model, _, data = KINDS[kind]
    before = fresh(pair).revision
    answer = as_(sam).post(reverse(f"{kind}_create", args=[pair.pk]), data)
    assert answer.headers["Location"] == reverse("pair_detail", args=[pair.pk])
    row = model.objects.visible_to(pair.mentee).get()
    assert (row.title, row.created_by) == (data["title"], sam)
    assert fresh(pair).revision > before


def test_a_goal_added_in_the_session_room_leads_back_to_it(as_, ada, pair):
    room, elsewhere = "/sessions/1/", "https://elsewhere.example/"
    sent = as_(ada).post(f"/pairs/{pair.pk}/goals/new/", {"title": "Lead a meeting", "next": room})
    assert sent.url == room
    sent = as_(ada).post(f"/pairs/{pair.pk}/goals/new/", {"title": "Say no", "next": elsewhere})
    assert sent.url == f"/pairs/{pair.pk}/"


@kinds
def test_the_title_is_required_and_other_input_is_kept(as_, ada, pair, kind):
    model, _, data = KINDS[kind]
    answer = as_(ada).post(reverse(f"{kind}_create", args=[pair.pk]), data | {"title": " "})
    assert answer.status_code == 422
    assert list(data.values())[1] in answer.content.decode()
    assert not model.objects.exists()


@kinds
def test_a_form_submitted_twice_creates_one_row(as_, ada, pair, kind):
    model, _, data = KINDS[kind]
    for _ in range(2):
        token = {"form_token": "8c6a7c34-28a7-4f0f-8c1e-24c2b6b3a111"}
        as_(ada).post(reverse(f"{kind}_create", args=[pair.pk]), data | token)
    assert model.objects.count() == 1


@kinds
def test_an_edit_changes_the_title(as_, ada, pair, kind):
    _, make_one, data = KINDS[kind]
    row = make_one(pair)
    as_(ada).post(reverse(f"{kind}_edit", args=[row.pk]), data | {"version": 1})
    assert (fresh(row).title, fresh(row).version) == (data["title"], 2)


@kinds
def test_a_conflicting_edit_shows_both_titles_and_can_be_resent(as_, ada, sam, pair, kind):
    _, make_one, data = KINDS[kind]
    row = make_one(pair)
    row.change(1, sam, title="What Sam wrote")
    url = reverse(f"{kind}_edit", args=[row.pk])
    answer = as_(ada).post(url, data | {"version": 1})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "What Sam wrote" in html and f'value="{data["title"]}"' in html
    assert fresh(row).title == "What Sam wrote"
    as_(ada).post(url, data | {"version": 2})
    assert fresh(row).title == data["title"]


@kinds
def test_a_dropped_row_is_kept_and_can_be_reopened(as_, ada, pair, kind):
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


def test_a_reached_goal_can_be_reopened(as_, ada, pair):
    goal = make.goal(pair)
    as_(ada).post(reverse("goal_reach", args=[goal.pk]))
    assert goal not in Goal.objects.active() and fresh(goal).reached_at
    as_(ada).post(reverse("goal_reopen", args=[goal.pk]))
    assert goal in Goal.objects.active()


def test_a_fourth_goal_is_allowed_with_a_hint(as_, ada, pair):
    for _ in range(2):
        make.goal(pair)
    create = reverse("goal_create", args=[pair.pk])
    assert "already have three active goals" not in as_(ada).get(create).content.decode()
    make.goal(pair)
    assert "already have three active goals" in as_(ada).get(create).content.decode()
    as_(ada).post(create, {"title": "A fourth"})
    assert Goal.objects.active().count() == 4


@kinds
@pytest.mark.parametrize("verb", ["edit", "drop", "reopen"])
def test_only_the_pair_can_edit_and_only_before_its_end(as_, ada, pair, kind, verb):
    _, make_one, data = KINDS[kind]
    row = make_one(pair)
    url = reverse(f"{kind}_{verb}", args=[row.pk])
    for person in (make.user(), make.admin(pair.program)):
        assert as_(person).post(url, data | {"version": 1}).status_code == 404
    pair.end()
    assert as_(ada).post(url, data | {"version": 1}).status_code == 404
    assert fresh(row).version == 1


def test_events_are_sorted_by_date(pair):
    near, far = (
        make.work_event(pair, t, happens_on=d) for t, d in (("near", date(2026, 12, 8)), ("far", date(2026, 12, 30)))
    )
    dropped = make.work_event(pair, "gone", happens_on=date(2026, 12, 1))
    assert list(WorkEvent.objects.coming(date(2026, 12, 8))) == [near, far]
    assert dropped in WorkEvent.objects.current()


# --- Milestones and the goal tree ---


@pytest.fixture
def goal_list(as_, ada, pair):
    return lambda: as_(ada).get(reverse("goal_list", args=[pair.pk])).content.decode()


def test_a_milestone_needs_a_title_only_and_is_shared(as_, sam, ada, pair, goal_list):
    goal = make.goal(pair)
    before = fresh(pair).revision
    sent = as_(sam).post(reverse("milestone_create", args=[goal.pk]), {"title": "Open the meeting"})
    assert sent.url == f"{reverse('goal_list', args=[pair.pk])}#goal-{goal.pk}"
    step = Milestone.objects.visible_to(ada).get()
    assert (step.goal, step.created_by, step.due_on) == (goal, sam, None)
    assert fresh(pair).revision > before
    assert "Open the meeting" in goal_list()
    empty = as_(sam).post(reverse("milestone_create", args=[goal.pk]), {"title": " ", "due_on": "2026-12-18"})
    assert empty.status_code == 422 and "2026-12-18" in empty.content.decode()


def test_a_reached_or_dropped_milestone_can_be_reopened(as_, ada, pair, goal_list):
    step, client = make.milestone(pair), as_(ada)
    for verb, stamp in (("reach", "reached_at"), ("drop", "dropped_at")):
        page = client.post(reverse(f"milestone_{verb}", args=[step.pk]), follow=True).content.decode()
        undo = reverse("milestone_reopen", args=[step.pk])
        assert getattr(fresh(step), stamp) and undo in page
        client.post(undo)
        assert fresh(step).is_active


def test_conflicting_edits_of_a_milestone_are_both_shown(as_, ada, pair):
    step = make.milestone(pair)
    step.change(1, pair.mentor, title="What Sam wrote")
    answer = as_(ada).post(reverse("milestone_edit", args=[step.pk]), {"title": "What Ada wrote", "version": 1})
    assert answer.status_code == 409
    assert "What Sam wrote" in answer.content.decode() and "What Ada wrote" in answer.content.decode()


def test_choosing_a_milestone_also_chooses_its_goal(as_, ada, pair):
    step, other = make.milestone(pair), make.goal(pair, "Another goal")
    data = {"text": "Draft the opening", "owner": ada.pk, "due_on": "2099-12-18", "milestone": step.pk}
    create = reverse("commitment_create", args=[pair.pk])
    answer = as_(ada).post(create, data | {"goal": other.pk})
    assert answer.status_code == 422 and step.goal.title in answer.content.decode()
    as_(ada).post(create, data)
    commitment = Commitment.objects.get()
    assert (commitment.milestone, commitment.goal) == (step, step.goal)
    commitment.split(ada, 1, [("First", date(2099, 12, 1)), ("Second", date(2099, 12, 18))])
    assert {part.milestone for part in commitment.parts.all()} == {step}


def test_adding_a_milestone_later_also_sets_its_goal(as_, ada, pair):
    step, commitment = make.milestone(pair), make.commitment(pair)
    data = {"text": commitment.text, "owner": ada.pk, "milestone": step.pk, "version": 1}
    as_(ada).post(reverse("commitment_edit", args=[commitment.pk]), data)
    assert (fresh(commitment).milestone, fresh(commitment).goal) == (step, step.goal)


def test_milestones_of_another_pair_are_rejected(as_, ada, pair):
    make.milestone(pair)
    foreign = make.milestone(make.pair(pair.program, make.user(), make.user()))
    data = {"text": "Draft", "owner": ada.pk, "due_on": "2099-12-18", "milestone": foreign.pk}
    assert as_(ada).post(reverse("commitment_create", args=[pair.pk]), data).status_code == 422


def test_the_tree_shows_linked_rows_and_then_unlinked_ones(pair, ada, goal_list):
    dropped = make.goal(pair, "Let go")
    dropped.drop(ada)
    step = make.milestone(pair, "Half way")
    make.commitment(pair, text="For the step", milestone=step, goal=step.goal)
    make.commitment(pair, text="For the goal", goal=step.goal)
    make.commitment(pair, text="For nothing yet")
    make.commitment(pair, text="Kept already", goal=step.goal).complete(ada, 1)
    html = goal_list()
    expected = [step.goal.title, "Half way", "For the step", "For the goal", "1 commitment", "Let go", "For nothing"]
    places = [html.index(text) for text in expected]
    assert places == sorted(places)
    assert "Kept already" not in html


def test_a_dropped_goal_keeps_its_commitments_and_milestones(pair, goal_list):
    step = make.milestone(pair)
    row = make.commitment(pair, milestone=step, goal=step.goal)
    step.goal.drop(pair.mentee)
    assert fresh(row).is_open and fresh(row).milestone == step
    assert row.text in goal_list() and step.title in goal_list()


def test_twice_the_goals_need_no_more_queries(as_, ada, pair, django_assert_max_num_queries):
    client, counts = as_(ada), []
    for _ in range(2):
        step = make.milestone(pair)
        make.commitment(pair, milestone=step, goal=step.goal)
        make.commitment(pair)
        client.get(reverse("preferences"))  # caches for a minute what every page shows
        with django_assert_max_num_queries(40) as seen:
            client.get(reverse("goal_list", args=[pair.pk]))
        counts.append(len(seen.captured_queries))
    assert counts[0] == counts[1]


def test_milestones_are_added_to_own_active_goals_only(as_, ada, pair):
    goal = make.goal(pair)
    create = reverse("milestone_create", args=[goal.pk])
    for person in (make.user(), make.admin(pair.program)):
        assert as_(person).post(create, {"title": "Read along"}).status_code == 404
    goal.reach()
    assert as_(ada).post(create, {"title": "Too late"}).status_code == 404
    assert not Milestone.objects.exists()


def test_an_event_stores_its_stakeholders_and_needs(as_, ada, pair):
    data = {"title": "Launch", "happens_on": "2099-12-18", "stakeholders": "Lin, finance", "needs": "The numbers"}
    as_(ada).post(reverse("work_event_create", args=[pair.pk]), data)
    html = as_(ada).get(reverse("pair_detail", args=[pair.pk])).content.decode()
    assert "Lin, finance" in html and "Needs: The numbers" in html


def test_a_past_event_is_asked_about_once_and_stays_visible(as_, ada, sam, pair):
    """The question comes on the day after, to both, until one of them has answered; the day of Sam ends later."""
    event = make.work_event(pair, "Board presentation", happens_on=ada.today())
    review, page = reverse("work_event_review", args=[event.pk]), reverse("pair_detail", args=[pair.pk])
    assert as_(ada).get(review).status_code == 404 and review not in as_(ada).get("/").content.decode()
    WorkEvent.objects.filter(pk=event.pk).update(happens_on=sam.today() - timedelta(days=1))
    assert all(review in as_(person).get("/").content.decode() for person in (ada, sam))
    assert "Board presentation" in as_(ada).get(page).content.decode()
    answer = as_(ada).post(review + "?next=/", {"how_it_went": "They asked for more", "version": 1, "next": "/"})
    assert (answer.status_code, answer.url) == (302, "/")
    assert not any(review in as_(person).get("/").content.decode() for person in (ada, sam))
    assert "They asked for more" in as_(sam).get(page).content.decode()
    late = as_(sam).post(review, {"how_it_went": "Very well", "version": 1})
    html = late.content.decode()
    assert late.status_code == 409 and "Very well" in html, "what the second person typed is not lost"
    assert WorkEvent.objects.get().how_it_went == "They asked for more"


def test_an_empty_answer_ends_the_question_about_an_event(as_, ada, pair):
    event = make.work_event(pair, happens_on=ada.today() - timedelta(days=14))
    old = make.work_event(pair, happens_on=ada.today() - timedelta(days=15))
    home = as_(ada).get("/").content.decode()
    reviews = [reverse("work_event_review", args=[row.pk]) for row in (event, old)]
    assert reviews[0] in home and reviews[1] not in home
    as_(ada).post(reviews[0], {"how_it_went": "", "version": 1})
    assert reviews[0] not in as_(ada).get("/").content.decode()
    assert reviews[0] in as_(ada).get(reverse("pair_detail", args=[pair.pk])).content.decode(), "it can still be added"
