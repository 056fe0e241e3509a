"""The stakeholder map: only its author reads it, and nothing of it can be shared."""

import json

import pytest
from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, connection
from django.urls import reverse
from django.utils import timezone

from core.fields import UnreadableText
from core.grid_chart import GridChart
from goals.models import Commitment
from practice.models import Entry, Stakeholder
from records import growth, handover
from records.retention import delete_practice_without_pair
from sessions.models import AgendaItem
from tests import make

CANARY = "heron-7391"
TYPED = {"name": "Marta", "influence": "5", "support": "2", "matters": "Her promise", "approach": "Call first"}


@pytest.fixture
def marta(pair, ada):
    texts = {"matters": f"Her promise to the board {CANARY}", "approach": "Call her before the meeting"}
    return Stakeholder.objects.create(author=ada, name="Marta", influence=5, support=2, **texts)


def url(name: str, *args) -> str:
    return reverse(name, args=args)


class TestMap:
    def test_a_person_is_added_and_is_in_drawing_and_table(self, as_, ada, pair):
        as_(ada).post(url("stakeholder_create"), TYPED)
        row = Stakeholder.objects.get()
        assert (row.author, row.name, row.influence, row.support) == (ada, "Marta", 5, 2)
        page = as_(ada).get(url("stakeholder_list")).content.decode()
        assert "<title>Marta</title>" in page and "Her promise" in page and "Call first" in page
        assert url("stakeholder_list") in as_(ada).get(url("practice_list")).content.decode()

    def test_those_with_most_influence_and_least_support_are_first(self, as_, ada, marta):
        for name, influence, support in (("Jonas", 5, 1), ("Lin", 2, 1)):
            Stakeholder.objects.create(author=ada, name=name, influence=influence, support=support)
        page = as_(ada).get(url("stakeholder_list")).content.decode()
        table = page[page.index("<tbody>") :]
        assert table.index("Jonas") < table.index("Marta") < table.index("Lin")

    def test_several_in_one_cell_do_not_cover_each_other(self):
        marks = GridChart([(3, 3)] * 7 + [(1, 5), (5, 1)]).marks
        assert [mark.text for mark in marks] == [str(n) for n in range(1, 10)]
        assert len({(mark.x, mark.y) for mark in marks}) == 9
        assert all(0 <= mark.at <= 1 and 0 <= mark.top <= 228 for mark in marks)
        assert marks[7].at < marks[0].at < marks[8].at and marks[7].top < marks[0].top < marks[8].top

    @pytest.mark.parametrize(
        "wrong", [{"name": ""}, {"name": "x" * 121}, {"influence": "6"}, {"support": "x"}, {"matters": "x" * 100_000}]
    )
    def test_wrong_input_is_refused_and_kept(self, as_, ada, marta, wrong):
        typed = TYPED | {"approach": "Kept"} | wrong
        for address in (url("stakeholder_create"), url("stakeholder_edit", marta.pk)):
            answer = as_(ada).post(address, typed)
            page = answer.content.decode()
            assert answer.status_code == 422 and "Kept" in page and max(wrong.values(), key=len) in page
        assert Stakeholder.objects.get().approach == "Call her before the meeting"

    def test_the_scales_end_in_the_database_too(self, ada):
        with pytest.raises(IntegrityError):
            Stakeholder.objects.create(author=ada, name="Marta", influence=6)

    def test_two_windows_do_not_overwrite_each_other(self, as_, ada, marta):
        shown = {f"initial-{name}": getattr(marta, name) for name in TYPED}
        first = shown | {name: getattr(marta, name) for name in TYPED} | {"approach": "From the phone"}
        assert as_(ada).post(url("stakeholder_edit", marta.pk), first).status_code == 302
        second = first | {"approach": "From the laptop", "support": "4"}
        answer = as_(ada).post(url("stakeholder_edit", marta.pk), second)
        page = answer.content.decode()
        assert answer.status_code == 409 and "From the phone" in page and "From the laptop" in page
        assert Stakeholder.objects.get().approach == "From the phone"

    def test_a_full_map_is_explained(self, as_, ada, marta, monkeypatch):
        monkeypatch.setattr("practice.views.stakeholders.MOST", 1)
        answer = as_(ada).post(url("stakeholder_create"), TYPED)
        page = answer.content.decode()
        assert answer.status_code == 422 and "Your map is full" in page and "Call first" in page

    def test_deleting_asks_first(self, as_, ada, marta):
        as_(ada).get(url("stakeholder_delete", marta.pk))
        assert Stakeholder.objects.exists()
        as_(ada).post(url("stakeholder_delete", marta.pk))
        assert not Stakeholder.objects.exists()
        assert as_(ada).post(url("stakeholder_edit", marta.pk), TYPED).status_code == 404


