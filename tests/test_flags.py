"""When a pair needs help: each rule with hand-worked facts, who learns of it when, the figures (S91, E4, E8, X4)."""

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from dashboard import figures, flags
from dashboard.facts import Meeting, PairFacts, facts_of
from dashboard.models import Flag, MentorContact
from dashboard.support import Needs
from mentoring.models import Pair, PairPulse, TalkRequest
from sessions.models import ItemOutcome, Session, SessionAnswer
from tests import make

MONDAY = date(2026, 12, 7)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(datetime(2026, 12, 7, 9, tzinfo=UTC), tick=False) as clock:
        yield clock


def ago(days: int) -> date:
    return MONDAY - timedelta(days=days)


def met(days: int, **more) -> Meeting:
    return Meeting(
        ago(days),
        **{
            "held": True,
            "off": False,
            "moved": False,
            "missed": False,
            "over": True,
            "closing": False,
            "commitments": 1,
        }
        | more,
    )


def ahead(days: int, **more) -> Meeting:
    return met(-days, **{"held": False, "over": False} | more)


def facts(started: int = 100, meetings=(), cadence: str = "2-weekly", ends: int = 100, **more) -> PairFacts:
    """A pair that began so many days ago; nothing is wrong with it unless it is said."""
    pair = Pair(pk=1, mentor_id=1, mentee_id=2, started_on=ago(started), ends_on=ago(-ends), cadence=cadence)
    usual = {"goals": 1, "goal_touched_on": ago(10), "agreed": True, "last_act": {1: ago(1), 2: ago(1)}}
    return PairFacts(pair, MONDAY, list(meetings), **usual | more)


def told(made: PairFacts) -> dict[str, str]:
    return {name: str(level) for name, (level, _facts) in flags.judge(made).items()}


FINE = (met(8), ahead(6))


def test_a_pair_that_goes_well_raises_nothing():
    assert told(facts(meetings=FINE)) == {}


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (facts(10), {}),
        (facts(11), {"A1": "amber"}),
        (facts(11, [ahead(3)]), {}),
        (facts(21), {"A1": "amber"}),
        (facts(22), {"A1": "red"}),
        (facts(22, [ahead(3)]), {"A1": "red"}),
        (facts(35, cadence="monthly"), {"A1": "amber"}),
        (facts(38, cadence="monthly"), {"A1": "red"}),
    ],
)
def test_a1_the_first_session(made, expected):
    assert {name: how for name, how in told(made).items() if name == "A1"} == expected


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
def test_a2_the_gap(days, booked, level):
    """C is 14 days: amber above 21, red above 28, or above 42 although one is booked."""
    assert told(facts(meetings=[met(days), *[ahead(3)] * booked])).get("A2") == level


@pytest.mark.parametrize(("row", "level"), [(1, None), (2, "amber"), (3, "red")])
def test_a3_called_off_in_a_row(row, level):
    off = [met(7 - n, held=False, off=True) for n in range(row)]
    assert told(facts(meetings=[met(8), *off, ahead(3)])).get("A3") == level
    assert told(facts(meetings=[*off, met(1), ahead(3)])).get("A3") is None, "a session in between ends the row"


@pytest.mark.parametrize(("row", "level"), [(1, "amber"), (2, "red")])
def test_a4_nobody_came(row, level):
    assert (
        told(facts(meetings=[met(9), *[met(7 - n, held=False, missed=True) for n in range(row)], ahead(3)])).get("A4")
        == level
    )


@pytest.mark.parametrize(
    ("kept", "due", "level"),
    [(0, 2, None), (1, 3, "amber"), (2, 5, None), (0, 3, "amber"), (0, 4, "red"), (1, 4, "amber")],
)
def test_a5_words_kept(kept, due, level):
    assert told(facts(meetings=FINE, kept=kept, counted=due)).get("A5") == level


def test_a6_sessions_without_a_commitment():
    bare = [met(20, commitments=0), met(8, commitments=0), ahead(6)]
    assert told(facts(meetings=bare)).get("A6") == "amber"
    bare[0].none_this_time = True
    assert told(facts(meetings=bare)).get("A6") is None, "“none this time” was said on purpose"


@pytest.mark.parametrize(
    ("answers", "level"),
    [([4], None), ([3], "amber"), ([2], "red"), ([5, 3], "amber"), ([5, 4], None), ([5, 2], "red")],
)
def test_a7_how_it_is_going(answers, level):
    pulses = {2: [(ago(60 - n), value) for n, value in enumerate(answers)]}
    assert told(facts(meetings=FINE, pulses=pulses)).get("A7") == level


