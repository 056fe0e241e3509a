"""Inventories: private answers, two days side by side, and statements that lead on (docs/rules.md, self-awareness)."""

from html import unescape

import pytest
import yaml
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation

from practice.inventories import result, runs_of
from practice.inventory_files import FILES, inventory, newest, sources
from practice.models import Entry, InventoryPick, InventoryRun
from records.evidence import evidence
from records.retention import delete_practice_without_pair
from sessions.models import AgendaItem
from tests import make

STRENGTHS = next(one for one in newest() if one.name == "strengths")
KEY = STRENGTHS.statements[0].key


def url(name: str, *args) -> str:
    return reverse(f"practice_inventory{name}", args=args)


def mark(client, pk: int, key: str, value: str, **headers):
    return client.post(url("_mark", pk, key), {"value": value}, headers=headers)


@pytest.fixture
def run(ada, pair):
    return make.inventory_run(ada, 3)


@pytest.mark.parametrize("source", sources())
def test_each_language_has_the_same_themes_and_statements(source):
    shapes, texts = set(), []
    for folder in (FILES, FILES / "de", FILES / "es"):
        found = yaml.safe_load((folder / f"{source}.yaml").read_text(encoding="utf-8"))
        shapes.add(tuple(len(statements) for statements in found["themes"].values()))
        texts += [text for statements in found["themes"].values() for text in statements]
    assert len(shapes) == 1 and sum(shapes.pop()) == 12
    assert len(set(texts)) == 36, "each is translated, and none is there twice"
    with translation.override("de"):
        assert [one.key for one in inventory(source).statements] == [
            one.key for one in translation_free(source).statements
        ]


def translation_free(source):
    with translation.override("en"):
        return inventory(source)


