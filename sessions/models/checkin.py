from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.optimistic_locking import Conflict, Versioned
from mentoring.models import Pair, PairContentQuerySet
from sessions.models.session import Session

REPLACED_WITHIN = timedelta(days=2)  # a second answer within this time replaces the first


class CheckInQuerySet(PairContentQuerySet["CheckIn"]):
    def asking_for_help(self) -> "CheckInQuerySet":
        """Check-ins answered "stuck" or "I need help"."""
        return self.exclude(answer=CheckIn.Answer.ON_TRACK)

    def since_last_session(self) -> "CheckInQuerySet":
        """Check-ins newer than the pair's last held session."""
        later = Session.objects.held().filter(pair=OuterRef("pair"), starts_at__gt=OuterRef("created_at"))
        return self.filter(~Exists(later))

    def current(self) -> "CheckInQuerySet":
        """The newest check-in of each pair, unless the pair has met since then."""
        newer = CheckIn.objects.filter(pair=OuterRef("pair"), pk__gt=OuterRef("pk"))
        return self.filter(~Exists(newer)).since_last_session()

    def with_people(self) -> "CheckInQuerySet":
        return self.select_related("pair__mentor", "pair__mentee")

    def asking(self, mentor) -> "CheckInQuerySet":
        """Check-ins that ask this mentor for help; a reply is possible while one `is_current`."""
        return self.editable_by(mentor).filter(pair__mentor=mentor).asking_for_help()


class CheckIn(Versioned):
    """The mentee's short answer between sessions. It is never counted as a session."""

    class Answer(models.TextChoices):
        ON_TRACK = "on_track", _("On track")
        STUCK = "stuck", _("Stuck")
        HELP = "help", _("I need help")

    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="check_ins")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    answer = models.CharField(max_length=8, choices=Answer)
    note = models.CharField(_("What is it about?"), max_length=300, blank=True)
    # When this answer was first given; a reworded note keeps it.
    created_at = models.DateTimeField(default=timezone.now)
    reply = models.CharField(_("Your answer in one line"), max_length=300, blank=True)  # the mentor's
    replied_at = models.DateTimeField(null=True, blank=True)

    objects = CheckInQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["pair", "-created_at"])]

    def __str__(self) -> str:
        return f"{self.get_answer_display()} {self.created_at:%Y-%m-%d}"

    @property
    def asks_for_help(self) -> bool:
        return self.answer != self.Answer.ON_TRACK

    @property
    def is_current(self) -> bool:
        """Return True for the pair's newest check-in, unless the pair has met since then."""
        newer = CheckIn.objects.filter(pair=self.pair_id, pk__gt=self.pk)
        met_later = Session.objects.held().filter(pair=self.pair_id, starts_at__gt=self.created_at)
        return not (newer.exists() or met_later.exists())

    @property
    def awaits_reply(self) -> bool:
        return self.asks_for_help and self.replied_at is None

    @classmethod
    def open_of(cls, pair: Pair) -> "CheckIn | None":
        """Return the pair's newest check-in if it asks for help and the pair has not met since; see current()."""
        newest = cls.objects.filter(pair=pair).order_by("-pk").first()
        return newest if newest and newest.asks_for_help and newest.is_current else None

    @classmethod
    def record(cls, pair: Pair, by, answer: str, note: str = "") -> "CheckIn":
        """Record how it is going.

        A second answer within two days replaces the first, unless the pair met or the mentor replied in between.
        """
        now = timezone.now()
        with pair.locked():
            last = cls.objects.filter(pair=pair, created_at__gt=now - REPLACED_WITHIN).first()
            if last and (last.replied_at or pair.sessions.held().filter(held_at__gt=last.created_at).exists()):
                last = None
            if last is None:
                check_in = cls.objects.create(pair=pair, created_by=by, answer=answer, note=note[:300], created_at=now)
            else:
                check_in = last
                changes = {"created_by_id": by.pk, "answer": answer, "note": note[:300]}
                if answer != last.answer:
                    changes["created_at"] = now
                check_in.write(last.version, **changes)
            pair.touch()
        return check_in

    def add_reply(self, version: int, text: str) -> None:
        """Store the mentor's answer; sending the same text again changes nothing.

        Raises Conflict if the check-in was changed or answered differently since `version`.
        """
        with self.pair.locked():
            try:
                self.write(version, reply=text, replied_at=timezone.now())
            except Conflict as conflict:
                if conflict.current.reply != text:
                    raise
            else:
                self.pair.touch()
