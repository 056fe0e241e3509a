from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mentoring.models import Pair, PairContentQuerySet
from sessions.models.session import Session

ONE_WORD_WITHIN = timedelta(days=2)  # a second answer within this time replaces the first


class CheckInQuerySet(PairContentQuerySet):
    def calls(self) -> "CheckInQuerySet":
        """Those that ask for something: stuck, or help."""
        return self.exclude(answer=CheckIn.Answer.ON_TRACK)

    def since_last_session(self) -> "CheckInQuerySet":
        """Newer than the last session that was held."""
        later = Session.objects.held().filter(pair=OuterRef("pair"), starts_at__gt=OuterRef("at"))
        return self.filter(~Exists(later))


class CheckIn(models.Model):
    """The mentee's short word between sessions (S35). It is no session, and nothing counts it as one."""

    class Answer(models.TextChoices):
        ON_TRACK = "on_track", _("On track")
        STUCK = "stuck", _("Stuck")
        HELP = "help", _("I need help")

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="check_ins")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    answer = models.CharField(max_length=8, choices=Answer)
    note = models.CharField(_("What is it about?"), max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)

    objects = CheckInQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["pair", "-at"])]

    def __str__(self) -> str:
        return f"{self.get_answer_display()} {self.at:%Y-%m-%d}"

    @property
    def calls(self) -> bool:
        return self.answer != self.Answer.ON_TRACK

    @classmethod
    def say(cls, pair: Pair, by, answer: str, note: str = "") -> "CheckIn":
        """How it goes. A second answer within two days, with no session in between, replaces the first."""
        now = timezone.now()
        with pair.locked():
            last = cls.objects.filter(pair=pair, at__gt=now - ONE_WORD_WITHIN).first()
            if last and pair.sessions.held().filter(held_at__gt=last.at).exists():
                last = None
            check_in = last or cls(pair=pair)
            check_in.by, check_in.answer, check_in.note, check_in.at = by, answer, note[:300], now
            check_in.save()
            pair.touch()
        return check_in
