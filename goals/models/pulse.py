"""A round of feedback from up to five people around the mentee, by a link each (docs/rules.md, pulse)."""

import uuid
from datetime import date, timedelta

from django.core import signing
from django.db import models
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mentoring.models import Pair, PairContentQuerySet

MOST_ASKED = 5
FEWEST_ANSWERS = 3  # before anything shows (docs/rules.md, pulse)
LASTS = timedelta(days=14)
SALT = "goals.pulse"


class More(models.IntegerChoices):
    """ "Compared with two months ago, how often do you see …?" """

    MUCH_LESS = 1, _("much less")
    LESS = 2, _("less")
    SAME = 3, _("the same")
    MORE = 4, _("more")
    MUCH_MORE = 5, _("much more")


class PulseQuerySet(PairContentQuerySet):
    def with_counts(self) -> "PulseQuerySet":
        """Annotate `n_asked` and `n_answered`."""
        return self.annotate(
            n_asked=Count("invites", distinct=True), n_answered=Count("answers", distinct=True)
        ).order_by("-pk")


class Pulse(models.Model):
    """One round. It is over when all have answered, after two weeks, or when the mentee ends it."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="pulses")
    about = models.CharField(_("What should they look at?"), max_length=200)
    made_at = models.DateTimeField(default=timezone.now)
    closes_on = models.DateField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = PulseQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.about

    @classmethod
    def ask(cls, pair: Pair, about: str, names: list[str]) -> "Pulse":
        with pair.locked():
            pulse = cls.objects.create(pair=pair, about=about, closes_on=pair.mentee.today() + LASTS)
            PulseInvite.objects.bulk_create(PulseInvite(pulse=pulse, name=name) for name in names[:MOST_ASKED])
            pair.touch()
        return pulse

    def end(self) -> None:
        with self.pair.locked():
            Pulse.objects.select_for_update().get(pk=self.pk)  # an answer on its way comes in before, or not at all
            if Pulse.objects.filter(pk=self.pk, ended_at=None).update(ended_at=timezone.now()):
                self.pair.touch()

    def is_over(self, today: date) -> bool:
        """No link takes an answer any more."""
        return self.ended_at is not None or self.closes_on < today

    @property
    def over_on(self) -> date:
        """The day on which it was, or will be, over."""
        return min(self.pair.mentee.local(self.ended_at).date(), self.closes_on) if self.ended_at else self.closes_on

    def published(self, today: date) -> "list[PulseAnswer] | None":
        """The answers in an order that tells nothing, once the round is over and enough came in; else None."""
        if not self.is_over(today):
            return None
        answers = sorted(self.answers.all(), key=lambda answer: answer.pk)
        return answers if len(answers) >= FEWEST_ANSWERS else None


class PulseInvite(models.Model):
    """One person asked. It says that the link was used, never when, and nothing leads from it to an answer."""

    pulse = models.ForeignKey(Pulse, on_delete=models.CASCADE, related_name="invites")
    name = models.CharField(max_length=100)
    used = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def token(self) -> str:
        return signing.Signer(salt=SALT).sign(str(self.pk))

    @classmethod
    def of(cls, token: str) -> "PulseInvite | None":
        """Whose link this is; None for one that was never ours."""
        try:
            pk = int(signing.Signer(salt=SALT).unsign(token))
        except (signing.BadSignature, ValueError):
            return None
        return cls.objects.select_related("pulse__pair__mentee").filter(pk=pk).first()

    @property
    def takes_an_answer(self) -> bool:
        pulse = self.pulse
        return not self.used and pulse.pair.ended_at is None and not pulse.is_over(pulse.pair.mentee.today())

    def answer(self, more: int, keep: str, change: str) -> bool:
        """Store it, once. With the last answer the round is over.

        False when the link was used or the round ended meanwhile: after the others were shown it would stand alone.
        """
        with self.pulse.pair.locked():
            round_now = Pulse.objects.select_for_update().get(pk=self.pulse_id)  # one answer at a time
            if round_now.is_over(self.pulse.pair.mentee.today()):
                return False
            if not PulseInvite.objects.filter(pk=self.pk, used=False).update(used=True):
                return False
            PulseAnswer.objects.create(pulse=self.pulse, more=more, keep=keep, change=change)
            if not self.pulse.invites.filter(used=False).exists():
                self.pulse.end()
        return True


class PulseAnswer(models.Model):
    """What somebody said. Not by whom, and not when: the key is random, so that it tells no order."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pulse = models.ForeignKey(Pulse, on_delete=models.CASCADE, related_name="answers")
    more = models.PositiveSmallIntegerField(choices=More)
    keep = models.TextField(_("One thing to keep doing"), max_length=1000, blank=True)
    change = models.TextField(_("One thing to change"), max_length=1000, blank=True)

    def __str__(self) -> str:
        return str(self.more)
