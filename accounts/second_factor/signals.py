"""Keeps `User.has_second_factor` right, and records in the audit log what people change; connected in apps.py."""

from allauth.mfa.models import Authenticator

from accounts.models import AuditEvent, User
from accounts.second_factor.codes import APP, PASSKEY, RECOVERY

NAMES = {APP: "app", PASSKEY: "passkey", RECOVERY: "recovery codes"}


def update(sender, instance: Authenticator, **kwargs) -> None:
    """Store whether the person has a factor, within the transaction that adds or removes one."""
    has_one = Authenticator.objects.filter(user=instance.user_id, type__in=(APP, PASSKEY)).exists()
    User.objects.filter(pk=instance.user_id).exclude(has_second_factor=has_one).update(has_second_factor=has_one)


def record_added(sender, user, authenticator, **kwargs) -> None:
    AuditEvent.record(user, AuditEvent.Action.SECOND_FACTOR_ADDED, user, detail=NAMES[authenticator.type])


def record_removed(sender, user, authenticator, **kwargs) -> None:
    AuditEvent.record(user, AuditEvent.Action.SECOND_FACTOR_REMOVED, user, detail=NAMES[authenticator.type])
