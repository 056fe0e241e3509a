"""A private entry, its texts, and with which pairs its author shares it."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from accounts.models import AuditEvent, User
from core.fields import BoundText, EncryptedTextField
from core.optimistic_locking import ConditionalUpdate, Versioned
from goals.models import Commitment, Competency, Goal, WorkEvent
from mentoring.models import Pair
from practice.kinds import KINDS, NEXT, EntryKind, Kind, kind_choices
from sessions.models import AgendaItem, Session
from sessions.models.texts import LONGEST

MOST_ROUNDS = 12  # answers to the prompts of an entry that repeat
LONGEST_QUESTION = 200  # of a note template
WORDS_A_MINUTE = 150
WORD = re.compile(r"\S*\w\S*")  # static/js/practice.js counts in the same way
SENTENCE_END = re.compile(r"(?<=[.!?…])\s|\n")


def first_sentence(text: str) -> str:
    """Return the first sentence or line of a text, without a full stop."""
    return SENTENCE_END.split(text, maxsplit=1)[0].rstrip(".")


def count_words(text: str) -> int:
    """Return the number of words that are spoken: a dash alone is none."""
    return len(WORD.findall(text))


def shortened(text: str, most: int) -> str:
    """Return a text of at most `most` characters, cut between words."""
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:–") + "…"


class EntryQuerySet(models.QuerySet["Entry"]):
    def visible_to(self, user) -> "EntryQuerySet":
        """Return the entries that this person wrote, and those that a partner shares with them, also after the end."""
        if not (user.is_authenticated and user.is_active):
            return self.none()
        shared = Share.objects.filter(entry=OuterRef("pk"), pair__in=Pair.objects.visible_to(user))
        return self.filter(Q(author=user) | Exists(shared))

    def editable_by(self, user) -> "EntryQuerySet":
        """Return the entries of their author, nobody else's."""
        return self.visible_to(user).filter(author=user)

    def written(self) -> "EntryQuerySet":
        """Return the entries with text."""
        return self.filter(written_at__isnull=False)

    def concluded(self) -> "EntryQuerySet":
        """Return all but the experiments that have no result yet."""
        return self.exclude(kind=EntryKind.EXPERIMENT, experiment__ended_at=None)

    def shared_in(self, pair: Pair) -> "EntryQuerySet":
        """Return what one of the pair shares with the other, what was shared last first, with `shared_at`."""
        shared_at = models.F("shares__shared_at")
        return self.written().filter(shares__pair=pair).annotate(shared_at=shared_at).order_by("-shared_at", "-pk")

    def newest_first(self) -> "EntryQuerySet":
        return self.order_by("-created_at", "-pk")

    def with_texts(self) -> "EntryQuerySet":
        return self.prefetch_related("texts")

    def with_shares(self) -> "EntryQuerySet":
        return self.prefetch_related("shares__pair__mentor", "shares__pair__mentee")


