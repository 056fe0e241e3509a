"""What the copy of a person's data contains: sections of rows that this person may read, and no others."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from allauth.socialaccount.models import SocialAccount
from django.db.models import Field, Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent, GroupMembership, ProvisionedPerson, User
from api.models import ApiToken
from dashboard.models import Flag
from goals import models as goals
from mentoring import models as mentoring
from mentoring.models import Pair, Program
from practice import export as practice
from practice.models import Entry, Introduction, Opportunity, OpportunityApplication, PairResource
from reminders.models import ChatWebhook, Reminder, Snooze, TopicChoice
from sessions import models as sessions

# Secrets, copies for the search, and numbers that only the program needs.
INTERNAL = {"id", "digest", "folded_name", "key_digest", "revision", "sequence", "token", "touched_at", "version"}
AT_ONCE = 500  # rows read from the database at a time


@dataclass(frozen=True)
class Fact:
    """One value of a row; without a label it stands for itself. `is_shown` is False for those only in the data."""

    name: str
    value: object
    label: str = ""
    is_shown: bool = True
    is_person: bool = False


@dataclass(frozen=True)
class Section:
    """A kind of rows: its title, and a function that returns those of a person as facts, row by row."""

    name: str
    title: Promise | str
    rows: Callable[["Reader"], Iterable[list[Fact]]]


class Reader:
    """The person whose data is read, and the names of the people it mentions."""

    def __init__(self, person: User):
        self.person = person
        self.pairs = Pair.objects.visible_to(person)
        self._names = {(User, person.pk): str(person)}

    def name_of(self, model: type[Model], pk: int | None) -> str:
        """Return the name of a person or a program, but never the address of another person."""
        if pk is None:
            return ""
        if (model, pk) not in self._names:
            found = model.objects.filter(pk=pk).first()
            self._names[model, pk] = found.name if found else ""
        return self._names[model, pk]

    def facts(self, row: Model) -> Iterator[Fact]:
        """Yield what a row holds, with dates in the time zone of this person."""
        for field in row._meta.concrete_fields:
            if field.name in INTERNAL:
                continue
            value, label = getattr(row, field.attname), field._verbose_name
            if field.is_relation:
                yield self.link(field, value)
                continue
            if isinstance(value, datetime):
                value = self.person.local(value)
            is_text = isinstance(value, str | list | dict) and not field.choices
            if field.choices and value not in (None, ""):
                value = str(getattr(row, f"get_{field.name}_display")())
            yield Fact(field.name, value, str(label or ""), is_shown=bool(label or is_text) and value not in (None, ""))

    def link(self, field: Field, pk: int | None) -> Fact:
        """Return the name of the person or program, or the id of another row, which is in another section."""
        model = field.related_model
        if model not in (User, Program):
            return Fact(field.attname, pk, is_shown=False)
        return Fact(field.name, self.name_of(model, pk), is_shown=model is Program, is_person=model is User)


def of(rows: Callable[[Reader], QuerySet]) -> Callable[[Reader], Iterator[list[Fact]]]:
    """Return a function that yields the rows of a query one by one."""

    def read(reader: Reader) -> Iterator[list[Fact]]:
        for row in rows(reader).order_by("pk").iterator(chunk_size=AT_ONCE):
            yield [Fact("id", row.pk, is_shown=False), *reader.facts(row)]

    return read


def visible(model: type[Model]) -> Callable[[Reader], Iterator[list[Fact]]]:
    return of(lambda reader: model.objects.visible_to(reader.person))


def in_pairs(model: type[Model], path: str) -> Callable[[Reader], Iterator[list[Fact]]]:
    """Read the rows of the person's pairs, which both people of a pair may read."""
    return of(lambda reader: model.objects.filter(**{f"{path}__in": reader.pairs}))


def own(model: type[Model], *names: str) -> Callable[[Reader], Iterator[list[Fact]]]:
    """Read the rows of which this person is one of `names`."""

    def rows(reader: Reader) -> QuerySet:
        condition = Q()
        for name in names:
            condition |= Q(**{name: reader.person})
        return model.objects.filter(condition)

    return of(rows)


def account(reader: Reader) -> Iterator[list[Fact]]:
    person = reader.person
    names = ("email", "name", "short_name", "zone", "works_from", "works_until", "workdays", "days_off", "language")
    names += ("clock", "week_start", "theme", "single_keys", "calendar_mails", "date_joined", "last_login", "seen_at")
    facts = {fact.name: fact for fact in reader.facts(person)}
    yield [facts[name] for name in names]


def identities(reader: Reader) -> Iterator[list[Fact]]:
    """Yield what is stored of the person's account at an identity provider and in the directory."""
    for row in SocialAccount.objects.filter(user=reader.person).order_by("pk"):
        facts = {fact.name: fact for fact in reader.facts(row)}
        yield [facts[name] for name in ("provider", "uid", "date_joined", "last_login")]
    for row in ProvisionedPerson.objects.filter(user=reader.person):
        facts = {fact.name: fact for fact in reader.facts(row)}
        yield [facts[name] for name in ("user_name", "external_id", "updated_at")]
    for row in GroupMembership.objects.filter(user=reader.person).select_related("group").order_by("pk"):
        yield [Fact("group", row.group.display_name)]


