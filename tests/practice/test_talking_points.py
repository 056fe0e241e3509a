"""Talking points: claim, evidence and source, as a page to print and as a PDF."""

import io

import pypdfium2
import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from core import pdf
from practice.models import Entry
from sessions.models import AgendaItem
from tests import make

NEXT = "Send it to Marta on Monday"


@pytest.fixture
def points(pair, ada):
    texts = {"message": "A second tester keeps the launch in May", "request": "Approve eight days.", "next": NEXT}
    texts |= {"claim-1": "Testing ends late.", "evidence-1": "40 <open> cases", "source-1": "https://example.org/board"}
    return make.entry(ada, pair, "points", **texts)


def url(name: str, *args) -> str:
    return reverse(name, args=args)


def test_the_page_has_claims_with_evidence_and_names_a_missing_source(as_, ada, points):
    page = as_(ada).get(url("entry_detail", points.pk)).content.decode()
    assert "Testing ends late." in page and "40 &lt;open&gt; cases" in page and "No source yet" not in page
    text = points.add_round()
    text.write(text.version, text="Jonas can spare the time.")
    page = as_(ada).get(url("entry_detail", points.pk)).content.decode()
    assert "Jonas can spare the time." in page and "No source yet" in page


def test_one_button_adds_a_point_with_its_three_fields(as_, ada, points):
    as_(ada).post(url("entry_more", points.pk)), as_(ada).post(url("entry_more", points.pk))
    keys = [text.key for text in Entry.objects.get(pk=points.pk).texts.all() if text.number == 2]
    assert keys == ["claim-2", "evidence-2", "source-2"]
    page = as_(ada).get(url("entry_edit", points.pk)).content.decode()
    assert "Claim 2" in page and "Evidence 2" in page and "Source 2" in page and "data-spoken" not in page


def test_the_one_pager_has_the_points_and_not_what_comes_next(as_, ada, pair, points):
    answer = as_(ada).get(url("entry_one_pager", points.pk))
    page = answer.content.decode()
    assert "attachment" in answer["Content-Disposition"] and answer["Cache-Control"] == "no-store"
    for text in ("A second tester", "Testing ends late.", "40 &lt;open&gt; cases", "Approve eight days.", ada.name):
        assert text in page, text
    assert NEXT not in page and 'href="https://example.org/board"' in page
    assert AuditEvent.objects.filter(user=ada, action=AuditEvent.Action.PRACTICE_EXPORTED).count() == 1


def test_the_one_pager_is_a_pdf_of_one_page(as_, ada, points):
    answer = as_(ada).get(url("entry_one_pager", points.pk), {"kind": "pdf"}, follow=True)
    if answer.redirect_chain:
        assert "no Pango" in answer.content.decode()
        return
    document = pypdfium2.PdfDocument(io.BytesIO(answer.content))
    text = document[0].get_textpage().get_text_range()
    assert len(document) == 1 and "Testing ends late." in text and NEXT not in text


def test_without_pango_the_page_explains_what_to_do(as_, ada, points, monkeypatch):
    def no_pango(_html):
        raise pdf.NoPdf("This server has no Pango, which makes PDFs.")

    monkeypatch.setattr(pdf, "as_pdf", no_pango)
    answer = as_(ada).get(url("entry_one_pager", points.pk), {"kind": "pdf"}, follow=True)
    assert "no Pango" in answer.content.decode() and "Testing ends late." in answer.content.decode()


def test_only_the_author_downloads_them(as_, ada, sam, pair, points):
    points.share(pair)
    assert "Testing ends late." in as_(sam).get(url("entry_detail", points.pk)).content.decode()
    for person in (sam, make.admin(pair.program)):
        assert as_(person).get(url("entry_one_pager", points.pk)).status_code == 404
    lesson = make.entry(ada, pair, lesson="No points")
    assert as_(ada).get(url("entry_one_pager", lesson.pk)).status_code == 404


def test_an_empty_page_can_be_saved_and_the_message_becomes_a_topic(as_, ada, pair, points):
    empty = Entry.start(ada, "points", pair)
    assert "Talking points" in as_(ada).get(url("entry_one_pager", empty.pk)).content.decode()
    as_(ada).post(url("entry_to_agenda", points.pk))
    assert AgendaItem.objects.get().title == "A second tester keeps the launch in May"
