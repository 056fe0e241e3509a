"""Tests that what one click removes can be brought back with the button of its message (docs/rules.md)."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from dashboard.models import Flag, FlagRule
from goals.models import Competency, FeedbackAnswer, Priority
from mentoring.models import Enrollment, MatchRequest, NeverPair, Pair, Proposal
from practice.models import PracticePlan
from reminders.models import Reminder, Snooze
from tests import make

TOO_LATE = "so nothing was undone"


@pytest.fixture
def reminders(pair, ada):
    due_at = timezone.now() - timedelta(hours=1)
    commitments = [make.commitment(pair, text=f"Number {n}") for n in range(3)]
    return [make.reminder(ada, one, kind="commitment_due", due_at=due_at) for one in commitments]


def send(client, path: str, **data) -> str:
    """Send a form, follow its redirect, and return the URL of the undo in the message."""
    html = client.post(path, data, follow=True).content.decode()
    return unescape(re.search(r'<form action="([^"]+)" method="post" data-undo>', html)[1])


def page_after(client, undo: str) -> str:
    """Press the button and return the page that follows."""
    return client.post(undo, follow=True).content.decode()


def unread(ada) -> set[int]:
    return set(Reminder.objects.visible_to(ada).unread().values_list("pk", flat=True))


def test_a_dismissed_reminder_returns(as_, ada, reminders):
    undo = send(as_(ada), reverse("reminder_read", args=[reminders[0].pk]))
    assert unread(ada) == {one.pk for one in reminders[1:]}
    as_(ada).post(undo)
    assert unread(ada) == {one.pk for one in reminders}


def test_undoing_to_dismiss_all_keeps_what_was_dismissed_before(as_, ada, sam, reminders):
    as_(ada).post(reverse("reminder_read", args=[reminders[0].pk]))
    undo = send(as_(ada), reverse("inbox_read"))
    assert unread(ada) == set()
    as_(sam).post(undo)
    assert unread(ada) == set(), "it is nobody else's"
    as_(ada).post(undo)
    assert unread(ada) == {one.pk for one in reminders[1:]}
    for wrong in ("x", "2026-12-07T09:00", ""):
        assert as_(ada).post(reverse("inbox_read") + f"?undo={wrong}").status_code == 404


@pytest.mark.parametrize("model", [Priority, Competency])
def test_a_removed_entry_of_a_list_returns(as_, pair, model):
    admin, row = make.admin(pair.program), model.objects.create(program=pair.program, title="Decide faster")
    undo = send(as_(admin), reverse(f"{model._meta.model_name}_remove", args=[row.pk]))
    assert not model.objects.current().exists()
    model.add_to_list(pair.program, "Another")
    for _click in range(2):
        as_(admin).post(undo)
        assert model.objects.current().filter(title="Decide faster").count() == 1
    assert model.objects.current().get(title="Decide faster") == row


def test_a_stopped_practice_continues(as_, ada, sam, pair):
    plan = make.practice_plan(ada, pair, kind="reflection")
    undo = send(as_(ada), reverse("practice_plan_stop", args=[plan.pk]))
    assert not PracticePlan.objects.active().exists()
    assert as_(sam).post(undo).status_code == 404
    as_(ada).post(undo)
    assert PracticePlan.objects.active().get() == plan


def test_removed_days_off_return(as_, ada):
    first = timezone.localdate() + timedelta(days=20)
    ada.set_days_off([(first, first + timedelta(days=3))])
    before = ada.days_off
    undo = send(as_(ada), reverse("days_off_remove"), days=f"{first}/{first + timedelta(days=3)}")
    ada.refresh_from_db()
    assert ada.days_off == []
    as_(ada).post(undo)
    ada.refresh_from_db()
    assert [tuple(days) for days in ada.days_off] == [tuple(days) for days in before]
    for wrong in ("x", "2026-13-01/2026-13-02", f"{date.min}/{date.max}"):
        assert as_(ada).post(reverse("days_off_remove") + f"?undo={wrong}").status_code == 302
    ada.refresh_from_db()
    assert len(ada.days_off) == 1


# --- Reminders and flags ---


@pytest.mark.parametrize("until", ["1", "3"])
def test_a_snoozed_reminder_returns(as_, ada, sam, reminders, until):
    undo = send(as_(ada), reverse("reminder_snooze", args=[reminders[0].pk]), until=until)
    assert "Number 0" not in as_(ada).get(reverse("inbox_list")).content.decode()
    assert as_(sam).post(undo).status_code == 404, "the button is Ada's"
    assert "Number 0" in page_after(as_(ada), undo)
    assert not Snooze.objects.exists() and unread(ada) == {one.pk for one in reminders}
    assert TOO_LATE in page_after(as_(ada), undo), "a second press"


def test_undoing_a_snooze_keeps_a_later_one(as_, ada, reminders):
    snooze = reverse("reminder_snooze", args=[reminders[0].pk])
    undo = send(as_(ada), snooze, until="1")
    later = send(as_(ada), snooze, until="3")
    chosen = Snooze.objects.get().ends_at
    assert TOO_LATE in page_after(as_(ada), undo)
    assert Snooze.objects.get().ends_at == chosen
    as_(ada).post(later)
    assert Snooze.objects.get().ends_at == chosen - timedelta(days=2), "the snooze before it applies again"


def test_a_forged_undo_is_not_found(as_, ada, reminders):
    snooze = reverse("reminder_snooze", args=[reminders[0].pk])
    undo = send(as_(ada), snooze, until="1")
    other = undo.replace(snooze, reverse("reminder_snooze", args=[reminders[1].pk]))
    for url in (f"{snooze}?undo=x", undo[:-1], other):
        assert as_(ada).post(url).status_code == 404
    assert Snooze.objects.count() == 1


def snoozed_flag(as_, pair):
    flag = Flag.objects.create(pair=pair, rule=FlagRule.NO_RECENT_SESSION, level="red")
    admin = make.admin(pair.program)
    data = {"do": "snooze", "pair": pair.pk, "days": "7", "reason": "On holiday"}
    return flag, admin, send(as_(admin), reverse("attention_bulk", args=[pair.program_id]), **data)


def test_snoozed_flags_are_shown_again(as_, pair):
    flag, admin, undo = snoozed_flag(as_, pair)
    flag.refresh_from_db()
    assert flag.snoozed_until
    assert as_(make.admin(pair.program)).post(undo).status_code == 404, "the button is one admin's"
    assert "data-message" not in page_after(as_(admin), undo)
    flag.refresh_from_db()
    assert (flag.snoozed_until, flag.snooze_reason) == (None, "")


def test_a_flag_snoozed_by_another_admin_since_stays_snoozed(as_, pair):
    flag, admin, undo = snoozed_flag(as_, pair)
    flag.snooze(make.admin(pair.program), date(2027, 1, 1), "Parental leave")
    assert TOO_LATE in page_after(as_(admin), undo)
    flag.refresh_from_db()
    assert flag.snooze_reason == "Parental leave"


# --- Whom not to pair, and suggested matches ---


@pytest.fixture
def proposal(db):
    program = make.program()
    sam = make.participant(program, "mentor", "Sam Whitfield", capacity=1)
    return Proposal.objects.create(
        program=program, mentor=sam, mentee=make.participant(program, "mentee", "Ada Osei"), score=40
    )


def test_a_name_on_the_list_of_never_pairs_returns(as_, ada, sam, pair):
    add = reverse("never_pair_create", args=[pair.program_id])
    undo_adding = send(as_(ada), add, name=sam.name, other=sam.pk)
    row = NeverPair.objects.get()
    undo = send(as_(ada), reverse("never_pair_remove", args=[row.pk]))
    assert not NeverPair.objects.exists()
    assert as_(sam).post(undo).status_code == 404
    assert sam.name in page_after(as_(ada), undo)
    for _click in range(2):
        as_(ada).post(undo)
    assert NeverPair.objects.get().other == sam
    assert TOO_LATE in page_after(as_(ada), undo_adding), "it was removed and added again since"
    assert NeverPair.objects.exists()


def test_adding_to_the_list_of_never_pairs_can_be_undone(as_, ada, sam, pair):
    undo = send(as_(ada), reverse("never_pair_create", args=[pair.program_id]), name=sam.name, other=sam.pk)
    as_(ada).post(undo)
    assert not NeverPair.objects.exists()


@pytest.mark.parametrize("locked", [True, False])
def test_locking_and_unlocking_a_match_can_be_undone(as_, proposal, locked):
    client, url = as_(make.admin(proposal.program)), reverse("proposal_lock", args=[proposal.pk])
    Proposal.objects.update(locked=not locked)
    undo = send(client, url, on=int(locked))
    assert Proposal.objects.get().locked == locked
    client.post(undo)
    assert Proposal.objects.get().locked != locked
    assert TOO_LATE in page_after(client, undo)
    Proposal.objects.all().delete()
    assert TOO_LATE in page_after(client, undo)


def test_a_mentee_is_helped_on_after_a_lock_is_undone(as_, proposal):
    program, kofi = proposal.program, make.participant(proposal.program, "mentor", "Kofi")
    type(program).objects.update(mentees_choose=True)
    MatchRequest.choose(program, proposal.mentee, [kofi])
    client = as_(make.admin(program))
    undo = send(client, reverse("proposal_lock", args=[proposal.pk]), on=1)
    assert not MatchRequest.objects.waiting().exists()
    client.post(undo)
    assert MatchRequest.objects.waiting().get().mentor == kofi


@pytest.mark.parametrize("locked", [True, False])
def test_a_dismissed_match_returns(as_, proposal, locked):
    Proposal.objects.update(locked=locked)
    client = as_(make.admin(proposal.program))
    undo = send(client, reverse("proposal_remove", args=[proposal.pk]))
    assert not Proposal.objects.exists()
    client.post(undo)
    row = Proposal.objects.get()
    assert (row.mentor, row.mentee, row.score, row.locked) == (proposal.mentor, proposal.mentee, 40, locked)
    assert TOO_LATE in page_after(client, undo)


def another_match(proposal):
    kofi = make.participant(proposal.program, "mentor", "Kofi")
    Proposal.stage(proposal.program, kofi, proposal.mentee, kofi)


def mentor_is_full(proposal):
    Pair.start(None, proposal.program, proposal.mentor, make.participant(proposal.program, "mentee", "Lena"))


def mentee_has_left(proposal):
    Enrollment.objects.filter(user=proposal.mentee).update(left_at=timezone.now())


def mentee_refuses(proposal):
    NeverPair.objects.create(program=proposal.program, user=proposal.mentee, other=proposal.mentor)


@pytest.mark.parametrize("meanwhile", [another_match, mentor_is_full, mentee_has_left, mentee_refuses])
def test_a_dismissed_match_that_is_no_longer_possible_stays_away(as_, proposal, meanwhile):
    client = as_(make.admin(proposal.program))
    undo = send(client, reverse("proposal_remove", args=[proposal.pk]))
    meanwhile(proposal)
    rows = set(Proposal.objects.values_list("mentor", "mentee"))
    assert TOO_LATE in page_after(client, undo)
    assert set(Proposal.objects.values_list("mentor", "mentee")) == rows


# --- Feedback rounds and the calendar link ---


def answer(feedback_round, n: int) -> None:
    for invite in feedback_round.invites.filter(used=False)[:n]:
        assert invite.answer(4, "Keep asking", "")


def test_a_round_ended_by_mistake_is_opened_again(as_, ada, pair):
    feedback_round = make.feedback_round(pair, "Lin", "Noor", "Kim", "Jo")
    answer(feedback_round, 2)
    undo = send(as_(ada), reverse("feedback_round_end", args=[feedback_round.pk]))
    assert feedback_round.invites.last().token in page_after(as_(ada), undo)
    answer(feedback_round, 1)
    assert FeedbackAnswer.objects.count() == 3
    assert TOO_LATE in page_after(as_(ada), undo)


def test_a_round_whose_answers_were_shown_stays_closed(as_, ada, pair):
    feedback_round = make.feedback_round(pair, "Lin", "Noor", "Kim", "Jo")
    early = send(as_(ada), reverse("feedback_round_end", args=[feedback_round.pk]))
    as_(ada).post(early)
    answer(feedback_round, 3)
    page = as_(ada).get(feedback_round.get_absolute_url()).content.decode()
    assert "This can’t be undone" in page, "said before the button"
    html = page_after(as_(ada), reverse("feedback_round_end", args=[feedback_round.pk]))
    assert "Keep asking" in html and "data-undo" not in html
    assert TOO_LATE in page_after(as_(ada), early)
    feedback_round.refresh_from_db()
    assert feedback_round.ended_at


def test_a_new_calendar_link_comes_with_a_warning(as_, ada):
    as_(ada).post(reverse("calendar_feed_create"))
    page = as_(ada).get(reverse("notifications")).content.decode()
    before = page.partition(reverse("calendar_feed_create"))[0]
    assert "can’t be restored" in before.rpartition("<details")[2]
