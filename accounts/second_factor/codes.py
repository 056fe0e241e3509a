"""Checking the codes of authenticator apps, and recovery codes."""

import time

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from django.db import transaction

from accounts.models import User

APP, PASSKEY, RECOVERY = Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN, Authenticator.Type.RECOVERY_CODES
SHOWN_FOR = 600  # seconds in which new recovery codes can be seen and saved


def accepts(row: Authenticator, code: str) -> bool:
    """Return True if the code is right, and spend it: neither kind of code works twice."""
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=row.pk)
        return _accepts_of_app(row, code) if row.type == APP else RecoveryCodes(row).validate_code(code)


def _accepts_of_app(row: Authenticator, code: str) -> bool:
    secret = decrypt(row.data["secret"])
    for counter in totp.yield_hotp_counters_from_time():
        expected = totp.format_hotp_value(totp.hotp_value(secret, counter))
        if compare_user_code(actual=code, expected=expected) and counter > row.data.get("last_counter", 0):
            row.data["last_counter"] = counter
            row.save(update_fields=["data"])
            return True
    return False


def recovery_row(user: User) -> Authenticator | None:
    return Authenticator.objects.filter(user=user, type=RECOVERY).first()


def left(row: Authenticator) -> int:
    """Return how many recovery codes are unused."""
    return len(RecoveryCodes(row).get_unused_codes())


def can_be_shown(row: Authenticator) -> bool:
    """Return True until ten minutes after the codes were first shown, so that a page that got lost can be reloaded."""
    seen = row.data.get("viewed_at")
    return not seen or time.time() - seen < SHOWN_FOR
