"""Tests the planner: reminders are planned once, canceled when no longer true, and planned again."""

import logging
import threading
from datetime import timedelta

import pytest
import time_machine
from celery import Celery
from celery.result import AsyncResult
from django.core import mail
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from config.beat import Scheduler
from mentoring.models import Enrollment, Pair
from operations import doctor
from reminders import intents, planner, sender
from reminders.models import Delivery, Reminder, Watermark
from sessions import closing
from sessions.models import Session
from sessions.time_slot import TimeSlot
from tests import make
from tests.examples import slow_examples

pytestmark = pytest.mark.usefixtures("only_always_sent")

State = Reminder.State


@pytest.fixture
def closed(pair):
    return make.closed_session(pair)


def kinds_planned(**filters) -> list[str]:
    return sorted(Reminder.objects.filter(state=State.PLANNED, **filters).values_list("kind", flat=True))


def test_both_get_a_recap_one_minute_after_closing(closed, sam, ada):
    planner.plan()
    rows = Reminder.objects.all()
    assert {row.recipient for row in rows} == {sam, ada}
    closed.refresh_from_db()
    assert {row.due_at for row in rows} == {closed.closed_at + timedelta(seconds=60)}
    assert {row.kind for row in rows} == {"recap"}
    assert all(row.pair == closed.pair for row in rows)


def test_planning_again_creates_no_duplicates(closed):
    for _ in range(3):
        planner.plan()
    assert Reminder.objects.count() == 2


def test_a_session_reopened_in_time_has_no_recap(closed, sam):
    planner.plan()
    closing.reopen(closed, sam)
    planner.plan()
    assert set(Reminder.objects.values_list("state", flat=True)) == {State.CANCELED}


def test_closing_again_plans_a_new_recap(closed, sam):
    planner.plan()
    closing.reopen(closed, sam)
    closing.close(closed, sam)
    planner.plan()
    assert sorted(Reminder.objects.values_list("state", flat=True)) == [State.CANCELED] * 2 + [State.PLANNED] * 2


def test_a_returning_intent_is_planned_again_with_its_message(closed):
    planner.plan()
    reminder = Reminder.objects.first()
    message = Delivery.objects.create(
        recipient=reminder.recipient,
        due_at=reminder.due_at,
        next_try_at=reminder.due_at,
        message_id="<1@here>",
        state=Delivery.State.CANCELED,
        copies_sent=1,
    )
    Reminder.objects.filter(pk=reminder.pk).update(state=State.CANCELED, delivery=message)
    closed.pair.touch()
    planner.plan()
    reminder.refresh_from_db()
    message.refresh_from_db()
    assert reminder.state == State.PLANNED
    assert reminder.delivery == message
    assert message.state == Delivery.State.WAITING
    assert message.copies_sent == 1


def test_a_sent_reminder_is_never_planned_again(closed):
    planner.plan()
    Reminder.objects.update(state=State.SENT)
    planner.plan()
    assert set(Reminder.objects.values_list("state", flat=True)) == {State.SENT}
    assert Reminder.objects.count() == 2


def test_a_session_logged_afterward_sends_no_recap(pair, sam):
    make.past_session(pair, closed_at=timezone.now(), closed_by=sam, logged_at=timezone.now())
    pair.touch()
    planner.plan()
    assert kinds_planned() == []


def test_a_change_committed_late_is_still_read(closed):
    Watermark.objects.create(pk=1, planned_until=timezone.now() + timedelta(minutes=4))
    planner.plan()
    assert kinds_planned() == ["recap", "recap"]


def test_untouched_rows_are_not_read_again(closed):
    Watermark.objects.create(pk=1, planned_until=timezone.now())
    for rows in (Pair.objects, User.objects):
        rows.update(touched_at=timezone.now() - timedelta(minutes=6))
    planner.plan()
    assert kinds_planned() == []


def test_each_pair_is_read_again_once_a_day(closed):
    """So that a new time zone database, or a change without a touch, is noticed within a day."""
    midnight = timezone.now().replace(hour=0, minute=0) + timedelta(days=1)
    Watermark.objects.create(pk=1, planned_until=midnight)
    minutes = [midnight + timedelta(minutes=n) for n in range(planner.MINUTES_PER_DAY)]
    newest = closed.pair_id
    [its_minute] = [at for at in minutes if newest in range(*planner.recheck_range(at, newest))]
    planner.plan(its_minute + timedelta(minutes=1))
    assert kinds_planned() == []
    planner.plan(its_minute)
    assert kinds_planned() == ["recap", "recap"]


