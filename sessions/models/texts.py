"""What people write, shared by the pair or private."""

from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.fields import BoundText, EncryptedTextField
from core.optimistic_locking import ConditionalUpdate, Versioned
from goals.models import Commitment, Competency, WorkEvent
from mentoring.models import Pair, PairContentQuerySet
from sessions.models.session import Session

LONGEST = 20_000
SMALL_EDIT = 40  # characters


class StatusUpdateQuerySet(PairContentQuerySet["StatusUpdate"]):
    pair_path = "session__pair"


class StatusUpdate(ConditionalUpdate, Versioned):
    """Wins, blocks, deadlines before a session: the mentee's draft until shared."""

    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="status_update")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    wins = models.TextField(_("Recent wins"), max_length=LONGEST, blank=True)
    blocks = models.TextField(_("Ongoing blocks"), max_length=LONGEST, blank=True)
    deadlines = models.TextField(_("Upcoming deadlines"), max_length=LONGEST, blank=True)
    shared_at = models.DateTimeField(null=True, blank=True)

    objects = StatusUpdateQuerySet.as_manager()

    FIELDS = ("wins", "blocks", "deadlines")

    def __str__(self) -> str:
        return f"status update for {self.session_id}"

    @property
    def pair(self) -> Pair:
        return self.session.pair

    @property
    def is_empty(self) -> bool:
        return not any(getattr(self, name).strip() for name in self.FIELDS)

    def is_readable_by(self, user) -> bool:
        """Return True for one of the pair's people: a draft is visible to its author only."""
        return self.shared_at is not None or self.author_id == user.pk

    def share(self) -> None:
        """Show the update to the other person, including later edits; an empty one is shown as empty."""
        with self.session.pair.locked():
            if self.pk is None:
                kept, _new = StatusUpdate.objects.get_or_create(session=self.session, defaults={"author": self.author})
                self.pk = kept.pk
            if self.update_if({"shared_at": None}, shared_at=timezone.now()):
                self.session.pair.touch()


class StillRight(models.Model):
    """The mentee's current challenges on the "Still right?" card; each change is a new version."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="still_right")
    number = models.PositiveIntegerField()
    challenges = models.TextField(_("Current challenges"), max_length=LONGEST, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = PairContentQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["pair", "number"], name="still_right_versions")]

    def __str__(self) -> str:
        return f"{self.pair_id} v{self.number}"


class PrivateNoteQuerySet(PairContentQuerySet["PrivateNote"]):
    def visible_to(self, user) -> "PrivateNoteQuerySet":
        """Return the notes of their author, nobody else's, also after the pair ended."""
        return super().visible_to(user).filter(author=user)

    def editable_by(self, user) -> "PrivateNoteQuerySet":
        return super().editable_by(user).filter(author=user)


class PrivateNote(BoundText, Versioned):
    """A private note: one per session and author, and one for the whole time of a pair (without a session)."""

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="private_notes")
    session = models.ForeignKey(Session, null=True, blank=True, on_delete=models.CASCADE, related_name="private_notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    text = EncryptedTextField(
        _("Only you"), max_length=LONGEST, blank=True, bound_to=("pair_id", "session_id", "author_id")
    )

    objects = PrivateNoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pair", "author"], condition=models.Q(session__isnull=True), name="one_lasting_note"
            ),
            models.UniqueConstraint(
                fields=["session", "author"],
                condition=models.Q(session__isnull=False),
                name="one_note_per_session",
            ),
        ]

    def __str__(self) -> str:
        return f"private note {self.pk}"


class FeedbackQuerySet(PairContentQuerySet["Feedback"]):
    def visible_to(self, user) -> "FeedbackQuerySet":
        """Return the feedback of this person's pairs: a draft only to its author, also after the pair ended."""
        return super().visible_to(user).filter(Q(shared_at__isnull=False) | Q(created_by=user))

    def editable_by(self, user) -> "FeedbackQuerySet":
        return super().editable_by(user).filter(Q(shared_at__isnull=False) | Q(created_by=user))

    def drafts_of(self, user) -> "FeedbackQuerySet":
        """Feedback that this person has not shared yet."""
        return self.filter(shared_at=None, created_by=user)

    def shared(self) -> "FeedbackQuerySet":
        return self.filter(shared_at__isnull=False)

    def blank(self) -> "FeedbackQuerySet":
        """Feedback without any answer."""
        return self.filter(**dict.fromkeys(Feedback.FIELDS, ""))

    def written(self) -> "FeedbackQuerySet":
        """Feedback that both people see, with at least one answer."""
        return self.shared().exclude(**dict.fromkeys(Feedback.FIELDS, ""))


