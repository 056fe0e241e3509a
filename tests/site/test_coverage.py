"""A run of `make coverage` fails if its tests run too little of the application."""

import json
from types import SimpleNamespace

import pytest
from pytest import ExitCode

pytest.importorskip("slipcover", reason="only make lint and make coverage install it")

from tests.coverage import CONFIG, Controller


def process(run: int, left: int):
    """Return a process of a run, in which so many lines of one file were run, and so many left."""
    lines = {"executed_lines": list(range(run)), "missing_lines": list(range(run, run + left))}
    content = {"meta": {"software": "slipcover"}, "files": {"core/http.py": lines}}
    content["summary"] = {"percent_covered": 100 * run / (run + left)}
    return SimpleNamespace(workeroutput={"coverage": json.dumps(content)})


@pytest.mark.parametrize(
    ("processes", "status"),
    [
        ([process(99, 1)], ExitCode.OK),
        ([process(50, 50), process(99, 1)], ExitCode.OK),
        ([process(91, 9)], ExitCode.TESTS_FAILED),
        ([], ExitCode.TESTS_FAILED),
        ([SimpleNamespace()], ExitCode.TESTS_FAILED),
    ],
    ids=["enough", "enough together", "too little", "no process", "a process that counted nothing"],
)
def test_a_run_of_too_few_lines_fails(processes, status):
    controller, session = Controller(), SimpleNamespace(exitstatus=ExitCode.OK)
    for one in processes:
        controller.pytest_testnodedown(one)
    controller.pytest_sessionfinish(session)
    assert CONFIG["fail-under"] >= 96.9 and session.exitstatus == status