def test_a_watermark_slightly_ahead_is_kept(db):
    later = timezone.now() + timedelta(minutes=3)
    Watermark.objects.create(pk=1, planned_until=later)
    planner.plan()
    assert Watermark.objects.get().planned_until == later


# --- A clock set too far ahead -------------------------------------------------------------------------------

AHEAD = timedelta(days=45)


def test_a_tick_by_a_clock_that_is_ahead_delays_no_email(pair, monkeypatch, settings, client):
    """After one tick 45 days ahead, recap and invitation are still sent, and the health pages report it."""
    settings.EMAIL_URL = "smtp://localhost"
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        tick()
        clock.move_to(now + AHEAD)
        tick()
        clock.move_to(now + timedelta(minutes=1))
        assert client.get("/healthz").json()["tick"] == "red", "until the next tick"
        session = make.closed_session(pair)
        make.enrollment(pair.program, make.user("Noor"), Enrollment.Role.MENTEE, accepted_at=None)
        clock.shift(timedelta(seconds=61))
        tick()
        assert sorted(len(message.to) for message in mail.outbox) == [1, 1, 1], "two recaps and an invitation"
        assert session.pair.reminders.filter(state=State.SENT).count() == 2
        health = client.get("/healthz").json()
        assert (health["health"], health["clock"]) == ("green", f"set back at {timezone.now():%Y-%m-%d %H:%M} UTC")
        assert "was ahead by 44 days" in " ".join(finding.text for finding in doctor.clock())
        clock.shift(timedelta(days=8))
        tick()
        assert client.get("/healthz").json()["clock"] == "ok"


def test_reminders_handled_by_a_clock_ahead_are_sent_in_time(pair, settings):
    """The planned recaps expire in the future, and the notice of a pause's end is sent too early."""
    settings.EMAIL_URL = "smtp://localhost"
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        make.closed_session(pair)
        resume_on = now.date() + AHEAD + timedelta(days=2)
        pair.pauses.create(from_on=now.date() + timedelta(days=20), resume_on=resume_on)
        tick()
        for day in range(5):
            for hour, minute in ((3, 1), (8, 31)):  # 08:31 in Kolkata and in London
                clock.move_to((now + AHEAD + timedelta(days=day)).replace(hour=hour, minute=minute))
                tick()
        early = {message.to[0] for message in mail.outbox}
        assert early == {person.email for person in pair.people}
        assert Reminder.objects.filter(kind="recap", state=State.EXPIRED).count() == 2
        mail.outbox.clear()
        clock.move_to(now + timedelta(minutes=2))
        tick()
        assert [message.subject[:5] for message in mail.outbox] == ["Recap", "Recap"]
        assert set(Reminder.objects.filter(kind="pause_ends").values_list("state", flat=True)) == {State.PLANNED}


def test_the_scheduler_continues_after_the_clock_is_set_back(tmp_path):
    app = Celery("tests", set_as_current=False)
    app.conf.beat_schedule = {name: {"task": name, "schedule": 60} for name in ("one", "two")}
    beat = Scheduler(app=app, schedule_filename=str(tmp_path / "beat"), lazy=False)
    beat.apply_async = lambda entry, **options: ran.append(entry.task) or AsyncResult("1", app=app)
    beat.__dict__["producer"] = None  # no broker
    ran, now = [], timezone.now()
    with time_machine.travel(now + AHEAD, tick=False) as clock:
        for _second in range(5):
            beat.tick()
        ran.clear()
        clock.move_to(now)
        beat.tick()
        assert ran == []
        clock.shift(timedelta(seconds=61))
        for _second in range(3):
            beat.tick()
    assert sorted(ran) == ["one", "two"]
    beat.close()


def tick() -> None:
    planner.plan()
    sender.send_due()


# --- Sessions canceled or moved on short notice ---------------------------------------------------------------


