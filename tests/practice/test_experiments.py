"""Experiments: planned with a safety limit, run, and looked back on with any result."""

import json

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from goals.models import Commitment
from practice.models import Entry, Experiment
from records import growth
from records.evidence import evidence
from tests import make


@pytest.fixture
def experiment(pair, ada):
    plan = {"try": "Open with the question. Then wait.", "where": "The stand-up", "limit": "Someone is hurt"}
    return make.entry(ada, pair, "experiment", **plan)


def url(name: str, *args) -> str:
    return reverse(name, args=args)


def begin(client, entry, on: str = "1"):
    return client.post(url("experiment_begin", entry.pk), {"on": on})


def finish(client, entry, result: str = "failed"):
    return client.post(url("experiment_finish", entry.pk), {"result": result})


def page(client, entry) -> str:
    return client.get(entry.get_absolute_url()).content.decode()


def test_a_plan_asks_for_the_limit_and_not_yet_for_the_lesson(as_, ada, experiment):
    form = as_(ada).get(url("entry_edit", experiment.pk)).content.decode()
    assert "Safety limit" in form and "What is the lesson?" not in form
    begin(as_(ada), experiment)
    form = as_(ada).get(url("entry_edit", experiment.pk)).content.decode()
    assert "Safety limit" in form and "What is the lesson?" in form


def test_it_is_planned_then_runs_then_has_a_result(as_, ada, experiment):
    assert Entry.objects.get().stage == "planned"
    begin(as_(ada), experiment), begin(as_(ada), experiment)
    assert Entry.objects.get().stage == "running"
    answer = finish(as_(ada), experiment)
    assert answer.url == url("entry_edit", experiment.pk), "the lesson is asked next"
    assert Entry.objects.get().stage == "failed, useful"
    ended_at = Experiment.objects.get().ended_at
    finish(as_(ada), experiment, "stopped")
    row = Experiment.objects.get()
    assert (row.result, row.ended_at) == ("stopped", ended_at), "a result can be corrected"


def test_beginning_can_be_undone_and_a_result_cannot(as_, ada, experiment):
    begin(as_(ada), experiment), begin(as_(ada), experiment, "0")
    assert Entry.objects.get().stage == "planned"
    finish(as_(ada), experiment, "worked"), begin(as_(ada), experiment, "0")
    assert Entry.objects.get().stage == "it worked"


def test_a_result_is_one_of_three(as_, ada, experiment):
    for result in ("", "great", "x" * 100_000):
        assert finish(as_(ada), experiment, result).status_code == 422
    assert not Experiment.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Experiment.objects.create(entry=experiment, result="worked")


def test_the_partner_reads_the_stage_and_changes_nothing(as_, ada, sam, pair, experiment):
    assert begin(as_(sam), experiment).status_code == finish(as_(sam), experiment).status_code == 404
    experiment.share(pair)
    finish(as_(ada), experiment)
    read = page(as_(sam), experiment)
    assert "failed, useful" in read and "How did it end?" not in read and "Change the result" not in read
    assert begin(as_(sam), experiment).status_code == finish(as_(sam), experiment).status_code == 404
    assert "failed, useful" in as_(sam).get(url("pair_practice", pair.pk)).content.decode()
    revision = type(pair).objects.get(pk=pair.pk).revision
    finish(as_(ada), experiment, "worked")
    assert type(pair).objects.get(pk=pair.pk).revision > revision, "open pages of the partner update"


def test_other_kinds_of_entries_are_no_experiments(as_, ada, pair):
    lesson = make.entry(ada, pair, lesson="Ask first")
    assert begin(as_(ada), lesson).status_code == finish(as_(ada), lesson).status_code == 404


def test_it_ends_in_evidence_a_commitment_and_the_record(as_, ada, pair, experiment):
    competency = make.competency(pair.program)
    Entry.objects.update(competency=competency)
    assert not evidence(pair, ada)[0].practice, "a plan proves nothing"
    finish(as_(ada), experiment)
    assert evidence(pair, ada)[0].practice == [experiment]
    as_(ada).post(url("entry_edit", experiment.pk), {"lesson": "Silence is long", "next": "Wait ten seconds"})
    as_(ada).post(url("entry_commit", experiment.pk))
    assert Commitment.objects.get().text == "Wait ten seconds"
    record = growth.build_record(pair, ["experiment"])
    assert record["experiment"][0]["result"] == "failed, useful"
    assert "failed, useful" in growth.as_html(record)
    data = json.loads(as_(ada).get(url("practice_export"), {"kind": "json"}).content)
    assert data["entries"][0]["result"] == "failed, useful"


def test_a_copy_for_the_next_mentor_keeps_the_result(ada, pair, experiment):
    Experiment.finish(experiment, "worked")
    copy = Entry.objects.get(pk=experiment.pk).copy_to(make.pair(pair.program, make.user(), ada))
    assert Entry.objects.get(pk=copy.pk).stage == "it worked"
    Entry.objects.filter(pk=experiment.pk).delete()
    assert Experiment.objects.get().entry_id == copy.pk
