"""The phrase bank: built-in phrases, those of a program, and one tap that puts one in the preparation."""

import json

import pytest
import yaml
from django.urls import reverse
from django.utils import translation

from core.optimistic_locking import fingerprint
from dashboard import program_files
from mentoring.models import Program
from practice.models import EntryText
from practice.phrases import BUILT_IN, LONGEST, MOST, phrases_for, phrases_of, with_defaults
from tests import make

PHRASE = "I see it differently, and I would like to explain why."


@pytest.fixture
def conversation(pair, ada):
    return make.entry(ada, pair, "conversation", topic="The launch", opening="Marta,")


def url(name: str, *args) -> str:
    return reverse(name, args=args)


def opening(entry) -> str:
    return EntryText.objects.get(entry=entry, key="opening").text


class TestPuttingOneIn:
    def test_one_button_adds_the_phrase_and_saves_what_was_typed(self, as_, ada, conversation):
        page = as_(ada).get(url("entry_edit", conversation.pk)).content.decode()
        assert page.count('name="phrase"') == sum(len(texts) for texts in BUILT_IN.values())
        typed = {"topic": "The launch date", "opening": "Marta,", "phrase": PHRASE}
        answer = as_(ada).post(url("entry_edit", conversation.pk), typed)
        text = conversation.texts.get(key="opening")
        assert answer.url == f"{url('entry_edit', conversation.pk)}#field-entry-{text.pk}-text"
        assert opening(conversation) == f"Marta, {PHRASE}"
        assert conversation.texts.get(key="topic").text == "The launch date"

    def test_clicking_twice_adds_it_once(self, as_, ada, conversation):
        for _ in range(2):
            typed = {"opening": opening(conversation), "phrase": PHRASE}
            as_(ada).post(url("entry_edit", conversation.pk), typed)
        assert opening(conversation) == f"Marta, {PHRASE}"

    def test_a_newer_text_of_another_window_is_not_lost(self, as_, ada, conversation):
        form = {"opening": "Mine", "started_from_opening": fingerprint("Before"), "phrase": PHRASE}
        answer = as_(ada).post(url("entry_edit", conversation.pk), form)
        page = answer.content.decode()
        assert answer.status_code == 409 and "Mine" in page and "Marta," in page and opening(conversation) == "Marta,"

    def test_a_huge_phrase_or_a_full_text_changes_nothing_else(self, as_, ada, conversation):
        as_(ada).post(url("entry_edit", conversation.pk), {"opening": "Marta,", "phrase": "x" * 100_000})
        assert opening(conversation) == "Marta, " + "x" * LONGEST
        full = "y" * 20_000
        text = conversation.texts.get(key="opening")
        text.write(text.version, text=full)
        typed = {"opening": full, "phrase": PHRASE}
        answer = as_(ada).post(url("entry_edit", conversation.pk), typed, follow=True)
        assert "no room for the phrase" in answer.content.decode() and opening(conversation) == full

    def test_other_kinds_offer_none_and_ignore_one(self, as_, ada, pair):
        lesson = make.entry(ada, pair, lesson="Ask first")
        assert 'name="phrase"' not in as_(ada).get(url("entry_edit", lesson.pk)).content.decode()
        as_(ada).post(url("entry_edit", lesson.pk), {"phrase": PHRASE})
        assert PHRASE not in [text.text for text in lesson.texts.all()]

    def test_the_built_in_phrases_are_in_the_language_of_the_reader(self, conversation):
        for language in ("de", "es"):
            with translation.override(language):
                bank = {str(label): found for label, found in phrases_for(conversation)}
            texts = [text for found in bank.values() for text in found]
            english = [str(text) for texts in BUILT_IN.values() for text in texts]
            assert "Disagree" not in bank and not set(texts) & set(english), language


class TestProgram:
    def test_admins_edit_them_and_people_of_the_program_get_them(self, as_, ada, pair, conversation):
        admin, page = as_(make.admin(pair.program)), url("program_phrases", pair.program_id)
        assert PHRASE in admin.get(page).content.decode()
        answer = admin.post(page, {"for_disagree": "With respect, no.\n\nLet me try."})
        assert answer.status_code == 302
        bank = phrases_of(Program.objects.get())
        assert bank["disagree"] == ["With respect, no.", "Let me try."]
        assert bank["decline"] == with_defaults({}, "en")["decline"], "an empty list is the built-in one"
        assert Program.objects.get().phrases == {"disagree": ["With respect, no.", "Let me try."]}
        editor = as_(ada).get(url("entry_edit", conversation.pk)).content.decode()
        assert "With respect, no." in editor and PHRASE not in editor

    @pytest.mark.parametrize("text", ["x" * (LONGEST + 1), "\n".join(f"Phrase {n}" for n in range(MOST + 1))])
    def test_too_many_or_too_long_ones_are_kept_in_the_form(self, as_, pair, text):
        answer = as_(make.admin(pair.program)).post(url("program_phrases", pair.program_id), {"for_accept": text})
        assert answer.status_code == 422 and text in answer.content.decode()
        assert Program.objects.get().phrases == {}

    def test_only_admins_of_the_program_edit_them(self, as_, sam, ada, pair):
        for person in (sam, ada, make.admin(make.program("Elsewhere"))):
            assert as_(person).post(url("program_phrases", pair.program_id), {"for_accept": "x"}).status_code == 404

    def test_they_are_in_the_program_file(self, pair):
        admin, other = make.admin(pair.program), make.program("Elsewhere")
        other.phrases = {"decline": ["Not now."]}
        other.save()
        stored = yaml.safe_load(program_files.export(other))
        assert stored["phrases"]["decline"] == ["Not now."]
        settings = program_files.read_program(f"throughline: program/1\nphrases: {json.dumps(stored['phrases'])}")
        assert "phrases" in " ".join(program_files.changes(pair.program, settings))
        program_files.apply(pair.program, settings, admin)
        assert Program.objects.get(pk=pair.program_id).phrases == {"decline": ["Not now."]}
        assert not program_files.changes(Program.objects.get(pk=pair.program_id), settings)

    def test_a_wrong_occasion_in_the_file_is_named(self):
        with pytest.raises(program_files.InvalidFile) as wrong:
            program_files.read_program("throughline: program/1\nphrases: {shout: [No]}")
        assert "shout" in str(wrong.value.errors)
