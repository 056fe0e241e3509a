from django.conf import settings
from django.db import models
from django.utils import timezone


class Installation(models.Model):
    """The single row created during setup; it records whether this is a demo and who runs it."""

    demo = models.BooleanField(default=False)
    operator_name = models.CharField(max_length=200, blank=True)  # shown on the page "Who can see what"
    started_at = models.DateTimeField(default=timezone.now)

    CACHE_KEY = "installation"  # of the row that pages show

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_installation")]

    def __str__(self) -> str:
        return "demo" if self.demo else self.operator_name

    @classmethod
    def current(cls) -> "Installation | None":
        return cls.objects.filter(pk=1).first()

    @staticmethod
    def has_mail_server() -> bool:
        """Return True if a mail server is configured, so that mail reaches real mailboxes."""
        return bool(settings.EMAIL_URL)

    @classmethod
    def email_is_on(cls) -> bool:
        """Return True if email can be read: delivered by a mail server, or shown on the page of sent emails."""
        return cls.has_mail_server() or settings.DEBUG or cls.objects.filter(demo=True).exists()

    @property
    def shows_email(self) -> bool:
        """The same as `email_is_on`, without another query."""
        return self.has_mail_server() or settings.DEBUG or self.demo


class OutboxMail(models.Model):
    """A message stored instead of sent because no mail server is configured; shown on the Mail page."""

    sent_at = models.DateTimeField(default=timezone.now, db_index=True)
    recipients = models.CharField(max_length=500)
    subject = models.CharField(max_length=500)
    text = models.TextField()
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.recipients}: {self.subject}"
