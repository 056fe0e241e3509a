"""Tests in a browser that following the links of an email changes nothing, and that one click answers."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from goals.models import Commitment
from reminders import emails
from reminders.intents import KINDS
from reminders.models import Delivery, TopicChoice
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_scanner_changes_nothing_and_two_clicks_answer(browser, live_server, settings, pair, ada):
    settings.EMAIL_URL, settings.SITE_URL = "smtp://localhost", live_server.url
    type(ada).objects.filter(pk=ada.pk).update(workdays=[1, 2, 3, 4, 5, 6, 7])
    commitment = make.commitment(pair, due_on=ada.today())
    Commitment.objects.filter(pk=commitment.pk).update(created_at=timezone.now() - timedelta(days=9))
    message = email_about(commitment)
    links = set(re.findall(r"http://[^\s\"<>]+", message.body))
    assert len([link for link in links if "/m/" in link]) == 5
    before = [list(model.objects.order_by("pk").values()) for model in (Commitment, Delivery, TopicChoice)]
    page = browser.new_page()
    for link in sorted(links):
        page.goto(link)
        page.wait_for_load_state("networkidle")
    assert [list(model.objects.order_by("pk").values()) for model in (Commitment, Delivery, TopicChoice)] == before
    page.goto(next(link for link in links if link.endswith("do=done")))  # the first click, in the email
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("status").filter(has_text="Done: Send the draft to Lin")).to_be_visible()
    commitment.refresh_from_db()
    assert commitment.state == "done"
    page.close()


def email_about(commitment):
    """Return the email as it is composed when due, at any time of day."""
    delivery = Delivery.objects.create(
        recipient=commitment.owner,
        is_bundle=True,
        due_at=timezone.now(),
        next_try_at=timezone.now(),
        message_id="<1@here>",
    )
    return emails.compose(delivery, list(KINDS["commitment_due"].intents_about([commitment.pk]).values()))
