"""Tests that every page and email is written in the language of the person who reads it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import caches
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import trans_real

from accounts.models import Installation, SignIn, User
from api.models import ApiToken
from core import formatting
from dashboard.models import Digest, Flag, FlagRule
from goals.models import Competency, Priority
from mentoring.models import (
    Application,
    Enrollment,
    HuddleAnswer,
    HuddleQuestion,
    ImportRun,
    Pair,
    Profile,
    Program,
)
from practice import inventory_files
from practice.models import Entry, InventoryVersion, Opportunity, ProgramInventory, Resource
from reminders import emails
from reminders.intents import KINDS, Intent, Kind
from reminders.models import ChatWebhook, Delivery, Snooze
from sessions import topic_packs
from sessions.models import Block, BusyCalendar, Session, SessionMove
from tests import everything, make, pseudo
from tests.walks import rows_of

# Names, addresses and codes that are the same in every language.
ALLOWED = (
    r"Throughline(?: \d\S+)?|\S+@\S+|https?://\S+|\b(CSV|XLSX?|ODS|YAML|PDF|HTML|UTC|ICS)\b|\.(csv|xlsx|yaml|ics)\b"
    r"|Ada Lind, |English|Deutsch|Español|\b(Europe|Asia|America)/\w+|\btl_[\w-]{43}|whsec_\S+"
    r"|\bcalendar\.example\.org|\bhooks\.slack\.com"
)
HANZI = "学习交流"


def fill_with_chinese() -> None:
    """Replace what people wrote, and their names, so that no plain letter is left of it."""
    from_templates = {block.pk: {"title": block.title, "question": block.question} for block in Block.objects.all()}
    everything.fill_texts(lambda row, field: f"{HANZI}{row.pk}"[: field.max_length or 80])
    for pk, texts in from_templates.items():
        if texts["title"] != "Topic":
            Block.objects.filter(pk=pk).update(**texts)
    for model in (User, Program, Application, Enrollment):
        for row in model.objects.all():
            row.name = f"{HANZI}{row.pk}"
            row.save()
    for model in (Competency, Priority):
        for row in model.objects.all():
            model.objects.filter(pk=row.pk).update(title=f"{HANZI}{row.pk}")
    Application.objects.update(why=HANZI)
    ApiToken.objects.update(name=HANZI)
    for model in (HuddleQuestion, HuddleAnswer):
        model.objects.update(text=HANZI)
    Resource.objects.update(title=HANZI, note=HANZI)
    Opportunity.objects.update(title=HANZI, text=HANZI)
    own = {"title": HANZI, "themes": [{"title": HANZI, "statements": [HANZI]}]}
    ProgramInventory.objects.update(title=HANZI, statements=f"{HANZI}\n- {HANZI}")
    InventoryVersion.objects.update(content=own)
    Profile.objects.update(wants=[HANZI], offers=[HANZI], interests=[HANZI], languages=[HANZI], team=HANZI)
    Installation.objects.update(operator_name=HANZI)
    ImportRun.objects.update(file_name=f"{HANZI}.csv")
    pack = asdict(topic_packs.shipped("en")["conflict"])
    parts = {"questions": [HANZI], "practices": [{"do": HANZI, "done_when": HANZI}]}
    parts["entries"] = [{"kind": "conversation", "what_for": HANZI}]
    pack |= dict.fromkeys(("title", "about", "example"), HANZI) | parts
    for block in pack["agenda"]["blocks"]:
        block |= {"title": HANZI, "question": HANZI}
    others = [key for key in topic_packs.shipped("en") if key != "conflict"]
    Program.objects.update(packs={"own": [pack], "left_out": others})


def in_chinese(inventory: inventory_files.Inventory) -> inventory_files.Inventory:
    """Return an inventory whose texts, which have files of their own for each language, are Chinese."""
    themes = [
        replace(theme, title=HANZI, statements=[replace(statement, text=HANZI) for statement in theme.statements])
        for theme in inventory.themes
    ]
    return replace(inventory, title=HANZI, about=HANZI, themes=themes)


@contextmanager
def world_in(language: str):
    """The world of all pages for people who read this language and write Chinese."""
    with translation.override(language):
        world = everything.build()
        fill_with_chinese()
        User.objects.update(language=language, short_name="")
        yield world


@pytest.fixture
def world(db, monkeypatch, settings):
    """The world of all pages, in a language in which every translated letter has an accent."""
    pseudo.replace_catalog(monkeypatch)
    read = inventory_files.read
    monkeypatch.setattr(inventory_files, "read", lambda source, _language: in_chinese(read(source, "en")))
    settings.LANGUAGE_CODE = "de"
    forget_texts()
    with world_in("de") as world:
        yield world
    forget_texts()


def forget_texts() -> None:
    """Drop texts that are kept by language, because one language has two catalogs here."""
    for kept in (formatting._date_text, formatting._time_text):
        kept.cache_clear()
    caches["template_fragments"].clear()


def plain_words_of(response, typed: str = "") -> list[str]:
    if response.streaming or not response.headers["Content-Type"].startswith("text/html"):
        return []
    return pseudo.plain_words(response.content.decode(), ALLOWED + typed)


def client_of(world, who: str, language: str = "de") -> Client:
    client = Client(headers={"Accept-Language": language})
    if world.actors[who]:
        client.force_login(world.actors[who])
    return client


# Headings and cells of the imported file, which its page shows.
IMPORTED = r"|\b(email|name|role|mentor|mentee|Nia Cole|Nobody)\b"


def listed(plain: dict[str, list[str]]) -> str:
    return "\n".join(f"{name}: {text}" for name, found in plain.items() for text in found)


@pytest.mark.walk
@pytest.mark.parametrize("who", ["anonymous", "mentee", "mentor", "admin"])
def test_every_text_of_every_page_is_translated(world, who):
    client, plain = client_of(world, who), {}
    for name, row in rows_of(who).items():
        imported = IMPORTED if name.startswith("import_") else ""
        plain[name] = plain_words_of(client.get(reverse(name, args=world.arguments(row))), imported)
    assert not any(plain.values()), listed(plain)


@pytest.mark.walk
@pytest.mark.parametrize("who", ["anonymous", "mentee", "mentor", "admin"])
def test_every_answer_to_a_form_is_translated(world, who):
    """Each form is sent empty and filled; both answers, and the page with the message after them, are read."""
    plain, client = {}, client_of(world, who)
    cookies = client.cookies.output()
    for name, row in rows_of(who, "post").items():
        typed = "".join(f"|{re.escape(value)}" for value in row.data.values() if isinstance(value, str) and value)
        typed += IMPORTED if name.startswith("import_") else ""
        for data in ({}, row.data) if row.data else ({},):
            with transaction.atomic():
                client.cookies.clear()
                client.cookies.load(cookies.replace("Set-Cookie: ", ""))
                response = client.post(reverse(name, args=world.arguments(row)), data)
                plain[name] = plain.get(name, []) + plain_words_of(response, typed)
                if response.status_code == 302 and response.headers["Location"].startswith("/"):
                    plain[name] += plain_words_of(client.get(response.headers["Location"]), typed)
                transaction.set_rollback(True)
    assert not any(plain.values()), listed(plain)


def make_all_due(pair: Pair) -> None:
    """Add rows for the kinds of emails about which there is nothing in the world of all pages."""
    now, today = timezone.now(), timezone.localdate()
    soon = now + timedelta(days=3)
    make.session(pair, soon.replace(tzinfo=None), series=pair.series.first(), series_on=soon.date())
    for n, name in enumerate(("canceled_at", "skipped_at"), 4):
        called_off = make.session(pair, (soon + timedelta(days=n)).replace(tzinfo=None))
        Session.objects.filter(pk=called_off.pk).update(**{name: now})
    moved = make.session(pair, (soon + timedelta(days=9)).replace(tzinfo=None))
    SessionMove.objects.create(session=moved, from_at=soon, to_at=moved.starts_at, created_by=pair.mentor, reason=HANZI)
    others = Pair.objects.exclude(pk=pair.pk).filter(ended_at=None)
    others.update(check_ins_since=now - timedelta(days=9))
    make.check_in(others[0], "help", HANZI)
    Session.objects.filter(pk=make.past_session(others[1], days=9).pk).update(closed_at=now, held_at=now)
    ended = Pair.objects.filter(ended_at__isnull=False)
    ended.update(ended_by=pair.mentor, kept_until=today + timedelta(days=60))
    pair.pauses.create(from_on=today, resume_on=today + timedelta(days=20))
    check_in = pair.check_ins.order_by("-pk").first()
    check_in.add_reply(check_in.version, HANZI)
    admin = pair.program.enrollments.filter(role="admin").first().user
    Entry.objects.filter(pk=make.entry(pair.mentee, pair, "conversation").pk).update(happens_on=today)
    Digest.objects.create(program=pair.program, user=admin, due_on=today)
    flag = Flag.objects.create(pair=pair, rule=FlagRule.NO_AGREEMENT, level="amber", reminded_at=now)
    Flag.objects.create(pair=flag.pair, rule=FlagRule.NO_CURRENT_GOAL, level="red")
    make.opportunity_application(make.opportunity(pair.program, pair.mentor, HANZI), pair.mentee, HANZI)
    orphan = make.opportunity(pair.program, make.user(), HANZI)
    Opportunity.objects.filter(pk=orphan.pk).update(orphaned_at=now)
    make.feedback(pair, differently=HANZI)
    subject = f"commitment:{make.commitment(pair, text=HANZI).pk}"
    Snooze.objects.create(user=pair.mentee, kind="commitment_due", subject=subject, ends_at=now)
    SignIn.objects.create(user=pair.mentee, browser=HANZI, new_device_at=now)
    ChatWebhook.objects.update(off_since=now)
    BusyCalendar.objects.update(failing_since=now, problem="status")
    make.user(HANZI, kept_until=today + timedelta(days=30))
    make.user(HANZI, erase_at=now, erase_waits_since=now)
    make.user(HANZI, is_superuser=True)


def intents_of(kind: Kind, pair: Pair) -> list[Intent]:
    """Return what is due about any row of this kind, at any time; if nothing is, as if it were for the mentee."""
    rows = list(kind.rows())
    due = list(kind.derive(rows))
    day = timezone.localdate().isoformat()
    return due or [kind.intent(row, pair.mentee_id, day, timezone.now(), None) for row in rows]


@pytest.mark.walk
def test_every_email_is_translated(world):
    plain, written, pair = {}, set(), Pair.objects.get(pk=world.rows["pair"])
    make_all_due(pair)
    for kind in KINDS.values():
        for intent in intents_of(kind, pair):
            delivery = Delivery(recipient=User.objects.get(pk=intent.recipient_id), is_bundle=bool(kind.topic))
            message = emails.compose(delivery, [intent])
            texts = (message.subject, message.body, message.alternatives[0].content)
            found = [words for text in texts for words in pseudo.plain_words(text, ALLOWED)]
            plain[kind.name] = plain.get(kind.name, []) + found
            written.add(kind.name)
    assert not any(plain.values()), listed(plain)
    assert written == set(KINDS), sorted(set(KINDS) - written)


# Words that no German and no Spanish text has.
ENGLISH = re.compile(r"\b(the|and|your|you|with|this|from|when|have|are)\b", re.IGNORECASE)
DRAWN = re.compile(r"<(?:svg|rect|line|circle|path|text|polyline)\b[^>]*>")
GEOMETRY = re.compile(r'\b(?:x|y|x1|x2|y1|y2|cx|cy|r|rx|dx|width|height|points|viewBox)="([^"]*)"')


def drawing(html: str) -> list[str]:
    return GEOMETRY.findall("".join(DRAWN.findall(html)))


def pages(world, who: str, language: str, only: set[str] | None = None) -> Iterator[tuple[str, str]]:
    """Yield the URL name and the HTML of every page this person can read, or only of these."""
    SignIn.objects.all().delete()  # so that every list of devices has one row
    client = client_of(world, who, language)
    for name, row in rows_of(who).items():
        if only is not None and name not in only:
            continue
        response = client.get(reverse(name, args=world.arguments(row)))
        assert response.status_code < 500 or name == "healthz", name
        if not response.streaming and response.headers["Content-Type"].startswith("text/html"):
            yield name, response.content.decode()


@pytest.fixture
def new_texts(monkeypatch):
    """new_texts(language) returns a set of texts that are not in its catalog yet, which `make lint` reports."""

    def note(language: str) -> set[str]:
        catalog, found = trans_real.translation(language), set()

        def noting(translate):
            def translate_and_note(*args):
                text = translate(*args)
                found.update({text} & set(args[:2]))
                return text

            return translate_and_note

        for name in ("gettext", "ngettext"):
            monkeypatch.setattr(catalog, name, noting(getattr(catalog, name)))
        return found

    return note


def literally(texts: set[str]) -> str:
    """Return a pattern for the words of these texts between their placeholders."""
    chunks = {chunk.strip() for text in texts for chunk in pseudo.KEPT.split(text)[::2] if " " in chunk.strip()}
    return "".join(f"|{re.escape(chunk)}" for chunk in sorted(chunks, key=len, reverse=True))


@pytest.mark.walk
@pytest.mark.parametrize("language", ["de", pytest.param("es", marks=pytest.mark.release)])
def test_pages_in_another_language_have_no_english(db, settings, new_texts, language):
    settings.LANGUAGE_CODE, wrong, new = language, [], new_texts(language)
    with world_in(language) as world, time_machine.travel(timezone.now(), tick=False):
        for who in ("anonymous", "mentee", "admin"):
            translated = dict(pages(world, who, language))
            User.objects.update(language="en")
            drawn = {name for name, html in translated.items() if drawing(html)}
            english = dict(pages(world, who, "en", drawn))
            User.objects.update(language=language)
            for name, html in translated.items():
                if "<html" in html and f'<html lang="{language}" dir="ltr"' not in html:
                    wrong.append(f"{name} has another lang")
                wrong += [f"{name}: {text}" for text in pseudo.plain_words(html, ALLOWED + literally(new), ENGLISH)]
                if drawing(html) != drawing(english.get(name, html)):
                    wrong.append(f"{name}: a number in a drawing is written for people")
    assert not wrong, "\n".join(wrong)
