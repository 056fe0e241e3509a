"""The audit log records admin actions, sharing, exports, sign-ins and refusals, but no content."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.urls import resolve, reverse
from django.utils import timezone

from accounts import audit_guard
from accounts.models import AuditEvent, SignInFailure
from dashboard import program_files
from dashboard.models import Flag
from dashboard.program_rules import optional_reminders
from mentoring.models import Program
from tests import access, make
from tests.access import ADMIN, STARTS_PROGRAMS, TABLE
from tests.site.test_bad_input import client_of, forms_on

CHANGES_NOTHING = {
    "figures_update",  # computes figures now instead of at night
    *("matching_start", "start_run_undo"),  # the world has a running start run; test_start_runs.py covers both
}


@pytest.fixture
def clock():
    with time_machine.travel(datetime(2026, 12, 7, 9, tzinfo=UTC), tick=False) as clock:
        yield clock


def filled_in(program) -> dict[str, dict]:
    """Form data for the actions that do nothing with the data of the access table."""
    mentor, mentee = (make.enrollment(program, make.user(), role).pk for role in ("mentor", "mentee"))
    dates = {"starts_on": program.starts_on, "ends_on": program.ends_on}
    return {
        "enrollment_create": {"people": "New Person, new@example.org"},
        "import_create": {"file": SimpleUploadedFile("people.csv", b"email\nnew@example.org\n")},
        "program_create": {"name": "Autumn"} | dates,
        "program_duplicate": {"name": "Autumn"},
        "program_rules": {"A1_amber": 12},
        "program_norms": {"norms": "Be on time"},
        "program_questions": {"ask_learn": "What is new?"},
        "program_reminder_rules": {"sent": list(optional_reminders.ask())[:1]},
        "people_bulk": {"person": mentor, "do": "remove"},
        "program_file": {"text": program_files.export(program), "sure": "1"},
        "program_api": {"name": "Report", "scopes": "pairs:read", "days": "30"},
        "program_webhooks": {"url": "https://8.8.8.8/hook", "events": "pair.ended"},
        "pair_create": {"mentor": mentor, "mentee": mentee},
        "pair_end_date": {"ends_on": program.ends_on + timedelta(days=7)},
        "attention_bulk": {
            "pair": Flag.objects.get(pair__program=program).pair_id,
            "do": "snooze",
            "days": 7,
            "reason": "on leave",
        },
    }


def test_each_admin_action_is_audited(db):
    world = access.build()
    admin, client = world.actors["admin"], client_of(world, "admin")
    pages = {name: row for name, row in TABLE.items() if row.get in (ADMIN, STARTS_PROGRAMS)}
    on_pages = {resolve(form.action.partition("?")[0]).url_name: form.data for form in forms_on(world, client, pages)}
    extra_data = filled_in(Program.objects.get(pk=world.rows["program"]))
    actions = {name for name, row in TABLE.items() if row.post in (ADMIN, STARTS_PROGRAMS)}
    not_audited = []
    for name in sorted(actions - CHANGES_NOTHING):
        row = TABLE[name]
        with transaction.atomic():
            data = on_pages.get(name, {}) | row.data | extra_data.get(name, {})
            # Without the other button of a form, which stores nothing, and the initial values of merged fields.
            data = {key: value for key, value in data.items() if key != "preview" and not key.startswith("initial-")}
            before = AuditEvent.objects.order_by("pk").values_list("pk", flat=True).last() or 0
            answer = client.post(reverse(name, args=world.arguments(row)), data)
            if not AuditEvent.objects.filter(pk__gt=before, user=admin, result="ok").exists():
                not_audited.append(f"{name}: {answer.status_code}")
            transaction.set_rollback(True)
    assert not not_audited, not_audited


@pytest.mark.parametrize("name", ["outcome_share", "celebration_publish", "advocacy_release"])
def test_sharing_with_others_is_audited(db, name):
    world = access.build()
    row, client = TABLE[name], client_of(world, "mentee")
    client.post(reverse(name, args=world.arguments(row)), row.data)
    assert AuditEvent.objects.filter(user=world.actors["mentee"], result="ok").count() == 1


def test_refusals_are_audited_once_a_minute_without_tokens(pair, as_, clock):
    stranger, session = make.user(), make.session(pair)
    client, page = as_(stranger), reverse("session_detail", args=[session.pk])
    for _press in range(3):
        assert client.get(page).status_code == 404
    event = AuditEvent.objects.get(result="refused")
    assert (event.user, event.action, event.subject) == (stranger, "asked for", f"session_detail:{session.pk}")
    clock.shift(timedelta(minutes=1))
    client.post(reverse("session_start", args=[session.pk]))
    client.get(reverse("invitation_accept", args=["a-secret-token"]))
    client.get("/no/such/page/")
    as_(pair.mentor).get(page)
    subjects = AuditEvent.objects.filter(result="refused").values_list("subject", flat=True)
    assert set(subjects) == {f"session_detail:{session.pk}", f"session_start:{session.pk}", "invitation_accept"}


def test_audited_refusals_are_limited(pair, as_, clock):
    client = as_(make.user())
    for pk in range(1000, 1030):
        client.get(reverse("pair_detail", args=[pk]))
    assert AuditEvent.objects.filter(result="refused").count() == 20


def printed(**options) -> list[list[str]]:
    out = StringIO()
    call_command("audit", stdout=out, **options)
    return [line.split("\t") for line in out.getvalue().splitlines()]


def test_the_audit_command_prints_a_line_per_event(pair, clock):
    AuditEvent.record(pair.mentor, AuditEvent.Action.PAIR_ENDED, pair)
    AuditEvent.record(pair.mentee, AuditEvent.Action.PAGE_REQUESTED, pair, "refused")
    clock.shift(timedelta(days=31))
    AuditEvent.record(None, AuditEvent.Action.PAIR_CONTENT_DELETED, pair)
    assert [row[2] for row in printed()] == ["content of a pair deleted"]
    assert [row[1:] for row in printed(days=40, user=pair.mentor.email.upper())] == [
        [pair.mentor.email, "pair ended", f"mentoring.pair:{pair.pk}", "ok"]
    ]
    assert [row[4] for row in printed(days=40, refused=True)] == ["refused"]
    for wrong, message in (({"days": 0}, "from 1 to"), ({"user": "nobody@example.org"}, "Nobody has")):
        with pytest.raises(CommandError, match=message):
            printed(**wrong)


# --- Signing in, addresses, exports ---


def test_sign_ins_and_failures_are_audited(db, client):
    make.installation()
    lena = make.user("Lena Brandt", password="a long password")
    sign_in = lambda password: client.post(reverse("account_login"), {"login": lena.email, "password": password})  # noqa: E731
    for _press in range(7):
        sign_in("wrong")
    found = AuditEvent.objects.values_list("action", "subject", "result")
    about = f"accounts.user:{lena.pk}"
    assert list(found.order_by("pk")) == [("sign-in failed", about, "refused")] * 5 + [
        ("sign-in locked for a while", about, "refused")
    ]
    SignInFailure.objects.all().delete()
    assert sign_in("a long password").status_code == 302
    assert AuditEvent.objects.filter(action=AuditEvent.Action.SIGNED_IN, user=lena).count() == 1
    assert not SignInFailure.objects.exists()


def test_failures_are_counted_without_the_cache(db, client, settings):
    make.installation()
    unreachable = {"BACKEND": "core.cache.ForgivingRedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": unreachable}
    lena = make.user("Lena Brandt", password="a long password")
    answers = [client.post(reverse("account_login"), {"login": lena.email, "password": "wrong"}) for _n in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    answers = [client.post(reverse("account_login"), {"login": f"p{n}@example.org", "password": "x"}) for n in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429], "ten from one network address"
    assert not any(lena.email in str(row) for row in SignInFailure.objects.values_list())


@pytest.mark.parametrize("name", ["people_export", "figures_export", "program_file_export", "import_errors"])
def test_each_admin_export_is_audited(db, name):
    world = access.build()
    row, client = TABLE[name], client_of(world, "admin")
    url = reverse(name, args=world.arguments(row))
    client.get(url) if row.post is None else client.post(url)
    assert AuditEvent.objects.filter(user=world.actors["admin"], action__endswith="exported").count() == 1


@pytest.mark.parametrize("name", ["growth_record_download", "plan_export"])
def test_each_export_of_a_pair_is_audited(db, name):
    world = access.build()
    row, client = TABLE[name], client_of(world, "mentee")
    assert client.get(reverse(name, args=world.arguments(row)), row.data).status_code == 200
    assert AuditEvent.objects.filter(user=world.actors["mentee"], action__endswith="exported").count() == 1


# --- Append-only ---


def sql(statement: str, *values) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.real_time  # the trigger has the clock of the database
def test_the_database_rejects_changes_of_the_audit_log(pair):
    ada, now = pair.mentee, timezone.now()
    AuditEvent.record(ada, AuditEvent.Action.SIGNED_IN, ada)
    for days, action in ((729, "young"), (731, "old")):
        AuditEvent.objects.create(user=ada, action=action, created_at=now - timedelta(days=days))
    for statement in (
        "UPDATE accounts_auditevent SET action = 'nothing'",
        "UPDATE accounts_auditevent SET user_id = NULL WHERE action = 'old'",
        "DELETE FROM accounts_auditevent WHERE action = 'signed in'",
        "DELETE FROM accounts_auditevent WHERE action = 'young'",
        "DELETE FROM accounts_auditevent",
    ):
        with pytest.raises(IntegrityError):
            sql(statement)
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEvent.objects.filter(action="young").delete()
    sql("DELETE FROM accounts_auditevent WHERE action = 'old'")
    assert not AuditEvent.objects.filter(action="old").exists()

    pk = ada.pk
    pair.delete(), ada.delete()
    assert set(
        AuditEvent.objects.filter(action__in=("young", AuditEvent.Action.SIGNED_IN)).values_list("user_id", flat=True)
    ) == {pk}
    assert [row[1] for row in printed(days=800)] == ["", ""]  # events outlive their person

    with audit_guard.unlocked():
        AuditEvent.objects.filter(action="young").delete()
    with pytest.raises(IntegrityError):
        sql("DELETE FROM accounts_auditevent")


@pytest.mark.django_db(transaction=True)
def test_flush_empties_the_log_and_restores_the_trigger():
    AuditEvent.record(None, AuditEvent.Action.PAIR_ENDED)
    call_command("flush", interactive=False, verbosity=0)
    assert not AuditEvent.objects.exists()
    AuditEvent.record(None, AuditEvent.Action.PAIR_ENDED)
    with pytest.raises(IntegrityError):
        sql("DELETE FROM accounts_auditevent")
