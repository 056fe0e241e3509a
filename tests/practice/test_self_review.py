"""Self-reviews: offered after each quarter, skipped in one tap, and what the quarter held for their author alone."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from goals.models import Commitment, Outcome
from practice.models import Entry, InventoryPick, SelfReview
from practice.quarters import Quarter
from practice.self_review import offered_to, quarter_page, start
from records.retention import delete_practice_without_pair
from reminders import planner, sender
from reminders.intents import KINDS
from reminders.models import Reminder
from sessions.models import Session
from tests import make

THURSDAY = datetime(2026, 10, 1, 9, tzinfo=UTC)  # 14:30 for Ada in Kolkata
SUMMER = Quarter(date(2026, 7, 1))
CREATE, SKIP, PRACTICE = (reverse(name) for name in ("practice_review", "practice_review_skip", "practice_list"))


@pytest.fixture(autouse=True)
def clock(db):
    with time_machine.travel(THURSDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def pair(clock, pair):
    type(pair).objects.update(started_on=date(2026, 7, 20))
    pair.refresh_from_db()
    return pair


@pytest.fixture
def review(ada, pair):
    """Ada's review of the summer, with what should change."""
    entry = start(ada, SUMMER)
    text = entry.texts.get(key="change")
    text.write(text.version, text="Fewer goals at once")
    Entry.objects.update(written_at=THURSDAY)
    entry.refresh_from_db()
    return entry


def held(pair, on: datetime) -> Session:
    session = make.past_session(pair, days=1)
    Session.objects.filter(pk=session.pk).update(starts_at=on, ends_at=on + timedelta(hours=1), held_at=on)
    return session


def parts(user, quarter: Quarter = SUMMER) -> dict[str, list[str]]:
    return {str(part.label): [fact.title for fact in part.facts] for part in quarter_page(user, quarter).parts}


def reminded(pair) -> list[tuple[str, str]]:
    people = {person.pk: person for person in pair.people}
    intents = KINDS["self_review"].intents_about([pair.pk]).values()
    return sorted(
        (people[it.recipient_id].first_name, f"{people[it.recipient_id].local(it.due_at):%b %d %H:%M}")
        for it in intents
    )


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_each_day_is_in_one_quarter_of_three_months(on):
    quarter = Quarter.of(on)
    assert quarter.first <= on <= quarter.last and quarter.first.day == 1
    assert Quarter.of(quarter.last + timedelta(days=1)).before == quarter
    assert 90 <= (quarter.last - quarter.first).days + 1 <= 92


class TestTheOffer:
    def test_it_lasts_four_weeks_from_the_day_after_the_quarter(self, pair, ada, clock):
        found = []
        for month, day in ((9, 29), (9, 30), (10, 1), (10, 28), (10, 29), (12, 31), (1, 1)):
            clock.move_to(datetime(2026 if month > 1 else 2027, month, day, 9, tzinfo=UTC))
            found.append(str(offered_to(ada, [pair]) and offered_to(ada, [pair]).first))
        assert found == ["None", "None", "2026-07-01", "2026-07-01", "None", "None", "2026-10-01"]

    def test_the_quarter_ends_at_midnight_of_the_person(self, pair, ada, sam, clock):
        clock.move_to(datetime(2026, 9, 30, 20, tzinfo=UTC))
        assert offered_to(ada, [pair]) == SUMMER, "it is October in Kolkata"
        assert offered_to(sam, [pair]) is None, "it is September in London"

    def test_a_pair_of_a_few_days_has_nothing_to_look_back_on(self, as_, ada, pair):
        type(pair).objects.update(started_on=date(2026, 9, 2))
        assert "Not this time" not in as_(ada).get(PRACTICE).content.decode() and not reminded(pair)
        type(pair).objects.update(started_on=date(2026, 9, 1))
        assert "Not this time" in as_(ada).get(PRACTICE).content.decode() and len(reminded(pair)) == 2

    def test_it_is_skipped_in_one_tap_and_that_is_undone(self, as_, ada, sam, pair):
        page = as_(ada).get(PRACTICE).content.decode()
        assert "Look back on your quarter (Jul 1 – Sep 30)" in page and 'value="2026-07-01"' in page
        for _click in range(2):
            as_(ada).post(SKIP, {"quarter": "2026-07-01"})
        assert SelfReview.objects.get().skipped_at and "Not this time" not in as_(ada).get(PRACTICE).content.decode()
        assert reminded(pair) == [("Sam", "Oct 01 08:30")]
        as_(sam).post(f"{SKIP}?undo=2026-07-01")
        assert SelfReview.objects.get().user == ada, "the undo of another person changes nothing"
        as_(ada).post(f"{SKIP}?undo=2026-07-01")
        assert "Not this time" in as_(ada).get(PRACTICE).content.decode()

    def test_a_page_from_the_quarter_before_skips_and_starts_nothing(self, as_, ada, pair):
        for typed in ("2026-04-01", "2026-07-02", "x" * 1000, "0"):
            as_(ada).post(SKIP, {"quarter": typed})
            assert as_(ada).post(CREATE, {"quarter": typed}).url == CREATE
        assert not SelfReview.objects.exists() and not Entry.objects.exists()

    def test_reading_pages_starts_nothing(self, as_, ada, pair):
        as_(ada).get(PRACTICE), as_(ada).get(CREATE), as_(ada).get(reverse("practice_self"))
        assert not SelfReview.objects.exists() and not Entry.objects.exists()

    def test_an_ended_pair_asks_nobody(self, as_, ada, pair):
        pair.end()
        assert "Not this time" not in as_(ada).get(PRACTICE).content.decode() and not reminded(pair)
        assert as_(ada).get(CREATE).status_code == 200, "looking back is still possible"


