"""Writing one piece of text: how it is saved, refused, and shown."""

import pytest
from django.template import RequestContext, Template
from django.test import RequestFactory
from django.urls import reverse

from core.optimistic_locking import fingerprint
from mentoring.models import Pair
from sessions.models import AgendaItem, Block, Feedback, Session, StatusUpdate, TextVersion
from sessions.texts import piece_for, piece_of
from tests import make

HTMX = {"HX-Request": "true"}


@pytest.fixture
def session(pair):
    return make.session(pair)


@pytest.fixture
def block(session):
    return make.block(session)


def url(what: str) -> str:
    return reverse("text_edit", args=[what])


def save(client, what: str, text: str, before: str = "", **more):
    return client.post(url(what), {"text": text, "started_from": fingerprint(before), **more}, headers=HTMX)


@pytest.mark.parametrize(
    "what",
    ["block-{block}-note", "item-{item}-obstacle", "item-{item}-ideas", "feedback-{feedback}-happened"],
)
def test_either_of_the_two_writes_shared_text(as_, pair, block, what):
    feedback = Feedback.objects.create(pair=pair, created_by=pair.mentee)
    what = what.format(block=block.pk, item=make.topic(pair).pk, feedback=feedback.pk)
    assert save(as_(pair.mentor), what, "From Sam").status_code == 200
    assert save(as_(pair.mentee), what, "From Ada", before="From Sam").status_code == 200
    assert piece_for(pair.mentor, what).text == "From Ada"


def test_a_save_says_when_and_what_stands_now(as_, ada, block):
    answer = save(as_(ada), f"block-{block.pk}-note", "Two risks to name")
    page = answer.content.decode()
    assert "Saved " in page
    assert f'data-fingerprint="{fingerprint("Two risks to name")}"' in page
    assert "Two risks to name" in page


def test_a_save_tells_the_live_page(as_, ada, pair, block):
    before = Pair.objects.get(pk=pair.pk).revision
    save(as_(ada), f"block-{block.pk}-note", "New")
    assert Pair.objects.get(pk=pair.pk).revision == before + 1


def test_saving_the_same_text_again_changes_nothing(as_, ada, pair, block):
    what = f"block-{block.pk}-note"
    save(as_(ada), what, "Once")
    before = Pair.objects.get(pk=pair.pk).revision
    assert save(as_(ada), what, "Once").status_code == 200  # the answer to the first save was lost on its way
    assert Pair.objects.get(pk=pair.pk).revision == before
    assert TextVersion.objects.count() == 1


@pytest.mark.parametrize("length, status", [(20_000, 200), (20_001, 422)])
def test_twenty_thousand_characters_are_the_most(as_, ada, block, length, status):
    text = "a\r\n" + "ü" * (length - 2)  # a line end counts once
    answer = save(as_(ada), f"block-{block.pk}-note", text)
    assert answer.status_code == status
    if status == 422:
        assert "20001" in answer.content.decode().replace(",", "") and "Nothing is lost" in answer.content.decode()
        page = as_(ada).post(url(f"block-{block.pk}-note"), {"text": text, "started_from": fingerprint("")})
        assert page.status_code == 422 and "ü" * (length - 2) in page.content.decode()
        assert Block.objects.get(title="Topic").note == ""


def test_a_topic_keeps_a_title(as_, ada, pair):
    item = make.topic(pair, title="The board")
    assert save(as_(ada), f"item-{item.pk}-title", "", before="The board").status_code == 422
    assert save(as_(ada), f"item-{item.pk}-title", "x" * 301, before="The board").status_code == 422
    assert save(as_(ada), f"item-{item.pk}-title", "The\r\nboard meeting", before="The board").status_code == 200
    assert AgendaItem.objects.get().title == "The board meeting"


@pytest.mark.parametrize(
    "what",
    [
        "block-{}-note",
        "block-{}-title",
        "session-{}-note",
        "block-{}",
        "block--note",
        "block-x-note",
        "block-9999999999999999999-note",
    ],
)
def test_what_is_not_there_is_not_found(as_, what):
    assert as_(make.user()).get(url(what.format(12))).status_code == 404


def test_without_javascript_it_is_a_page_with_a_form(as_, ada, block):
    client = as_(ada)
    page = client.get(url(f"block-{block.pk}-note"), {"next": "/sessions/1/"}).content.decode()
    assert "<textarea" in page and 'value="/sessions/1/"' in page and "Cancel" in page
    answer = client.post(
        url(f"block-{block.pk}-note"), {"text": "Typed", "started_from": fingerprint(""), "next": "/sessions/1/"}
    )
    assert (answer.status_code, answer.url) == (302, "/sessions/1/")
    assert Block.objects.get(title="Topic").note == "Typed"


def test_the_way_back_stays_on_this_site(as_, ada, block):
    data = {"text": "Typed", "started_from": fingerprint(""), "next": "https://elsewhere.example/"}
    assert as_(ada).post(url(f"block-{block.pk}-note"), data).url == "/"


