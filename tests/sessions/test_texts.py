"""Tests saving, refusing and showing one text."""

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
def test_both_people_can_write_shared_text(as_, pair, block, what):
    feedback = Feedback.objects.create(pair=pair, created_by=pair.mentee)
    what = what.format(block=block.pk, item=make.topic(pair).pk, feedback=feedback.pk)
    assert save(as_(pair.mentor), what, "From Sam").status_code == 200
    assert save(as_(pair.mentee), what, "From Ada", before="From Sam").status_code == 200
    assert piece_for(pair.mentor, what).text == "From Ada"


def test_a_save_returns_the_time_and_the_stored_text(as_, ada, block):
    answer = save(as_(ada), f"block-{block.pk}-note", "Two risks to name")
    page = answer.content.decode()
    assert "Saved " in page
    assert f'data-fingerprint="{fingerprint("Two risks to name")}"' in page
    assert "Two risks to name" in page


def test_a_save_updates_the_live_page(as_, ada, pair, block):
    before = Pair.objects.get(pk=pair.pk).revision
    save(as_(ada), f"block-{block.pk}-note", "New")
    assert Pair.objects.get(pk=pair.pk).revision == before + 1


def test_saving_the_same_text_again_changes_nothing(as_, ada, pair, block):
    what = f"block-{block.pk}-note"
    save(as_(ada), what, "Once")
    before = Pair.objects.get(pk=pair.pk).revision
    assert save(as_(ada), what, "Once").status_code == 200  # the response to the first save was lost
    assert Pair.objects.get(pk=pair.pk).revision == before
    assert TextVersion.objects.count() == 1


@pytest.mark.parametrize("length, status", [(20_000, 200), (20_001, 422)])
def test_the_limit_is_twenty_thousand_characters(as_, ada, block, length, status):
    text = "a\r\n" + "ü" * (length - 2)  # a line break counts once
    answer = save(as_(ada), f"block-{block.pk}-note", text)
    assert answer.status_code == status
    if status == 422:
        assert "20001" in answer.content.decode().replace(",", "") and "Nothing is lost" in answer.content.decode()
        page = as_(ada).post(url(f"block-{block.pk}-note"), {"text": text, "started_from": fingerprint("")})
        assert page.status_code == 422 and "ü" * (length - 2) in page.content.decode()
        assert Block.objects.get(title="Topic").note == ""


def test_a_topic_must_have_a_title(as_, ada, pair):
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
def test_unknown_texts_are_404(as_, what):
    assert as_(make.user()).get(url(what.format(12))).status_code == 404


def test_without_javascript_a_text_has_a_page_with_a_form(as_, ada, block):
    client = as_(ada)
    page = client.get(url(f"block-{block.pk}-note"), {"next": "/sessions/1/"}).content.decode()
    assert "<textarea" in page and 'value="/sessions/1/"' in page and "Cancel" in page
    answer = client.post(
        url(f"block-{block.pk}-note"), {"text": "Typed", "started_from": fingerprint(""), "next": "/sessions/1/"}
    )
    assert (answer.status_code, answer.url) == (302, "/sessions/1/")
    assert Block.objects.get(title="Topic").note == "Typed"


def test_the_return_address_stays_on_this_site(as_, ada, block):
    data = {"text": "Typed", "started_from": fingerprint(""), "next": "https://elsewhere.example/"}
    assert as_(ada).post(url(f"block-{block.pk}-note"), data).url == "/"


def test_a_save_after_signing_out_is_refused(client, block):
    answer = client.post(url(f"block-{block.pk}-note"), {"text": "x"}, headers=HTMX)
    assert answer.status_code == 204 and "/accounts/login/" in answer["HX-Redirect"]


def test_a_save_under_another_sign_in_is_refused(as_, sam, ada, block):
    """When both use one browser, Ada's open page never saves as Sam."""
    answer = save(as_(sam), f"block-{block.pk}-note", "Ada's words", writer=ada.pk)
    assert answer.status_code == 403
    assert Block.objects.get(title="Topic").note == ""


def test_a_status_update_is_private_until_shared(as_, sam, ada, session):
    what = f"status-{session.pk}-wins"
    assert as_(ada).get(url(what)).status_code == 200
    assert not StatusUpdate.objects.exists(), "reading creates nothing"
    assert save(as_(sam), what, "Not mine to begin").status_code == 404
    assert save(as_(ada), what, "Got the budget").status_code == 200
    assert as_(sam).get(url(what)).status_code == 404
    StatusUpdate.objects.update(shared_at=session.starts_at)
    assert save(as_(sam), what, "Got the whole budget", before="Got the budget").status_code == 200
    assert StatusUpdate.objects.get().author == ada


def test_an_ended_pair_cannot_write(as_, ada, pair, block):
    pair.end()
    assert save(as_(ada), f"block-{block.pk}-note", "Too late").status_code == 404


def test_a_text_is_shown_with_its_edit_link(rf, ada, block):
    block.note = "<b>Two</b> risks"
    page = shown(rf, ada, '{% load texts %}{% text block "note" %}', block=block)
    assert f'id="text-block-{block.pk}-note"' in page and f'id="edit-block-{block.pk}-note"' in page
    assert "&lt;b&gt;Two&lt;/b&gt; risks" in page
    assert "textarea" not in page, "the editor opens on a click"


def test_an_empty_text_can_start_with_an_open_editor(rf, ada, block):
    assert "textarea" in shown(rf, ada, '{% load texts %}{% text block "note" open=True %}', block=block)
    assert "textarea" not in shown(
        rf, ada, '{% load texts %}{% text block "note" may_edit=False open=True %}', block=block
    )


def test_a_live_response_has_text_but_no_field(rf, ada, block):
    page = shown(rf, ada, '{% load texts %}{% text_shown block "note" %}', block=block)
    assert 'hx-swap-oob="true"' in page
    assert not any(field in page for field in ("<input", "<textarea", "<button"))


def test_showing_a_text_needs_no_query(rf, ada, block, django_assert_num_queries):
    with django_assert_num_queries(0):
        piece = piece_of(block, "note")
        assert (piece.key, piece.text, piece.fingerprint) == (f"block-{block.pk}-note", "", fingerprint(""))


def shown(rf: RequestFactory, user, source: str, **context) -> str:
    request = rf.get("/sessions/1/")
    request.user, request.htmx = user, None
    return Template(source).render(RequestContext(request, context))


def test_every_version_is_kept_for_both(as_, sam, ada, block):
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


def test_removed_text_is_in_the_history(as_, sam, block):
    what, long = f"block-{block.pk}-note", "One long paragraph that took ten minutes to write, word by word."
    save(as_(sam), what, long)
    save(as_(sam), what, "", before=long)
    assert [v.text for v in TextVersion.objects.all()] == ["", long]


def test_text_written_in_another_form_is_kept_too(as_, ada, pair):
    item = make.topic(pair, title="As it was raised in the form, with care")
    save(as_(ada), f"item-{item.pk}-title", "Other", before=item.title)
    assert [v.text for v in TextVersion.objects.all()] == ["Other", item.title]


def test_text_removed_from_a_draft_is_never_shared(as_, sam, ada, session):
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
