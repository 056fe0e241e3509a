"""Tests programs and topic packs as files: errors with lines, preview of changes, export and import."""

from copy import deepcopy
from dataclasses import asdict

import pytest
import yaml
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from dashboard import program_files
from goals.models import Competency, Priority
from mentoring.models import Program
from practice.models import Entry
from sessions.models import Block
from sessions.preparation import split_minutes
from sessions.topic_packs import SHIPPED, packs_of, read_pack, shipped
from sessions.yaml_reader import InvalidFile
from tests import make

HEAD = "throughline: program/1\n"


def errors(text: str) -> str:
    with pytest.raises(InvalidFile) as wrong:
        program_files.read_program(text)
    return "\n".join(wrong.value.errors)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("a: [", "Line 1"),
        (HEAD + "cadence: daily\n", "Line 2: use one of: weekly"),
        (HEAD + "minutes: 5\n", "Line 2: enter a number from 15 to 240"),
        (HEAD + "people: []\n", "Line 2: “people” is not a known setting"),
        (HEAD + "minutes: 60\nminutes: 45\n", "Line 3: “minutes” appears twice"),
        (HEAD + "priorities: Ship\n", "Line 2: enter a list here"),
        (HEAD + "abilities:\n  - ''\n", "Line 3: enter a text of 1 to 120"),
        (
            HEAD + "weights: {aims: 0, style: 0, hours: 0, wish: 0, interests: 0}\n",
            "At least one matching weight must be above 0",
        ),
        ("cadence: weekly\n", "“throughline” is missing"),
        ("throughline: pack/1\n", "Line 1: use one of: program/1"),
        ("a: &x [1]\nb: *x\n", "references"),
        (HEAD + "packs:\n  - key: Not a key\n", "Line 3: use lowercase a–z, numbers and “-”"),
        (HEAD + "packs:\n  - {key: mine, title: Mine}\n", "Line 3: “about” is missing"),
        ("x" * 300_000, "256 KB"),
    ],
)
def test_every_invalid_file_has_a_clear_error(text, says):
    assert says in errors(text)


AGENDA = """agendas:
  - kind: standard
    minutes: 30
    name: Short
    blocks:
      - {type: open, role: status, title: Status, minutes: 10}
      - {type: learn, role: topic, title: Topic, minutes: 15}
"""


@pytest.mark.parametrize(
    "text",
    ["[" * 6_000, "norms: " + "[" * 32_000, "{a: " * 5_000, "- " * 60_000, "? " * 60_000, "a: " + "[ #\n" * 30_000],
)
def test_a_deeply_nested_file_is_refused_before_parsing(as_, program, text, monkeypatch):
    read = []
    original = yaml.scanner.Scanner.fetch_more_tokens
    monkeypatch.setattr(yaml.scanner.Scanner, "fetch_more_tokens", lambda self: read.append(1) or original(self))
    answer = as_(make.admin(program)).post(f"/programs/{program.pk}/file/", {"text": text})
    assert answer.status_code == 422 and "nested too deeply" in answer.content.decode()
    assert len(read) < 1_500, "the parser kept reading"


def test_a_file_with_too_many_entries_is_refused(program):
    assert "too many entries" in errors("a: [" + "[]," * 80_000 + "]")
    found = errors("".join(f"k{n}: 1\n" for n in range(200))).splitlines()
    assert len(found) == 51 and found[-1] == "And 151 more."


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a:\n\t- b", "Line 2 is indented with a tab"),
        ('a: "b\nc: d', "a quotation mark is not closed"),
        ("a: b: c", "Line 1 has an extra colon"),
        ("a: [1, 2\nb: c", "a bracket is not closed"),
        ("a: b\n---\nc: d", "begins a second document"),
        ("a: b\nc: \x07", "Line 2 contains a character that is not text"),
        ("%a b\n", "cannot be read"),
    ],
)
def test_invalid_yaml_has_a_translated_error(text, says):
    found = errors(text)
    assert says in found and "token" not in found and "\n" not in found


