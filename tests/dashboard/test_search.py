"""Tests the search: what is found, in which words, and what nobody else finds."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dashboard.search import read_places, read_search
from goals.models import Goal
from sessions.models import Block
from tests import everything, make


def found(user, asked: str, key: str = "") -> list[str]:
    """Return the titles of what this person finds, or only those of one kind."""
    groups = read_search(user, asked, 20)
    return [hit.title for group in groups if key in ("", group.key) for hit in group.hits]


def test_a_partner_is_found_without_accents_and_case(pair, sam):
    make.pair(pair.program, sam, make.user("Zoë Ångström"))
    assert found(sam, "zoe ANG", "people") == ["Zoë Ångström"]


def test_an_ended_pair_is_still_found(pair, sam, ada):
    make.commitment(pair, text="Send the draft")
    pair.end()
    assert found(ada, "sam", "people") == [str(sam)] and found(ada, "draft", "commitments") == ["Send the draft"]


def test_content_is_found_by_each_of_its_words(pair, ada):
    make.topic(pair, title="The board presentation")
    make.goal(pair, title="Présenter sans notes")
    make.commitment(pair, text="Practice the presentation")
    assert found(ada, "presentation BOARD", "items") == ["The board presentation"]
    assert found(ada, "presenter", "goals") == ["Présenter sans notes"]
    assert found(ada, "presentation", "commitments") == ["Practice the presentation"]
    assert found(ada, "presentation xyz") == []


def test_a_session_is_found_by_its_notes_and_partner(pair, ada):
    session = make.session(pair)
    Block.objects.filter(session=session).update(note="First line\nWe spoke about Éclairs for a while")
    (group,) = read_search(ada, "eclairs", 5)
    assert group.key == "sessions" and "We spoke about Éclairs for a while" in group.hits[0].facts
    assert len(found(ada, pair.mentor.name, "sessions")) == 1


def test_an_excerpt_begins_with_a_whole_word(pair, ada):
    make.goal(pair, why="before " * 20 + "the xylophone" + " after" * 20)
    (fact,) = [fact for fact in read_search(ada, "xylophone", 5)[0].hits[0].facts if "xylophone" in fact]
    assert fact.startswith("…before before") and len(fact) < 130
    make.goal(pair, title="Short", why="a vibraphone")
    assert read_search(ada, "vibraphone", 5)[0].hits[0].facts[-1] == "a vibraphone"


def test_a_goal_is_found_by_a_milestone(pair, ada):
    goal = make.goal(pair)
    make.milestone(pair, goal=goal, title="Chair the retrospective")
    assert found(ada, "retrospective", "goals") == [goal.title]


def test_nobody_else_finds_what_a_pair_wrote(pair, other_world):
    for stranger in other_world:
        assert found(stranger, "xylophone") == []


@pytest.fixture
def other_world(pair):
    """The word in every text of the pair; return people who are not of the pair."""
    everything.more_rows(pair)
    session = make.session(pair)
    make.topic(pair, title="xylophone", obstacle="xylophone")
    make.goal(pair, title="xylophone")
    make.commitment(pair, text="xylophone")
    Block.objects.filter(session=session).update(note="xylophone")
    assert len(found(pair.mentee, "xylophone")) == 4
    other = make.pair(pair.program)
    return make.admin(pair.program), other.mentor, other.mentee, make.user("Root", is_superuser=True)


def test_an_admin_finds_people_and_pairs_by_name(pair, ada):
    admin, elsewhere = make.admin(pair.program), make.admin(make.program("Elsewhere"))
    assert found(admin, ada.name, "program-people") == [ada.name]
    assert found(admin, ada.name, "program-pairs") == [f"{pair.mentor} and {pair.mentee}"]
    assert found(elsewhere, ada.name) == []


def test_results_lead_to_pages_with_what_they_name(as_, pair, ada):
    make.topic(pair, title="A draft for the board")
    make.goal(pair, title="A draft in a day")
    make.commitment(pair, text="Send the draft")
    make.session(pair)
    for person in (ada, make.admin(pair.program)):
        client = as_(person)
        for asked in ("draft", pair.mentor.name, ada.name):
            for group in read_search(person, asked, 5):
                for hit in group.hits:
                    url, _at, anchor = hit.url.partition("#")
                    page = client.get(url).content.decode()
                    name = hit.title if group.key != "sessions" else pair.mentor.first_name
                    assert all(word in page for word in name.split(" and ")), hit
                    assert not anchor or f'id="{anchor}"' in page, hit


def test_an_admin_finds_people_by_the_name_shown_to_them(pair):
    known = make.user("Known Elsewhere")
    make.enrollment(pair.program, known, "mentee", name="Nia Cole", accepted_at=None)
    admin = make.admin(pair.program)
    assert found(admin, "nia", "program-people") == ["Nia Cole"] and found(admin, "known") == []


def test_a_pair_that_is_not_accepted_is_not_searched(pair, sam):
    pair = make.pair(pair.program, sam, make.user("Zoe Lane"))
    type(pair).objects.filter(pk=pair.pk).update(mentor_joined=False)
    Goal.objects.create(pair=pair, title="xylophone")
    assert found(sam, "zoe") == found(sam, "xylophone") == []


def test_many_results_are_counted_and_cut(pair, ada):
    for n in range(7):
        make.commitment(pair, text=f"Draft {n}")
    (group,) = read_search(ada, "draft", 5)
    assert (len(group.hits), group.count, group.has_more) == (5, 7, True)


def test_nothing_typed_asks_the_database_nothing(pair, ada):
    with CaptureQueriesContext(connection) as seen:
        assert read_search(ada, "", 5) == [] and read_search(ada, "´", 5) == []
    assert len(seen) == 0


def test_pages_come_first_and_each_has_its_own(pair, ada):
    assert found(ada, "commitments")[0] == "Commitments"
    assert "Matching" not in found(ada, "matching") and "Matching" in found(make.admin(pair.program), "matching")
    places = [hit.title for group in read_places(ada) for hit in group.hits]
    assert places[:4] == ["Home", "Sessions", "Commitments", str(pair.mentor)]


def test_the_page_shows_the_results_or_that_there_are_none(as_, pair, ada):
    make.commitment(pair, text="Send the draft")
    client = as_(ada)
    assert "1 result for “draft”" in (page := client.get("/search/?q=draft").content.decode())
    assert "Send the draft" in page and "No results" not in page
    assert "No results for “xylophone”" in client.get("/search/?q=xylophone").content.decode()
    assert "result" not in client.get("/search/").content.decode().split("<main")[1]


def test_htmx_gets_the_dialog_and_then_only_results(as_, pair, ada):
    client, htmx = as_(ada), {"HX-Request": "true"}
    dialog = client.get("/search/", headers=htmx).content.decode()
    assert dialog.count("<dialog") == 2 and 'role="combobox"' in dialog and "<html" not in dialog
    results = client.get("/search/?q=sess", headers=htmx | {"HX-Target": "palette-results"}).content.decode()
    assert 'role="option"' in results and "<dialog" not in results and 'href="/search/?q=sess"' in results


def test_the_search_is_in_the_top_bar_and_not_for_strangers(as_, client, pair, ada):
    assert 'href="/search/"' in as_(ada).get("/commitments/").content.decode()
    assert "/search/" not in client.get("/accounts/login/").content.decode()
