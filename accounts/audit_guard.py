"""Append-only audit log: a database trigger rejects updates, and deletes within 24 months.

The trigger also applies to SQL entered by hand. `unlocked` disables it for code that must delete earlier: the nightly
retention of sign-in events, clearing a demo, and `manage.py flush`, which tests use to empty the database.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections, transaction

KEPT_DAYS = 730
TABLE = "accounts_auditevent"
REFUSAL = "audit rows are never changed, and not deleted within 24 months"

SQLITE = (
    f"""CREATE TRIGGER IF NOT EXISTS audit_no_update BEFORE UPDATE ON {TABLE}
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
    f"""CREATE TRIGGER IF NOT EXISTS audit_no_delete BEFORE DELETE ON {TABLE}
    WHEN OLD.created_at > datetime('now', '-{KEPT_DAYS} days')
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
)
# A transaction-local setting disables the trigger: dropping it would block everyone who writes to the log.
POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_setting('throughline.audit_unlocked', true) = 'on' THEN
            RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
        END IF;
        IF TG_OP = 'DELETE' AND OLD.created_at <= now() - interval '{KEPT_DAYS} days' THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
    END $$""",
    f"""CREATE OR REPLACE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION audit_append_only()""",
)


def lock(using: str = DEFAULT_DB_ALIAS, **kwargs) -> None:
    """Create the trigger if it is missing; called after each migration, which may have recreated the table."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if TABLE in connection.introspection.table_names(cursor):
            for statement in SQLITE if connection.vendor == "sqlite" else POSTGRESQL:
                cursor.execute(statement)


@contextmanager
def unlocked(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Open a transaction in which audit rows of any age may be deleted."""
    connection = connections[using]
    with transaction.atomic(using=using):
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("DROP TRIGGER IF EXISTS audit_no_update")
                cursor.execute("DROP TRIGGER IF EXISTS audit_no_delete")
            else:
                cursor.execute("SELECT set_config('throughline.audit_unlocked', 'on', true)")
        yield
        if connection.vendor == "sqlite":
            lock(using)
        else:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('throughline.audit_unlocked', 'off', true)")
