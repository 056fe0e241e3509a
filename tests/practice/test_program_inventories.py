"""A program's own inventories: drafts, versions that never change, two admins at once, and the program file."""

import re

import pytest
import yaml
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from dashboard import program_files
from mentoring.models import Enrollment
from practice.inventories import offered, start
from practice.models import Entry, InventoryPick, InventoryRun, InventoryVersion, ProgramInventory
from practice.models.program_inventory import inventories_of, offered_in
from records.evidence import evidence
from sessions.yaml_reader import InvalidFile
from tests import make

DRAFT = "Decide\n- I decide before Friday.\n- I say why.\n\nListen\n- I ask first."


@pytest.fixture
def own(pair):
    return make.program_inventory(pair.program)


@pytest.fixture
def admin(as_, pair):
    return as_(make.admin(pair.program))


def url(name: str, *args) -> str:
    return reverse(f"program_inventory_{name}", args=args)


def answered(person, inventory: ProgramInventory, mark: int) -> InventoryRun:
    (version,) = [one for one in offered_in([inventory.program_id]) if one.name == f"p{inventory.pk}"]
    run = InventoryRun.objects.get(entry=start(person, version))
    run.answer(1, {one.key: mark for one in version.statements})
    return InventoryRun.objects.select_related("entry").get(pk=run.pk)


def typed(row: ProgramInventory, **changes) -> dict:
    """Return what a browser sends that shows this draft, with some fields changed."""
    names = ("title", "about", "statements", "least", "most")
    shown = {name: getattr(row, name) for name in names}
    return {f"initial-{name}": value for name, value in shown.items()} | shown | changes


class TestTheAdmin:
    def test_a_draft_is_written_saved_and_published(self, as_, admin, ada, pair):
        edit = admin.post(url("list", pair.program_id), {"title": "Leading here"}).url
        row = ProgramInventory.objects.get()
        assert edit == url("edit", row.pk) and row.number == 0
        text = "Decide\r\n-  I decide before Friday.\r\n• I say why.\r\nListen\r\n* I ask first."
        assert admin.post(edit, typed(row, statements=text, most="always here")).status_code == 302
        row.refresh_from_db()
        assert row.statements == DRAFT and not InventoryVersion.objects.exists()
        assert "Leading here" not in as_(ada).get(reverse("practice_inventory_list")).content.decode()
        for _click in range(2):
            admin.post(edit, typed(row, publish="1"))
        assert [version.number for version in row.versions.all()] == [1], "the same text is one version"
        page = as_(ada).get(reverse("practice_inventory_list")).content.decode()
        assert "Leading here" in page and reverse("practice_inventory_start", args=[f"p{row.pk}"]) in page
        answer = as_(ada).post(reverse("practice_inventory_start", args=[f"p{row.pk}"]))
        page = as_(ada).get(answer.url).content.decode()
        assert "I decide before Friday." in page and "5 · always here" in page and "half of the time" not in page

    @pytest.mark.parametrize(
        ("statements", "error"),
        [
            ("- No title", "Begin with the title of a theme"),
            ("A\n- x\nA\n- y", "“A” appears twice"),
            ("A\n- x\n- x", "“x” appears twice"),
            ("A\n-", "no statement"),
            ("A\n- " + "x" * 201, "Shorten this line to 200 characters"),
            ("x" * 100_000, "at most"),
            ("\n".join(f"S{n}\n- {n}" for n in range(13)), "at most 12 themes"),
            ("A\n" + "\n".join(f"- {n}" for n in range(61)), "at most 60 statements"),
        ],
    )
    def test_wrong_statements_are_refused_and_kept(self, admin, own, statements, error):
        answer = admin.post(url("edit", own.pk), typed(own, statements=statements, about="Typed"))
        page = answer.content.decode()
        assert answer.status_code == 422 and error in page and 'value="Typed"' in page
        own.refresh_from_db()
        assert (own.statements, own.about) == (DRAFT, "")

    def test_an_unfinished_draft_is_saved_and_not_published(self, admin, own):
        for statements in ("", "Decide"):
            assert admin.post(url("edit", own.pk), typed(own, statements=statements)).status_code == 302
            own.refresh_from_db()
            assert admin.post(url("edit", own.pk), typed(own, publish="1")).status_code == 422
        assert own.statements == "Decide" and own.versions.count() == 1

    def test_two_admins_do_not_overwrite_each_other(self, admin, own):
        ProgramInventory.objects.update(about="Theirs", statements="Decide\n- Theirs.")
        answer = admin.post(url("edit", own.pk), typed(own, statements="Decide\n- Mine.", publish="1"))
        page = answer.content.decode()
        assert answer.status_code == 409 and "- Theirs." in page and "- Mine." in page
        assert 'value="Theirs"' in page, "what only the other admin changed is kept"
        own.refresh_from_db()
        assert own.statements == "Decide\n- Theirs." and own.versions.count() == 1

    def test_a_title_is_there_once(self, admin, own, pair):
        assert admin.post(url("list", pair.program_id), {"title": own.title}).status_code == 422
        admin.post(url("edit", own.pk), typed(own, title="Renamed"))
        answer = admin.post(url("list", pair.program_id), {"title": "Leading here"})
        assert answer.status_code == 422, "people still answer the version with that title"
        assert admin.post(url("list", pair.program_id), {"title": "x" * 100_000}).status_code == 422
        assert ProgramInventory.objects.count() == 1

    def test_a_retired_one_is_offered_again_with_one_button(self, as_, admin, ada, own):
        for _click in range(2):
            html = admin.post(url("retire", own.pk), follow=True).content.decode()
        assert f'action="{url("retire", own.pk)}?undo=1"' in html
        assert "Leading here" not in as_(ada).get(reverse("practice_inventory_list")).content.decode()
        assert as_(ada).post(reverse("practice_inventory_start", args=[f"p{own.pk}"])).status_code == 404
        assert admin.get(url("edit", own.pk)).status_code == 404
        other = make.program_inventory(own.program, publish=False)
        assert "Rename that one first" in admin.post(url("retire", own.pk) + "?undo=1", follow=True).content.decode()
        other.delete()
        admin.post(url("retire", own.pk) + "?undo=1")
        assert "Leading here" in as_(ada).get(reverse("practice_inventory_list")).content.decode()

    def test_admins_see_neither_answers_nor_who_gave_them(self, admin, ada, own):
        pages = [
            url("list", own.program_id),
            url("edit", own.pk),
            reverse("program_file_export", args=[own.program_id]),
        ]

        def read() -> list[str]:
            return [re.sub(r"[\w-]{36,64}", "", admin.get(page).content.decode()) for page in pages]

        before = read()
        answered(ada, own, 5)
        assert read() == before


