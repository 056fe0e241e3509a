"""How much of the application the tests run, and the least of it: `make coverage`.

A plugin of pytest for each process of a run. slipcover changes a module once, when it is imported, and needs 7 % more
CPU time than a run without; coverage.py, which follows each line, needs 70 % more on Python 3.11. What is run in
processes that a test starts by itself does not count.
"""

import json
import os

import pytest
import slipcover
from slipcover.config import read_config

from tests.sources import ROOT

CONFIG = read_config(ROOT / "pyproject.toml")
REPORT = ROOT / ".cache" / "coverage.txt"
# After so many runs of a line slipcover looks through all modules to stop counting it, which costs more than counting.
NEVER = 10**9


def measure() -> slipcover.Slipcover:
    """Count the lines of each module of the application that is imported from now on."""
    counted = slipcover.Slipcover(source=CONFIG["source"], omit=CONFIG["omit"], d_miss_threshold=NEVER)
    slipcover.ImportManager(counted, slipcover.FileMatcher(CONFIG["source"], CONFIG["omit"])).__enter__()
    return counted


class Worker:
    """Sends what a process of the run has counted to the one that began it."""

    def __init__(self, counted: slipcover.Slipcover):
        self.counted = counted

    def pytest_sessionfinish(self, session):
        session.config.workeroutput["coverage"] = json.dumps(self.counted.get_coverage())


class Controller:
    """Adds up what the processes have counted, and fails the run if it is too little."""

    def __init__(self):
        self.total = None

    def pytest_testnodedown(self, node):
        if found := json.loads(getattr(node, "workeroutput", {}).get("coverage", "null")):
            self.total = slipcover.merge_coverage(self.total, found) if self.total else found

    def pytest_sessionfinish(self, session):
        if session.exitstatus == pytest.ExitCode.OK and self.share() < CONFIG["fail-under"]:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter):
        if self.total:
            REPORT.parent.mkdir(exist_ok=True)
            with REPORT.open("w") as file:
                slipcover.print_coverage(self.total, outfile=file, skip_covered=True, missing_width=80)
        least = CONFIG["fail-under"]
        terminalreporter.write_line(
            f"Tests run {self.share():.2f} % of the lines, of at least {least} %: {REPORT.relative_to(ROOT)}"
        )

    def share(self) -> float:
        """Return the percentage of lines that were run."""
        return self.total["summary"]["percent_covered"] if self.total else 0


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config):
    """Begin before pytest-django imports the application, which is why this is a wrapper."""
    part = Worker(measure()) if "PYTEST_XDIST_WORKER" in os.environ else Controller()
    early_config.pluginmanager.register(part, "coverage of the application")
    return (yield)
