"""Feedback rounds by link: nothing is shown below three answers, and no answer can be traced to its author."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from goals.indicator_charts import feedback_chart
from goals.models import FeedbackAnswer, FeedbackInvite, FeedbackRound
from tests import make


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(datetime(2026, 12, 7, 9, tzinfo=UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def feedback_round(pair):
    return make.feedback_round(pair, "Lin", "Noor", "Kim", "Jo")


def give_answer(invite, frequency=4, keep_doing="Keep asking", change="Speak up"):
    answer = {"frequency": frequency, "keep_doing": keep_doing, "change": change}
    return Client().post(reverse("feedback_round_answer", args=[invite.token]), answer)


def without_tokens(answer) -> str:
    return re.sub(r'(csrf[^>]*(value|content)=)"[^"]*"', r"\1", answer.content.decode())


def page_for(as_, person, feedback_round) -> str:
    return as_(person).get(reverse("feedback_round_detail", args=[feedback_round.pk])).content.decode()


def test_the_mentee_gets_a_link_for_each_person(as_, ada, sam, pair):
    data = {"about": "Ada lets others finish", "names": "Lin\nNoor\n\n Kim "}
    page = as_(ada).post(reverse("feedback_round_create", args=[pair.pk]), data, follow=True).content.decode()
    assert [invite.name for invite in FeedbackInvite.objects.order_by("pk")] == ["Lin", "Noor", "Kim"]
    assert all(invite.token in page for invite in FeedbackInvite.objects.all())
    page_of_sam = page_for(as_, sam, FeedbackRound.objects.get())
    assert "Lin" not in page_of_sam and FeedbackInvite.objects.first().token not in page_of_sam


@pytest.mark.parametrize(("names", "message"), [("Lin\nNoor", "at least three"), ("a\nb\nc\nd\ne\nf", "five people")])
def test_three_to_five_people_are_asked(as_, ada, pair, names, message):
    answer = as_(ada).post(reverse("feedback_round_create", args=[pair.pk]), {"about": "It", "names": names})
    assert answer.status_code == 422 and message in answer.content.decode()
    assert not FeedbackRound.objects.exists()


def test_answers_are_hidden_until_the_round_is_closed(as_, ada, sam, feedback_round):
    for invite in feedback_round.invites.all()[:3]:
        assert "Your answer was sent" in give_answer(invite).content.decode()
    assert "Keep asking" not in page_for(as_, ada, feedback_round)
    as_(ada).post(reverse("feedback_round_end", args=[feedback_round.pk]))
    assert "Keep asking" in page_for(as_, ada, feedback_round) and "Keep asking" in page_for(as_, sam, feedback_round)


def test_two_answers_are_never_shown(as_, ada, feedback_round):
    for invite in feedback_round.invites.all()[:2]:
        give_answer(invite)
    feedback_round.end()
    html = page_for(as_, ada, feedback_round)
    assert "Keep asking" not in html and "nothing is shown" in html
    assert feedback_chart(feedback_round.pair, feedback_round.pair.mentee.today()).is_empty


def test_a_round_closes_with_its_last_answer_or_after_two_weeks(as_, ada, pair, feedback_round, clock):
    for invite in feedback_round.invites.all():
        give_answer(invite)
    assert FeedbackRound.objects.get().ended_at
    later = make.feedback_round(pair)
    clock.shift(timedelta(days=15))
    assert FeedbackRound.objects.get(pk=later.pk).is_closed(ada.today())
    assert "This feedback round is closed" in give_answer(later.invites.first()).content.decode()


def test_a_link_accepts_one_answer(feedback_round):
    invite = feedback_round.invites.first()
    first = give_answer(invite)
    # a double click sends the form twice
    repeated = [give_answer(invite, keep_doing="Once more") for _press in range(3)]
    assert {answer.status_code for answer in (first, *repeated)} == {200}
    assert {without_tokens(answer) for answer in repeated} == {without_tokens(first)}
    assert "Thank you" in without_tokens(first)
    assert FeedbackAnswer.objects.get().keep_doing == "Keep asking"
    response = Client().get(reverse("feedback_round_answer", args=[invite.token]))
    assert response.status_code == 410 and "already answered" in response.content.decode()
    assert not FeedbackInvite.objects.get(pk=invite.pk).answer(5, "", "")


def test_links_of_ended_pairs_and_invented_links_fail(pair, feedback_round):
    pair.end()
    assert give_answer(feedback_round.invites.first()).status_code == 410
    assert Client().get(reverse("feedback_round_answer", args=["1:made-up"])).status_code == 404
    assert not FeedbackAnswer.objects.exists()


def test_an_answer_sent_while_the_round_closes_is_refused(feedback_round):
    """It would be the only new answer, so that its author could be guessed."""
    late_invite = FeedbackInvite.objects.select_related("feedback_round__pair__mentee").get(
        pk=feedback_round.invites.last().pk
    )
    assert late_invite.accepts_answer
    for invite in feedback_round.invites.all()[:3]:
        give_answer(invite)
    feedback_round.end()
    assert not late_invite.answer(1, "Alone", "")
    assert FeedbackAnswer.objects.count() == 3 and not FeedbackInvite.objects.get(pk=late_invite.pk).used


def test_opening_a_link_changes_nothing_and_errors_are_shown(feedback_round):
    invite = feedback_round.invites.first()
    page = Client().get(reverse("feedback_round_answer", args=[invite.token]))
    assert "Ada lets others finish" in page.content.decode() and not FeedbackInvite.objects.filter(used=True).exists()
    assert page.headers["Cache-Control"] == "no-store"
    answer = give_answer(invite, frequency=9, keep_doing="kept")
    assert answer.status_code == 422 and "kept" in answer.content.decode()


def test_answers_store_no_author_and_no_time():
    fields = {field.name for field in FeedbackAnswer._meta.get_fields()}
    assert fields == {"id", "feedback_round", "frequency", "keep_doing", "change"}
    assert {field.name for field in FeedbackInvite._meta.concrete_fields} == {"id", "feedback_round", "name", "used"}


def test_the_mean_of_each_published_round_is_charted(pair, feedback_round):
    """Computed by hand: the mean of 3, 4, 5 and 5 is 4.25."""
    for invite, more in zip(feedback_round.invites.all(), (3, 4, 5, 5), strict=True):
        give_answer(invite, more)
    [line] = feedback_chart(pair, pair.mentee.today()).lines
    assert [value for _on, value in line.points] == [4.25]
