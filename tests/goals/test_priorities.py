"""Priorities, competencies, changes of direction, the throughline and the timeline of a pair."""

import re

import pytest
from django.urls import reverse

from dashboard.priorities import priority_counts
from goals.models import Commitment, Goal, Priority
from sessions.models import SessionCommitment
from sessions.session_room import actions
from tests import make


def goals_page(as_, person, pair) -> str:
    return as_(person).get(reverse("goal_list", args=[pair.pk])).content.decode()


# --- Priorities and competencies ---


def test_admins_edit_the_lists_and_pairs_choose_from_them(as_, ada, pair):
    admin, url = make.admin(pair.program), reverse("priority_list", args=[pair.program_id])
    for which, title in (("priority", "Decide faster"), ("competency", "Says no")):
        as_(admin).post(url, {"kind": which, "title": title})
    goal = make.goal(pair)
    form = as_(ada).get(reverse("goal_edit", args=[goal.pk])).content.decode()
    assert "Decide faster" in form and "Says no" in form
    priority = Priority.objects.get()
    as_(ada).post(
        reverse("goal_edit", args=[goal.pk]), {"title": goal.title, "version": 1, "priorities": [priority.pk]}
    )
    assert list(goal.priorities.all()) == [priority]
    as_(admin).post(reverse("priority_remove", args=[priority.pk]))
    assert "Decide faster" not in as_(admin).get(url).content.decode().split("Taken off the list")[0]
    assert list(goal.priorities.all()) == [priority], "a goal keeps its removed priority"
    as_(admin).post(url, {"kind": "priority", "title": "Decide faster"})
    assert Priority.objects.get().dropped_at is None, "it is back on the list, with its links"


def test_an_empty_title_is_rejected(as_, pair):
    answer = as_(make.admin(pair.program)).post(
        reverse("priority_list", args=[pair.program_id]), {"kind": "priority", "title": " "}
    )
    assert answer.status_code == 422 and not Priority.objects.exists()


def test_goal_map_shows_linked_and_unlinked_rows(as_, ada, pair):
    priority = make.priority(pair.program, "Decide faster")
    make.goal(pair, "Lead a review").priorities.add(priority)
    make.goal(pair, "Learn to paint")
    part = goals_page(as_, ada, pair).split('id="map"')[1]
    assert part.index("Decide faster") < part.index("Lead a review") < part.index("Goals without a priority")
    assert part.index("Goals without a priority") < part.index("Learn to paint")


def test_counts_below_five_pairs_are_hidden(db):
    program = make.program()
    priority = make.priority(program)
    for n in range(4):
        goal = make.goal(make.pair(program, make.user(), make.user()))
        goal.priorities.add(priority)
        make.goal(make.pair(program, make.user(), make.user()), f"Unlinked {n}")
    [row], unlinked = priority_counts(program)
    assert (row.pairs, unlinked) == (None, None)
    make.goal(make.pair(program, make.user(), make.user())).priorities.add(priority)
    [row], unlinked = priority_counts(program)
    assert (row.pairs, unlinked) == (5, None)


def test_evidence_is_listed_under_its_competency(as_, ada, sam, pair):
    competency = make.competency(pair.program, "Says no")
    make.goal(pair, "Say it early").competencies.add(competency)
    make.commitment(pair, text="Turn one down", competency=competency).complete(ada, 1)
    make.outcome(pair, "Two turned down", competency=competency)
    make.feedback(pair, created_by=sam, differently="Say it sooner", competency=competency)
    html = as_(ada).get(reverse("competency_list", args=[pair.pk])).content.decode()
    for words in ("Say it early", "Turn one down", "Two turned down", "Say it sooner"):
        assert words in html


# --- Changes of direction ---


def test_a_change_of_goal_is_kept_with_its_reason(as_, ada, pair):
    goal = make.goal(pair, "Speak better")
    data = {"title": "Open the meeting", "version": 1, "reason": "It was too big"}
    as_(ada).post(reverse("goal_edit", args=[goal.pk]), data)
    pivot = pair.pivots.get()
    assert (pivot.kind, pivot.text_before, pivot.text_after, pivot.reason, pivot.created_by) == (
        *("changed", "Speak better", "Open the meeting", "It was too big"),
        ada,
    )
    assert "It was too big" in goals_page(as_, ada, pair)


def test_dropping_a_goal_shows_what_is_linked_to_it(as_, ada, pair):
    goal = make.goal(pair)
    row = make.commitment(pair, text="Draft the opening", goal=goal)
    drop = reverse("goal_drop", args=[goal.pk])
    assert "Draft the opening" in as_(ada).get(drop).content.decode()
    assert Goal.objects.active().exists(), "opening the page changes nothing"
    as_(ada).post(drop, {"reason": "The job changed"})
    assert Commitment.objects.open().get() == row
    assert pair.pivots.get().reason == "The job changed"
    as_(ada).post(reverse("goal_reopen", args=[goal.pk]))
    page = as_(ada).post(drop, {"reason": "", "drop_open": "on"}, follow=True).content.decode()
    assert Commitment.objects.get().state == "dropped"
    undo = re.search(r'action="([^"]+)" method="post" data-undo', page)[1].replace("&amp;", "&")
    as_(ada).post(undo)
    assert Commitment.objects.get().state == "open" and Goal.objects.active().exists(), "undone as a whole"


