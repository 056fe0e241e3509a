"""Outcomes, kudos and their publication, and the mentor's recommendation."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from goals.models import AdvocacyNote, Celebration, Outcome
from tests import make


def page(as_, person, pair) -> str:
    return as_(person).get(reverse("outcome_list", args=[pair.pk])).content.decode()


def test_an_outcome_keeps_its_evidence_and_origin(as_, ada, sam, pair):
    done = make.commitment(pair, text="Try it in the review")
    done.complete(ada, 1)
    data = {"title": "It ends in a decision", "kind": "process", "happened_on": ada.today().isoformat()}
    as_(ada).post(
        reverse("outcome_create", args=[pair.pk]),
        data | {"evidence_url": "https://example.org/minutes", "commitment": done.pk},
    )
    html = page(as_, sam, pair)
    assert "It ends in a decision" in html and "https://example.org/minutes" in html and "Try it in the review" in html


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "nonsense"])
def test_evidence_is_a_link_that_can_be_followed(as_, ada, pair, url):
    data = {
        "title": "It ends in a decision",
        "kind": "process",
        "happened_on": ada.today().isoformat(),
        "evidence_url": url,
    }
    answer = as_(ada).post(reverse("outcome_create", args=[pair.pk]), data)
    assert answer.status_code == 422 and "It ends in a decision" in answer.content.decode()
    assert not Outcome.objects.exists()


def test_an_outcome_cannot_be_in_the_future(as_, ada, pair):
    data = {"title": "It will", "kind": "skill", "happened_on": (ada.today() + timedelta(days=2)).isoformat()}
    assert as_(ada).post(reverse("outcome_create", args=[pair.pk]), data).status_code == 422


def test_rows_of_another_pair_cannot_be_linked(as_, ada, pair):
    foreign = make.goal(make.pair(pair.program, make.user(), make.user()))
    data = {"title": "It", "kind": "skill", "happened_on": ada.today().isoformat(), "goal": foreign.pk}
    make.goal(pair)
    assert as_(ada).post(reverse("outcome_create", args=[pair.pk]), data).status_code == 422


def test_the_mentor_confirms_one_version_of_an_outcome(as_, ada, sam, pair):
    row = make.outcome(pair)
    as_(sam).post(reverse("outcome_confirm", args=[row.pk]), {"version": 1})
    assert "confirmed by Sam" in page(as_, ada, pair)
    Outcome.objects.get().share(ada, 2)
    data = {"title": "Something bigger", "kind": row.kind, "happened_on": row.happened_on.isoformat(), "version": 3}
    as_(ada).post(reverse("outcome_edit", args=[row.pk]), data)
    row.refresh_from_db()
    assert (row.title, row.confirmed_at, row.shared_with_program_at) == ("Something bigger", None, None)
    as_(sam).post(reverse("outcome_confirm", args=[row.pk]), {"version": 1})
    row.refresh_from_db()
    assert row.confirmed_at is None, "it applied to the old text"


def test_admins_see_a_count_and_shared_outcomes_only(as_, ada, sam, pair):
    admin = make.admin(pair.program)
    row, direction = make.outcome(pair, "Ran the review"), reverse("priority_list", args=[pair.program_id])
    html = as_(admin).get(direction).content.decode()
    assert "Ran the review" not in html and '<p class="figure">1</p>' in html
    as_(sam).post(reverse("outcome_share", args=[row.pk]), {"version": 1, "on": "1"})
    assert "Ran the review" not in as_(admin).get(direction).content.decode(), "the mentor cannot"
    as_(ada).post(reverse("outcome_share", args=[row.pk]), {"version": 1, "on": "1"})
    assert "Ran the review" in as_(admin).get(direction).content.decode()
    assert "Ran the review" not in as_(make.admin(make.program("Other"))).get("/").content.decode()
    as_(ada).post(reverse("outcome_share", args=[row.pk]), {"version": 2, "on": "0"})
    assert "Ran the review" not in as_(admin).get(direction).content.decode()


def test_a_removed_outcome_can_be_restored(as_, ada, pair):
    row = make.outcome(pair, "Ran the review")
    html = as_(ada).post(reverse("outcome_drop", args=[row.pk]), follow=True).content.decode()
    assert reverse("outcome_reopen", args=[row.pk]) in html
    as_(ada).post(reverse("outcome_reopen", args=[row.pk]))
    assert "Ran the review" in page(as_, ada, pair)


# --- Kudos ---


def test_reaching_something_offers_kudos(as_, ada, sam, pair):
    step = make.milestone(pair, "Half way")
    html = as_(ada).post(reverse("milestone_reach", args=[step.pk]), follow=True).content.decode()
    url = f"{reverse('celebration_create', args=[pair.pk])}?milestone={step.pk}"
    assert url in html
    as_(sam).post(url, {"text": "You waited"})
    assert Celebration.objects.get().milestone == step
    html = page(as_, ada, pair)
    assert "You waited" in html and "Half way" in html


def test_kudos_name_no_goal_of_another_pair(as_, ada, pair):
    foreign = make.goal(make.pair(pair.program, make.user(), make.user()), "Not yours")
    url = f"{reverse('celebration_create', args=[pair.pk])}?goal={foreign.pk}"
    assert "Not yours" not in as_(ada).get(url).content.decode()
    as_(ada).post(url, {"text": "Well done"})
    assert Celebration.objects.get().goal is None


def test_only_the_mentee_publishes_kudos(as_, ada, sam, pair):
    kudos = pair.celebrations.create(created_by=sam, text="You waited")
    kudos_url = reverse("program_kudos", args=[pair.program_id])
    publish_url = reverse("celebration_publish", args=[kudos.pk])
    other = make.pair(pair.program, make.user(), make.user()).mentee
    assert as_(sam).post(publish_url, {"on": "1"}).status_code == 404
    assert "You waited" not in as_(other).get(kudos_url).content.decode()
    as_(ada).post(publish_url, {"on": "1"})
    assert "You waited" in as_(other).get(kudos_url).content.decode()
    as_(ada).post(publish_url, {"on": "0"})
    assert "You waited" not in as_(other).get(kudos_url).content.decode()


def test_the_author_withholds_kudos_for_good(as_, ada, sam, pair):
    kudos = pair.celebrations.create(created_by=sam, text="You waited")
    kudos_url = reverse("program_kudos", args=[pair.program_id])
    publish_url = reverse("celebration_publish", args=[kudos.pk])
    as_(ada).post(publish_url, {"on": "1"})
    assert "Stop sharing" in as_(sam).get(reverse("outcome_list", args=[pair.pk])).content.decode()
    as_(sam).post(publish_url, {"on": "0"})
    assert "You waited" not in as_(ada).get(kudos_url).content.decode()
    assert as_(ada).post(publish_url, {"on": "1"}).status_code == 404, "Ada cannot publish kudos that Sam withheld"
    assert "Put it on" not in as_(ada).get(reverse("outcome_list", args=[pair.pk])).content.decode()


def test_sharing_can_be_stopped_after_the_pair_ended(as_, ada, sam, pair):
    """It works from pages that are out of date, but nothing new can be published then."""
    admin = make.admin(pair.program)
    kudos_list = [
        pair.celebrations.create(created_by=by, text=f"Well done, {by}", published_at=timezone.now())
        for by in (ada, sam)
    ]
    outcome = make.outcome(pair, title="Leads the meeting", shared_with_program_at=timezone.now())
    note = AdvocacyNote.objects.create(
        pair=pair, text="I would trust her", shown_at=timezone.now(), released_at=timezone.now()
    )
    pair.end()
    kudos_url = reverse("program_kudos", args=[pair.program_id])
    assert all(kudos.text in as_(ada).get(kudos_url).content.decode() for kudos in kudos_list)
    for reader, kudos in ((sam, kudos_list[1]), (ada, kudos_list[0])):
        page = as_(reader).get(reverse("outcome_list", args=[pair.pk])).content.decode()
        assert reverse("celebration_publish", args=[kudos.pk]) in page
        as_(reader).post(reverse("celebration_publish", args=[kudos.pk]), {"on": "0"})
    assert not any(kudos.text in as_(ada).get(kudos_url).content.decode() for kudos in kudos_list)
    assert "Stop sharing" in as_(ada).get(reverse("outcome_list", args=[pair.pk])).content.decode()
    as_(ada).post(reverse("outcome_share", args=[outcome.pk]), {"on": "0", "version": 99})
    assert not Outcome.objects.shared_with(admin).exists()
    assert "Withdraw my consent" in as_(ada).get(reverse("advocacy_detail", args=[pair.pk])).content.decode()
    as_(ada).post(reverse("advocacy_release", args=[pair.pk]), {"on": "0"})
    note.refresh_from_db()
    assert note.released_at is None
    for name, row in (("celebration_publish", kudos_list[0]), ("outcome_share", outcome), ("advocacy_release", pair)):
        assert as_(ada).post(reverse(name, args=[row.pk]), {"on": "1", "version": 1}).status_code == 404


def test_nobody_else_can_stop_sharing(as_, ada, pair):
    kudos = pair.celebrations.create(created_by=ada, text="I spoke up", published_at=timezone.now())
    for stranger in (make.admin(pair.program), pair.mentor, make.user()):
        assert as_(stranger).post(reverse("celebration_publish", args=[kudos.pk]), {"on": "0"}).status_code == 404


# --- The mentor's recommendation ---


def test_a_recommendation_needs_consent_to_its_exact_text(as_, ada, sam, pair):
    url = reverse("advocacy_detail", args=[pair.pk])
    as_(sam).post(url, {"text": "I would trust her with a launch"})
    assert "trust her" not in as_(ada).get(url).content.decode(), "a draft is visible only to the mentor"
    assert as_(ada).post(reverse("advocacy_release", args=[pair.pk]), {"version": 1, "on": "1"}).status_code == 404
    as_(sam).post(reverse("advocacy_show", args=[pair.pk]), {"version": 1})
    assert "trust her" in as_(ada).get(url).content.decode()
    as_(ada).post(reverse("advocacy_release", args=[pair.pk]), {"version": 2, "on": "1"})
    note = AdvocacyNote.objects.get()
    assert note.released_at and AuditEvent.objects.get(action=AuditEvent.Action.ADVOCACY_RELEASED).user == ada
    as_(sam).post(url, {"text": "Something else", "version": 3})
    note.refresh_from_db()
    assert (note.text, note.released_at) == ("Something else", None)
    as_(ada).post(reverse("advocacy_release", args=[pair.pk]), {"version": 3, "on": "1"})
    note.refresh_from_db()
    assert note.released_at is None, "the consent was to another text"


def test_two_windows_of_the_mentor_lose_nothing(as_, sam, pair):
    note = AdvocacyNote.objects.create(pair=pair, text="First", shown_at=timezone.now())
    note.change(1, sam, text="Second")
    answer = as_(sam).post(reverse("advocacy_detail", args=[pair.pk]), {"text": "Third", "version": 1})
    html = answer.content.decode()
    assert answer.status_code == 409 and "Second" in html and "Third" in html
