"""Tests editing the agendas of a program, and the agenda of one session."""

import pytest

from sessions.agendas import ensure_templates
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return make.program()


@pytest.fixture
def client(as_, program):
    return as_(make.admin(program))


@pytest.fixture
def template(program):
    ensure_templates(program)
    return program.agenda_templates.get(kind="checkin")


def form(client, template, **more) -> dict:
    return {"name": template.name} | filled_in(client, f"/agenda-templates/{template.pk}/") | more


def filled_in(client, url: str) -> dict:
    """Return the data that a browser would send from the unchanged page."""
    shown = client.get(url).context["form"]
    data = {"mark": shown.mark, "row": [row.prefix for row in shown.rows], "press": "save"}
    for row in shown.rows:
        data |= {f"{row.prefix}-{name}": row[name].value() or "" for name in row.fields}
    return data


def titles(template) -> list[str]:
    return [block.title for block in template.blocks.order_by("position")]


def test_reading_the_list_creates_no_templates(client, program):
    page = client.get(f"/programs/{program.pk}/agenda-templates/").content.decode()
    assert "Open 15 · Work 38 · Close 7" in page and not program.agenda_templates.exists()
    for _press in range(2):
        client.post(f"/programs/{program.pk}/agenda-templates/")
    assert program.agenda_templates.count() == 7


def test_the_list_marks_templates_that_are_too_long(client, program, template):
    template.blocks.filter(position=0).update(minutes=10)
    assert "6 min too long" in client.get(f"/programs/{program.pk}/agenda-templates/").content.decode()


def test_names_minutes_and_questions_are_saved(client, template):
    data = form(client, template, **{"name": "Short one", "b0-minutes": "6", "b0-question": "What is new?"})
    assert client.post(f"/agenda-templates/{template.pk}/", data).status_code == 302
    template.refresh_from_db()
    first = template.blocks.first()
    assert (template.name, first.minutes, first.question) == ("Short one", 6, "What is new?")


@pytest.mark.parametrize(
    ("press", "order"), [("up-b1", [1, 0, 2, 3]), ("down-b1", [0, 2, 1, 3]), ("remove-b1", [0, 2, 3])]
)
def test_sorting_is_stored_only_when_saved(client, template, press, order):
    before = titles(template)
    renamed = form(client, template, press=press, **{"b0-title": "Renamed"})
    answer = client.post(f"/agenda-templates/{template.pk}/", renamed)
    assert answer.status_code == 200 and titles(template) == before
    rows = answer.context["form"].rows
    assert [row.prefix for row in rows] == [f"b{n}" for n in order]
    assert "Renamed" in answer.content.decode()
    data = form(client, template, row=[row.prefix for row in rows])
    client.post(f"/agenda-templates/{template.pk}/", data)
    assert titles(template) == [before[n] for n in order]


def test_a_block_can_be_added(client, template):
    page = client.post(f"/agenda-templates/{template.pk}/", form(client, template, press="add"))
    assert [row.prefix for row in page.context["form"].rows][-1] == "b4"
    data = form(client, template)
    data["row"] = [*data["row"], "b4"]
    data |= {"b4-title": "Breathe", "b4-type": "reflect", "b4-role": "notes", "b4-minutes": "1", "b4-question": ""}
    client.post(f"/agenda-templates/{template.pk}/", data)
    assert titles(template)[-1] == "Breathe"


def test_minutes_over_the_limit_are_shown(client, template):
    page = client.post(f"/agenda-templates/{template.pk}/", form(client, template, press="sum", **{"b0-minutes": "9"}))
    assert "20 of 15 minutes" in page.content.decode() and "5 minutes too long" in page.content.decode()


@pytest.mark.parametrize(
    "broken", [{"row": []}, {"b0-minutes": "0"}, {"b0-title": ""}, {"b0-type": "dance"}, {"name": ""}]
)
def test_an_invalid_agenda_is_refused(client, template, broken):
    before = titles(template)
    assert client.post(f"/agenda-templates/{template.pk}/", form(client, template, **broken)).status_code == 422
    assert titles(template) == before


