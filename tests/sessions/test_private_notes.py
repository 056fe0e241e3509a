"""Tests private notes: nobody but their author can read them on pages, in emails or in the database."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from django.urls import reverse

from core.fields import UnreadableText, cipher
from core.optimistic_locking import fingerprint
from mentoring.models import Pair
from sessions.models import PrivateNote, TextVersion
from tests import access, make

CANARY = "heron-7391"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def session(pair):
    return make.session(pair)


def write(client, what: str, text: str, before: str = "", **more):
    data = {"text": text, "started_from": fingerprint(before), **more}
    return client.post(reverse("text_edit", args=[what]), data, headers=HTMX)


def test_there_is_one_note_per_session_and_one_per_pair(as_, sam, pair, session):
    assert write(as_(sam), f"note-{session.pk}-session", "For today").status_code == 200
    assert write(as_(sam), f"note-{pair.pk}-pair", "For the whole time").status_code == 200
    assert write(as_(sam), f"note-{session.pk}-session", "For today, more", before="For today").status_code == 200
    panel = as_(sam).get(reverse("session_private_note", args=[session.pk]), headers=HTMX).content.decode()
    assert "For today, more" in panel and "For the whole time" in panel
    assert "For the whole time" in as_(sam).get(reverse("pair_private_note", args=[pair.pk])).content.decode()
    assert PrivateNote.objects.count() == 2


def test_reading_creates_no_note(as_, sam, pair, session):
    as_(sam).get(reverse("session_private_note", args=[session.pk]))
    as_(sam).get(reverse("text_edit", args=[f"note-{session.pk}-session"]))
    assert not PrivateNote.objects.exists()


def test_two_simultaneous_first_saves_create_one_note(as_, sam, session):
    what = f"note-{session.pk}-session"
    assert write(as_(sam), what, "From the laptop").status_code == 200
    answer = write(as_(sam), what, "From the phone")
    assert answer.status_code == 409
    assert "You changed this in another window. Both versions are below." in answer.content.decode()
    assert "From the laptop" in answer.content.decode()


def test_the_text_is_not_readable_in_the_database(as_, sam, pair, session):
    write(as_(sam), f"note-{session.pk}-session", f"About Ada: {CANARY}")
    write(as_(sam), f"note-{pair.pk}-pair", f"Lasting: {CANARY}")
    write(as_(sam), f"note-{pair.pk}-pair", f"Changed: {CANARY}", before=f"Lasting: {CANARY}")
    assert PrivateNote.objects.get(session=session).text == f"About Ada: {CANARY}"
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            assert CANARY not in str(cursor.fetchall()), table
    assert not TextVersion.objects.exists(), "private text has no shared history"


def test_changing_a_private_note_is_invisible_to_others(as_, sam, pair, session):
    before = Pair.objects.get(pk=pair.pk).revision
    write(as_(sam), f"note-{session.pk}-session", CANARY)
    assert Pair.objects.get(pk=pair.pk).revision == before


@pytest.mark.walk
def test_no_page_shows_a_private_note_to_others(as_, db):
    world = access.build()
    sam = world.actors["mentor"]
    session, pair = world.rows["session"], world.rows["pair"]
    notes = [f"note-{session}-session", f"note-{pair}-pair"]
    for what in notes:
        assert write(as_(sam), what, CANARY).status_code == 200
    for actor in ("mentee", "admin"):  # test_canary.py checks all actors on all pages
        client = as_(world.actors[actor])
        pages = [reverse(name, args=world.arguments(row)) for name, row in access.TABLE.items() if row.get]
        pages += [reverse(name, args=[what]) for name in ("text_edit", "text_history") for what in notes]
        for page in pages:
            for headers in ({}, HTMX):
                assert CANARY not in client.get(page, headers=headers).content.decode(), f"{page} for {actor}"
        for what in notes:
            answer = client.post(reverse("text_edit", args=[what]), {"text": "x", "started_from": ""}, headers=HTMX)
            assert CANARY not in answer.content.decode(), f"conflict at {what} for {actor}"
    assert {note.text for note in PrivateNote.objects.filter(author=sam)} == {CANARY}


def test_a_note_is_not_saved_under_the_partners_sign_in(as_, sam, ada, session):
    """Both share one browser: Sam's page is open, and Ada has signed in since."""
    assert write(as_(ada), f"note-{session.pk}-session", CANARY, writer=sam.pk).status_code == 403
    assert not PrivateNote.objects.exists()


def test_the_author_can_read_it_after_the_pair_ended(as_, sam, pair, session):
    write(as_(sam), f"note-{pair.pk}-pair", CANARY)
    pair.end()
    page = as_(sam).get(reverse("pair_private_note", args=[pair.pk])).content.decode()
    assert CANARY in page and "text-open" not in page
    assert write(as_(sam), f"note-{pair.pk}-pair", "More", before=CANARY).status_code == 404


