"""Tests that an uncached page is at most 60 KB compressed: HTML 12, CSS 15, JavaScript 32, icons 5."""

import gzip
import re
from pathlib import Path

import django_htmx
import pytest
from django.conf import settings
from django.urls import reverse

from mentoring.models import Pair
from tests import everything, make
from tests.access import TABLE

STATIC = settings.BASE_DIR / "static"
HTMX = Path(django_htmx.__file__).parent / "static" / "django_htmx" / "htmx-2.min.js"
KB = 1024


def sent(*files: Path) -> int:
    """Return the number of bytes sent. The server compresses each file separately."""
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)


def file_of(path: str) -> Path:
    """Return the file of a path below /static/."""
    return HTMX if path == "django_htmx/htmx-2.min.js" else STATIC / path


def test_the_style_sheet_is_light():
    assert sent(*STATIC.rglob("*.css")) <= 15 * KB


def test_icons_are_light():
    assert sent(*STATIC.rglob("*.svg"), *STATIC.rglob("*.png"), *STATIC.rglob("*.ico")) <= 5 * KB


def check_page(client, url: str, kb: float = 12) -> None:
    """Check a page: the size of its HTML and scripts, its number of files, and no files from other sites."""
    answer = client.get(url)
    assert answer.status_code == 200, url
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


@pytest.mark.parametrize("actor", ["mentee", "mentor", "admin"])
def test_every_page_of_the_table_is_light(db, as_, actor):
    """With rows of every kind. `pytest -s` prints the size of each page."""
    world = everything.build()
    everything.more_rows(Pair.objects.get(pk=world.rows["pair"]))
    client, weights = as_(world.actors[actor]), {}
    for name, row in TABLE.items():
        url = reverse(name, args=world.arguments(row))
        if row.get and actor in row.get and (answer := client.get(url)).status_code == 200:
            weights[name] = len(gzip.compress(answer.content, 9))
            check_page(client, url)
    print(*(f"\n{weight / KB:5.1f} KB  {name}" for name, weight in sorted(weights.items(), key=lambda one: -one[1])))
