"""A mentee carries over chosen items to a new pair, and the new mentor sees nothing else."""

import re
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from goals.models import Commitment, Competency, Goal
from records.handover import offered_items
from records.models import HandoverCopy
from sessions.models import AgendaItem, Feedback
from tests import make
from tests.access import TABLE


@pytest.fixture
def old_pair(pair):
    """Ada's ended pair with Sam, with a row of each kind."""
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
def new_pair(old_pair):
    """Ada's next pair, in the same program."""
    return make.pair(old_pair.program, make.user("Zoe Abara"), old_pair.mentee, started_on=timezone.localdate())


def url(pair) -> str:
    return reverse("handover", args=[pair.pk])


def key(row) -> str:
    kinds = {"agendaitem": "topic", "workevent": "work_event"}
    name = row._meta.model_name
    return f"{kinds.get(name, name)}-{row.pk}"


def all_keys(page) -> list[str]:
    return re.findall(r'name="items" value="([^"]+)"', page.content.decode())


def test_only_the_mentees_own_rows_are_offered(old_pair, new_pair, ada, as_):
    page = as_(ada).get(url(new_pair)).content.decode()
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
    assert "checked" not in page, "no item is selected by default"


def test_only_selected_items_are_copied(old_pair, new_pair, ada, as_):
    goal, row = old_pair.goals.get(title="Present to the board"), old_pair.commitments.get(text="Send the draft")
    answer = as_(ada).post(url(new_pair), {"items": [key(row), key(goal)]})
    assert answer.status_code == 302
    copy, commitment = new_pair.goals.get(), new_pair.commitments.get()
    assert (copy.title, copy.why, copy.created_by) == (goal.title, goal.why, ada)
    assert [step.title for step in copy.milestones.all()] == ["A first talk"]
    assert [one.title for one in copy.competencies.all()] == ["Speaking up"]
    assert (commitment.owner, commitment.goal, commitment.milestone) == (ada, copy, copy.milestones.get())
    assert commitment.due_on == ada.today() + new_pair.interval, "its due date had passed"
    assert not new_pair.items.exists() and not new_pair.work_events.exists() and not new_pair.plans.exists()
    row.refresh_from_db()
    assert row.pair == old_pair and row.is_open and old_pair.goals.count() == 2, "the ended pair stays as it was"


def test_every_kind_can_be_carried_over(old_pair, new_pair, ada, as_):
    rows = [old_pair.items.get(created_by=ada), old_pair.work_events.get(), old_pair.plans.get()]
    as_(ada).post(url(new_pair), {"items": [key(row) for row in rows]})
    item = new_pair.items.get()
    assert (item.title, item.obstacle, item.ideas) == ("The board presentation", "", "")
    assert new_pair.work_events.get().title == "Launch"
    assert new_pair.plans.get().title == "Say no early"


def test_a_commitment_is_copied_without_its_goal(old_pair, new_pair, ada, as_):
    as_(ada).post(url(new_pair), {"items": [key(old_pair.commitments.get(text="Send the draft"))]})
    assert new_pair.commitments.get().goal is None and not Goal.objects.filter(pair=new_pair).exists()


def test_later_copies_link_to_earlier_ones(old_pair, new_pair, ada, as_):
    client = as_(ada)
    client.post(url(new_pair), {"items": [key(old_pair.goals.get(title="Present to the board"))]})
    client.post(url(new_pair), {"items": [key(old_pair.commitments.get(text="Send the draft"))]})
    goal = new_pair.goals.get()
    assert (new_pair.commitments.get().goal, new_pair.commitments.get().milestone) == (goal, goal.milestones.get())


def test_the_new_mentor_sees_only_carried_over_items(old_pair, new_pair, ada, as_):
    canary = "K4N4RYx7q2"
    make.goal(old_pair, canary, why=canary), make.topic(old_pair, title=canary), make.plan(old_pair, skill=canary)
    (
        make.commitment(old_pair, text=canary),
        make.work_event(old_pair, title=canary, happens_on=ada.today() + timedelta(days=9)),
    )
    assert as_(ada).get(url(new_pair)).content.decode().count(canary) > 4, "it was offered"
    as_(ada).post(url(new_pair), {"items": [key(old_pair.goals.get(title="Present to the board"))]})
    for name, row in TABLE.items():
        if row.get and "mentor" in row.get and row.args == ("pair",):
            answer = as_(new_pair.mentor).get(reverse(name, args=[new_pair.pk]), follow=True)
            assert canary not in answer.content.decode(), name
    assert canary not in as_(new_pair.mentor).get(reverse("home")).content.decode()


