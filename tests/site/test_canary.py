"""Tests that texts of a pair appear only on its pages, and private texts only on those of their author.

Every text field gets a unique canary; then all pages are read as everybody else.
"""

import logging
import re
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.core import mail
from django.core.cache import cache
from django.core.serializers import serialize
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import settings as hypothesis_settings

from goals.models import (
    Commitment,
    CommitmentEvent,
    FeedbackRound,
    Goal,
    Indicator,
    Milestone,
    Outcome,
    Plan,
    WorkEvent,
)
from mentoring.models import Agreement, Enrollment, Pair, Program
from practice.models import (
    Buddies,
    BuddyUpdate,
    Entry,
    EntryText,
    Introduction,
    Opportunity,
    OpportunityApplication,
    PairResource,
    PracticePlan,
    Stakeholder,
)
from reminders import tasks
from sessions import texts
from sessions.models import (
    AgendaItem,
    AgendaTemplate,
    CheckIn,
    Feedback,
    PrivateNote,
    Session,
    SessionMove,
    StatusUpdate,
)
from tests import everything
from tests.access import TABLE
from tests.walks import rows_of

CANARY = re.compile(r"Canary\d{10}")
SESSIONS = ("session", "running session", "session with a recap", "past session")
NAMED_BY = dict.fromkeys(SESSIONS, Session) | {
    "pair": Pair,
    "program": Program,
    "commitment": Commitment,
    "commitment of the session": Commitment,
    "commitment event": CommitmentEvent,
    "check-in": CheckIn,
    "item": AgendaItem,
    "agenda template": AgendaTemplate,
    "invited person": Enrollment,
    "agreement": Agreement,
    "goal": Goal,
    "work event": WorkEvent,
    "past work event": WorkEvent,
    "milestone": Milestone,
    "plan": Plan,
    "indicator": Indicator,
    "an outcome": Outcome,
    "feedback round": FeedbackRound,
    "feedback": Feedback,
    "own entry": Entry,
    "own debrief": Entry,
    "own inventory": Entry,
    "own plan": PracticePlan,
    "own stakeholder": Stakeholder,
    "buddies": Buddies,
    "introduction": Introduction,
    "pair resource": PairResource,
    "opportunity": Opportunity,
    "opportunity application": OpportunityApplication,
}
PIECES = dict.fromkeys(("status", "note"), Session)  # whose key has the number of another row
TO_ONE_PERSON = BuddyUpdate | OpportunityApplication  # read by one other person, who may be of another pair
SECRETS = ("mentoring_sessions.BusyCalendar", "reminders.ChatWebhook")  # hold everything.SECRET_ADDRESS, encrypted
SECRET_TABLES = ("mentoring_sessions_busycalendar", "reminders_chatwebhook")
IN_A_RELEASE = hypothesis_settings.get_current_profile_name() == "release"
QUICK_STRANGERS = ("admin", "other mentor")  # test_access.py checks that others get 404
STRANGERS = sorted({"anonymous", "other mentee", "other mentor", "admin", "other admin", "former mentee", "superuser"})


@pytest.fixture(scope="module")
def _planted(django_db_setup, django_db_blocker):
    """Created once for all tests here, each of which rolls back its changes."""
    with django_db_blocker.unblock(), transaction.atomic():
        world, places = everything.build(), {}

        def plant(row, field) -> str:
            word = f"Canary{len(places):010d}"
            places[word] = (row, field.name)
            return word

        everything.fill_texts(plant)
        yield world, places
        transaction.set_rollback(True)


@pytest.fixture
def planted(_planted, db) -> tuple:
    """Put a canary into every text field; return the world and the place of each canary."""
    return _planted


def addresses(world, of_all_rows: bool = True) -> list[str]:
    """Return every URL that can be read, for every row, or for the first and the last of each kind."""
    found = []
    for name, row in TABLE.items():
        if row.get is None or name in BY_LINK:
            continue
        if row.args == ("note of a block",):
            found += [reverse(name, args=[key]) for key in (keys() if IN_A_RELEASE else telling_keys())]
        elif row.args and row.args[0] in NAMED_BY:
            pks = rows_to_open(name, NAMED_BY[row.args[0]])
            pks = pks if of_all_rows else {pks[0], pks[-1]}
            found += [reverse(name, args=[pk, *world.arguments(row)[1:]]) for pk in pks]
        else:
            found.append(reverse(name, args=world.arguments(row)))
    older = f"{reverse('pair_detail', args=[world.rows['pair']])}?page=2"
    return [*found, older, f"{reverse('search')}?q=canary"]


