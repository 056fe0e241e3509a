"""Quick notes and their templates: one tap to start, and a note keeps the questions that it was started with."""

import json

import pytest
import yaml
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from core.optimistic_locking import fingerprint
from dashboard import program_files
from goals.models import Commitment
from mentoring.models import Program
from practice import note_templates
from practice.export import as_html
from practice.kinds import EntryKind
from practice.models import Entry, EntryText
from records import growth
from records.evidence import evidence
from records.retention import delete_practice_without_pair
from sessions.models import AgendaItem
from tests import make

MEETING = [str(text) for text in note_templates.BUILT_IN["meeting"][1:]]
OURS = {"title": "After a night shift", "questions": ["Who was on call?", "What will I change?"]}


def url(name: str, *args) -> str:
    return reverse(name, args=args)


def start(client, template: str = "", **data):
    return client.post(url("note_create"), {"template": template} | data)


@pytest.fixture
def own(pair, ada) -> Entry:
    """A template of the mentee with two questions."""
    return make.entry(ada, None, "template", title="Before I decide", questions="What is it?\n\n  What   next? ")


@pytest.fixture
def theirs(pair, sam) -> Entry:
    """A template that the mentor shares with the mentee."""
    entry = make.entry(sam, None, "template", title="What I ask myself", questions="What did I avoid?\nWhat now?")
    entry.share(pair)
    return entry


class TestStarting:
    def test_one_tap_on_the_practice_page_starts_a_note_with_its_questions(self, as_, ada, pair):
        page = as_(ada).get(url("practice_list")).content.decode()
        assert 'name="template" value="meeting"' in page and f'action="{url("note_create")}"' in page
        answer = start(as_(ada), "meeting")
        entry = Entry.objects.get()
        assert answer.url == url("entry_edit", entry.pk)
        assert (entry.kind, entry.author, entry.pair, entry.written_at) == ("note", ada, pair, None)
        assert entry.questions == MEETING
        editor = as_(ada).get(answer.url).content.decode()
        assert all(question in editor for question in MEETING)

    def test_pressing_twice_starts_one_note_and_other_questions_another(self, as_, ada, pair):
        start(as_(ada), "meeting"), start(as_(ada), "meeting")
        assert Entry.objects.count() == 1
        start(as_(ada), "week"), start(as_(ada))
        assert Entry.objects.count() == 3
        assert [entry.questions[:1] for entry in Entry.objects.order_by("pk")][2] == []

    def test_with_several_pairs_a_note_is_about_the_chosen_one_or_about_nobody(self, as_, sam, pair):
        other = make.pair(pair.program, sam, make.user("Noor Rahimi"))
        page = as_(sam).get(url("note_create")).content.decode()
        assert "Noor Rahimi" in page and "nobody in particular" in page
        start(as_(sam), "meeting"), start(as_(sam), "meeting", pair=other.pk)
        assert [entry.pair for entry in Entry.objects.order_by("pk")] == [None, other]
        foreign = make.pair(make.program("Elsewhere"))
        assert start(as_(sam), "meeting", pair=foreign.pk).status_code == 422

    def test_the_page_of_a_pair_starts_a_note_about_it_while_it_runs(self, as_, sam, pair):
        make.pair(pair.program, sam, make.user("Noor Rahimi"))
        page = as_(sam).get(url("pair_practice", pair.pk)).content.decode()
        assert f'name="pair" value="{pair.pk}"' in page and 'value="meeting"' in page
        pair.end()
        assert 'value="meeting"' not in as_(sam).get(url("pair_practice", pair.pk)).content.decode()

    def test_opening_a_page_stores_nothing(self, as_, ada, pair):
        for name in ("note_create", "note_template_list", "practice_list"):
            assert as_(ada).get(url(name)).status_code == 200
        assert not Entry.objects.exists()

    @pytest.mark.parametrize("key", ["nothing", "own-1", "own-x", "own-" + "9" * 40, "program-1-abc"])
    def test_a_template_that_is_gone_leads_back_to_a_choice(self, as_, ada, pair, key):
        client = as_(ada)
        answer = start(client, key)
        assert answer.url == url("note_create") and not Entry.objects.exists()
        assert "Choose another one" in client.get(answer.url).content.decode()
        assert client.post(url("note_template_copy"), {"template": key}).url == url("note_template_list")

    def test_only_mentees_are_offered_a_question_for_the_mentor(self, ada, sam, pair):
        keys = {who: [one.key for one in note_templates.of_programs(who, [pair])] for who in (ada, sam)}
        assert "question" in keys[ada] and "question" not in keys[sam]

    def test_the_built_in_ones_are_in_the_language_of_the_reader(self, ada, pair):
        english = {text for row in note_templates.built_in("en") for text in [row["title"], *row["questions"]]}
        for language in ("de", "es"):
            with translation.override(language):
                found = note_templates.of_programs(ada, [pair])
            assert len(found) == len(note_templates.BUILT_IN)
            assert not {text for one in found for text in [one.title, *one.questions]} & english, language


