"""P22: what a pair wrote is kept for a year after its end, both are told sixty days before, and then it is gone."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.apps import apps
from django.core import mail, serializers
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, OutboxMail, User
from dashboard.figures import take_snapshot
from goals.models import AdvocacyNote, Commitment
from mentoring.models import ExitAnswer, Pair
from records import retention
from reminders import planner, sender
from reminders.intents import KINDS
from reminders.models import Reminder
from reminders.tasks import delete_expired_data
from sessions.models import PrivateNote, Session
from tests import everything, make

MONDAY = datetime(2026, 12, 7, 9, tzinfo=UTC)
WORD = "Unforgettable"
ADDRESSES = {"reminders.Reminder", "reminders.Snooze"}  # kinds and keys, such as "session:12"; nobody writes them


@pytest.fixture(autouse=True)
def clock(db, settings):
    settings.EMAIL_URL = "smtp://localhost"
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


def ended(pair, days: int) -> Pair:
    """The pair, ended so many days ago."""
    Pair.objects.filter(pk=pair.pk).update(ended_at=timezone.now() - timedelta(days=days))
    pair.refresh_from_db()
    return pair


@pytest.fixture
def wrote(pair):
    """A pair with words in several rooms."""
    make.goal(pair, WORD), make.topic(pair, title=WORD), make.commitment(pair, text=WORD)
    session = make.closed_session(pair)
    make.block(session, WORD, note=WORD)
    PrivateNote.objects.create(pair=pair, session=session, author=pair.mentor, text=WORD)
    pair.exit_answers.create(user=pair.mentee, rating=4, takeaway=WORD)
    return pair


def windows(clock, days: int) -> None:
    """So many days after MONDAY: what is due is sent at 08:30 in Kolkata and in London."""
    for hours, minutes in ((3, 0), (8, 30)):
        clock.move_to((MONDAY + timedelta(days=days)).replace(hour=hours, minute=minutes))
        planner.plan()
        sender.send_due()


def night() -> None:
    delete_expired_data()


def day_is_over(pair) -> None:
    """The pair's content was kept until yesterday, and both were told in time."""
    yesterday = timezone.localdate() - timedelta(days=1)
    Pair.objects.filter(pk=pair.pk).update(ended_at=timezone.now() - timedelta(days=400), kept_until=yesterday)
    make.retention_notices(pair, yesterday)


def words_of(pair) -> int:
    rows = Commitment.objects.filter(pair=pair).count() + Session.objects.filter(pair=pair).count()
    return rows + pair.items.count() + pair.goals.count() + PrivateNote.objects.filter(pair=pair).count()


def test_nothing_happens_before_its_day(wrote, clock):
    ended(wrote, 304)
    night()
    wrote.refresh_from_db()
    assert wrote.kept_until is None and words_of(wrote)


def test_both_are_told_sixty_days_before_and_then_it_is_deleted(wrote, clock):
    ended(wrote, 305)
    night()
    wrote.refresh_from_db()
    assert wrote.kept_until == date(2027, 2, 5), "365 days after the end, which is 60 days from now"
    intents = KINDS["deletion_near"].intents_about([wrote.pk]).values()
    assert {it.recipient_id for it in intents} == {wrote.mentor_id, wrote.mentee_id}
    planner.plan()
    windows(clock, days=1)
    told = {one.to[0]: one for one in mail.outbox if "will be deleted on Feb 5" in one.subject}
    assert set(told) == {wrote.mentor.email, wrote.mentee.email}
    assert reverse("growth_record", args=[wrote.pk]) in told[wrote.mentee.email].body
    assert reverse("pair_detail", args=[wrote.pk]) in told[wrote.mentor.email].body
    clock.move_to(datetime(2027, 2, 5, 9, tzinfo=UTC))
    night()
    assert words_of(wrote), "that day it is still there"
    clock.move_to(datetime(2027, 2, 6, 9, tzinfo=UTC))
    night()
    assert words_of(wrote), "the mail left a day late, so that it stays a day longer"
    clock.move_to(datetime(2027, 2, 7, 9, tzinfo=UTC))
    night()
    wrote.refresh_from_db()
    assert not words_of(wrote) and wrote.content_deleted_at
    assert (
        AuditEvent.objects.filter(
            action=AuditEvent.Action.PAIR_CONTENT_DELETED, subject=f"mentoring.pair:{wrote.pk}"
        ).count()
        == 1
    )


def test_a_server_that_was_off_for_years_warns_first(wrote, clock):
    ended(wrote, 900)
    night()
    wrote.refresh_from_db()
    assert wrote.kept_until == timezone.localdate() + timedelta(days=60) and words_of(wrote)


