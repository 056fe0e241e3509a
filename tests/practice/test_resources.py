"""Resources: the library of a program, and what a pair uses of it; admins learn numbers of five and more."""

import uuid

import pytest
import yaml
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dashboard import program_files
from dashboard.library import library_rows, publish_usefulness
from practice.forms import resources
from practice.models import PairResource, Resource
from records.evidence import evidence
from sessions.yaml_reader import InvalidFile
from tests import make

HTMX = {"HX-Request": "true"}


@pytest.fixture
def resource(pair):
    return make.resource(pair.program, competency=make.competency(pair.program), note="Two hours")


def url(name: str, *args) -> str:
    return reverse(name, args=args)


def page(client, pair) -> str:
    return client.get(url("pair_resource_list", pair.pk)).content.decode()


def rate(client, row, status: str = "finished", usefulness: str = "4"):
    data = {"status": status, "usefulness": usefulness}
    return client.post(url("pair_resource_rate", row.pk), data)


class TestThePair:
    def test_a_mentor_recommends_with_one_line_why(self, as_, ada, sam, pair, resource):
        address = url("pair_resource_recommend", pair.pk, resource.pk)
        assert as_(sam).post(address, {"why": ""}).status_code == 422
        as_(sam).post(address, {"why": "It is short"}), as_(sam).post(address, {"why": "It is short"})
        row = PairResource.objects.get()
        assert (row.created_by, row.status, row.facts.title) == (sam, "", resource.title)
        read = page(as_(ada), pair)
        assert "It is short" in read and resource.url in read and "Two hours" in read

    def test_a_mentee_plans_one_without_a_reason(self, as_, ada, pair, resource):
        as_(ada).post(url("pair_resource_recommend", pair.pk, resource.pk))
        assert PairResource.objects.get().status == "planned"

    def test_either_adds_one_of_their_own(self, as_, ada, sam, pair):
        for person in (ada, sam):
            typed = {"title": "The book", "url": "example.org/book", "kind": "reading"}
            as_(person).post(url("pair_resource_create", pair.pk), typed)
        assert {row.url for row in PairResource.objects.all()} == {"https://example.org/book"}
        answer = as_(ada).post(url("pair_resource_create", pair.pk), typed | {"url": "javascript:alert(1)"})
        assert answer.status_code == 422 and "The book" in answer.content.decode()
        answer = as_(ada).post(url("pair_resource_create", pair.pk), typed | {"title": " "})
        assert answer.status_code == 422 and PairResource.objects.count() == 2

    def test_only_the_mentee_notes_how_it_goes(self, as_, ada, sam, pair):
        row = make.pair_resource(pair)
        assert rate(as_(sam), row).status_code == 404
        rate(as_(ada), row)
        row.refresh_from_db()
        assert (row.status, row.usefulness) == ("finished", 4) and "usefulness 4 of 5" in page(as_(sam), pair)
        rate(as_(ada), row, "planned", "5")
        row.refresh_from_db()
        assert (row.status, row.usefulness) == ("planned", None), "nobody rates what has not begun"
        for status, usefulness in (("great", "4"), ("finished", "6"), ("finished", "0"), ("x" * 100_000, "")):
            assert rate(as_(ada), row, status, usefulness).status_code == 422

    def test_it_leads_to_a_commitment_and_then_to_a_lesson(self, as_, ada, pair):
        row = make.pair_resource(pair)
        assert f"{url('commitment_create', pair.pk)}?text=The%20book%20on%20decisions" in page(as_(ada), pair)
        rate(as_(ada), row)
        assert url("entry_create", "lesson") in page(as_(ada), pair)

    def test_what_is_in_use_shows_where_the_pair_works(self, as_, ada, pair, resource):
        row = make.pair_resource(pair, resource=resource)
        fragment = as_(ada).get(url("pair_practice", pair.pk), headers=HTMX).content.decode()
        assert resource.title in fragment
        assert url("pair_resource_list", pair.pk) in as_(ada).get(f"/pairs/{pair.pk}/").content.decode()
        assert evidence(pair, ada)[0].resources == [row] and evidence(pair, ada)[0].is_empty
        rate(as_(ada), row, "not", "")
        assert resource.title not in as_(ada).get(url("pair_practice", pair.pk), headers=HTMX).content.decode()

    def test_only_the_pair_sees_its_resources(self, as_, ada, pair):
        row = make.pair_resource(pair)
        for person in (make.admin(pair.program), make.user(), make.user(is_superuser=True)):
            assert as_(person).get(url("pair_resource_list", pair.pk)).status_code == 404
            assert rate(as_(person), row).status_code == 404
        pair.end()
        assert "The book" in page(as_(ada), pair) and rate(as_(ada), row).status_code == 404

    def test_a_pair_that_ended_no_longer_reads_the_library(self, as_, ada, pair, resource):
        assert resource.title in page(as_(ada), pair)
        make.pair_resource(pair, resource=make.resource(pair.program, "Their course"))
        pair.end()
        make.resource(pair.program, "Added since")
        read = page(as_(ada), pair)
        assert "Their course" in read and resource.title not in read and "Added since" not in read

    def test_removing_can_be_undone_unless_it_is_there_again(self, as_, ada, sam, pair, resource):
        row = PairResource.recommend(pair, sam, resource, "100% useful")
        as_(ada).post(url("pair_resource_drop", row.pk))
        again = PairResource.recommend(pair, sam, resource, "")
        as_(ada).post(url("pair_resource_reopen", row.pk))
        assert list(PairResource.objects.current()) == [again]

    def test_two_people_editing_see_both_versions(self, as_, ada, sam, pair):
        row = make.pair_resource(pair)
        typed = {"title": "Mine", "kind": "course", "version": 1}
        as_(ada).post(url("pair_resource_edit", row.pk), typed)
        answer = as_(sam).post(url("pair_resource_edit", row.pk), typed | {"title": "Theirs"})
        assert answer.status_code == 409 and "Theirs" in answer.content.decode()

    def test_the_library_of_another_program_cannot_be_recommended(self, as_, sam, pair):
        other = make.resource(make.program("Elsewhere"))
        assert as_(sam).get(url("pair_resource_recommend", pair.pk, other.pk)).status_code == 404
        assert other.title not in page(as_(sam), pair)

    def test_two_queries_read_the_page_with_all_rows(self, as_, ada, pair):
        client = as_(ada)
        for number in range(3):
            used = make.resource(
                pair.program, f"Course {number}", competency=make.competency(pair.program, f"C{number}")
            )
            make.pair_resource(pair, resource=used), make.resource(pair.program, f"Other {number}")
        client.get(url("pair_resource_list", pair.pk))
        with CaptureQueriesContext(connection) as queries:
            client.get(url("pair_resource_list", pair.pk))
        tables = ("practice_pairresource", "practice_resource", "goals_competency")
        assert len([one for one in queries if any(table in one["sql"] for table in tables)]) == 2


