"""The mentors' page of a program: tips, and questions among its mentors."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
import yaml
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from dashboard import program_files
from mentoring.forms.huddle import AnswerForm
from mentoring.mentor_tips import built_in, tips_of
from mentoring.models import HuddleAnswer, HuddleQuestion, Program
from reminders import planner, sender
from reminders.inbox import lines
from reminders.intents import KINDS
from reminders.tasks import delete_expired_data
from tests import make

TUESDAY = datetime(2026, 12, 1, 9, tzinfo=UTC)
TEXT = "How do you end a session on time?"


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(TUESDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def kofi(pair):
    """Another mentor of the program."""
    return make.pair(pair.program, make.user("Kofi Mensah"), make.user("Lena Brandt")).mentor


@pytest.fixture
def question(pair, sam):
    return HuddleQuestion.objects.create(program=pair.program, author=sam, text=TEXT)


def url(name: str, *args) -> str:
    return reverse(name, args=args)


def page(client, program) -> str:
    return client.get(url("mentors_page", program.pk)).content.decode()


def answer(client, question, text="Set a timer", version=0):
    target = url("huddle_answer", question.program_id, question.pk)
    return client.post(target, {"text": text, "version": version})


class TestWhoReadsIt:
    def test_mentors_and_admins_of_the_program_and_nobody_else(self, as_, pair, sam, ada, kofi, question):
        stranger = make.pair(make.program("Another"), make.user("Yuki Sato"), make.user("Nia Cole")).mentor
        for person, status in ((sam, 200), (kofi, 200), (make.admin(pair.program), 200), (ada, 404), (stranger, 404)):
            assert as_(person).get(url("mentors_page", pair.program_id)).status_code == status
            assert answer(as_(person), question).status_code == (302 if status == 200 else 404)

    def test_the_page_shows_who_reads_it_and_asks_for_no_names(self, as_, pair, sam):
        html = page(as_(sam), pair.program)
        assert "mentors and admins of this program read this page" in html and "Name no mentee" in html

    def test_a_mentor_who_left_reads_nothing(self, as_, pair, kofi):
        pair.program.enrollments.filter(user=kofi).update(left_at=timezone.now())
        assert as_(kofi).get(url("mentors_page", pair.program_id)).status_code == 404

    def test_the_home_page_of_a_mentor_leads_there(self, as_, pair, sam, ada):
        link = url("mentors_page", pair.program_id)
        assert link in as_(sam).get("/").content.decode() and link not in as_(ada).get("/").content.decode()


class TestHuddle:
    def test_a_question_gets_answers_of_several_mentors(self, as_, pair, sam, kofi):
        token = str(uuid.uuid4())
        for _click in range(2):
            as_(sam).post(url("mentors_page", pair.program_id), {"text": TEXT, "form_token": token})
        question = HuddleQuestion.objects.get()
        answer(as_(kofi), question)
        answer(as_(sam), question, "A walk to the door")
        html = page(as_(kofi), pair.program)
        assert TEXT in html and "Set a timer" in html and "A walk to the door" in html

    def test_each_person_has_one_answer_and_can_reword_it(self, as_, kofi, question):
        answer(as_(kofi), question)
        answer(as_(kofi), question)
        answer(as_(kofi), question, "Set two timers", version=1)
        assert HuddleAnswer.objects.get().text == "Set two timers"

    def test_two_devices_lose_nothing(self, as_, kofi, question):
        answer(as_(kofi), question)
        answer(as_(kofi), question, "From the phone", version=1)
        lost = answer(as_(kofi), question, "From the laptop", version=1)
        html = lost.content.decode()
        assert lost.status_code == 409 and "From the phone" in html and "From the laptop" in html
        assert HuddleAnswer.objects.get().text == "From the phone"
        answer(as_(kofi), question, "From the laptop", version=2)
        assert HuddleAnswer.objects.get().text == "From the laptop"

    def test_own_texts_can_be_removed_and_those_of_others_only_by_admins(self, as_, pair, sam, kofi, question):
        answer(as_(kofi), question)
        row = HuddleAnswer.objects.get()
        remove = url("huddle_answer_remove", row.pk)
        assert as_(sam).post(remove).status_code == 404
        assert as_(kofi).post(remove).status_code == 302 and not HuddleAnswer.objects.exists()
        assert as_(kofi).post(url("huddle_question_remove", question.pk)).status_code == 404
        assert as_(make.admin(pair.program)).post(url("huddle_question_remove", question.pk)).status_code == 302
        assert not HuddleQuestion.objects.exists()

    def test_a_question_that_others_answered_is_removed_only_by_admins(self, as_, pair, sam, kofi, question):
        target = url("huddle_question_remove", question.pk)
        assert target in page(as_(sam), pair.program)
        answer(as_(kofi), question)
        as_(sam).post(target)
        assert target not in page(as_(sam), pair.program) and HuddleAnswer.objects.exists()
        as_(make.admin(pair.program)).post(target)
        assert not HuddleAnswer.objects.exists()

    def test_answering_a_removed_question_shows_what_was_typed(self, as_, kofi, question):
        row = HuddleQuestion.objects.get()
        question.delete()
        found = answer(as_(kofi), row, "My long answer")
        assert found.status_code == 409 and "My long answer" in found.content.decode()

    def test_a_question_removed_at_the_same_moment_takes_no_answer_with_it(self, as_, kofi, question, monkeypatch):
        checks = AnswerForm.is_valid

        def and_meanwhile_it_is_removed(form) -> bool:
            HuddleQuestion.objects.all().delete()
            return checks(form)

        monkeypatch.setattr(AnswerForm, "is_valid", and_meanwhile_it_is_removed)
        found = answer(as_(kofi), question, "My long answer")
        assert found.status_code == 409 and "My long answer" in found.content.decode()
        assert not HuddleAnswer.objects.exists()

    @pytest.mark.parametrize("text", ["", "x" * 100_000])
    def test_bad_input_is_refused_and_kept(self, as_, pair, kofi, question, text):
        asked = as_(kofi).post(url("mentors_page", pair.program_id), {"text": text})
        for found in (answer(as_(kofi), question, text), asked):
            assert found.status_code == 422 and text in found.content.decode()

    def test_other_mentors_find_it_in_their_inbox_and_get_no_email(self, as_, sam, kofi, question, clock, settings):
        settings.EMAIL_URL = "smtp://localhost"
        intents = KINDS["huddle_question"].intents_about([question.pk]).values()
        assert {intent.recipient_id for intent in intents} == {kofi.pk}
        for hours in (7.2, 23.7):
            clock.move_to(TUESDAY + timedelta(hours=hours))
            planner.plan()
            sender.send_due()
        shown = {person: TEXT in str([line.title for line in lines(person)]) for person in (kofi, sam)}
        assert shown == {kofi: True, sam: False}
        assert TEXT not in str([(message.subject, message.body) for message in mail.outbox])
        answer(as_(kofi), question)
        assert not KINDS["huddle_question"].intents_about([question.pk])


class TestTips:
    def test_they_are_in_the_language_of_the_program(self, pair):
        assert tips_of(pair.program) == built_in("en")
        for language in ("de", "es"):
            Program.objects.update(language=language)
            found = tips_of(Program.objects.get())
            assert len(found) == len(built_in("en")) and not set(found) & set(built_in("en"))

    def test_admins_edit_and_restore_them(self, as_, pair, sam):
        admin, target = as_(make.admin(pair.program)), url("program_tips", pair.program_id)
        assert admin.post(target, {"tips": "Ask first\n\nThen wait"}).status_code == 302
        assert tips_of(Program.objects.get()) == ["Ask first", "Then wait"]
        assert "Then wait" in page(as_(sam), pair.program)
        admin = as_(make.admin(pair.program, "Ines Duarte"))
        admin.post(target, {"restore": "1"})
        assert Program.objects.get().tips == []

    def test_too_many_or_too_long_tips_are_kept_in_the_form(self, as_, pair):
        admin, target = as_(make.admin(pair.program)), url("program_tips", pair.program_id)
        for text in ("y" * 301, "\n".join(f"Tip {n}" for n in range(21))):
            found = admin.post(target, {"tips": text})
            assert found.status_code == 422 and text.splitlines()[0] in found.content.decode()
        assert Program.objects.get().tips == []

    def test_a_program_file_carries_them(self, pair):
        admin, other = make.admin(pair.program), make.program("Another")
        stored = yaml.safe_load(program_files.export(pair.program))
        assert stored["tips"] == built_in("en")
        settings = program_files.read_program("throughline: program/1\ntips: [Ask first, Then wait]")
        assert "tips" in " ".join(program_files.changes(other, settings)).lower()
        program_files.apply(other, settings, admin)
        other.refresh_from_db()
        assert tips_of(other) == ["Ask first", "Then wait"]
        again = program_files.read_program(program_files.export(other))
        assert program_files.changes(other, again) == []


class TestLimits:
    def test_nobody_floods_the_other_mentors(self, as_, pair, sam, settings):
        settings.ACCOUNT_RATE_LIMITS = {"huddle": "2/h/user"}
        target = url("mentors_page", pair.program_id)
        found = [as_(sam).post(target, {"text": f"{n} {TEXT}"}).status_code for n in range(3)]
        assert found == [302, 302, 429] and HuddleQuestion.objects.count() == 2

    def test_a_question_is_deleted_a_year_after_its_last_answer(self, kofi, question, clock):
        row = HuddleAnswer.objects.create(program=question.program, question=question, author=kofi, text="A timer")
        HuddleAnswer.objects.filter(pk=row.pk).update(created_at=TUESDAY + timedelta(days=100))
        for days, is_kept in ((364, True), (366, True), (464, True), (466, False)):
            clock.move_to(TUESDAY + timedelta(days=days))
            delete_expired_data()
            assert HuddleQuestion.objects.exists() is is_kept, days