def test_nobody_is_surprised_by_a_server_that_stood_still_after_the_day_was_fixed(wrote, clock):
    ended(wrote, 305)
    night()
    clock.move_to(MONDAY + timedelta(days=90))
    night()
    wrote.refresh_from_db()
    assert words_of(wrote) and wrote.kept_until == date(2027, 3, 7) + timedelta(days=60)
    planner.plan()
    windows(clock, days=91)
    assert {one.to[0] for one in mail.outbox if "will be deleted on May 6" in one.subject} == {
        wrote.mentor.email,
        wrote.mentee.email,
    }
    clock.move_to(MONDAY + timedelta(days=160))
    night()
    assert not words_of(wrote)


@pytest.mark.parametrize("state", ["planned", "expired", "canceled", "failed"])
def test_what_did_not_leave_told_nobody(wrote, state):
    """Failed as well: a server that takes no mail at all, say with a wrong password, fails for everybody."""
    day_is_over(wrote)
    Reminder.objects.filter(kind="deletion_near", recipient=wrote.mentor).update(state=state)
    night()
    wrote.refresh_from_db()
    assert words_of(wrote) and wrote.kept_until == timezone.localdate() + timedelta(days=60)


def test_who_cannot_be_reached_any_more_keeps_nothing_for_ever(wrote):
    day_is_over(wrote)
    Reminder.objects.filter(kind="deletion_near", recipient=wrote.mentor).update(state="failed")
    User.objects.filter(pk=wrote.mentor_id).update(mail_suspended_at=timezone.now())
    Reminder.objects.filter(kind="deletion_near", recipient=wrote.mentee).delete()
    User.objects.filter(pk=wrote.mentee_id).update(is_active=False)
    night()
    assert not words_of(wrote)


def test_told_of_an_earlier_day_is_not_told_of_this_one(wrote):
    day_is_over(wrote)
    Pair.objects.filter(pk=wrote.pk).update(kept_until=timezone.localdate() - timedelta(days=2))
    night()
    assert words_of(wrote)


def test_how_long_is_a_setting(wrote, settings):
    settings.RETENTION_MONTHS = 24
    ended(wrote, 400)
    night()
    wrote.refresh_from_db()
    assert wrote.kept_until is None


def everything_stored() -> str:
    """Every row of every table, as text."""
    found = []
    for model in apps.get_models():
        found += serializers.serialize("json", model._base_manager.all()).splitlines()
    return json.dumps(found)


def holds_words(field) -> bool:
    words = field.get_internal_type() in ("TextField", "CharField") and not field.choices
    return words and (field.max_length or 99) > 20


def ways_to_a_pair() -> dict[type[Model], list[str]]:
    """Every model from which a foreign key leads to a pair, over however many others, with all its ways there."""
    ways, found = {Pair: ["pk"]}, True
    while found:
        found = False
        for model in apps.get_models():
            for field in model._meta.concrete_fields:
                target = field.remote_field.model if field.remote_field else None
                for way in ways.get(target, ()) if target is not model else ():
                    step = field.name if way == "pk" else f"{field.name}__{way}"
                    if model is not Pair and step not in ways.setdefault(model, []):
                        ways[model].append(step)
                        found = True
    return ways


def write_everywhere(pair, word: str) -> set[str]:
    """Put the word into every text of every row that leads to the pair; the labels of what holds it now."""
    written = set()
    for model, ways in ways_to_a_pair().items():
        fields = [field.name for field in model._meta.concrete_fields if holds_words(field)]
        for way in ways if model is not Pair and model._meta.label not in ADDRESSES else ():
            rows = model._base_manager.filter(**{way: pair})
            if fields and rows.update(**dict.fromkeys(fields, word)):
                written.add(model._meta.label)
    return written


def test_no_word_of_it_is_left_anywhere_and_none_of_another_pair_is_lost(clock):
    world = everything.build()
    pair = Pair.objects.get(pk=world.rows["pair"])
    other = make.pair(pair.program, make.user(), make.user())
    make.goal(other, "Somebody else’s"), make.commitment(other, text="Somebody else’s")
    AdvocacyNote.objects.create(pair=other, text="Somebody else’s")
    written = write_everywhere(pair, WORD)
    assert {"goals.AdvocacyNote", "goals.CommitmentEvent", "mentoring_sessions.Block", "dashboard.Flag"} <= written
    day_is_over(pair)
    assert WORD in everything_stored()
    night()
    assert WORD not in everything_stored()
    assert other.goals.count() == other.commitments.count() == 1 and other.advocacy_note.text
    for model, way in retention.content_models():
        assert not model._base_manager.filter(**{way: pair}).exists(), model
    assert Pair.objects.filter(pk=pair.pk, content_deleted_at__isnull=False).exists()
    assert ExitAnswer.objects.get(pair=pair).rating == 4, "the number counts on, the words are gone"
    take_snapshot(pair.program, timezone.localdate())


