"""Tests feedback in three questions, and making the third answer a commitment."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse

from goals.models import Commitment
from sessions import closing
from sessions.models import Feedback, SessionCommitment
from sessions.session_room import actions, timer
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(pair, sam):
    with time_machine.travel(datetime(2026, 12, 4, 10, 0, tzinfo=UTC), tick=False):
        make.session(pair, datetime(2026, 12, 18, 10, 0))
        session = make.session(pair, datetime(2026, 12, 4, 10, 0))
        timer.start(session)
        timer.go_to_block(session, 0, session.blocks.get(role="feedback").position)
        yield session


def start(client, session):
    return client.post(reverse("feedback_create", args=[session.pk]), headers={"HX-Request": "true"})


@pytest.mark.parametrize("who", ["sam", "ada"])
def test_either_person_can_start_and_both_see_three_questions(as_, running, sam, ada, who):
    by = {"sam": sam, "ada": ada}[who]
    html = start(as_(by), running).content.decode()
    for question in ("What was intended?", "What happened?", "What will be done differently next time?"):
        assert question in html
    given = Feedback.objects.get()
    assert (given.created_by, given.session, given.pair) == (by, running, running.pair)


def test_starting_by_both_at_once_creates_one(as_, running, sam, ada):
    start(as_(sam), running)
    start(as_(ada), running)
    assert Feedback.objects.count() == 1
    Feedback.objects.update(intended="A calm answer.")
    start(as_(ada), running)
    assert Feedback.objects.count() == 2


def test_the_third_answer_becomes_a_commitment_in_one_click(as_, running, sam, ada):
    given = actions.start_feedback(running, sam)
    Feedback.objects.update(differently="Stop after the second sentence\nand ask.")
    page = as_(sam).get(reverse("session_detail", args=[running.pk])).content.decode()
    assert "Turn the third answer into a commitment" in page
    url = reverse("feedback_commit", args=[given.pk])
    html = as_(sam).post(url, headers={"HX-Request": "true"}).content.decode()
    made = Commitment.objects.get()
    assert made.text == "Stop after the second sentence and ask."
    assert (made.owner, made.due_on, made.created_by) == (ada, date(2026, 12, 17), sam)
    assert Feedback.objects.get().commitment == made
    assert SessionCommitment.objects.get().session == running
    assert "Became a commitment" in html and 'id="room-commitments"' in html


def test_a_click_by_both_creates_one_commitment(as_, running, sam, ada):
    given = actions.start_feedback(running, sam)
    Feedback.objects.update(differently="Stop and ask.")
    for person in (sam, ada):
        as_(person).post(reverse("feedback_commit", args=[given.pk]))
    assert Commitment.objects.count() == 1


def test_an_empty_third_answer_offers_no_commitment(as_, running, sam):
    given = actions.start_feedback(running, sam)
    response = as_(sam).post(reverse("feedback_commit", args=[given.pk]), follow=True)
    assert "First write what will be done differently" in response.content.decode()
    assert not Commitment.objects.exists()


def test_a_very_long_answer_is_shortened(running, sam):
    given = actions.start_feedback(running, sam)
    Feedback.objects.update(differently="word " * 3000)
    given.refresh_from_db()
    assert len(actions.commit_from_feedback(given, sam).text) <= 500


@pytest.mark.parametrize("name", ["feedback_create", "feedback_commit"])
def test_feedback_is_only_for_the_pair(as_, running, sam, name):
    given = actions.start_feedback(running, sam)
    url = reverse(name, args=[running.pk if name == "feedback_create" else given.pk])
    assert as_(make.user()).post(url).status_code == 404
    assert as_(sam).get(url).status_code == 405
    running.pair.end()
    assert as_(sam).post(url).status_code == 404


def test_feedback_names_a_competency_and_shows_the_last_time(as_, running, sam, ada):
    competency, other = (
        make.competency(running.pair.program, "Says no"),
        make.competency(make.program("Other"), "Elsewhere"),
    )
    before = datetime(2026, 11, 20, 10, tzinfo=UTC)
    make.feedback(running.pair, created_at=before, differently="Say it in the first minute", competency=competency)
    start(as_(sam), running)
    given = Feedback.objects.get(session=running)
    about = reverse("feedback_set_competency", args=[given.pk])
    as_(ada).post(about, {"competency": other.pk})
    given.refresh_from_db()
    assert given.competency is None, "a competency of another program"
    html = as_(ada).post(about, {"competency": competency.pk}, headers={"HX-Request": "true"}).content.decode()
    assert "Last time on “Says no”" in html and "Say it in the first minute" in html
    given.refresh_from_db()
    Feedback.objects.filter(pk=given.pk).update(differently="Say it sooner")
    given.refresh_from_db()
    assert actions.commit_from_feedback(given, ada).competency == competency
    as_(ada).post(about, {"competency": ""})
    given.refresh_from_db()
    assert given.competency is None


def test_feedback_shows_its_author_and_full_text_afterward(as_, running, sam, ada):
    start(as_(sam), running)
    given = Feedback.objects.get()
    answers = {"intended": "A calm answer", "happened": "I spoke for ten minutes", "differently": "Stop and ask"}
    for name, text in answers.items():
        url = reverse("text_edit", args=[f"feedback-{given.pk}-{name}"])
        assert as_(ada).post(url, {"text": text, "started_from": make.EMPTY}).status_code == 302
    given.refresh_from_db()
    assert given.created_by == ada
    competency = make.competency(running.pair.program, "Listening")
    actions.set_competency(given, competency)
    closing.close(running, sam)
    pair = running.pair
    pages = [
        as_(sam).get(reverse("session_recap", args=[running.pk])).content.decode(),
        as_(sam).get(f"{reverse('pair_detail', args=[pair.pk])}?show=feedback").content.decode(),
        as_(sam).get(reverse("competency_list", args=[pair.pk])).content.decode(),
    ]
    for page in pages:
        assert all(text in page for text in answers.values())
        assert "Ada" in page


def test_unanswered_questions_are_not_shown(as_, running, sam):
    start(as_(sam), running)
    assert "added feedback" not in as_(sam).get(reverse("pair_detail", args=[running.pair_id])).content.decode()
    closing.close(running, sam)
    assert not Feedback.objects.exists()
