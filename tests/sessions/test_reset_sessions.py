"""Tests the review in reset and closing sessions: texts of session 1, and keeping, changing or dropping goals."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from goals.models import Goal
from sessions.models import Session
from tests import make


def at_block(session: Session, role: str) -> Session:
    """Start the session at its block of this role, by default its first."""
    blocks = session.blocks.filter(role=role) if role else session.blocks.all()
    Session.objects.filter(pk=session.pk).update(current_block=blocks.first().position)
    session.refresh_from_db()
    return session


@pytest.fixture
def reviewing(pair, ada):
    """A pair whose first session was ten weeks ago, with texts from then and from now."""
    first = make.past_session(pair, days=70)
    Session.objects.filter(pk=first.pk).update(held_at=first.ends_at, closed_at=first.ends_at)
    goal = make.goal(pair, "Speak better", created_at=first.starts_at)
    pair.still_right.create(number=1, challenges="Nobody listens", created_by=ada)
    pair.still_right.create(number=2, challenges="They listen, and I stop too late", created_by=ada)
    goal.change(1, ada, "Too big", title="Open the meeting")
    make.goal(pair, "Came later", created_at=timezone.now() - timedelta(days=5))

    def open_(kind: str) -> Session:
        return at_block(make.running_session(pair, kind=kind), "")

    return open_


@pytest.mark.parametrize("kind", ["reset", "closing"])
def test_the_review_shows_texts_of_session_one_next_to_todays(as_, sam, reviewing, kind):
    html = as_(sam).get(reverse("session_detail", args=[reviewing(kind).pk])).content.decode()
    then = html.split('id="then-head"')[1].split("</section>")[0]
    for words in ("Nobody listens", "They listen, and I stop too late", "Speak better", "Open the meeting"):
        assert words in then, words
    assert then.index("Speak better") < then.index("Open the meeting")
    at_the_start = then[then.index("Goals at the start") : then.index("Goals now")]
    assert "Came later" not in at_the_start


def test_other_sessions_have_no_review(as_, sam, reviewing):
    html = as_(sam).get(reverse("session_detail", args=[reviewing("standard").pk])).content.decode()
    assert "Then and now" not in html


def test_a_pair_without_earlier_texts_sees_no_empty_card(as_, sam, pair):
    html = as_(sam).get(reverse("session_detail", args=[make.running_session(pair, kind="reset").pk])).content.decode()
    assert "Then and now" not in html


def count(html: str, tag: str) -> int:
    """Count the tags with this text on the page."""
    return len(re.findall(rf">\s*{tag}\s*</span>", html))


def test_each_goal_is_kept_changed_or_dropped_and_the_room_shows_it(as_, ada, sam, pair, reviewing):
    session = reviewing("reset")
    room = reverse("session_detail", args=[session.pk])
    at_block(session, "goals")
    kept, dropped = Goal.objects.active()
    for _press in range(2):
        sent = as_(sam).post(reverse("goal_keep", args=[kept.pk]), {"next": room})
    assert sent.url == room
    assert "Keep" in as_(ada).get(room).content.decode()
    as_(ada).post(reverse("goal_drop", args=[dropped.pk]), {"next": room, "reason": "The job changed"})
    html = as_(sam).get(room).content.decode()
    assert count(html, "kept") == 1 and count(html, "dropped") == 1
    assert reverse("goal_reopen", args=[dropped.pk]) in html
    assert [pivot.kind for pivot in pair.pivots.all()] == ["dropped", "kept", "changed"]


def test_the_reset_links_to_plan_and_agreement(as_, sam, pair, reviewing):
    session = at_block(reviewing("reset"), "apply")
    html = as_(sam).get(reverse("session_detail", args=[session.pk])).content.decode()
    assert reverse("plan_list", args=[pair.pk]) in html and reverse("agreement_edit", args=[pair.pk]) in html


def test_milestones_are_reviewed_every_third_session(as_, sam, pair):
    make.milestone(pair, "Half way")
    for n in (2, 1):
        before = make.past_session(pair, days=14 * n)
        Session.objects.filter(pk=before.pk).update(held_at=before.ends_at, closed_at=before.ends_at)
    third = at_block(make.running_session(pair), "arrive")
    assert "Half way" in as_(sam).get(reverse("session_detail", args=[third.pk])).content.decode()
    Session.objects.filter(pair=pair).exclude(pk=third.pk).first().delete()
    assert "Half way" not in as_(sam).get(reverse("session_detail", args=[third.pk])).content.decode()
