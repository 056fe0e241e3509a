"""Tests the news of a release on the home page: for whom, and until when."""

from importlib import import_module

import pytest
from django.apps import apps
from django.urls import reverse

from accounts import whats_new
from accounts.models import User
from accounts.whats_new import RELEASES, Release, newest_release, news_for
from tests import make

TITLE = "What’s new"


@pytest.fixture
def upgraded(ada):
    """Ada, who knew the release before."""
    User.objects.filter(pk=ada.pk).update(news_seen="0.1.0")
    ada.refresh_from_db()
    return ada


def home(client) -> str:
    return client.get("/").content.decode()


def test_news_are_shown_after_an_upgrade_until_dismissed(as_, upgraded):
    client = as_(upgraded)
    page = home(client)
    assert TITLE in page and str(RELEASES[0].changes[0].text) in page
    assert TITLE in home(client), "a visit does not dismiss them"
    assert client.post(reverse("news_dismiss")).url == "/"
    assert TITLE not in home(client)


def test_the_next_release_is_shown_again(upgraded, monkeypatch):
    upgraded.news_seen = newest_release()
    assert news_for(upgraded) is None
    monkeypatch.setattr(whats_new, "RELEASES", (Release("9.0.0", ()), *RELEASES))
    assert news_for(upgraded).version == "9.0.0"


def test_newcomers_see_no_news(as_, ada):
    assert TITLE not in home(as_(ada))


def test_the_upgrade_has_no_news_for_people_who_never_signed_in(db, upgraded):
    invited = make.user("Nia Cole")
    User.objects.update(news_seen="")
    User.objects.filter(pk=upgraded.pk).update(last_login=upgraded.date_joined)
    import_module("accounts.migrations.0014_week_start_and_news").skip_for_newcomers(apps, None)
    assert User.objects.get(pk=invited.pk).news_seen == "0.2.0"
    assert User.objects.get(pk=upgraded.pk).news_seen == ""


def test_links_of_the_news_exist():
    for release in RELEASES:
        assert all(reverse(change.url_name) for change in release.changes if change.url_name)


def test_program_admins_see_their_news_on_the_overview(as_, pair, upgraded):
    admin = make.admin(pair.program)
    User.objects.filter(pk=admin.pk).update(news_seen="")
    line = str(RELEASES[0].for_admins[0].text)
    assert line in as_(admin).get(reverse("program_overview", args=[pair.program_id])).content.decode()
    assert line not in home(as_(upgraded))
