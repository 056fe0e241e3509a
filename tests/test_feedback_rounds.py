"""A round of feedback by link: three answers before anything shows, nothing that leads back to who said it (S32)."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from goals.indicator_values import feedback_chart
from goals.models import FeedbackAnswer, FeedbackInvite, FeedbackRound
from tests import make


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(datetime(2026, 12, 7, 9, tzinfo=UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def feedback_round(pair):
    return make.feedback_round(pair, "Lin", "Noor", "Kim", "Jo")


def say(invite, more=4, keep="Keep asking", change="Speak up"):
    return Client().post(
        reverse("feedback_round_answer", args=[invite.token]), {"more": more, "keep": keep, "change": change}
    )


def plain(answer) -> str:
    return re.sub(r'(csrf[^>]*(value|content)=)"[^"]*"', r"\1", answer.content.decode())


def shown(as_, person, feedback_round) -> str:
    return as_(person).get(reverse("feedback_round_detail", args=[feedback_round.pk])).content.decode()


def test_the_mentee_asks_and_gets_a_link_for_each(as_, ada, sam, pair):
    said = {"about": "Ada lets others finish", "names": "Lin\nNoor\n\n Kim "}
    page = as_(ada).post(reverse("feedback_round_create", args=[pair.pk]), said, follow=True).content.decode()
    assert [invite.name for invite in FeedbackInvite.objects.all()] == ["Lin", "Noor", "Kim"]
    assert all(invite.token in page for invite in FeedbackInvite.objects.all())
    his = shown(as_, sam, FeedbackRound.objects.get())
    assert "Lin" not in his and FeedbackInvite.objects.first().token not in his


@pytest.mark.parametrize(("names", "says"), [("Lin\nNoor", "at least three"), ("a\nb\nc\nd\ne\nf", "five people")])
def test_too_few_would_be_recognized_and_too_many_are_too_many(as_, ada, pair, names, says):
    answer = as_(ada).post(reverse("feedback_round_create", args=[pair.pk]), {"about": "It", "names": names})
    assert answer.status_code == 422 and says in answer.content.decode()
    assert not FeedbackRound.objects.exists()


def test_nothing_shows_before_it_is_over_even_with_three_answers(as_, ada, sam, feedback_round):
    for invite in feedback_round.invites.all()[:3]:
        assert "Your answer was sent" in say(invite).content.decode()
    assert "Keep asking" not in shown(as_, ada, feedback_round)
    as_(ada).post(reverse("feedback_round_end", args=[feedback_round.pk]))
    assert "Keep asking" in shown(as_, ada, feedback_round) and "Keep asking" in shown(as_, sam, feedback_round)


def test_two_answers_never_show(as_, ada, feedback_round):
    for invite in feedback_round.invites.all()[:2]:
        say(invite)
    feedback_round.end()
    html = shown(as_, ada, feedback_round)
    assert "Keep asking" not in html and "nothing is shown" in html
    assert feedback_chart(feedback_round.pair, feedback_round.pair.mentee.today()).is_empty


def test_with_the_last_answer_or_after_two_weeks_it_is_over(as_, ada, pair, feedback_round, clock):
    for invite in feedback_round.invites.all():
        say(invite)
    assert FeedbackRound.objects.get().ended_at
    later = make.feedback_round(pair)
    clock.shift(timedelta(days=15))
    assert FeedbackRound.objects.get(pk=later.pk).is_closed(ada.today())
    assert "This feedback round is closed" in say(later.invites.first()).content.decode()


def test_a_link_takes_one_answer(feedback_round):
    invite = feedback_round.invites.first()
    first = say(invite)
    again = [say(invite, keep="Once more") for _press in range(3)]  # a double click sends the form twice
    assert {answer.status_code for answer in (first, *again)} == {200}
    assert {plain(answer) for answer in again} == {plain(first)} and "Thank you" in plain(first)
    assert FeedbackAnswer.objects.get().keep == "Keep asking"
    opened = Client().get(reverse("feedback_round_answer", args=[invite.token]))
    assert opened.status_code == 410 and "already answered" in opened.content.decode()
    assert not FeedbackInvite.objects.get(pk=invite.pk).answer(5, "", "")


def test_a_link_dies_with_the_pair_and_a_made_up_one_never_lived(pair, feedback_round):
    pair.end()
    assert say(feedback_round.invites.first()).status_code == 410
    assert Client().get(reverse("feedback_round_answer", args=["1:made-up"])).status_code == 404
    assert not FeedbackAnswer.objects.exists()


def test_an_answer_on_its_way_when_the_round_ends_does_not_come_in(feedback_round):
    """After the others were shown it would stand alone."""
    late = FeedbackInvite.objects.select_related("feedback_round__pair__mentee").get(
        pk=feedback_round.invites.last().pk
    )
    assert late.accepts_answer
    for invite in feedback_round.invites.all()[:3]:
        say(invite)
    feedback_round.end()
    assert not late.answer(1, "Alone", "")
    assert FeedbackAnswer.objects.count() == 3 and not FeedbackInvite.objects.get(pk=late.pk).used


def test_opening_a_link_changes_nothing_and_nonsense_is_said(feedback_round):
    invite = feedback_round.invites.first()
    page = Client().get(reverse("feedback_round_answer", args=[invite.token]))
    assert "Ada lets others finish" in page.content.decode() and not FeedbackInvite.objects.filter(used=True).exists()
    assert page.headers["Cache-Control"] == "no-store"
    answer = say(invite, more=9, keep="kept")
    assert answer.status_code == 422 and "kept" in answer.content.decode()


def test_no_column_leads_from_an_answer_to_who_gave_it_or_when():
    fields = {field.name for field in FeedbackAnswer._meta.get_fields()}
    assert fields == {"id", "feedback_round", "more", "keep", "change"}
    assert {field.name for field in FeedbackInvite._meta.concrete_fields} == {"id", "feedback_round", "name", "used"}


def test_the_mean_of_each_round_that_may_be_shown_is_drawn(pair, feedback_round):
    """Worked by hand: 3, 4, 5 and 5 make 4.25."""
    for invite, more in zip(feedback_round.invites.all(), (3, 4, 5, 5), strict=True):
        say(invite, more)
    [line] = feedback_chart(pair, pair.mentee.today()).lines
    assert [value for _on, value in line.points] == [4.25]