def test_a8_two_rounds_without_an_answer():
    """Asked on day 30 and 90, each open for 21 days."""
    silent = facts(112, FINE, pulses={1: [(ago(22), 5)]})
    assert told(silent).get("A8") == "amber"
    silent.pulses[2] = [(ago(82), 5)]
    assert told(silent).get("A8") is None


def test_a9_a10_a12_paperwork():
    assert told(facts(22, FINE, agreed=False)).get("A9") == "amber"
    assert told(facts(31, FINE, goals=0)).get("A10") == "amber"
    assert told(facts(meetings=FINE, goal_touched_on=ago(76))).get("A10") == "amber"
    assert told(facts(meetings=FINE, goal_touched_on=ago(75))).get("A10") is None
    assert told(facts(meetings=FINE, ends=14)).get("A12") == "amber"
    assert told(facts(meetings=[*FINE, ahead(9, closing=True)], ends=14)).get("A12") is None
    assert told(facts(meetings=FINE, ends=-15)).get("A12") == "red"


@pytest.mark.parametrize(("days", "level"), [(21, None), (22, "amber"), (35, "amber"), (36, "red")])
def test_a11_one_of_the_two_is_silent(days, level):
    assert told(facts(meetings=FINE, last_act={1: ago(1), 2: ago(days)})).get("A11") == level
    assert told(facts(meetings=FINE, last_act={1: ago(days), 2: ago(days)})).get("A11") is None, "both: a gap says so"


def test_a_pause_stops_the_clock_and_the_rules():
    """Of 29 days ten were a pause: 19 are left, and nothing is said. While it lasts nothing is said at all."""
    assert told(facts(meetings=[met(29)], pauses=[(ago(20), ago(10))])) == {}
    assert told(facts(meetings=[met(60)], pauses=[(ago(2), ago(-5))])) == {}


def test_in_the_first_two_weeks_only_the_first_session_is_asked_about():
    assert set(told(facts(14, agreed=False, goals=0))) <= {"A1"}


def test_a_pair_is_red_with_one_red_rule_or_three_ambers():
    amber, red = Flag(level="amber"), Flag(level="red")
    assert [flags.color_of(rows) for rows in ([], [amber] * 2, [amber] * 3, [amber, red])] == [
        "",
        "amber",
        "red",
        "red",
    ]


# --- From rows ---


@pytest.fixture
def quiet(pair):
    """A pair of London and Kolkata that met forty days ago and planned nothing since."""
    Pair.objects.filter(pk=pair.pk).update(started_on=ago(90), ends_on=ago(-90))
    pair.refresh_from_db()
    session = make.past_session(pair, days=40)
    for person in (pair.mentor, pair.mentee):
        session.answer(person, met=True)
    return pair


def test_facts_are_read_from_rows_without_a_word_of_text(quiet, django_assert_max_num_queries):
    with django_assert_max_num_queries(16) as asked:
        [found] = facts_of([quiet], MONDAY)
    assert (found.last_held, found.agreed, found.goals, found.age) == (ago(40), False, 0, 90)
    words = ("takeaway", "obstacle", '"text"', '"note"', "wins", "challenges", '"title"')
    assert not [word for query in asked for word in words if word in query["sql"]]


def test_a_flag_stays_with_its_day_until_it_is_over(quiet, clock):
    flags.raise_flags([quiet])
    first = Flag.objects.get(rule="A2")
    clock.shift(timedelta(days=2))
    flags.raise_flags([quiet])
    again = Flag.objects.up().get(rule="A2")
    assert (again.pk, again.since, again.facts["days since the last session"]) == (first.pk, first.since, 42)
    session = make.past_session(quiet, days=1)
    session.answer(quiet.mentee, met=True)
    flags.raise_flags([quiet])
    assert not Flag.objects.up().filter(rule="A2").exists() and Flag.objects.get(rule="A2").cleared_at


def test_amber_is_the_pairs_alone_for_three_days_and_red_is_told_at_once(as_, quiet, clock):
    admin, page = make.admin(quiet.program), reverse("program_health", args=[quiet.program_id])
    Flag.objects.create(pair=quiet, rule="A3", level="amber", facts={"in a row": 2})
    shown = reverse("progress", args=[quiet.pk])
    assert "moved again and again" in as_(quiet.mentee).get(shown).content.decode()
    assert "See what could help" in as_(quiet.mentor).get(reverse("pair_detail", args=[quiet.pk])).content.decode()
    assert "moved again and again" not in as_(admin).get(page).content.decode()
    Flag.objects.update(level="red")
    assert "moved again and again" in as_(admin).get(page).content.decode()
    Flag.objects.update(level="amber")
    clock.shift(timedelta(days=3))
    assert "moved again and again" in as_(admin).get(page).content.decode()


