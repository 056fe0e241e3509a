"""Tests the agenda templates of a new program, and which one a session gets."""

from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone, translation

from sessions import question_bank
from sessions.agendas import TEMPLATES, Kind, choose_template, ensure_templates, shipped_templates, suggest_kind
from sessions.models import AgendaTemplate, Session
from tests import make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("kind", "minutes", "name", "shapes", "shares"), TEMPLATES)
def test_minutes_fill_the_session_and_every_block_has_a_question(kind, minutes, name, shapes, shares):
    assert sum(shares) == minutes
    assert all(str(shape.question).endswith("?") and len(str(shape.question)) <= 300 for shape in shapes)
    assert shapes[-1].type == "close"


def test_an_hour_is_balanced_between_learn_reflect_and_apply():
    program = make.program()
    ensure_templates(program)
    hour = program.agenda_templates.get(kind=Kind.STANDARD, minutes=60)
    minutes = {
        t: sum(b.minutes for b in hour.blocks.filter(type=t)) for t in ("open", "learn", "reflect", "apply", "close")
    }
    assert minutes == {"open": 15, "learn": 12, "reflect": 13, "apply": 13, "close": 7}


def test_a_program_copies_the_templates_once_and_keeps_its_changes():
    program = make.program()
    ensure_templates(program)
    program.agenda_templates.filter(kind=Kind.STANDARD, minutes=60).update(name="Our hour")
    ensure_templates(program)
    assert program.agenda_templates.count() == len(TEMPLATES)
    assert program.agenda_templates.filter(name="Our hour").exists()


@pytest.mark.parametrize(
    ("kind", "minutes", "chosen"),
    [("standard", 60, 60), ("standard", 50, 45), ("standard", 20, 30), ("standard", 120, 60), ("checkin", 30, 15)],
)
def test_the_longest_template_that_fits_is_chosen(pair, kind, minutes, chosen):
    assert choose_template(pair, kind, minutes).minutes == chosen


def test_a_kind_without_a_template_uses_the_standard_one(pair):
    ensure_templates(pair.program)
    AgendaTemplate.objects.filter(kind=Kind.RESET).delete()
    assert choose_template(pair, Kind.RESET, 60).kind == Kind.STANDARD


def every_two_weeks(pair, n: int) -> list[tuple[date, str]]:
    """Return n dates, each with the kind that suggest_kind returns for it."""
    before: list[tuple[date, str]] = []
    for step in range(n):
        on = pair.started_on + timedelta(weeks=2 * step)
        before.append((on, suggest_kind(pair, on, before)))
    return before


def test_a_series_starts_with_first_has_resets_and_ends_with_closing(pair):
    pair.ends_on = pair.started_on + timedelta(days=185)
    kinds = [kind for _on, kind in every_two_weeks(pair, 14)]
    assert kinds[0] == "first"
    assert [i + 1 for i, kind in enumerate(kinds) if kind == "reset"] == [6, 12]
    assert [i + 1 for i, kind in enumerate(kinds) if kind == "closing"] == [14]


def test_a_reset_is_suggested_after_twelve_weeks(pair):
    monthly = [(pair.started_on + timedelta(days=30 * n), "standard") for n in range(3)]
    assert suggest_kind(pair, pair.started_on + timedelta(days=80), monthly) == "standard"
    assert suggest_kind(pair, pair.started_on + timedelta(days=84), monthly) == "reset"


def test_a_check_in_is_not_a_first_session(pair):
    assert suggest_kind(pair, pair.started_on + timedelta(days=9), [(pair.started_on, "checkin")]) == "first"


# --- A canceled reset ------------------------------------------------------------------------------------


def kinds(pair) -> list[str]:
    return [session.kind for session in pair.sessions.live().order_by("starts_at")]


@pytest.fixture
def eight_sessions(pair, sam):
    """Plan eight sessions, the third of them a reset."""
    begun = timezone.now().date() + timedelta(days=3)
    rows = []
    for n in range(8):
        start = datetime.combine(begun + timedelta(weeks=n), time(10))
        rows.append(make.session(pair, start, kind="reset" if n == 2 else "standard"))
    return rows


def test_a_skipped_reset_moves_to_the_next_session_and_back(pair, sam, eight_sessions):
    reset, following = eight_sessions[2], eight_sessions[3]
    reset.skip(sam, "On leave")
    assert kinds(pair) == ["standard"] * 2 + ["reset"] + ["standard"] * 4
    assert "Goals: keep, change, drop" in following.blocks.values_list("title", flat=True)
    reset.restore()
    assert kinds(pair) == ["standard"] * 2 + ["reset"] + ["standard"] * 5
    assert "Status update" in following.blocks.values_list("title", flat=True)


def test_a_reset_in_a_pause_moves_to_a_session_after_it(pair, sam, as_, eight_sessions):
    last = eight_sessions[4].planned_date
    data = {"from_on": eight_sessions[1].planned_date, "resume_on": last + timedelta(days=1), "skip": "on"}
    as_(sam).post(f"/pairs/{pair.pk}/pause/", data)
    assert kinds(pair) == ["standard", "reset", "standard", "standard"]
    assert pair.sessions.live().order_by("starts_at")[1] == eight_sessions[5]


def test_a_reset_does_not_replace_a_session_with_notes(pair, sam, eight_sessions):
    eight_sessions[3].blocks.filter(position=0).update(note="Bring the draft")
    eight_sessions[2].cancel(sam, "Ill")
    kept, reset = Session.objects.filter(pk__in=[eight_sessions[3].pk, eight_sessions[4].pk]).order_by("starts_at")
    assert (kept.kind, reset.kind) == ("standard", "reset")


def test_agendas_and_questions_are_in_the_language_of_the_program(pair):
    pair.program.language = "de"
    with translation.override("es"):
        ensure_templates(pair.program)
        questions = question_bank.bank_of(pair.program)
    german = [template.name for template, _blocks in shipped_templates("de")]
    assert sorted(pair.program.agenda_templates.values_list("name", flat=True)) == sorted(german)
    assert "Erstes Treffen" in german
    assert questions == question_bank.usual("de") != question_bank.usual("en")