def test_canceling_on_short_notice_notifies_the_other_person(pair, sam, ada):
    soon = make.session(pair, (timezone.now() + timedelta(hours=5)).replace(tzinfo=None), "UTC")
    soon.cancel(sam)
    planner.plan()
    assert kinds_planned(recipient=ada) == ["session_canceled"]
    assert kinds_planned(recipient=sam) == []


def test_an_undone_cancellation_notifies_nobody(pair, sam):
    soon = make.session(pair, (timezone.now() + timedelta(hours=5)).replace(tzinfo=None), "UTC")
    soon.cancel(sam)
    planner.plan()
    soon.restore()
    planner.plan()
    assert kinds_planned() == []


def test_canceling_days_before_sends_no_short_notice(pair, sam):
    make.session(pair).cancel(sam)
    planner.plan()
    assert kinds_planned() == []


def test_only_the_last_of_two_moves_is_sent(pair, sam, ada):
    soon = make.session(pair, (timezone.now() + timedelta(hours=5)).replace(tzinfo=None), "UTC")
    for hours in (8, 9):
        soon.move(sam, TimeSlot((timezone.now() + timedelta(hours=hours)).replace(tzinfo=None), "UTC", 60))
        planner.plan()
    planned = Reminder.objects.filter(state=State.PLANNED)
    assert [row.subject for row in planned] == [f"move:{soon.moves.last().pk}"]
    assert planned.get().recipient == ada


# --- Invitations -------------------------------------------------------------------------------------------


@pytest.fixture
def invited(db):
    return make.enrollment(make.program(), make.user("Noor"), Enrollment.Role.MENTEE, accepted_at=None)


def test_an_enrolled_person_is_invited(invited):
    planner.plan()
    row = Reminder.objects.get()
    assert (row.kind, row.recipient, row.pair) == ("invitation", invited.user, None)
    assert row.expires_at == invited.invited_at + timedelta(days=30)


def test_a_person_who_joined_meanwhile_gets_no_invitation(invited):
    planner.plan()
    invited.accept()
    planner.plan()
    assert kinds_planned() == []


def test_inviting_again_plans_a_new_invitation(invited):
    planner.plan()
    Reminder.objects.update(state=State.SENT)
    Enrollment.objects.filter(pk=invited.pk).update(invited_at=timezone.now())
    planner.plan()
    assert Reminder.objects.count() == 2
    assert kinds_planned() == ["invitation"]


# --- Planner -------------------------------------------------------------------------------------------------


def test_an_error_in_one_row_does_not_stop_the_others(pair, caplog, monkeypatch):
    bad, good = make.closed_session(pair), make.closed_session(make.pair())

    class Broken(type(intents.KINDS["recap"])):
        def intents(self, session):
            if session.pk == bad.pk:
                raise ValueError("Mars/X")
            return super().intents(session)

    monkeypatch.setitem(planner.KINDS, "recap", Broken())
    with caplog.at_level(logging.CRITICAL):
        planner.plan()
    assert {row.subject for row in Reminder.objects.all()} == {f"session:{good.pk}"}


def test_times_that_change_before_sending_are_updated(closed):
    planner.plan()
    intent = next(iter(intents.KINDS["recap"].intents_about([closed.pk]).values()))
    later = intents.Intent(**(vars(intent) | {"due_at": intent.due_at + timedelta(hours=1)}))
    planner.save_intents({later.key: later})
    assert Reminder.objects.get(key=later.key).due_at == later.due_at


def test_rows_within_the_horizon_are_read_without_a_touch(pair, monkeypatch):
    """A kind whose reminders are due before their moment, such as preparation, declares a horizon."""
    far = make.session(pair, (timezone.now() + timedelta(days=10)).replace(tzinfo=None), "UTC")

    class Prepare(intents.Kind):
        name, subject, anchor = "prepare", "session", "starts_at"
        max_lead, max_age = timedelta(days=4), timedelta()

        @staticmethod
        def rows():
            return Session.objects.select_related("pair")

        def intents(self, session):
            due_at = session.starts_at - timedelta(days=2)
            yield self.intent(session, session.pair.mentee_id, "x", due_at, session.starts_at)

        def email(self, person, intent):
            """Nothing is sent in this test."""

    kind = Prepare()
    monkeypatch.setattr(planner, "KINDS", {"prepare": kind})
    monkeypatch.setitem(intents.KINDS, "prepare", kind)
    now = timezone.now()
    planner.plan(now)
    assert kinds_planned() == []
    planner.plan(now + timedelta(days=3))
    assert kinds_planned() == []
    planner.plan(now + timedelta(days=4, minutes=1))
    assert kinds_planned() == ["prepare"]
    assert Reminder.objects.get().subject == f"session:{far.pk}"


