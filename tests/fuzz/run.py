"""Looks for input that breaks a reader, guided by the lines it reaches: `make release-check PART=fuzz`.

    tests/fuzz/run.py calendar --seconds 60     one reader

Input that breaks a reader is printed, and kept in .cache/fuzz/found.
"""

import argparse
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
FOUND = ROOT / ".cache" / "fuzz" / "found"
TOOLS = ROOT / ".cache" / "atheris" / "lib"  # an environment with the same Python
LONGEST, MOST_MB = 10, 1024  # seconds and memory for one input, which instrumented code needs more of
SINCE = datetime(2026, 12, 7, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


# --- The readers: what each must keep, whatever it gets ---------------------------------------------------------


def markdown(data: bytes) -> None:
    from core.markdown import render
    from tests.core.test_markdown import unsafe

    assert unsafe(render(data[:20_000].decode(errors="replace"))) == []


def table(data: bytes) -> None:
    from tests.security.test_fuzzing import read_table

    read_table(data)


def token(data: bytes) -> None:
    """A link in an email: `data` has one byte for its purpose, then the token."""
    from django.core.signing import BadSignature

    from reminders import links

    purposes = links.Purpose.values
    try:
        links.read(purposes[data[0] % len(purposes)] if data else purposes[0], data[1:].decode(errors="replace"))
    except BadSignature:
        return
    raise AssertionError("a forged link is read")


def calendar(data: bytes) -> None:
    from sessions import busy_times, calendar_process

    until = SINCE + busy_times.WEEKS
    about = {"zone": "Europe/Berlin", "addresses": ["ada@example.org"], "host": "example.org"}
    about |= {"since": int(SINCE.timestamp()), "until": int(until.timestamp())}
    times = [at for pair in calendar_process.read(about, data).get("busy", []) for at in pair]
    assert times == sorted(set(times)) and all(about["since"] <= at <= about["until"] for at in times)


def recurrence(data: bytes) -> None:
    import atheris

    from core.time_zones import zone_choices
    from mentoring.models import Cadence
    from sessions import cadence

    fuzzed = atheris.FuzzedDataProvider(data)
    rule = fuzzed.PickValueInList(Cadence.values)
    first = date(2020, 1, 1) + timedelta(days=fuzzed.ConsumeIntInRange(0, 9_000))
    until = first + timedelta(days=fuzzed.ConsumeIntInRange(0, 1_500))
    at = datetime.min.time().replace(fuzzed.ConsumeIntInRange(0, 23), fuzzed.ConsumeIntInRange(0, 59))
    zone = fuzzed.PickValueInList([name for _region, names in zone_choices() for name, _label in names])
    dates = list(cadence.occurrences(rule, first, at, until))
    days = [when.date() for when in dates]
    gaps = {(later - earlier).days for earlier, later in pairwise(days)}
    assert days[0] == first and days[-1] <= until and {when.weekday() for when in days} == {first.weekday()}
    assert gaps <= ({28, 35} if rule == Cadence.MONTHLY else {Cadence(rule).interval.days})
    assert first < cadence.next_date(rule, [first], until) and until <= cadence.next_date(rule, [first], until)
    for local in dates[:30]:
        shown = cadence.adjusted_local_time(local, zone)
        assert (shown == local) == (cadence.occurs(local, zone) != "never")
        assert timedelta() <= shown - local <= 24 * HOUR


READERS = {reader.__name__: reader for reader in (markdown, table, token, calendar, recurrence)}
SEEDS = {"markdown": ["README.md"], "table": ["*.csv", "*.txt", "*.ods"], "calendar": ["*.ics"]}
GUIDES = {  # the modules whose lines guide the search
    "markdown": ["core.markdown", "markdown_it", "mdurl"],
    "table": ["mentoring.importing"],
    "token": ["reminders.links", "django.core.signing"],
    "calendar": ["sessions.calendar_process", "icalendar", "recurring_ical_events", "x_wr_timezone", "dateutil"],
    "recurrence": ["sessions.cadence"],
}


# --- Running them -----------------------------------------------------------------------------------------------


def fuzz(name: str, seconds: int) -> None:
    """Fuzz one reader in this process, which ends with it."""
    sys.path += [str(ROOT), *map(str, TOOLS.glob("python*/site-packages"))]
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import atheris

    with atheris.instrument_imports(include=GUIDES[name]):
        import django

        django.setup()
        READERS[name](b"")  # imports what it needs
    corpus, found = FOUND.parent / "corpus" / name, FOUND / name
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    for pattern in SEEDS.get(name, []):
        for file in DATA.glob(pattern):
            (corpus / file.name).write_bytes(file.read_bytes()[:20_000])
    limits = [f"-max_total_time={seconds}", f"-timeout={LONGEST}", f"-rss_limit_mb={MOST_MB}", "-max_len=20000"]
    atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={found}/", "-verbosity=0", str(corpus)], READERS[name])
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("reader", nargs="?", choices=READERS, help="only this one")
    parser.add_argument("--seconds", type=int, default=600, help="for each (default: 600)")
    options = parser.parse_args()
    if options.reader:
        return fuzz(options.reader, options.seconds) or 0
    command = [sys.executable, __file__, "--seconds", str(options.seconds)]
    waiting, failed = list(READERS), []
    while waiting:  # two at a time, as there are two cores
        pair, waiting = waiting[:2], waiting[2:]
        for name, process in [(name, subprocess.Popen([*command, name])) for name in pair]:
            failed += [name] if process.wait() else []
    print(f"Broken: {', '.join(failed)}" if failed else f"Nothing broke {', '.join(READERS)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
