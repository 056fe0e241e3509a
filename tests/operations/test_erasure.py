"""Closing an account and erasing a person: what goes, what stays, and who decides."""

import json
import logging
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.contrib.sessions.models import Session as WebSession
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.core.serializers import serialize
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import AuditEvent, OutboxMail, User
from goals.models import Goal
from mentoring.models import Application, Enrollment, Pair, TalkRequest
from operations import tasks
from operations.own_data import closing, erasure, erasure_policy
from practice.models import Buddies, BuddyUpdate, Entry, EntryText, Stakeholder
from reminders import tasks as reminder_tasks
from reminders.models import Reminder
from sessions.models import CalendarFeed, Feedback, PrivateNote, StatusUpdate
from tests import everything, make

PAGE, CLOSE, ERASE, KEEP = (reverse(name) for name in ("your_data", "account_close", "account_erase", "account_keep"))
ADDRESS, NAME = "ada.lind@private.example", "Adalbertine Lindqvist"


@pytest.fixture
def full(db):
    """Ada and Sam with a row of every kind; Ada's address and name are found nowhere else."""
    world = everything.build()
    pair = Pair.objects.get(pk=world.rows["pair"])
    ada = pair.mentee
    User.objects.filter(pk=ada.pk).update(email=ADDRESS, name=NAME, short_name="Adalbertine")
    ada.emailaddress_set.update(email=ADDRESS)
    Enrollment.objects.filter(user=ada).update(name=NAME)
    ada.refresh_from_db()
    return pair, ada, pair.mentor


def dump() -> str:
    """Return every row with its texts decrypted, and the file of SQLite with what it keeps of deleted rows."""
    text = "".join(serialize("json", model._base_manager.all()) for model in apps.get_models())
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        text += connection.connection.serialize().decode(errors="replace")
    return text


def test_every_model_has_a_class():
    labels = {model._meta.label for model in apps.get_models()}
    assert labels - set(erasure_policy.POLICY_OF) == set(), (
        "say in operations/own_data/erasure_policy.py what happens to these rows"
    )
    assert set(erasure_policy.POLICY_OF) - labels == set()
    assert sum(len(text.split()) for text in erasure_policy.POLICIES.values()) == len(erasure_policy.POLICY_OF)
    erased = {label for label, policy in erasure_policy.POLICY_OF.items() if policy is erasure_policy.OnErasure.ERASED}
    for label in erased:
        for name in erasure_policy.links_to_people(apps.get_model(label)):
            by_admins = {"created_by", "invited_by", "decided_by", "handled_by", "manager"}
            assert name in erasure_policy.DELETED_BY.get(label, ()) or name in by_admins, f"{label}.{name}"
    for label, policy in erasure_policy.POLICY_OF.items():
        if policy is erasure_policy.OnErasure.NO_PERSON:
            assert not erasure_policy.links_to_people(apps.get_model(label)), label


def test_name_address_and_private_text_are_gone_and_shared_text_stays(full, caplog, settings):
    settings.EMAIL_URL = "smtp://localhost"
    pair, ada, _sam = full
    PrivateNote.objects.filter(author=ada).delete()
    private = {
        "note": PrivateNote.objects.create(pair=pair, author=ada, text="Secretnote"),
        "map": Stakeholder.objects.create(author=ada, name="Secretmap"),
        "entry": make.entry(ada, pair, lesson="Secretlesson"),
        "feedback": Feedback.objects.create(pair=pair, created_by=ada, shared_at=None, keep="Secretfeedback"),
    }
    make.application(pair.program, "Ada", email=ADDRESS, why="Secretreason")
    make.import_run(pair.program, f"email,name,role\n{ADDRESS},{NAME},mentee")
    OutboxMail.objects.create(recipients=ADDRESS, subject="Hello", text="Secretemail")
    shared = make.entry(ada, pair, lesson="Sharedlesson")
    shared.share(pair)
    make.goal(pair, "Sharedgoal", created_by=ada)
    for hours in (0, 24):
        with time_machine.travel(timezone.now() + timedelta(hours=hours), tick=False):
            reminder_tasks.plan_and_send()
    client = Client()
    client.force_login(ada)
    client.get(reverse("home"))
    assert ADDRESS in dump() and NAME in dump() and all(f"Secret{name}" in dump() for name in ("note", "map", "lesson"))
    mail.outbox.clear()
    with caplog.at_level(logging.DEBUG):
        erasure.erase(ada)
        reminder_tasks.plan_and_send()
    after = dump()
    for word in (ADDRESS, NAME, "Adalbertine", *(f"Secret{name}" for name in [*private, "lesson", "reason", "email"])):
        assert word not in after, word
        assert word not in caplog.text
        assert not any(word in str(message.message()) for message in mail.outbox)
    assert "Secret" not in repr(getattr(cache, "_cache", ""))
    assert "Sharedgoal" in after and "Sharedlesson" in after
    assert not WebSession.objects.filter(pk=client.session.session_key).exists()
    person = User.objects.get(pk=ada.pk)
    assert person.erased_at and not person.is_active and person.email == f"erased-{ada.pk}@erased.invalid"
    assert AuditEvent.objects.filter(action="person erased", subject=f"accounts.user:{ada.pk}").count() == 1