def test_a_tick_costs_the_same_for_more_unchanged_pairs(pair, django_assert_max_num_queries, monkeypatch):
    planner.plan()
    Watermark.objects.update(planned_until=timezone.now() + timedelta(minutes=6))
    monkeypatch.setattr(planner, "KINDS", intents.KINDS)
    with django_assert_max_num_queries(8 + 4 * len(intents.KINDS)):
        planner.plan()


@pytest.mark.sqlite
def test_reminders_without_a_pair_are_found_by_an_index_on_sqlite(pair):
    """Without it, each tick would read all planned reminders."""
    with CaptureQueriesContext(connection) as found, connection.cursor() as cursor:
        planner.plan()
        [query] = [one["sql"] for one in found if 'pair_id" IS NULL' in one["sql"] and "'planned'" in one["sql"]]
        cursor.execute(f"EXPLAIN QUERY PLAN {query}")
        assert "USING INDEX reminder_without_pair (kind=? AND state=?)" in cursor.fetchall()[0][-1]


def test_more_touched_pairs_are_planned_with_as_many_queries(pair, monkeypatch):
    monkeypatch.setattr(planner, "KINDS", intents.KINDS)
    planner.plan()

    def queries(pairs) -> int:
        for one in pairs:
            make.commitment(one, due_on=timezone.now().date() + timedelta(days=3))
            soon = make.session(one, (timezone.now() + timedelta(hours=5)).replace(tzinfo=None), "UTC")
            soon.move(one.mentor, TimeSlot((timezone.now() + timedelta(hours=8)).replace(tzinfo=None), "UTC", 60))
            make.closed_session(one)
        with CaptureQueriesContext(connection) as found:
            planner.plan()
        return len(found)

    few = queries([pair])
    assert queries([make.pair() for _ in range(4)]) <= few


@settings(max_examples=slow_examples(1_000), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(["close", "reopen", "wait", "plan"]), max_size=12))
def test_any_order_of_closing_and_undoing_plans_correctly(transactional_db, steps):
    Watermark.objects.all().delete()  # the previous example was at a later time
    pair = make.pair()
    session = make.running_session(pair, next_left_open_at=timezone.now())
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for step in steps:
            clock.shift(timedelta(seconds=1))
            if step == "close":
                closing.close(session, pair.mentor)
            elif step == "reopen":
                closing.reopen(session, pair.mentor)
            elif step == "wait":
                clock.shift(timedelta(seconds=90))
            else:
                planner.plan()
        planner.plan()
    session.refresh_from_db()
    planned = Reminder.objects.filter(pair=pair, state=State.PLANNED)
    assert planned.count() == (2 if session.closed_at else 0)
    assert all(row.key.endswith(session.closed_at.isoformat()) for row in planned)


def test_four_planners_at_once_plan_once(transactional_db):
    """The release check uses 2,000 pairs."""
    program = make.program()
    people = [make.user() for _ in range(10)]
    for mentor in people[:5]:
        for mentee in people[5:]:
            make.closed_session(make.pair(program, mentor, mentee))
    start, errors = threading.Barrier(4), []

    def planning():
        start.wait()
        try:
            for _ in range(3):
                planner.plan()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=planning) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert Reminder.objects.count() == 50
    assert Reminder.objects.filter(state=State.PLANNED).count() == 50


def test_closed_accounts_get_no_email(closed, sam, ada):
    planner.plan()
    ada.is_active = False
    ada.save()
    assert {intent.recipient_id for intent in intents.current_intents(Reminder.objects.all()).values()} == {sam.pk}
    closed.pair.touch()
    planner.plan()
    assert [row.recipient for row in Reminder.objects.filter(state=State.PLANNED)] == [sam]
