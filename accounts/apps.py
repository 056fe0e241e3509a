from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate, post_save


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self):
        from allauth.mfa import signals
        from allauth.mfa.models import Authenticator

        from accounts import audit_guard
        from accounts.second_factor import upkeep

        post_migrate.connect(audit_guard.lock, sender=self)
        for changed in (post_save, post_delete):
            changed.connect(upkeep.update, sender=Authenticator)
        for added in (signals.authenticator_added, signals.authenticator_reset):
            added.connect(upkeep.record_added)
        signals.authenticator_removed.connect(upkeep.record_removed)
