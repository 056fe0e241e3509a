"""The page Your data: a person's copy contains everything they wrote and nothing private of others."""

import io
import json
import re
import time
import zipfile

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from goals.models import FeedbackInvite, FeedbackRound
from mentoring.models import ExitAnswer
from operations.own_data import download
from practice.models import EntryText, Stakeholder
from reminders.models import TopicChoice
from sessions.models import PrivateNote, SessionRating
from tests import everything, make
from tests.site.test_canary import CANARY, is_private, readers_of

OWNERS = ("author", "user", "created_by", "owner", "applicant", "poster")
DOWNLOAD = "/preferences/your-data/download/"


@pytest.fixture
def planted(db) -> tuple:
    """Put a canary into every text field; return the world and the row and field of each canary."""
    world, places = everything.build(), {}

    def plant(row, field) -> str:
        word = f"Canary{len(places):010d}"
        places[word] = (row, field.name)
        return word

    everything.fill_texts(plant)
    return world, places


def files_of(person) -> dict[str, str]:
    with download.as_zip(person) as file, zipfile.ZipFile(file) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def writers_of(row) -> set[int]:
    """Return the people who are named as the author of a row."""
    if isinstance(row, EntryText):
        return {row.entry.author_id}
    return {pk for name in OWNERS if (pk := getattr(row, f"{name}_id", None))}


def test_a_contact_learns_nothing_of_what_came_of_an_application(pair, ada):
    kofi = make.participant(pair.program, "mentor", "Kofi Mensah")
    offered = make.opportunity(pair.program, kofi)
    entry = make.entry(ada, pair, "experiment")
    facts = {"state": "accepted", "pair": pair, "experiment": entry, "finished_at": timezone.now()}
    make.opportunity_application(offered, ada, "I would learn to ask", **facts)
    (row,) = json.loads(files_of(kofi)["data.json"])["sections"]["opportunity_answers"]
    assert (row["note"], row["applicant"]) == ("I would learn to ask", "Ada Lind")
    assert not {"pair_id", "commitment_id", "topic_id", "experiment_id", "finished_at"} & row.keys()


@pytest.mark.parametrize("who", ["mentee", "mentor"])
def test_the_copy_has_all_of_ones_own_and_no_private_text(planted, who):
    world, places = planted
    FeedbackRound.objects.update(ended_at=timezone.now())
    person = world.actors[who]
    files = files_of(person)
    seen = set(CANARY.findall(files[download.JSON_FILE]))
    own = {word for word, (row, _name) in places.items() if person.pk in writers_of(row)}
    missing = {(places[word][0]._meta.label, places[word][1]) for word in own - seen}
    assert own and not missing
    private = {word for word, (row, _name) in places.items() if is_private(row) and person.pk not in readers_of(row)}
    others = {word for word, (row, _name) in places.items() if isinstance(row, ExitAnswer) and row.user_id != person.pk}
    if who == "mentor":
        others |= {word for word, (row, _name) in places.items() if isinstance(row, FeedbackInvite)}
    leaked = {(places[word][0]._meta.label, places[word][1]) for word in (private | others) & seen}
    assert private and not leaked
    assert set(CANARY.findall(files[download.HTML_FILE])) <= seen
    texts = {word for word in own if places[word][1] not in {"previous_values"}}
    unread = {
        (places[word][0]._meta.label, places[word][1])
        for word in texts - set(CANARY.findall(files[download.HTML_FILE]))
    }
    assert not unread


def test_nothing_of_another_pair_is_in_the_copy(planted):
    world, places = planted
    files = files_of(world.actors["other mentor"])
    foreign = set(CANARY.findall("".join(files.values())))
    assert {type(places[word][0]).__name__ for word in foreign} <= {"BuddyUpdate", "OpportunityApplication"}
    assert "Lena Brandt" in files[download.HTML_FILE] or "Lena Brandt" in files[download.JSON_FILE]


def test_the_copy_has_settings_and_decrypted_texts(pair, ada, sam):
    PrivateNote.objects.create(pair=pair, author=ada, text="Only mine, ünïcödé")
    PrivateNote.objects.create(pair=pair, author=sam, text="Only Sam’s")
    Stakeholder.objects.create(author=ada, name="Marta", matters="The budget")
    TopicChoice.choose(ada, {"sessions": "weekly"})
    make.entry(ada, pair, lesson="Ask first")
    files = files_of(ada)
    data = json.loads(files[download.JSON_FILE])
    assert data["format"] == "throughline-person/1"
    assert data["sections"]["account"][0]["email"] == ada.email
    assert data["sections"]["private_notes"][0]["text"] == "Only mine, ünïcödé"
    assert data["sections"]["stakeholders"][0]["matters"] == "The budget"
    assert data["sections"]["notifications"][0]["topic"] == "Before and after sessions"
    assert data["sections"]["pairs"][0]["mentor"] == "Sam Okafor"
    page = files[download.HTML_FILE]
    for text in ("Only mine, ünïcödé", "The budget", "Ask first", "Private notes"):
        assert text in page
    assert "Only Sam’s" not in str(files) and sam.email not in str(files)