class TestAnswering:
    def test_it_is_started_answered_and_shown(self, as_, ada, pair):
        page = as_(ada).get(url("_list")).content.decode()
        assert "Strengths" in page and "Blind spots" in page and "Decision style" in page
        answer = as_(ada).post(url("_start", "strengths"))
        entry = Entry.objects.get()
        assert answer.url == url("_answer", entry.pk) and entry.written_at is None
        page = as_(ada).get(answer.url).content.decode()
        assert STRENGTHS.statements[0].text in page and "almost always" in page
        answer = mark(as_(ada), entry.pk, KEY, "4")
        assert answer.url == f"{url('_answer', entry.pk)}#statement-{KEY}"
        assert InventoryRun.objects.get().answers == {KEY: 4}
        page = as_(ada).get(reverse("entry_detail", args=[entry.pk])).content.decode()
        assert "<h1>Strengths" in page and STRENGTHS.statements[0].text in page

    def test_starting_again_continues_with_the_empty_one(self, as_, ada, pair):
        as_(ada).post(url("_start", "strengths")), as_(ada).post(url("_start", "strengths"))
        assert Entry.objects.count() == 1
        as_(ada).get(url("_list")), as_(ada).get(url("", "strengths"))
        assert Entry.objects.count() == 1
        assert as_(ada).post(url("_start", "unknown")).status_code == 404

    def test_each_answer_is_saved_at_once_and_counted(self, as_, ada, run):
        as_(ada).post(url("_start", "strengths"))
        entry = Entry.objects.latest("pk")
        page = as_(ada).get(url("_answer", entry.pk)).content.decode()
        assert "0 of 12 answered" in page and 'aria-pressed="true"' not in page
        part = mark(as_(ada), entry.pk, KEY, "4", **{"HX-Request": "true"}).content.decode()
        assert "1 of 12 answered" in part and part.count('aria-pressed="true"') == 1 and "<html" not in part
        assert part.count("Clear the answer") == 1
        assert InventoryRun.objects.get(entry=entry).answers == {KEY: 4}
        assert mark(as_(ada), entry.pk, KEY, "4").status_code == 302, "pressed twice"
        assert InventoryRun.objects.get(entry=entry).answers == {KEY: 4}
        mark(as_(ada), entry.pk, KEY, "")
        assert InventoryRun.objects.get(entry=entry).answers == {}

    def test_answers_of_another_device_are_not_overwritten(self, as_, ada, run):
        other = STRENGTHS.statements[1].key
        phone, laptop = as_(ada), as_(ada)
        phone.get(url("_answer", run.entry_id)), laptop.get(url("_answer", run.entry_id))
        mark(phone, run.entry_id, KEY, "5"), mark(laptop, run.entry_id, other, "1")
        answers = InventoryRun.objects.get().answers
        assert (answers[KEY], answers[other], len(answers)) == (5, 1, 12)

    @pytest.mark.parametrize("value", ["9", "0", "no", "x" * 100_000])
    @pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
    def test_other_answers_are_refused_and_nothing_is_stored(self, as_, ada, run, value, headers):
        answer = mark(as_(ada), run.entry_id, KEY, value, **headers)
        assert answer.status_code == 422 and 'aria-pressed="true"' in answer.content.decode()
        assert mark(as_(ada), run.entry_id, "unknown", "3").status_code == 404
        assert set(InventoryRun.objects.get().answers.values()) == {3}

    def test_a_reader_sees_later_answers(self, as_, ada, sam, pair, run):
        run.entry.share(pair)
        before = type(pair).objects.get().touched_at
        mark(as_(ada), run.entry_id, KEY, "5")
        assert type(pair).objects.get().touched_at > before
        assert mark(as_(sam), run.entry_id, KEY, "1").status_code == 404

    def test_the_answers_are_encrypted(self, run):
        with connection.cursor() as cursor:
            cursor.execute("SELECT marks FROM practice_inventoryrun")
            assert KEY not in str(cursor.fetchall())

    def test_nobody_else_sees_them_until_they_are_shared(self, as_, ada, sam, pair, run):
        for person in (sam, make.admin(pair.program), make.user(is_superuser=True, is_staff=True)):
            for name, args in (("_answer", [run.entry_id]), ("_use", [run.entry_id, KEY])):
                assert as_(person).get(url(name, *args)).status_code == 404
            for name in ("_use", "_mark"):
                data = {"use": "agenda", "value": "1"}
                assert as_(person).post(url(name, run.entry_id, KEY), data).status_code == 404
            assert as_(person).get(reverse("entry_detail", args=[run.entry_id])).status_code == 404
            assert runs_of(person) == []
        run.entry.share(pair)
        page = as_(sam).get(reverse("entry_detail", args=[run.entry_id])).content.decode()
        assert STRENGTHS.statements[0].text in page and url("_use", run.entry_id, KEY) not in page


class TestComparing:
    def test_two_days_are_side_by_side(self, as_, ada, run):
        later = make.inventory_run(ada, 5)
        found = result(later, run)
        assert (found.themes[0].theme.now, found.themes[0].theme.before) == (5, 3)
        assert (found.themes[0].statements[0].now, found.themes[0].statements[0].before) == (5, 3)
        page = as_(ada).get(url("", "strengths")).content.decode()
        assert "The upper bar is" in page and 'width="100%"' in page and 'width="60%"' in page
        make.inventory_run(ada, 1)
        page = as_(ada).get(url("", "strengths"), {"now": later.entry_id, "before": run.entry_id}).content.decode()
        assert 'width="60%"' in page and 'width="20%"' not in page

    def test_one_day_has_no_other_and_foreign_days_are_ignored(self, as_, ada, sam, run):
        theirs = make.inventory_run(sam, 1)
        other = make.inventory_run(ada, 1, name="blind-spots")
        for before in (theirs.entry_id, other.entry_id, "x", "9" * 50):
            page = as_(ada).get(url("", "strengths"), {"before": before}).content.decode()
            assert 'width="60%"' in page and 'width="20%"' not in page and "The upper bar" not in page

    def test_a_wording_that_is_gone_breaks_no_page(self, as_, ada, run):
        InventoryRun.objects.update(source="strengths-999")
        for page in (url("_list"), url("", "strengths"), reverse("entry_detail", args=[run.entry_id])):
            assert as_(ada).get(page).status_code == 200
        assert as_(ada).get(reverse("practice_export")).status_code == 200