def test_minutes_of_an_agenda_must_add_up():
    assert "Line 3: the blocks take 25 minutes, but the agenda has 30" in errors(HEAD + AGENDA)


def test_all_errors_of_a_file_are_reported_together():
    assert len(errors(HEAD + "minutes: 5\ncadence: daily\nnonsense: 1\n").splitlines()) == 3


@given(st.text(max_size=200))
def test_no_input_crashes_the_reader(text):
    try:
        program_files.read_program(text)
    except InvalidFile as wrong:
        assert wrong.errors


# --- A program ---


@pytest.fixture
def program(db):
    return make.program()


def test_an_exported_program_can_be_imported_elsewhere(program):
    make.priority(program, "Ship sooner")
    make.competency(program, "Says no")
    program.match_weights, program.match_rules = {"aims": 70}, {"other_team": True, "grades_above": 2}
    program.save()
    text, elsewhere = program_files.export(program), make.program("Elsewhere")
    content = program_files.read_program(text)
    assert program_files.changes(program, content) == []
    assert "pairing_rules grades_above changes from 0 to 2" in program_files.changes(elsewhere, content)
    program_files.apply(elsewhere, content, None)
    assert elsewhere.match_rules == program.match_rules
    assert program_files.export(elsewhere) == text
    assert program_files.changes(elsewhere, content) == []


def test_the_admin_sees_a_preview_of_the_changes(as_, pair):
    program, admin = pair.program, make.admin(pair.program)
    gone = make.priority(program, "Old one")
    url, text = reverse("program_file", args=[program.pk]), HEAD + "minutes: 45\npriorities:\n  - New one\n"
    page = as_(admin).post(url, {"text": text}).content.decode()
    for words in ("minutes changes from 60 to 45", "“New one” is added", "“Old one” is removed", "1 running pair"):
        assert words in page, words
    assert Program.objects.get(pk=program.pk).minutes == 60
    as_(admin).post(url, {"text": text, "sure": "1"})
    assert Program.objects.get(pk=program.pk).minutes == 45
    gone.refresh_from_db()
    assert gone.dropped_at and Priority.objects.current().get().title == "New one"


def test_sections_missing_in_a_file_stay_unchanged(program):
    make.competency(program, "Says no")
    program_files.apply(program, program_files.read_program(HEAD), None)
    assert Competency.objects.current().exists() and program.agenda_templates.count() == 7


def test_an_invalid_file_keeps_the_input(as_, program):
    answer = as_(make.admin(program)).post(reverse("program_file", args=[program.pk]), {"text": HEAD + "minutes: no\n"})
    html = answer.content.decode()
    assert answer.status_code == 422 and "Line 2" in html and "minutes: no" in html


def test_planned_sessions_keep_their_agendas(pair):
    session = make.session(pair)
    before = list(session.blocks.values_list("title", flat=True))
    new = AGENDA.replace("minutes: 30", "minutes: 25")
    program_files.apply(pair.program, program_files.read_program(HEAD + new), None)
    assert list(session.blocks.values_list("title", flat=True)) == before
    assert pair.program.agenda_templates.get(minutes=25).blocks.count() == 2


# --- Topic packs ---


def test_there_are_twelve_complete_topic_packs():
    packs = shipped("en").values()
    assert len(packs) == 12
    for pack in packs:
        assert sum(block.minutes for block in pack.blocks) == pack.agenda["minutes"] == 60
        assert (len(set(pack.questions)), len(pack.practices)) == (8, 3)
        assert {block.type for block in pack.blocks} >= {"learn", "reflect", "apply"}
        assert len(pack.example) > 200
        assert len(pack.entries) == 2, pack.key
    prepared = {pack.key for pack in packs if "conversation" in [row["kind"] for row in pack.entries]}
    assert prepared >= {"conflict", "salary-negotiation", "influence-without-authority"}


def test_minutes_of_a_pack_must_add_up():
    text = SHIPPED.joinpath("conflict.yaml").read_text()
    with pytest.raises(InvalidFile, match="the blocks take"):
        read_pack(text.replace("minutes: 18", "minutes: 19"))
    assert yaml.safe_load(text)["key"] == "conflict"


