"""What follows from a change of the second factor; connected in apps.py.

`User.has_second_factor` is kept right, the audit log names what the person changed, and their other sign-ins end: they
were made under the earlier rules, perhaps by somebody else.
"""

from allauth.mfa.models import Authenticator

from accounts.models import AuditEvent, SignIn, User
from accounts.second_factor.codes import APP, PASSKEY, RECOVERY

NAMES: dict[str, str] = {APP: "app", PASSKEY: "passkey", RECOVERY: "recovery codes"}


def update(sender, instance: Authenticator, **kwargs) -> None:
    """Store whether the person has a factor, within the transaction that adds or removes one."""
    has_one = Authenticator.objects.filter(user=instance.user_id, type__in=(APP, PASSKEY)).exists()
    User.objects.filter(pk=instance.user_id).exclude(has_second_factor=has_one).update(has_second_factor=has_one)


def record_added(sender, request, user: User, authenticator: Authenticator, **kwargs) -> None:
    AuditEvent.record(user, AuditEvent.Action.SECOND_FACTOR_ADDED, user, detail=NAMES[authenticator.type])
    end_other_sign_ins(request, user, authenticator)


def record_removed(sender, request, user: User, authenticator: Authenticator, **kwargs) -> None:
    AuditEvent.record(user, AuditEvent.Action.SECOND_FACTOR_REMOVED, user, detail=NAMES[authenticator.type])
    end_other_sign_ins(request, user, authenticator)


def end_other_sign_ins(request, user: User, authenticator: Authenticator) -> None:
    """End them with each factor that is added or removed; recovery codes come and go with a factor."""
    if authenticator.type != RECOVERY and request.user == user:
        SignIn.end_others(request, forget=False)
