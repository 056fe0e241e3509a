"""Changes of email address: nothing is stored until the owner of the new address has confirmed it.

A pending address in the database could be used to sign in and could belong to two people at once.
"""

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.core import signing
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from accounts.models import AuditEvent, User

SALT = "accounts.address_change"
LASTS = 3 * 24 * 3600


class AddressChange:
    """A request to change an email address; the key emailed to the new address confirms it."""

    def __init__(self, user: User, email: str):
        self.user, self.email = user, email
        self.email_address = EmailAddress(user=user, email=email)  # for django-allauth's email template; never saved

    @property
    def key(self) -> str:
        return signing.dumps([self.user.pk, self.user.email, self.email], salt=SALT)

    @classmethod
    def from_key(cls, key: str) -> "AddressChange | None":
        """Return the change that a link confirms; None if the link has expired or the address has changed since."""
        try:
            pk, before, email = signing.loads(key, salt=SALT, max_age=LASTS)
        except signing.BadSignature:
            return None
        user = User.objects.filter(pk=pk, email=before, is_active=True).first()
        return cls(user, email) if user else None

    @property
    def is_taken(self) -> bool:
        return User.objects.filter(email=self.email).exclude(pk=self.user.pk).exists()

    def ask(self, request: HttpRequest) -> None:
        """Send the link, unless another person has the address; the response does not reveal which."""
        if not self.is_taken:
            get_adapter().send_confirmation_mail(request, self, signup=False)

    def confirm(self, request: HttpRequest) -> bool:
        """Change the address in one transaction; return False if another person has taken it meanwhile."""
        before = self.user.email
        try:
            with transaction.atomic():
                if not User.objects.filter(pk=self.user.pk, email=before).update(email=self.email):
                    return False
                EmailAddress.objects.filter(user=self.user).delete()
                EmailAddress.objects.create(user=self.user, email=self.email, primary=True, verified=True)
                AuditEvent.record(self.user, AuditEvent.Action.EMAIL_CHANGED, self.user)
        except IntegrityError:
            AuditEvent.record(self.user, AuditEvent.Action.EMAIL_CHANGED, self.user, "refused")
            return False
        self.user.email = self.email
        self.user.resume_email()
        words = {"from_email": before, "to_email": self.email}
        get_adapter().send_notification_mail("account/email/email_changed", self.user, words, email=before)
        return True
