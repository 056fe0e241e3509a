"""Random requests, valid and invalid, against the OpenAPI document: no failure, and no answer that it does not name."""

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from api import framework
from api.schema import document
from tests import make

IN_A_RELEASE = hypothesis_settings.get_current_profile_name() == "release"
EXAMPLES = 200 if IN_A_RELEASE else 10
# A form knows more than the document: the longest text, or that a day is not in the past.
NOT_IN_THE_DOCUMENT = ["positive_data_acceptance"]

handler = WSGIHandler()


def application(environ, start_response):
    return handler(environ | {"REMOTE_ADDR": "127.0.0.1"}, start_response)


SCHEMA = schemathesis.openapi.from_dict(document())
SCHEMA.app = application
OPERATIONS = [result.ok() for result in SCHEMA.get_all_operations()]


@pytest.fixture
def world(pair, monkeypatch):
    """The rows that a path may name, and a token of a person and of the program."""
    for limit in ("A_MINUTE", "WRITES_A_MINUTE", "UNKNOWN_A_MINUTE"):
        monkeypatch.setattr(framework, limit, 10**6)
    make.session(pair), make.closed_session(pair), make.pair(pair.program)
    commitment = make.commitment(pair)
    rows = {"programs": pair.program_id, "pairs": pair.pk, "commitments": commitment.pk}
    rows["sessions"] = pair.sessions.first().pk
    for signal in (request_started, request_finished):  # the transaction of the test stays open
        signal.disconnect(close_old_connections)
    yield rows, make.api_token(pair.mentee)[1], make.api_token(make.admin(pair.program), pair.program)[1]
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_the_document_is_openapi_3_1(client):
    assert client.get("/api/v1/openapi.json").json()["openapi"] == "3.1.0"
    assert len(OPERATIONS) > 10


@pytest.mark.walk
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.label)
def test_answers_are_as_the_document_says(world, operation):
    rows, *secrets = world
    area = operation.path.split("/")[3]
    excluded = [check for check in CHECKS.get_all() if check.__name__ in NOT_IN_THE_DOCUMENT]
    with_token = {"headers": {"Authorization": "Bearer of the test"}}
    existing = {"path_parameters": {"pk": rows[area]}} if "{pk}" in operation.path else {}
    strategy = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE, **with_token)
    for mode in GenerationMode:
        strategy |= operation.as_strategy(generation_mode=mode, **existing, **with_token)

    @given(case=strategy)
    @hypothesis_settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    def check(case):
        for secret in secrets:
            case.call_and_validate(headers={"Authorization": f"Bearer {secret}"}, excluded_checks=excluded)

    check()
