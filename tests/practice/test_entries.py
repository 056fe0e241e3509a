"""Practice entries: private by default, shared one at a time, and private again at any moment."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, User
from core.fields import UnreadableText
from core.optimistic_locking import fingerprint
from goals.models import Commitment
from practice.kinds import EVIDENCE
from practice.models import Entry, EntryText, Share
from practice.models.entry import shortened
from records import growth
from records.evidence import evidence
from records.handover import KINDS as HANDOVER_KINDS
from sessions.models import AgendaItem, TextVersion
from tests import make

CANARY = "heron-7391"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def entry(pair, ada):
    return make.entry(ada, pair, happened="They interrupted", lesson="Decision first", use=f"Open with {CANARY}")


def url(name: str, *args) -> str:
    return reverse(name, args=args)


def share(client, entry, pair, on: str = "1"):
    return client.post(url("entry_share", entry.pk, pair.pk), {"on": on})


def save(client, text: EntryText, typed: str, before: str = "", **headers):
    data = {"text": typed, "started_from": fingerprint(before)}
    return client.post(url("text_edit", f"entry-{text.pk}-text"), data, headers=headers)


class TestStarting:
    def test_one_button_starts_an_entry_about_the_only_pair(self, as_, ada, pair):
        answer = as_(ada).post(url("entry_create", "reflection"))
        entry = Entry.objects.get()
        assert answer.url == url("entry_edit", entry.pk)
        assert (entry.author, entry.pair, entry.written_at) == (ada, pair, None)
        assert [text.key for text in entry.texts.all()] == ["worked", "surprised", "next"]

    def test_starting_again_continues_with_the_empty_entry(self, as_, ada, pair):
        as_(ada).post(url("entry_create", "lesson"))
        as_(ada).post(url("entry_create", "lesson"))
        assert Entry.objects.count() == 1
        save(as_(ada), EntryText.objects.first(), "Something", **HTMX)
        as_(ada).post(url("entry_create", "lesson"))
        assert Entry.objects.count() == 2

    def test_with_two_pairs_the_person_chooses_whom_it_is_about(self, as_, sam, pair):
        other = make.pair(pair.program, sam, make.user("Noor Rahimi"))
        make.pair(make.program("Elsewhere"))
        page = as_(sam).get(url("entry_create", "reflection")).content.decode()
        assert "Noor Rahimi" in page and "Ada Lind" in page and "nobody in particular" in page
        as_(sam).post(url("entry_create", "reflection"), {"pair": other.pk})
        as_(sam).post(url("entry_create", "reflection"), {"pair": ""})
        assert [entry.pair for entry in Entry.objects.order_by("pk")] == [other, None]

    def test_opening_the_page_stores_nothing(self, as_, ada, pair):
        as_(ada).get(url("entry_create", "reflection")), as_(ada).get(url("practice_list"))
        assert not Entry.objects.exists()
        assert as_(ada).get(url("entry_create", "unknown")).status_code == 404

    def test_the_navigation_leads_to_practice_once_one_was_started(self, as_, ada, pair):
        link = f'href="{url("practice_list")}"'
        assert link not in as_(ada).get("/sessions/").content.decode()
        as_(ada).post(url("entry_create", "reflection"))
        assert link in as_(ada).get("/sessions/").content.decode()

    def test_sharing_shows_the_navigation_to_the_partner(self, as_, ada, sam, pair, entry):
        assert User.objects.get(pk=sam.pk).practice_since is None
        share(as_(ada), entry, pair)
        assert User.objects.get(pk=sam.pk).practice_since


class TestWriting:
    def test_each_text_saves_itself_and_is_encrypted(self, as_, ada, pair):
        as_(ada).post(url("entry_create", "reflection"))
        text = EntryText.objects.get(key="next")
        assert save(as_(ada), text, CANARY, **HTMX).status_code == 200
        assert EntryText.objects.get(pk=text.pk).text == CANARY
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names():
                cursor.execute(f'SELECT * FROM "{table}"')
                assert CANARY not in str(cursor.fetchall()), table
        assert not TextVersion.objects.exists()

    def test_without_javascript_one_button_saves_all_texts(self, as_, ada, pair):
        competency = make.competency(pair.program)
        make.competency(pair.program, "Another")
        as_(ada).post(url("entry_create", "lesson"))
        entry = Entry.objects.get()
        typed = {"happened": "One", "lesson": "Two", "use": "Three", "competency": competency.pk}
        answer = as_(ada).post(url("entry_edit", entry.pk), typed)
        assert answer.url == url("entry_detail", entry.pk)
        entry.refresh_from_db()
        assert [text.text for text in entry.texts.all()] == ["One", "Two", "Three"]
        assert entry.competency == competency and entry.written_at

    def test_two_devices_get_both_versions(self, as_, ada, entry):
        text = entry.texts.get(key="lesson")
        assert save(as_(ada), text, "From the phone", "Decision first", **HTMX).status_code == 200
        answer = save(as_(ada), text, "From the laptop", "Decision first", **HTMX)
        page = answer.content.decode()
        assert answer.status_code == 409 and "From the phone" in page and "another window" in page
        form = {"lesson": "From the laptop", "started_from_lesson": fingerprint("Decision first")}
        answer = as_(ada).post(url("entry_edit", entry.pk), form)
        page = answer.content.decode()
        assert answer.status_code == 409 and "From the phone" in page and "From the laptop" in page
        assert EntryText.objects.get(pk=text.pk).text == "From the phone"

    @pytest.mark.parametrize("headers", [HTMX, {}])
    def test_a_huge_paste_is_refused_and_kept_on_the_page(self, as_, ada, entry, headers):
        text = entry.texts.get(key="lesson")
        answer = save(as_(ada), text, "x" * 100_000, "Decision first", **headers)
        assert answer.status_code == 422 and "Nothing is lost" in answer.content.decode()
        answer = as_(ada).post(url("entry_edit", entry.pk), {"lesson": "x" * 100_000, "use": "Kept"})
        page = answer.content.decode()
        assert answer.status_code == 422 and "x" * 100_000 in page and "Kept" in page
        assert EntryText.objects.get(pk=text.pk).text == "Decision first"

    def test_a_form_stores_its_own_fields_only(self, as_, ada, sam, pair, entry):
        other = make.pair(pair.program, sam, make.user("Noor Rahimi"))
        forged = {"author": sam.pk, "pair": other.pk, "kind": "reflection", "written_at": "", "shares": other.pk}
        before = Entry.objects.filter(pk=entry.pk).values().get()
        as_(ada).post(url("entry_edit", entry.pk), forged | {"use": "Changed", "happened": "a", "lesson": "b"})
        as_(ada).post(url("entry_link", entry.pk), forged)
        assert Entry.objects.filter(pk=entry.pk).values().get() == before
        assert not Share.objects.exists()

    def test_links_are_offered_from_the_own_pair_only(self, as_, ada, pair, entry):
        theirs = make.pair(pair.program, make.user("Kofi Mensah"), make.user("Lena Brandt"))
        goal, event = make.goal(theirs), make.work_event(theirs)
        make.goal(pair), make.work_event(pair)
        answer = as_(ada).post(url("entry_link", entry.pk), {"goal": goal.pk, "work_event": event.pk})
        assert answer.status_code == 422
        entry.refresh_from_db()
        assert (entry.goal, entry.work_event) == (None, None)

    def test_ciphertext_copied_to_another_entry_is_unreadable(self, sam, pair, entry):
        mine = make.entry(sam, pair, lesson="Mine")
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE practice_entrytext SET text = (SELECT text FROM practice_entrytext WHERE id = %s)"
                " WHERE id = %s",
                [entry.texts.get(key="lesson").pk, mine.texts.get(key="lesson").pk],
            )
        with pytest.raises(UnreadableText):
            list(mine.texts.all())


class TestSharing:
    def test_nobody_else_can_open_a_private_entry(self, as_, ada, sam, pair, entry):
        admin = make.admin(pair.program)
        text = entry.texts.first()
        for person in (sam, admin, make.user(is_superuser=True, is_staff=True)):
            for name in ("entry_detail", "entry_edit", "entry_delete"):
                assert as_(person).get(url(name, entry.pk)).status_code == 404
            for name in ("entry_link", "entry_commit", "entry_to_agenda", "entry_delete"):
                assert as_(person).post(url(name, entry.pk)).status_code == 404
            assert save(as_(person), text, "x", "They interrupted").status_code == 404
            assert share(as_(person), entry, pair).status_code == 404
        assert "Only you" in as_(ada).get(url("entry_detail", entry.pk)).content.decode()

    def test_the_partner_reads_what_is_shared_and_cannot_change_it(self, as_, ada, sam, pair, entry):
        share(as_(ada), entry, pair)
        page = as_(sam).get(url("entry_detail", entry.pk)).content.decode()
        assert CANARY in page and "Ada shared this with you on" in page
        assert "<textarea" not in page and url("entry_edit", entry.pk) not in page
        for name in ("entry_edit", "entry_delete"):
            assert as_(sam).get(url(name, entry.pk)).status_code == 404
        assert save(as_(sam), entry.texts.first(), "x", "They interrupted").status_code == 404
        assert as_(make.admin(pair.program)).get(url("entry_detail", entry.pk)).status_code == 404

    def test_the_author_can_undo_sharing_while_the_partner_reads(self, as_, ada, sam, pair, entry):
        share(as_(ada), entry, pair)
        page = as_(ada).get(url("entry_detail", entry.pk)).content.decode()
        assert "Shared with Sam on" in page and "Take back" in page
        assert as_(sam).get(url("entry_detail", entry.pk)).status_code == 200
        share(as_(ada), entry, pair, on="0")
        answer = as_(sam).get(url("entry_detail", entry.pk))
        page = answer.content.decode()
        assert answer.status_code == 404 and "may have taken it back" in page and CANARY not in page
        for place in (url("pair_practice", pair.pk), url("pair_detail", pair.pk), url("practice_list")):
            assert "Decision first" not in as_(sam).get(place).content.decode(), place

    def test_an_entry_made_private_at_the_same_moment_is_gone(self, as_, ada, sam, pair, entry, monkeypatch):
        share(as_(ada), entry, pair)
        load = Entry.from_db

        def and_it_is_taken_back(*args):
            Share.objects.all().delete()
            return load(*args)

        monkeypatch.setattr(Entry, "from_db", and_it_is_taken_back)
        answer = as_(sam).get(url("entry_detail", entry.pk))
        assert answer.status_code == 404 and "may have taken it back" in answer.content.decode()

    def test_sharing_shows_on_the_pair_page_and_in_the_preparation(self, as_, ada, sam, pair, entry):
        assert "Decision first" not in as_(sam).get(url("pair_detail", pair.pk)).content.decode()
        share(as_(ada), entry, pair)
        session = make.session(pair)
        for place in (url("pair_detail", pair.pk), url("pair_practice", pair.pk), url("practice_list")):
            assert "Decision first" in as_(sam).get(place).content.decode(), place
        type(session).objects.filter(pk=make.closed_session(pair).pk).update(held_at=timezone.now())
        later = make.session(pair, timezone.now().replace(tzinfo=None) + timedelta(days=9))
        preparation = as_(sam).get(url("session_prepare", later.pk)).content.decode()
        assert f'hx-get="{url("pair_practice", pair.pk)}"' in preparation
        assert "Decision first" in as_(sam).get(url("pair_practice", pair.pk), headers=HTMX).content.decode()

    def test_a_repeated_switch_changes_nothing_more(self, as_, ada, pair, entry):
        share(as_(ada), entry, pair), share(as_(ada), entry, pair)
        share(as_(ada), entry, pair, "0"), share(as_(ada), entry, pair, "0")
        actions = list(AuditEvent.objects.filter(user=ada).values_list("action", flat=True))
        assert actions == ["practice entry shared", "practice entry no longer shared"]
        assert CANARY not in str(list(AuditEvent.objects.values()))

    def test_an_empty_entry_or_one_about_another_pair_is_not_shared(self, as_, sam, pair):
        other = make.pair(pair.program, sam, make.user("Noor Rahimi"))
        about_noor, empty = make.entry(sam, other, lesson="About Noor"), Entry.start(sam, "lesson", pair)
        share(as_(sam), about_noor, pair), share(as_(sam), empty, pair)
        assert not Share.objects.exists()

    def test_a_mentor_shares_one_entry_with_several_mentees(self, as_, ada, sam, pair):
        noor = make.user("Noor Rahimi")
        other = make.pair(pair.program, sam, noor)
        model = make.entry(sam, None, lesson="Ask first")
        share(as_(sam), model, pair), share(as_(sam), model, other)
        share(as_(sam), model, pair, "0")
        assert as_(ada).get(url("entry_detail", model.pk)).status_code == 404
        assert as_(noor).get(url("entry_detail", model.pk)).status_code == 200

    def test_an_ended_pair_shares_nothing_new_and_can_undo(self, as_, ada, sam, pair, entry):
        second = make.entry(ada, pair, lesson="Later")
        share(as_(ada), entry, pair)
        pair.end()
        share(as_(ada), second, pair)
        assert as_(sam).get(url("entry_detail", entry.pk)).status_code == 200
        assert as_(sam).get(url("entry_detail", second.pk)).status_code == 404
        share(as_(ada), entry, pair, "0")
        assert as_(sam).get(url("entry_detail", entry.pk)).status_code == 404

    def test_readers_see_later_edits_and_their_open_pages_update(self, as_, ada, sam, pair, entry):
        share(as_(ada), entry, pair)
        before = type(pair).objects.get(pk=pair.pk).revision
        save(as_(ada), entry.texts.get(key="lesson"), "Decision last", "Decision first", **HTMX)
        assert type(pair).objects.get(pk=pair.pk).revision > before
        assert "Decision last" in as_(sam).get(url("entry_detail", entry.pk)).content.decode()

    def test_a_private_edit_is_invisible_to_the_partner(self, as_, ada, pair, entry):
        before = type(pair).objects.get(pk=pair.pk).revision
        save(as_(ada), entry.texts.get(key="lesson"), "Decision last", "Decision first", **HTMX)
        assert type(pair).objects.get(pk=pair.pk).revision == before


class TestOutlets:
    def test_one_button_makes_a_commitment_with_words_and_links(self, as_, ada, pair, entry):
        Entry.objects.filter(pk=entry.pk).update(competency=make.competency(pair.program), goal=make.goal(pair))
        as_(ada).post(url("entry_commit", entry.pk)), as_(ada).post(url("entry_commit", entry.pk))
        made = Commitment.objects.get()
        entry.refresh_from_db()
        assert (made.owner, made.text, made.goal, made.competency) == (
            *(ada, f"Open with {CANARY}", entry.goal, entry.competency),
        )
        assert entry.commitment == made and made.due_on >= ada.today()

    def test_one_button_adds_the_lesson_to_the_agenda_once(self, as_, ada, pair, entry):
        as_(ada).post(url("entry_to_agenda", entry.pk)), as_(ada).post(url("entry_to_agenda", entry.pk))
        item = AgendaItem.objects.get()
        assert (item.title, item.created_by, item.pair) == ("Decision first", ada, pair)

    def test_with_several_pairs_the_mentor_names_one(self, as_, sam, pair):
        other = make.pair(pair.program, sam, make.user("Noor Rahimi"))
        model = make.entry(sam, None, lesson="Ask first", use="In every session")
        as_(sam).post(url("entry_commit", model.pk))
        assert not Commitment.objects.exists()
        as_(sam).post(url("entry_commit", model.pk), {"pair": other.pk})
        assert Commitment.objects.get().pair == other

    def test_a_lesson_is_evidence_that_only_its_readers_see(self, ada, sam, pair, entry):
        Entry.objects.filter(pk=entry.pk).update(competency=make.competency(pair.program))
        assert [row.practice for row in evidence(pair, ada)] == [[entry]]
        assert [row.practice for row in evidence(pair, sam)] == [[]]
        entry.share(pair)
        assert [row.practice for row in evidence(pair, sam)] == [[entry]]

    def test_deleting_keeps_what_came_of_it(self, as_, ada, pair, entry):
        as_(ada).post(url("entry_commit", entry.pk))
        assert "cannot be restored" in as_(ada).get(url("entry_delete", entry.pk)).content.decode()
        as_(ada).post(url("entry_delete", entry.pk))
        assert not EntryText.objects.exists() and Commitment.objects.exists()


class TestOwnCopies:
    def test_the_download_has_every_own_entry_and_no_other(self, as_, ada, sam, pair, entry):
        make.entry(sam, pair, lesson="Of Sam").share(pair)
        for kind, content_type in (("json", "application/json"), ("html", "text/html; charset=utf-8")):
            answer = as_(ada).get(url("practice_export"), {"kind": kind})
            content = answer.content.decode()
            assert answer["Content-Type"] == content_type and "attachment" in answer["Content-Disposition"]
            assert CANARY in content and "They interrupted" in content and "Of Sam" not in content
        data = json.loads(as_(ada).get(url("practice_export"), {"kind": "json"}).content)
        assert data["entries"][0]["answers"][1] == {"question": "What is the lesson?", "text": "Decision first"}

    def test_the_growth_record_has_the_own_entries_if_chosen(self, ada, sam, pair, entry):
        make.entry(sam, pair, lesson="Of Sam").share(pair)
        record = growth.build_record(pair, ["lesson"])
        assert [row["title"] for row in record["lesson"]] == ["Decision first"]
        assert CANARY in growth.as_html(record) and "Of Sam" not in growth.as_html(record)
        assert "lesson" not in growth.build_record(pair, growth.DEFAULT_SECTIONS)

    def test_record_and_handover_know_every_kind(self, ada, pair):
        for name, kind in ((kind.name, kind) for kind in EVIDENCE):
            entry = make.entry(
                ada, pair, kind=name, **{prompt.name: f"{name} {prompt.name}" for prompt in kind.prompts}
            )
            record = growth.build_record(pair, [name])
            assert [len(row["answers"]) for row in record[name]] == [len(kind.prompts)], name
            assert f"{name} {kind.prompts[0].name}" in growth.as_html(record)
            assert kind.title in ("", *(prompt.name for prompt in kind.prompts))
            assert kind.next_step in ("", *(prompt.name for prompt in kind.prompts))
            assert entry in HANDOVER_KINDS["practice"].rows([pair], ada, ada.today())

    def test_a_handover_copies_the_own_entries_and_shares_none(self, as_, ada, pair, entry):
        entry.share(pair)
        make.entry(pair.mentor, pair, lesson="Of Sam")
        pair.end()
        next_pair = make.pair(pair.program, make.user("Kofi Mensah"), ada)
        page = as_(ada).get(url("handover", next_pair.pk)).content.decode()
        assert "Decision first" in page and "Of Sam" not in page
        name = re.search(r'name="(\w+)" value="practice-', page)[1]
        as_(ada).post(url("handover", next_pair.pk), {name: f"practice-{entry.pk}"})
        copy = Entry.objects.get(pair=next_pair)
        assert [text.text for text in copy.texts.all()] == [text.text for text in entry.texts.all()]
        assert as_(next_pair.mentor).get(url("entry_detail", copy.pk)).status_code == 404


def test_the_home_page_leads_to_a_first_reflection_after_a_session(as_, ada, pair):
    link = url("entry_create", "reflection")
    assert link not in as_(ada).get("/").content.decode()
    session = make.past_session(pair, days=2)
    type(session).objects.filter(pk=session.pk).update(closed_at=session.ends_at, held_at=session.ends_at)
    assert link in as_(ada).get("/").content.decode()
    make.entry(ada, pair, lesson="Ask first")
    assert link not in as_(ada).get("/").content.decode(), "the navigation leads there now"


def test_an_excerpt_ends_with_a_whole_word():
    assert shortened("Name the date first", 19) == "Name the date first"
    assert shortened("Name the date first", 16) == "Name the date…"
    assert shortened("Name, the date", 8) == "Name…"
