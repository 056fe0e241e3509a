"""Keeps the programs of one installation running: starts them, starts a dead one again, ends all together."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30  # seconds before a dead program is started again; doubled each time
STEADY = 60  # seconds after which a program counts as running well
PATIENCE = 8  # seconds a program gets to end by itself
PR_SET_PDEATHSIG = 1


class Program:
    """One program of the installation, over all its lives."""

    def __init__(self, name: str, command: list[str], *, before: Callable[[], None] | None = None, fds=()) -> None:
        self.name, self.command, self.before, self.fds = name, command, before, fds
        self.process: subprocess.Popen | None = None
        self.started_at = 0.0
        self.pause = FIRST_PAUSE
        self.deaths = 0

    def start(self) -> None:
        if self.before:
            self.before()
        self.started_at = time.monotonic()
        # A session of its own: Ctrl-C reaches the supervisor alone, which then ends everything in order.
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=self.fds,
            preexec_fn=end_with_parent(os.getpid()),
        )

    def keep_running(self) -> bool:
        """Start the program if it has ended and its pause is over. True if it was found dead just now."""
        if self.process is None:
            if time.monotonic() >= self.started_at + self.pause:
                self.start()
            return False
        if self.process.poll() is None:
            return False
        lived = time.monotonic() - self.started_at
        self.kill()  # what it may have left behind
        self.process, self.deaths = None, self.deaths + 1
        self.pause = FIRST_PAUSE if lived > STEADY else min(self.pause * 2, LONGEST_PAUSE)
        self.started_at = time.monotonic()
        return True

    def terminate(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def wait(self, until: float) -> None:
        """Wait for the end until the given moment of the monotonic clock, then make it happen."""
        if not self.process:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0, until - time.monotonic()))
        self.kill()
        self.process.wait()

    def kill(self) -> None:
        """End the program and all that it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


def end_all(programs: list[Program], *, last: Program | None = None) -> None:
    """End all programs at once, and then the one the others lean on."""
    until = time.monotonic() + PATIENCE
    others = [program for program in programs if program is not last]
    for program in others:
        program.terminate()
    for program in others:
        program.wait(until)
    if last:
        last.terminate()
        last.wait(time.monotonic() + 2)


def end_with_parent(parent: int) -> Callable[[], None] | None:
    """Runs in the child: even a killed parent takes it along (Linux)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return ask
