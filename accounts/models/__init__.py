from accounts.models.audit import AuditEvent
from accounts.models.bounces import Bounce
from accounts.models.idempotency import FormToken
from accounts.models.installation import Installation, OutboxMail
from accounts.models.provisioned import GroupMembership, ProvisionedGroup, ProvisionedPerson
from accounts.models.sign_in import SignIn
from accounts.models.sign_in_failure import SignInFailure
from accounts.models.user import User

__all__ = [
    "AuditEvent",
    "Bounce",
    "FormToken",
    "GroupMembership",
    "Installation",
    "OutboxMail",
    "ProvisionedGroup",
    "ProvisionedPerson",
    "SignIn",
    "SignInFailure",
    "User",
]
