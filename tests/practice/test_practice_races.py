"""Simultaneous requests about practice. On PostgreSQL these are real races; SQLite has one writer at a time."""

from functools import partial

import pytest
from django.urls import reverse

from mentoring.models import HuddleAnswer, HuddleQuestion
from practice.models import PairResource
from tests import make
from tests.threads import run_at_once


@pytest.fixture
def pair(transactional_db):
    return make.pair()


@pytest.mark.parametrize("with_pair", [True, False])
def test_a_double_click_keeps_each_lesson_once(pair, as_, with_pair):
    lines = [f"Lesson {n}" for n in range(8)]
    debrief = make.entry(pair.mentee, pair if with_pair else None, "setback", lessons="\n".join(lines))
    clients = [as_(pair.mentee) for _click in range(2)]
    run_at_once(*(partial(client.post, reverse("lessons_keep", args=[debrief.pk])) for client in clients))
    assert [lesson.answer_to("lesson") for lesson in debrief.lessons.order_by("pk")] == lines


def test_restoring_a_resource_while_it_is_recommended_again(pair, as_):
    resource = make.resource(pair.program)
    row = PairResource.recommend(pair, pair.mentor, resource, "It is short")
    row.drop(pair.mentor)
    restores = partial(as_(pair.mentor).post, reverse("pair_resource_reopen", args=[row.pk]))
    plans = partial(as_(pair.mentee).post, reverse("pair_resource_recommend", args=[pair.pk, resource.pk]))
    assert {answer.status_code for answer in run_at_once(restores, plans)} == {302}
    assert PairResource.objects.current().count() == 1


def test_a_question_is_removed_or_answered(pair, as_):
    kofi = make.pair(pair.program, make.user("Kofi Mensah"), make.user("Lena Brandt")).mentor
    question = HuddleQuestion.objects.create(program=pair.program, author=pair.mentor, text="How do you end on time?")
    removes = partial(as_(pair.mentor).post, reverse("huddle_question_remove", args=[question.pk]))
    url = reverse("huddle_answer", args=[pair.program_id, question.pk])
    answers = partial(as_(kofi).post, url, {"text": "Set a timer", "version": 0})
    _removed, answered = run_at_once(removes, answers)
    assert answered.status_code == (302 if HuddleAnswer.objects.exists() else 409)
    assert HuddleQuestion.objects.exists() == HuddleAnswer.objects.exists()