def test_a_handover_leaves_the_ended_pair_unchanged(old_pair, new_pair, ada, as_):
    def rows():
        kinds = (old_pair.goals, old_pair.commitments, old_pair.items, old_pair.work_events, old_pair.plans)
        return [list(kind.order_by("pk").values()) for kind in kinds]

    was = rows()
    as_(ada).post(url(new_pair), {"items": all_keys(as_(ada).get(url(new_pair)))})
    assert HandoverCopy.objects.filter(pair=new_pair).count() > 4 and rows() == was


def test_work_events_carried_over_before_the_upgrade_are_not_offered_again(old_pair, new_pair, ada):
    event = old_pair.work_events.get()
    HandoverCopy.objects.create(pair=new_pair, kind="work_item", source_id=event.pk)
    import_module("records.migrations.0003_rename_handover_kind").to_work_event(apps, None)
    [(_pair, groups)] = offered_items(new_pair, ada.today())
    assert [item.is_copied for kind, items in groups if kind.name == "work_event" for item in items] == [True]


def test_the_button_is_hidden_once_everything_is_carried_over(old_pair, new_pair, ada, as_):
    as_(ada).post(url(new_pair), {"items": all_keys(as_(ada).get(url(new_pair)))})
    page = as_(ada).get(url(new_pair)).content.decode()
    assert "Everything was carried over" in page and "Carry over selected" not in page


def test_an_error_links_to_its_field(old_pair, new_pair, ada, as_):
    page = as_(ada).post(url(new_pair), {}).content.decode()
    assert (
        'href="#id_items">What to carry over: Select at least one thing to carry over.' in page
        and 'id="id_items"' in page
    )


def test_competencies_of_another_program_are_not_copied(old_pair, ada, as_):
    other = make.pair(make.program("Elsewhere"), make.user("Zoe Abara"), ada)
    as_(ada).post(url(other), {"items": [key(old_pair.goals.get(title="Present to the board"))]})
    assert not other.goals.get().competencies.exists()


def test_a_double_submit_copies_once(old_pair, new_pair, ada, as_):
    client, items = as_(ada), {"items": [key(old_pair.goals.get(title="Present to the board"))]}
    client.post(url(new_pair), items)
    assert "carried over" in client.get(url(new_pair)).content.decode()
    client.post(url(new_pair), items)
    assert new_pair.goals.count() == 1 and HandoverCopy.objects.filter(kind="goal").count() == 1


def test_too_many_goals_copy_nothing(old_pair, new_pair, ada, as_):
    for n in range(3):
        make.goal(new_pair, f"New {n}")
    row = old_pair.commitments.get(text="Send the draft")
    chosen = [key(old_pair.goals.get(title="Present to the board")), key(row)]
    answer = as_(ada).post(url(new_pair), {"items": chosen})
    page = answer.content.decode()
    assert answer.status_code == 422 and "at most 3 active goals" in page
    assert page.count("checked") == 2, "the selection is kept"
    assert not new_pair.commitments.exists() and not HandoverCopy.objects.exists()


@pytest.mark.parametrize("forged", ["other goal", "mentor's topic", "mentor's commitment", "nonsense", "nothing"])
def test_items_not_offered_are_rejected(old_pair, new_pair, ada, as_, forged):
    stranger = make.pair(old_pair.program, make.user(), make.user())
    items = {
        "other goal": [key(make.goal(stranger, "Not hers"))],
        "mentor's topic": [key(old_pair.items.get(created_by=old_pair.mentor))],
        "mentor's commitment": [key(old_pair.commitments.get(owner=old_pair.mentor))],
        "nonsense": ["goal-x", "plan-99999999999999999999"],
        "nothing": [],
    }[forged]
    assert as_(ada).post(url(new_pair), {"items": items}).status_code == 422
    assert not HandoverCopy.objects.exists()
    assert (
        not Commitment.objects.filter(pair=new_pair).exists() and not AgendaItem.objects.filter(pair=new_pair).exists()
    )


