"""The rows that belong to a session: its moves, answers, visits and commitments."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from goals.models import Commitment
from sessions.models.session import Session


class SessionMove(models.Model):
    """One change of a session's time: from when to when, by whom and why."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="moves")
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.from_at} → {self.to_at}"


class SessionAnswer(models.Model):
    """One person's answer to "Did you meet?"; the note is their own version."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="answers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    met = models.BooleanField()
    note = models.CharField(max_length=500, blank=True)
    answered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "user"], name="one_answer_per_person")]

    def __str__(self) -> str:
        return f"{self.user}: {'met' if self.met else 'not held'}"


class SessionVisit(models.Model):
    """When a person first opened a session's page, and when the mentor marked the update as read."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="visits")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    opened_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    timer_hidden_at = models.DateTimeField(null=True, blank=True)  # the timer is off for this person
    change_seen_at = models.DateTimeField(null=True, blank=True)  # changes up to this moment were dismissed

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "user"], name="one_visit_per_person")]

    def __str__(self) -> str:
        return f"{self.user} at {self.session_id}"


class SessionCommitment(models.Model):
    """A commitment made in a session, and the agenda item it came from."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="session_commitments")
    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="session_commitments")
    item = models.ForeignKey(
        "AgendaItem", null=True, blank=True, on_delete=models.SET_NULL, related_name="session_commitments"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "commitment"], name="commitment_once_per_session")]

    def __str__(self) -> str:
        return str(self.commitment_id)
