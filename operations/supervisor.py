"""Supervisor for the programs of an installation: start them, restart them when they exit, stop them together."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30  # seconds before a program is restarted; doubled each time
STABLE_AFTER = 60  # seconds after which a program counts as stable
PATIENCE = 8  # seconds a program gets to exit before it is killed
PR_SET_PDEATHSIG = 1


class Program:
    """A supervised program, across its restarts."""

    def __init__(self, name: str, command: list[str], *, before: Callable[[], None] | None = None, fds=()) -> None:
        self.name, self.command, self.before, self.fds = name, command, before, fds
        self.process: subprocess.Popen | None = None
        self.started_at = 0.0
        self.pause = FIRST_PAUSE
        self.exits = 0

    def start(self) -> None:
        if self.before:
            self.before()
        self.started_at = time.monotonic()
        # In a new session, Ctrl-C reaches only the supervisor, which stops the programs in order.
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=self.fds,
            preexec_fn=end_with_parent(os.getpid()),
        )

    def keep_running(self) -> bool:
        """Restart an exited program once its pause is over; return True if the exit was detected just now."""
        if self.process is None:
            if time.monotonic() >= self.started_at + self.pause:
                self.start()
            return False
        if self.process.poll() is None:
            return False
        ran_for = time.monotonic() - self.started_at
        self.kill()  # also kills remaining child processes
        self.process, self.exits = None, self.exits + 1
        self.pause = FIRST_PAUSE if ran_for > STABLE_AFTER else min(self.pause * 2, LONGEST_PAUSE)
        self.started_at = time.monotonic()
        return True

    def terminate(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def wait(self, until: float) -> None:
        """Wait for the program to exit until `until` (monotonic clock), then kill it."""
        if not self.process:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0, until - time.monotonic()))
        self.kill()
        self.process.wait()

    def kill(self) -> None:
        """Kill the program and its child processes."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


def stop_all(programs: list[Program], *, last: Program | None = None) -> None:
    """Stop all programs together, and `last`, which the others depend on, after them."""
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
    """Return a preexec function that ends the child when its parent dies, even if killed (Linux only)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def request_signal() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return request_signal