def test_the_partner_reads_what_was_shared_as_by_a_former_member(as_, pair, ada, sam):
    make.goal(pair, "Present to the board", created_by=ada)
    entry = make.entry(ada, pair, lesson="Ask first")
    entry.share(pair)
    erasure.erase(ada)
    client = as_(sam)
    page = client.get(reverse("pair_detail", args=[pair.pk])).content.decode()
    assert "Former member" in page and "Ada" not in page
    assert "Present to the board" in client.get(reverse("goal_list", args=[pair.pk])).content.decode()
    assert "Ask first" in client.get(entry.get_absolute_url()).content.decode()
    sam.language = "de"
    sam.save()
    assert "Ehemaliges Mitglied" in client.get(reverse("pair_detail", args=[pair.pk])).content.decode()
    with translation.override("es"):
        assert User.objects.get(pk=ada.pk).first_name == "Persona que ya no participa"


def test_a_shared_debrief_of_a_private_conversation_stays(pair, ada):
    conversation = make.entry(ada, pair, "conversation", opening="I would like to talk")
    debrief = make.entry(ada, pair, "debrief")
    Entry.objects.filter(pk=debrief.pk).update(part_of=conversation)
    debrief.share(pair)
    erasure.erase(ada)
    assert list(Entry.objects.values_list("pk", flat=True)) == [debrief.pk]
    assert not EntryText.objects.exclude(entry=debrief).exists()


def test_buddies_keep_their_own_lines(pair, ada):
    other = make.participant(pair.program, "mentee", "Lena Brandt")
    buddies = Buddies.objects.create(program=pair.program, asked_by=ada, other=other, accepted_at=timezone.now())
    BuddyUpdate.objects.create(buddies=buddies, author=ada, text="Mine")
    line = BuddyUpdate.objects.create(buddies=buddies, author=other, text="Lena’s", reply="Ada’s answer")
    erasure.erase(ada)
    line.refresh_from_db()
    assert (line.text, line.reply, BuddyUpdate.objects.count()) == ("Lena’s", "", 1)