def connections(reader: Reader) -> Iterator[list[Fact]]:
    """Yield what is connected, without the addresses, which are secrets of the other service."""
    for row in sessions.BusyCalendar.objects.filter(user=reader.person):
        facts = {fact.name: fact for fact in reader.facts(row)}
        times = [
            [reader.person.local(start).isoformat(), reader.person.local(end).isoformat()] for start, end in row.times
        ]
        address = Fact("address", gettext("set"), gettext("Address of your calendar"))
        yield [address, facts["added_at"], facts["read_at"], Fact("busy", times, is_shown=False)]
    for row in ChatWebhook.objects.filter(user=reader.person):
        facts = {fact.name: fact for fact in reader.facts(row)}
        address = Fact("chat_address", gettext("set"), gettext("Address of your chat"))
        yield [address, *(facts[name] for name in ("since", "gets_reminders", "off_since"))]


def status_updates(reader: Reader) -> QuerySet:
    shared_or_own = Q(shared_at__isnull=False) | Q(author=reader.person)
    return sessions.StatusUpdate.objects.visible_to(reader.person).filter(shared_or_own)


def published_answers(reader: Reader) -> Iterator[list[Fact]]:
    """Yield the answers of feedback rounds that are shown to the pair, without the round's order (rules, rounds)."""
    rounds = goals.FeedbackRound.objects.visible_to(reader.person).select_related("pair__mentee")
    for round_ in rounds.prefetch_related("answers").order_by("pk").iterator(chunk_size=100):
        for answer in round_.published_answers(round_.pair.mentee.today()) or ():
            yield list(reader.facts(answer))


def written(rows: Callable[[User], Iterable[dict]]) -> Callable[[Reader], Iterator[list[Fact]]]:
    """Read what `practice.export` returns for a person."""

    def read(reader: Reader) -> Iterator[list[Fact]]:
        for row in rows(reader.person):
            yield [Fact(name, value, is_shown=_is_plain(value)) for name, value in row.items()]

    return read


def _is_plain(value: object) -> bool:
    return bool(value) and not isinstance(value, int)


def shared_entries(reader: Reader) -> Iterator[list[Fact]]:
    """Yield the practice entries of partners that they share, without what else is known about them."""
    rows = Entry.objects.visible_to(reader.person).exclude(author=reader.person).written()
    for entry in rows.with_texts().order_by("pk").iterator(chunk_size=100):
        yield [
            Fact("author", reader.name_of(User, entry.author_id), is_person=True),
            Fact("kind", str(entry.about.label)),
            Fact("on", reader.person.local(entry.created_at).date()),
            Fact("answers", [{"question": text.label, "text": text.text} for text in entry.answers]),
        ]


def applications(reader: Reader) -> QuerySet:
    return mentoring.Application.objects.filter(email=reader.person.email)


def applications_to_own(reader: Reader) -> Iterator[list[Fact]]:
    """Yield the applications for what this person posted, without what the applicants made of them in their pairs."""
    names = ("opportunity_id", "applicant", "created_at", "note", "state", "decided_at", "answer")
    rows = OpportunityApplication.objects.visible_to_poster(reader.person).order_by("pk")
    for row in rows.iterator(chunk_size=AT_ONCE):
        facts = {fact.name: fact for fact in reader.facts(row)}
        yield [Fact("id", row.pk, is_shown=False), *(facts[name] for name in names)]


def ratings(reader: Reader) -> QuerySet:
    """Return how useful the mentee found the sessions; the mentor sees only the trend."""
    return sessions.SessionRating.objects.filter(session__pair__in=reader.pairs.filter(mentee=reader.person))


def invited_colleagues(reader: Reader) -> QuerySet:
    """Return whom this person asked for feedback, which only the mentee sees."""
    rounds = goals.FeedbackRound.objects.filter(pair__in=reader.pairs.filter(mentee=reader.person))
    return goals.FeedbackInvite.objects.filter(feedback_round__in=rounds)