def test_the_page_to_read_is_in_the_language_of_the_person_and_escapes(pair, ada):
    ada.language = "de"
    ada.save()
    PrivateNote.objects.create(pair=pair, author=ada, text="<script>alert(1)</script>")
    page = files_of(ada)[download.HTML_FILE]
    assert '<html lang="de"' in page and "<script" not in page and "&lt;script&gt;" in page


def test_a_rating_is_in_the_copy_of_the_mentee_alone(pair, ada, sam):
    SessionRating.objects.create(session=make.past_session(pair), heard=1, useful=1)
    assert json.loads(files_of(ada)[download.JSON_FILE])["sections"]["ratings"]
    assert not json.loads(files_of(sam)[download.JSON_FILE])["sections"]["ratings"]


def test_the_download_is_audited_and_limited(as_, ada):
    client = as_(ada)
    assert reverse("your_data_download") in client.get(reverse("your_data")).content.decode()
    answer = client.post(DOWNLOAD)
    archive = zipfile.ZipFile(io.BytesIO(answer.getvalue()))
    assert sorted(archive.namelist()) == [download.JSON_FILE, download.HTML_FILE]
    assert answer["Content-Type"] == "application/zip" and answer["Cache-Control"] == "no-store"
    assert re.search(r"attachment; filename=.throughline-\d{4}-\d\d-\d\d.zip", answer["Content-Disposition"])
    event = AuditEvent.objects.get(action="own data exported")
    assert (event.user, event.subject) == (ada, f"accounts.user:{ada.pk}")
    assert [client.post(DOWNLOAD).status_code for _n in range(3)] == [200, 200, 429]


def test_the_download_asks_for_the_password_again(db):
    make.installation()
    person = make.user("Ada Lind", password="a long passphrase")
    client = Client()
    client.force_login(person)
    web = client.session
    web["signed_in_at"] = time.time() - 16 * 60
    web.save()
    answer = client.post(DOWNLOAD, headers={"referer": reverse("your_data")})
    assert answer.status_code == 302 and answer["Location"].startswith(reverse("account_reauthenticate"))
    answer = client.post(answer["Location"], {"password": "a long passphrase"})
    assert answer.status_code == 302 and answer["Location"] == reverse("your_data")
    assert client.post(DOWNLOAD)["Content-Type"] == "application/zip"


def test_the_copy_of_two_years_does_not_load_everything_at_once(pair, ada, django_assert_max_num_queries):
    """The number of queries does not grow with the rows."""
    for _n in range(3):
        make.entry(ada, pair, lesson="Ask first"), make.commitment(pair), make.feedback(pair, keep="It")
    with django_assert_max_num_queries(190):
        files_of(ada)


def test_the_operator_writes_the_copy_of_a_closed_account(pair, ada, tmp_path, capsys):
    PrivateNote.objects.create(pair=pair, author=ada, text="Only mine")
    type(ada).objects.filter(pk=ada.pk).update(is_active=False)
    file = tmp_path / "ada.zip"
    call_command("export_person", ada.email.upper(), file)
    assert b"Only mine" in zipfile.ZipFile(file).read(download.JSON_FILE)
    assert file.stat().st_mode & 0o077 == 0
    assert AuditEvent.objects.get(action="own data exported").user is None
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_person", ada.email, file)
    with pytest.raises(CommandError, match="Nobody has the address"):
        call_command("export_person", "nobody@example.org", tmp_path / "x.zip")
    assert not (tmp_path / "x.zip").exists()


def test_an_export_can_be_tried_without_a_file(pair, ada, capsys, tmp_path):
    PrivateNote.objects.create(pair=pair, author=ada, text="Only mine")
    call_command("export_person", ada.email, tmp_path / "x.zip", "--dry-run")
    out = capsys.readouterr().out
    assert "private_notes\t1\n" in out and "Only mine" not in out and "Nothing was written." in out
    assert not (tmp_path / "x.zip").exists()
    assert not AuditEvent.objects.filter(action="own data exported").exists()
    with pytest.raises(CommandError, match="--dry-run"):
        call_command("export_person", ada.email)


def test_the_command_person_prints_numbers_only(pair, ada, capsys):
    PrivateNote.objects.create(pair=pair, author=ada, text="Only mine")
    make.topic(pair, ada, title="The board")
    call_command("show_person", ada.email)
    out = capsys.readouterr().out
    assert "mentoring_sessions.PrivateNote\t1" in out and "mentoring_sessions.AgendaItem\t1" in out
    assert "Only mine" not in out and "The board" not in out
    assert AuditEvent.objects.filter(subject=f"accounts.user:{ada.pk}", user=None).exists()
