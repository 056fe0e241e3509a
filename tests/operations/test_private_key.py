"""`manage.py rotate_private_key` encrypts every private text with the newest key."""

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import AuditEvent
from core.fields import UnreadableText
from operations import private_key
from practice.models import Stakeholder
from sessions.models import PrivateNote
from tests import everything, make

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def notes(settings, pair, ada):
    """Three private notes, a map, and the secret of an authenticator app, all with the old key."""
    settings.PRIVATE_KEYS = [OLD]
    for n in range(3):
        PrivateNote.objects.create(pair=pair, session=make.past_session(pair, n + 1), author=ada, text=f"Note {n}")
    Stakeholder.objects.create(author=ada, name="Marta", matters="The budget")
    secret = get_adapter().encrypt("a secret")
    Authenticator.objects.create(user=ada, type="totp", data={"secret": secret})
    settings.PRIVATE_KEYS = [NEW, OLD]
    return settings


def texts() -> list[str]:
    return [note.text for note in PrivateNote.objects.order_by("pk")]


def test_every_text_is_readable_with_the_new_key_alone(notes, capsys, monkeypatch):
    monkeypatch.setattr(private_key, "AT_ONCE", 2)
    call_command("rotate_private_key", "--dry-run")
    assert "6 texts would be encrypted" in capsys.readouterr().out
    assert texts() == ["Note 0", "Note 1", "Note 2"]
    call_command("rotate_private_key")
    assert "6 texts are now encrypted with the newest key, 0 already were" in capsys.readouterr().out
    notes.PRIVATE_KEYS = [NEW]
    assert texts() == ["Note 0", "Note 1", "Note 2"]
    assert Stakeholder.objects.get().matters == "The budget"
    assert get_adapter().decrypt(Authenticator.objects.get().data["secret"]) == "a secret"
    assert AuditEvent.objects.filter(action="private key rotated", result="ok").count() == 1


def test_an_interrupted_run_is_continued_and_both_keys_read_meanwhile(notes, capsys, monkeypatch):
    renewed, calls = private_key.Rotation.renewed, []

    def breaks(self, stored):
        calls.append(stored)
        if len(calls) > 2:
            raise KeyboardInterrupt
        return renewed(self, stored)

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(private_key.Rotation, "renewed", breaks)
        call_command("rotate_private_key")
    assert texts() == ["Note 0", "Note 1", "Note 2"]
    call_command("rotate_private_key")
    assert "4 texts are now encrypted with the newest key, 2 already were" in capsys.readouterr().out


def test_a_text_is_still_bound_to_its_row(notes):
    call_command("rotate_private_key")
    first, second = PrivateNote.objects.order_by("pk")[:2]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE mentoring_sessions_privatenote SET text = "
            "(SELECT text FROM mentoring_sessions_privatenote WHERE id = %s) WHERE id = %s",
            [first.pk, second.pk],
        )
    with pytest.raises(UnreadableText):
        PrivateNote.objects.get(pk=second.pk)


def test_a_text_without_its_key_fails_and_nothing_is_lost(notes, capsys):
    notes.PRIVATE_KEYS = [NEW, Fernet.generate_key().decode()]
    with pytest.raises(CommandError, match="6 texts cannot be read"):
        call_command("rotate_private_key")
    assert "remove them" not in capsys.readouterr().out
    assert AuditEvent.objects.get(action="private key rotated").result == "failed"
    notes.PRIVATE_KEYS = [NEW, OLD]
    assert texts() == ["Note 0", "Note 1", "Note 2"]


def test_the_name_of_a_passkey_is_not_a_secret(notes, ada):
    name = {"name": "gAAAA of Ada", "credential": {"id": "gAAAAb"}}
    passkey = Authenticator.objects.create(user=ada, type="webauthn", data=name)
    call_command("rotate_private_key")
    passkey.refresh_from_db()
    assert passkey.data == name


def test_one_key_is_refused_and_a_new_one_is_printed(notes, capsys):
    notes.PRIVATE_KEYS = [OLD]
    with pytest.raises(CommandError, match="only one private key"):
        call_command("rotate_private_key")
    call_command("rotate_private_key", "--new-key")
    Fernet(capsys.readouterr().out.strip())


def test_every_encrypted_field_is_found(db, settings):
    settings.PRIVATE_KEYS = [OLD]
    everything.build()
    settings.PRIVATE_KEYS = [NEW, OLD]
    call_command("rotate_private_key")
    settings.PRIVATE_KEYS = [NEW]
    for model, field in private_key.encrypted_fields():
        assert [getattr(row, field.name) is not None for row in model._base_manager.all()]
