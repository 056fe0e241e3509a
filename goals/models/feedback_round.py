"""Feedback rounds: up to five colleagues of the mentee answer by link (docs/rules.md, feedback rounds)."""

import uuid
from datetime import date, datetime, timedelta

from django.core import signing
from django.db import models
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.optimistic_locking import ConditionalUpdate
from mentoring.models import Pair, PairContentQuerySet

MAX_INVITES = 5
MIN_ANSWERS = 3  # below that nothing is shown (docs/rules.md, feedback rounds)
DURATION = timedelta(days=14)
SALT = "goals.pulse"


class Frequency(models.IntegerChoices):
    """How often something is seen, compared with two months ago."""

    MUCH_LESS = 1, _("much less")
    LESS = 2, _("less")
    SAME = 3, _("the same")
    MORE = 4, _("more")
    MUCH_MORE = 5, _("much more")


class FeedbackRoundQuerySet(PairContentQuerySet["FeedbackRound"]):
    def with_counts(self) -> "FeedbackRoundQuerySet":
        """Annotate `n_asked` and `n_answered`."""
        return self.annotate(
            n_asked=Count("invites", distinct=True), n_answered=Count("answers", distinct=True)
        ).order_by("-pk")


class FeedbackRound(ConditionalUpdate):
    """One feedback round. It closes when everyone has answered, after two weeks, or when the mentee ends it."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="feedback_rounds")
    about = models.CharField(_("What should they look at?"), max_length=200)
    created_at = models.DateTimeField(default=timezone.now)
    closes_on = models.DateField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = FeedbackRoundQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.about

    def get_absolute_url(self) -> str:
        return reverse("feedback_round_detail", args=[self.pk])

    @classmethod
    def start(cls, pair: Pair, about: str, names: list[str]) -> "FeedbackRound":
        with pair.locked():
            feedback_round = cls.objects.create(pair=pair, about=about, closes_on=pair.mentee.today() + DURATION)
            invites = [FeedbackInvite(feedback_round=feedback_round, name=name) for name in names[:MAX_INVITES]]
            FeedbackInvite.objects.bulk_create(invites)
            pair.touch()
        return feedback_round

    def end(self) -> None:
        with self.pair.locked():
            FeedbackRound.objects.select_for_update().get(pk=self.pk)  # an answer being stored is counted, or refused
            if self.update_if({"ended_at": None}, ended_at=timezone.now()):
                self.pair.touch()

    def reopen(self, ended_at: datetime) -> bool:
        """Undo that the mentee ended the round at this moment; return whether this call did it.

        Refused once answers were shown, as the author of one more would be known, and once the time is over.
        """
        with self.pair.locked():
            round_now = FeedbackRound.objects.select_for_update().get(pk=self.pk)
            if round_now.may_show_answers or round_now.closes_on < self.pair.mentee.today():
                return False
            if not self.update_if({"ended_at": ended_at}, ended_at=None):
                return False
            self.pair.touch()
        return True

    @property
    def may_show_answers(self) -> bool:
        """Return True if there are enough answers to show them when the round is closed."""
        return self.answers.count() >= MIN_ANSWERS

    def is_closed(self, today: date) -> bool:
        """Return True if no link accepts an answer anymore."""
        return self.ended_at is not None or self.closes_on < today

    @property
    def closed_on(self) -> date:
        """Return the day on which the round closed or will close."""
        return min(self.pair.mentee.local(self.ended_at).date(), self.closes_on) if self.ended_at else self.closes_on

    def published_answers(self, today: date) -> "list[FeedbackAnswer] | None":
        """Return the answers in random order once the round is closed with enough of them; otherwise None."""
        if not self.is_closed(today):
            return None
        answers = sorted(self.answers.all(), key=lambda answer: answer.pk)
        return answers if len(answers) >= MIN_ANSWERS else None


class FeedbackInvite(ConditionalUpdate):
    """A person who was asked. It records that the link was used, but not when, and is not linked to an answer."""

    feedback_round = models.ForeignKey(FeedbackRound, on_delete=models.CASCADE, related_name="invites")
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
    def from_token(cls, token: str) -> "FeedbackInvite | None":
        """Return the invitation of a link, or None if the link is not valid."""
        try:
            pk = int(signing.Signer(salt=SALT).unsign(token))
        except (signing.BadSignature, ValueError):
            return None
        return cls.objects.select_related("feedback_round__pair__mentee").filter(pk=pk).first()

    @property
    def accepts_answer(self) -> bool:
        feedback_round, pair = self.feedback_round, self.feedback_round.pair
        return not self.used and pair.ended_at is None and not feedback_round.is_closed(pair.mentee.today())

    def answer(self, frequency: int, keep_doing: str, change: str) -> bool:
        """Store the answer once, and close the round after the last one.

        Return False if the link was used or the round has closed: a late answer could be recognized.
        """
        with self.feedback_round.pair.locked():
            round_now = FeedbackRound.objects.select_for_update().get(pk=self.feedback_round_id)  # one answer at a time
            if round_now.is_closed(self.feedback_round.pair.mentee.today()):
                return False
            if not self.update_if({"used": False}, used=True):
                return False
            answers = {"frequency": frequency, "keep_doing": keep_doing, "change": change}
            FeedbackAnswer.objects.create(feedback_round=self.feedback_round, **answers)
            if not self.feedback_round.invites.filter(used=False).exists():
                self.feedback_round.end()
        return True


class FeedbackAnswer(models.Model):
    """An anonymous answer. It stores no author and no time, and its random key reveals no order."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    feedback_round = models.ForeignKey(FeedbackRound, on_delete=models.CASCADE, related_name="answers")
    frequency = models.PositiveSmallIntegerField(choices=Frequency)
    keep_doing = models.TextField(_("One thing to keep doing"), max_length=1000, blank=True)
    change = models.TextField(_("One thing to change"), max_length=1000, blank=True)

    def __str__(self) -> str:
        return str(self.frequency)
