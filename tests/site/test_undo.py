"""Tests that what one click removes can be brought back with the button of its message (docs/rules.md)."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from goals.models import Competency, Priority
from practice.models import PracticePlan
from reminders.models import Reminder
from tests import make


@pytest.fixture
def reminders(pair, ada):
    due_at = timezone.now() - timedelta(hours=1)
    commitments = [make.commitment(pair, text=f"Number {n}") for n in range(3)]
    return [make.reminder(ada, one, kind="commitment_due", due_at=due_at) for one in commitments]


def send(client, path: str, **data) -> str:
    """Send a form, follow its redirect, and return the URL of the undo in the message."""
    html = client.post(path, data, follow=True).content.decode()
    return unescape(re.search(r'<form action="([^"]+)" method="post" data-undo>', html)[1])


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
