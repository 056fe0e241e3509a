"""Tests the reminders of what a partner shared or recommends: in the next window, with no word of its text."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from practice.models import PairResource
from reminders import planner, sender
from reminders.inbox import lines
from reminders.intents import KINDS
from sessions.models import Feedback
from tests import make

TUESDAY = datetime(2026, 12, 1, 9, tzinfo=UTC)  # 14:30 for Ada in Kolkata
WINDOWS = (datetime(2026, 12, 1, 10, 31, tzinfo=UTC), datetime(2026, 12, 1, 16, 1, tzinfo=UTC))  # hers, then Sam's


@pytest.fixture(autouse=True)
def clock(db, settings):
    settings.EMAIL_URL = "smtp://localhost"
    with time_machine.travel(TUESDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def draft(pair, ada):
    return make.feedback(pair, created_by=ada, shared_at=None, differently="Ask first")


def recipients(kind: str, row) -> set[int]:
    return {intent.recipient_id for intent in KINDS[kind].intents_about([row.pk]).values()}


def emails(clock) -> dict[str, str]:
    for at in WINDOWS:
        clock.move_to(at)
        planner.plan()
        sender.send_due()
    return {message.to[0]: f"{message.subject} {message.body}" for message in mail.outbox}


class TestFeedback:
    def test_shared_feedback_goes_to_the_other_person(self, clock, draft, ada, sam):
        assert not recipients("feedback_shared", draft), "a draft is nobody's business"
        draft.share()
        found = emails(clock)
        page = reverse("feedback_detail", args=[draft.pk])
        assert list(found) == [sam.email] and page in found[sam.email]
        assert "Ada shared feedback with you" in found[sam.email] and "Ask first" not in found[sam.email]
        assert [line.title for line in lines(sam)] == ["Ada shared feedback with you"] and not lines(ada)

    def test_what_is_written_in_a_session_needs_no_notice(self, pair, ada):
        given = make.feedback(pair, created_by=ada, session=make.past_session(pair), differently="Ask first")
        assert not recipients("feedback_shared", given)

    def test_it_ends_with_a_commitment_and_with_the_pair(self, pair, draft, sam):
        draft.share()
        assert recipients("feedback_shared", draft) == {sam.pk}
        Feedback.objects.update(commitment=make.commitment(pair))
        assert not recipients("feedback_shared", draft)
        Feedback.objects.update(commitment=None)
        pair.end()
        assert not recipients("feedback_shared", draft)


class TestResources:
    def test_the_mentee_is_notified_once_without_its_title(self, clock, pair, ada, sam):
        PairResource.recommend(pair, sam, make.resource(pair.program, "A course"), "It is short")
        found = emails(clock)
        assert list(found) == [ada.email] and "Sam recommends a resource to you" in found[ada.email]
        assert "A course" not in found[ada.email] and "It is short" not in found[ada.email]
        clock.move_to(WINDOWS[0] + timedelta(days=1))
        mail.outbox.clear()
        assert not emails(clock)

    def test_her_answer_her_own_choice_and_a_removal_end_it(self, pair, ada, sam):
        row = make.pair_resource(pair)
        assert recipients("resource_recommended", row) == {ada.pk}
        row.rate("planned", None)
        assert not recipients("resource_recommended", row)
        own = make.pair_resource(pair, created_by=ada)
        removed = make.pair_resource(pair, dropped_at=timezone.now())
        assert not recipients("resource_recommended", own) and not recipients("resource_recommended", removed)
