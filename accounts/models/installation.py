from django.conf import settings
from django.db import models
from django.utils import timezone


class Installation(models.Model):
    """One row, made on the first visit: a place to look around, or a program's own house."""

    demo = models.BooleanField(default=False)
    run_by = models.CharField(max_length=200, blank=True)  # named on the page "who can see what"
    started_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_installation")]

    def __str__(self) -> str:
        return "demo" if self.demo else self.run_by

    @classmethod
    def current(cls) -> "Installation | None":
        return cls.objects.filter(pk=1).first()

    @staticmethod
    def mail_goes_out() -> bool:
        """Whether a mail server is set, so that mail reaches real mailboxes."""
        return bool(settings.EMAIL_URL)

    @classmethod
    def mail_arrives(cls) -> bool:
        """Whether a mail sent now can be read by somebody: sent out, or shown on the Mail page."""
        return cls.mail_goes_out() or settings.DEBUG or cls.objects.filter(demo=True).exists()


class OutboxMail(models.Model):
    """A message kept instead of sent, where no mail server is set: the Mail page of a demo and of development."""

    sent_at = models.DateTimeField(default=timezone.now, db_index=True)
    to = models.CharField(max_length=500)
    subject = models.CharField(max_length=500)
    text = models.TextField()
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.to}: {self.subject}"