def test_everything_that_belongs_to_a_pair_is_content_or_named_as_a_fact():
    """A new model that points at a pair goes with the content unless somebody decides that it is a mere fact."""
    named = {model._meta.label for model, _way in retention.content_models()} | retention.FACTS
    for label in ("goals.Goal", "goals.AdvocacyNote", "mentoring_sessions.Session", "reminders.Snooze"):
        assert label in named - retention.FACTS
    points = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.remote_field and field.remote_field.model is Pair
    }
    assert points == named


def test_running_pairs_and_a_second_night_change_nothing(wrote, clock):
    night()
    assert words_of(wrote)
    day_is_over(wrote)
    night(), night()
    assert AuditEvent.objects.filter(action=AuditEvent.Action.PAIR_CONTENT_DELETED).count() == 1


def test_its_pages_say_what_happened(wrote, as_, sam, ada):
    ended(wrote, 200)
    page = as_(ada).get(reverse("pair_detail", args=[wrote.pk])).content.decode()
    assert "readable until" in page and "Save your growth record" in page
    assert "Save your growth record" not in as_(sam).get(reverse("pair_detail", args=[wrote.pk])).content.decode()
    day_is_over(wrote)
    night()
    for person in (sam, ada):
        page = as_(person).get(reverse("pair_detail", args=[wrote.pk])).content.decode()
        assert "It was deleted, as announced" in page and WORD not in page
        for said in ("Your story starts", "Not written yet", "Cadence kept", "Save your growth record"):
            assert said not in page, "what was deleted does not look as if it had never been"
    for name in ("goal_list", "progress", "outcome_list", "plan_list", "growth_record"):
        page = as_(ada).get(reverse(name, args=[wrote.pk]))
        assert page.status_code == 200 and "It was deleted, as announced" in page.content.decode(), name
    assert "Save as a page" not in as_(ada).get(reverse("growth_record", args=[wrote.pk])).content.decode()
    certificate = as_(ada).get(reverse("certificate", args=[wrote.pk])).content.decode()
    assert "as mentor from" in certificate and "0 session" not in certificate
    assert (
        "It was deleted, as announced" not in as_(ada).get(reverse("goal_list", args=[make.pair().pk])).content.decode()
    )


def test_nothing_is_written_any_more_once_it_was_deleted(wrote, as_, ada):
    day_is_over(wrote)
    night()
    page = reverse("exit_answer", args=[wrote.pk])
    for answer in (as_(ada).get(page), as_(ada).post(page, {"rating": 3, "takeaway": WORD})):
        assert answer.status_code == 302 and answer.url == reverse("pair_detail", args=[wrote.pk])
    assert WORD not in everything_stored()


def test_earlier_pairs_are_found_from_home_also_by_who_came_back(wrote, as_, ada):
    ended(wrote, 20)
    wrote.program.enrollments.filter(user=ada).update(left_at=timezone.now())
    page = as_(ada).get("/").content.decode()
    assert reverse("pair_detail", args=[wrote.pk]) in page
    wrote.program.enrollments.get(user=ada).invite_again(make.admin(wrote.program))
    assert reverse("pair_detail", args=[wrote.pk]) in as_(ada).get("/").content.decode()


def test_thirty_days_after_the_end_it_is_in_the_archive(wrote, ada, sam):
    ended(wrote, 0)
    due = {it.recipient_id: it for it in KINDS["archived"].intents_about([wrote.pk]).values()}
    assert set(due) == {ada.pk, sam.pk}
    assert ada.local(due[ada.pk].due_at).date() == date(2027, 1, 6)


def test_mails_sign_ins_and_the_audit_go_in_their_time(pair):
    now = timezone.now()
    for days in (29, 31):
        mail_ = OutboxMail.objects.create(recipients="a@example.org", subject=str(days), text="x")
        OutboxMail.objects.filter(pk=mail_.pk).update(sent_at=now - timedelta(days=days))
    for action, days in (("password changed", 89), ("password changed", 91), ("pair ended", 729), ("pair ended", 731)):
        AuditEvent.objects.create(action=action, created_at=now - timedelta(days=days))
    retention.delete_old_logs(now)
    assert [one.subject for one in OutboxMail.objects.all()] == ["29"]
    kept = AuditEvent.objects.order_by("created_at").values_list("action", "created_at")
    assert [(action, (now - at).days) for action, at in kept if (now - at).days] == [
        ("pair ended", 729),
        ("password changed", 89),
    ]
