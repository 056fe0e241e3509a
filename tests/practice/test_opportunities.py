"""Opportunities: posted in a program, applied for in one note, answered in one line, and what came of them."""

import json
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from mentoring.models import Program
from operations.own_data import closing, erasure
from practice.models import Entry, Opportunity, OpportunityApplication
from records.evidence import evidence
from records.growth import build_record
from records.retention import delete_old_program_texts, delete_practice_without_pair
from reminders import planner, sender
from reminders.inbox import lines
from reminders.intents import KINDS
from reminders.tasks import delete_expired_data
from sessions.models import AgendaItem
from tests import make

TUESDAY = datetime(2026, 12, 1, 9, tzinfo=UTC)
NOTE = "I have never led one"
State = OpportunityApplication.State


@pytest.fixture(autouse=True)
def clock(db, settings):
    settings.EMAIL_URL = "smtp://localhost"
    with time_machine.travel(TUESDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def kofi(pair):
    """Another mentor of the program, who posts."""
    return make.pair(pair.program, make.user("Kofi Mensah"), make.user("Lena Brandt")).mentor


@pytest.fixture
def lena(kofi):
    """The mentee of Kofi."""
    return kofi.pairs_as_mentor.get().mentee


@pytest.fixture
def offered(pair, kofi):
    return make.opportunity(pair.program, kofi, competency=make.competency(pair.program, "Runs a meeting"))


@pytest.fixture
def accepted(offered, ada):
    return make.opportunity_application(offered, ada, NOTE, state="accepted", answer="Gladly")


def url(name: str, *args) -> str:
    return reverse(f"opportunity_{name}", args=args)


def page(client, opportunity) -> str:
    return client.get(url("detail", opportunity.pk)).content.decode()


def board(client, opportunity) -> str:
    return client.get(url("list", opportunity.program_id)).content.decode()


def apply(client, opportunity, note: str = NOTE):
    return client.post(url("apply", opportunity.pk), {"note": note})


def decide(client, row, accept: str = "1", line: str = ""):
    return client.post(url("decide", row.pk), {"accept": accept, "line": line})


def typed(**fields) -> dict:
    facts = {"title": "Lead the retro", "text": "Of the launch", "places": "1", "apply_by": "2026-12-20"}
    return facts | {"form_token": str(uuid.uuid4())} | fields


def recipients(kind: str, row) -> set[int]:
    return {intent.recipient_id for intent in KINDS[kind].intents_about([row.pk]).values()}


def emails(clock) -> dict[str, str]:
    mail.outbox.clear()
    for hours in (1.6, 7.1, 14):
        clock.move_to(TUESDAY + timedelta(hours=hours))
        planner.plan()
        sender.send_due()
    return {message.to[0]: f"{message.subject} {message.body}" for message in mail.outbox}


def state(row) -> str:
    return OpportunityApplication.objects.get(pk=row.pk).state


class TestPosting:
    def test_mentors_and_admins_post_and_mentees_read(self, as_, pair, ada, sam):
        for person in (sam, make.admin(pair.program)):
            answer = as_(person).post(url("create", pair.program_id), typed(title=f"By {person}"))
            assert answer.status_code == 302
        assert as_(ada).post(url("create", pair.program_id), typed()).status_code == 404
        found = board(as_(ada), Opportunity.objects.first())
        assert "By Sam Okafor" in found and "By Priya Nair" in found
        row = Opportunity.objects.get(poster=sam)
        assert sam.email in page(as_(ada), row), "the poster is the contact"
        assert AuditEvent.objects.filter(action=AuditEvent.Action.OPPORTUNITY_POSTED).count() == 2

    def test_a_second_click_posts_nothing(self, as_, pair, sam):
        data = typed()
        for _click in range(2):
            assert as_(sam).post(url("create", pair.program_id), data).status_code == 302
        assert Opportunity.objects.count() == 1

    @pytest.mark.parametrize(
        "wrong",
        [
            {"apply_by": "2026-11-30"},
            {"apply_by": "2028-01-01"},
            {"apply_by": "soon"},
            {"places": "0"},
            {"places": "21"},
            {"title": ""},
            {"title": "x" * 100_000},
            {"text": "x" * 100_000},
        ],
    )
    def test_bad_input_is_refused_and_kept(self, as_, pair, sam, wrong):
        answer = as_(sam).post(url("create", pair.program_id), typed(place="Berlin") | wrong)
        assert answer.status_code == 422 and "Berlin" in answer.content.decode()
        assert not Opportunity.objects.exists()

    def test_nobody_floods_the_board(self, as_, pair, sam, settings):
        settings.ACCOUNT_RATE_LIMITS = {"opportunity": "2/h/user"}
        found = [as_(sam).post(url("create", pair.program_id), typed(title=f"{n}")).status_code for n in range(3)]
        assert found == [302, 302, 429] and Opportunity.objects.count() == 2

    def test_its_poster_edits_it_and_two_devices_lose_nothing(self, as_, kofi, sam, offered):
        target = url("edit", offered.pk)
        assert as_(sam).get(target).status_code == 404
        assert as_(kofi).post(target, typed(title="Phone", version="1")).status_code == 302
        lost = as_(kofi).post(target, typed(title="Laptop", version="1"))
        assert lost.status_code == 409 and "Phone" in lost.content.decode() and "Laptop" in lost.content.decode()
        assert as_(kofi).post(target, typed(title="Laptop", version="2")).status_code == 302
        assert Opportunity.objects.get().title == "Laptop"

    def test_there_are_never_fewer_places_than_are_taken(self, as_, kofi, lena, offered, accepted):
        Opportunity.objects.update(places=2)
        make.opportunity_application(offered, lena, state="accepted")
        answer = as_(kofi).post(url("edit", offered.pk), typed(places="1", version="1"))
        assert answer.status_code == 422 and "2 places are already taken" in answer.content.decode()

    def test_people_of_other_programs_see_nothing(self, as_, offered):
        stranger = make.pair(make.program("Another"), make.user("Yuki Sato"), make.user("Nia Cole"))
        for person in stranger.people:
            assert as_(person).get(url("detail", offered.pk)).status_code == 404
            assert as_(person).get(url("list", offered.program_id)).status_code == 404
            assert apply(as_(person), offered).status_code == 404


class TestWhereItIs:
    def test_a_mentee_is_led_there_only_while_something_is_open(self, as_, clock, pair, ada, sam, offered):
        link = url("list", pair.program_id)
        assert link in as_(ada).get("/").content.decode()
        clock.move_to(TUESDAY + timedelta(days=15))
        assert link not in as_(ada).get("/").content.decode() and link in as_(sam).get("/").content.decode()

    def test_the_program_knows_until_when_something_is_open(self, as_, kofi, ada, offered):
        def until():
            return Program.objects.get(pk=offered.program_id).opportunities_until

        assert until() == date(2026, 12, 15)
        as_(kofi).post(url("close", offered.pk), {"on": "1"})
        assert until() is None
        as_(kofi).post(url("close", offered.pk), {"on": "0"})
        assert until() == date(2026, 12, 15)
        apply(as_(ada), offered)
        decide(as_(kofi), OpportunityApplication.objects.get())
        assert until() is None, "all places are taken"
        as_(ada).post(url("withdraw", OpportunityApplication.objects.get().pk))
        assert until() == date(2026, 12, 15)

    def test_an_admin_finds_it_beside_the_people(self, as_, pair):
        assert (
            url("list", pair.program_id)
            in as_(make.admin(pair.program)).get(reverse("program_detail", args=[pair.program_id])).content.decode()
        )


class TestApplying:
    def test_the_note_is_for_the_poster_alone(self, as_, kofi, ada, sam, lena, offered):
        assert "Only Kofi reads this" in page(as_(ada), offered)
        assert apply(as_(ada), offered).status_code == 302
        assert NOTE in page(as_(kofi), offered) and NOTE in page(as_(ada), offered)
        for person in (sam, lena, make.admin(offered.program)):
            found = page(as_(person), offered)
            assert NOTE not in found and "Ada" not in found.replace("on the agenda with Ada", "")

    def test_an_admin_sees_how_many_applied(self, as_, ada, lena, offered):
        admin = as_(make.admin(offered.program))
        for person in (ada, lena):
            apply(as_(person), offered)
        assert "2 are waiting for an answer" in page(admin, offered)
        assert "2 unanswered applications" in board(admin, offered)

    def test_the_note_can_be_reworded_until_the_answer(self, as_, kofi, ada, offered):
        for note in (NOTE, "Better"):
            apply(as_(ada), offered, note)
        row = OpportunityApplication.objects.get()
        assert row.note == "Better"
        decide(as_(kofi), row, "0", "Next time")
        assert apply(as_(ada), offered, "Again").status_code == 409
        assert OpportunityApplication.objects.get().note == "Better"

    def test_what_closed_at_that_moment_shows_the_note_again(self, as_, clock, ada, offered):
        clock.move_to(TUESDAY + timedelta(days=15))
        answer = apply(as_(ada), offered)
        assert answer.status_code == 409 and NOTE in answer.content.decode()
        assert not OpportunityApplication.objects.exists()

    @pytest.mark.parametrize("note", ["", "x" * 100_000])
    def test_a_bad_note_is_kept(self, as_, ada, offered, note):
        answer = apply(as_(ada), offered, note)
        assert answer.status_code == 422 and note in answer.content.decode()
        assert not OpportunityApplication.objects.exists()

    def test_withdrawing_hides_the_note_and_one_can_apply_again(self, as_, kofi, ada, offered):
        apply(as_(ada), offered)
        row = OpportunityApplication.objects.get()
        for _click in range(2):
            assert as_(ada).post(url("withdraw", row.pk)).status_code == 302
        assert state(row) == State.WITHDRAWN and NOTE not in page(as_(kofi), offered)
        assert NOTE in page(as_(ada), offered), "it is offered again"
        apply(as_(ada), offered)
        assert state(row) == State.WAITING

    def test_only_mentees_apply_and_nobody_to_themselves(self, as_, kofi, sam, offered):
        make.enrollment(offered.program, kofi, "mentee")
        for person in (sam, kofi, make.admin(offered.program)):
            assert apply(as_(person), offered).status_code == 404


class TestAnswering:
    def test_one_line_answers_and_the_places_fill(self, as_, kofi, ada, lena, offered):
        for person in (ada, lena):
            apply(as_(person), offered)
        first, second = OpportunityApplication.objects.order_by("pk")
        assert decide(as_(kofi), first, "1", "Gladly").status_code == 302
        assert "Gladly" in page(as_(ada), offered) and "Gladly" not in page(as_(lena), offered)
        answer = decide(as_(kofi), second, "1", "You, too")
        assert answer.status_code == 422 and "You, too" in answer.content.decode() and state(second) == State.WAITING
        assert "all places are taken" in board(as_(lena), offered)
        assert OpportunityApplication.apply(offered, lena, "Reworded"), "a waiting note can still change"

    def test_two_answers_at_once_give_a_place_once(self, kofi, ada, lena, offered):
        rows = [make.opportunity_application(offered, person) for person in (ada, lena)]
        assert [row.decide(kofi, True, "") for row in rows] == [True, False]

    def test_nobody_is_declined_without_a_line(self, as_, kofi, ada, offered):
        row = make.opportunity_application(offered, ada)
        assert decide(as_(kofi), row, "0").status_code == 422 and state(row) == State.WAITING
        for wrong in ({"accept": "2"}, {"accept": "0", "line": "x" * 100_000}, {}):
            assert as_(kofi).post(url("decide", row.pk), wrong).status_code == 422
        decide(as_(kofi), row, "0", "I need somebody from the team")
        assert state(row) == State.DECLINED and "somebody from the team" in page(as_(ada), offered)

    def test_an_answer_can_be_undone_until_something_came_of_it(self, as_, kofi, ada, pair, accepted):
        assert as_(kofi).post(url("answer_undo", accepted.pk)).status_code == 302 and state(accepted) == State.WAITING
        decide(as_(kofi), accepted)
        as_(ada).post(url("use", accepted.pk), {"use": "topic"})
        as_(kofi).post(url("answer_undo", accepted.pk))
        assert state(accepted) == State.ACCEPTED

    def test_only_the_poster_answers(self, as_, sam, ada, offered):
        row = make.opportunity_application(offered, ada)
        for person in (sam, ada, make.admin(offered.program)):
            assert decide(as_(person), row).status_code == 404
        assert state(row) == State.WAITING


class TestTakingOver:
    @pytest.fixture
    def gone(self, kofi, offered, ada):
        """An opportunity with an application whose poster left."""
        make.opportunity_application(offered, ada, NOTE)
        kofi.pairs_as_mentor.get().end()
        assert offered.program.enrollments.get(user=kofi).leave(kofi)
        Opportunity.note_orphans()  # on commit, as the test runs in a transaction
        return Opportunity.objects.get()

    def test_an_admin_becomes_the_contact_and_then_reads_the_notes(self, as_, gone, ada, kofi, sam):
        admin = make.admin(gone.program)
        assert recipients("opportunity_orphan", gone) == {admin.pk}
        assert kofi.email not in page(as_(ada), gone)
        found = page(as_(admin), gone)
        assert "Become the contact" in found and NOTE not in found
        assert as_(sam).post(url("take_over", gone.pk)).status_code == 404
        as_(admin).post(url("take_over", gone.pk))
        assert NOTE in page(as_(admin), gone) and admin.email in page(as_(ada), gone)
        assert not recipients("opportunity_orphan", gone)
        assert recipients("opportunity_applied", OpportunityApplication.objects.get()) == {admin.pk}
        assert AuditEvent.objects.filter(action=AuditEvent.Action.OPPORTUNITY_TAKEN_OVER, user=admin).exists()

    def test_who_left_reads_no_note_and_answers_nobody(self, as_, gone, kofi):
        row = OpportunityApplication.objects.get()
        assert as_(kofi).get(url("detail", gone.pk)).status_code == 404
        assert decide(as_(kofi), row).status_code == 404 and not recipients("opportunity_applied", row)

    def test_the_admins_are_notified_when_an_account_is_closed(self, kofi, offered):
        admin = make.admin(offered.program)
        assert closing.close(kofi, kofi)
        assert recipients("opportunity_orphan", offered) == {admin.pk}

    def test_an_account_closed_elsewhere_is_noticed_at_night(self, kofi, offered):
        admin = make.admin(offered.program)
        type(kofi).objects.filter(pk=kofi.pk).update(is_active=False)
        delete_expired_data()
        assert recipients("opportunity_orphan", offered) == {admin.pk}

    def test_an_admin_closes_what_should_not_be_there(self, as_, ada, sam, offered):
        assert as_(sam).post(url("close", offered.pk), {"on": "1"}).status_code == 404
        as_(make.admin(offered.program)).post(url("close", offered.pk), {"on": "1"})
        assert apply(as_(ada), offered).status_code == 409
        assert AuditEvent.objects.filter(action=AuditEvent.Action.OPPORTUNITY_CLOSED).exists()


class TestReminders:
    def test_the_poster_is_notified_without_the_note(self, as_, clock, kofi, ada, offered):
        apply(as_(ada), offered)
        found = emails(clock)
        assert list(found) == [kofi.email]
        assert "Ada would like to take part" in found[kofi.email] and NOTE not in found[kofi.email]
        decide(as_(kofi), OpportunityApplication.objects.get())
        assert not lines(kofi)

    @pytest.mark.parametrize(("accept", "title"), [("1", "You’re in"), ("0", "There’s an answer to your application")])
    def test_the_applicant_is_notified_without_the_line(self, as_, clock, kofi, ada, offered, accept, title):
        row = make.opportunity_application(offered, ada)
        decide(as_(kofi), row, accept, "A kind line")
        found = emails(clock)
        assert list(found) == [ada.email] and title in found[ada.email] and "A kind line" not in found[ada.email]
        assert title in lines(ada)[0].title

    def test_who_was_accepted_and_withdraws_frees_the_place(self, as_, kofi, ada, accepted):
        as_(ada).post(url("withdraw", accepted.pk))
        intent = next(iter(KINDS["opportunity_applied"].intents_about([accepted.pk]).values()))
        assert intent.recipient_id == kofi.pk
        assert "can no longer take part" in KINDS["opportunity_applied"].email(kofi, intent).title


class TestWhatComesOfIt:
    @pytest.mark.parametrize("use", ["commitment", "topic", "experiment"])
    def test_one_tap_brings_it_into_the_pair_once(self, as_, pair, ada, offered, accepted, use):
        for _click in range(2):
            assert as_(ada).post(url("use", accepted.pk), {"use": use}).status_code == 302
        accepted.refresh_from_db()
        found = getattr(accepted, use)
        assert accepted.pair == pair and found.pair == pair
        if use == "experiment":
            assert (found.title, found.competency) == (offered.title, offered.competency)
            assert found.stage == "planned" and not found.shares.exists()
        else:
            assert offered.title in (found.title if use == "topic" else found.text)
        counts = (pair.commitments.count(), pair.items.count(), Entry.objects.count())
        assert sum(counts) == 1

    def test_it_leads_nowhere_before_it_is_accepted(self, as_, ada, sam, offered, accepted):
        assert as_(sam).post(url("use", accepted.pk), {"use": "topic"}).status_code == 404
        OpportunityApplication.objects.update(state=State.WAITING)
        assert as_(ada).post(url("use", accepted.pk), {"use": "topic"}).status_code == 404
        assert as_(ada).post(url("finish", accepted.pk), {"on": "1"}).status_code == 404

    def test_without_a_pair_it_waits(self, as_, pair, ada, accepted):
        pair.end()
        as_(ada).post(url("use", accepted.pk), {"use": "commitment"})
        assert not pair.commitments.exists() and "Once you have a mentor" in page(as_(ada), accepted.opportunity)

    def test_done_it_is_evidence_of_its_competency(self, as_, pair, ada, sam, offered, accepted):
        assert not evidence(pair, sam)[0].opportunities
        as_(ada).post(url("finish", accepted.pk), {"on": "1"})
        for person in (ada, sam):
            (row,) = evidence(pair, person)
            assert row.opportunities == [accepted] and not row.is_empty
            found = as_(person).get(reverse("competency_list", args=[pair.pk])).content.decode()
            assert url("detail", offered.pk) in found
        record = build_record(pair, ["competencies"])
        assert record["competencies"][0]["opportunities"][0]["text"] == offered.title
        as_(ada).post(url("finish", accepted.pk), {"on": "0"})
        assert evidence(pair, sam)[0].is_empty

    def test_a_mentor_recommends_it_as_a_topic(self, as_, pair, sam, ada, offered):
        for _click in range(2):
            as_(sam).post(url("recommend", offered.pk), {"pair": pair.pk})
        topic = AgendaItem.objects.get()
        assert (topic.pair, topic.title, topic.created_by) == (pair, offered.title, sam)
        assert "On your agenda with Ada" in page(as_(sam), offered)
        assert as_(ada).post(url("recommend", offered.pk), {"pair": pair.pk}).status_code == 404

    def test_the_topics_of_two_with_one_title_are_no_problem(self, as_, pair, ada, kofi, accepted):
        again = make.opportunity(pair.program, kofi, accepted.opportunity.title)
        other = make.opportunity_application(again, ada, state="accepted")
        for row in (accepted, other):
            assert as_(ada).post(url("use", row.pk), {"use": "topic"}).status_code == 302
        assert pair.items.count() == 1


class TestKeepingAndDeleting:
    def test_the_download_of_the_applicant_has_the_note_and_the_answer(self, as_, ada, accepted):
        target = reverse("practice_export")
        data = json.loads(as_(ada).get(f"{target}?kind=json").content)
        assert [(one["note"], one["answer"]) for one in data["applications"]] == [(NOTE, "Gladly")]
        assert NOTE in as_(ada).get(target).content.decode()

    def test_a_year_after_its_last_day_it_is_deleted(self, pair, ada, lena, accepted):
        make.opportunity_application(accepted.opportunity, lena, "Hers")
        OpportunityApplication.objects.filter(pk=accepted.pk).update(pair=pair)
        end = datetime(2026, 12, 15, 12, tzinfo=UTC)
        delete_old_program_texts(end + timedelta(days=364))
        assert OpportunityApplication.objects.count() == 2
        delete_old_program_texts(end + timedelta(days=367))
        row = OpportunityApplication.objects.get()
        assert (row.applicant, row.note, row.answer) == (ada, "", ""), "what came of it stays with the pair"
        row.delete()
        delete_old_program_texts(end + timedelta(days=367))
        assert not Opportunity.objects.exists()

    def test_it_is_deleted_with_the_last_pair_and_with_the_account(self, pair, ada, offered, accepted):
        delete_practice_without_pair([ada.pk])
        assert OpportunityApplication.objects.exists()
        pair.end()
        type(pair).objects.filter(pk=pair.pk).update(content_deleted_at=timezone.now())
        delete_practice_without_pair([ada.pk])
        assert not OpportunityApplication.objects.exists()
        without_pair = make.enrollment(offered.program, make.user("Nia Cole"), "mentee").user
        make.opportunity_application(offered, without_pair)
        without_pair.delete()
        assert not OpportunityApplication.objects.exists()

    def test_erasing_deletes_applications_and_keeps_what_was_posted(self, ada, kofi, offered, accepted):
        erasure.erase(ada)
        assert not OpportunityApplication.objects.exists()
        erasure.erase(kofi)
        assert Opportunity.objects.without_poster().get() == offered
