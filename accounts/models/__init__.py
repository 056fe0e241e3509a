from accounts.models.bounces import MailTrouble
from accounts.models.installation import Installation, OutboxMail
from accounts.models.safety import AuditEvent, FormToken, SignInFailure
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