def test_nobodys_confidence_is_betrayed(as_, quiet):
    admin = make.admin(quiet.program)
    PairPulse.say(quiet, quiet.mentee, ago(0), worth=2, open=4)
    flags.raise_flags([quiet])
    assert Flag.objects.get(rule="A7").level == "red"
    health = as_(admin).get(reverse("program_health", args=[quiet.program_id])).content.decode()
    assert "It is not going well" in health
    seen = [reverse("progress", args=[quiet.pk]), reverse("what_admins_see", args=[quiet.program_id])]
    assert all("It is not going well" in as_(quiet.mentee).get(url).content.decode() for url in seen)
    assert all("It is not going well" not in as_(quiet.mentor).get(url).content.decode() for url in seen)
    PairPulse.say(quiet, quiet.mentee, ago(0), worth=3, open=4)
    flags.raise_flags([quiet])
    health = as_(admin).get(reverse("program_health", args=[quiet.program_id])).content.decode()
    assert "It is not going well" not in health, "amber stays with the one who said it"


@pytest.mark.parametrize(("days", "said"), [(104, False), (105, True)])
def test_after_three_months_and_two_weeks_without_a_session_an_admin_decides(as_, quiet, days, said):
    Pair.objects.filter(pk=quiet.pk).update(started_on=ago(200))
    quiet.sessions.all().delete()
    make.session(quiet, datetime.combine(ago(days), datetime.min.time()), held_at=timezone.now())
    flags.raise_flags(Pair.objects.filter(pk=quiet.pk))
    html = as_(make.admin(quiet.program)).get(reverse("program_health", args=[quiet.program_id])).content.decode()
    assert ("decide with them whether they go on" in html) is said
    assert not Pair.objects.get(pk=quiet.pk).ended_at, "the machine ends nothing"


def mails_begun(as_, pair) -> dict[str, tuple[list[str], str, str]]:
    """What an admin is offered to write: the button's words, and to whom, subject and text of the draft."""
    html = as_(make.admin(pair.program)).get(reverse("program_health", args=[pair.program_id])).content.decode()
    found = {}
    for link in re.findall(r'href="(mailto:[^"]+)"[^>]*>([^<]+)<', html.split('id="support"')[0]):
        address = urlsplit(unescape(link[0]))
        said = parse_qs(address.query)
        found[link[1]] = (unquote(address.path).split(","), said["subject"][0], said["body"][0])
    return found


def test_a_mail_to_both_is_begun_with_what_the_rules_say_and_a_pause_is_offered_where_it_may_help(as_, quiet):
    Flag.objects.create(pair=quiet, rule="A6", level="amber", since=timezone.now() - timedelta(days=4))
    both = [quiet.mentor.email, quiet.mentee.email]
    begun = mails_begun(as_, quiet)
    assert list(begun) == ["Write to both"] and begun["Write to both"][0] == both
    assert "Sessions end without a commitment" in begun["Write to both"][2]
    Flag.objects.create(pair=quiet, rule="A2", level="red")
    to, _subject, text = mails_begun(as_, quiet)["Offer a pause"]
    assert to == both and reverse("pair_pause", args=[quiet.pk]) in text and "\r\n" in text


def test_what_was_said_in_confidence_is_in_no_mail_to_both(as_, quiet):
    PairPulse.say(quiet, quiet.mentee, ago(0), worth=1, open=4)
    flags.raise_flags([quiet])
    assert {flag.rule for flag in Flag.objects.filter(level="red")} >= {"A2", "A7"}
    begun = mails_begun(as_, quiet)
    assert [to for to, _subject, _text in begun.values()] == [[quiet.mentor.email], [quiet.mentee.email]]
    texts = [
        text.replace(person.first_name, "")
        for (_to, _subject, text), person in zip(begun.values(), quiet.people, strict=True)
    ]
    assert texts[0] == texts[1] and "not going well" not in texts[0], "nobody can tell from it who said so"


