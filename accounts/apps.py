from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self):
        from accounts import audit_guard

        post_migrate.connect(audit_guard.lock, sender=self)