def test_only_the_mentee_opens_the_handover(old_pair, new_pair, as_):
    make.enrollment(new_pair.program, make.user("Ines"), "admin")
    admin = new_pair.program.enrollments.get(role="admin").user
    for person in (new_pair.mentor, old_pair.mentor, admin, make.user()):
        assert as_(person).get(url(new_pair)).status_code == 404
        assert as_(person).post(url(new_pair), {"items": []}).status_code == 404
    assert as_(old_pair.mentee).get(url(old_pair)).status_code == 404, "nothing can be carried over into an ended pair"


def test_handover_is_offered_in_the_first_weeks_until_used(old_pair, new_pair, ada, as_):
    page, offer = reverse("pair_detail", args=[new_pair.pk]), "Carry over from earlier pairs"
    assert offer in as_(ada).get(page).content.decode()
    assert offer not in as_(new_pair.mentor).get(page).content.decode()
    as_(ada).post(url(new_pair), {"items": [key(old_pair.goals.get(title="Present to the board"))]})
    assert offer not in as_(ada).get(page).content.decode()
    HandoverCopy.objects.all().delete()
    type(new_pair).objects.filter(pk=new_pair.pk).update(started_on=timezone.localdate() - timedelta(days=61))
    assert offer not in as_(ada).get(page).content.decode()


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


def test_introductions_and_resources_are_carried_over(pair, ada, sam, as_):
    asked = make.introduction(pair, whom="Lin from finance", why="She led the migration")
    make.introduction(pair, whom="Let go", dropped_at=timezone.now())
    met = make.introduction(pair, whom="Noor", learned="Ask sooner", learned_at=timezone.now())
    library = make.resource(pair.program, "A course")
    used = make.pair_resource(pair, resource=library, why="Sam’s reason", status="started", usefulness=4)
    own = make.pair_resource(pair, title="My book", created_by=ada, why="For the talk")
    make.pair_resource(pair, title="Turned down", status="not")
    pair.end()
    new = make.pair(pair.program, make.user("Zoe Abara"), ada, started_on=timezone.localdate())
    page = as_(ada).get(url(new)).content.decode()
    for text in ("Lin from finance", "She led the migration", "Ask sooner", "A course", "My book", "For the talk"):
        assert text in page
    for text in ("Let go", "Sam’s reason", "Turned down"):
        assert text not in page
    rows = (("introduction", asked), ("introduction", met), ("resource", used), ("resource", own))
    as_(ada).post(url(new), {"items": [f"{kind}-{row.pk}" for kind, row in rows]})
    copies = {row.whom: row for row in new.introductions.all()}
    assert copies["Lin from finance"].stage == "requested" and copies["Noor"].learned == "Ask sooner"
    facts = [(row.facts.title, row.why, row.status, row.usefulness) for row in new.resources.order_by("pk")]
    assert facts == [("A course", "", "started", 4), ("My book", "For the talk", "", None)]


def test_a_resource_of_another_library_is_copied_with_its_facts(pair, ada, as_):
    library = make.resource(pair.program, "A course", competency=make.competency(pair.program))
    row = make.pair_resource(pair, resource=library)
    pair.end()
    other = make.pair(make.program("Elsewhere"), make.user("Zoe Abara"), ada)
    as_(ada).post(url(other), {"items": [f"resource-{row.pk}"]})
    copy = other.resources.get()
    assert (copy.resource, copy.competency, copy.title, copy.url) == (None, None, "A course", library.url)


def test_a_resource_that_is_there_already_is_not_copied_again(pair, ada, as_):
    library = make.resource(pair.program)
    row = make.pair_resource(pair, resource=library, status="finished")
    pair.end()
    new = make.pair(pair.program, make.user("Zoe Abara"), ada)
    there = make.pair_resource(new, resource=library)
    as_(ada).post(url(new), {"items": [f"resource-{row.pk}"]})
    assert list(new.resources.all()) == [there] and there.status == ""
