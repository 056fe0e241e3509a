"""The content of a pair is deleted a year after its end; both people are notified sixty days before."""

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
from operations.own_data import erasure
from practice.models import Entry
from records import retention
from reminders import planner, sender
from reminders.intents import KINDS
from reminders.models import Reminder
from reminders.tasks import delete_expired_data
from sessions.models import PrivateNote, Session
from tests import everything, make

MONDAY = datetime(2026, 12, 7, 9, tzinfo=UTC)
WORD = "Unforgettable"
ADDRESSES = {"reminders.Reminder", "reminders.Snooze"}  # kinds and keys, such as "session:12", not typed text


@pytest.fixture(autouse=True)
def clock(db, settings):
    settings.EMAIL_URL = "smtp://localhost"
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


def end_days_ago(pair, days: int) -> Pair:
    """End the pair that many days ago."""
    Pair.objects.filter(pk=pair.pk).update(ended_at=timezone.now() - timedelta(days=days))
    pair.refresh_from_db()
    return pair


@pytest.fixture
def written_pair(pair):
    """A pair with text in several models."""
    make.goal(pair, WORD), make.topic(pair, title=WORD), make.commitment(pair, text=WORD)
    session = make.closed_session(pair)
    make.block(session, WORD, note=WORD)
    PrivateNote.objects.create(pair=pair, session=session, author=pair.mentor, text=WORD)
    pair.exit_answers.create(user=pair.mentee, rating=4, takeaway=WORD)
    return pair


def windows(clock, days: int) -> None:
    """That many days after MONDAY, send what is due at 08:30 in Kolkata and in London."""
    for hours, minutes in ((3, 0), (8, 30)):
        clock.move_to((MONDAY + timedelta(days=days)).replace(hour=hours, minute=minutes))
        planner.plan()
        sender.send_due()


def run_nightly_deletion() -> None:
    delete_expired_data()


def expire(pair) -> None:
    """Let the pair's retention end yesterday, with both people notified in time."""
    yesterday = timezone.localdate() - timedelta(days=1)
    Pair.objects.filter(pk=pair.pk).update(ended_at=timezone.now() - timedelta(days=400), kept_until=yesterday)
    make.retention_notices(pair, yesterday)


def count_content(pair) -> int:
    rows = Commitment.objects.filter(pair=pair).count() + Session.objects.filter(pair=pair).count()
    return rows + pair.items.count() + pair.goals.count() + PrivateNote.objects.filter(pair=pair).count()


def test_nothing_is_deleted_or_announced_too_early(written_pair, clock):
    end_days_ago(written_pair, 304)
    run_nightly_deletion()
    written_pair.refresh_from_db()
    assert written_pair.kept_until is None and count_content(written_pair)


def test_both_are_notified_sixty_days_before_the_deletion(written_pair, clock):
    end_days_ago(written_pair, 305)
    run_nightly_deletion()
    written_pair.refresh_from_db()
    assert written_pair.kept_until == date(2027, 2, 5), "365 days after the end, which is 60 days from now"
    intents = KINDS["deletion_near"].intents_about([written_pair.pk]).values()
    assert {it.recipient_id for it in intents} == {written_pair.mentor_id, written_pair.mentee_id}
    planner.plan()
    windows(clock, days=1)
    notices = {one.to[0]: one for one in mail.outbox if "will be deleted on Feb 5" in one.subject}
    assert set(notices) == {written_pair.mentor.email, written_pair.mentee.email}
    assert reverse("growth_record", args=[written_pair.pk]) in notices[written_pair.mentee.email].body
    assert reverse("pair_detail", args=[written_pair.pk]) in notices[written_pair.mentor.email].body
    clock.move_to(datetime(2027, 2, 5, 9, tzinfo=UTC))
    run_nightly_deletion()
    assert count_content(written_pair), "it is kept on that day"
    clock.move_to(datetime(2027, 2, 6, 9, tzinfo=UTC))
    run_nightly_deletion()
    assert count_content(written_pair), "the email was sent a day late, so it is kept a day longer"
    clock.move_to(datetime(2027, 2, 7, 9, tzinfo=UTC))
    run_nightly_deletion()
    written_pair.refresh_from_db()
    assert not count_content(written_pair) and written_pair.content_deleted_at
    assert (
        AuditEvent.objects.filter(
            action=AuditEvent.Action.PAIR_CONTENT_DELETED, subject=f"mentoring.pair:{written_pair.pk}"
        ).count()
        == 1
    )


def test_a_server_that_was_off_for_years_notifies_first(written_pair, clock):
    end_days_ago(written_pair, 900)
    run_nightly_deletion()
    written_pair.refresh_from_db()
    assert written_pair.kept_until == timezone.localdate() + timedelta(days=60) and count_content(written_pair)