class TestTheAnswers:
    def test_people_keep_the_version_that_they_answered(self, as_, admin, ada, own):
        run = answered(ada, own, 2)
        admin.post(url("edit", own.pk), typed(own, statements="Decide\n- I decide today.", publish="1"))
        page = as_(ada).get(reverse("entry_detail", args=[run.entry_id])).content.decode()
        assert "I decide before Friday." in page and "I decide today." not in page
        later = answered(ada, own, 5)
        assert (run.source, later.source) == (f"p{own.pk}-1", f"p{own.pk}-2")
        page = as_(ada).get(reverse("practice_inventory", args=[f"p{own.pk}"])).content.decode()
        assert "I decide today." in page and "The upper bar" not in page

    def test_two_versions_are_never_compared(self, as_, admin, ada, own):
        first, second = answered(ada, own, 2), answered(ada, own, 4)
        page = reverse("practice_inventory", args=[f"p{own.pk}"])
        assert "The upper bar" in as_(ada).get(page).content.decode()
        admin.post(url("edit", own.pk), typed(own, statements="Decide\n- I say why.", publish="1"))
        third = answered(ada, own, 5)
        html = as_(ada).get(page, {"now": third.entry_id, "before": first.entry_id}).content.decode()
        assert "The wording changed between these two days" in html and "The upper bar" not in html
        html = as_(ada).get(page, {"now": second.entry_id}).content.decode()
        assert "The upper bar" in html and "wording changed" not in html

    def test_a_retired_inventory_keeps_its_answers(self, as_, ada, own):
        run = answered(ada, own, 2)
        ProgramInventory.objects.update(retired_at=timezone.now())
        page = as_(ada).get(reverse("practice_inventory", args=[f"p{own.pk}"])).content.decode()
        assert "no longer offered" in page and "I say why." in page and "Answer again" not in page
        assert "no longer offered" in as_(ada).get(reverse("practice_inventory_list")).content.decode()
        assert as_(ada).get(reverse("practice_inventory_answer", args=[run.entry_id])).status_code == 200

    def test_only_people_of_the_program_are_offered_it(self, as_, ada, own):
        names = [one.inventory.title for one in offered(ada)]
        assert "Leading here" in names
        stranger = make.pair(make.program("Elsewhere"), make.user(), make.user()).mentee
        address = reverse("practice_inventory", args=[f"p{own.pk}"])
        assert as_(stranger).get(address).status_code == 404 and as_(ada).get(address).status_code == 200
        assert as_(stranger).post(address + "start/").status_code == 404
        Enrollment.objects.filter(user=ada).delete()
        assert "Leading here" not in [one.inventory.title for one in offered(ada)]

    def test_a_statement_is_evidence_and_the_own_copy_has_it(self, as_, ada, pair, own):
        run, competency = answered(ada, own, 4), make.competency(pair.program)
        key = run.inventory.statements[0].key
        use = reverse("practice_inventory_use", args=[run.entry_id, key])
        as_(ada).post(use, {"use": "competency", "competency": competency.pk})
        assert [pick.text for row in evidence(pair, ada) for pick in row.statements] == ["I decide before Friday."]
        assert InventoryPick.objects.get().mark == 4
        (entry,) = as_(ada).get(reverse("practice_export"), {"kind": "json"}).json()["entries"]
        assert entry["title"] == "Leading here" and entry["statements"][2] == {"text": "I ask first.", "answer": 4}

    def test_many_answers_need_one_query_for_their_wordings(self, ada, own):
        runs = [answered(ada, own, mark) for mark in (1, 2, 3)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(inventories_of(run.source for run in runs)) == 1
            offered(ada)
        assert sum("practice_inventoryversion" in one["sql"] for one in queries) == 3

    def test_a_deleted_program_breaks_no_page(self, as_, ada, own):
        run = answered(ada, own, 4)
        InventoryVersion.objects.all().delete()
        for page in (reverse("practice_inventory_list"), reverse("entry_detail", args=[run.entry_id])):
            assert as_(ada).get(page).status_code == 200
        assert as_(ada).get(reverse("practice_inventory_answer", args=[run.entry_id])).status_code == 404
        assert Entry.objects.get()


class TestTheFile:
    def test_they_travel_and_are_published_once(self, own, pair):
        ProgramInventory.objects.filter(pk=own.pk).update(least="not at all")
        own.publish(None)
        make.program_inventory(pair.program, "A draft", publish=False)
        text = program_files.export(pair.program)
        assert [row["title"] for row in yaml.safe_load(text)["inventories"]] == ["Leading here"]
        other = make.program("Elsewhere")
        old = make.program_inventory(other, "Old")
        settings = program_files.read_program(text)
        sentences = program_files.changes(other, settings)
        assert "Inventory “Leading here” is added" in sentences and "Inventory “Old” is retired" in sentences
        for _number in range(2):
            program_files.apply(other, settings, None)
        copy = ProgramInventory.objects.current().get(program=other)
        assert (copy.number, copy.statements, copy.least) == (1, DRAFT, "not at all")
        old.refresh_from_db()
        assert old.retired_at and old.versions.exists()
        assert not [one for one in program_files.changes(other, settings) if "nventory" in one]
        settings["inventories"][0]["themes"].pop()
        assert program_files.changes(other, settings) == ["Inventory “Leading here” gets a new version"]
        ProgramInventory.objects.filter(pk=copy.pk).update(title="Renamed draft")
        program_files.apply(other, settings, None)
        copy.refresh_from_db()
        assert (copy.title, copy.number) == ("Leading here", 2)

    @pytest.mark.parametrize(
        ("entry", "wrong"),
        [
            ("  - {title: A}", "“themes” is missing"),
            ("  - {title: A, themes: [{title: B}]}", "“statements” is missing"),
            ("  - {title: A, themes: []}", "each theme needs a title and statements"),
            ("  - {title: A, themes: [{title: B, statements: []}]}", "each theme needs a title and statements"),
            ("  - {title: A, themes: [{title: '- B', statements: [c]}]}", "without “-”"),
            ('  - {title: A, themes: [{title: B, statements: ["c\\nd"]}]}', "each on one line"),
            ("  - {title: A, themes: [{title: B, statements: [c, c]}]}", "“c” appears twice"),
            ("  - {title: A, themes: 3}", "Line 3: enter a list here"),
            ("  - {title: A, mean: 3, themes: []}", "“mean” is not a known setting"),
            (
                "  - {title: A, themes: [{title: B, statements: [c]}]}\n"
                "  - {title: A, themes: [{title: B, statements: [c]}]}",
                "Two inventories have the same title",
            ),
        ],
    )
    def test_a_wrong_inventory_has_a_plain_error(self, entry, wrong):
        with pytest.raises(InvalidFile) as error:
            program_files.read_program("throughline: program/1\ninventories:\n" + entry)
        assert wrong in "\n".join(error.value.errors)
