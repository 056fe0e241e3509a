"""Search: the pages, people, sessions, commitments, goals and agenda items that a person may read.

What a pair wrote is searched for its two people only. Program admins find the people and pairs of their programs by
name. Private notes, updates and confidential answers are not searched.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from core.folding import folded
from core.formatting import day, full_date, when
from goals.models import Commitment, Goal, Milestone
from mentoring.models import Enrollment, Pair, Program
from sessions.models import AgendaItem, Block, Session

LONGEST = 100  # characters of a search text
LOOKED_AT = 1000  # the newest rows of each kind; few people have as many
EXCERPT = 120  # characters
LISTED = 20  # hits of a kind that are offered before anything is typed
MAIN_PAGES = 3  # of one's own: those of the navigation


@dataclass(frozen=True)
class Hit:
    title: str
    url: str
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """The hits of one kind: the first ones, and how many there are."""

    key: str
    title: str
    icon: str
    hits: list[Hit]
    count: int

    @property
    def has_more(self) -> bool:
        return self.count > len(self.hits)


@dataclass
class Search:
    """What one person finds with a text; `most` hits of each kind."""

    user: object
    asked: str
    most: int
    words: list[str] = field(init=False)

    def __post_init__(self):
        self.words = folded(self.asked).split()
        self.programs = list(Program.objects.managed_by(self.user).only("name").order_by("name", "pk"))

    def groups(self) -> list[Group]:
        """Return the groups in which something was found."""
        pairs = {pair.pk: pair for pair in read_pairs(self.user)}
        found = [
            self.pages(),
            self.people(pairs),
            self.people_of_programs(),
            self.pairs_of_programs(pairs),
        ]
        if pairs:
            found += [self.sessions(pairs), self.commitments(pairs), self.goals(pairs), self.items(pairs)]
        return [group for group in found if group.count]

    def matches(self, *texts: str) -> bool:
        """Return True if every word is in one of the texts, ignoring case and accents."""
        text = folded(" ".join(texts))
        return all(word in text for word in self.words)

    def group(self, key: str, title: str, icon: str, hits: list[Hit]) -> Group:
        return Group(key, title, icon, hits[: self.most], len(hits))

    def pages(self) -> Group:
        hits = [hit for hit in own_pages() + program_pages(self.programs) if self.matches(hit.title, *hit.facts)]
        return self.group("pages", _("Pages"), "arrow-right", hits)

    def people(self, pairs: dict[int, Pair]) -> Group:
        """The person's partners, each with the pair."""
        hits = [pair_hit(pair, self.user) for pair in pairs.values() if self.is_named(pair)]
        return self.group("people", _("People"), "users", hits)

    def is_named(self, pair: Pair) -> bool:
        other = pair.other(self.user)
        return self.matches(other.name, other.email)

    def people_of_programs(self) -> Group:
        rows = Enrollment.objects.current().filter(program__in=self.programs).with_shown_name()
        for word in self.words:
            rows = rows.filter(Q(name_here__contains=word) | Q(user__email__icontains=word))
        rows, names = rows.order_by("name_here", "pk"), self.program_names()
        hits = [
            Hit(
                row.shown_name,
                found_in_program(row.program_id, row.user.email),
                (row.get_role_display(), names[row.program_id]),
            )
            for row in rows.prefetch_related("user")[: self.most]
        ]
        title = _("People in your programs")
        return Group("program-people", title, "user-group", hits, rows.count() if self.programs else 0)

    def pairs_of_programs(self, own: dict[int, Pair]) -> Group:
        """Pairs by the names of their people, without the person's own: nothing of what they wrote."""
        rows = Pair.objects.filter(program__in=self.programs).exclude(pk__in=own)
        for word in self.words:
            rows = rows.filter(Q(mentor__folded_name__contains=word) | Q(mentee__folded_name__contains=word))
        shown = ("program", "ended_at", "mentor__name", "mentor__email", "mentee__name", "mentee__email")
        rows = rows.order_by(F("ended_at").desc(nulls_first=True), "mentor__folded_name", "pk")
        names = self.program_names()
        hits = [
            Hit(
                _("%(mentor)s and %(mentee)s") % {"mentor": pair.mentor, "mentee": pair.mentee},
                f"{found_in_program(pair.program_id, pair.mentee.email)}&state=pairs",
                (names[pair.program_id], *ended(pair)),
            )
            for pair in rows.select_related("mentor", "mentee").only(*shown)[: self.most]
        ]
        title = _("Pairs in your programs")
        return Group("program-pairs", title, "users", hits, rows.count() if self.programs else 0)

    def program_names(self) -> dict[int, str]:
        return {program.pk: program.name for program in self.programs}

    def sessions(self, pairs: dict[int, Pair]) -> Group:
        """Sessions by partner, kind, takeaway and shared notes; those around now first."""
        rows = Session.objects.filter(pair__in=pairs, canceled_at=None, skipped_at=None).order_by("-starts_at")
        rows = rows.values_list("pk", "pair", "starts_at", "kind", "takeaway")[:LOOKED_AT]
        notes = Block.objects.filter(session__pair__in=pairs).exclude(note="").order_by("-session__starts_at")
        noted: dict[int, str] = {}
        for pk, note in notes.values_list("session", "note")[:LOOKED_AT]:
            if self.matches(note):
                noted.setdefault(pk, note)
        named = {pk for pk, pair in pairs.items() if self.is_named(pair)}
        hits = []
        for pk, pair, at, kind, takeaway in rows:
            label = "" if kind == Session.Kind.STANDARD else str(Session.Kind(kind).label)
            if pk in noted or pair in named or self.matches(label, takeaway):
                text = noted.get(pk) or (takeaway if self.matches(takeaway) else "")
                name = pairs[pair].other(self.user).first_name
                title = _("%(when)s with %(name)s") % {"when": sentence_case(when(at)), "name": name}
                hits.append((at, Hit(title, session_url(pk, at), tuple(filter(None, (label, self.excerpt(text)))))))
        now = timezone.now()
        hits.sort(key=lambda hit: abs(hit[0] - now))
        return self.group("sessions", _("Sessions"), "calendar-days", [hit for _at, hit in hits])

    def commitments(self, pairs: dict[int, Pair]) -> Group:
        rows = Commitment.objects.filter(pair__in=pairs).order_by("-created_at", "-pk")
        rows = rows.values_list("pk", "text", "done_when", "left_to_do", "pair", "owner", "due_on", "state")
        hits = []
        for pk, text, done_when, left, pair, owner, due, state in rows[:LOOKED_AT]:
            if self.matches(text, done_when, left):
                due = _("due %(day)s") % {"day": day(due)}
                state = due if state == Commitment.State.OPEN else str(Commitment.State(state).label)
                facts = (self.owner(pairs[pair], owner), state)
                hits.append(Hit(text, reverse("commitment_detail", args=[pk]), facts))
        return self.group("commitments", _("Commitments"), "check-circle", hits)

    def owner(self, pair: Pair, owner: int) -> str:
        name = {"name": pair.other(self.user).first_name}
        return _("yours, with %(name)s") % name if owner == self.user.pk else _("by %(name)s") % name

    def goals(self, pairs: dict[int, Pair]) -> Group:
        """Goals by their texts and milestones."""
        milestones: dict[int, str] = {}
        for goal, title in Milestone.objects.filter(goal__pair__in=pairs).values_list("goal", "title")[:LOOKED_AT]:
            milestones[goal] = f"{milestones.get(goal, '')}\n{title}"
        rows = Goal.objects.filter(pair__in=pairs).order_by("-created_at", "-pk")
        hits = []
        for pk, title, why, measure, pair in rows.values_list("pk", "title", "why", "measure", "pair")[:LOOKED_AT]:
            more = "\n".join((why, measure, milestones.get(pk, "")))
            if self.matches(title, more):
                url = f"{reverse('goal_list', args=[pair])}#goal-{pk}"
                hits.append(Hit(title, url, self.facts(pairs[pair], title, more)))
        return self.group("goals", _("Goals"), "flag", hits)

    def items(self, pairs: dict[int, Pair]) -> Group:
        """Topics and questions by their titles, replies and shared notes."""
        rows = AgendaItem.objects.filter(pair__in=pairs).order_by("-created_at", "-pk")
        hits = []
        for pk, pair, title, *notes in rows.values_list("pk", "pair", "title", "reply", *AgendaItem.NOTES)[:LOOKED_AT]:
            more = "\n".join(notes)
            if self.matches(title, more):
                url = reverse("trace", args=[pair, "item", pk])
                hits.append(Hit(title, url, self.facts(pairs[pair], title, more)))
        return self.group("items", _("Topics and questions"), "chat-bubble-left-right", hits)

    def facts(self, pair: Pair, title: str, more: str) -> tuple[str, ...]:
        """Return with whom it is and, unless all words are in the title, the line in which it was found."""
        with_whom = _("with %(name)s") % {"name": pair.other(self.user).first_name}
        found = "" if self.matches(title) else self.excerpt(more)
        return (with_whom, found) if found else (with_whom,)

    def excerpt(self, text: str) -> str:
        """Return the first line with one of the words, cut around it."""
        for line in text.splitlines():
            if found := [word for word in self.words if word in folded(line)]:
                at = max(0, line.casefold().find(found[0]))
                start = line.find(" ", at - EXCERPT // 3, at) + 1 if at > EXCERPT // 3 else 0
                piece = line[start : start + EXCERPT].strip()
                return f"{'…' if start else ''}{piece}{'…' if start + EXCERPT < len(line) else ''}"
        return ""


def read_search(user, asked: str, most: int) -> list[Group]:
    """Return what this person finds, by kind; without a text nothing, and no query."""
    return Search(user, asked, most).groups() if folded(asked) else []


def read_places(user) -> list[Group]:
    """Return where one can go before anything is typed: the person's pages, pairs and programs."""
    programs = list(Program.objects.managed_by(user).only("name").order_by("name", "pk")[:LISTED])
    own = own_pages()
    groups = (
        ("pages", _("Pages"), "arrow-right", own[:MAIN_PAGES]),
        ("people", _("People"), "users", [pair_hit(pair, user) for pair in read_pairs(user, Pair.objects.active())]),
        ("programs", _("Programs"), "chart-bar-square", program_pages(programs)),
        ("yours", _("Yours"), "user-circle", own[MAIN_PAGES:]),
    )
    return [Group(key, title, icon, hits[:LISTED], len(hits)) for key, title, icon, hits in groups if hits]


def read_pairs(user, pairs=None) -> list[Pair]:
    """Return the pairs whose content this person may read, running ones first."""
    pairs = Pair.objects.all() if pairs is None else pairs
    pairs = pairs.visible_to(user).order_by(F("ended_at").desc(nulls_first=True), "pk")
    return pairs.prefetch_related("program").for_reader(user)


def pair_hit(pair: Pair, user) -> Hit:
    role = _("your mentee") if pair.is_mentor(user) else _("your mentor")
    return Hit(str(pair.other(user)), reverse("pair_detail", args=[pair.pk]), (role, pair.program.name, *ended(pair)))


def ended(pair: Pair) -> tuple[str, ...]:
    return (_("ended %(day)s") % {"day": full_date(pair.ended_at)},) if pair.ended_at else ()


def found_in_program(program: int, text: str) -> str:
    """Return the URL of the people page of a program, filtered by this text."""
    return f"{reverse('program_detail', args=[program])}?{urlencode({'q': text})}"


def session_url(pk: int, starts_at: datetime) -> str:
    """Return the page to prepare a coming session, or the record of an earlier one."""
    return reverse("session_prepare" if starts_at > timezone.now() else "session_detail", args=[pk])


def sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def own_pages() -> list[Hit]:
    """Return the pages of one's own, the main ones first."""
    named = (
        (_("Home"), "home"),
        (_("Sessions"), "session_list"),
        (_("Commitments"), "commitment_list"),
        (_("Inbox"), "inbox_list"),
        (_("Preferences"), "preferences"),
        (_("Notifications"), "notifications"),
        (_("Who can see what"), "who_can_see_what"),
    )
    return [Hit(title, reverse(name)) for title, name in named]


def program_pages(programs: Iterable[Program]) -> list[Hit]:
    """Return the pages of the programs one runs."""
    named = (
        (_("Overview"), "program_overview"),
        (_("People"), "program_detail"),
        (_("Matching"), "matching"),
        (_("Reminders"), "program_reminders"),
        (_("Settings"), "program_rules"),
    )
    return [
        Hit(title, reverse(name, args=[program.pk]), (program.name,)) for program in programs for title, name in named
    ]