def test_a_server_that_missed_its_notice_postpones_the_deletion(written_pair, clock):
    end_days_ago(written_pair, 305)
    run_nightly_deletion()
    clock.move_to(MONDAY + timedelta(days=90))
    run_nightly_deletion()
    written_pair.refresh_from_db()
    assert count_content(written_pair) and written_pair.kept_until == date(2027, 3, 7) + timedelta(days=60)
    planner.plan()
    windows(clock, days=91)
    assert {one.to[0] for one in mail.outbox if "will be deleted on May 6" in one.subject} == {
        written_pair.mentor.email,
        written_pair.mentee.email,
    }
    clock.move_to(MONDAY + timedelta(days=160))
    run_nightly_deletion()
    assert not count_content(written_pair)


@pytest.mark.parametrize("state", ["planned", "expired", "canceled", "failed"])
def test_an_unsent_notice_postpones_the_deletion(written_pair, state):
    """Failed counts as well: with a wrong password for the mail server, every email fails."""
    expire(written_pair)
    Reminder.objects.filter(kind="deletion_near", recipient=written_pair.mentor).update(state=state)
    run_nightly_deletion()
    written_pair.refresh_from_db()
    assert count_content(written_pair) and written_pair.kept_until == timezone.localdate() + timedelta(days=60)


def test_unreachable_people_do_not_prevent_the_deletion(written_pair):
    expire(written_pair)
    Reminder.objects.filter(kind="deletion_near", recipient=written_pair.mentor).update(state="failed")
    User.objects.filter(pk=written_pair.mentor_id).update(mail_suspended_at=timezone.now())
    Reminder.objects.filter(kind="deletion_near", recipient=written_pair.mentee).delete()
    User.objects.filter(pk=written_pair.mentee_id).update(is_active=False)
    run_nightly_deletion()
    assert not count_content(written_pair)


def test_what_an_erased_person_shared_can_be_deleted_early(written_pair, clock, settings):
    settings.ERASED_TEXT = "purge"
    erasure.erase(written_pair.mentee)
    run_nightly_deletion()
    written_pair.refresh_from_db()
    assert written_pair.kept_until == timezone.localdate() + timedelta(days=30)
    planner.plan()
    windows(clock, days=1)
    assert [one.to for one in mail.outbox if "will be deleted" in one.subject] == [[written_pair.mentor.email]]
    clock.move_to(MONDAY + timedelta(days=30))
    run_nightly_deletion()
    assert count_content(written_pair)
    clock.move_to(MONDAY + timedelta(days=33))
    run_nightly_deletion()
    assert not count_content(written_pair)


def test_what_an_erased_person_shared_stays_for_the_partner_otherwise(written_pair, clock):
    erasure.erase(written_pair.mentee)
    for days in (0, 33):
        clock.move_to(MONDAY + timedelta(days=days))
        run_nightly_deletion()
    written_pair.refresh_from_db()
    assert written_pair.kept_until is None and count_content(written_pair)


def test_a_notice_of_another_date_does_not_count(written_pair):
    expire(written_pair)
    Pair.objects.filter(pk=written_pair.pk).update(kept_until=timezone.localdate() - timedelta(days=2))
    run_nightly_deletion()
    assert count_content(written_pair)


def test_the_retention_period_is_a_setting(written_pair, settings):
    settings.RETENTION_MONTHS = 24
    end_days_ago(written_pair, 400)
    run_nightly_deletion()
    written_pair.refresh_from_db()
    assert written_pair.kept_until is None


def everything_stored() -> str:
    """Every row of every table, as text."""
    found = []
    for model in apps.get_models():
        found += serializers.serialize("json", model._base_manager.all()).splitlines()
    return json.dumps(found)


def holds_text(field) -> bool:
    is_text = field.get_internal_type() in ("TextField", "CharField") and not field.choices
    return is_text and (field.max_length or 99) > 20


def lookups_to_a_pair() -> dict[type[Model], list[str]]:
    """Each model that leads to a pair by foreign keys, also indirectly, with all lookups from it to the pair."""
    lookups, found = {Pair: ["pk"]}, True
    while found:
        found = False
        for model in apps.get_models():
            for field in model._meta.concrete_fields:
                target = field.remote_field.model if field.remote_field else None
                for lookup in lookups.get(target, ()) if target is not model else ():
                    step = field.name if lookup == "pk" else f"{field.name}__{lookup}"
                    if model is not Pair and step not in lookups.setdefault(model, []):
                        lookups[model].append(step)
                        found = True
    return lookups


def write_everywhere(pair, word: str) -> set[str]:
    """Write the word into every text field of the pair's rows; return the labels of the models that have it."""
    written = set()
    for model, lookups in lookups_to_a_pair().items():
        fields = [field.name for field in model._meta.concrete_fields if holds_text(field)]
        for lookup in lookups if model is not Pair and model._meta.label not in ADDRESSES else ():
            rows = model._base_manager.filter(**{lookup: pair})
            if fields and rows.update(**dict.fromkeys(fields, word)):
                written.add(model._meta.label)
    return written


