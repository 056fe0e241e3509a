"""Overdue commitments are marked in every list, and a commitment can only be moved to a later day."""

import re
from datetime import date, datetime

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from goals.models import Commitment
from sessions.models import Session, SessionCommitment
from sessions.session_room import timer
from tests import make
from tests.goals.test_commitments import MONDAY, fresh, url


@pytest.fixture(autouse=True)
def _on_a_monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def commitment(pair):
    return make.commitment(pair, due_on=date(2026, 12, 10))


@pytest.mark.parametrize(
    ("now", "due_on", "offered", "earliest"),
    [
        (MONDAY, date(2026, 12, 7), ["2026-12-08", "2026-12-14"], "2026-12-08"),  # tomorrow, next Monday
        (MONDAY, date(2026, 12, 10), ["2026-12-14"], "2026-12-11"),
        (MONDAY, date(2026, 12, 20), [], "2026-12-21"),
        ("2026-12-18 08:00Z", date(2026, 12, 10), ["2026-12-19", "2026-12-21"], "2026-12-19"),
    ],
)
def test_only_later_days_are_offered_for_a_move(as_, ada, pair, now, due_on, offered, earliest):
    row = make.commitment(pair, due_on=due_on)
    with time_machine.travel(now):
        answer = as_(ada).get(url("move", row))
    assert [day.isoformat() for day, name in answer.context["form"].quick_choices] == offered
    assert [f'name="to" value="{day}"' in answer.content.decode() for day in offered] == [True] * len(offered)
    assert f'min="{earliest}"' in answer.content.decode()


@pytest.mark.parametrize("field", ["due_on", "to"])
@pytest.mark.parametrize(
    ("now", "day", "error"),
    [
        (MONDAY, "2026-12-01", "Pick a day after Thu, Dec 10."),
        (MONDAY, "2026-12-09", "Pick a day after Thu, Dec 10."),
        (MONDAY, "2026-12-10", "Pick a day after Thu, Dec 10."),
        ("2026-12-18 08:00Z", "2026-12-12", "Pick a day after today."),
        ("2026-12-18 08:00Z", "2026-12-18", "Pick a day after today."),
    ],
)
def test_a_move_to_an_earlier_day_is_rejected_with_the_typed_text(as_, ada, commitment, field, now, day, error):
    with time_machine.travel(now):
        answer = as_(ada).post(url("move", commitment), {"version": 1, field: day, "reason": "Lin is away"})
    html = answer.content.decode()
    assert answer.status_code == 422 and error in html and "Lin is away" in html
    assert fresh(commitment).due_on == date(2026, 12, 10)


def test_a_move_after_the_other_persons_move_conflicts(as_, ada, sam, commitment):
    commitment.renegotiate(sam, 1, date(2026, 12, 18))
    answer = as_(ada).post(url("move", commitment), {"version": 1, "to": "2026-12-14", "reason": "my own words"})
    html = answer.content.decode()
    assert answer.status_code == 409 and "Sam answered first" in html and "my own words" in html
    assert fresh(commitment).due_on == date(2026, 12, 18)


def test_moving_an_overdue_commitment_requires_a_reason(as_, ada, commitment):
    required = '<input type="text" name="reason" maxlength="300" required id="id_reason"'
    assert required not in as_(ada).get(url("move", commitment)).content.decode()
    with time_machine.travel("2026-12-12 08:00Z"):
        client = as_(ada)
        html = client.get(url("move", commitment)).content.decode()
        label = html[html.index('<label class="label" for="id_reason">Why?') : html.index('name="to"')]
        assert '<span class="required" aria-hidden="true">required</span>' in label and 'name="reason"' in label
        assert "required" not in html[html.index('name="due_on"') :].split(">")[0]  # a quick choice is enough
        answer = client.post(url("move", commitment), {"version": 1, "to": "2026-12-20"})
        assert answer.status_code == 422 and "Why?: This field is required." in answer.content.decode()
        client.post(url("move", commitment), {"version": 1, "to": "2026-12-20", "reason": "I was ill"})
    assert fresh(commitment).due_on == date(2026, 12, 20)


def test_the_enter_key_submits_the_typed_day_not_a_quick_choice(as_, ada, commitment):
    html = as_(ada).get(url("move", commitment)).content.decode()
    form = html[html.index(f'action="{url("move", commitment)}"') :]
    assert 'name="to"' not in form[: form.index("</button>")], "Enter submits the first button of the form"


# --- Overdue -----------------------------------------------------------------------------------------------

OVERDUE = re.compile(r'>\s*overdue\b|id="due-overdue"')  # a word of the row, or the heading of its group


def pages_with(row, session) -> list[str]:
    names = [("goal_list", row.pair), ("session_prepare", session), ("session_detail", session)]
    pages = [reverse(name, args=[one.pk]) for name, one in names]
    pages += [reverse("home"), reverse("commitment_list") + "?whose=both", reverse("goal_drop", args=[row.goal_id])]
    return [*pages, reverse("commitment_list") + "?view=board", url("detail", row), url("move", row)]


def test_an_overdue_commitment_is_marked_in_every_list(as_, ada, sam, pair):
    row = make.commitment(pair, due_on=date(2026, 12, 10), goal=make.goal(pair))
    past_session = make.session(pair, datetime(2026, 12, 9, 10), agreed_at=timezone.now())
    SessionCommitment.objects.create(session=past_session, commitment=row)
    with time_machine.travel("2026-12-10 12:00Z"):
        past_session.answer(sam, met=True)
        session = make.session(pair, datetime(2026, 12, 10, 12))
        timer.start(session)
        block = session.blocks.get(role="commitments")
        Session.objects.filter(pk=session.pk).update(current_block=block.position)
        for page in pages_with(row, session):
            answer = as_(ada).get(page)
            assert answer.status_code == 200 and "Send the draft to Lin" in answer.content.decode(), page
            assert not OVERDUE.search(answer.content.decode()), page
    with time_machine.travel("2026-12-10 20:00Z"):  # the 11th in Ada's time zone, the 10th in Sam's
        recap, wrap_up = (reverse(name, args=[past_session.pk]) for name in ("session_recap", "session_wrap_up"))
        for page in [*pages_with(row, session), recap, wrap_up]:
            assert OVERDUE.search(as_(ada).get(page, follow=True).content.decode()), page
        for page in pages_with(row, session):
            assert not OVERDUE.search(as_(sam).get(page).content.decode()), page
        assert "1 overdue" not in as_(sam).get(reverse("pair_detail", args=[pair.pk])).content.decode()
    with time_machine.travel("2026-12-11 07:00Z"):  # the 11th for both
        for page in set(pages_with(row, session)) - {reverse("home")}:
            assert OVERDUE.search(as_(sam).get(page).content.decode()), page
        assert "1 overdue" in as_(sam).get(reverse("pair_detail", args=[pair.pk])).content.decode()
        row.drop(ada, 1)
        for page in pages_with(row, session):
            assert not OVERDUE.search(as_(ada).get(page).content.decode()), page


def test_an_overdue_commitment_of_an_ended_pair_is_not_marked(as_, ada, pair):
    row = make.commitment(pair, due_on=date(2026, 12, 10))
    with time_machine.travel("2026-12-20 08:00Z"):
        assert list(Commitment.objects.overdue(pair.people)) == [row]
        pair.end(ada)
        assert not OVERDUE.search(as_(ada).get(url("detail", row)).content.decode())
        assert not Commitment.objects.overdue(pair.people)
