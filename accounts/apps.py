from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate, post_save


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self):
        from allauth.mfa.models import Authenticator
        from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset

        from accounts import audit_guard
        from accounts.second_factor import signals

        post_migrate.connect(audit_guard.lock, sender=self)
        for changed in (post_save, post_delete):
            changed.connect(signals.update, sender=Authenticator)
        for added in (authenticator_added, authenticator_reset):
            added.connect(signals.record_added)
        authenticator_removed.connect(signals.record_removed)