class TestNote:
    def test_it_ends_in_a_commitment_a_topic_and_a_competency(self, as_, ada, sam, pair):
        competency = make.competency(pair.program)
        start(as_(ada), "meeting")
        entry = Entry.objects.get()
        typed = {"question1": "We ship in May", "question2": "", "next": "Tell Jonas", "competency": competency.pk}
        as_(ada).post(url("entry_edit", entry.pk), typed)
        as_(ada).post(url("entry_commit", entry.pk)), as_(ada).post(url("entry_to_agenda", entry.pk))
        assert Commitment.objects.get().text == "Tell Jonas" and AgendaItem.objects.get().title == "We ship in May"
        assert [one.practice for one in evidence(pair, ada)] == [[entry]]
        record = growth.build_record(pair, ["note"])
        assert [row["question"] for row in record["note"][0]["answers"]] == [MEETING[0], MEETING[2]]
        assert MEETING[0] in as_html(ada)

    def test_it_keeps_its_questions_when_the_template_changes_or_is_deleted(self, as_, ada, pair, own):
        start(as_(ada), f"own-{own.pk}")
        note = Entry.objects.get(kind="note")
        assert note.questions == ["What is it?", "What next?"]
        text = own.texts.get(key="questions")
        typed = {"text": "Something else?", "started_from": fingerprint(text.text)}
        as_(ada).post(url("text_edit", f"entry-{text.pk}-text"), typed)
        as_(ada).post(url("entry_delete", own.pk))
        assert not Entry.objects.filter(pk=own.pk).exists()
        assert "What is it?" in as_(ada).get(url("entry_edit", note.pk)).content.decode()
        note.copy_to(pair)
        assert Entry.objects.latest("pk").questions == ["What is it?", "What next?"]

    def test_its_questions_are_encrypted(self, as_, ada, pair, own):
        start(as_(ada), f"own-{own.pk}")
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {EntryText._meta.db_table}")
            assert "What is it?" not in str(cursor.fetchall())

    def test_a_shared_note_shows_its_questions_to_the_partner(self, as_, ada, sam, pair):
        start(as_(ada), "meeting")
        entry = Entry.objects.get()
        as_(ada).post(url("entry_edit", entry.pk), {"question1": "We ship in May"})
        assert as_(sam).get(url("entry_detail", entry.pk)).status_code == 404
        as_(ada).post(url("entry_share", entry.pk, pair.pk), {"on": "1"})
        page = as_(sam).get(url("entry_detail", entry.pk)).content.decode()
        assert MEETING[0] in page and "We ship in May" in page and MEETING[1] not in page


class TestOwnTemplates:
    def test_a_template_of_the_program_is_copied_to_edit_it(self, as_, ada, pair):
        answer = as_(ada).post(url("note_template_copy"), {"template": "meeting"})
        entry = Entry.objects.get()
        assert answer.url == url("entry_edit", entry.pk) and entry.kind == EntryKind.TEMPLATE
        assert (entry.title, note_templates.of_entry(entry).questions) == ("After a meeting", MEETING)
        page = as_(ada).get(url("note_template_list")).content.decode()
        assert page.count("After a meeting") >= 2 and url("entry_edit", entry.pk) in page
        assert f'value="own-{entry.pk}"' in as_(ada).get(url("practice_list")).content.decode()

    def test_nobody_else_opens_or_uses_a_private_one(self, as_, sam, pair, own):
        assert as_(sam).get(url("entry_detail", own.pk)).status_code == 404
        start(as_(sam), f"own-{own.pk}")
        assert not Entry.objects.filter(kind="note").exists()
        for person in (sam, make.admin(pair.program)):
            for name in ("note_template_list", "note_create", "practice_list"):
                assert "Before I decide" not in as_(person).get(url(name)).content.decode()

    def test_a_mentor_shares_one_with_a_mentee_and_takes_it_back(self, as_, ada, sam, pair, theirs):
        day = timezone.now().strftime("%b %-d")
        assert f"Shared with Ada on {day}" in as_(sam).get(url("entry_detail", theirs.pk)).content.decode()
        assert User.objects.get(pk=ada.pk).practice_since
        for name, args in (("pair_practice", [pair.pk]), ("practice_list", []), ("note_template_list", [])):
            page = as_(ada).get(url(name, *args)).content.decode()
            assert "What I ask myself" in page and f'value="own-{theirs.pk}"' in page, name
        detail = as_(ada).get(url("entry_detail", theirs.pk)).content.decode()
        assert "What did I avoid?" in detail and url("note_template_copy") in detail
        start(as_(ada), f"own-{theirs.pk}")
        as_(ada).post(url("note_template_copy"), {"template": f"own-{theirs.pk}"})
        as_(sam).post(url("entry_share", theirs.pk, pair.pk), {"on": "0"})
        assert start(as_(ada), f"own-{theirs.pk}").url == url("note_create")
        assert Entry.objects.get(author=ada, kind="note").questions == ["What did I avoid?", "What now?"]
        copy = Entry.objects.get(author=ada, kind="template")
        assert copy.title == "What I ask myself" and not copy.shares.exists()
        page = as_(ada).get(url("pair_practice", pair.pk)).content.decode()
        assert "What I ask myself" not in page

    def test_the_shared_one_is_in_the_story_of_the_pair(self, as_, ada, pair, theirs):
        assert "What I ask myself" in as_(ada).get(url("pair_detail", pair.pk)).content.decode()

    def test_without_a_question_it_starts_nothing_yet(self, as_, ada, pair):
        entry = make.entry(ada, None, "template", title="Empty")
        page = as_(ada).get(url("entry_detail", entry.pk)).content.decode()
        assert "at least one question" in page and f'value="own-{entry.pk}"' not in page
        assert f'value="own-{entry.pk}"' not in as_(ada).get(url("practice_list")).content.decode()

    def test_very_many_and_very_long_questions_are_cut_to_what_fits(self, as_, ada, pair):
        texts = {"title": "Long", "questions": "\n".join(f"{n} " + "word " * 100 for n in range(30))}
        entry = make.entry(ada, None, "template", **texts)
        assert start(as_(ada), f"own-{entry.pk}").status_code == 302
        questions = Entry.objects.get(kind="note").questions
        assert len(questions) == 20 and all(len(text) <= 200 for text in questions)

    def test_they_are_deleted_with_the_content_of_the_last_pair(self, ada, pair, own):
        delete_practice_without_pair([ada.pk])
        assert Entry.objects.filter(pk=own.pk).exists()
        type(pair).objects.update(content_deleted_at=timezone.now())
        delete_practice_without_pair([ada.pk])
        assert not Entry.objects.exists()


