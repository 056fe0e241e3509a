"""Practice plans: a weekly target that forgives, a strip of weeks, and one reminder (docs/rules.md, practice plans)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.urls import reverse

from mentoring.models import Pair
from practice.models import Entry, PracticePlan
from practice.weeks import weeks_of
from reminders import planner, sender
from reminders.intents import KINDS
from reminders.models import Reminder
from tests import make

MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)
PLAN = {"kind": "reflection", "per_week": "1", "weekday": "5", "at": "16:00", "reminds": "on"}


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def plan(pair, ada):
    return make.practice_plan(ada, pair, kind="reflection", created_at=MONDAY - timedelta(weeks=20))


def url(name: str, *args) -> str:
    return reverse(f"practice_plan_{name}", args=args)


def write(person, pair, at: datetime) -> None:
    entry = make.entry(person, pair, "reflection", next="Ask first")
    Entry.objects.filter(pk=entry.pk).update(created_at=at)


def slots(plan) -> list[str]:
    """Return the reminders of a plan in the time zone of its person."""
    due = sorted(it.due_at for it in KINDS["practice_slot"].intents_about([plan.pk]).values())
    return [f"{plan.user.local(at):%a, %b %d, %H:%M}" for at in due]


def test_a_plan_is_made_with_one_form_and_shown_with_its_weeks(as_, ada, pair):
    page = as_(ada).get(url("create")).content.decode()
    assert "Something of my own" in page and 'value="16:00"' in page
    assert as_(ada).post(url("create"), PLAN).url == reverse("practice_list")
    plan = PracticePlan.objects.get()
    assert (plan.user, plan.pair, plan.kind, plan.weekday, plan.at, plan.reminds) == (
        *(ada, pair, "reflection", 5, time(16), True),
    )
    page = as_(ada).get(reverse("practice_list")).content.decode()
    assert "Friday, 16:00" in page and "Skip this week" in page and "0 of 1 week so far." in page


def test_a_practice_of_ones_own_is_ticked_and_encrypted(as_, ada, sam, pair):
    assert as_(ada).post(url("create"), PLAN | {"kind": ""}).status_code == 422
    as_(ada).post(url("create"), PLAN | {"kind": "", "title": "Ask heron-7391 first"})
    plan = PracticePlan.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM practice_practiceplan")
        assert "heron" not in str(cursor.fetchall())
    for _twice in range(2):
        as_(ada).post(url("tick", plan.pk), {"on": "1"})
    assert plan.ticks.get().done_on == ada.today()
    assert "Done for this week." in as_(ada).get(reverse("practice_list")).content.decode()
    as_(ada).post(url("tick", plan.pk), {"on": "0"})
    assert not plan.ticks.exists()
    for name in ("edit", "skip", "tick", "stop"):
        assert as_(sam).post(url(name, plan.pk), PLAN).status_code == 404


def test_a_missed_week_takes_nothing_away(ada, pair, plan):
    for weeks in (1, 2, 4, 5, 7):
        write(ada, pair, MONDAY - timedelta(weeks=weeks))
    found = weeks_of([plan])[plan.pk]
    assert found.sentence == "5 of the last 8 weeks."
    assert [met for _x, met, _current in found.bars] == [True, False, True, True, False, True, True, False]


def test_weeks_before_the_plan_are_not_shown(ada, pair, plan):
    PracticePlan.objects.filter(pk=plan.pk).update(created_at=MONDAY - timedelta(weeks=2))
    plan.refresh_from_db()
    assert len(weeks_of([plan])[plan.pk].weeks) == 3


def test_an_entry_counts_on_the_local_date_of_its_author(ada, pair, plan):
    """Sunday, 20:00 UTC, is already Monday in Kolkata."""
    write(ada, pair, datetime(2026, 11, 29, 20, tzinfo=UTC))
    assert weeks_of([plan])[plan.pk].done_this_week == 1


def test_a_third_practice_gets_a_hint_and_nothing_more(as_, ada, pair):
    make.practice_plan(ada, pair, kind="reflection"), make.practice_plan(ada, pair, title="Ask first")
    assert "two practices already" in as_(ada).get(url("create")).content.decode()
    as_(ada).post(url("create"), PLAN)
    assert PracticePlan.objects.count() == 3


def test_stopping_keeps_what_was_written(as_, ada, pair, plan):
    write(ada, pair, MONDAY)
    as_(ada).post(url("stop", plan.pk))
    page = as_(ada).get(reverse("practice_list")).content.decode()
    assert "Skip this week" not in page and "Ask first" in page and slots(plan) == []
    assert as_(ada).get(url("edit", plan.pk)).status_code == 404


def test_a_form_changes_its_own_fields_only(as_, ada, sam, pair, plan):
    other = make.pair(pair.program, sam, make.user())
    forged = {"pair": other.pk, "kind": "lesson", "user": sam.pk, "stopped_at": "2026-01-01", "title": "Forged"}
    as_(ada).post(url("edit", plan.pk), PLAN | forged | {"weekday": "1", "per_week": "2"})
    changed = PracticePlan.objects.get()
    assert (changed.pair, changed.kind, changed.user, changed.stopped_at, changed.title) == (
        *(pair, "reflection", ada, None, ""),
    )
    assert (changed.weekday, changed.per_week) == (1, 2)
    for wrong in ({"per_week": "0"}, {"per_week": "8"}, {"weekday": "9"}, {"at": "25:00"}):
        assert as_(ada).post(url("edit", plan.pk), PLAN | wrong).status_code == 422


class TestReminder:
    def test_it_is_due_at_the_planned_local_time(self, plan):
        assert slots(plan)[:2] == ["Fri, Dec 04, 16:00", "Fri, Dec 11, 16:00"]

    def test_it_stays_at_four_across_a_clock_change(self, sam, pair, clock):
        """London changes its clocks on March 28, 2027."""
        clock.move_to(datetime(2027, 3, 22, 9, tzinfo=UTC))
        plan = make.practice_plan(sam, pair, kind="reflection")
        due = sorted(it.due_at for it in KINDS["practice_slot"].intents_about([plan.pk]).values())
        assert slots(plan)[:2] == ["Fri, Mar 26, 16:00", "Fri, Apr 02, 16:00"]
        assert due[1] - due[0] == timedelta(days=7, hours=-1)
        write(sam, pair, datetime(2027, 3, 28, 22, 59, tzinfo=UTC))  # 23:59 on Sunday, an hour ahead since the night
        assert weeks_of([plan])[plan.pk].done_in(date(2027, 3, 22)) == 1

    def test_writing_skipping_and_stopping_end_it_for_the_week(self, as_, ada, pair, plan):
        as_(ada).post(url("skip", plan.pk), {"on": "1"})
        plan.refresh_from_db()
        assert slots(plan)[0] == "Fri, Dec 11, 16:00"
        as_(ada).post(url("skip", plan.pk), {"on": "0"})
        write(ada, pair, MONDAY)
        assert slots(PracticePlan.objects.get())[0] == "Fri, Dec 11, 16:00"
        PracticePlan.objects.update(reminds=False)
        assert slots(plan) == []

    def test_a_pause_of_the_pair_pauses_it(self, ada, pair, plan):
        pair.pause(ada, date(2026, 12, 1), date(2026, 12, 7), ada.today())
        assert slots(plan)[0] == "Fri, Dec 11, 16:00"

    def test_three_ignored_in_a_row_give_two_weeks_of_rest(self, ada, plan, clock):
        for weeks in (3, 2, 1):
            due_at = plan.slot_in(date(2026, 11, 30) - timedelta(weeks=weeks))
            sent = {"kind": "practice_slot", "subject": f"practice_plan:{plan.pk}", "due_at": due_at}
            Reminder.objects.create(
                key=f"x{weeks}", recipient=ada, state=Reminder.State.SENT, was_ignored=True, pair=plan.pair, **sent
            )
        assert slots(plan)[0] == "Fri, Dec 11, 16:00", "two weeks after the last, which was on November 27"

    def test_the_email_leads_to_the_prompts_and_holds_no_private_text(self, ada, pair, plan, settings, clock):
        settings.EMAIL_URL = "smtp://localhost"
        make.practice_plan(ada, pair, title="Ask heron-7391 first", weekday=5)
        Pair.objects.filter(pk=pair.pk).update(started_on=MONDAY.date() - timedelta(days=5))
        clock.move_to(datetime(2026, 12, 4, 10, 31, tzinfo=UTC))  # 16:01 in Kolkata
        planner.plan()
        sender.send_due()
        message = next(one for one in mail.outbox if one.to == [ada.email] and "Reflection" in one.body)
        assert reverse("entry_create", args=["reflection"]) in message.body
        assert "Your practice of this week" in message.body and "heron" not in str(message.message())
