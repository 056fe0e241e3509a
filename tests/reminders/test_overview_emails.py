"""Tests the overview of a program as a file in the Monday email: when it is sent, what is in it, and how it ends."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import AuditEvent
from dashboard.figures import take_snapshot
from dashboard.models import Digest, MentorContact, OverviewEmail
from mentoring.csv_export import XLSX
from reminders import planner, sender
from reminders.models import TopicChoice
from tests import make

THURSDAY = datetime(2026, 12, 3, 20, tzinfo=UTC)
MONDAY = date(2026, 12, 7)  # the first one of December


@pytest.fixture(autouse=True)
def clock(db, settings):
    settings.EMAIL_URL = "smtp://localhost"
    with time_machine.travel(THURSDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def priya(pair):
    MentorContact.objects.create(program=pair.program, mentor=pair.mentor)
    return make.admin(pair.program)


def choose(client, program, every: str):
    return client.post(reverse("overview_email", args=[program.pk]), {"every": every}, follow=True)


def sent_on(clock, monday: date) -> list:
    """Return the emails about programs that are sent on this Monday at 08:30."""
    clock.move_to(datetime(monday.year, monday.month, monday.day, 3, tzinfo=UTC) - timedelta(days=1))
    Digest.prepare(monday - timedelta(days=1))
    clock.move_to(datetime(monday.year, monday.month, monday.day, 8, 30, tzinfo=UTC))
    mail.outbox.clear()
    planner.plan()
    sender.send_due()
    return [one for one in mail.outbox if "You get this because you run this program." in one.body]


def test_the_overview_is_attached_each_monday(as_, pair, priya, clock):
    make.commitment(pair, text="a canary of Ada")
    take_snapshot(pair.program, THURSDAY.date())
    html = choose(as_(priya), pair.program, "week").content.decode()
    assert "You get the overview by email every Monday." in html
    for monday in (MONDAY, MONDAY + timedelta(weeks=1)):
        (email,) = sent_on(clock, monday)
        assert email.to == [priya.email] and "The overview is attached." in email.body
        ((name, content, kind),) = email.attachments
        assert (name, kind) == (f"overview-{pair.program_id}-{monday.isoformat()}.xlsx", XLSX)
        book = load_workbook(io.BytesIO(content))
        cells = [cell for sheet in book for row in sheet.values for cell in row]
        assert book.sheetnames == ["Figures", "Pairs by week"]
        assert "Active pairs" in cells and "Ada Lind" in cells and "On track" in cells
        assert not any("canary" in str(cell) for cell in cells)


def test_once_a_month_means_its_first_monday(as_, pair, priya, clock):
    choose(as_(priya), pair.program, "month")
    assert len(sent_on(clock, MONDAY)[0].attachments) == 1
    assert sent_on(clock, MONDAY + timedelta(weeks=1)) == []
    assert len(sent_on(clock, date(2027, 1, 4))[0].attachments) == 1


def test_without_a_choice_or_after_it_ends_no_file_is_sent(as_, pair, priya, clock):
    assert sent_on(clock, MONDAY) == []
    clock.move_to(datetime(2026, 12, 8, 12, tzinfo=UTC))
    choose(as_(priya), pair.program, "week")
    choose(as_(priya), pair.program, "week")
    assert OverviewEmail.objects.count() == 1
    html = choose(as_(priya), pair.program, "").content.decode()
    assert "You no longer get the overview by email." in html
    assert sent_on(clock, MONDAY + timedelta(weeks=1)) == []
    chosen = AuditEvent.objects.filter(action__startswith="overview by email").order_by("pk")
    assert [one.action.partition(": ")[2] for one in chosen] == ["week", "week", "never"]


def test_a_choice_made_after_planning_counts_for_the_next_monday(as_, pair, priya, clock):
    Digest.prepare(THURSDAY.date())
    planner.plan()
    clock.move_to(THURSDAY + timedelta(hours=1))
    choose(as_(priya), pair.program, "week")
    clock.move_to(datetime(2026, 12, 7, 8, 30, tzinfo=UTC))
    planner.plan()
    sender.send_due()
    assert [len(email.attachments) for email in mail.outbox] == [1]


def test_no_file_is_sent_once_program_emails_are_off(as_, pair, priya, clock):
    TopicChoice.stop_mail(priya)
    html = choose(as_(priya), pair.program, "week").content.decode()
    assert "once you turn on emails about programs you run" in html
    assert sent_on(clock, MONDAY) == []


def test_a_former_admin_gets_no_file(as_, pair, priya, clock):
    choose(as_(priya), pair.program, "week")
    pair.program.enrollments.filter(user=priya).update(left_at=THURSDAY)
    assert sent_on(clock, MONDAY) == []


def test_the_menu_shows_the_choice_and_refuses_others(as_, pair, priya):
    html = choose(as_(priya), pair.program, "daily").content.decode()
    assert "Choose how often you want the overview by email." in html and not OverviewEmail.objects.exists()
    html = choose(as_(priya), pair.program, "month").content.decode()
    assert 'value="month" aria-current="true"' in html and 'value="week" aria-current' not in html


def test_an_admin_does_not_get_the_weeks_of_their_own_pair(as_, pair, priya, sam, clock):
    make.enrollment(pair.program, sam, "admin")
    choose(as_(sam), pair.program, "week")
    ((_name, content, _kind),) = next(one for one in sent_on(clock, MONDAY) if one.to == [sam.email]).attachments
    cells = [cell for row in load_workbook(io.BytesIO(content))["Pairs by week"].values for cell in row]
    assert "Ada Lind" not in cells
