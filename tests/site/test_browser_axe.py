"""Tests every page in a browser: axe finds nothing, no page scrolls sideways, and the console shows no errors.

The pages come from the table of access.py, so that new pages are included. The usual run checks each page in two
states, light and narrow, and dark and wide; a release checks all four.
"""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.test import Client
from django.urls import reverse
from hypothesis import settings

from accounts.models import OutboxMail, User
from demo.scenario import create_demo
from mentoring.models import Pair
from sessions.models import Session
from tests import everything, make
from tests.access import ANYONE, MEMBERS, PAIR, TABLE, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NO_PAGE = {
    "session_live": "pieces of the room, for its poll",
    "wrap_up_live": "pieces of the wrap-up page, for its poll",
    "session_current_block": "what the timer asks for",
    "healthz": "what a monitor reads",
    "livez": "what a container manager reads",
    "metrics": "what a monitor reads",
    "web_manifest": "what browsers read to install the app",
    "session_calendar": "a file for calendar programs",
    "calendar_feed": "what calendar programs read",
    "plan_export": "a text file",
    "import_errors": "a table",
    "import_lines": "a table",
    "growth_record_download": "a file to keep; test_growth_record.py looks into it",
    "demo_people": "in the walk of the doors",
    "outbox_list": "in the walk of the doors",
    "outbox_detail": "in the walk of the doors",
    "styleguide": "only in development; has its own test",
    "start": "leads home here; in the walk of the doors",
    "start_program": "leads home here; in the walk of the doors",
}
DOORS = ("account_login", "account_signup", "account_request_login_code", "account_reset_password")
OWN = ("account_email", "account_change_password", "account_set_password", "account_logout", "account_reauthenticate")
ALL_STATES = [("light", 320), ("dark", 1280), ("dark", 320), ("light", 1280)]
IN_A_RELEASE = settings.get_current_profile_name() == "release"
STATES = ALL_STATES if IN_A_RELEASE else ALL_STATES[:2]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLORS = {"type": "rule", "values": ["color-contrast"]}
WATCH = """
    window.refused = [];
    document.addEventListener("securitypolicyviolation", event =>
        refused.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
# For axe the content of closed details is hidden, but the agenda is shown on wide screens (::details-content).
LOOK = """async rules => {
    const found = await axe.run(document, {runOnly: rules, resultTypes: ["violations"]});
    const shown = rule => rule.nodes.every(node => node.html.includes("room-agenda"));
    const wrong = found.violations.filter(rule => rule.id !== "scrollable-region-focusable" || !shown(rule));
    const describe = node => `${node.html.slice(0, 160)} ${node.any[0]?.message ?? ""}`;
    const wide = document.documentElement.scrollWidth > innerWidth;
    const all = [...document.querySelectorAll("main *")];
    const past = all.filter(one => one.getBoundingClientRect().right > innerWidth + 1);
    return [
        ...wrong.map(rule => `${rule.id}: ${rule.nodes.slice(0, 3).map(describe).join(" | ")}`),
        ...window.refused.map(what => `refused by the policy: ${what}`),
        ...(wide ? [`scrolls sideways: ${past.slice(0, 2).map(one => one.outerHTML.slice(0, 160))}`] : []),
        ...(document.querySelectorAll("h1").length === 1 ? [] : ["not one h1"]),
        ...(document.title.endsWith("Throughline") ? [] : [`title ${document.title}`]),
    ];
}"""


def id_of(state: tuple) -> str:
    return f"{state[0]}-{state[1]}"


def mostly(state: tuple):
    """Run in this state, in which problems show first, and in a release in all states."""
    return pytest.mark.parametrize("look_at", ALL_STATES if IN_A_RELEASE else [state], indirect=True, ids=id_of)


@pytest.fixture(params=STATES, ids=id_of)
def look_at(request, browser, live_server):
    """look_at(user, urls) opens the pages as that person and collects problems."""
    scheme, width = request.param
    context = browser.new_context(
        base_url=live_server.url,
        color_scheme=scheme,
        reduced_motion="reduce",
        viewport={"width": width, "height": 800},
    )
    context.add_init_script(WATCH)
    context.add_init_script(AXE_SCRIPT)
    page, wrong = context.new_page(), []
    page.on(
        "console",
        lambda message: (
            message.type == "error"
            and "404 (Not" not in message.text
            and wrong.append(f"{page.url} console: {message.text}")
        ),
    )
    page.on("pageerror", lambda error: wrong.append(f"{page.url} script: {error}"))
    page.on(
        "request",
        lambda sent: sent.url.startswith(live_server.url) or wrong.append(f"{page.url} asks elsewhere: {sent.url}"),
    )

    def walk(user, urls: list[str], rules=RULES) -> None:
        context.clear_cookies()
        if user:
            inside = Client()
            inside.force_login(user)
            cookie = inside.cookies["session"].value
            context.add_cookies([{"name": "session", "value": cookie, "url": live_server.url}])
        for url in urls:
            page.goto(url, wait_until="load")
            wrong.extend(f"{url} by {user}: {what}" for what in page.evaluate(LOOK, rules))

    walk.state = request.param
    yield walk
    context.close()
    assert not wrong, "\n" + "\n".join(wrong)


def urls_for(world: World, actor: str) -> list[str]:
    """Return the pages of the table that this actor is the first to see."""
    if actor == "anonymous":
        mine = [name for name, row in TABLE.items() if row.get == ANYONE]
    elif actor == "admin":
        mine = [name for name, row in TABLE.items() if row.get and "admin" in row.get and row.get != MEMBERS]
    else:
        mine = [name for name, row in TABLE.items() if row.get and actor in row.get]
        if actor == "mentor":
            mine = [name for name in mine if name in DIFFERENT_FOR_THE_MENTOR]
    return [reverse(name, args=world.arguments(TABLE[name])) for name in mine if name not in NO_PAGE]


DIFFERENT_FOR_THE_MENTOR = ("home", "pair_detail", "session_prepare", "session_detail", "session_recap")


def test_every_page_of_the_table_is_accessible(look_at):
    """In the usual run the second state differs only in colors and width."""
    world, rules = everything.build(), RULES if IN_A_RELEASE or look_at.state == STATES[0] else COLORS
    for actor in ("mentee", "mentor", "admin", "anonymous"):
        look_at(world.actors[actor], urls_for(world, actor), rules)


def test_every_page_is_checked_as_some_actor():
    """A page that none of these four actors sees needs its own test."""
    unseen = {name for name, row in TABLE.items() if row.get and not row.get & (PAIR | {"admin", "anyone"})}
    assert unseen <= set(NO_PAGE)


@mostly(("light", 320))
@pytest.mark.parametrize("full", [True, False], ids=["overfull", "empty"])
def test_empty_and_overfull_pages_are_accessible(look_at, full):
    pair = everything.overfull_pair() if full else make.pair()
    for person in (pair.mentee, pair.mentor):
        session = pair.sessions.order_by("pk").first() or make.running_session(pair)
        urls = ["/", f"/pairs/{pair.pk}/", "/commitments/", "/sessions/"]
        urls += [f"/sessions/{session.pk}/{part}" for part in ("", "prepare/", "wrap-up/")]
        if recapped := Session.objects.filter(pair=pair, closed_at__isnull=False).first():
            urls += [f"/sessions/{recapped.pk}/recap/"]
        if person == pair.mentee:
            urls += [f"/pairs/{pair.pk}/{part}/" for part in ("progress", "goals", "outcomes", "record")]
        look_at(person, urls)


@pytest.mark.release
@mostly(("dark", 1280))
def test_pages_of_a_typical_program_are_accessible(look_at):
    create_demo()
    pair = Pair.objects.get(mentor__name="Sam Okafor", mentee__name="Ada Lind")
    coming = Session.objects.filter(pair=pair).live().order_by("starts_at").first()
    recapped = Session.objects.filter(pair=pair).held().order_by("-starts_at").first()
    urls = ["/", f"/pairs/{pair.pk}/", "/commitments/", "/sessions/", "/outbox/", "/demo/"]
    urls += [f"/sessions/{coming.pk}/", f"/sessions/{coming.pk}/prepare/", f"/sessions/{recapped.pk}/recap/"]
    for person in (pair.mentee, pair.mentor):
        look_at(person, urls)
    admin = User.objects.filter(enrollments__role="admin").first()
    look_at(admin, [f"/programs/{pair.program_id}/", "/programs/"])


def test_results_news_and_the_month_are_accessible(look_at):
    world = everything.build()
    User.objects.update(news_seen="")
    for actor in ("mentee", "admin"):
        look_at(world.actors[actor], ["/", "/search/?q=a", "/search/?q=xylophone", "/sessions/?view=month"])


def test_the_style_guide_is_accessible(look_at, settings):
    settings.DEBUG = True
    look_at(None, ["/styleguide/"])


def test_sign_in_pages_are_accessible(look_at):
    look_at(None, ["/start/", "/start/program/"])
    make.installation(demo=True)
    mail = OutboxMail.objects.create(
        recipients="ada@example.org", subject="x" * 120, text="https://example.org/" + "y" * 200
    )
    look_at(None, ["/demo/", "/outbox/", f"/outbox/{mail.pk}/", "/no/such/page/", *map(reverse, DOORS)])
    look_at(make.user("Ada Lind", password="a long pass phrase"), [*map(reverse, OWN), "/no/such/page/"])
