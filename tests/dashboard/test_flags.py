"""Tests the attention rules with facts computed by hand, and who sees each flag and when."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from dashboard import flags
from dashboard.facts import PairFacts, SessionFacts, read_facts
from dashboard.models import Flag, FlagRule
from mentoring.models import Pair, PulseAnswer, TalkRequest
from tests import make

MONDAY = date(2026, 12, 7)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(datetime(2026, 12, 7, 9, tzinfo=UTC), tick=False) as clock:
        yield clock


def ago(days: int) -> date:
    return MONDAY - timedelta(days=days)


def met(days: int, **more) -> SessionFacts:
    return SessionFacts(
        ago(days),
        **{
            "held": True,
            "called_off": False,
            "moved": False,
            "missed": False,
            "is_over": True,
            "closing": False,
            "commitments": 1,
        }
        | more,
    )


def ahead(days: int, **more) -> SessionFacts:
    return met(-days, **{"held": False, "is_over": False} | more)


def facts(started: int = 100, sessions=(), cadence: str = "2-weekly", ends: int = 100, **more) -> PairFacts:
    """Facts of a pair that began so many days ago, healthy unless given otherwise."""
    pair = Pair(pk=1, mentor_id=1, mentee_id=2, started_on=ago(started), ends_on=ago(-ends), cadence=cadence)
    usual = {"goals": 1, "goal_reviewed_on": ago(10), "agreed": True, "last_active_on": {1: ago(1), 2: ago(1)}}
    return PairFacts(pair, MONDAY, list(sessions), **usual | more)


def levels_of(made: PairFacts, person: int | None = None) -> dict[str, str]:
    """Return the flag levels of the pair, or from the answers of one person."""
    return {name: str(level) for (name, whose), (level, _facts) in flags.evaluate(made).items() if whose == person}


FINE = (met(8), ahead(6))


def test_a_healthy_pair_has_no_flags():
    assert levels_of(facts(sessions=FINE)) == {}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (facts(10), {}),
        (facts(11), {FlagRule.NO_FIRST_SESSION: "amber"}),
        (facts(11, [ahead(3)]), {}),
        (facts(21), {FlagRule.NO_FIRST_SESSION: "amber"}),
        (facts(22), {FlagRule.NO_FIRST_SESSION: "red"}),
        (facts(22, [ahead(3)]), {FlagRule.NO_FIRST_SESSION: "red"}),
        (facts(35, cadence="monthly"), {FlagRule.NO_FIRST_SESSION: "amber"}),
        (facts(38, cadence="monthly"), {FlagRule.NO_FIRST_SESSION: "red"}),
    ],
)
def test_no_first_session_is_flagged_by_age(made, expected):
    assert {name: how for name, how in levels_of(made).items() if name == FlagRule.NO_FIRST_SESSION} == expected


@pytest.mark.parametrize(
    ("days", "booked", "level"),
    [
        (21, False, None),
        (22, False, "amber"),
        (28, False, "amber"),
        (29, False, "red"),
        (29, True, None),
        (43, True, "red"),
    ],
)
def test_no_recent_session_is_flagged_by_cadence(days, booked, level):
    """C is 14 days: amber above 21, red above 28, or above 42 although one is booked."""
    assert levels_of(facts(sessions=[met(days), *[ahead(3)] * booked])).get(FlagRule.NO_RECENT_SESSION) == level


@pytest.mark.parametrize(("row", "level"), [(1, None), (2, "amber"), (3, "red")])
def test_repeated_cancellations_are_flagged(row, level):
    off = [met(21 - 7 * n, held=False, called_off=True) for n in range(row)]
    weekly = {"cadence": "weekly"}
    assert levels_of(facts(sessions=[met(28), *off, ahead(7)], **weekly)).get(FlagRule.CALLED_OFF) == level
    assert levels_of(facts(sessions=[*off, met(1), ahead(7)], **weekly)).get(FlagRule.CALLED_OFF) is None, (
        "a held session ends the streak"
    )
    assert (
        levels_of(facts(sessions=[met(28), *off, ahead(7)], pauses=[(ago(22), ago(1))], **weekly)).get(
            FlagRule.CALLED_OFF
        )
        is None
    )
    holiday = [(ago(22).isoformat(), ago(1).isoformat())]
    assert (
        levels_of(facts(sessions=[met(28), *off, ahead(7)], days_off=holiday, **weekly)).get(FlagRule.CALLED_OFF)
        is None
    )
    to_come = [ahead(7 * n, called_off=True) for n in range(1, row + 1)]
    assert levels_of(facts(sessions=[met(7), *to_come], **weekly)).get(FlagRule.CALLED_OFF) is None, (
        "their dates are still to come"
    )
    same = timezone.now()
    at_once = [met(21 - 7 * n, held=False, called_off=True, changed_at=same) for n in range(row)]
    assert levels_of(facts(sessions=[met(28), *at_once, ahead(7)], **weekly)).get(FlagRule.CALLED_OFF) is None, (
        "changed in one action"
    )


def test_moved_sessions_that_are_held_raise_no_flag(inactive_pair, as_, clock):
    """On the pages: a series is canceled and planned on Tuesdays instead; three sessions are moved by an hour."""
    Pair.objects.filter(pk=inactive_pair.pk).update(cadence="weekly")
    client, when = as_(inactive_pair.mentor), {"at": "09:00", "zone": "Europe/London", "minutes": "60", "sure": ""}
    new = f"/pairs/{inactive_pair.pk}/sessions/new/"
    plan = when | {"kind": "standard", "repeat": "weekly", "until": "2027-02-01"}
    assert client.post(new, plan | {"on": "2026-12-14"}).status_code == 302
    first = inactive_pair.sessions.live().filter(starts_at__gt=timezone.now()).earliest("starts_at")
    client.post(f"/sessions/{first.pk}/cancel/", {"reason": "Mondays are full", "and_later": "on"})
    assert client.post(new, plan | {"on": "2026-12-15"}).status_code == 302
    tuesdays = list(inactive_pair.sessions.live().filter(starts_at__gt=timezone.now()).order_by("starts_at"))
    assert len(tuesdays) == 7
    for session in tuesdays[:3]:
        data = when | {"on": f"{session.planned_for:%Y-%m-%d}", "at": "10:00", "reason": "An hour later"}
        assert client.post(f"/sessions/{session.pk}/move/", data).status_code == 302
    for week in range(5):
        clock.move_to(datetime(2026, 12, 8, 9, tzinfo=UTC) + timedelta(weeks=week))
        flags.raise_flags(Pair.objects.filter(pk=inactive_pair.pk))
        assert not Flag.objects.open().filter(rule=FlagRule.CALLED_OFF).exists(), f"after {week} weeks"
        on = timezone.now()
        inactive_pair.sessions.live().filter(ends_at__lt=on).update(closed_at=on, held_at=on)


def test_weekly_cancellations_turn_amber_then_red(inactive_pair, clock):
    Pair.objects.filter(pk=inactive_pair.pk).update(cadence="weekly")
    for week in range(3):
        start = datetime(2026, 12, 8, 10) + timedelta(weeks=week)
        clock.move_to(start.replace(tzinfo=UTC) - timedelta(hours=3))
        make.session(inactive_pair, start).cancel(inactive_pair.mentor, "Busy")
    clock.move_to(datetime(2026, 12, 22, 18, tzinfo=UTC))
    for level in ("amber", "red"):  # the third counts once its day is over
        flags.raise_flags(Pair.objects.filter(pk=inactive_pair.pk))
        assert Flag.objects.open().get(rule=FlagRule.CALLED_OFF).level == level
        clock.shift(timedelta(days=1))


@pytest.mark.parametrize(("row", "level"), [(1, "amber"), (2, "red")])
def test_no_shows_are_flagged(row, level):
    assert (
        levels_of(facts(sessions=[met(9), *[met(7 - n, held=False, missed=True) for n in range(row)], ahead(3)])).get(
            FlagRule.NO_SHOW
        )
        == level
    )


@pytest.mark.parametrize(
    ("kept", "due", "level"),
    [(0, 2, None), (1, 3, "amber"), (2, 5, None), (0, 3, "amber"), (0, 4, "red"), (1, 4, "amber")],
)
def test_few_kept_commitments_are_flagged(kept, due, level):
    assert levels_of(facts(sessions=FINE, kept=kept, counted=due)).get(FlagRule.FEW_COMMITMENTS_KEPT) == level


def test_sessions_without_commitments_are_flagged():
    bare = [met(20, commitments=0), met(8, commitments=0), ahead(6)]
    assert levels_of(facts(sessions=bare)).get(FlagRule.NO_COMMITMENTS) == "amber"
    bare[0].none_this_time = True
    assert levels_of(facts(sessions=bare)).get(FlagRule.NO_COMMITMENTS) is None, (
        "“none this time” was chosen on purpose"
    )


@pytest.mark.parametrize(
    ("answers", "level"),
    [([4], None), ([3], "amber"), ([2], "red"), ([5, 3], "amber"), ([5, 4], None), ([5, 2], "red")],
)
def test_low_pulse_answers_are_flagged(answers, level):
    pulses = {2: [(ago(60 - n), value) for n, value in enumerate(answers)]}
    made = facts(sessions=FINE, pulses=pulses)
    assert levels_of(made, person=2).get(FlagRule.NOT_GOING_WELL) == level
    assert levels_of(made, person=1) == {}, "nothing about the answers of the other person"
    assert levels_of(made).get(FlagRule.NOT_GOING_WELL) == ("red" if level == "red" else None), (
        "the program never sees amber"
    )


def test_pulse_flag_does_not_count_people():
    """A count would tell an admin, and through them the partner, who answered."""
    one, both = ({1: [(ago(9), 1)]}, {1: [(ago(9), 1)], 2: [(ago(9), 2)]})
    assert [flags.evaluate(facts(sessions=FINE, pulses=p))[FlagRule.NOT_GOING_WELL, None] for p in (one, both)] == [
        ("red", {})
    ] * 2


def test_two_unanswered_pulse_rounds_are_flagged():
    """Asked on day 30 and 90, each open for 21 days."""
    silent = facts(112, FINE, pulses={1: [(ago(22), 5)]})
    assert levels_of(silent).get(FlagRule.PULSE_UNANSWERED) == "amber"
    silent.pulses[2] = [(ago(82), 5)]
    assert levels_of(silent).get(FlagRule.PULSE_UNANSWERED) is None


def test_missing_paperwork_is_flagged():
    assert levels_of(facts(22, FINE, agreed=False)).get(FlagRule.NO_AGREEMENT) == "amber"
    assert levels_of(facts(31, FINE, goals=0)).get(FlagRule.NO_CURRENT_GOAL) == "amber"
    assert levels_of(facts(sessions=FINE, goal_reviewed_on=ago(76))).get(FlagRule.NO_CURRENT_GOAL) == "amber"
    assert levels_of(facts(sessions=FINE, goal_reviewed_on=ago(75))).get(FlagRule.NO_CURRENT_GOAL) is None
    assert levels_of(facts(sessions=FINE, ends=14)).get(FlagRule.NO_CLOSING_SESSION) == "amber"
    assert levels_of(facts(sessions=[*FINE, ahead(9, closing=True)], ends=14)).get(FlagRule.NO_CLOSING_SESSION) is None
    assert levels_of(facts(sessions=FINE, ends=-15)).get(FlagRule.NO_CLOSING_SESSION) == "red"


@pytest.mark.parametrize(("days", "level"), [(21, None), (22, "amber"), (35, "amber"), (36, "red")])
def test_one_inactive_person_is_flagged(days, level):
    assert levels_of(facts(sessions=FINE, last_active_on={1: ago(1), 2: ago(days)})).get(FlagRule.ONE_SIDED) == level
    assert (
        levels_of(facts(sessions=FINE, last_active_on={1: ago(days), 2: ago(days)})).get(FlagRule.ONE_SIDED) is None
    ), "both are inactive: the rule for gaps applies"


def test_a_pause_stops_all_rules_and_its_days_do_not_count():
    """Of 29 days ten were a pause: 19 are too few for a flag. During a pause there are no flags."""
    assert levels_of(facts(sessions=[met(29)], pauses=[(ago(20), ago(10))])) == {}
    assert levels_of(facts(sessions=[met(60)], pauses=[(ago(2), ago(-5))])) == {}


def test_first_two_weeks_check_only_the_first_session():
    assert set(levels_of(facts(14, agreed=False, goals=0))) <= {FlagRule.NO_FIRST_SESSION}


def test_one_red_or_three_amber_flags_make_a_pair_red():
    amber, red = Flag(level="amber"), Flag(level="red")
    assert [flags.color_of(rows) for rows in ([], [amber] * 2, [amber] * 3, [amber, red])] == [
        "",
        "amber",
        "red",
        "red",
    ]


# --- From rows ---


@pytest.fixture
def inactive_pair(pair):
    return make.inactive(pair, MONDAY)


def test_facts_select_no_text_columns(inactive_pair, django_assert_max_num_queries):
    with django_assert_max_num_queries(40) as queries:
        [found] = read_facts([inactive_pair], MONDAY)
    assert (found.last_held_on, found.agreed, found.goals, found.age) == (ago(40), False, 0, 90)
    words = ("takeaway", "obstacle", '"text"', '"note"', "wins", "challenges", '"title"')
    assert not [word for query in queries for word in words if word in query["sql"]]


def test_a_flag_keeps_its_date_until_it_is_cleared(inactive_pair, clock):
    flags.raise_flags([inactive_pair])
    first = Flag.objects.get(rule=FlagRule.NO_RECENT_SESSION)
    clock.shift(timedelta(days=2))
    flags.raise_flags([inactive_pair])
    again = Flag.objects.open().get(rule=FlagRule.NO_RECENT_SESSION)
    assert (again.pk, again.raised_at, again.facts["days since the last session"]) == (first.pk, first.raised_at, 42)
    session = make.past_session(inactive_pair, days=1)
    session.answer(inactive_pair.mentee, met=True)
    flags.raise_flags([inactive_pair])
    assert (
        not Flag.objects.open().filter(rule=FlagRule.NO_RECENT_SESSION).exists()
        and Flag.objects.get(rule=FlagRule.NO_RECENT_SESSION).cleared_at
    )


def test_admins_see_amber_after_three_days_and_red_at_once(as_, inactive_pair, clock):
    admin, page = make.admin(inactive_pair.program), reverse("program_overview", args=[inactive_pair.program_id])
    Flag.objects.create(pair=inactive_pair, rule=FlagRule.CALLED_OFF, level="amber", facts={"in a row": 2})
    shown = reverse("progress", args=[inactive_pair.pk])
    assert "Repeatedly canceled or moved" in as_(inactive_pair.mentee).get(shown).content.decode()
    assert (
        "See what could help"
        in as_(inactive_pair.mentor).get(reverse("pair_detail", args=[inactive_pair.pk])).content.decode()
    )
    assert "Canceled or moved 2 times in a row" not in as_(admin).get(page).content.decode()
    Flag.objects.update(level="red")
    assert "Canceled or moved 2 times in a row" in as_(admin).get(page).content.decode()
    Flag.objects.update(level="amber")
    clock.shift(timedelta(days=3))
    assert "Canceled or moved 2 times in a row" in as_(admin).get(page).content.decode()


def test_no_page_reveals_whose_pulse_answer_is_low(as_, inactive_pair):
    admin = make.admin(inactive_pair.program)
    PulseAnswer.record(inactive_pair, inactive_pair.mentee, ago(0), worthwhile=2, openness=4)
    flags.raise_flags([inactive_pair])
    assert set(Flag.objects.values_list("person", "level").filter(rule=FlagRule.NOT_GOING_WELL)) == {
        (None, "red"),
        (inactive_pair.mentee_id, "red"),
    }
    health = as_(admin).get(reverse("program_overview", args=[inactive_pair.program_id])).content.decode()
    assert "It is not going well" in health
    seen = [reverse("progress", args=[inactive_pair.pk]), reverse("admin_visibility", args=[inactive_pair.program_id])]
    assert all("It is not going well" in as_(inactive_pair.mentee).get(url).content.decode() for url in seen)
    assert all("It is not going well" not in as_(inactive_pair.mentor).get(url).content.decode() for url in seen)
    PulseAnswer.record(inactive_pair, inactive_pair.mentee, ago(0), worthwhile=3, openness=4)
    flags.raise_flags([inactive_pair])
    health = as_(admin).get(reverse("program_overview", args=[inactive_pair.program_id])).content.decode()
    assert "It is not going well" not in health, "amber is shown only to the person who answered"


@pytest.mark.parametrize(("days", "shown"), [(104, False), (105, True)])
def test_an_admin_decides_after_104_days_without_a_session(as_, inactive_pair, days, shown):
    Pair.objects.filter(pk=inactive_pair.pk).update(started_on=ago(200))
    inactive_pair.sessions.all().delete()
    make.session(inactive_pair, datetime.combine(ago(days), datetime.min.time()), held_at=timezone.now())
    flags.raise_flags(Pair.objects.filter(pk=inactive_pair.pk))
    html = (
        as_(make.admin(inactive_pair.program))
        .get(reverse("program_overview", args=[inactive_pair.program_id]))
        .content.decode()
    )
    assert ("decide with them whether to continue" in html) is shown
    assert not Pair.objects.get(pk=inactive_pair.pk).ended_at, "a pair is never ended automatically"


def email_drafts(as_, pair) -> dict[str, tuple[list[str], str, str]]:
    """The drafts on the overview by button label: recipients, subject and text."""
    html = as_(make.admin(pair.program)).get(reverse("program_overview", args=[pair.program_id])).content.decode()
    found = {}
    html = re.sub(r"<svg.*?</svg>", "", html.split('id="support"')[0], flags=re.DOTALL)
    for link in re.findall(r'href="(mailto:[^"]+)"[^>]*>([^<]+)<', html):
        address = urlsplit(unescape(link[0]))
        fields = parse_qs(address.query)
        found[link[1].strip()] = (unquote(address.path).split(","), fields["subject"][0], fields["body"][0])
    return found


def test_email_drafts_list_flags_and_offer_a_pause(as_, inactive_pair):
    Flag.objects.create(
        pair=inactive_pair, rule=FlagRule.NO_COMMITMENTS, level="amber", raised_at=timezone.now() - timedelta(days=4)
    )
    both = [inactive_pair.mentor.email, inactive_pair.mentee.email]
    drafts = email_drafts(as_, inactive_pair)
    assert list(drafts) == ["Suggest a step"] and drafts["Suggest a step"][0] == both
    assert "Sessions end without a commitment" in drafts["Suggest a step"][2]
    Flag.objects.create(pair=inactive_pair, rule=FlagRule.NO_RECENT_SESSION, level="red")
    drafts = email_drafts(as_, inactive_pair)
    assert list(drafts) == ["Email both", "Offer a pause"], "the red flag decides what to do first"
    to, _subject, text = drafts["Offer a pause"]
    assert to == both and reverse("pair_pause", args=[inactive_pair.pk]) in text and "\r\n" in text


def test_confidential_flags_are_in_no_email_draft(as_, inactive_pair):
    PulseAnswer.record(inactive_pair, inactive_pair.mentee, ago(0), worthwhile=1, openness=4)
    flags.raise_flags([inactive_pair])
    assert {flag.rule for flag in Flag.objects.filter(level="red")} >= {
        FlagRule.NO_RECENT_SESSION,
        FlagRule.NOT_GOING_WELL,
    }
    drafts = email_drafts(as_, inactive_pair)
    assert [to for to, _subject, _text in drafts.values()] == [
        [inactive_pair.mentor.email],
        [inactive_pair.mentee.email],
    ]
    texts = [
        text.replace(person.first_name, "")
        for (_to, _subject, text), person in zip(drafts.values(), inactive_pair.people, strict=True)
    ]
    assert texts[0] == texts[1] and "not going well" not in texts[0], "the text must not reveal who answered"


def test_flags_only_for_the_pair_are_hidden_from_admins(as_, inactive_pair):
    for name in (FlagRule.FEW_COMMITMENTS_KEPT, FlagRule.PULSE_UNANSWERED):
        Flag.objects.create(pair=inactive_pair, rule=name, level="red", raised_at=timezone.now() - timedelta(days=30))
    html = (
        as_(make.admin(inactive_pair.program))
        .get(reverse("program_overview", args=[inactive_pair.program_id]))
        .content.decode()
    )
    assert "Few commitments" not in html and "Pulse not answered" not in html


def test_an_admin_does_not_see_flags_of_their_own_pair(as_, inactive_pair):
    make.enrollment(inactive_pair.program, inactive_pair.mentor, "admin")
    Flag.objects.create(pair=inactive_pair, rule=FlagRule.NO_RECENT_SESSION, level="red")
    assert (
        "No recent session"
        not in as_(inactive_pair.mentor)
        .get(reverse("program_overview", args=[inactive_pair.program_id]))
        .content.decode()
    )
    flag = Flag.objects.get()
    snooze(as_(inactive_pair.mentor), inactive_pair, "x")
    assert Flag.objects.get(pk=flag.pk).snoozed_until is None


def test_mentor_list_does_not_count_the_admins_own_pair(as_, inactive_pair):
    make.enrollment(inactive_pair.program, inactive_pair.mentee, "admin")
    PulseAnswer.record(inactive_pair, inactive_pair.mentor, ago(0), worthwhile=1, openness=1)
    flags.raise_flags([inactive_pair])
    page = reverse("program_overview", args=[inactive_pair.program_id])
    assert "1 pair is red" not in as_(inactive_pair.mentee).get(page).content.decode()
    assert "1 pair is red" in as_(make.admin(inactive_pair.program)).get(page).content.decode()


def snooze(client, pair, reason: str):
    url = reverse("attention_bulk", args=[pair.program_id])
    return client.post(url, {"do": "snooze", "pair": pair.pk, "days": "7", "reason": reason})


def test_a_snoozed_flag_comes_back(as_, inactive_pair, clock):
    Flag.objects.create(pair=inactive_pair, rule=FlagRule.NO_RECENT_SESSION, level="red")
    admin, page = make.admin(inactive_pair.program), reverse("program_overview", args=[inactive_pair.program_id])
    assert snooze(as_(admin), inactive_pair, " ").status_code == 422
    assert "No recent session" in as_(admin).get(page).content.decode(), "without a reason it is not snoozed"
    snooze(as_(admin), inactive_pair, "On holiday")
    assert "No recent session" not in as_(admin).get(page).content.decode().partition('id="postponed"')[0]
    clock.shift(timedelta(days=7))
    assert "No recent session" in as_(admin).get(page).content.decode()


def test_snoozed_flags_are_listed_and_can_be_unsnoozed(as_, inactive_pair):
    flag = Flag.objects.create(pair=inactive_pair, rule=FlagRule.NO_RECENT_SESSION, level="red")
    admin, page = make.admin(inactive_pair.program), reverse("program_overview", args=[inactive_pair.program_id])
    snooze(as_(admin), inactive_pair, "On holiday")
    html = as_(admin).get(page).content.decode()
    listed = html[html.index('id="postponed"') :]
    assert (
        "No recent session" in listed
        and "On holiday" in listed
        and "until Mon, Dec 14" in listed
        and str(admin) in listed
    )
    as_(admin).post(reverse("flag_unsnooze", args=[flag.pk]))
    html = as_(admin).get(page).content.decode()
    assert 'id="postponed"' not in html and "No recent session" in html
    make.enrollment(inactive_pair.program, inactive_pair.mentor, "admin")
    assert as_(inactive_pair.mentor).post(reverse("flag_unsnooze", args=[flag.pk])).status_code == 404


def test_a_talk_request_changes_no_flags(inactive_pair):
    TalkRequest.ask(inactive_pair.mentee, inactive_pair.program)
    flags.raise_flags([inactive_pair])
    assert not Flag.objects.filter(rule=FlagRule.NOT_GOING_WELL).exists()
    PulseAnswer.record(inactive_pair, inactive_pair.mentor, ago(0), worthwhile=3, openness=3)
    flags.raise_flags([inactive_pair])
    assert Flag.objects.get(rule=FlagRule.NOT_GOING_WELL).person == inactive_pair.mentor, (
        "the mentor's own flag stays, whatever the mentee requests"
    )