def test_signed_out_meanwhile(client, block):
    answer = client.post(url(f"block-{block.pk}-note"), {"text": "x"}, headers=HTMX)
    assert answer.status_code == 204 and "/accounts/login/" in answer["HX-Redirect"]


def test_signed_in_as_somebody_else_meanwhile(as_, sam, ada, block):
    """Ada's open page never saves under Sam's name, when both use one browser."""
    answer = save(as_(sam), f"block-{block.pk}-note", "Ada's words", writer=ada.pk)
    assert answer.status_code == 403
    assert Block.objects.get(title="Topic").note == ""


def test_a_status_update_is_its_authors_until_shared(as_, sam, ada, session):
    what = f"status-{session.pk}-wins"
    assert as_(ada).get(url(what)).status_code == 200
    assert not StatusUpdate.objects.exists(), "looking makes nothing"
    assert save(as_(sam), what, "Not mine to begin").status_code == 404
    assert save(as_(ada), what, "Got the budget").status_code == 200
    assert as_(sam).get(url(what)).status_code == 404
    StatusUpdate.objects.update(shared_at=session.starts_at)
    assert save(as_(sam), what, "Got the whole budget", before="Got the budget").status_code == 200
    assert StatusUpdate.objects.get().author == ada


def test_in_an_ended_pair_nothing_is_written(as_, ada, pair, block):
    pair.end()
    assert save(as_(ada), f"block-{block.pk}-note", "Too late").status_code == 404


def test_a_piece_on_a_page(rf, ada, block):
    block.note = "<b>Two</b> risks"
    page = shown(rf, ada, '{% load texts %}{% text block "note" %}', block=block)
    assert f'id="text-block-{block.pk}-note"' in page and f'id="edit-block-{block.pk}-note"' in page
    assert "&lt;b&gt;Two&lt;/b&gt; risks" in page
    assert "textarea" not in page, "the editor opens on a click"


def test_an_empty_piece_may_be_open_from_the_start(rf, ada, block):
    assert "textarea" in shown(rf, ada, '{% load texts %}{% text block "note" open=True %}', block=block)
    assert "textarea" not in shown(
        rf, ada, '{% load texts %}{% text block "note" may_edit=False open=True %}', block=block
    )


def test_a_live_answer_holds_text_and_no_field(rf, ada, block):
    page = shown(rf, ada, '{% load texts %}{% text_shown block "note" %}', block=block)
    assert 'hx-swap-oob="true"' in page
    assert not any(field in page for field in ("<input", "<textarea", "<button"))


def test_a_piece_asks_the_database_nothing(rf, ada, block, django_assert_num_queries):
    with django_assert_num_queries(0):
        piece = piece_of(block, "note")
        assert (piece.key, piece.text, piece.fingerprint) == (f"block-{block.pk}-note", "", fingerprint(""))


def shown(rf: RequestFactory, user, source: str, **context) -> str:
    request = rf.get("/sessions/1/")
    request.user, request.htmx = user, None
    return Template(source).render(RequestContext(request, context))


def test_every_wording_is_kept_for_both(as_, sam, ada, block):
    what = f"block-{block.pk}-note"
    save(as_(sam), what, "Sam's three lines")
    save(as_(ada), what, "Ada wrote over them", before="Sam's three lines")
    save(as_(ada), what, "Ada wrote over them, and on", before="Ada wrote over them")
    assert [(v.created_by, v.text) for v in TextVersion.objects.all()] == [
        (ada, "Ada wrote over them, and on"),
        (sam, "Sam's three lines"),
    ]
    page = as_(sam).get(reverse("text_history", args=[what])).content.decode()
    assert "Sam&#x27;s three lines" in page and "Ada wrote over them, and on" in page


def test_what_somebody_takes_out_of_their_own_text_can_be_found_again(as_, sam, block):
    what, long = f"block-{block.pk}-note", "One long paragraph that took ten minutes to write, word by word."
    save(as_(sam), what, long)
    save(as_(sam), what, "", before=long)
    assert [v.text for v in TextVersion.objects.all()] == ["", long]


def test_text_written_through_another_form_is_kept_too(as_, ada, pair):
    item = make.topic(pair, title="As it was raised in the form, with care")
    save(as_(ada), f"item-{item.pk}-title", "Other", before=item.title)
    assert [v.text for v in TextVersion.objects.all()] == ["Other", item.title]


def test_what_was_taken_out_of_a_draft_is_never_shared(as_, sam, ada, session):
    what, secret = f"status-{session.pk}-wins", "My manager and I no longer speak to each other, and this is why"
    save(as_(ada), what, secret)
    save(as_(ada), what, "", before=secret)
    Session.objects.filter(pk=session.pk).update(started_at=session.starts_at)
    as_(sam).post(reverse("status_open", args=[session.pk]))
    answer = as_(sam).get(reverse("text_history", args=[what]))
    assert answer.status_code == 200 and secret not in answer.content.decode()
    save(as_(sam), what, "Got the budget")
    save(as_(ada), what, "The budget is there", before="Got the budget")
    assert "Got the budget" in as_(sam).get(reverse("text_history", args=[what])).content.decode(), (
        "shared text is kept"
    )
