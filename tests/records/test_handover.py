"""Things along into a new pair, item by item: the new mentor sees what was chosen and nothing else (S69)."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from goals.models import Commitment, Competency, Goal
from records.models import HandoverCopy
from sessions.models import AgendaItem, Feedback
from tests import make
from tests.access import TABLE


@pytest.fixture
def before(pair):
    """Ada's time with Sam, ended, with something of each kind in it."""
    goal = make.goal(pair, "Present to the board", why="The next role", measure="Twice a month")
    step = goal.milestones.create(title="A first talk")
    goal.competencies.add(Competency.add_to_list(pair.program, "Speaking up"))
    make.goal(pair, "Reached long ago").reach()
    past = timezone.localdate() - timedelta(days=9)
    make.commitment(pair, text="Send the draft", goal=goal, milestone=step, due_on=past)
    make.commitment(pair, owner=pair.mentor, text="Sam reads the draft")
    make.topic(pair, title="The board presentation", obstacle="I freeze", ideas="Sam’s advice")
    make.topic(pair, by=pair.mentor, title="Brought up by Sam")
    make.work_event(pair, title="Launch", happens_on=timezone.localdate() + timedelta(days=20))
    make.plan(pair, skill="Say no early")
    Feedback.objects.create(pair=pair, created_by=pair.mentor, intended="Sam’s words", happened="x", differently="y")
    pair.end()
    return pair


@pytest.fixture
def now(before):
    """Ada with her next mentor, in the same program."""
    return make.pair(before.program, make.user("Zoe Abara"), before.mentee, started_on=timezone.localdate())


def url(pair) -> str:
    return reverse("handover", args=[pair.pk])


def key(row) -> str:
    kinds = {"agendaitem": "topic", "workevent": "work_event"}
    name = row._meta.model_name
    return f"{kinds.get(name, name)}-{row.pk}"


def all_keys(page) -> list[str]:
    return re.findall(r'name="items" value="([^"]+)"', page.content.decode())


def test_only_the_mentees_own_rows_are_offered(before, now, ada, as_):
    page = as_(ada).get(url(now)).content.decode()
    for words in (
        "Present to the board",
        "A first talk",
        "Send the draft",
        "The board presentation",
        "Launch",
        "Say no",
    ):
        assert words in page
    for words in (
        "Sam reads the draft",
        "Brought up by Sam",
        "Sam’s words",
        "Sam’s advice",
        "Reached long ago",
        "I freeze",
    ):
        assert words not in page
    assert "checked" not in page, "nothing is ticked beforehand"


def test_only_selected_items_are_copied(before, now, ada, as_):
    goal, row = before.goals.get(title="Present to the board"), before.commitments.get(text="Send the draft")
    answer = as_(ada).post(url(now), {"items": [key(row), key(goal)]})
    assert answer.status_code == 302
    copy, word = now.goals.get(), now.commitments.get()
    assert (copy.title, copy.why, copy.created_by) == (goal.title, goal.why, ada)
    assert [step.title for step in copy.milestones.all()] == ["A first talk"]
    assert [one.title for one in copy.competencies.all()] == ["Speaking up"]
    assert (word.owner, word.goal, word.milestone) == (ada, copy, copy.milestones.get())
    assert word.due_on == ada.today() + now.interval, "its day had passed"
    assert not now.items.exists() and not now.work_events.exists() and not now.plans.exists()
    row.refresh_from_db()
    assert row.pair == before and row.is_open and before.goals.count() == 2, "the ended pair stays as it was"


def test_every_kind_can_be_carried_over(before, now, ada, as_):
    rows = [before.items.get(created_by=ada), before.work_events.get(), before.plans.get()]
    as_(ada).post(url(now), {"items": [key(row) for row in rows]})
    item = now.items.get()
    assert (item.title, item.obstacle, item.ideas) == ("The board presentation", "", "")
    assert now.work_events.get().title == "Launch"
    assert now.plans.get().title == "Say no early"


def test_a_commitment_is_copied_without_its_goal(before, now, ada, as_):
    as_(ada).post(url(now), {"items": [key(before.commitments.get(text="Send the draft"))]})
    assert now.commitments.get().goal is None and not Goal.objects.filter(pair=now).exists()


def test_later_copies_link_to_earlier_ones(before, now, ada, as_):
    client = as_(ada)
    client.post(url(now), {"items": [key(before.goals.get(title="Present to the board"))]})
    client.post(url(now), {"items": [key(before.commitments.get(text="Send the draft"))]})
    goal = now.goals.get()
    assert (now.commitments.get().goal, now.commitments.get().milestone) == (goal, goal.milestones.get())


def test_the_new_mentor_sees_only_carried_over_items(before, now, ada, as_):
    canary = "K4N4RYx7q2"
    make.goal(before, canary, why=canary), make.topic(before, title=canary), make.plan(before, skill=canary)
    (
        make.commitment(before, text=canary),
        make.work_event(before, title=canary, happens_on=ada.today() + timedelta(days=9)),
    )
    assert as_(ada).get(url(now)).content.decode().count(canary) > 4, "it was on offer"
    as_(ada).post(url(now), {"items": [key(before.goals.get(title="Present to the board"))]})
    for name, row in TABLE.items():
        if row.get and "mentor" in row.get and row.args == ("pair",):
            answer = as_(now.mentor).get(reverse(name, args=[now.pk]), follow=True)
            assert canary not in answer.content.decode(), name
    assert canary not in as_(now.mentor).get(reverse("home")).content.decode()