def test_what_is_the_pairs_alone_never_reaches_an_admin(as_, quiet):
    for name in ("A5", "A8"):
        Flag.objects.create(pair=quiet, rule=name, level="red", since=timezone.now() - timedelta(days=30))
    html = as_(make.admin(quiet.program)).get(reverse("program_health", args=[quiet.program_id])).content.decode()
    assert "Few commitments" not in html and "Nobody says how" not in html


def test_an_admin_who_is_one_of_the_two_does_not_see_their_own_pair(as_, quiet):
    make.enrollment(quiet.program, quiet.mentor, "admin")
    Flag.objects.create(pair=quiet, rule="A2", level="red")
    assert (
        "A long gap" not in as_(quiet.mentor).get(reverse("program_health", args=[quiet.program_id])).content.decode()
    )
    flag = Flag.objects.get()
    sent = as_(quiet.mentor).post(reverse("flag_snooze", args=[flag.pk]), {"days": "7", "reason": "x"})
    assert sent.status_code == 404


def test_nor_does_the_list_of_mentors_tell_them_that_their_pair_is_red(as_, quiet):
    make.enrollment(quiet.program, quiet.mentee, "admin")
    PairPulse.say(quiet, quiet.mentor, ago(0), worth=1, open=1)
    flags.raise_flags([quiet])
    page = reverse("program_health", args=[quiet.program_id])
    assert "a pair is red" not in as_(quiet.mentee).get(page).content.decode()
    assert "a pair is red" in as_(make.admin(quiet.program)).get(page).content.decode()


def test_a_flag_can_wait_with_a_reason_and_comes_back(as_, quiet, clock):
    flag = Flag.objects.create(pair=quiet, rule="A2", level="red")
    admin, page = make.admin(quiet.program), reverse("program_health", args=[quiet.program_id])
    as_(admin).post(reverse("flag_snooze", args=[flag.pk]), {"days": "7", "reason": " "})
    assert "A long gap" in as_(admin).get(page).content.decode(), "without a reason it does not wait"
    as_(admin).post(reverse("flag_snooze", args=[flag.pk]), {"days": "7", "reason": "On holiday"})
    assert "A long gap" not in as_(admin).get(page).content.decode()
    clock.shift(timedelta(days=7))
    assert "A long gap" in as_(admin).get(page).content.decode()


# --- How is it going? ---


def test_two_questions_are_asked_on_day_thirty_and_the_partner_never_reads_them(as_, pair, sam):
    url = reverse("pair_pulse", args=[pair.pk])
    Pair.objects.filter(pk=pair.pk).update(started_on=ago(29))
    assert "Nothing is asked now" in as_(sam).get(url).content.decode()
    Pair.objects.filter(pk=pair.pk).update(started_on=ago(30))
    assert as_(sam).post(url, {"worth": 4}).status_code == 422
    as_(sam).post(url, {"worth": 4, "open": 5})
    as_(sam).post(url, {"worth": 3, "open": 5})
    assert PairPulse.objects.get().lowest == 3
    assert "checked" not in as_(pair.mentee).get(url).content.decode()


def test_no_figure_of_what_people_said_below_five(quiet):
    program = quiet.program
    pairs = [quiet, *[make.pair(program, make.user(), make.user()) for _ in range(2)]]
    people = [(pair, person) for pair in pairs for person in pair.people]
    for pair, person in people[:5]:
        found = {row.key: row for row in figures.figures(program, MONDAY)}["pulse"]
        assert found.value is None and found.n == 0
        PairPulse.say(pair, person, MONDAY, worth=4, open=5)
    assert {row.key: row for row in figures.figures(program, MONDAY)}["pulse"].value == 4


def test_what_it_was_worth_is_told_from_five_people_on(quiet):
    program = quiet.program
    pairs = [quiet, *[make.pair(program, make.user(), make.user()) for _ in range(2)]]
    people = [(pair, person) for pair in pairs for person in pair.people]
    for n, (pair, person) in enumerate(people[:5], start=1):
        assert figure(program, "worth").value is None
        pair.exit_answers.create(user=person, worth=min(n, 5))
    assert (figure(program, "worth").value, figure(program, "worth").n) == (3, 5)


# --- Figures, worked by hand ---


def figure(program, key: str):
    return {row.key: row for row in figures.figures(program, MONDAY)}[key]


def test_an_empty_program_has_a_page_and_no_division_by_nothing(as_, db):
    program = make.program()
    html = as_(make.admin(program)).get(reverse("program_health", args=[program.pk])).content.decode()
    assert "Nobody needs help" in html and "Match rate" not in html
    page = as_(make.admin(program)).post(reverse("figures_count", args=[program.pk]), follow=True).content.decode()
    assert "Match rate" in page and "of all mentors and mentees" in page
    assert all(row.n == 0 for row in figures.figures(program, MONDAY))


