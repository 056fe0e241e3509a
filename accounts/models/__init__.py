from accounts.models.audit import AuditEvent
from accounts.models.bounces import MailTrouble
from accounts.models.idempotency import FormToken
from accounts.models.installation import Installation, OutboxMail
from accounts.models.sign_in import SignInFailure
from accounts.models.user import User
from core.optimistic_locking import Conflict, Versioned, fingerprint

__all__ = [
    "AuditEvent",
    "Conflict",
    "FormToken",
    "Installation",
    "MailTrouble",
    "OutboxMail",
    "SignInFailure",
    "User",
    "Versioned",
    "fingerprint",
]