def test_all_content_of_a_pair_and_no_other_is_deleted(clock):
    world = everything.build()
    pair = Pair.objects.get(pk=world.rows["pair"])
    other = make.pair(pair.program, make.user(), make.user())
    make.goal(other, "Somebody else’s"), make.commitment(other, text="Somebody else’s")
    AdvocacyNote.objects.create(pair=other, text="Somebody else’s")
    written = write_everywhere(pair, WORD)
    assert {"goals.AdvocacyNote", "goals.CommitmentEvent", "mentoring_sessions.Block", "dashboard.Flag"} <= written
    assert "practice.EntryText" in written
    expire(pair)
    assert WORD in everything_stored()
    run_nightly_deletion()
    assert WORD not in everything_stored()
    assert other.goals.count() == other.commitments.count() == 1 and other.advocacy_note.text
    for model, lookup in retention.content_models():
        assert not model._base_manager.filter(**{lookup: pair}).exists(), model
    assert Pair.objects.filter(pk=pair.pk, content_deleted_at__isnull=False).exists()
    assert ExitAnswer.objects.get(pair=pair).rating == 4, "the rating is kept, the text is deleted"
    take_snapshot(pair.program, timezone.localdate())


def test_practice_about_no_pair_is_deleted_with_the_last_pair(written_pair, sam, ada):
    own, of_ada = make.entry(sam, None, lesson="Ask first"), make.entry(ada, None, lesson="Decision first")
    own.share(written_pair)
    second = make.pair(written_pair.program, sam, make.user())
    expire(written_pair)
    run_nightly_deletion()
    assert list(Entry.objects.all()) == [own] and not own.shares.exists(), "Sam has another pair, Ada has none"
    assert of_ada.pk not in Entry.objects.values_list("pk", flat=True)
    end_days_ago(second, 1)
    expire(second)
    run_nightly_deletion()
    assert not Entry.objects.exists()


def test_every_model_of_a_pair_is_listed_as_content_or_fact():
    """A new model with a key to a pair is deleted as content unless it is listed as a fact."""
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


def test_running_pairs_are_kept_and_content_is_deleted_once(written_pair, clock):
    run_nightly_deletion()
    assert count_content(written_pair)
    expire(written_pair)
    run_nightly_deletion(), run_nightly_deletion()
    assert AuditEvent.objects.filter(action=AuditEvent.Action.PAIR_CONTENT_DELETED).count() == 1


def test_pages_of_a_deleted_pair_explain_the_deletion(written_pair, as_, sam, ada):
    end_days_ago(written_pair, 200)
    page = as_(ada).get(reverse("pair_detail", args=[written_pair.pk])).content.decode()
    assert "readable until" in page and "Save your growth record" in page
    assert (
        "Save your growth record" not in as_(sam).get(reverse("pair_detail", args=[written_pair.pk])).content.decode()
    )
    expire(written_pair)
    run_nightly_deletion()
    for person in (sam, ada):
        page = as_(person).get(reverse("pair_detail", args=[written_pair.pk])).content.decode()
        assert "It was deleted, as announced" in page and WORD not in page
        for hint in ("Your story starts", "Not written yet", "Cadence kept", "Save your growth record"):
            assert hint not in page, "no hint to start as in a new pair"
    for name in ("goal_list", "progress", "outcome_list", "plan_list", "growth_record"):
        page = as_(ada).get(reverse(name, args=[written_pair.pk]))
        assert page.status_code == 200 and "It was deleted, as announced" in page.content.decode(), name
    assert "Save as a page" not in as_(ada).get(reverse("growth_record", args=[written_pair.pk])).content.decode()
    certificate = as_(ada).get(reverse("certificate", args=[written_pair.pk])).content.decode()
    assert "as mentor from" in certificate and "0 session" not in certificate
    assert (
        "It was deleted, as announced" not in as_(ada).get(reverse("goal_list", args=[make.pair().pk])).content.decode()
    )


def test_nothing_can_be_added_after_the_deletion(written_pair, as_, ada):
    expire(written_pair)
    run_nightly_deletion()
    page = reverse("exit_answer", args=[written_pair.pk])
    for answer in (as_(ada).get(page), as_(ada).post(page, {"rating": 3, "takeaway": WORD})):
        assert answer.status_code == 302 and answer.url == reverse("pair_detail", args=[written_pair.pk])
    assert WORD not in everything_stored()


def test_ended_pairs_are_linked_from_home_also_after_rejoining(written_pair, as_, ada):
    end_days_ago(written_pair, 20)
    written_pair.program.enrollments.filter(user=ada).update(left_at=timezone.now())
    page = as_(ada).get("/").content.decode()
    assert reverse("pair_detail", args=[written_pair.pk]) in page
    written_pair.program.enrollments.get(user=ada).invite_again(make.admin(written_pair.program))
    assert reverse("pair_detail", args=[written_pair.pk]) in as_(ada).get("/").content.decode()


def test_both_are_notified_of_the_archive_thirty_days_after_the_end(written_pair, ada, sam):
    end_days_ago(written_pair, 0)
    due = {it.recipient_id: it for it in KINDS["archived"].intents_about([written_pair.pk]).values()}
    assert set(due) == {ada.pk, sam.pk}
    assert ada.local(due[ada.pk].due_at).date() == date(2027, 1, 6)


def test_old_emails_and_audit_events_are_deleted(pair):
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
