"""The demo is created the same way each time, and never in an installation with real people."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client, TestCase, override_settings
from django.urls import reverse

from accounts.models import Installation, User
from demo.clearing import clear_demo
from demo.scenario import create_demo
from goals.models import Commitment
from mentoring.models import Pair
from sessions.models import AgendaItem, Session, StatusUpdate
from tests import make

NOW = datetime(2026, 11, 23, 9, 52, tzinfo=UTC)


class TestTheDemoProgram(TestCase):
    @classmethod
    def setUpTestData(cls):
        with time_machine.travel(NOW, tick=False):
            create_demo()

    def test_the_demo_has_pairs_in_every_state(self):
        assert Pair.objects.active().count() >= 12
        assert Pair.objects.exclude(ended_at=None).exists()
        assert Session.objects.held().count() > 80
        assert Session.objects.exclude(canceled_at=None).exists()
        assert Session.objects.exclude(skipped_at=None).exists()
        assert Session.objects.live().filter(ends_at__lt=NOW).exists(), "one that nobody has answered"
        assert set(Commitment.objects.values_list("state", flat=True)) == {"open", "done", "dropped"}

    def test_one_session_starts_soon_and_has_a_status_update(self):
        soon = (NOW, NOW + timedelta(minutes=15))
        session = Session.objects.get(pair__mentor__name="Sam Okafor", starts_at__range=soon)
        assert session.blocks.count() > 3
        assert StatusUpdate.objects.get(session=session).shared_at

    def test_clearing_and_creating_gives_the_same_program(self):
        def content():
            return (
                list(User.objects.order_by("name").values_list("name", "email", "zone")),
                list(Commitment.objects.order_by("pk").values_list("text", "due_on", "state")),
                list(AgendaItem.objects.order_by("pk").values_list("title", "state", "created_at")),
            )

        before = content()
        clear_demo()
        assert not User.objects.exists()
        assert Installation.current() is None
        with time_machine.travel(NOW, tick=False):
            create_demo()
        assert content() == before

    @override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher"])
    def test_demo_users_can_sign_in_with_the_printed_passwords(self):
        out = StringIO()
        call_command("demo", "--json", stdout=out)
        ada = next(person for person in json.loads(out.getvalue()) if person["name"] == "Ada Lind")
        assert ada["roles"] == ["mentee"]
        client = Client()
        client.post(reverse("account_login"), {"login": ada["email"], "password": ada["password"]})
        assert client.session["_auth_user_id"] == str(ada["id"])


def test_the_demo_refuses_a_database_with_real_people(db):
    make.user("A real person")
    with pytest.raises(CommandError, match="real people"):
        call_command("demo")
    with pytest.raises(CommandError, match="real people"):
        call_command("demo", "--clear")
    assert User.objects.count() == 1