class TestLeadingOn:
    def test_a_statement_becomes_a_topic_once(self, as_, ada, pair, run):
        use = url("_use", run.entry_id, KEY)
        page = as_(ada).get(use).content.decode()
        token = page.split('name="form_token" value="')[1].split('"')[0]
        for _ in range(2):
            as_(ada).post(use, {"use": "agenda", "form_token": token})
        assert [item.title for item in AgendaItem.objects.all()] == [STRENGTHS.statements[0].text]

    def test_a_statement_is_the_title_of_a_new_goal(self, as_, ada, pair, run):
        page = as_(ada).get(url("_use", run.entry_id, KEY)).content.decode()
        assert reverse("goal_create", args=[pair.pk]) + "?title=" in page
        form = as_(ada).get(reverse("goal_create", args=[pair.pk]), {"title": STRENGTHS.statements[0].text})
        assert STRENGTHS.statements[0].text in form.content.decode() and not pair.goals.exists()

    def test_a_statement_is_evidence_for_those_who_can_read_it(self, as_, ada, sam, pair, run):
        competency, foreign = make.competency(pair.program), make.competency(make.program("Elsewhere"))
        use = url("_use", run.entry_id, KEY)
        for _ in range(2):
            as_(ada).post(use, {"use": "competency", "competency": competency.pk})
        assert as_(ada).post(use, {"use": "competency", "competency": foreign.pk}).status_code == 422
        assert [pick.competency for pick in InventoryPick.objects.all()] == [competency]
        assert [len(row.statements) for row in evidence(pair, ada)] == [1]
        assert [len(row.statements) for row in evidence(pair, sam)] == [0]
        run.entry.share(pair)
        page = as_(sam).get(reverse("competency_detail", args=[pair.pk, competency.pk])).content.decode()
        assert STRENGTHS.statements[0].text in page and "3 of 5" in page

    def test_evidence_can_be_undone(self, as_, ada, sam, pair, run):
        one, other = make.competency(pair.program), make.competency(pair.program, "Says no")
        use = url("_use", run.entry_id, KEY)
        for competency in (one, other):
            html = as_(ada).post(use, {"use": "competency", "competency": competency.pk}, follow=True).content.decode()
        undo = f"{use}?take_back={other.pk}"
        assert f'action="{undo}"' in html
        assert as_(sam).post(undo).status_code == 404 and as_(ada).get(undo).status_code == 200
        for _click in range(2):
            assert as_(ada).post(undo).status_code == 302
        assert [pick.competency for pick in InventoryPick.objects.all()] == [one]
        page = as_(ada).get(use).content.decode()
        assert f'action="{use}?take_back={one.pk}"' in page and f"take_back={other.pk}" not in page
        as_(ada).post(f"{use}?take_back=x")
        assert InventoryPick.objects.count() == 1

    def test_a_topic_can_be_undone_in_its_message(self, as_, ada, pair, run):
        use = url("_use", run.entry_id, KEY)
        html = as_(ada).post(use, {"use": "agenda"}, follow=True).content.decode()
        undo = unescape(html.split("data-undo")[0].rpartition('action="')[2].split('"')[0])
        assert as_(ada).post(undo).url == use
        assert not AgendaItem.objects.exclude(state="dropped").exists()

    def test_the_next_step_becomes_a_commitment(self, as_, ada, pair, run):
        text = run.entry.texts.get(key="next")
        text.write(text.version, text="Ask for bad news first")
        as_(ada).post(reverse("entry_commit", args=[run.entry_id]))
        assert pair.commitments.get().text == "Ask for bad news first"


def test_the_own_copy_has_the_answers(as_, ada, run):
    (entry,) = as_(ada).get(reverse("practice_export"), {"kind": "json"}).json()["entries"]
    assert entry["title"] == "Strengths" and len(entry["statements"]) == 12
    assert entry["statements"][0] == {"text": STRENGTHS.statements[0].text, "answer": 3}
    assert STRENGTHS.statements[0].text in as_(ada).get(reverse("practice_export")).content.decode()


def test_they_are_deleted_with_the_last_pair(ada, pair, run):
    type(pair).objects.update(content_deleted_at=timezone.now())
    delete_practice_without_pair([ada.pk])
    assert not InventoryRun.objects.exists()