SECTIONS = [
    Section("account", _("Your account"), account),
    Section("identities", _("Your account at the identity provider"), identities),
    Section("roles", _("Your programs"), own(mentoring.Enrollment, "user")),
    Section("profiles", _("Your profiles"), own(mentoring.Profile, "user")),
    Section("notifications", _("Notifications you chose"), own(TopicChoice, "user")),
    Section("snoozes", _("Reminders you snoozed"), own(Snooze, "user")),
    Section("calendar", _("Your calendar link"), own(sessions.CalendarFeed, "user")),
    Section("connections", _("Your connections"), connections),
    Section("api_tokens", _("Your API tokens"), own(ApiToken, "user")),
    Section("applications", _("Your applications"), of(applications)),
    Section("preferences", _("Mentors you chose"), own(mentoring.Preference, "mentee")),
    Section("match_requests", _("Match requests"), own(mentoring.MatchRequest, "mentee")),
    Section("talk_requests", _("Requests to talk to the program admin"), own(mentoring.TalkRequest, "user")),
    Section("huddle_questions", _("Your questions to other mentors"), own(mentoring.HuddleQuestion, "author")),
    Section("huddle_answers", _("Your answers to other mentors"), own(mentoring.HuddleAnswer, "author")),
    Section("pairs", _("Your pairs"), of(lambda reader: reader.pairs)),
    Section("pauses", _("Pauses"), in_pairs(mentoring.Pause, "pair")),
    Section("agreements", _("Working agreements"), in_pairs(mentoring.Agreement, "pair")),
    Section("signatures", _("Agreed by"), in_pairs(mentoring.Signature, "agreement__pair")),
    Section("pulse", _("How is it going?"), own(mentoring.PulseAnswer, "user")),
    Section("exit_answers", _("Your answers at the end"), own(mentoring.ExitAnswer, "user")),
    Section("goals", _("Goals"), visible(goals.Goal)),
    Section("milestones", _("Milestones"), visible(goals.Milestone)),
    Section("work_events", _("Work events"), visible(goals.WorkEvent)),
    Section("plans", _("Improvement plans"), visible(goals.Plan)),
    Section("plan_versions", _("Versions of plans"), visible(goals.PlanVersion)),
    Section("pivots", _("Changes of direction"), in_pairs(goals.Pivot, "pair")),
    Section("commitments", _("Commitments"), visible(goals.Commitment)),
    Section("commitment_events", _("Changes to commitments"), visible(goals.CommitmentEvent)),
    Section("indicators", _("Indicators"), visible(goals.Indicator)),
    Section("readings", _("Values"), visible(goals.Reading)),
    Section("feedback_rounds", _("Feedback rounds"), visible(goals.FeedbackRound)),
    Section("feedback_invites", _("Colleagues you asked for feedback"), of(invited_colleagues)),
    Section("feedback_answers", _("Answers from colleagues"), published_answers),
    Section("outcomes", _("Outcomes"), visible(goals.Outcome)),
    Section("kudos", _("Kudos"), visible(goals.Celebration)),
    Section("recommendations", _("Recommendations"), of(lambda r: goals.AdvocacyNote.objects.readable_by(r.person))),
    Section("series", _("Series of sessions"), in_pairs(sessions.Series, "pair")),
    Section("sessions", _("Sessions"), visible(sessions.Session)),
    Section("blocks", _("Session notes"), visible(sessions.Block)),
    Section("agenda", _("Topics and questions"), visible(sessions.AgendaItem)),
    Section("item_outcomes", _("What became of the topics"), in_pairs(sessions.ItemOutcome, "session__pair")),
    Section("moves", _("Rescheduled sessions"), in_pairs(sessions.SessionMove, "session__pair")),
    Section("answers", _("Did you meet?"), in_pairs(sessions.SessionAnswer, "session__pair")),
    Section("ratings", _("How useful your sessions were"), of(ratings)),
    Section("status_updates", _("Status updates"), of(status_updates)),
    Section("challenges", _("Current challenges"), visible(sessions.StillRight)),
    Section("check_ins", _("Check-ins"), visible(sessions.CheckIn)),
    Section("energy_checks", _("What you decided about your sessions"), visible(sessions.EnergyCheck)),
    Section("feedback", _("Feedback given and received"), visible(sessions.Feedback)),
    Section("private_notes", _("Private notes"), visible(sessions.PrivateNote)),
    Section("text_versions", _("Earlier versions of your texts"), own(sessions.TextVersion, "created_by")),
    Section("entries", _("Practice"), written(practice.own_entries)),
    Section("practice_plans", _("Practices you planned"), written(practice.own_plans)),
    Section("buddy_lines", _("Lines to your buddy"), written(practice.own_lines)),
    Section("stakeholders", _("Stakeholder map"), written(practice.own_stakeholders)),
    Section("opportunities", _("Opportunities you posted"), own(Opportunity, "poster")),
    Section("opportunity_answers", _("Applications you received"), applications_to_own),
    Section("opportunity_applications", _("Applications for opportunities"), written(practice.own_applications)),
    Section("shared_entries", _("Practice entries shared with you"), shared_entries),
    Section("introductions", _("Introductions"), visible(Introduction)),
    Section("resources", _("Resources"), visible(PairResource)),
    Section("snoozed_flags", _("Pairs you snoozed, and why"), own(Flag, "snoozed_by")),
    Section("reminders", _("Your reminders"), own(Reminder, "recipient")),
    Section("audit", _("Your actions in the audit log"), own(AuditEvent, "user")),
]
