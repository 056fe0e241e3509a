"""Improvement plans: versions, the difference between versions, and the export as text."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from core.optimistic_locking import Conflict
from goals.differences import differences
from goals.models import Plan
from tests import make

DATA = {
    "skill": "Say no early",
    "gap": "Says yes first",
    "level_now": 2,
    "level_target": 4,
    "resources": "",
    "due_on": "2099-12-18",
    "review_weeks": 4,
}


def test_a_plan_made_by_either_person_is_shared(as_, sam, ada, pair):
    redirect = as_(sam).post(reverse("plan_create", args=[pair.pk]), DATA)
    assert redirect.url == reverse("plan_list", args=[pair.pk])
    html = as_(ada).get(redirect.url).content.decode()
    assert "Say no early" in html and "2 · with help → 4 · alone, reliably" in html


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"level_target": 1}, "Choose a level at or above where you are now"),
        ({"due_on": "2020-01-01"}, "is in the past"),
        ({"review_weeks": 0}, "Enter a number of weeks between 1 and 26"),
        ({"review_weeks": 99}, "Enter a number of weeks between 1 and 26"),
        ({"level_now": 7}, "Select a valid choice"),
        ({"skill": " "}, "required"),
    ],
)
def test_invalid_plans_are_rejected_with_the_typed_text(as_, ada, pair, wrong, message):
    answer = as_(ada).post(reverse("plan_create", args=[pair.pk]), DATA | wrong)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert message in html, html
    assert "Says yes first" in html
    assert not Plan.objects.exists()


def test_a_past_due_date_is_accepted_once_confirmed(as_, ada, pair):
    data = DATA | {"due_on": "2020-01-01", "past_is_fine": "2020-01-01"}
    as_(ada).post(reverse("plan_create", args=[pair.pk]), data)
    assert Plan.objects.get().newest.due_on == date(2020, 1, 1)


def test_a_revision_is_a_new_version_and_the_old_one_is_kept(as_, ada, sam, pair):
    plan = make.plan(pair)
    data = DATA | {"version": 1, "level_now": 3, "reason": "It went faster"}
    as_(sam).post(reverse("plan_edit", args=[plan.pk]), data)
    plan = Plan.objects.with_versions().get()
    assert [(v.number, v.level_now, v.created_by) for v in plan.versions.all()] == [(2, 3, sam), (1, 2, ada)]
    html = as_(ada).get(reverse("plan_history", args=[plan.pk])).content.decode()
    assert (
        '<del class="wrapped">2</del>' in html and '<ins class="wrapped">3</ins>' in html and "It went faster" in html
    )
    pivot = pair.pivots.get()
    assert (pivot.kind, pivot.reason) == ("changed", "It went faster")
    assert pivot.text_before != pivot.text_after


def test_a_revision_without_changes_creates_no_version(pair, ada):
    plan = make.plan(pair)
    plan.revise(1, ada, skill=plan.newest.skill)
    assert plan.versions.count() == 1 and not pair.pivots.exists()


def test_conflicting_revisions_are_both_shown(as_, ada, sam, pair):
    plan = make.plan(pair)
    plan.revise(1, sam, skill="What Sam wrote")
    answer = as_(ada).post(reverse("plan_edit", args=[plan.pk]), DATA | {"version": 1, "skill": "What Ada wrote"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "What Sam wrote" in html and "What Ada wrote" in html
    as_(ada).post(reverse("plan_edit", args=[plan.pk]), DATA | {"version": 2, "skill": "What Ada wrote"})
    assert [v.skill for v in plan.versions.all()][:2] == ["What Ada wrote", "What Sam wrote"]
    with pytest.raises(Conflict):
        plan.revise(1, ada, skill="Too late")


def test_the_difference_is_shown_word_by_word(pair, ada):
    plan = make.plan(pair, gap="Says yes at once and regrets it")
    plan.revise(1, ada, gap="Says maybe at once and regrets it", level_now=3)
    new, old = plan.versions.all()
    found = differences(old, new)
    assert [str(field.label) for field in found] == ["What is missing today?", "Where are you now?"]
    assert found[0].pieces == [
        ("same", "Says"),
        ("gone", "yes"),
        ("new", "maybe"),
        ("same", "at once and regrets it"),
    ]


def test_a_plan_is_reviewed_regularly_until_its_due_date(pair):
    version = make.plan(pair, review_weeks=4).newest
    start = pair.mentee.local(version.created_at).date()
    version.due_on = start + timedelta(weeks=9)
    assert version.reviews == [start + timedelta(weeks=4), start + timedelta(weeks=8), version.due_on]


def test_a_plan_is_exported_as_a_text_file(as_, ada, pair):
    plan = make.plan(pair, gap="Says “yes” & regrets it")
    plan.revise(1, ada, "Sooner", skill="Say no early")
    file = as_(ada).get(reverse("plan_export", args=[plan.pk]))
    text = file.content.decode()
    assert file.headers["Content-Type"].startswith("text/plain")
    assert "attachment" in file.headers["Content-Disposition"]
    assert "Version 2" in text and "Version 1" in text and "Says “yes” & regrets it" in text


def test_a_dropped_plan_is_kept_and_can_be_reopened(as_, ada, pair):
    plan = make.plan(pair)
    as_(ada).post(reverse("plan_drop", args=[plan.pk]))
    assert "dropped" in as_(ada).get(reverse("plan_list", args=[pair.pk])).content.decode()
    as_(ada).post(reverse("plan_reopen", args=[plan.pk]))
    assert [row.kind for row in pair.pivots.all()] == ["taken up", "dropped"]