class TestPrivacy:
    def test_nobody_else_opens_or_changes_it(self, as_, ada, sam, pair, marta):
        for person in (sam, make.admin(pair.program), make.user(is_superuser=True, is_staff=True)):
            assert CANARY not in as_(person).get(url("stakeholder_list")).content.decode()
            for name in ("stakeholder_edit", "stakeholder_delete"):
                assert as_(person).get(url(name, marta.pk)).status_code == 404
                assert as_(person).post(url(name, marta.pk), TYPED).status_code == 404
            lead = {"line": "x", "kind": "topic"}
            assert as_(person).post(url("stakeholder_lead", marta.pk), lead).status_code == 404
            assert not Stakeholder.objects.visible_to(person).exists()
        with pytest.raises(ObjectDoesNotExist):
            Stakeholder.objects.editable_by(sam).get(pk=marta.pk)

    def test_there_is_no_way_to_share_it(self):
        """No other model names it, and it names no pair."""
        assert not Stakeholder._meta.related_objects
        others = {field.related_model for field in Stakeholder._meta.get_fields() if field.is_relation}
        assert apps.get_model("mentoring", "Pair") not in others and Entry not in others

    def test_it_is_encrypted_and_bound_to_its_author(self, ada, sam, marta):
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM practice_stakeholder")
            stored = str(cursor.fetchall())
            assert "Marta" not in stored and CANARY not in stored
            cursor.execute("UPDATE practice_stakeholder SET author_id = %s", [sam.pk])
        with pytest.raises(UnreadableText):
            list(Stakeholder.objects.all())

    def test_it_is_in_the_own_download_only(self, as_, ada, sam, pair, marta):
        data = json.loads(as_(ada).get(url("practice_export"), {"kind": "json"}).content)
        assert data["stakeholders"][0]["name"] == "Marta" and CANARY in data["stakeholders"][0]["matters"]
        assert CANARY in as_(ada).get(url("practice_export")).content.decode()
        assert CANARY not in as_(sam).get(url("practice_export")).content.decode()
        assert CANARY not in growth.as_html(growth.build_record(pair, growth.SECTIONS))
        pair.end()
        found = [row for kind in handover.KINDS.values() for row in kind.rows([pair], ada, ada.today())]
        assert not any(isinstance(row, Stakeholder) for row in found)

    def test_it_is_deleted_with_the_content_of_the_last_pair(self, ada, pair, marta):
        delete_practice_without_pair([ada.pk])
        assert Stakeholder.objects.exists()
        type(pair).objects.filter(pk=pair.pk).update(content_deleted_at=timezone.now())
        delete_practice_without_pair([ada.pk])
        assert not Stakeholder.objects.exists()


class TestOutlets:
    def test_one_line_becomes_a_commitment_and_a_topic_once(self, as_, ada, pair, marta):
        page = as_(ada).get(url("stakeholder_edit", marta.pk)).content.decode()
        assert 'value="Call her before the meeting"' in page and "sees this line and nothing else" in page
        for _ in range(2):
            for kind in ("commitment", "topic"):
                line = {"line": "Call her on Monday", "kind": kind}
                as_(ada).post(url("stakeholder_lead", marta.pk), line)
        commitment, topic = Commitment.objects.get(), AgendaItem.objects.get()
        assert (commitment.text, commitment.owner, topic.title) == ("Call her on Monday", ada, "Call her on Monday")
        assert CANARY not in f"{commitment.text} {topic.title}"
        as_(ada).post(url("stakeholder_delete", marta.pk))
        assert Commitment.objects.exists() and AgendaItem.objects.exists()

    def test_a_second_line_from_an_old_page_is_not_lost(self, as_, ada, pair, marta):
        for text in ("Call her on Monday", "Write to her instead"):
            line = {"line": text, "kind": "topic"}
            answer = as_(ada).post(url("stakeholder_lead", marta.pk), line, follow=True)
        assert "Not added" in answer.content.decode() and "Write to her instead" in answer.content.decode()
        assert AgendaItem.objects.get().title == "Call her on Monday"

    def test_an_introduction_is_asked_for_in_one_tap(self, as_, ada, marta):
        page = as_(ada).get(url("stakeholder_edit", marta.pk)).content.decode()
        assert 'value="Ask for an introduction: Marta"' in page

    @pytest.mark.parametrize("line", ["", "x" * 301, "x" * 100_000])
    def test_a_wrong_line_is_refused_and_kept(self, as_, ada, pair, marta, line):
        answer = as_(ada).post(url("stakeholder_lead", marta.pk), {"line": line, "kind": "topic"})
        assert answer.status_code == 422 and line in answer.content.decode() and not AgendaItem.objects.exists()

    def test_with_several_pairs_the_author_names_one(self, as_, sam, pair):
        other = make.pair(pair.program, sam, make.user("Noor Rahimi"))
        row = Stakeholder.objects.create(author=sam, name="Marta")
        line = {"line": "Marta", "kind": "topic"}
        as_(sam).post(url("stakeholder_lead", row.pk), line)
        assert not AgendaItem.objects.exists()
        as_(sam).post(url("stakeholder_lead", row.pk), line | {"pair": other.pk})
        assert AgendaItem.objects.get().pair == other