def one_of_each_kind(world) -> list[str]:
    return [reverse(name, args=world.arguments(row)) for name, row in rows_of("mentee").items()]


# Pages behind links in emails: anyone with the link can read them, so they show only the title.
BY_LINK = {
    *("email_commitment", "email_met", "email_update", "email_check_in", "email_help", "email_indicator", "email_stop"),
    "feedback_round_answer",
}
TITLES = {
    *(("goals.Commitment", "text"), ("goals.FeedbackRound", "about")),
    *(("goals.Indicator", "title"), ("goals.Indicator", "unit")),
}


def test_a_link_in_an_email_shows_only_the_title(planted):
    world, places = planted
    for name in BY_LINK & set(TABLE):
        page = reader(None)(reverse(name, args=world.arguments(TABLE[name])))
        found = {(places[word][0]._meta.label, places[word][1]) for word in CANARY.findall(page)}
        assert found <= TITLES, f"{found} at {name}"


def keys() -> list[str]:
    """Return the key of every text."""
    found = []
    for kind in texts.KINDS.values():
        pks = PIECES.get(kind.name, kind.model).objects.values_list("pk", flat=True)
        found += [f"{kind.name}-{pk}-{field}" for pk in pks for field in kind.fields]
    return found


def rows_to_open(name: str, model: type) -> list[int]:
    """Return the rows of which this page is read: all in a release, otherwise some of those with many alike.

    Of the practice entries every one is read, but changed only one by each author, private and shared.
    """
    rows = list(model.objects.order_by("pk"))
    if IN_A_RELEASE or len(rows) <= 5 or name == "entry_detail":
        return [row.pk for row in rows]
    if model is Entry:
        return list({(row.author_id, row.shares.exists()): row.pk for row in rows}.values())
    return [row.pk for row in (*rows[:2], rows[-1])]


def telling_keys() -> list[str]:
    """Return the key of one text of each kind, field and author, private and shared."""
    chosen = {}
    for key in keys():
        name, pk, field = key.split("-", 2)
        row = PIECES.get(name, texts.KINDS[name].model).objects.get(pk=pk)
        if isinstance(row, EntryText):
            chosen[name, row.entry.author_id, row.entry.shares.exists()] = key
        else:
            author = getattr(row, "author_id", getattr(row, "created_by_id", None))
            chosen[name, field, author, bool(getattr(row, "shared_at", None))] = key
    return list(chosen.values())


def reader(user):
    """Return the response to this person at a URL, with its headers."""
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user)

    def read(url: str) -> str:
        answer = client.get(url)
        assert answer.status_code < 500 or url == reverse("healthz"), url
        return f"{answer.content.decode()} {answer.headers}"

    return read


def is_private(row) -> bool:
    """Return True for a note, a draft, a practice plan, an application, and a practice entry that is not shared."""
    if isinstance(row, EntryText):
        return not row.entry.shares.exists()
    return isinstance(row, PrivateNote | PracticePlan | Stakeholder | TO_ONE_PERSON) or (
        isinstance(row, StatusUpdate | Feedback) and not row.shared_at
    )


def private_to_one(places, who) -> set[str]:
    """Return the canaries in private texts of people other than `who`."""
    return {word for word, (row, _name) in places.items() if is_private(row) and who.pk not in readers_of(row)}


def readers_of(row) -> set[int]:
    """Return who may read a private text."""
    if isinstance(row, BuddyUpdate):
        return {row.buddies.asked_by_id, row.buddies.other_id}
    if isinstance(row, OpportunityApplication):
        return {row.applicant_id, row.opportunity.poster_id}
    if isinstance(row, Feedback):
        return {row.created_by_id}
    return {row.user_id if isinstance(row, PracticePlan) else row.author_id}