class Entry(ConditionalUpdate):
    """What one person writes for themselves. Nobody else reads it until its author shares it with a partner."""

    kind = models.CharField(max_length=20, choices=kind_choices)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="practice_entries")
    # The pair it is about: it is deleted with the content of that pair, and shared with no other.
    pair = models.ForeignKey(
        Pair, null=True, blank=True, on_delete=models.CASCADE, related_name="practice_entries", verbose_name=_("With")
    )
    competency = models.ForeignKey(
        Competency, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("Competency")
    )
    goal = models.ForeignKey(
        Goal, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("Goal")
    )
    session = models.ForeignKey(
        Session, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("Session")
    )
    work_event = models.ForeignKey(
        WorkEvent, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("Work event")
    )
    # For example, a rehearsal is part of the conversation that it prepares.
    part_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="parts")
    # The debrief that a lesson was learned in; the lesson stays without it.
    learned_in = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="lessons", editable=False
    )
    happens_on = models.DateField(_("When is it?"), null=True, blank=True)
    # What came of it.
    commitment = models.OneToOneField(
        Commitment, null=True, blank=True, on_delete=models.SET_NULL, related_name="from_practice"
    )
    topic = models.OneToOneField(
        AgendaItem, null=True, blank=True, on_delete=models.SET_NULL, related_name="from_practice"
    )
    created_at = models.DateTimeField(default=timezone.now)
    written_at = models.DateTimeField(null=True, blank=True)  # null until its first text was saved
    touched_at = models.DateTimeField(default=timezone.now)  # when its date last changed, for reminders

    objects = EntryQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["author", "kind", "created_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("entry_detail", args=[self.pk])

    @classmethod
    def start(cls, author, kind: str, pair: Pair | None = None, questions: Sequence[str] = (), **links) -> "Entry":
        """Begin an entry with its empty texts; one of the same kind that is still empty is used again.

        `questions` replace the prompts of the kind, and are stored with the entry.
        """
        now = timezone.now()
        with transaction.atomic():
            User.objects.filter(pk=author.pk, practice_since=None).update(practice_since=now)
            empty = cls.objects.filter(author=author, kind=kind, pair=pair, written_at=None)
            empty = empty.filter(part_of=links.get("part_of")).order_by("pk").with_texts()
            entry = next((row for row in empty if row.questions == list(questions)), None)
            if entry is None:
                entry = cls.objects.create(author=author, kind=kind, pair=pair, created_at=now, **links)
                EntryText.objects.bulk_create(EntryText.empty(entry, questions))
            else:
                cls.objects.filter(pk=entry.pk).update(created_at=now, **links)
                entry.refresh_from_db()
        return entry

    @property
    def day(self) -> date | None:
        """The day it is about: its own date, else that of its work event."""
        return self.happens_on or (self.work_event.happens_on if self.work_event else None)

    @property
    def about(self) -> Kind:
        """The description of its kind."""
        return KINDS[self.kind]

    @property
    def asked_later(self) -> list[str]:
        """The names of the prompts that are not asked yet: an experiment is looked back on once it has begun."""
        return [prompt.name for prompt in self.about.prompts if prompt.is_later and not hasattr(self, "experiment")]

    @property
    def stage(self) -> Promise | str:
        """Where an experiment stands; empty for the other kinds."""
        if self.kind != EntryKind.EXPERIMENT:
            return ""
        return self.experiment.stage if hasattr(self, "experiment") else pgettext("experiment or resource", "planned")

    @property
    def timer_ends_at(self) -> datetime | None:
        """When the quiet timer is over. It runs by itself; nothing happens when it ends."""
        return self.created_at + timedelta(minutes=self.about.minutes) if self.about.minutes else None

    @property
    def questions(self) -> list[str]:
        """The questions of the template that a note was started with; use with_texts() for lists."""
        return [text.question for text in self.texts.all() if text.question]

    @property
    def answers(self) -> list["EntryText"]:
        """The texts that are not empty, in order; use with_texts() for lists."""
        return [text for text in self.texts.all() if text.text.strip()]

    @property
    def single_answers(self) -> list["EntryText"]:
        """The answers to the prompts that do not repeat."""
        return [text for text in self.answers if not text.number]

    def answer_to(self, prompt: str) -> str:
        """Return the answer to a prompt, or an empty text."""
        return next((text.text.strip() for text in self.answers if text.key == prompt), "")

    @property
    def rounds(self) -> list[list["EntryText"]]:
        """The answers to the prompts that repeat, by number; those without any text are left out."""
        found: dict[int, list[EntryText]] = {}
        for text in self.texts.all():
            if text.number:
                found.setdefault(text.number, []).append(text)
        return [texts for _number, texts in sorted(found.items()) if any(text.text.strip() for text in texts)]

    @property
    def rounds_by_name(self) -> list[dict[str, str]]:
        """The texts of each answer to the prompts that repeat, by the name of the prompt."""
        return [{text.key.rpartition("-")[0]: text.text.strip() for text in texts} for texts in self.rounds]

    def add_round(self, start_with: "EntryText | None" = None) -> "EntryText | None":
        """Add empty texts for another answer to the prompts that repeat, or a copy, and return the first of them.

        Those that are still empty, or are that copy already, are used again. None if there are too many.
        """
        wanted, found = start_with.text if start_with else "", {}
        for text in self.texts.all():
            if text.number and not (start_with and text.number == start_with.number):
                found.setdefault(text.number, []).append(text.text.strip())
        free = [n for n, texts in found.items() if set(texts) <= {"", wanted.strip()}]
        number = min(free, default=max([*found, start_with.number if start_with else 0], default=0) + 1)
        if number > MOST_ROUNDS:
            return None
        for key, position in self.about.keys_of_round(number).items():
            EntryText.objects.get_or_create(entry=self, key=key, defaults={"position": position})
        first = self.texts.get(key=next(iter(self.about.keys_of_round(number))))
        if start_with and not first.text:
            first.write(first.version, text=wanted)
        return first

    @property
    def title(self) -> str:
        """The first sentence of the titling answer, in at most 80 characters."""
        answers = self.answers
        text = self.answer_to(self.about.title) or (answers[0].text.strip() if answers else "")
        return shortened(first_sentence(text) or str(self.about.label), 80)

    @property
    def excerpt(self) -> str:
        """What is written after the title, in at most 160 characters."""
        texts = [text.text.strip() for text in self.answers]
        rest = (text.removeprefix(self.title).lstrip(". ") if text.startswith(self.title) else text for text in texts)
        lines = (" ".join(text.split()) for text in rest if text)
        apart = (f"{line}\u00a0·" if line[-1].isalnum() else line for line in lines)
        return shortened(" ".join(apart).removesuffix("\u00a0·"), 160)

    @property
    def opening(self) -> str:
        """The opening line of a conversation."""
        return self.answer_to("opening")

    @property
    def next_step(self) -> str:
        """The text that can become a commitment."""
        return self.answer_to(self.about.next_step)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Open a transaction that locks the pairs that see the entry, as every change to their content does, then it.

        An entry that no pair sees has only its own lock.
        """
        with transaction.atomic():
            if connection.features.has_select_for_update:
                pairs = Pair.objects.filter(Q(pk=self.pair_id) | Q(pk__in=self.shares.values("pair"))).order_by("pk")
                for rows in (pairs, Entry.objects.filter(pk=self.pk)):
                    list(rows.select_for_update(no_key=True).values_list("pk"))
            yield

    def touch_readers(self) -> None:
        """Mark the pairs with which it is shared as changed."""
        for pair in Pair.objects.filter(practice_shares__entry=self):
            pair.touch()

    def may_be_shared_in(self, pair: Pair) -> bool:
        return bool(self.written_at) and pair.ended_at is None and self.pair_id in (None, pair.pk)

    def share(self, pair: Pair) -> None:
        """Let the partner in `pair` read it from now on, with later edits; a second time changes nothing."""
        with pair.locked():
            _share, is_new = Share.objects.get_or_create(entry=self, pair=pair)
            if not is_new:
                return
            User.objects.filter(pk=pair.partner_id(self.author), practice_since=None).update(
                practice_since=timezone.now()
            )
            pair.touch()
            AuditEvent.record(self.author, AuditEvent.Action.PRACTICE_SHARED, self)

    def take_back(self, pair: Pair) -> None:
        """End the sharing; from now on the partner finds nothing here."""
        with pair.locked():
            if Share.objects.filter(entry=self, pair=pair).delete()[0]:
                pair.touch()
                AuditEvent.record(self.author, AuditEvent.Action.PRACTICE_NO_LONGER_SHARED, self)

    def copy_to(self, pair: Pair, **links) -> "Entry":
        """Copy the entry into another pair of its author; it is shared with nobody there."""
        facts = {name: getattr(self, name) for name in ("kind", "author", "created_at", "written_at")}
        if self.pair and self.pair.program_id == pair.program_id:
            facts["competency"] = self.competency
        copy = Entry.objects.create(pair=pair, **facts, **links)
        for text in self.texts.all():
            facts = {"key": text.key, "position": text.position, "question": text.question, "text": text.text}
            EntryText.objects.create(entry=copy, **facts)
        if hasattr(self, "experiment"):
            self.experiment.copy_to(copy)
        return copy


class EntryTextQuerySet(models.QuerySet["EntryText"]):
    def editable_by(self, user) -> "EntryTextQuerySet":
        return self.filter(entry__in=Entry.objects.editable_by(user))


class EntryText(BoundText, Versioned):
    """The answer to one prompt of an entry; it is created empty with the entry."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="texts")
    key = models.CharField(max_length=20)  # the name of the prompt
    position = models.PositiveSmallIntegerField(default=0)
    # Of the template that a note was started with; empty: the prompt of the kind is the question.
    question = EncryptedTextField(max_length=LONGEST_QUESTION, blank=True, default="", bound_to=("entry_id", "key"))
    text = EncryptedTextField(_("Text"), max_length=LONGEST, blank=True, bound_to=("entry_id", "key"))

    objects = EntryTextQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["entry", "key"], name="one_text_per_prompt")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.key}"

    @classmethod
    def empty(cls, entry: Entry, questions: Sequence[str] = ()) -> list["EntryText"]:
        """Return the texts that an entry begins with, not stored yet."""
        if not questions:
            return [cls(entry=entry, key=key, position=n) for key, n in entry.about.first_keys.items()]
        keys = [*(f"question{n}" for n in range(1, len(questions))), NEXT]
        rows = enumerate(zip(keys, questions, strict=True))
        return [cls(entry=entry, key=key, position=n, question=question) for n, (key, question) in rows]

    @property
    def author(self):
        return self.entry.author

    @property
    def author_id(self) -> int:
        return self.entry.author_id

    @property
    def pair(self) -> Pair | None:
        return self.entry.pair

    @property
    def label(self) -> str:
        """The question that the text answers."""
        if self.question:
            return self.question
        prompt, number = self.entry.about.prompt_of(self.key)
        label = str(prompt.label if prompt else _("Text"))
        return f"{label} {number}" if number else label

    @property
    def number(self) -> int:
        """The number of an answer to a prompt that repeats; 0 for the others."""
        return self.entry.about.prompt_of(self.key)[1]

    @property
    def words(self) -> int:
        return count_words(self.text)

    @property
    def seconds(self) -> int:
        """How long it takes to speak it."""
        return round(self.words * 60 / WORDS_A_MINUTE)


class Share(models.Model):
    """The author of an entry shares it with their partner in this pair."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="shares")
    pair = models.ForeignKey(Pair, on_delete=models.CASCADE, related_name="practice_shares")
    shared_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "pair"], name="shared_once_per_pair")]
        indexes = [models.Index(fields=["shared_at"])]

    def __str__(self) -> str:
        return f"{self.entry_id} in {self.pair_id}"
