"""Django's `flush` command with the delete trigger of the audit log disabled."""

from django.core.management.commands import flush
from django.db import connections

from accounts import audit_guard


class Command(flush.Command):
    def handle(self, **options) -> None:
        using = options["database"]
        if connections[using].vendor != "sqlite":  # PostgreSQL truncates, which fires no row trigger
            return super().handle(**options)
        try:
            with connections[using].cursor() as cursor:
                cursor.execute("DROP TRIGGER IF EXISTS audit_no_delete")
            return super().handle(**options)
        finally:
            audit_guard.lock(using)
