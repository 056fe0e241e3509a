from accounts.models.installation import Installation, OutboxMail
from accounts.models.mailbox import MailTrouble
from accounts.models.safety import AuditEvent, FormToken, SignInFailure
from accounts.models.user import User
from accounts.models.versions import Conflict, Versioned, fingerprint

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
