from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import IntegrityError, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.optimistic_locking import Conflict
from mentoring.models.pair import Pair, PairContentQuerySet
from mentoring.models.program import Cadence


class Agreement(models.Model):
    """A version of a pair's working agreement; earlier versions stay readable (docs/rules.md, agreement)."""

    class FeedbackStyle(models.TextChoices):
        DIRECT = "direct", _("direct")
        GENTLE = "gentle", _("gentle")

    class FeedbackPlace(models.TextChoices):
        IN_SESSION = "session", _("in the session")
        WRITTEN = "written", _("in writing")

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="agreements")
    version = models.PositiveSmallIntegerField(_("version"))
    purpose = models.TextField(_("What is this for?"), max_length=2000, blank=True)
    cadence = models.CharField(_("How often do we meet?"), max_length=10, choices=Cadence, default=Cadence.TWO_WEEKLY)
    minutes = models.PositiveSmallIntegerField(
        _("For how many minutes?"), default=60, validators=[MinValueValidator(15), MaxValueValidator(240)]
    )
    channel = models.CharField(_("Where do we meet and write?"), max_length=300, blank=True)
    reply_days = models.PositiveSmallIntegerField(_("Reply within (working days)"), default=2)
    move_hours = models.PositiveSmallIntegerField(_("Move a session at least (hours) in advance"), default=24)
    norms = models.TextField(_("How do we treat each other?"), max_length=4000, blank=True)
    feedback_style = models.CharField(
        _("Feedback style"), max_length=6, choices=FeedbackStyle, default=FeedbackStyle.DIRECT
    )
    feedback_place = models.CharField(
        _("Feedback is given"), max_length=7, choices=FeedbackPlace, default=FeedbackPlace.IN_SESSION
    )
    confidentiality = models.TextField(_("What stays confidential, and when does it not?"), max_length=4000, blank=True)
    ending = models.TextField(_("How do we end?"), max_length=2000, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = PairContentQuerySet.as_manager()

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["pair", "version"], name="one_agreement_per_version")]

    def __str__(self) -> str:
        return f"{self.pair} v{self.version}"

    @property
    def is_pending(self) -> bool:
        """Return True until both people have agreed."""
        return len(self.signatures.all()) < 2

    @classmethod
    def newest(cls, pair: Pair) -> "Agreement | None":
        return cls.objects.filter(pair=pair).first()

    @classmethod
    def propose(cls, pair: Pair, by, based_on: int, **terms) -> "Agreement":
        """Store a new version, signed by its author.

        `based_on` is the version that `by` edited (0: none). Raises Conflict if the other person has
        proposed a version since.
        """
        try:
            with pair.locked():
                newest = cls.newest(pair)
                if newest and newest.version != based_on:
                    raise Conflict(newest)
                version = newest.version + 1 if newest else 1
                agreement = cls.objects.create(pair=pair, version=version, created_by=by, **terms)
                agreement.sign(by)
                return agreement
        except IntegrityError as error:
            raise Conflict(cls.newest(pair)) from error

    def sign(self, user) -> None:
        """Record that `user` agrees. Once both agree, the cadence and session length apply to the pair."""
        with self.pair.locked():
            Signature.objects.get_or_create(agreement=self, user=user)
            if self.signatures.count() == 2:
                Pair.objects.filter(pk=self.pair_id).update(cadence=self.cadence, minutes=self.minutes)
            self.pair.touch()


class Signature(models.Model):
    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="signatures")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    signed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agreement", "user"], name="signs_once")]

    def __str__(self) -> str:
        return f"{self.user} {self.signed_at:%Y-%m-%d}"