class TestProgram:
    def test_admins_edit_them_and_people_of_the_program_get_them(self, as_, ada, pair):
        admin, page = as_(make.admin(pair.program)), url("program_note_templates", pair.program_id)
        assert "After a meeting" in admin.get(page).content.decode()
        text = "\n".join([OURS["title"], "", *OURS["questions"]])
        blank = {f"template_{n}": "" for n in range(note_templates.MOST)}
        assert admin.post(page, blank | {"template_3": text}).status_code == 302
        assert Program.objects.get().note_templates == [OURS]
        html = as_(ada).get(url("practice_list")).content.decode()
        assert OURS["title"] in html and "After a meeting" not in html
        key = note_templates.of_programs(ada, [type(pair).objects.get(pk=pair.pk)])[0].key
        start(as_(ada), key)
        assert Entry.objects.get().questions == OURS["questions"]
        assert admin.post(page, blank).status_code == 302
        assert Program.objects.get().note_templates == []

    @pytest.mark.parametrize(
        ("typed", "error"),
        [
            ("Only a title", "at least one question"),
            ("x" * 81 + "\nWhy?", "Shorten the title"),
            ("Title\n" + "x" * 201, "Shorten this line"),
            ("Title\n" + "\n".join(f"Question {n}?" for n in range(9)), "at most 9 lines"),
            ("After a meeting\nWhy?", "already a template with this title"),
        ],
    )
    def test_wrong_input_is_refused_and_kept(self, as_, pair, typed, error):
        page = url("program_note_templates", pair.program_id)
        shown = {
            f"template_{n}": "\n".join([row["title"], *row["questions"]])
            for n, row in enumerate(note_templates.built_in("en"))
        }
        answer = as_(make.admin(pair.program)).post(page, shown | {"template_7": typed})
        html = answer.content.decode()
        assert answer.status_code == 422 and error in html and typed in html
        assert Program.objects.get().note_templates == []

    def test_only_admins_of_the_program_edit_them(self, as_, sam, ada, pair):
        for person in (sam, ada, make.admin(make.program("Elsewhere"))):
            assert as_(person).get(url("program_note_templates", pair.program_id)).status_code == 404

    def test_they_are_in_the_program_file(self, pair):
        admin, other = make.admin(pair.program), make.program("Elsewhere")
        other.note_templates = [OURS]
        other.save()
        stored = yaml.safe_load(program_files.export(other))
        assert stored["note_templates"] == [OURS]
        settings = program_files.read_program(f"throughline: program/1\nnote_templates: {json.dumps([OURS])}")
        assert "The note templates change" in program_files.changes(pair.program, settings)
        program_files.apply(pair.program, settings, admin)
        assert Program.objects.get(pk=pair.program_id).note_templates == [OURS]
        assert not program_files.changes(Program.objects.get(pk=pair.program_id), settings)

    @pytest.mark.parametrize(
        ("rows", "error"),
        [
            ("[{title: A}]", "“questions” is missing"),
            ("[{title: A, questions: []}]", "“A” has no question"),
            ("[{title: A, questions: [B]}, {title: A, questions: [C]}]", "Two note templates have the same title"),
            (f"[{{title: {'x' * 81}, questions: [B]}}]", "1 to 80 characters"),
        ],
    )
    def test_errors_in_the_file_are_sentences(self, rows, error):
        with pytest.raises(program_files.InvalidFile) as wrong:
            program_files.read_program(f"throughline: program/1\nnote_templates: {rows}")
        assert error in str(wrong.value.errors)
