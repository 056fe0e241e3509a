"""Tests emails to program admins: talk requests, red flags and the weekly digest."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from dashboard import flags
from dashboard.figures import figures
from dashboard.models import Digest, Flag, FlagRule, MentorContact
from mentoring.models import PulseAnswer, TalkRequest
from reminders import planner, sender
from reminders.intents import KINDS
from reminders.models import TopicChoice
from reminders.upcoming import upcoming_for
from tests import make

FRIDAY = datetime(2026, 12, 4, 20, tzinfo=UTC)  # after the last window of the week


@pytest.fixture(autouse=True)
def clock(db, settings):
    settings.EMAIL_URL = "smtp://localhost"
    with time_machine.travel(FRIDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def priya(pair):
    MentorContact.objects.create(program=pair.program, mentor=pair.mentor)
    return make.admin(pair.program)


def sent_at(clock, at: datetime) -> list:
    """Return the program emails that are sent at this moment."""
    clock.move_to(at)
    mail.outbox.clear()
    planner.plan()
    sender.send_due()
    return [one for one in mail.outbox if "You get this because you run this program." in one.body]


def monday(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, 7, hour, minute, tzinfo=UTC)


def red(pair, rule: str = FlagRule.NO_RECENT_SESSION) -> Flag:
    return Flag.objects.create(pair=pair, rule=rule, level="red", facts={"days since the last session": 50})


def test_a_red_flag_is_emailed_once_in_the_next_window(pair, priya, clock):
    red(pair)
    assert sent_at(clock, FRIDAY + timedelta(minutes=5)) == []
    emails = sent_at(clock, monday(8, 30))
    assert [one.to for one in emails] == [[priya.email]]
    assert emails[0].subject == "Sam and Ada need attention"
    assert "Email both; offer a pause" in emails[0].body
    assert reverse("program_overview", args=[pair.program_id]) in emails[0].body
    assert sent_at(clock, monday(16)) == []


def test_a_flag_that_turns_red_is_emailed_then(pair, priya, clock):
    Flag.objects.create(pair=pair, rule=FlagRule.NOT_GOING_WELL, level="amber", person=pair.mentee)
    assert sent_at(clock, monday(8, 30)) == []
    PulseAnswer.record(pair, pair.mentee, date(2026, 12, 7), worthwhile=1, openness=1)
    flags.raise_flags([pair], date(2026, 12, 7))
    Flag.objects.exclude(rule=FlagRule.NOT_GOING_WELL).delete()
    emails = sent_at(clock, monday(16))
    assert len(emails) == 1 and "Talk to each of them alone" in emails[0].body


def test_own_snoozed_and_cleared_flags_are_not_emailed(pair, sam, priya, clock):
    make.enrollment(pair.program, sam, "admin")
    flag = red(pair)
    assert {one.to[0] for one in sent_at(clock, monday(8, 30))} == {priya.email}
    Flag.objects.filter(pk=flag.pk).update(snoozed_until=date(2026, 12, 14))
    other = make.pair(pair.program, make.user(), make.user())
    MentorContact.objects.create(program=pair.program, mentor=other.mentor)
    over = red(other)
    Flag.objects.filter(pk=over.pk).update(cleared_at=timezone.now())
    assert sent_at(clock, monday(16)) == []


def test_a_talk_request_is_emailed_to_admins_except_the_partner(pair, ada, sam, priya, clock):
    make.enrollment(pair.program, sam, "admin")
    wish = TalkRequest.ask(ada, pair.program)
    emails = sent_at(clock, monday(8, 30))
    assert [(one.to, one.subject) for one in emails] == [([priya.email], "Ada Lind wants to talk to you")]
    TalkRequest.ask(make.user(), pair.program)
    wish.mark_handled(priya)
    TalkRequest.objects.exclude(pk=wish.pk).update(handled_at=timezone.now())
    assert sent_at(clock, monday(16)) == []


def test_the_weekly_digest_is_sent_on_monday_morning(pair, priya, clock):
    Flag.objects.create(
        pair=pair, rule=FlagRule.NO_RECENT_SESSION, level="red", level_changed_at=FRIDAY - timedelta(days=20)
    )
    Flag.objects.create(pair=pair, rule=FlagRule.NO_AGREEMENT, level="amber", raised_at=FRIDAY - timedelta(days=5))
    Digest.prepare(FRIDAY.date())
    assert [str(kind) for one in upcoming_for(priya, timezone.now()) for kind in one.kinds] == [
        "Monday summary of your program"
    ]
    assert sent_at(clock, monday(8)) == []
    (email,) = sent_at(clock, monday(8, 30))
    assert email.subject == "This week in Engineering mentoring"
    assert "Sam Okafor, Ada Lind: No recent session. Email both" in email.body
    assert "No working agreement: 1." in email.body
    assert sent_at(clock, monday(16)) == []


def test_an_empty_digest_is_not_sent(pair, priya, clock):
    Digest.prepare(FRIDAY.date())
    assert sent_at(clock, monday(8, 30)) == []


def test_flags_resolved_by_monday_are_not_in_the_digest(pair, priya, clock):
    flag = Flag.objects.create(
        pair=pair, rule=FlagRule.NO_RECENT_SESSION, level="red", level_changed_at=FRIDAY - timedelta(days=20)
    )
    Digest.prepare(FRIDAY.date())
    planner.plan()
    Flag.objects.filter(pk=flag.pk).update(cleared_at=timezone.now())
    assert sent_at(clock, monday(8, 30)) == []


def test_former_admins_get_no_program_emails(pair, priya, clock):
    Flag.objects.create(
        pair=pair, rule=FlagRule.NO_RECENT_SESSION, level="red", level_changed_at=FRIDAY - timedelta(days=20)
    )
    Digest.prepare(FRIDAY.date())
    planner.plan()
    pair.program.enrollments.filter(user=priya).update(left_at=timezone.now())
    assert sent_at(clock, monday(8, 30)) == []


def test_preparing_a_digest_twice_stores_one_and_deletes_old_ones(pair, priya, clock):
    for _n in range(2):
        Digest.prepare(FRIDAY.date())
    assert Digest.objects.get().due_on == date(2026, 12, 7)
    Digest.prepare(FRIDAY.date() + timedelta(days=35))
    assert [one.due_on for one in Digest.objects.all()] == [date(2027, 1, 11)]


def test_an_admin_can_turn_program_emails_off(pair, ada, priya, as_):
    assert "Programs you run" in as_(priya).get("/notifications/").content.decode()
    assert "Programs you run" not in as_(ada).get("/notifications/").content.decode()
    answers = dict.fromkeys(("sessions", "commitments", "check-ins", "indicators", "planning"), "once")
    assert as_(priya).post("/notifications/", answers | {"program": "here"}).status_code == 302
    assert TopicChoice.of(priya)["program"] == "here"


def test_paperwork_reminders_are_sent_together_once_a_week(pair, sam, ada, priya, as_, clock):
    url = reverse("paperwork_remind", args=[pair.program_id, FlagRule.NO_AGREEMENT])
    old = {"raised_at": FRIDAY - timedelta(days=5)}
    flag = Flag.objects.create(pair=pair, rule=FlagRule.NO_AGREEMENT, level="amber", **old)
    mine = make.pair(pair.program, make.user(), priya)
    Flag.objects.create(pair=mine, rule=FlagRule.NO_AGREEMENT, level="amber", **old)
    assert "Remind 1" in as_(priya).get(reverse("program_overview", args=[pair.program_id])).content.decode()
    for says in ("1 pair will be reminded", "All of them were reminded in the last 7 days"):
        assert says in as_(priya).post(url, follow=True).content.decode()
    mail.outbox.clear()
    for window in (monday(3), monday(8, 30)):  # in Kolkata and in London
        clock.move_to(window)
        planner.plan()
        sender.send_due()
    texts = {one.to[0]: one.body for one in mail.outbox if "a program admin reminded every pair" in one.body}
    assert set(texts) == {sam.email, ada.email}
    assert reverse("agreement_detail", args=[pair.pk]) in texts[ada.email]
    Flag.objects.filter(pk=flag.pk).update(cleared_at=timezone.now())
    assert not KINDS["nudge"].intents_about([pair.pk]), "agreed meanwhile: there is no reminder"


def test_pairs_are_reminded_only_of_paperwork_shown_to_admins(pair, priya, as_):
    Flag.objects.create(pair=pair, rule=FlagRule.PULSE_UNANSWERED, level="amber", raised_at=FRIDAY - timedelta(days=9))
    assert (
        as_(priya).post(reverse("paperwork_remind", args=[pair.program_id, FlagRule.NO_RECENT_SESSION])).status_code
        == 404
    )
    as_(priya).post(reverse("paperwork_remind", args=[pair.program_id, FlagRule.PULSE_UNANSWERED]))
    assert not Flag.objects.filter(reminded_at__isnull=False).exists()


def test_many_new_red_flags_make_one_short_email(pair, priya, clock):
    for _n in range(40):
        other = make.pair(pair.program, make.user("M" * 80), make.user("N" * 80))
        red(other)
    red(pair)
    (email,) = sent_at(clock, monday(8, 30))
    assert email.body.count(": No recent session") <= 9 and "And 33 more pairs." in email.body
    assert len(email.message().as_bytes()) < 20 * 1024


def test_after_three_inactive_months_both_are_asked_to_decide(pair, sam, ada):
    def reminded_on() -> list:
        return sorted(it.due_at.date() for it in KINDS["still_going"].intents_about([pair.pk]).values())

    type(pair).objects.filter(pk=pair.pk).update(started_on=date(2026, 9, 14))
    assert reminded_on() == [date(2026, 12, 14)] * 2, "day 90 is Sunday 13 December"
    commitment = make.commitment(pair)
    commitment.events.update(created_at=datetime(2026, 10, 1, 9, tzinfo=UTC))
    assert reminded_on() == [date(2026, 12, 30)] * 2
    make.session(pair, datetime(2027, 2, 1, 10))
    assert reminded_on() == [], "something is planned"


def test_emails_are_counted_for_a_program(pair, ada, priya, clock):
    make.pair(make.program("Elsewhere"), make.user(), make.user())
    type(pair).objects.update(
        started_on=date(2026, 12, 3)
    )  # on Monday the mentees are reminded of a missing first date
    planner.plan()
    clock.move_to(monday(3))  # 08:30 in Kolkata
    planner.plan()
    sender.send_due()
    TopicChoice.choose(ada, {"planning": "here"})
    type(ada).objects.filter(pk=pair.mentor_id).update(mail_suspended_at=timezone.now())
    found = {row.key: row for row in figures(pair.program, date(2026, 12, 7))}
    ours = sum(one.to[0] in (ada.email, pair.mentor.email) for one in mail.outbox)
    assert found["mails"].value == ours > 0
    assert (found["bounced"].value, found["bounced"].n) == (50, 2)
    assert found["opted out"].value == 50
