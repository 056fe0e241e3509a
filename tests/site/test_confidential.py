"""Tests that confidential answers change no page of anybody else (docs/rules.md, visibility).

Each test reads every page once with the answer and once without it, and compares them byte for byte.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import settings as hypothesis_settings

from dashboard import figures, flags
from dashboard.models import Digest, Flag
from mentoring.models import Enrollment, ExitAnswer, Pair, Program, PulseAnswer, TalkRequest
from reminders import tasks
from reminders.models import Delivery
from sessions.models import SessionRating
from tests import everything, make
from tests.access import TABLE

pytestmark = pytest.mark.walk

TODAY = date(2026, 12, 7)
# Masked because they always differ between two reads of a page: CSRF tokens, form tokens, and new second factors.
# Ids of flags and reminders are masked, too: they count every row that was ever created.
TOKENS = r'"[A-Za-z0-9]{64}"|name="form_token" value="[^"]+"'
TOKENS += r'|data-options="[^"]+"|<path fill="#000"[^>]+>|<code>[A-Z2-7 ]+</code>'
MASKED = re.compile(TOKENS + r"|(?:/flags/|/inbox/|reminder-|read-|later-|why-|days-)\d+")
# Pages on which an answer could show, read in each variant. All pages are read once, and in a release each time.
CLOSE_BY = (
    *("home", "inbox_list", "upcoming", "session_list", "pair_detail", "progress", "pulse_edit", "admin_visibility"),
    *("program_list", "program_detail", "program_overview", "program_reminders", "session_live", "session_recap"),
)
IN_A_RELEASE = hypothesis_settings.get_current_profile_name() == "release"


@pytest.fixture
def world(db, settings, local_cache):
    """The world of access.py, 31 days after the pair began; its mentor is also a program admin."""
    settings.EMAIL_URL = "smtp://localhost"
    with time_machine.travel(datetime(2026, 12, 7, 9, tzinfo=UTC), tick=False):
        world = everything.build()
        pair = Pair.objects.get(pk=world.rows["pair"])
        Pair.objects.filter(pk=pair.pk).update(started_on=TODAY - timedelta(days=31), ends_on=TODAY + timedelta(99))
        Flag.objects.all().delete()
        make.enrollment(pair.program, pair.mentor, Enrollment.Role.ADMIN)
        yield world


def addresses(world, names) -> list[str]:
    return [reverse(name, args=world.arguments(TABLE[name])) for name in names if TABLE[name].get is not None]


def pages(world, person, names=CLOSE_BY) -> dict[str, str]:
    """Return what this person reads, by URL. Changes by reading are rolled back."""
    found = {}
    cache.clear()  # what was counted before a rollback
    with transaction.atomic():
        client = Client()
        client.force_login(person)
        for url in addresses(world, TABLE if IN_A_RELEASE else names):
            answer = client.get(url)
            body = answer.getvalue() if answer.streaming else answer.content
            headers = {name: value for name, value in answer.headers.items() if name in ("ETag", "Location")}
            found[url] = f"{answer.status_code} {headers} {MASKED.sub('', body.decode(errors='replace'))}"
        transaction.set_rollback(True)
    return found


def differences(world, reader, *acts: Callable[[], object], names=CLOSE_BY) -> list[tuple[int, str]]:
    """Return which of these actions `reader` can notice at which URLs. Each action is rolled back."""
    without = seen_after(world, reader, names)
    found = [(n, seen_after(world, reader, names, act)) for n, act in enumerate(acts)]
    return [(n, url) for n, after in found for url, page in after.items() if page != without[url]]


def seen_after(world, reader, names, *acts: Callable[[], object]) -> dict[str, str]:
    with transaction.atomic():
        for act in acts:
            act()
        run_background_work(world)
        found = pages(world, reader, names)
        transaction.set_rollback(True)
    return found


def run_background_work(world) -> None:
    """Run the background work: flags, figures, the Monday digest, and due emails."""
    flags.raise_flags(Pair.objects.active())
    for program in Program.objects.all():
        figures.take_snapshot(program, TODAY)
    Digest.prepare(TODAY)
    tasks.plan_and_send()


def people(world) -> tuple[Pair, object, object]:
    pair = Pair.objects.get(pk=world.rows["pair"])
    return pair, pair.mentor, pair.mentee


def answered(pair: Pair, person, worth: int) -> Callable[[], object]:
    return lambda: PulseAnswer.record(pair, person, TODAY - timedelta(days=1), worthwhile=worth, openness=worth)


def test_no_page_differs(world):
    """Neither doing nothing nor a low answer of the partner changes a page that the mentor or an admin may open."""
    pair, mentor, mentee = people(world)
    open_to_them = [name for name, row in TABLE.items() if (row.get or set()) & {"mentor", "admin", "anyone"}]
    names = TABLE if IN_A_RELEASE else open_to_them
    assert differences(world, mentor, answered(pair, mentee, 1), names=names) == []
    assert differences(world, mentor, lambda: None) == []


def test_no_page_reveals_an_answer_to_the_partner(world):
    """The mentor is also a program admin: no list, figure, count or time of an email depends on it."""
    pair, mentor, mentee = people(world)
    worths = (2, 3, 5) if IN_A_RELEASE else (2, 5)
    assert differences(world, mentor, *(answered(pair, mentee, worth) for worth in worths)) == []
    for own in (1, 3) if IN_A_RELEASE else (3,):
        answered(pair, mentor, own)()
        assert differences(world, mentor, *(answered(pair, mentee, worth) for worth in (1, 4))) == []


def test_no_page_reveals_a_talk_request_exit_answer_or_rating(world):
    pair, mentor, mentee = people(world)
    answered(pair, mentor, 2)()
    pair.program.talk_requests.all().delete()
    ExitAnswer.objects.all().delete()
    SessionRating.objects.all().delete()
    acts = (
        lambda: TalkRequest.ask(mentee, pair.program),
        lambda: ExitAnswer.record(pair, mentee, rating=1, takeaway="Patience"),
        lambda: SessionRating.objects.create(session_id=world.rows["session with a recap"], heard=1, useful=1),
    )
    assert differences(world, mentor, *acts) == []


def test_an_admin_sees_no_answers_above_two_and_not_who_answered(world):
    pair, _mentor, mentee = people(world)
    assert differences(world, world.actors["admin"], *(answered(pair, mentee, worth) for worth in (3, 5))) == []


def test_an_admin_cannot_see_who_gave_a_low_answer(world):
    """A low answer is shown to the program, as the question explains, but not whose it is or how many there are."""
    pair, mentor, mentee = people(world)

    def seen(*authors) -> dict[str, str]:
        return seen_after(world, world.actors["admin"], CLOSE_BY, *(answered(pair, author, 1) for author in authors))

    one, other, both = seen(mentee), seen(mentor), seen(mentor, mentee)
    assert "It is not going well" in one[reverse("program_overview", args=[pair.program_id])]
    assert one == other == both


def test_upcoming_emails_hide_confidential_kinds_and_an_own_partner(world, as_):
    """An admin sees kinds and times, but not who has still to answer, nor emails to their own partner."""
    pair, mentor, mentee = people(world)
    url = reverse("program_reminders", args=[pair.program_id])
    Delivery.objects.all().delete()
    for admin in (mentor, world.actors["admin"]):
        assert "Pulse" not in as_(admin).get(url).content.decode()
    name = f"<bdi>{mentee}</bdi>"
    assert name in as_(world.actors["admin"]).get(url).content.decode()
    assert name not in as_(mentor).get(url).content.decode()
