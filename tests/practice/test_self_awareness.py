"""The journal, the search in one's own entries, and the debriefs of projects (docs/rules.md, self-awareness)."""

import json
import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from goals.models import Commitment
from practice.debriefs import lessons_in
from practice.models import Entry
from practice.search import search
from records.evidence import evidence
from records.handover import KINDS as HANDOVER_KINDS
from records.retention import delete_practice_without_pair
from tests import make

CANARY = "heron-7391"


def url(name: str, *args) -> str:
    return reverse(name, args=args)


@pytest.fixture
def journal(ada):
    return make.entry(ada, None, "journal", entry=f"The board was quiet. {CANARY}", next="Ask Lin")


@pytest.fixture
def debrief(ada, pair):
    competency, event = make.competency(pair.program), make.work_event(pair)
    entry = make.entry(ada, pair, "setback", project="The launch was late", lessons="- Ask early\n\nTest sooner\n")
    Entry.objects.filter(pk=entry.pk).update(competency=competency, work_event=event)
    return Entry.objects.get(pk=entry.pk)


class TestJournal:
    def test_it_is_about_no_pair_and_its_page_lists_it(self, as_, ada, pair):
        answer = as_(ada).post(url("entry_create", "journal"))
        entry = Entry.objects.get()
        assert (entry.pair, answer.url) == (None, url("entry_edit", entry.pk))
        as_(ada).post(answer.url, {"entry": "The board was quiet. I was not.", "notice": "", "next": "Ask Lin"})
        page = as_(ada).get(url("practice_journal")).content.decode()
        assert "The board was quiet" in page and "Only you" in page
        assert "The board was quiet" in as_(ada).get(url("practice_self")).content.decode()

    def test_nobody_else_reads_or_finds_it(self, as_, sam, pair, journal):
        for person in (sam, make.admin(pair.program), make.user(is_superuser=True, is_staff=True)):
            assert as_(person).get(url("entry_detail", journal.pk)).status_code == 404
            for name in ("practice_self", "practice_journal"):
                assert CANARY not in as_(person).get(url(name)).content.decode()
            assert "heron" not in re.sub(
                "heron", "", as_(person).get(url("entry_search") + "?q=heron").content.decode(), count=1
            )
        assert search(sam, "heron").count == 0

    def test_it_is_in_no_growth_record_and_no_handover(self, ada, pair, journal):
        assert journal not in HANDOVER_KINDS["practice"].rows([pair], ada, ada.today())

    def test_the_download_has_the_journal_alone(self, as_, ada, sam, pair, journal):
        make.entry(ada, pair, lesson="Decision first"), make.entry(sam, None, "journal", entry="Of Sam")
        for kind in ("json", "html"):
            content = as_(ada).get(url("practice_journal_export"), {"kind": kind}).content.decode()
            assert CANARY in content and "Decision first" not in content and "Of Sam" not in content
        data = json.loads(as_(ada).get(url("practice_journal_export"), {"kind": "json"}).content)
        assert [entry["kind"] for entry in data["entries"]] == ["Journal entry"]
        assert AuditEvent.objects.filter(user=ada, action="practice entries exported").count() == 3

    def test_it_is_deleted_with_the_content_of_the_last_pair(self, ada, pair, journal):
        delete_practice_without_pair([ada.pk])
        assert Entry.objects.exists()
        type(pair).objects.update(content_deleted_at=timezone.now())
        delete_practice_without_pair([ada.pk])
        assert not Entry.objects.exists()


class TestSearch:
    def test_it_finds_each_word_anywhere_in_an_entry(self, ada, journal):
        assert search(ada, "board lin").count == 1, "in two texts of one entry"
        assert search(ada, "BOÄRD").hits[0].entry == journal, "without accents and capitals"
        assert search(ada, "board piano").count == 0
        assert search(ada, "board", "lesson").count == 0 and search(ada, "board", "journal").count == 1
        assert search(ada, "  ").count == 0

    def test_it_shows_what_is_written_around_the_word(self, ada):
        make.entry(ada, None, "journal", entry="One thing after another, " * 20 + f"then {CANARY} came, and left")
        (hit,) = search(ada, "heron").hits
        assert CANARY in hit.part and len(hit.part) <= 200

    def test_the_page_counts_all_and_shows_the_newest(self, as_, ada, pair, journal):
        make.entry(ada, pair, lesson="Ask the board")
        page = as_(ada).get(url("entry_search"), {"q": "board"}).content.decode()
        assert "2 entries have all of these words." in page and CANARY in page and "Ask the board" in page
        page = as_(ada).get(url("entry_search"), {"q": "board", "kind": "journal"}).content.decode()
        assert "1 entry has all of these words." in page and "Ask the board" not in page
        for odd in ("x" * 100_000, "%", "\0", "<b>", "' OR 1=1"):
            assert as_(ada).get(url("entry_search"), {"q": odd, "kind": odd}).status_code == 200, odd

    def test_what_is_shared_with_somebody_is_not_among_their_own(self, as_, ada, sam, pair):
        make.entry(ada, pair, lesson=CANARY).share(pair)
        assert search(sam, "heron").count == 0