class Feedback(ConditionalUpdate, Versioned):
    """Feedback on one thing that happened: three questions, an example, what to keep doing and what to adjust.

    `created_by` is the person who wrote the first answer; until then, the one who started it. Feedback that was
    started outside a session is its author's draft until they share it.
    """

    QUESTIONS = ("intended", "happened", "differently")
    FIELDS = ("example", *QUESTIONS, "keep", "adjust")

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="feedback")
    session = models.ForeignKey(Session, null=True, blank=True, on_delete=models.SET_NULL, related_name="feedback")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    shared_at = models.DateTimeField(null=True, blank=True, default=timezone.now)  # null: a draft
    work_event = models.ForeignKey(
        WorkEvent, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("Work event")
    )
    competency = models.ForeignKey(
        Competency, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("Competency")
    )
    happened_on = models.DateField(_("When was it?"), null=True, blank=True)
    example = models.TextField(_("One example: what did you see or hear?"), max_length=LONGEST, blank=True)
    intended = models.TextField(_("What was intended?"), max_length=LONGEST, blank=True)
    happened = models.TextField(_("What happened?"), max_length=LONGEST, blank=True)
    differently = models.TextField(_("What will be done differently next time?"), max_length=LONGEST, blank=True)
    keep = models.TextField(_("Keep doing"), max_length=LONGEST, blank=True)
    adjust = models.TextField(_("Adjust next"), max_length=LONGEST, blank=True)
    commitment = models.OneToOneField(
        Commitment, null=True, blank=True, on_delete=models.SET_NULL, related_name="from_feedback"
    )

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"feedback {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("feedback_detail", args=[self.pk])

    @property
    def author(self):
        return self.created_by

    @property
    def is_draft(self) -> bool:
        return self.shared_at is None

    @property
    def is_empty(self) -> bool:
        return not any(getattr(self, name).strip() for name in self.FIELDS)

    @property
    def answers(self) -> list[tuple[str, str]]:
        """The given answers, each with its question."""
        return self.answers_to(self.FIELDS)

    @property
    def ahead(self) -> list[tuple[str, str]]:
        """The answers about the next time, or all of them if there are none."""
        return self.answers_to(("differently", "keep", "adjust")) or self.answers

    def answers_to(self, names: Iterable[str]) -> list[tuple[str, str]]:
        given = [(self._meta.get_field(name).verbose_name, getattr(self, name)) for name in names]
        return [(question, answer) for question, answer in given if answer.strip()]

    @property
    def gist(self) -> str:
        """The answer that sums it up best, for lists."""
        order = ("differently", "adjust", "keep", "happened", "intended", "example")
        return next((text for text in (getattr(self, name).strip() for name in order) if text), "")

    def share(self) -> None:
        """Show a draft to the other person; a second time changes nothing."""
        with self.pair.locked():
            now = timezone.now()
            if self.update_if({"shared_at": None}, shared_at=now, created_at=now):
                self.pair.touch()

    def discard(self) -> bool:
        """Delete a draft; return False if it was shared meanwhile."""
        with self.pair.locked():
            return bool(Feedback.objects.filter(pk=self.pk, shared_at=None).delete()[0])


def common_prefix_length(a: str, b: str) -> int:
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def is_small_edit(before: str, after: str) -> bool:
    """Return True if `after` only adds to `before`, or removes no more than a few words in one place."""
    start = common_prefix_length(before, after)
    end = common_prefix_length(before[start:][::-1], after[start:][::-1])
    return len(before) - start - end <= SMALL_EDIT


class TextVersionQuerySet(PairContentQuerySet["TextVersion"]):
    def of(self, pair: Pair, key: str) -> "TextVersionQuerySet":
        return self.filter(pair=pair, key=key)


class TextVersion(models.Model):
    """A version of a shared text by one person. The newest row is the current text, the others were replaced.

    So no submitted text is lost: a new row begins when the other person writes, or when somebody removes
    more than a few words of their own. Private text has no versions.
    """

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="text_versions")
    key = models.CharField(max_length=60)  # the key of a piece (texts.py), for example "item-12-obstacle"
    text = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = TextVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["pair", "key"])]

    def __str__(self) -> str:
        return self.key

    @classmethod
    def keep(cls, pair: Pair, key: str, before: str, text: str, by) -> None:
        """Record that `by` replaced `before` with `text`. Call it in the transaction that stored the text."""
        last = cls.objects.of(pair, key).first()
        if last is None or last.text != before:
            if before.strip():  # it was written through another form
                cls.objects.create(pair=pair, key=key, text=before, created_by=None)
            last = None
        if last and last.created_by_id == by.pk and is_small_edit(before, text):
            cls.objects.filter(pk=last.pk).update(text=text, created_at=timezone.now())
        else:
            cls.objects.create(pair=pair, key=key, text=text, created_by=by)