def test_simultaneous_edits_by_two_admins_are_reported(client, template):
    stale = form(client, template, **{"b0-title": "Mine"})
    client.post(f"/agenda-templates/{template.pk}/", form(client, template, **{"b0-title": "Theirs"}))
    answer = client.post(f"/agenda-templates/{template.pk}/", stale)
    assert answer.status_code == 409 and "Mine" in answer.content.decode() and titles(template)[0] == "Theirs"


def test_other_admins_and_mentors_get_404(as_, pair, sam):
    ensure_templates(pair.program)
    template = pair.program.agenda_templates.first()
    for person in (sam, make.admin(make.program("Another"))):
        assert as_(person).get(f"/agenda-templates/{template.pk}/").status_code == 404
        assert as_(person).post(f"/programs/{pair.program.pk}/agenda-templates/").status_code == 404


# --- The agenda of one session ----------------------------------------------------------------------------


@pytest.fixture
def session(pair):
    return make.session(pair, kind="checkin", minutes=15)


def test_reordering_the_agenda_keeps_notes_with_their_blocks(as_, sam, ada, session):
    session.blocks.filter(position=2).update(note="Think of Lin")
    url = f"/sessions/{session.pk}/agenda/"
    data = filled_in(as_(ada), url)
    data |= {"row": ["b2", "b0", "b3", "b9"], "press": "save", "b2-title": "Lin"}
    data |= {"b9-title": "Breathe", "b9-type": "reflect", "b9-role": "notes", "b9-minutes": "3", "b9-question": ""}
    assert as_(ada).post(url, data).status_code == 302
    assert titles(session) == ["Lin", "Status update", "Confirm", "Breathe"]
    assert session.blocks.get(position=0).note == "Think of Lin"
    assert "13 of 15 min" in as_(sam).get(f"/sessions/{session.pk}/prepare/").content.decode()


def test_a_block_with_notes_is_not_removed(as_, ada, session):
    session.blocks.filter(position=2).update(note="Think of Lin")
    url = f"/sessions/{session.pk}/agenda/"
    data = filled_in(as_(ada), url) | {"row": ["b0", "b1"], "press": "save"}
    answer = as_(ada).post(url, data)
    assert answer.status_code == 422 and "has notes, so it cannot be removed" in answer.content.decode()
    assert session.blocks.count() == 4


def test_a_block_of_another_session_is_refused(as_, pair, ada, session):
    other = make.session(pair).blocks.first()
    url = f"/sessions/{session.pk}/agenda/"
    data = filled_in(as_(ada), url) | {"press": "save", "b0-stored": other.pk}
    as_(ada).post(url, data)
    other.refresh_from_db()
    assert other.session_id != session.pk and other.position == 0


def test_simultaneous_edits_of_an_agenda_are_reported(as_, sam, ada, session):
    url = f"/sessions/{session.pk}/agenda/"
    stale = filled_in(as_(sam), url) | {"press": "save", "b0-title": "Sam's"}
    as_(ada).post(url, filled_in(as_(ada), url) | {"press": "save", "b0-title": "Ada's"})
    assert as_(sam).post(url, stale).status_code == 409
    assert titles(session)[0] == "Ada's"


def test_the_agenda_of_a_running_session_is_fixed(as_, ada, session):
    session.started_at = session.starts_at
    session.save()
    assert as_(ada).get(f"/sessions/{session.pk}/agenda/").status_code == 404


def test_a_huge_number_of_minutes_is_refused(client, template):
    data = form(client, template, **{"b0-minutes": "9" * 5000})
    assert client.post(f"/agenda-templates/{template.pk}/", data | {"press": "sum"}).status_code == 200
    assert client.post(f"/agenda-templates/{template.pk}/", data).status_code == 422
