"""An upgrade does not make pages wait for a table that something else holds."""

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from operations.management.commands import prepare

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def report(monkeypatch):
    """A long report in another connection, which holds a table whose trigger every upgrade makes sure of."""
    monkeypatch.setattr(prepare, "LOCK_TIMEOUT", "20ms")
    monkeypatch.setattr(prepare, "PAUSES", (1, 2))
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None, "context": None}) as other:
        other.execute("LOCK TABLE accounts_auditevent")
        yield other


def test_an_upgrade_continues_once_the_table_is_free(report, monkeypatch, capsys):
    pauses = []
    monkeypatch.setattr(prepare.time, "sleep", lambda seconds: pauses.append(seconds) or report.rollback())
    call_command("prepare")
    assert pauses == [1] and "in use. Next try in 1 s." in capsys.readouterr().err


def test_through_a_pooler_no_setting_stays_in_a_connection(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    with prepare.lock_timeout(), connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


def test_an_upgrade_gives_up_with_one_sentence_about_what_to_do(report, monkeypatch):
    pauses = []
    monkeypatch.setattr(prepare.time, "sleep", pauses.append)
    with pytest.raises(CommandError, match=r"in use for too long\. Stop what uses the database"):
        call_command("prepare")
    assert pauses == [1, 2]
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
