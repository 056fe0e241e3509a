"""Changing one's address: nothing is stored until the owner of the new address has confirmed it.

A pending address in the database would be found by sign-in and belong to two people at once.
"""

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.core import signing
from django.db import IntegrityError, transaction

from accounts.models import AuditEvent, User

SALT = "accounts.address_change"
LASTS = 3 * 24 * 3600


class AddressChange:
    """A person's request to use another address. Its key, sent to that address, confirms it."""

    def __init__(self, user: User, email: str):
        self.user, self.email = user, email
        self.email_address = EmailAddress(user=user, email=email)  # what django-allauth's email shows; never saved

    @property
    def key(self) -> str:
        return signing.dumps([self.user.pk, self.user.email, self.email], salt=SALT)

    @classmethod
    def from_key(cls, key: str) -> "AddressChange | None":
        """Return the change a link stands for; None if the link is too old or the address has changed since."""
        try:
            pk, before, email = signing.loads(key, salt=SALT, max_age=LASTS)
        except signing.BadSignature:
            return None
        user = User.objects.filter(pk=pk, email=before, is_active=True).first()
        return cls(user, email) if user else None

    @property
    def is_taken(self) -> bool:
        return User.objects.filter(email=self.email).exclude(pk=self.user.pk).exists()

    def ask(self, request) -> None:
        """Send the link, unless the address is another person's; whoever asks cannot tell the difference."""
        if not self.is_taken:
            get_adapter().send_confirmation_mail(request, self, signup=False)

    def confirm(self, request) -> bool:
        """Change the address, or nothing at all. False if it has become another person's meanwhile."""
        before = self.user.email
        try:
            with transaction.atomic():
                if not User.objects.filter(pk=self.user.pk, email=before).update(email=self.email):
                    return False
                EmailAddress.objects.filter(user=self.user).delete()
                EmailAddress.objects.create(user=self.user, email=self.email, primary=True, verified=True)
                AuditEvent.record(self.user, "address changed", self.user)
        except IntegrityError:
            AuditEvent.record(self.user, "address changed", self.user, "refused")
            return False
        self.user.email = self.email
        self.user.mail_works_again()
        words = {"from_email": before, "to_email": self.email}
        get_adapter().send_notification_mail("account/email/email_changed", self.user, words, email=before)
        return True