@pytest.mark.walk
def test_nobody_else_can_read_texts_of_a_pair(planted):
    world, places = planted
    urls = addresses(world, of_all_rows=IN_A_RELEASE)
    for stranger in STRANGERS if IN_A_RELEASE else QUICK_STRANGERS:
        read, person = reader(world.actors[stranger]), world.actors[stranger]
        to_somebody = {word: row for word, (row, _name) in places.items() if isinstance(row, TO_ONE_PERSON)}
        own = {word for word, row in to_somebody.items() if person and person.pk in readers_of(row)}
        for url in urls:
            found = [places[word] for word in CANARY.findall(read(url)) if word not in own]
            assert not found, f"{stranger} reads {[(type(row).__name__, name) for row, name in found]} at {url}"


@pytest.mark.walk
@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_the_partner_cannot_read_notes_and_drafts(planted, who):
    """The partner reads nearly everything else, which shows that the canaries are found."""
    world, places = planted
    theirs = private_to_one(places, world.actors[who])
    assert theirs
    seen, read = set(), reader(world.actors[who])
    for url in addresses(world):
        words = set(CANARY.findall(read(url)))
        assert not words & theirs, f"{who} reads {[places[word] for word in words & theirs]} at {url}"
        seen |= words
    unseen = {(row._meta.label, name) for row, name in places.values()} - {
        (places[word][0]._meta.label, places[word][1]) for word in seen
    }
    hidden = {("goals.CommitmentEvent", "previous_values"), ("mentoring_sessions.Series", "place")}
    hidden |= {
        ("mentoring_sessions.Block", "planned_question")
    }  # offered again in the session room, while its block is current
    if who == "mentor":  # whom she asked for feedback, her answers at the end, and her lines to another mentee
        hidden |= {("goals.FeedbackInvite", "name"), ("mentoring.ExitAnswer", "takeaway")}
        hidden |= {("practice.BuddyUpdate", "text"), ("practice.BuddyUpdate", "reply")}
    assert unseen == hidden


def test_emails_logs_cache_and_reminders_contain_no_texts(planted, settings, caplog):
    """Emails contain titles and go to the pair only; logs, cache and stored reminders contain no text."""
    settings.EMAIL_URL = "smtp://localhost"
    world, places = planted
    pair = Pair.objects.get(pk=world.rows["pair"])
    read = reader(pair.mentee)
    with caplog.at_level(logging.INFO):
        for url in addresses(world) if IN_A_RELEASE else one_of_each_kind(world):
            read(url)
        for hours in (0, 1, 24, 48):
            with time_machine.travel(timezone.now() + timedelta(hours=hours), tick=False):
                tasks.plan_and_send()
    assert mail.outbox, "some mail is due in this world"
    titles = ("title", "text", "done_when", "place")
    no_titles = {word for word, (_row, name) in places.items() if name not in titles}
    no_titles -= {
        word for word, (row, name) in places.items() if name == "reason" and isinstance(row, Session | SessionMove)
    }
    no_titles |= {
        word
        for word, (row, _name) in places.items()
        if isinstance(row, PrivateNote | EntryText | PracticePlan | Stakeholder)
    }
    for message in mail.outbox:
        words = set(CANARY.findall(str(message.message())))
        assert not words & no_titles, [places[word] for word in words & no_titles]
        assert not words or message.to[0] in (pair.mentor.email, pair.mentee.email)
    assert not CANARY.search(caplog.text)
    written = {model for model, _field in everything.text_fields()}
    for model in apps.get_models():
        if model not in written and model._meta.label not in ("accounts.OutboxMail", *SECRETS):
            assert not CANARY.search(serialize("json", model.objects.all())), model
    assert not CANARY.search(repr(getattr(cache, "_cache", "")))


def test_a_copy_of_the_database_reveals_no_private_text(planted):
    tables = [model._meta.db_table for model in apps.get_app_config("practice").get_models()]
    with connection.cursor() as cursor:
        for table in ("mentoring_sessions_privatenote", *SECRET_TABLES, *tables):
            cursor.execute(f'SELECT * FROM "{table}"')
            assert not CANARY.search(str(cursor.fetchall())), table