class TestScreenSharing:
    @pytest.fixture
    def client(self, as_, sam, session):
        client = as_(sam)
        write(client, f"note-{session.pk}-session", CANARY)
        client.post(reverse("screen_share", args=[session.pk]), {"sharing": "1"})
        return client

    def test_hides_the_notes(self, client, session, pair):
        for url in (reverse("session_private_note", args=[session.pk]), reverse("pair_private_note", args=[pair.pk])):
            for headers in ({}, HTMX):
                page = client.get(url, headers=headers).content.decode()
                assert CANARY not in page and "share your screen" in page

    def test_hides_notes_about_other_people(self, client, sam):
        other = make.pair(mentor=sam, mentee=make.user("Kofi Mensah"))
        write(client, f"note-{other.pk}-pair", CANARY)
        assert CANARY not in client.get(reverse("pair_private_note", args=[other.pk])).content.decode()

    def test_ends_with_the_session(self, client, session):
        session.closed_at = session.ends_at
        session.save()
        assert CANARY in client.get(reverse("session_private_note", args=[session.pk])).content.decode()

    def test_ends_when_sharing_is_turned_off(self, client, session):
        client.post(reverse("screen_share", args=[session.pk]), {"sharing": "0"})
        assert CANARY in client.get(reverse("session_private_note", args=[session.pk])).content.decode()

    def test_applies_to_this_browser_only(self, client, as_, sam, session):
        assert CANARY in as_(sam).get(reverse("session_private_note", args=[session.pk])).content.decode()

    def test_saves_text_that_was_being_typed(self, client, session):
        answer = write(client, f"note-{session.pk}-session", f"{CANARY} and on", before=CANARY)
        assert answer.status_code == 200


def test_notes_are_collapsed_at_first(rf, as_, sam, pair, session):
    client = as_(sam)
    write(client, f"note-{session.pk}-session", CANARY)
    closed = client.get(reverse("session_private_note", args=[session.pk]) + "?closed", headers=HTMX).content.decode()
    assert CANARY not in closed and 'id="only-you-open"' in closed


# --- Encryption bound to the row ---


def raw(statement: str, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if statement.startswith("SELECT") else None


def test_ciphertext_copied_to_another_row_is_unreadable(as_, sam, ada, pair, session):
    write(as_(ada), f"note-{session.pk}-session", f"About Sam: {CANARY}")
    write(as_(sam), f"note-{session.pk}-session", "Mine")
    hers, his = (PrivateNote.objects.get(author=person) for person in (ada, sam))
    raw(
        "UPDATE mentoring_sessions_privatenote SET text ="
        " (SELECT text FROM mentoring_sessions_privatenote WHERE id = %s) WHERE id = %s",
        hers.pk,
        his.pk,
    )
    with pytest.raises(UnreadableText):
        PrivateNote.objects.get(pk=his.pk)
    with pytest.raises(UnreadableText):
        PrivateNote.objects.only("text").get(pk=his.pk)
    for url in (
        reverse("session_private_note", args=[session.pk]),
        reverse("text_edit", args=[f"note-{session.pk}-session"]),
    ):
        answer = as_(sam).get(url)
        assert answer.status_code == 503 and CANARY not in answer.content.decode()
        assert "cannot be read" in answer.content.decode()
    assert PrivateNote.objects.get(pk=hers.pk).text == f"About Sam: {CANARY}"


def test_unbound_notes_are_readable_and_the_migration_binds_them(as_, sam, ada, pair, session):
    write(as_(ada), f"note-{session.pk}-session", "x")
    write(as_(sam), f"note-{session.pk}-session", "x")
    old = cipher().encrypt(b"From before").decode()
    raw("UPDATE mentoring_sessions_privatenote SET text = %s", old)
    assert {note.text for note in PrivateNote.objects.all()} == {"From before"}
    naming = import_module("sessions.migrations.0007_private_text_names_its_row")
    naming.name_rows(None, SimpleNamespace(connection=connection))
    assert {note.text for note in PrivateNote.objects.all()} == {"From before"}
    stored = raw("SELECT text FROM mentoring_sessions_privatenote")
    assert len({text for (text,) in stored}) == 2 and all(text.startswith("2:") for (text,) in stored)
    raw("UPDATE mentoring_sessions_privatenote SET text = %s", stored[0][0])
    with pytest.raises(UnreadableText):
        list(PrivateNote.objects.all())


def test_the_first_key_encrypts_and_older_keys_still_decrypt(as_, sam, session, settings):
    what, old = f"note-{session.pk}-session", settings.PRIVATE_KEYS
    write(as_(sam), what, "With the old key")
    settings.PRIVATE_KEYS = [Fernet.generate_key().decode(), *old]
    assert PrivateNote.objects.get().text == "With the old key"
    assert write(as_(sam), what, "With the new key", before="With the old key").status_code == 200
    settings.PRIVATE_KEYS = settings.PRIVATE_KEYS[:1]
    assert PrivateNote.objects.get().text == "With the new key"
    settings.PRIVATE_KEYS = old
    with pytest.raises(UnreadableText):
        PrivateNote.objects.get()


def test_every_way_to_save_a_note_binds_it_to_its_row(sam, pair, session):
    note = PrivateNote.objects.create(pair=pair, session=session, author=sam, text="Mine")
    note.text = "Changed"
    note.save()
    note.write(note.version, text="Changed again")
    assert PrivateNote.objects.get().text == "Changed again"
    assert raw("SELECT text FROM mentoring_sessions_privatenote")[0][0].startswith("2:")