def test_a_packs_agenda_applies_to_the_next_session_without_notes(as_, ada, pair):
    url = reverse("pack_detail", args=[pair.pk, "conflict"])
    assert "Schedule a session first" in as_(ada).post(url, follow=True).content.decode()
    session = make.session(pair)
    as_(ada).post(url)
    titles = list(session.blocks.values_list("title", flat=True))
    assert titles[:3] == ["Arrive, agree on the agenda", "Status update", "Commitments since last time"]
    assert titles[3] == "What each side needs, behind what it demands" and len(titles) == 8
    assert titles[6:] == ["Questions, parking lot", "Commit and close"]
    assert sum(session.blocks.values_list("minutes", flat=True)) == 60
    Block.objects.filter(session=session).update(note="Mine")
    assert "already has notes" in as_(ada).post(url, follow=True).content.decode()
    assert session.blocks.filter(note="Mine").count() == 8


def test_a_pack_does_not_change_a_first_session(as_, ada, pair):
    make.session(pair, kind="first")
    assert (
        "Schedule a session first"
        in as_(ada).post(reverse("pack_detail", args=[pair.pk, "conflict"]), follow=True).text
    )


@pytest.mark.parametrize(("minutes", "weights"), [(35, [18, 14, 16]), (3, [18, 1, 1]), (9, [1, 1, 50]), (0, [])])
def test_minutes_are_distributed_as_whole_numbers(minutes, weights):
    found = split_minutes(minutes, weights)
    assert sum(found) == minutes and all(n >= 1 for n in found) and len(found) == len(weights)


def test_a_pack_adds_a_question_and_offers_a_commitment(as_, ada, pair):
    url = reverse("pack_detail", args=[pair.pk, "writing"])
    pack = shipped("en")["writing"]
    html = as_(ada).get(url).content.decode()
    as_(ada).post(reverse("item_create", args=[pair.pk]), {"title": pack.questions[0]})
    assert pair.items.get().title == pack.questions[0]
    form = as_(ada).get(reverse("commitment_create", args=[pair.pk]), {"text": pack.practices[0]["do"]})
    assert pack.practices[0]["do"] in form.content.decode() and "Commit to it" in html
    assert as_(ada).get(reverse("pack_detail", args=[pair.pk, "nonsense"])).status_code == 404


def with_packs(packs: list[dict]) -> str:
    return HEAD + yaml.safe_dump({"packs": deepcopy(packs)})  # copied, because the reader accepts no references


def test_a_program_can_change_remove_and_add_packs(pair, as_, ada):
    program, admin = pair.program, make.admin(pair.program)
    first, *others = yaml.safe_load(program_files.export(program))["packs"]
    other = first | {"about": "For us"}
    mine = deepcopy(first) | {"key": "night-shifts", "title": "Night shifts"}
    text = with_packs([other, *[pack for pack in others if pack["key"] != "writing"], mine])
    url = reverse("program_file", args=[program.pk])
    page = as_(admin).post(url, {"text": text}).content.decode()
    for words in (f"Pack “{first['title']}” changes", "Pack “Night shifts” is added", "is removed"):
        assert words in page, words
    assert Program.objects.get().packs == {}, "only previewed, not changed yet"
    as_(admin).post(url, {"text": text, "sure": "1"})
    html = as_(ada).get(reverse("pack_list", args=[pair.pk])).content.decode()
    assert "Night shifts" in html and "For us" in html and shipped("en")["writing"].title not in html
    assert as_(ada).get(reverse("pack_detail", args=[pair.pk, "night-shifts"])).status_code == 200
    assert as_(ada).get(reverse("pack_detail", args=[pair.pk, "writing"])).status_code == 404
    elsewhere = make.program("Elsewhere")
    program_files.apply(
        elsewhere, program_files.read_program(program_files.export(Program.objects.get(pk=program.pk))), None
    )
    assert elsewhere.packs == Program.objects.get(pk=program.pk).packs, "the packs are in the exported file"