class TestTheReminder:
    def test_it_comes_the_first_working_morning(self, pair):
        assert reminded(pair) == [("Ada", "Oct 01 08:30"), ("Sam", "Oct 01 08:30")]

    def test_a_person_with_two_pairs_gets_one(self, pair, sam):
        other = make.pair(pair.program, sam, make.user("Mara Silva"), started_on=pair.started_on)
        assert [name for name, _at in reminded(pair)] == ["Ada", "Sam"]
        assert [name for name, _at in reminded(other)] == ["Mara"]

    def test_a_written_or_deleted_review_ends_it(self, as_, ada, pair):
        entry = start(ada, SUMMER)
        assert ("Ada", "Oct 01 08:30") in reminded(pair), "nothing is written yet"
        text = entry.texts.first()
        as_(ada).post(reverse("entry_edit", args=[entry.pk]), {text.key: "The migration"})
        assert [name for name, _at in reminded(pair)] == ["Sam"]
        as_(ada).post(reverse("entry_delete", args=[entry.pk]))
        assert [name for name, _at in reminded(pair)] == ["Sam"]

    def test_it_is_sent_once_and_quotes_nothing(self, pair, ada, clock, settings):
        settings.EMAIL_URL = "smtp://localhost"
        make.commitment(pair, text="Ship the migration").complete(ada, 1)
        clock.move_to(datetime(2026, 9, 30, 9, tzinfo=UTC))
        planner.plan()
        for day, *at in ((1, 3, 5), (1, 7, 35), (2, 3, 5), (2, 7, 35), (5, 3, 5), (5, 7, 35)):
            clock.move_to(datetime(2026, 10, day, *at, tzinfo=UTC))
            planner.plan(), sender.send_due()
        rows = Reminder.objects.filter(kind="self_review")
        assert rows.count() == 2 and {row.pair_id for row in rows} == {pair.pk}
        about = [message for message in mail.outbox if "Look back on your quarter" in message.body]
        assert len(about) == 2 and not any("Ship the migration" in message.body for message in about)

    def test_admins_never_see_it(self, as_, pair, review):
        assert KINDS["self_review"].confidential
        admin = as_(make.admin(pair.program))
        for name in ("program_overview", "program_figures", "program_detail", "program_reminders"):
            page = admin.get(reverse(name, args=[pair.program_id])).content.decode()
            assert "Fewer goals" not in page and "elf-review" not in page and "on the quarter" not in page


