"""The style guide, which exists in development only."""

import pytest


@pytest.mark.django_db
def test_the_style_guide_is_shown_in_development_only(client, settings):
    assert client.get("/styleguide/").status_code == 404
    settings.DEBUG = True
    page = client.get("/styleguide/").content.decode()
    for part in ("btn-primary", "pill-help", "has-error", "error-summary", "is-undo", 'class="empty"', "<table"):
        assert part in page
    assert page.count("btn-primary") == 1
