"""Tests that browsers can install the site as an app."""

import struct

import pytest
from django.conf import settings

from tests import make

STYLE = (settings.BASE_DIR / "static" / "css" / "app.css").read_text()


@pytest.fixture
def manifest(client, db):
    answer = client.get("/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    return answer.json()


def test_the_manifest_has_what_browsers_need_to_install(manifest):
    assert manifest["name"] == "Throughline" and manifest["display"] == "standalone"
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    assert {"any", "maskable"} <= {icon.get("purpose", "") for icon in manifest["icons"]}


def test_icons_have_the_sizes_they_are_listed_with(manifest):
    for icon in manifest["icons"]:
        content = (settings.BASE_DIR / icon["src"].lstrip("/")).read_bytes()
        if icon["type"] == "image/png":
            width, height = struct.unpack(">II", content[16:24])
            assert icon["sizes"] == f"{width}x{height}"


def test_its_pages_exist(manifest, as_):
    client = as_(make.pair().mentor)
    for url in (manifest["start_url"], *(shortcut["url"] for shortcut in manifest["shortcuts"])):
        assert client.get(url).status_code == 200


def test_pages_link_it_and_name_the_colors_of_the_style_sheet(as_, client, ada):
    page = as_(ada).get("/commitments/").content.decode()
    assert '<link rel="manifest" href="/manifest.webmanifest">' in page and page.count("theme-color") == 2
    assert "--sheet: light-dark(#ffffff, #1b1f1d)" in STYLE and "--paper: light-dark(#f7f6f2" in STYLE
    ada.theme = "dark"
    ada.save()
    page = as_(ada).get("/commitments/").content.decode()
    assert page.count("theme-color") == 1 and 'content="#1b1f1d"' in page