def test_unchanged_packs_are_not_stored_and_keys_are_unique(program):
    text = program_files.export(program)
    program_files.apply(program, program_files.read_program(text), None)
    assert program.packs == {}
    program_files.apply(program, program_files.read_program(HEAD), None)
    assert program.packs == {}, "what a file leaves out stays"
    packs = yaml.safe_load(text)["packs"]
    assert "Two packs have the same key" in errors(with_packs([packs[0], deepcopy(packs[0])]))


# --- Entries of topic packs ---


def test_one_button_of_a_pack_starts_a_private_entry_about_the_pair(as_, ada, sam, pair):
    make.pair(pair.program, sam, make.user("Noor Rahimi"))
    url = reverse("pack_detail", args=[pair.pk, "conflict"])
    html = as_(sam).get(url).content.decode()
    target = reverse("entry_create", args=["conversation"])
    assert f'action="{target}"' in html and "Only you, until you share it" in html
    assert shipped("en")["conflict"].entries[0]["what_for"] in html
    as_(sam).post(target, {"pair": pair.pk})
    entry = Entry.objects.get()
    assert (entry.kind, entry.author, entry.pair) == ("conversation", sam, pair) and not entry.shares.exists()
    assert as_(ada).get(entry.get_absolute_url()).status_code == 404
    pair.end()
    assert target not in as_(sam).get(url).content.decode()


def test_a_file_from_before_keeps_the_entries_of_its_packs(program):
    packs = yaml.safe_load(program_files.export(program))["packs"]
    for pack in packs:
        del pack["entries"]
    settings = program_files.read_program(with_packs(packs))
    assert program_files.changes(program, settings) == []
    program_files.apply(program, settings, None)
    assert program.packs == {}
    mine = deepcopy(packs[0]) | {"key": "night-shifts"}
    changed = packs[0] | {"about": "For us"}
    program_files.apply(program, program_files.read_program(with_packs([changed, mine])), None)
    assert len(packs_of(program)[changed["key"]].entries) == 2 and packs_of(program)["night-shifts"].entries == []


def test_a_pack_stored_before_gets_the_built_in_entries(program):
    stored = asdict(shipped("en")["conflict"]) | {"about": "For us"}
    del stored["entries"]
    Program.objects.update(packs={"own": [stored]})
    assert packs_of(Program.objects.get())["conflict"].entries == shipped("en")["conflict"].entries


def test_a_file_changes_and_removes_the_entries_of_a_pack(program):
    packs = yaml.safe_load(program_files.export(program))["packs"]
    packs[0]["entries"] = [{"kind": "note", "what_for": "Write down what you heard."}]
    packs[1]["entries"] = []
    settings = program_files.read_program(with_packs(packs))
    assert len(program_files.changes(program, settings)) == 2
    program_files.apply(program, settings, None)
    again = yaml.safe_load(program_files.export(program))["packs"]
    assert [pack["entries"] for pack in again[:2]] == [packs[0]["entries"], []]


@pytest.mark.parametrize(
    ("entries", "error"),
    [
        ("[{kind: poem, what_for: Write it}]", "use one of: reflection, lesson"),
        ("[{kind: template, what_for: Write it}]", "use one of: reflection, lesson"),
        ("[{kind: lesson}]", "“what_for” is missing"),
        ("[{kind: lesson, what_for: A}, {kind: lesson, what_for: B}]", "“lesson” appears twice"),
        (f"[{{kind: lesson, what_for: {'x' * 201}}}]", "1 to 200 characters"),
        ("lesson", "enter a list here"),
    ],
)
def test_wrong_entries_of_a_pack_are_named_with_their_line(entries, error):
    text = SHIPPED.joinpath("conflict.yaml").read_text()
    head, tail = text.split("entries:")[0], text[text.index("example:") :]
    with pytest.raises(InvalidFile) as wrong:
        read_pack(f"{head}entries: {entries}\n{tail}")
    assert error in str(wrong.value.errors) and "Line " in str(wrong.value.errors)