class TestWhatTheQuarterHeld:
    def test_it_gathers_what_its_author_may_see(self, ada, sam, pair):
        inside, outside = datetime(2026, 8, 12, 9, tzinfo=UTC), datetime(2026, 6, 12, 9, tzinfo=UTC)
        held(pair, inside), held(pair, outside)
        competency = make.competency(pair.program, "Decides early")
        for owner, at, text in ((ada, inside, "Mine"), (ada, outside, "Before"), (sam, inside, "Theirs")):
            row = make.commitment(pair, owner=owner, text=text, competency=competency if text == "Mine" else None)
            row.complete(owner, 1)
            Commitment.objects.filter(pk=row.pk).update(settled_at=at)
        make.outcome(pair, title="Weekly report", happened_on=date(2026, 9, 30))
        make.outcome(pair, title="Too late", happened_on=date(2026, 10, 1))
        goal = make.goal(pair, title="Lead the review")
        type(goal).objects.filter(pk=goal.pk).update(reached_at=inside)
        make.feedback(pair, created_by=sam, shared_at=inside, keep="Ask", competency=competency)
        make.feedback(pair, created_by=sam, shared_at=None, keep="A draft")
        for author, text in ((ada, "Ask first"), (sam, "Wait longer")):
            lesson = make.entry(author, pair, "lesson", lesson=text)
            Entry.objects.filter(pk=lesson.pk).update(created_at=inside)
        run = make.inventory_run(ada)
        Entry.objects.filter(pk=run.entry_id).update(created_at=inside)
        picked = make.competency(pair.program, "Picked")
        InventoryPick.objects.create(run=run, key="x", competency=picked, created_at=inside)
        assert parts(ada) == {
            "Sessions": ["Wed, Aug 12 with Sam"],
            "Commitments you completed": ["Mine"],
            "Goals and milestones reached": ["Lead the review"],
            "Outcomes": ["Weekly report"],
            "Lessons": ["Ask first"],
            "Feedback you received": ["Wed, Aug 12 with Sam"],
            "Competencies with new evidence": ["Decides early", "Picked"],
            "Inventories": ["Strengths"],
        }
        theirs = parts(sam)
        assert theirs["Commitments you completed"] == ["Theirs"] and theirs["Lessons"] == ["Wait longer"]
        assert "Feedback you received" not in theirs and "Inventories" not in theirs

    def test_a_reader_sees_the_answers_and_no_list(self, as_, ada, sam, pair, review):
        other = make.pair(pair.program, make.user("Noor Ali"), ada, started_on=pair.started_on)
        make.outcome(other, title="Only with Noor", happened_on=date(2026, 9, 1))
        page = as_(ada).get(review.get_absolute_url()).content.decode()
        assert "Only with Noor" in page and reverse("goal_list", args=[pair.pk]) in page
        assert "Only with Noor" in as_(ada).get(reverse("entry_edit", args=[review.pk])).content.decode()
        review.share(pair)
        page = as_(sam).get(review.get_absolute_url()).content.decode()
        assert "Fewer goals at once" in page and "Only with Noor" not in page and "Your quarter at a glance" not in page
        review.take_back(pair)
        assert as_(sam).get(review.get_absolute_url()).status_code == 404

    def test_an_ended_pair_is_still_part_of_it(self, ada, pair):
        make.outcome(pair, title="Weekly report", happened_on=date(2026, 9, 1))
        pair.end()
        found = quarter_page(ada, SUMMER)
        assert [part.facts[0].title for part in found.parts] == ["Weekly report"] and found.pairs == []
        Outcome.objects.all().delete()
        assert quarter_page(ada, SUMMER).parts == []


class TestWhatComesOfIt:
    def test_it_becomes_a_topic_and_a_commitment(self, as_, ada, pair, review):
        text = review.texts.get(key="next")
        text.write(text.version, text="Drop the second goal")
        as_(ada).post(reverse("entry_to_agenda", args=[review.pk]))
        as_(ada).post(reverse("entry_commit", args=[review.pk]))
        assert pair.items.get().title == "Fewer goals at once"
        assert pair.commitments.get().text == "Drop the second goal"

    def test_starting_it_again_continues_with_it(self, as_, ada, pair):
        first = as_(ada).post(CREATE, {"quarter": "2026-07-01"})
        assert as_(ada).post(CREATE).url == first.url and Entry.objects.count() == 1
        review = SelfReview.objects.get()
        assert first.url == reverse("entry_edit", args=[review.entry_id]) and review.quarter_on == SUMMER.first

    def test_an_empty_one_of_the_quarter_before_is_used_again(self, ada, pair):
        entry = start(ada, SUMMER.before)
        assert start(ada, SUMMER) == entry
        assert [(row.quarter_on, row.entry) for row in SelfReview.objects.exclude(entry=None)] == [
            (SUMMER.first, entry)
        ]

    def test_it_is_on_the_page_about_oneself_and_in_the_own_copy(self, as_, ada, review):
        assert "Fewer goals at once" in as_(ada).get(reverse("practice_self")).content.decode()
        (entry,) = as_(ada).get(reverse("practice_export"), {"kind": "json"}).json()["entries"]
        assert (entry["kind"], entry["quarter"]) == ("Self-review", "Jul 1 – Sep 30")

    def test_it_is_deleted_with_the_last_pair(self, ada, pair, review):
        type(pair).objects.update(content_deleted_at=THURSDAY)
        delete_practice_without_pair([ada.pk])
        assert not SelfReview.objects.exists() and not Entry.objects.exists()
