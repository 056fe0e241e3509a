from accounts.models.audit import AuditEvent
from accounts.models.bounces import Bounce
from accounts.models.idempotency import FormToken
from accounts.models.installation import Installation, OutboxMail
from accounts.models.sign_in_failure import SignInFailure
from accounts.models.user import User
from core.optimistic_locking import Conflict, Versioned, fingerprint

__all__ = [
    "AuditEvent",
    "Bounce",
    "Conflict",
    "FormToken",
    "Installation",
    "OutboxMail",
    "SignInFailure",
    "User",
    "Versioned",
    "fingerprint",
]