def test_an_interrupted_erasure_is_continued(pair, ada, monkeypatch):
    PrivateNote.objects.create(pair=pair, author=ada, text="Mine")
    closing.request_erasure(ada)
    later = timezone.now() + closing.ERASURE_DELAY + timedelta(minutes=1)
    with monkeypatch.context() as broken, time_machine.travel(later, tick=False):
        broken.setattr(erasure, "delete_web_sessions", lambda person: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            tasks.erase_people()
    assert not PrivateNote.objects.exists() and User.objects.get(pk=ada.pk).erased_at is None
    with time_machine.travel(later, tick=False):
        tasks.erase_people()
        tasks.erase_people()
    assert User.objects.get(pk=ada.pk).erased_at
    assert AuditEvent.objects.filter(action="person erased").count() == 1
    assert not erasure.erase(ada)


def test_erasure_waits_twelve_hours_and_can_be_withdrawn(as_, ada, settings):
    settings.EMAIL_URL = "smtp://localhost"
    client = as_(ada)
    assert client.post(ERASE, {"email": "sam@example.org"}).status_code == 422
    assert User.objects.get(pk=ada.pk).erase_at is None
    assert client.post(ERASE, {"email": f" {ada.email.upper()} "}).status_code == 302
    assert client.post(ERASE, {"email": ada.email}).status_code == 302
    assert [message.to for message in mail.outbox] == [[ada.email]]
    assert "Keep my account" in mail.outbox[0].body
    page = client.get(PAGE).content.decode()
    assert "Your data will be erased" in page and "Erase everything" not in page
    with time_machine.travel(timezone.now() + timedelta(hours=11, minutes=50), tick=False):
        tasks.erase_people()
    assert User.objects.get(pk=ada.pk).erased_at is None
    assert client.post(KEEP).status_code == 302
    with time_machine.travel(timezone.now() + timedelta(hours=13), tick=False):
        tasks.erase_people()
    assert User.objects.get(pk=ada.pk).name == "Ada Lind"
    actions = AuditEvent.objects.filter(user=ada, subject=f"accounts.user:{ada.pk}").values_list("action", flat=True)
    assert {"erasure requested", "erasure withdrawn"} <= set(actions)


def test_a_closed_account_ends_its_pairs_and_opens_again_without_them(as_, pair, ada, sam, capsys):
    client = as_(ada)
    session = make.session(pair)
    CalendarFeed.renew(ada)
    PrivateNote.objects.create(pair=pair, author=ada, text="Mine")
    answer = client.post(CLOSE)
    assert answer.status_code == 302 and answer["Location"] == reverse("account_inactive")
    assert "Your account is closed." in client.get(answer["Location"]).content.decode()
    assert client.get(reverse("home")).status_code == 302
    pair.refresh_from_db(), session.refresh_from_db()
    assert pair.ended_at and session.canceled_at and not CalendarFeed.objects.exists()
    assert PrivateNote.objects.exists()
    reminder_tasks.plan_and_send()
    assert not Reminder.objects.filter(recipient=ada, state="planned", due_at__gt=timezone.now()).exists()
    call_command("reopen_account", ada.email)
    ada.refresh_from_db(), pair.refresh_from_db()
    assert ada.is_active and ada.closed_at is None and pair.ended_at
    with pytest.raises(CommandError, match="not closed"):
        call_command("reopen_account", ada.email)
    events = AuditEvent.objects.filter(action__startswith="account")
    assert list(events.order_by("pk").values_list("action", "user")) == [
        ("account closed", ada.pk),
        ("account opened again", None),
    ]


def test_the_only_admin_of_a_program_names_another_one_first(as_, pair):
    priya = make.admin(pair.program)
    client = as_(priya)
    assert "You are the only admin of these programs" in client.get(PAGE).content.decode()
    assert client.post(CLOSE).status_code == client.post(ERASE, {"email": priya.email}).status_code == 409
    priya.refresh_from_db()
    assert priya.is_active and priya.erase_at is None
    make.admin(pair.program, "Ines Duarte")
    assert client.post(CLOSE).status_code == 302


def test_an_account_that_is_opened_again_asks_for_a_sign_in(as_, ada):
    client = as_(ada)
    assert client.get(PAGE).status_code == 200
    call_command("close_account", ada.email)
    call_command("reopen_account", ada.email)
    assert client.get(PAGE).status_code == 302


def test_two_admins_cannot_both_be_erased(as_, pair):
    priya, ines = make.admin(pair.program), make.admin(pair.program, "Ines Duarte")
    assert as_(priya).post(ERASE, {"email": priya.email}).status_code == 302
    client = as_(ines)
    assert client.post(CLOSE).status_code == client.post(ERASE, {"email": ines.email}).status_code == 409
    assert not Enrollment.objects.get(user=ines).leave(ines)
    as_(priya).post(KEEP)
    assert client.post(ERASE, {"email": ines.email}).status_code == 302


def test_an_erasure_waits_while_a_program_would_be_left_without_an_admin(as_, pair, settings, caplog):
    settings.EMAIL_URL = "smtp://localhost"
    operator = make.user("Olu Ade", is_superuser=True)
    priya, ines = make.admin(pair.program), make.admin(pair.program, "Ines Duarte")
    client = as_(priya)
    client.post(ERASE, {"email": priya.email})
    mail.outbox.clear()
    call_command("close_account", ines.email)
    later = timezone.now() + closing.ERASURE_DELAY + timedelta(minutes=1)
    with time_machine.travel(later, tick=False) as clock:
        for _run in range(2):
            tasks.erase_people()
            reminder_tasks.plan_and_send()
            clock.shift(timedelta(minutes=10))
        priya.refresh_from_db()
        assert priya.is_active and priya.erased_at is None and priya.name == "Priya Nair"
        about = {
            message.to[0]: message for message in mail.outbox if "erase" in message.body or "erasure" in message.body
        }
        assert set(about) == {priya.email, operator.email}
        assert all(pair.program.name in message.body for message in about.values())
        assert "make_admin" in about[operator.email].body
        assert caplog.text.count("waits: the only admin") == 1
        client = as_(priya)
        assert "Your data is not erased yet" in client.get(PAGE).content.decode()
        make.enrollment(pair.program, make.user("Kim Roe"), "admin")
        tasks.erase_people()
    assert User.objects.get(pk=priya.pk).erased_at


def test_an_erasure_that_waits_can_be_withdrawn(as_, pair):
    priya = make.admin(pair.program)
    User.objects.filter(pk=priya.pk).update(erase_at=timezone.now())
    tasks.erase_people()
    assert User.objects.get(pk=priya.pk).erase_waits_since
    as_(priya).post(KEEP)
    priya.refresh_from_db()
    assert priya.erase_at is priya.erase_waits_since is None


def test_closing_and_erasing_ask_for_the_password_again(db):
    make.installation()
    person = make.user("Ada Lind", password="a long passphrase")
    client = Client()
    client.force_login(person)
    for url in (CLOSE, ERASE):
        answer = client.post(url, {"email": person.email})
        assert answer.status_code == 302 and answer["Location"].startswith(reverse("account_reauthenticate"))
    person.refresh_from_db()
    assert person.is_active and person.erase_at is None


def test_the_commands_print_first_and_refuse_what_makes_no_sense(pair, ada, sam, capsys):
    PrivateNote.objects.create(pair=pair, author=ada, text="Mine")
    TalkRequest.ask(ada, pair.program)
    call_command("erase_person", ada.email)
    out = capsys.readouterr().out
    assert "mentoring_sessions.PrivateNote\t1\tdeleted" in out and "Nothing was changed" in out
    call_command("close_account", sam.email, "--dry-run")
    assert "1 pairs would end" in capsys.readouterr().out
    assert User.objects.filter(is_active=True, pk__in=(ada.pk, sam.pk)).count() == 2
    call_command("close_account", sam.email)
    with pytest.raises(CommandError, match="already closed"):
        call_command("close_account", sam.email)
    call_command("erase_person", ada.email, "--yes")
    assert User.objects.get(pk=ada.pk).erased_at and not PrivateNote.objects.exists()
    assert not TalkRequest.objects.exists()
    for command in ("erase_person", "close_account", "reopen_account", "show_person"):
        with pytest.raises(CommandError, match="Nobody has the address"):
            call_command(command, ada.email)
    with pytest.raises(CommandError, match="not closed"):
        call_command("reopen_account", f"erased-{ada.pk}@erased.invalid")


def test_somebody_who_never_joined_is_erased_with_the_invitation(pair):
    nia = make.user("Nia Cole")
    make.enrollment(pair.program, nia, "mentee", accepted_at=None, name="Nia from Sales")
    erasure.erase(nia)
    assert not Enrollment.objects.filter(user=nia).exists() and "Nia" not in dump()


def test_a_new_member_may_use_the_address_of_an_erased_one(pair, ada):
    email = ada.email
    erasure.erase(ada)
    again = User.objects.create_user(email, name="Ada Lind")
    assert again.pk != ada.pk and not Pair.objects.visible_to(again).exists()
    assert Application.objects.count() == 0 and Goal.objects.count() == 0 and StatusUpdate.objects.count() == 0
    assert json.loads(serialize("json", User.objects.filter(pk=ada.pk)))[0]["fields"]["name"] == "Former member"
