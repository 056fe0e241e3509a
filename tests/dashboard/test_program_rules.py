"""Tests the settings of a program for all its pairs: thresholds, reminders, norms and questions."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
import time_machine
import yaml
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from dashboard import flags, program_files
from dashboard.forms.program_rules import AttentionRulesForm, NormsForm, QuestionsForm, ReminderRulesForm
from dashboard.models import Flag, FlagRule
from dashboard.program_rules import SWITCHES, change_rules, rules_of
from mentoring.agreement_defaults import proposal
from mentoring.models import Pair, Program
from mentoring.thresholds import THRESHOLDS
from reminders.intents import KINDS, optional_reminders
from sessions import question_bank
from sessions.models import Block
from sessions.yaml_reader import InvalidFile
from tests import make


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(datetime(2026, 12, 7, 9, tzinfo=UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def priya(pair):
    return make.admin(pair.program)


SECTIONS = {
    "program_rules": AttentionRulesForm,
    "program_norms": NormsForm,
    "program_questions": QuestionsForm,
    "program_reminder_rules": ReminderRulesForm,
}


def filled_in(program, section="program_rules", **changes) -> dict:
    """Return the data that the unchanged page of a section would send, with some changes; None leaves a box empty."""
    form = SECTIONS[section](program=program)
    data = {field.html_name: field.value() for field in form} | changes
    return {name: value for name, value in data.items() if value is not None and value is not False}


def url(program, section="program_rules") -> str:
    return reverse(section, args=[program.pk])


@pytest.mark.parametrize("section", SECTIONS)
def test_saving_an_unchanged_section_stores_nothing(pair, priya, as_, section):
    data = filled_in(pair.program, section)
    assert as_(priya).post(url(pair.program, section), data).status_code == 302
    program = Program.objects.get()
    assert (program.thresholds, program.questions, program.silent_kinds, program.norms) == ({}, {}, [], "")
    assert program.rules_off == []
    assert not AuditEvent.objects.filter(action=AuditEvent.Action.PROGRAM_RULES_CHANGED).exists()


def test_two_admins_who_save_different_sections_lose_nothing(pair, priya, as_):
    stale = Program.objects.get(pk=pair.program_id)
    as_(priya).post(url(pair.program), filled_in(pair.program, A1_amber=12))
    as_(priya).post(url(pair.program, "program_norms"), {"norms": "Tea first."})
    change_rules(stale, priya, {"questions": {"learn": ["What else?"]}})  # loaded before the others saved
    program = Program.objects.get()
    assert (program.thresholds, program.norms) == ({"A1_amber": 12}, "Tea first.")
    assert program.questions["learn"] == ["What else?"]


def test_a_rule_that_is_off_raises_no_flag(pair, priya, as_):
    Pair.objects.update(started_on=date(2026, 11, 12))  # 25 days ago, and never met
    flags.raise_flags(Pair.objects.all())
    assert Flag.objects.open().filter(rule=FlagRule.NO_FIRST_SESSION).exists()
    as_(priya).post(url(pair.program), filled_in(pair.program, on_A1=None))
    assert Program.objects.get().rules_off == ["A1"]
    flags.raise_flags(Pair.objects.all())
    assert not Flag.objects.open().filter(rule=FlagRule.NO_FIRST_SESSION).exists()
    html = as_(priya).get(url(pair.program)).content.decode()
    assert html.count('class="is-off"') == 1
    as_(priya).post(url(pair.program), filled_in(Program.objects.get(), on_A1="on"))
    assert Program.objects.get().rules_off == []


def test_rules_based_on_private_answers_have_no_switch(pair, priya, as_):
    assert {FlagRule.NOT_GOING_WELL, FlagRule.PULSE_UNANSWERED}.isdisjoint(SWITCHES)
    assert set(SWITCHES) | {FlagRule.NOT_GOING_WELL, FlagRule.PULSE_UNANSWERED} == set(FlagRule)
    with pytest.raises(InvalidFile):
        program_files.read_program("throughline: program/1\nrules_off:\n  - A7\n")


def test_a_preview_counts_the_pairs_and_stores_nothing(pair, priya, as_):
    Pair.objects.update(started_on=date(2026, 11, 12))  # 25 days ago, and never met
    data = filled_in(pair.program, A1_amber=200, A1_red=300, A11_amber=200, A11_red=300) | {"preview": "1"}
    html = as_(priya).post(url(pair.program), data).content.decode()
    assert "<strong>0 pairs</strong> would be listed today." in html and "Before your change: 1." in html
    assert re.search(r"Before your change: 10.\s*</span>", html), "beside the value of the rule"
    assert 'value="300"' in html and Program.objects.get().thresholds == {}


def test_rules_show_how_many_pairs_they_list(pair, priya, as_):
    Pair.objects.update(started_on=date(2026, 11, 12))  # 25 days ago, and never met
    html = as_(priya).get(url(pair.program)).content.decode()
    assert "<strong>1 pair</strong> would be listed today." in html and "Before your change" not in html
    assert html.count("time in a row</label>") == 1, "the watch level of no-shows"
    assert html.count("times in a row</label>") == 3


def test_thresholds_of_a_program_apply(pair, priya, as_):
    Pair.objects.update(started_on=date(2026, 11, 12))  # 25 days ago, and never met
    flags.raise_flags(Pair.objects.all())
    assert Flag.objects.get(rule=FlagRule.NO_FIRST_SESSION).level == "red"
    as_(priya).post(url(pair.program), filled_in(pair.program, A1_amber=20, A1_red=30))
    assert Program.objects.get().thresholds == {"A1_amber": 20, "A1_red": 30}
    flags.raise_flags(Pair.objects.all())
    assert Flag.objects.get(rule=FlagRule.NO_FIRST_SESSION).level == "amber"
    other = make.pair(make.program("Elsewhere"), make.user(), make.user(), started_on=date(2026, 11, 12))
    flags.raise_flags(Pair.objects.all())
    assert Flag.objects.get(pair=other, rule=FlagRule.NO_FIRST_SESSION).level == "red", "only in this program"
    assert AuditEvent.objects.filter(action=AuditEvent.Action.PROGRAM_RULES_CHANGED).count() == 1


def test_changed_rules_mark_running_pairs_for_evaluation(pair, priya, clock):
    Pair.objects.update(touched_at=datetime(2026, 1, 1, tzinfo=UTC))
    change_rules(pair.program, priya, {"thresholds": {"A6_amber": 3}})
    assert Pair.objects.get().touched_at == datetime(2026, 12, 7, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("section", "changes", "says"),
    [
        ("program_rules", {"A1_amber": 40, "A3_amber": 2}, "This must not take effect before"),
        ("program_rules", {"A3_red": 0, "A1_amber": 11}, "greater than or equal to 1"),
        ("program_rules", {"A2_red": "", "A1_amber": 11}, "This field is required"),
        ("program_questions", {"ask_open": "\n".join(f"Question {n}?" for n in range(13))}, "at most 12 questions"),
        ("program_questions", {"ask_open": "x" * 301}, "Shorten this question to 300 characters"),
        ("program_reminder_rules", {"sent": ["recap"]}, "recap is not one of the available choices"),
        ("program_norms", {"norms": "x" * 2001}, "at most 2000 characters"),
    ],
)
def test_an_invalid_section_is_rejected_and_input_is_kept(pair, priya, as_, section, changes, says):
    answer = as_(priya).post(url(pair.program, section), filled_in(pair.program, section) | changes)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert says in page and (section == "program_reminder_rules" or str(next(iter(changes.values()))) in page)
    program = Program.objects.get()
    assert (program.thresholds, program.questions, program.silent_kinds, program.norms) == ({}, {}, [], "")


def test_default_thresholds_are_within_bounds():
    for one in THRESHOLDS.values():
        assert one.minimum <= one.default <= one.maximum, one.name


def test_optional_reminders_are_known_kinds():
    assert set(optional_reminders()) <= set(KINDS)
    assert all(KINDS[name].topic and KINDS[name].pair for name in optional_reminders())


def test_a_turned_off_reminder_is_off_for_one_program(pair, priya, as_):
    other = make.pair(make.program("Elsewhere"), make.user(), make.user())
    Pair.objects.update(started_on=date(2026, 12, 4))
    assert KINDS["first_date"].intents_about([pair.pk])
    sent = [name for name in optional_reminders() if name != "first_date"]
    as_(priya).post(url(pair.program, "program_reminder_rules"), {"sent": sent})
    assert Program.objects.get(pk=pair.program_id).silent_kinds == ["first_date"]
    assert not KINDS["first_date"].intents_about([pair.pk])
    assert KINDS["first_date"].intents_about([other.pk]) and KINDS["agreement"].intents_about([pair.pk])


def test_norms_are_suggested_to_new_pairs(pair, priya):
    assert "Ada owns the agenda" in proposal(pair)["norms"]
    change_rules(pair.program, priya, {"norms": "We begin with tea."})
    assert proposal(Pair.objects.get())["norms"] == "We begin with tea."


def test_program_file_and_page_agree(pair, priya, as_):
    as_(priya).post(url(pair.program), filled_in(pair.program, A12_amber=28, on_A6=None))
    as_(priya).post(url(pair.program, "program_norms"), {"norms": "Tea first."})
    own = filled_in(pair.program, "program_questions", ask_learn="What is in the way?\n\n  What   else? ")
    as_(priya).post(url(pair.program, "program_questions"), own)
    exported = yaml.safe_load(program_files.export(Program.objects.get()))
    assert exported["questions"]["learn"] == ["What is in the way?", "What else?"]
    assert exported["thresholds"]["A12_amber"] == 28 and exported["norms"] == "Tea first."
    other = make.program("Elsewhere")
    read = program_files.read_program(program_files.export(Program.objects.get(pk=pair.program_id)))
    changes_text = "\n".join(program_files.changes(other, read))
    assert (
        "questions learn changes from 7 questions to 2 questions" in changes_text
        and "A12_amber changes from 14 to 28" in changes_text
        and "Attention rule off: Sessions end without a commitment" in changes_text
    )
    program_files.apply(other, read, priya)
    assert rules_of(Program.objects.get(pk=other.pk)) == rules_of(Program.objects.get(pk=pair.program_id))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("thresholds:\n  A1_amber: 40\n", "Line 3: A1_red must not take effect before A1_amber"),
        ("thresholds:\n  A7_red: 1\n", "Line 3: “A7_red” is not a known setting"),
        ("silent_kinds:\n  - recap\n", "Line 3: use one of: status_update"),
        ("questions:\n  learn:\n    - ''\n", "Line 4: enter a text of 1 to 300"),
    ],
)
def test_an_invalid_file_is_rejected_with_its_error(text, says):
    with pytest.raises(InvalidFile) as wrong:
        program_files.read_program("throughline: program/1\n" + text)
    assert says in "\n".join(wrong.value.errors)


# --- Questions in the session room ---


@pytest.fixture
def block(pair):
    session = make.running_session(pair)
    session.blocks.all().delete()
    block = make.block(session, "Topic", position=1, type="learn", question="What is it about?")
    type(session).objects.filter(pk=session.pk).update(current_block=1, block_started_at=session.started_at)
    return block


def test_a_mentor_replaces_a_question_for_both(block, as_, sam, ada):
    room = reverse("session_detail", args=[block.session_id])
    assert "Who has done this well" in as_(sam).get(room).content.decode()
    assert "Who has done this well" not in as_(ada).get(room).content.decode()
    question = question_bank.bank_of(block.pair.program)["learn"][3]
    as_(sam).post(reverse("block_change_question", args=[block.pk]), {"question": question})
    assert Block.objects.get().question == question
    assert question in as_(ada).get(room).content.decode()


def test_the_planned_question_can_be_restored(block, as_, sam):
    bank = question_bank.bank_of(block.pair.program)["learn"]
    for question in (bank[0], bank[1], "What is it about?"):
        as_(sam).post(reverse("block_change_question", args=[block.pk]), {"question": question})
        assert Block.objects.get().question == question
    block.question, block.planned_question = bank[0], "What is it about?"
    assert question_bank.alternative_questions(block, date(2026, 12, 7))[0] == "What is it about?"


@pytest.mark.parametrize(
    ("age", "left", "phase"),
    [(0, 200, "begin"), (44, 200, "begin"), (45, 200, None), (100, 29, None), (100, 28, "end"), (10, 20, "end")],
)
def test_a_phase_has_its_own_questions(block, as_, sam, age, left, phase):
    """Its first 45 days, its last four weeks; in blocks that open, reflect or close."""
    today = timezone.localdate()
    dates = {"started_on": today - timedelta(days=age), "ends_on": today + timedelta(days=left)}
    Pair.objects.filter(pk=block.pair.pk).update(**dates)
    bank = question_bank.bank_of(block.pair.program)
    room = reverse("session_detail", args=[block.session_id])
    for kind, shown in (("reflect", True), ("apply", False)):
        Block.objects.filter(pk=block.pk).update(type=kind)
        html = unescape(as_(sam).get(room).content.decode())
        assert {name for name in ("begin", "end") if bank[name][0] in html} == ({phase} - {None} if shown else set())


def test_unknown_questions_are_rejected(block, as_, sam, ada):
    for person, question in ((sam, "You should quit."), (sam, ""), (ada, "What is in the way?")):
        as_(person).post(reverse("block_change_question", args=[block.pk]), {"question": question})
        assert Block.objects.get().question == "What is it about?"


def test_a_program_offers_its_own_questions(block, as_, sam, priya):
    change_rules(block.pair.program, priya, {"questions": {"learn": ["What would tea do?"]}})
    page = as_(sam).get(reverse("session_detail", args=[block.session_id])).content.decode()
    assert "What would tea do?" in page and "Who has done this well" not in page


OWN = {
    "program_rules": {"thresholds": {"A1_amber": 12}, "rules_off": ["A3"]},
    "program_norms": {"norms": "Tea first."},
    "program_questions": {"questions": {"learn": ["What else?"]}},
    "program_reminder_rules": {"silent_kinds": ["commitment_due"]},
}


def stored(program) -> dict:
    return rules_of(Program.objects.get(pk=program.pk))


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_is_restored_to_its_defaults_and_undone(pair, priya, as_, section):
    program, defaults = pair.program, stored(pair.program)
    page = as_(priya)
    assert "Restore defaults" not in page.get(url(program, section)).content.decode()
    for rules in OWN.values():
        change_rules(program, priya, rules)
    own, others = stored(program), {name for name in defaults if name not in OWN[section]}
    html = page.get(url(program, section)).content.decode()
    assert "Restore defaults" in html and ("2 values here differ" in html) == (section == "program_rules")
    page.post(url(program, section), {"restore": "1"})
    now = stored(program)
    assert all(now[name] == defaults[name] for name in OWN[section])
    assert all(now[name] == own[name] for name in others), "the other sections stay"
    html = page.get(url(program, section)).content.decode()
    assert 'name="undo"' in html and "Restore defaults" not in html
    page.post(url(program, section), {"undo": "1"})
    assert stored(program) == own
    assert 'name="undo"' not in page.get(url(program, section)).content.decode()


def test_undoing_the_defaults_never_replaces_what_was_saved_since(pair, priya, as_):
    change_rules(pair.program, priya, {"norms": "Tea first."})
    page, there = as_(priya), url(pair.program, "program_norms")
    page.post(there, {"restore": "1"})
    change_rules(Program.objects.get(), make.admin(pair.program, "Helen Armstrong"), {"norms": "Coffee first."})
    assert "nothing was undone" in page.post(there, {"undo": "1"}, follow=True).content.decode()
    assert Program.objects.get().norms == "Coffee first."