class TestTheProgram:
    def test_an_admin_adds_changes_and_removes(self, as_, pair):
        admin = make.admin(pair.program)
        as_(admin).post(url("resource_list", pair.program_id), {"title": "A course", "kind": "course"})
        row = Resource.objects.get()
        used = make.pair_resource(pair, resource=row)
        as_(admin).post(url("resource_edit", row.pk), {"title": "A better course", "kind": "course"})
        assert PairResource.objects.get().facts.title == "A better course"
        as_(admin).post(url("resource_remove", row.pk))
        assert "A better course" not in as_(admin).get(url("resource_list", pair.program_id)).content.decode()
        assert "A better course" in page(as_(pair.mentee), pair), "the pair keeps it"
        assert used.pk
        answer = as_(admin).post(url("resource_list", pair.program_id), {"title": "x" * 100_000, "kind": "course"})
        assert answer.status_code == 422 and not Resource.objects.current().exists()

    def test_two_admins_do_not_overwrite_each_other(self, as_, pair, resource):
        client, address = as_(make.admin(pair.program)), url("resource_edit", resource.pk)
        shown = {"title": resource.title, "url": resource.url, "kind": resource.kind, "note": "Two hours"}
        shown["competency"] = resource.competency_id
        initial = {f"initial-{name}": value for name, value in shown.items()}
        Resource.objects.update(title="Meetings that decide", note="One hour")
        answer = client.post(address, shown | initial | {"note": "Half a day"})
        text = answer.content.decode()
        assert answer.status_code == 409 and "One hour" in text and "Half a day" in text
        stored = Resource.objects.get()
        assert (stored.title, stored.note) == ("Meetings that decide", "One hour")
        assert 'value="Meetings that decide"' in text, "what only the other admin changed is kept"
        answer = client.post(address, shown | initial | {"url": "https://example.org/new"})
        stored.refresh_from_db()
        assert answer.status_code == 302 and stored.url == "https://example.org/new"
        assert (stored.title, stored.note) == ("Meetings that decide", "One hour")

    def test_the_library_stays_what_a_file_can_hold(self, as_, pair, resource, monkeypatch):
        client, address = as_(make.admin(pair.program)), url("resource_list", pair.program_id)
        typed = {"title": resource.title, "kind": "course", "note": "Typed"}
        answer = client.post(address, typed)
        assert answer.status_code == 422 and "already on the list" in answer.content.decode()
        new = typed | {"title": "New", "form_token": str(uuid.uuid4())}
        assert [client.post(address, new).status_code for _click in range(2)] == [302, 302]
        new = Resource.objects.get(title="New")
        assert client.post(url("resource_edit", new.pk), typed).status_code == 422
        monkeypatch.setattr(resources, "MOST", 2)
        answer = client.post(address, typed | {"title": "One more"})
        assert answer.status_code == 422 and "The library is full" in answer.content.decode()
        assert client.post(url("resource_edit", new.pk), typed | {"title": "Newer"}).status_code == 302
        program_files.read_program(program_files.export(pair.program))

    def test_numbers_begin_at_five_people(self, as_, pair, resource):
        pairs = [pair, *(make.pair(pair.program, pair.mentor, make.user()) for _number in range(4))]
        admin = make.admin(pair.program)
        for number, one in enumerate(pairs):
            row = make.pair_resource(one, resource=resource, created_by=None)
            row.rate("finished", 2 if number else 4)
            publish_usefulness(pair.program)
            shown = library_rows(pair.program)[0]
            if number < 4:
                assert (shown.pairs, shown.usefulness) == (None, None)
                assert "fewer than 5 pairs" in as_(admin).get(url("resource_list", pair.program_id)).content.decode()
        assert (shown.pairs, shown.usefulness, shown.answers) == (5, 2.4, 5)
        row.rate("finished", 5)
        publish_usefulness(pair.program)
        assert library_rows(pair.program)[0].usefulness == 2.4, "one changed answer is not published"

    def test_the_library_travels_in_the_program_file(self, pair, resource):
        text = program_files.export(pair.program)
        other = make.program("Elsewhere")
        make.competency(other, resource.competency.title), make.resource(other, "Old")
        settings = program_files.read_program(text)
        sentences = program_files.changes(other, settings)
        assert f"Resource “{resource.title}” is added" in sentences and "Resource “Old” is removed" in sentences
        for _number in range(2):
            program_files.apply(other, settings, None)
        copy = Resource.objects.current().get(program=other)
        assert (copy.title, copy.url, copy.note) == (resource.title, resource.url, resource.note)
        assert copy.competency.title == resource.competency.title
        assert not [one for one in program_files.changes(other, settings) if "Resource" in one]
        assert yaml.safe_load(text)["resources"] == yaml.safe_load(program_files.export(other))["resources"]

    def test_a_wrong_resource_in_a_file_has_its_line(self):
        head = "throughline: program/1\nresources:\n"
        for entry, wrong in (
            ("  - {title: A, link: 'javascript:alert(1)'}", "Line 3: enter a link"),
            ("  - {title: A, kind: song}", "Line 3: use one of"),
            ("  - {kind: course}", "“title” is missing"),
            ("  - {title: A}\n  - {title: A}", "same title"),
        ):
            with pytest.raises(InvalidFile) as error:
                program_files.read_program(head + entry)
            assert wrong in "\n".join(error.value.errors)