class TestDebriefs:
    def test_a_work_event_leads_to_its_debrief(self, as_, ada, pair):
        event = make.work_event(pair, "The launch", happens_on=date.today() - timedelta(days=3))
        create = url("project_debrief_create")
        assert f"{create}?work_event={event.pk}" in as_(ada).get("/").content.decode()
        page = as_(ada).get(create, {"work_event": event.pk}).content.decode()
        assert "The launch" in page and "It did not go as hoped" in page and not Entry.objects.exists()
        answer = as_(ada).post(create, {"kind": "setback", "work_event": event.pk})
        entry = Entry.objects.get()
        assert (entry.kind, entry.pair, entry.work_event) == ("setback", pair, event)
        assert answer.url == url("entry_edit", entry.pk)

    def test_success_and_setback_ask_different_questions(self, as_, ada, pair):
        pages = []
        for kind in ("success", "setback"):
            answer = as_(ada).post(url("project_debrief_create"), {"kind": kind})
            pages.append(as_(ada).get(answer.url).content.decode())
        assert "made the difference" in pages[0] and "early signs" in pages[1]
        assert "early signs" not in pages[0] and "made the difference" not in pages[1]

    def test_an_event_of_another_pair_or_an_unknown_kind_is_refused(self, as_, ada, pair):
        theirs = make.pair(pair.program, make.user("Kofi Mensah"), make.user("Lena Brandt"))
        make.work_event(pair, happens_on=date.today())
        event = make.work_event(theirs, "Their launch", happens_on=date.today())
        for data in ({"kind": "setback", "work_event": event.pk}, {"kind": "journal"}, {}):
            answer = as_(ada).post(url("project_debrief_create"), data)
            assert answer.status_code == 422 and "Their launch" not in answer.content.decode()
        assert not Entry.objects.exists()

    def test_its_lessons_become_entries_and_evidence_once(self, as_, ada, pair, debrief):
        page = as_(ada).get(url("entry_detail", debrief.pk)).content.decode()
        assert "Keep these 2 lessons" in page
        as_(ada).post(url("lessons_keep", debrief.pk)), as_(ada).post(url("lessons_keep", debrief.pk))
        lessons = list(Entry.objects.filter(kind="lesson").order_by("pk"))
        assert [lesson.title for lesson in lessons] == ["Ask early", "Test sooner"]
        assert {(one.learned_in, one.work_event, one.competency) for one in lessons} == {
            (debrief, debrief.work_event, debrief.competency)
        }
        (row,) = [row for row in evidence(pair, ada) if row.competency == debrief.competency]
        assert {entry.pk for entry in row.practice} == {debrief.pk, *(lesson.pk for lesson in lessons)}
        page = as_(ada).get(url("entry_detail", debrief.pk)).content.decode()
        assert "Keep these" not in page and url("entry_detail", lessons[0].pk) in page

    def test_each_lesson_and_the_next_step_can_become_commitments(self, as_, ada, debrief):
        as_(ada).post(url("lessons_keep", debrief.pk))
        lesson = Entry.objects.filter(kind="lesson").first()
        for entry, key, text in ((lesson, "use", "Ask on Monday"), (debrief, "next", "Two testers")):
            row = entry.texts.get(key=key)
            row.write(row.version, text=text)
            as_(ada).post(url("entry_commit", entry.pk))
        assert {row.text for row in Commitment.objects.all()} == {"Ask on Monday", "Two testers"}

    def test_a_shared_debrief_does_not_share_its_lessons(self, as_, ada, sam, pair, debrief):
        debrief.share(pair)
        as_(ada).post(url("lessons_keep", debrief.pk))
        lesson = Entry.objects.filter(kind="lesson").first()
        page = as_(sam).get(url("entry_detail", debrief.pk)).content.decode()
        assert "The launch was late" in page and url("lessons_keep", debrief.pk) not in page
        assert as_(sam).get(url("entry_detail", lesson.pk)).status_code == 404
        assert as_(sam).post(url("lessons_keep", debrief.pk)).status_code == 404

    def test_deleting_the_debrief_keeps_its_lessons(self, as_, ada, debrief):
        as_(ada).post(url("lessons_keep", debrief.pk))
        as_(ada).post(url("entry_delete", debrief.pk))
        assert [one.learned_in for one in Entry.objects.all()] == [None, None]

    def test_without_a_lesson_nothing_is_kept(self, as_, ada, pair):
        empty = make.entry(ada, pair, "success", project="The fair")
        page = as_(ada).post(url("lessons_keep", empty.pk), follow=True).content.decode()
        assert "First write a lesson" in page and Entry.objects.count() == 1
        lesson = make.entry(ada, pair, lesson="Ask")
        assert as_(ada).post(url("lessons_keep", lesson.pk)).status_code == 404

    def test_lines_are_read_without_bullets_and_repetitions(self, ada, pair):
        entry = make.entry(ada, pair, "success", lessons="- One\n\n• Two\nOne\n  \n* Three" + "\nX" * 50)
        assert lessons_in(entry) == ["One", "Two", "Three", "X"]