def test_shares_and_medians_worked_by_hand(quiet):
    program = quiet.program
    make.enrollment(program, make.user(), "mentee", invited_at=timezone.now() - timedelta(days=10))
    make.enrollment(program, make.user(), "mentee", invited_at=timezone.now() - timedelta(days=20))
    assert figure(program, "match").value == 50.0, "two of four"
    assert figure(program, "waiting").value == 15
    assert figure(program, "first").value == 50, "began 90 days ago, met 40 days ago"
    assert (figure(program, "no next").value, figure(program, "active").value) == (1, 1)
    session = make.past_session(quiet, days=3)
    SessionAnswer.objects.create(session=session, user=quiet.mentor, met=True)
    Session.objects.filter(pk=session.pk).update(held_at=session.ends_at)
    assert (figure(program, "held").value, figure(program, "held").before) == (1, 1)
    assert (figure(program, "both").value, figure(program, "both").n) == (0, 1)
    row = make.commitment(quiet, due_on=ago(2))
    session.made.create(commitment=row)
    assert figure(program, "made").value == 1.0
    assert (figure(program, "kept").value, figure(program, "kept").n) == (0, 1)


def test_time_to_recovery_is_the_median_of_red_flags(quiet):
    now = timezone.now()
    for days in (2, 4, 9):
        Flag.objects.create(pair=quiet, rule="A2", level="red", since=now - timedelta(days=days), cleared_at=now)
    Flag.objects.create(pair=quiet, rule="A3", level="amber", since=now - timedelta(days=90), cleared_at=now)
    assert (figure(quiet.program, "recovery").value, figure(quiet.program, "recovery").n) == (4, 3)


def test_the_figures_leave_as_a_table_with_their_definitions(as_, quiet):
    text = (
        as_(make.admin(quiet.program))
        .post(reverse("figures_export", args=[quiet.program_id]))
        .content.decode("utf-8-sig")
    )
    assert "Match rate" in text and "of all mentors and mentees" in text


def mentors_of(program, on: date = MONDAY) -> list:
    return Needs(program, make.user(), on).mentors


def test_mentors_are_contacted_on_day_14_day_30_and_then_every_six_weeks(quiet):
    program, mentor = quiet.program, quiet.mentor

    def due(started: int, *contacts: int) -> bool:
        Pair.objects.filter(pk=quiet.pk).update(started_on=ago(started))
        MentorContact.objects.all().delete()
        for days in contacts:
            MentorContact.objects.create(program=program, mentor=mentor, at=timezone.now() - timedelta(days=days))
        return bool(mentors_of(program))

    assert [due(13), due(14), due(29, 15), due(30, 15), due(80, 66, 50, 41), due(80, 66, 50, 42)] == [
        *(False, True, False),
        *(True, False, True),
    ]
    Flag.objects.create(pair=quiet, rule="A2", level="red")
    assert due(80, 66, 50, 20), "sooner when a pair is red"


def test_unconfirmed_moved_and_carried_by_hand(quiet):
    program = quiet.program
    for day in (1, 2, 3):  # three past sessions: one held, one that nobody spoke of, one called off
        make.session(quiet, datetime(2026, 12, day, 10))
    held, _silent, off = quiet.sessions.filter(starts_at__gte=datetime(2026, 12, 1, tzinfo=UTC)).order_by("starts_at")
    Session.objects.filter(pk=held.pk).update(held_at=held.starts_at, closed_at=held.starts_at)
    Session.objects.filter(pk=off.pk).update(canceled_at=off.starts_at)
    before = figure(program, "unconfirmed")
    assert (before.value, before.n) == (1, 2)
    kept, moved = (make.commitment(quiet, due_on=ago(3)) for _n in range(2))
    kept.complete(quiet.mentee, kept.version)
    moved.renegotiate(quiet.mentee, moved.version, ago(1))
    share = figure(program, "moved")
    assert (share.value, share.n) == (50, 2)
    often, once = make.topic(quiet), make.topic(quiet)
    for item, times in ((often, 3), (once, 1)):
        for _n in range(times):
            ItemOutcome.objects.create(session=make.session(quiet), item=item, outcome="carried", title=item.title)
    carried = figure(program, "carried")
    assert (carried.value, carried.n) == (1, 2)


