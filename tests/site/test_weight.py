"""Tests that an uncached page is at most 60 KB compressed: HTML 12, CSS 15, JavaScript 32, icons 5."""

import gzip
import random
import re
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import django_htmx
import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from dashboard.figures import take_snapshot
from dashboard.models import Flag, FlagRule
from mentoring.models import Pair
from sessions.models import Session
from tests import everything, make
from tests.access import ANYONE
from tests.walks import rows_of

STATIC = settings.BASE_DIR / "static"
HTMX = Path(django_htmx.__file__).parent / "static" / "django_htmx" / "htmx-2.min.js"
KB = 1024
FIRST_NAMES = ["Amara", "Lena", "Hana", "Eva", "Kofi", "Diego", "Nils", "Grace", "Tom", "Mei", "Omar", "Zoe"]
LAST_NAMES = ["Diallo", "Brandt", "Kim", "Lopez", "Aziz", "Mensah", "Santos", "Berg", "Obi", "Haddad", "Rossi"]


def sent(*files: Path) -> int:
    """Return the number of bytes sent. The server compresses each file separately."""
    return sum(map(size_of, files))


@cache
def size_of(file: Path) -> int:
    return len(gzip.compress(file.read_bytes(), 9))


def file_of(path: str) -> Path:
    """Return the file of a path below /static/."""
    return HTMX if path == "django_htmx/htmx-2.min.js" else STATIC / path


def test_the_style_sheet_is_light():
    assert sent(*STATIC.rglob("*.css")) <= 15 * KB


def test_icons_are_light():
    assert sent(*STATIC.rglob("*.svg"), *STATIC.rglob("*.png"), *STATIC.rglob("*.ico")) <= 5 * KB


def check_page(client, url: str, kb: float = 12) -> None:
    answer = client.get(url)
    assert answer.status_code == 200, url
    check(answer, url, kb)


def check(answer, url: str, kb: float = 12) -> None:
    """Check a page: the size of its HTML and scripts, its number of files, and no files from other sites."""
    html = answer.content.decode()
    assert len(gzip.compress(answer.content, 9)) <= kb * KB, url
    scripts = [file_of(path) for path in re.findall(r'<script\b[^>]*\bsrc="/static/([^"]+)"', html)]
    assert sent(*scripts) <= 32 * KB, scripts
    html = html.replace('<link rel="manifest" href="/manifest.webmanifest">', "")  # read only to install the app
    parts = re.findall(r'<(?:script|link|img)\b[^>]*\b(?:src|href)="([^"]+)"', html)
    assert len(parts) + 1 <= 8, parts
    assert all(part.startswith("/static/") for part in parts), parts


@pytest.mark.parametrize("url", ["/sessions/", "/commitments/", "/preferences/", "/who-can-see-what/"])
def test_personal_pages_are_light(as_, ada, url):
    check_page(as_(ada), url)


def test_the_preparation_page_is_light(as_, pair, ada):
    check_page(as_(ada), f"/sessions/{make.session(pair).pk}/prepare/")


@pytest.mark.parametrize("url", ["/accounts/login/", "/accounts/login/code/", "/accounts/password/reset/"])
def test_the_sign_in_page_is_light(client, db, url):
    make.installation()
    check_page(client, url)


@pytest.mark.walk
def test_every_page_for_anyone_is_light(db, as_):
    """The pages that need a sign-in are checked by test_query_counts.py, which opens them with rows of every kind."""
    world = everything.build()
    everything.more_rows(Pair.objects.get(pk=world.rows["pair"]))
    client = as_(world.actors["mentee"])
    for name, row in rows_of("mentee").items():
        url = reverse(name, args=world.arguments(row))
        if row.get == ANYONE and (answer := client.get(url)).status_code == 200:
            check(answer, url)


def test_the_overview_of_a_large_program_is_light(as_, db):
    """With as many pairs in need, weeks and mentors as the page shows at once; more pairs make it no heavier."""
    today, rules = timezone.localdate(), [FlagRule.NO_RECENT_SESSION, FlagRule.CALLED_OFF, FlagRule.ONE_SIDED]
    program = make.program("Women in engineering", starts_on=today - timedelta(weeks=20), ends_on=today + timedelta(99))
    chance = random.Random(4)
    for n in range(60):
        names = [f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}" for _role in ("mentor", "mentee")]
        since = today - timedelta(weeks=chance.randint(2, 20))
        pair = make.pair(program, *(make.user(name) for name in names), started_on=since)
        for days in range(7, (today - since).days, chance.randint(8, 30)):
            on = since + timedelta(days=days)
            session = make.session(pair, datetime(on.year, on.month, on.day, 10))
            Session.objects.filter(pk=session.pk).update(held_at=session.ends_at)
        for rule in chance.sample(rules, k=n % 3):
            at = timezone.now() - timedelta(days=chance.randint(4, 90))
            facts = {"in a row": chance.randint(2, 4), "days": chance.randint(21, 60)}
            Flag.objects.create(pair=pair, rule=rule, level="red", raised_at=at, level_changed_at=at, facts=facts)
    take_snapshot(program, today)
    check_page(as_(make.admin(program)), reverse("program_overview", args=[program.pk]))
