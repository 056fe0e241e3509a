"""Each migration leaves the previous release working, so that processes can be replaced one after another."""

import pytest
from django.db.migrations.loader import MigrationLoader
from django_migration_linter import MigrationLinter

# The last migrations before 0.2.0. Up to there an upgrade needs a stop: see docs/operating.md, Upgrade.
BEFORE = {
    "accounts": "0021_provisioned_people",
    "api": "0002_webhooks",
    "dashboard": "0011_indexes_for_ticks",
    "goals": "0010_name_feedback_answers",
    "mentoring": "0032_name_pulse_answers",
    "mentoring_sessions": "0016_energy_check",
    "practice": "0017_program_inventories",
    "records": "0003_rename_handover_kind",
    "reminders": "0013_topic_of_practices",
}

# SQLite copies a table for almost any change, which tells nothing about the change.
pytestmark = [pytest.mark.postgresql, pytest.mark.django_db]


@pytest.fixture
def linter() -> MigrationLinter:
    # A RunPython without a way back is fine: nothing is migrated backward.
    return MigrationLinter(no_cache=True, quiet=["ok", "ignore", "warning"])


def test_the_previous_release_works_with_the_tables_of_this_one(linter, capsys):
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        if app in BEFORE and name > BEFORE[app]:
            linter.lint_migration(migration)
    assert not linter.has_errors, capsys.readouterr().out


def test_a_renamed_column_is_found(linter):
    linter.lint_migration(MigrationLoader(None).disk_migrations["dashboard", "0008_rename_fields"])
    assert linter.has_errors