def test_the_answer_rate_is_of_the_newest_round_and_told_from_five_people_on(quiet):
    program = quiet.program  # asked on days 30 and 90, which is today
    PairPulse.say(quiet, quiet.mentee, MONDAY, worth=4, open=4)
    PairPulse.say(quiet, quiet.mentor, ago(60), worth=4, open=4)
    assert (figure(program, "answers").value, figure(program, "answers").n) == (None, 2)
    for _n in range(2):
        make.pair(program, make.user(), make.user(), started_on=ago(40))
    assert (figure(program, "answers").value, figure(program, "answers").n) == (16.7, 6)


def test_each_figure_stands_beside_its_value_of_28_days_before(quiet):
    program = quiet.program
    for days, expected in ((28, None), (0, 1)):
        snapshot = figures.count(program, ago(days))
        now = {row.key: row for row in figures.kept_figures(snapshot)}["active"]
        assert (now.value, now.before) == (1, expected)
    figures.count(program, ago(-40))
    assert {row.key: row for row in figures.kept_figures(program.snapshots.first())}["active"].before is None, "too old"


def loaded(program, name="Zoe Abara", pairs=2, capacity=3):
    """A mentor with so many pairs."""
    mentor = make.user(name)
    make.enrollment(program, mentor, "mentor", capacity=capacity)
    return mentor, [make.pair(program, mentor, make.user(), started_on=ago(40)) for _n in range(pairs)]


def test_a13_too_many_mentees_or_two_red_pairs(as_, quiet):
    program = quiet.program
    MentorContact.objects.create(program=program, mentor=quiet.mentor, at=timezone.now() - timedelta(days=1))
    mentor, pairs = loaded(program, pairs=3, capacity=2)
    one = next(one for one in mentors_of(program) if one.mentor_id == mentor.pk)
    assert (one.level, one.mentees, one.capacity, one.red) == ("amber", 3, 2, 0)
    for pair in pairs[:2]:
        Flag.objects.create(pair=pair, rule="A2", level="red")
    first = mentors_of(program)[0]
    assert (first.mentor_id, first.level, first.red) == (mentor.pk, "red", 2)
    page = as_(make.admin(program)).get(reverse("program_health", args=[program.pk])).content.decode()
    assert "3 mentees, room for 2" in page and "2 pairs are red" in page


def test_a13_rests_for_a_week_after_a_contact(quiet):
    mentor, pairs = loaded(quiet.program)
    for days in (40, 20, 3):
        MentorContact.objects.create(program=quiet.program, mentor=mentor, at=timezone.now() - timedelta(days=days))
    for pair in pairs:
        Flag.objects.create(pair=pair, rule="A2", level="red")

    def asked(on) -> bool:
        return mentor.pk in [one.mentor_id for one in mentors_of(quiet.program, on)]

    assert (asked(MONDAY), asked(MONDAY + timedelta(days=5))) == (False, True)


def test_a13_is_told_to_the_mentor_but_never_by_what_a_mentee_said(as_, quiet):
    mentor, pairs = loaded(quiet.program)

    def page() -> str:
        return as_(mentor).get("/").content.decode()

    assert "room for" not in page() and "need help" not in page()
    for pair in pairs:
        PairPulse.say(pair, pair.mentee, ago(10), worth=1, open=1)
        flags.raise_flags([pair])
    assert Flag.objects.filter(rule="A7", level="red").count() == 2
    Flag.objects.exclude(rule="A7").delete()
    assert "need help" not in page()
    for pair in pairs:
        Flag.objects.create(pair=pair, rule="A3", level="red")
    assert "2 of your pairs need help" in page()
    quiet.program.enrollments.filter(user=mentor).update(capacity=1)
    assert "You mentor 2 people" in page()


def test_a13_stands_on_the_page_of_what_the_admin_sees_without_the_red_pairs(as_, quiet):
    mentor, pairs = loaded(quiet.program, pairs=3, capacity=2)
    for pair in pairs:
        PairPulse.say(pair, pair.mentee, ago(10), worth=1, open=1)
    flags.raise_flags(pairs)
    page = as_(mentor).get(reverse("what_admins_see", args=[quiet.program_id])).content.decode()
    assert "3 mentees, room for 2" in page
    assert "red" not in page.partition("<main")[2].partition("</main>")[0].replace("agreed", "")


def test_a_wish_to_talk_is_no_flag(quiet):
    TalkRequest.ask(quiet.mentee, quiet.program)
    flags.raise_flags([quiet])
    assert not Flag.objects.filter(rule="A7").exists()
