"""Measures eight pages of a demo with Lighthouse as on a phone, against the real web server.

`make release-check PART=lighthouse` takes the median of three runs of each page, and fails below the limits. It needs
Node.js and Chromium. A busy machine lowers the performance that is measured.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
LIMITS = {"performance": 95, "accessibility": 100, "best-practices": 95}
LIGHTHOUSE = "lighthouse@12"
CHROME = "--headless=new --no-sandbox --disable-dev-shm-usage --disable-gpu"
TIMES = {"LCP ms": "largest-contentful-paint", "TBT ms": "total-blocking-time", "CLS": "cumulative-layout-shift"}


def pages() -> list[tuple[str, object]]:
    """Return the paths of eight pages of the demo, each with the person who opens it, or None."""
    from django.urls import reverse

    from mentoring.models import Pair
    from sessions.models import Session

    pair = Pair.objects.active().filter(mentee__name__startswith="Ada").get()
    session = Session.objects.filter(pair=pair).to_come().order_by("starts_at").first()
    admin = pair.program.enrollments.admins().order_by("pk").first().user
    return [
        (reverse("account_login"), None),
        (reverse("home"), pair.mentee),
        (reverse("session_prepare", args=[session.pk]), pair.mentee),
        (reverse("session_detail", args=[session.pk]), pair.mentor),
        (reverse("pair_detail", args=[pair.pk]), pair.mentee),
        (reverse("progress", args=[pair.pk]), pair.mentor),
        (reverse("program_overview", args=[pair.program_id]), admin),
        (reverse("program_detail", args=[pair.program_id]), admin),
    ]


def cookie_of(user) -> str:
    from django.test import Client

    if user is None:
        return ""
    client = Client()
    client.force_login(user)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def report(url: str, cookie: str) -> dict:
    """Return the report of one run. It is written to a file, as a pipe cuts a long one off when Node exits.

    A page load that Lighthouse could not record (NO_NAVSTART) is repeated, twice at most.
    """
    file = Path(os.environ["DATA_DIR"]) / "report.json"
    command = ["npx", "--yes", LIGHTHOUSE, url, "--quiet", "--output=json", f"--output-path={file}"]
    command += [f"--chrome-flags={CHROME}"]
    command += [f"--only-categories={','.join(LIMITS)}"]
    if cookie:
        command.append(f"--extra-headers={json.dumps({'Cookie': cookie})}")
    chrome = os.environ.get("CHROME_PATH") or shutil.which("chromium") or shutil.which("google-chrome") or ""
    for attempt in range(3):
        run = subprocess.run(command, env=os.environ | {"CHROME_PATH": chrome}, timeout=180, check=attempt == 2)
        if run.returncode == 0:
            break
    return json.loads(file.read_text())


def failed_audits(one: dict) -> list[str]:
    """Return what lowered accessibility or best practices, with the elements."""
    found = []
    for name in ("accessibility", "best-practices"):
        for ref in one["categories"][name]["auditRefs"]:
            audit = one["audits"][ref["id"]]
            if ref["weight"] and audit["score"] is not None and audit["score"] < 1:
                items = (audit.get("details") or {}).get("items", [])
                where = [item.get("node", {}).get("snippet") or item.get("description", "") for item in items[:3]]
                found.append(f"{audit['title']}: {' | '.join(where)}")
    return found


def measure(address: str, path: str, user, runs: int) -> bool:
    """Print the medians of a page and what it lost, and return True if it is within the limits."""
    reports = [report(address + path, cookie_of(user)) for _run in range(runs)]
    scores = {name: round(100 * median(one["categories"][name]["score"] for one in reports)) for name in LIMITS}
    times = [median(one["audits"][key]["numericValue"] for one in reports) for key in TIMES.values()]
    print(
        f"{path:32}",
        *(f"{n:6}" for n in scores.values()),
        *(f"{n:8.0f}" for n in times[:2]),
        f"{times[2]:7.3f}",
        flush=True,
    )
    for line in failed_audits(reports[0]):
        print(f"      {line}", flush=True)
    return all(scores[name] >= limit for name, limit in LIMITS.items())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=3, help="of each page (default: 3)")
    parser.add_argument("--only", default="", help="only pages with this in their path")
    options = parser.parse_args()
    if not shutil.which("npx"):
        print("Lighthouse needs Node.js with npx.")
        return 2
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="lighthouse-")
    os.environ.setdefault("SITE_URL", "http://127.0.0.1")
    import django

    django.setup()
    from django.core.management import call_command

    from tests.load.run import start_server

    host, port = start_server([])
    call_command("demo", verbosity=0)
    print(f"{'':32}", *(f"{name[:6]:>6}" for name in LIMITS), *(f"{name:>8}" for name in TIMES))
    within = [
        measure(f"http://{host}:{port}", path, user, options.runs) for path, user in pages() if options.only in path
    ]
    print(f"{sum(within)} of {len(within)} pages are within the limits: {LIMITS}.")
    return 0 if all(within) else 1


if __name__ == "__main__":
    sys.exit(main())
