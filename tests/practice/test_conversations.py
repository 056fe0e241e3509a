"""Hard conversations: prepared in private, rehearsed alone or with the partner, and looked back on."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from goals.models import Commitment
from practice.models import Entry, Rehearsal, Share
from records.evidence import evidence
from reminders import planner, sender
from reminders.models import Reminder
from tests import make

HTMX = {"HX-Request": "true"}
TUESDAY = datetime(2026, 12, 1, 9, tzinfo=UTC)
TOPIC = "Asking Lin for the lead of the launch"


@pytest.fixture
def clock(db):
    with time_machine.travel(TUESDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def conversation(clock, pair, ada):
    texts = {"topic": TOPIC, "aim": "Leave with a yes", "opening": "Lin, I want the lead."}
    return make.entry(ada, pair, kind="conversation", **texts)


def url(name: str, *args) -> str:
    return reverse(name, args=args)


def rehearse(client, conversation, **values) -> Entry:
    answer = client.post(url("rehearsal_create", conversation.pk), {"seat": "own", "before": "2"} | values)
    assert answer.status_code == 302, answer.content.decode()
    return Entry.objects.filter(kind="rehearsal").latest("pk")


class TestPreparing:
    def test_it_is_one_page_with_a_date_and_an_event(self, as_, clock, ada, pair):
        event = make.work_event(pair)
        as_(ada).post(url("entry_create", "conversation"))
        entry = Entry.objects.get()
        page = as_(ada).get(url("entry_edit", entry.pk)).content.decode()
        assert "My opening line" in page and "When is it?" in page and event.title in page
        as_(ada).post(url("entry_edit", entry.pk), {"topic": TOPIC, "happens_on": "2026-12-08", "work_event": event.pk})
        entry.refresh_from_db()
        assert (entry.title, entry.happens_on, entry.work_event) == (TOPIC, date(2026, 12, 8), event)

    def test_without_a_date_it_takes_the_one_of_its_event_and_keeps_it(self, as_, ada, pair, conversation):
        event = make.work_event(pair)
        as_(ada).post(url("entry_link", conversation.pk), {"happens_on": "", "work_event": event.pk})
        conversation.refresh_from_db()
        assert conversation.happens_on == event.happens_on
        event.delete()
        conversation.refresh_from_db()
        assert (conversation.work_event, conversation.day) == (None, event.happens_on)

    def test_a_wrong_date_keeps_every_text(self, as_, ada, conversation):
        answer = as_(ada).post(url("entry_edit", conversation.pk), {"topic": "Kept", "happens_on": "soon"})
        assert answer.status_code == 422
        assert "Kept" in answer.content.decode() and 'value="soon"' in answer.content.decode()

    def test_a_rehearsal_or_debrief_does_not_start_without_it(self, as_, ada, pair):
        for kind in ("rehearsal", "debrief"):
            assert as_(ada).post(url("entry_create", kind)).status_code == 404
        page = as_(ada).get(url("practice_list")).content.decode()
        assert "Hard conversations" in page and ">Rehearsals<" not in page

    def test_the_one_at_the_top_of_the_page_is_not_repeated(self, as_, ada, pair, conversation):
        make.entry(ada, pair, kind="conversation", topic="Telling Marta no")
        Entry.objects.filter(pk=conversation.pk).update(happens_on=date(2026, 12, 8))
        page = as_(ada).get(url("practice_list")).content.decode()
        assert page.count(TOPIC) - page.count(f": {TOPIC}<") == 1, "without the hidden label of its button"
        section = page.partition('id="kind-conversation"')[2]
        assert "Telling Marta no" in section and '<span class="count">2</span>' in section

    def test_the_next_one_leads_the_practice_page(self, as_, ada, conversation):
        link = f'href="{url("rehearsal_create", conversation.pk)}"'

        def page() -> str:
            html = as_(ada).get(url("practice_list")).content.decode()
            assert html.count("btn-primary") == 1
            return html

        Entry.objects.filter(pk=conversation.pk).update(happens_on=ada.today() - timedelta(days=1))
        assert link not in page() and "Start a reflection" in page()
        Entry.objects.filter(pk=conversation.pk).update(happens_on=ada.today())
        assert link in page() and "Start a reflection" not in page()
        as_(ada).post(url("debrief_create", conversation.pk))
        assert link not in page()


class TestRehearsing:
    def test_it_asks_for_the_confidence_before_and_after(self, as_, ada, conversation):
        answer = as_(ada).post(url("rehearsal_create", conversation.pk), {"seat": "own"})
        assert answer.status_code == 422 and not Rehearsal.objects.exists()
        run = rehearse(as_(ada), conversation)
        assert run.title == TOPIC, "the scene begins with the topic"
        page = as_(ada).get(url("entry_edit", run.pk)).content.decode()
        assert "Set the scene until" in page and "Practice until" in page and "Look back until" in page
        as_(ada).post(url("entry_edit", run.pk), {"differently": "Name the date first", "after": "4"})
        run.rehearsal.refresh_from_db()
        assert (run.rehearsal.before, run.rehearsal.after) == (2, 4)

    def test_its_phases_take_two_four_and_three_minutes(self, conversation, as_, ada):
        run = rehearse(as_(ada), conversation)
        ends = [end - run.created_at for _label, end in run.rehearsal.phases]
        assert ends == [timedelta(minutes=n) for n in (2, 6, 9)]

    def test_several_runs_are_compared_and_the_seat_changes(self, as_, ada, conversation):
        first = rehearse(as_(ada), conversation)
        Rehearsal.objects.filter(entry=first).update(after=3)
        page = as_(ada).get(url("entry_detail", conversation.pk)).content.decode()
        again = f"{url('rehearsal_create', conversation.pk)}?seat=other"
        assert "Switch seats and rehearse again" in page and again in page
        assert re.search('value="other"[^>]*checked', as_(ada).get(again).content.decode())
        rehearse(as_(ada), conversation, seat="other", before="3")
        page = as_(ada).get(url("entry_detail", conversation.pk)).content.decode()
        assert "I play myself" in page and "I play the other side" in page
        assert page.count("<meter") == 3

    def test_a_double_click_starts_one_rehearsal(self, as_, ada, conversation):
        client = as_(ada)
        page = client.get(url("rehearsal_create", conversation.pk)).content.decode()
        token = page.split('name="form_token" value="')[1].split('"')[0]
        for _click in range(2):
            rehearse(client, conversation, form_token=token)
        assert Rehearsal.objects.count() == 1

    def test_the_partner_sees_the_rehearsal_and_not_the_preparation(self, as_, ada, sam, pair, conversation):
        run = rehearse(as_(ada), conversation, pair=pair.pk)
        as_(ada).post(url("entry_edit", run.pk), {"scenario": TOPIC, "differently": "Name the date first"})
        page = as_(sam).get(url("entry_detail", run.pk)).content.decode()
        assert "Ada plays themselves, you play the other side" in page and "Practice until" in page
        assert TOPIC in page and "Name the date first" in page
        assert "Leave with a yes" not in page and url("entry_detail", conversation.pk) not in page
        assert as_(sam).get(url("entry_detail", conversation.pk)).status_code == 404
        assert as_(make.admin(pair.program)).get(url("entry_detail", run.pk)).status_code == 404

    def test_alone_nobody_else_sees_it(self, as_, ada, sam, conversation):
        run = rehearse(as_(ada), conversation, pair="")
        assert not Share.objects.exists()
        assert as_(sam).get(url("entry_detail", run.pk)).status_code == 404

    def test_the_session_room_offers_it_and_leads_the_partner_there(self, as_, ada, sam, pair, conversation):
        place = url("pair_rehearsals", pair.pk)
        assert (
            f"{url('rehearsal_create', conversation.pk)}?pair={pair.pk}"
            in as_(ada).get(place, headers=HTMX).content.decode()
        )
        assert TOPIC not in as_(sam).get(place, headers=HTMX).content.decode()
        assert as_(ada).get(place).url == url("pair_practice", pair.pk), "as a page"
        run = rehearse(as_(ada), conversation, pair=pair.pk)
        page = as_(sam).get(place, headers=HTMX).content.decode()
        assert url("entry_detail", run.pk) in page and "Ada started this rehearsal at" in page

    def test_a_foreign_conversation_cannot_be_rehearsed(self, as_, sam, conversation):
        for name in ("rehearsal_create", "debrief_create"):
            assert as_(sam).get(url(name, conversation.pk)).status_code == 404
            assert as_(sam).post(url(name, conversation.pk), {"seat": "own", "before": "2"}).status_code == 404


class TestLookingBack:
    def test_the_lesson_is_evidence_and_the_next_step_a_commitment(self, as_, ada, pair, conversation):
        competency = make.competency(pair.program)
        debrief = as_(ada).post(url("debrief_create", conversation.pk)).url
        assert as_(ada).post(url("debrief_create", conversation.pk)).url == debrief, "there is one"
        typed = {"lesson": "Ask early", "next": "Ask for the budget", "values": "Yes", "competency": competency.pk}
        as_(ada).post(debrief, typed)
        entry = Entry.objects.get(kind="debrief")
        assert entry.part_of == conversation
        as_(ada).post(url("entry_commit", entry.pk))
        assert Commitment.objects.get().text == "Ask for the budget"
        assert [one.practice for one in evidence(pair, ada) if one.competency == competency] == [[entry]]
        assert "Ask early" in as_(ada).get(url("entry_detail", conversation.pk)).content.decode()

    def test_the_author_is_asked_the_day_after_and_nobody_else(self, as_, clock, ada, conversation, settings):
        settings.EMAIL_URL = "smtp://localhost"
        as_(ada).post(url("entry_link", conversation.pk), {"happens_on": "2026-12-02", "work_event": ""})

        def subjects() -> dict[str, str]:
            mail.outbox.clear()
            planner.plan()
            sender.send_due()
            return {one.to[0]: one.subject for one in mail.outbox if "conversation" in one.subject.lower()}

        clock.move_to(datetime(2026, 12, 2, 12, tzinfo=UTC))
        assert subjects() == {}
        clock.move_to(datetime(2026, 12, 3, 3, tzinfo=UTC))
        assert list(subjects()) == [ada.email]
        body = mail.outbox[0].body
        assert url("debrief_create", conversation.pk) in body and TOPIC not in body

    def test_it_is_not_asked_once_the_debrief_is_written(self, as_, clock, ada, conversation):
        as_(ada).post(url("entry_link", conversation.pk), {"happens_on": "2026-12-01", "work_event": ""})
        as_(ada).post(as_(ada).post(url("debrief_create", conversation.pk)).url, {"lesson": "Ask early"})
        clock.shift(timedelta(days=1))
        planner.plan()
        assert not Reminder.objects.filter(kind="debrief").exists()

    def test_deleting_the_conversation_deletes_its_parts(self, as_, ada, conversation):
        rehearse(as_(ada), conversation)
        as_(ada).post(url("debrief_create", conversation.pk))
        as_(ada).post(url("entry_delete", conversation.pk))
        assert not Entry.objects.exists() and not Rehearsal.objects.exists()

    def test_the_own_copy_has_the_confidence_and_the_date(self, as_, ada, conversation):
        rehearse(as_(ada), conversation)
        Entry.objects.filter(pk=conversation.pk).update(happens_on=timezone.localdate())
        found = as_(ada).get(url("practice_export") + "?kind=json").json()["entries"]
        assert {one["kind"]: one["confidence"] for one in found} == {"Rehearsal": [2, None], "Hard conversation": []}
        assert {one["part_of"] for one in found} == {"", TOPIC}
