"""Tests feedback in three questions, and making the third answer a commitment."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from core.optimistic_locking import fingerprint
from goals.models import Commitment
from sessions import closing
from sessions.models import Feedback, SessionCommitment
from sessions.session_room import actions, timer
from sessions.wording import traits_in
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


class TestOwnPage:
    """Feedback outside the session room: a draft of its author until they share it."""

    def begin(self, client, pair, **about) -> Feedback:
        answer = client.post(reverse("feedback_start", args=[pair.pk]), about)
        given = Feedback.objects.latest("pk")
        assert answer.url == reverse("feedback_edit", args=[given.pk])
        return given

    def write(self, client, given, **fields):
        return client.post(reverse("feedback_edit", args=[given.pk]), fields)

    def test_either_person_writes_all_of_it_and_shares_it(self, as_, pair, sam, ada):
        for by, other in ((sam, ada), (ada, sam)):
            given = self.begin(as_(by), pair)
            page = as_(by).get(reverse("feedback_edit", args=[given.pk])).content.decode()
            for label in ("One example", "When was it?", "What was intended?", "Keep doing", "Adjust next"):
                assert label in page
            client = as_(by)
            answer = self.write(client, given, example="The review on Monday", keep="One question", share="1")
            assert "Shared." in client.get(answer.url).content.decode()
            page = as_(other).get(reverse("feedback_detail", args=[given.pk])).content.decode()
            assert "The review on Monday" in page and "One question" in page and by.first_name in page
            assert "What happened?" not in page, "blank answers are left out"

    def test_a_draft_is_only_for_its_author(self, as_, pair, sam, ada):
        given = self.begin(as_(sam), pair)
        self.write(as_(sam), given, differently="CANARY")
        for name in ("feedback_detail", "feedback_edit"):
            assert as_(sam).get(reverse(name, args=[given.pk])).status_code == 200
            assert as_(ada).get(reverse(name, args=[given.pk])).status_code == 404
        for name in ("feedback_share", "feedback_commit", "feedback_set_competency"):
            assert as_(ada).post(reverse(name, args=[given.pk])).status_code == 404
        key = f"feedback-{given.pk}-keep"
        assert as_(ada).post(reverse("text_edit", args=[key]), {"text": "x"}).status_code == 404
        assert "CANARY" not in as_(ada).get(reverse("pair_detail", args=[pair.pk])).content.decode()
        assert "CANARY" in as_(sam).get(reverse("feedback_start", args=[pair.pk])).content.decode(), "to continue"
        as_(sam).post(reverse("feedback_share", args=[given.pk]))
        assert "CANARY" in as_(ada).get(reverse("pair_detail", args=[pair.pk])).content.decode()

    def test_a_work_event_gives_its_day_and_an_empty_draft_is_used_again(self, as_, pair, ada):
        event = make.work_event(pair, happens_on=ada.today() - timedelta(days=1))
        first = self.begin(as_(ada), pair)
        given = self.begin(as_(ada), pair, work_event=event.pk)
        assert given == first and (given.work_event, given.happened_on) == (event, event.happens_on)
        coming = make.work_event(pair, happens_on=ada.today() + timedelta(days=3))
        assert self.begin(as_(ada), pair, work_event=coming.pk).happened_on is None

    def test_a_day_to_come_and_a_long_paste_keep_every_text(self, as_, pair, ada):
        given = self.begin(as_(ada), pair)
        answer = self.write(as_(ada), given, keep="Kept", happened_on=ada.today() + timedelta(days=1), share="1")
        assert answer.status_code == 422 and "Kept" in answer.content.decode()
        answer = self.write(as_(ada), given, keep="Kept", happened="x" * 100_000, share="1")
        assert answer.status_code == 422 and "Kept" in answer.content.decode()
        given.refresh_from_db()
        assert given.is_draft and given.is_empty

    def test_both_versions_are_shown_after_a_conflict(self, as_, pair, ada, sam):
        given = make.feedback(pair, keep="One question")
        old = fingerprint("One question")
        self.write(as_(ada), given, keep="Two questions", started_from_keep=old)
        answer = self.write(as_(sam), given, keep="No questions", started_from_keep=old)
        page = answer.content.decode()
        assert answer.status_code == 409 and "Two questions" in page and "No questions" in page

    def test_a_text_that_was_left_as_it_was_is_no_conflict(self, as_, pair, ada, sam):
        given = make.feedback(pair, keep="One question")
        opened = {"keep": "One question", "started_from_keep": fingerprint("One question")}
        opened |= {"adjust": "", "started_from_adjust": make.EMPTY}
        self.write(as_(ada), given, **opened | {"keep": "Two questions"})
        assert self.write(as_(sam), given, **opened | {"adjust": "The pace"}).status_code == 302
        given.refresh_from_db()
        assert (given.keep, given.adjust) == ("Two questions", "The pace")

    def test_what_only_one_person_changed_is_kept(self, as_, pair, ada, sam):
        listening = make.competency(pair.program, "Listening")
        given = make.feedback(pair, keep="One question")
        before = {"initial-competency": "", "competency": "", "initial-happened_on": "", "happened_on": ""}
        self.write(as_(ada), given, **before | {"competency": listening.pk})
        self.write(as_(sam), given, **before | {"happened_on": "2026-11-02"})
        given.refresh_from_db()
        assert (given.competency, given.happened_on) == (listening, date(2026, 11, 2))

    def test_the_one_before_on_the_same_competency_is_beside_the_form(self, as_, pair, ada, sam):
        listening = make.competency(pair.program, "Listening")
        before = make.feedback(pair, competency=listening, differently="Count to three", keep="Nod")
        made = actions.commit_from_feedback(before, sam)
        made.complete(ada, made.version)
        make.feedback(make.pair(), differently="Elsewhere")
        given = self.begin(as_(ada), pair, competency=listening.pk)
        page = as_(ada).get(reverse("feedback_edit", args=[given.pk])).content.decode()
        for text in ("Last time on “Listening”", "Count to three", "Nod", made.get_state_display()):
            assert text in page
        fragment = reverse("feedback_last_time", args=[given.pk])
        html = {"HX-Request": "true"}
        assert "Nod" in as_(ada).get(f"{fragment}?competency={listening.pk}", headers=html).content.decode()
        assert not as_(ada).get(f"{fragment}?competency=", headers=html).content.decode().strip()
        assert as_(ada).get(fragment).url == reverse("feedback_edit", args=[given.pk])

    @pytest.mark.parametrize("owner", ["mentee", "mentor"])
    def test_one_tap_makes_it_a_commitment_of_either_and_keeps_the_link(self, as_, pair, sam, ada, owner):
        given = make.feedback(pair, differently="Stop after two sentences", competency=make.competency(pair.program))
        page = reverse("feedback_detail", args=[given.pk])
        for _click in range(2):
            answer = as_(ada).post(reverse("feedback_commit", args=[given.pk]), {"owner": owner, "next": page})
            assert answer.url == page
        made = Commitment.objects.get()
        assert made.owner == getattr(pair, owner) and made.from_feedback == given
        assert made.competency == given.competency
        assert made.get_absolute_url() in as_(sam).get(page).content.decode()

    def test_after_the_end_it_is_only_read(self, as_, pair, sam):
        given = make.feedback(pair, differently="Stop")
        pair.end()
        page = as_(sam).get(reverse("feedback_detail", args=[given.pk])).content.decode()
        assert "Stop" in page and reverse("feedback_commit", args=[given.pk]) not in page
        assert as_(sam).get(reverse("feedback_edit", args=[given.pk])).status_code == 404
        assert as_(sam).get(reverse("feedback_start", args=[pair.pk])).status_code == 404


class TestWording:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("You’re always late, ALWAYS.", ["you're", "always"]),
            ("You are lazy", ["you are", "lazy"]),
            ("Du bist immer zu spät", ["du bist", "immer"]),
            ("Siempre llegas tarde", ["siempre"]),
            ("On Monday he nevertheless began at nine", []),
            ("", []),
        ],
    )
    def test_words_about_traits_are_found_in_three_languages(self, text, found):
        assert traits_in(text) == found

    def test_the_hint_is_shown_and_never_blocks(self, as_, pair, ada, sam):
        given = make.feedback(pair, created_by=ada, shared_at=None)
        url = reverse("feedback_edit", args=[given.pk])
        answer = as_(ada).post(url, {"happened": "You are always late", "share": "1"})
        given.refresh_from_db()
        assert answer.status_code == 302 and not given.is_draft
        hint = "Perhaps write what you saw or heard instead of “you are, always”."
        assert hint in as_(ada).get(answer.url).content.decode()
        assert hint in as_(ada).get(url).content.decode()
        assert hint not in as_(sam).get(answer.url).content.decode(), "it is for the writer"
        wrong = {"happened": "Never", "happened_on": "soon"}
        assert "instead of “never”" in as_(ada).post(url, wrong).content.decode(), "what was typed"


def test_the_throughline_is_the_chain_on_one_competency(as_, pair, ada, sam):
    listening = make.competency(pair.program, "Listening")
    at = datetime(2026, 11, 2, 10, tzinfo=UTC)
    first = make.feedback(pair, created_at=at, competency=listening, differently="Count to three")
    made = actions.commit_from_feedback(first, sam)
    made.complete(ada, made.version)
    make.feedback(pair, created_at=at + timedelta(days=1), differently="On something else")
    later = make.feedback(pair, created_at=at + timedelta(days=90), competency=listening, keep="The pause")
    for kind, row in (("feedback", first), ("commitment", made), ("feedback", later)):
        page = as_(sam).get(reverse("trace", args=[pair.pk, kind, row.pk])).content.decode()
        places = [page.index(text) for text in ("Count to three", "The pause")]
        assert places == sorted(places) and made.get_absolute_url() in page and made.get_state_display() in page
        assert "On something else" not in page


class TestDeletingADraft:
    def test_its_author_deletes_it_after_a_question(self, as_, pair, ada):
        draft = make.feedback(pair, created_by=ada, shared_at=None, differently="Too harsh")
        url = reverse("feedback_delete", args=[draft.pk])
        assert url in as_(ada).get(reverse("feedback_edit", args=[draft.pk])).content.decode()
        assert "Too harsh" in as_(ada).get(url).content.decode() and Feedback.objects.exists()
        answer = as_(ada).post(url)
        assert answer.url == reverse("feedback_start", args=[pair.pk]) and not Feedback.objects.exists()
        assert as_(ada).post(url).status_code == 404, "a second press finds nothing"

    def test_nobody_else_does_and_what_was_shared_stays(self, as_, pair, ada, sam):
        draft = make.feedback(pair, created_by=ada, shared_at=None, differently="Too harsh")
        url = reverse("feedback_delete", args=[draft.pk])
        assert as_(sam).post(url).status_code == 404
        draft.share()
        assert as_(ada).get(url).status_code == 404 and as_(ada).post(url).status_code == 404
        assert url not in as_(ada).get(reverse("feedback_edit", args=[draft.pk])).content.decode()

    def test_shared_on_another_device_at_that_moment_it_stays(self, pair, ada):
        draft = make.feedback(pair, created_by=ada, shared_at=None, differently="Too harsh")
        Feedback.objects.get(pk=draft.pk).share()
        assert draft.discard() is False and Feedback.objects.exists()