def test_a_double_submit_makes_one_pivot(as_, ada, pair):
    goal = make.goal(pair)
    for _ in range(2):
        as_(ada).post(reverse("goal_drop", args=[goal.pk]))
    assert pair.pivots.count() == 1


# --- The throughline ---


@pytest.fixture
def traced_commitment(pair, ada, sam):
    """A commitment that came from a question and led to an outcome, and another from feedback."""
    session = make.running_session(pair)
    question = make.topic(pair, ada, kind="question", title="Who decides?")
    topic = make.topic(pair, ada, title="The review", from_item=question)
    row = make.commitment(pair, text="Ask Lin who decides", goal=make.goal(pair, "Lead a review"))
    SessionCommitment.objects.create(session=session, commitment=row, item=topic)
    make.outcome(pair, "It ends in a decision", commitment=row)
    make.commitment(pair, text="Something else")
    feedback = make.feedback(pair, session=session, differently="Ask sooner")
    actions.commit_from_feedback(feedback, ada)
    return row


def test_throughline_links_question_topic_commitment_and_outcome(as_, sam, pair, traced_commitment):
    html = as_(sam).get(reverse("trace", args=[pair.pk, "commitment", traced_commitment.pk])).content.decode()
    line = html.split('class="timeline"')[1]
    for words in ("Who decides?", "The review", "Ask Lin who decides", "Lead a review", "It ends in a decision"):
        assert words in line
    assert "Something else" not in line and "Ask sooner" not in line
    by_outcome = as_(sam).get(reverse("trace", args=[pair.pk, "outcome", pair.outcomes.get().pk])).content.decode()
    assert "Who decides?" in by_outcome


def test_throughline_links_feedback_and_commitment(as_, ada, pair, traced_commitment):
    feedback = pair.feedback.get()
    html = as_(ada).get(reverse("trace", args=[pair.pk, "feedback", feedback.pk])).content.decode()
    assert html.count("Ask sooner") >= 2, "the feedback and its commitment"


@pytest.mark.parametrize(("kind", "ref"), [("commitment", 999), ("nonsense", 1), ("session", 1)])
def test_throughline_of_a_missing_row_is_not_found(as_, ada, pair, kind, ref):
    assert as_(ada).get(reverse("trace", args=[pair.pk, kind, ref])).status_code == 404


def test_throughline_of_another_pair_is_not_found(as_, ada, pair):
    foreign = make.commitment(make.pair(pair.program, make.user(), make.user()))
    assert as_(ada).get(reverse("trace", args=[pair.pk, "commitment", foreign.pk])).status_code == 404


def test_timeline_shows_values_pivots_outcomes_and_kudos(as_, ada, sam, pair):
    make.reading(make.indicator(pair, "How sure I feel"), 4, note="After the review")
    goal = make.goal(pair, "Speak better")
    goal.change(1, ada, "Too big", title="Open the meeting")
    make.milestone(pair, "Half way", goal=goal).reach()
    make.outcome(pair, "It ends in a decision")
    pair.celebrations.create(created_by=sam, text="You waited")
    timeline_url = reverse("pair_detail", args=[pair.pk])
    html = as_(ada).get(timeline_url).content.decode()
    expected = [
        "How sure I feel: Ada 4<",
        "After the review",
        "Changed: Open the meeting",
        "Reached: Half way",
    ]
    for words in [*expected, "Outcome: It ends in a decision", "Kudos from Sam", "You waited"]:
        assert words in html, words
    only = as_(ada).get(timeline_url, {"show": "values"}).content.decode().split('id="story"')[1]
    assert "How sure I feel" in only and "It ends in a decision" not in only


# --- Views of outcomes ---


def test_outcomes_have_list_board_and_log(as_, ada, pair):
    late = make.commitment(pair, text="Late one", due_on=ada.today().replace(year=2020))
    make.commitment(pair, text="Far one", due_on=ada.today().replace(year=2099))
    done = make.commitment(pair, text="Done one")
    done.complete(ada, 1)
    url = reverse("commitment_list")
    board = as_(ada).get(url, {"view": "board"}).content.decode()
    places = [board.index(words) for words in ("Overdue", "Late one", "Later", "Far one", "Done one")]
    assert places == sorted(places)
    log = as_(ada).get(url, {"view": "log"}).content.decode().split('id="log"')[1]
    assert log.index("Done one") < log.index("Late one")
    late.renegotiate(ada, late.version, ada.today(), "Lin was away")
    assert "Lin was away" in as_(ada).get(url, {"view": "log"}).content.decode()
    assert as_(ada).get(url, {"view": "nonsense"}).status_code == 200