def test_a_handover_leaves_the_ended_pair_unchanged(before, now, ada, as_):
    def rows():
        kinds = (before.goals, before.commitments, before.items, before.work_events, before.plans)
        return [list(kind.order_by("pk").values()) for kind in kinds]

    was = rows()
    as_(ada).post(url(now), {"items": all_keys(as_(ada).get(url(now)))})
    assert HandoverCopy.objects.filter(pair=now).count() > 4 and rows() == was


def test_no_button_once_everything_is_carried_over(before, now, ada, as_):
    as_(ada).post(url(now), {"items": all_keys(as_(ada).get(url(now)))})
    page = as_(ada).get(url(now)).content.decode()
    assert "Everything was carried over" in page and "Carry over selected" not in page


def test_an_error_links_to_its_field(before, now, ada, as_):
    page = as_(ada).post(url(now), {}).content.decode()
    assert (
        'href="#id_items">What to carry over: Select at least one thing to carry over.' in page
        and 'id="id_items"' in page
    )


def test_competencies_of_another_program_are_not_copied(before, ada, as_):
    other = make.pair(make.program("Elsewhere"), make.user("Zoe Abara"), ada)
    as_(ada).post(url(other), {"items": [key(before.goals.get(title="Present to the board"))]})
    assert not other.goals.get().competencies.exists()


def test_a_double_submit_copies_once(before, now, ada, as_):
    client, items = as_(ada), {"items": [key(before.goals.get(title="Present to the board"))]}
    client.post(url(now), items)
    assert "carried over" in client.get(url(now)).content.decode()
    client.post(url(now), items)
    assert now.goals.count() == 1 and HandoverCopy.objects.filter(kind="goal").count() == 1


def test_too_many_goals_copy_nothing(before, now, ada, as_):
    for n in range(3):
        make.goal(now, f"New {n}")
    row = before.commitments.get(text="Send the draft")
    chosen = [key(before.goals.get(title="Present to the board")), key(row)]
    answer = as_(ada).post(url(now), {"items": chosen})
    page = answer.content.decode()
    assert answer.status_code == 422 and "at most 3 active goals" in page
    assert page.count("checked") == 2, "the ticks are kept"
    assert not now.commitments.exists() and not HandoverCopy.objects.exists()


@pytest.mark.parametrize("forged", ["other goal", "mentor's topic", "mentor's commitment", "nonsense", "nothing"])
def test_items_not_offered_are_rejected(before, now, ada, as_, forged):
    stranger = make.pair(before.program, make.user(), make.user())
    items = {
        "other goal": [key(make.goal(stranger, "Not hers"))],
        "mentor's topic": [key(before.items.get(created_by=before.mentor))],
        "mentor's commitment": [key(before.commitments.get(owner=before.mentor))],
        "nonsense": ["goal-x", "plan-99999999999999999999"],
        "nothing": [],
    }[forged]
    assert as_(ada).post(url(now), {"items": items}).status_code == 422
    assert not HandoverCopy.objects.exists()
    assert not Commitment.objects.filter(pair=now).exists() and not AgendaItem.objects.filter(pair=now).exists()


def test_only_the_mentee_opens_the_handover(before, now, as_):
    make.enrollment(now.program, make.user("Ines"), "admin")
    admin = now.program.enrollments.get(role="admin").user
    for person in (now.mentor, before.mentor, admin, make.user()):
        assert as_(person).get(url(now)).status_code == 404
        assert as_(person).post(url(now), {"items": []}).status_code == 404
    assert as_(before.mentee).get(url(before)).status_code == 404, "an ended pair takes nothing"


def test_handover_is_offered_in_the_first_weeks_until_used(before, now, ada, as_):
    page, asked = reverse("pair_detail", args=[now.pk]), "Carry over from earlier pairs"
    assert asked in as_(ada).get(page).content.decode()
    assert asked not in as_(now.mentor).get(page).content.decode()
    as_(ada).post(url(now), {"items": [key(before.goals.get(title="Present to the board"))]})
    assert asked not in as_(ada).get(page).content.decode()
    HandoverCopy.objects.all().delete()
    type(now).objects.filter(pk=now.pk).update(started_on=timezone.localdate() - timedelta(days=61))
    assert asked not in as_(ada).get(page).content.decode()


def test_handover_is_not_offered_without_items(pair, ada, as_):
    make.commitment(pair, owner=pair.mentor)
    make.topic(pair, by=pair.mentor)
    pair.end()
    new = make.pair(pair.program, make.user("Zoe Abara"), ada, started_on=timezone.localdate())
    assert "Carry over from earlier pairs" not in as_(ada).get(reverse("pair_detail", args=[new.pk])).content.decode()
    make.topic(pair)
    assert "Carry over from earlier pairs" in as_(ada).get(reverse("pair_detail", args=[new.pk])).content.decode()


def test_handover_is_not_offered_without_an_earlier_pair(pair, ada, as_):
    assert "Carry over from earlier pairs" not in as_(ada).get(reverse("pair_detail", args=[pair.pk])).content.decode()
    assert "nothing to carry over" in as_(ada).get(url(pair)).content.decode()
