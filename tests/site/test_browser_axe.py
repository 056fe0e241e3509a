"""Tests every page in a browser: axe finds nothing, no page scrolls sideways, and the console shows no errors.

The pages come from the table of access.py, so that new pages are included. The states of a page: tests/axe.py.
"""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.urls import reverse

from accounts.models import OutboxMail, User
from demo.scenario import create_demo
from mentoring.models import Pair
from sessions.models import Session
from tests import everything, make
from tests.access import ANYONE, MEMBERS, PAIR, TABLE, World
from tests.axe import ONE_STATE
from tests.walks import rows_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NO_PAGE = {
    "session_live": "pieces of the room, for its poll",
    "wrap_up_live": "pieces of the wrap-up page, for its poll",
    "session_current_block": "what the timer asks for",
    "healthz": "what a monitor reads",
    "livez": "what a container manager reads",
    "metrics": "what a monitor reads",
    "security_txt": "what a person who found a vulnerability reads",
    "api_schema": "what programs read",
    "single_sign_on_callback": "what a provider leads to; its own test looks at the page",
    "single_sign_on_metadata": "what a provider reads",
    "web_manifest": "what browsers read to install the app",
    "session_calendar": "a file for calendar programs",
    "calendar_feed": "what calendar programs read",
    "plan_export": "a text file",
    "import_errors": "a table",
    "import_lines": "a table",
    "practice_export": "a text file to keep",
    "practice_journal_export": "a text file to keep",
    "entry_one_pager": "a file to print",
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
ACTORS = ("mentee", "mentor", "admin", "anonymous")


def urls_for(world: World, actor: str) -> list[str]:
    """Return the pages of the table that this actor is the first to see."""
    if actor == "anonymous":
        mine = [name for name, row in TABLE.items() if row.get == ANYONE]
    elif actor == "admin":
        mine = [name for name, row in TABLE.items() if row.get and "admin" in row.get and row.get != MEMBERS]
    else:
        mine = [name for name in rows_of(actor) if actor in TABLE[name].get]
    return [reverse(name, args=world.arguments(TABLE[name])) for name in mine if name not in NO_PAGE]


@pytest.mark.walk
@pytest.mark.parametrize("actor", ACTORS)
def test_every_page_of_the_table_is_accessible(look_at, actor):
    world = everything.build()
    look_at(world.actors[actor], urls_for(world, actor))


def test_every_page_is_checked_as_some_actor():
    """A page that none of these four actors sees needs its own test."""
    unseen = {name for name, row in TABLE.items() if row.get and not row.get & (PAIR | {"admin", "anyone"})}
    assert unseen <= set(NO_PAGE)


@pytest.mark.walk
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
        look_at(person, urls, ONE_STATE)


@pytest.mark.release
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


@pytest.mark.walk
def test_results_news_and_the_month_are_accessible(look_at):
    world = everything.build()
    User.objects.update(news_seen="")
    for actor in ("mentee", "admin"):
        look_at(world.actors[actor], ["/", "/search/?q=a", "/search/?q=xylophone", "/sessions/?view=month"])


@pytest.mark.walk
def test_the_style_guide_is_accessible(look_at, settings):
    settings.DEBUG = True
    look_at(None, ["/styleguide/"])


@pytest.mark.walk
def test_sign_in_pages_are_accessible(look_at):
    look_at(None, ["/start/", "/start/program/"])
    make.installation(demo=True)
    mail = OutboxMail.objects.create(
        recipients="ada@example.org", subject="x" * 120, text="https://example.org/" + "y" * 200
    )
    look_at(None, ["/demo/", "/outbox/", f"/outbox/{mail.pk}/", "/no/such/page/", *map(reverse, DOORS)])
    look_at(make.user("Ada Lind", password="a long pass phrase"), [*map(reverse, OWN), "/no/such/page/"])


@pytest.mark.walk
def test_pages_of_the_second_factor_are_accessible(look_at, settings):
    settings.ADMIN_SECOND_FACTOR = True
    admin = make.admin(make.program())
    look_at(admin, ["/accounts/second-factor/required/", "/accounts/second-factor/app/"])
    person = make.user("Ada Lind", password="a long pass phrase")
    TOTP.activate(person, "A" * 32), RecoveryCodes.activate(person)
    credential = {"id": "YQ", "clientExtensionResults": {"credProps": {"rk": True}}}
    key = Authenticator.objects.create(user=person, type="webauthn", data={"name": "x" * 60, "credential": credential})
    of_key = [reverse(name, args=[key.pk]) for name in ("mfa_edit_webauthn", "mfa_remove_webauthn")]
    names = ("mfa_index", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_reauthenticate")
    look_at(person, [*map(reverse, names), *of_key])
