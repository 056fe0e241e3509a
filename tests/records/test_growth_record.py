"""The growth record has the sections that the mentee chose, opens offline, and is available after the end."""

import json
import logging
import re
from datetime import timedelta
from html.parser import HTMLParser

import pypdfium2
import pytest
from django.urls import reverse
from django.utils import timezone

from core.pdf import NoPdf
from goals.models import AdvocacyNote
from records import growth
from records.views.growth_record import BODIES
from sessions.models import Feedback, PrivateNote, Session
from tests import everything, make


@pytest.fixture
def file(as_):
    def get(pair, kind="html", sections=growth.DEFAULT_SECTIONS, **options):
        url = reverse("growth_record_download", args=[pair.pk])
        return as_(pair.mentee).get(url, {"kind": kind, "sections": sections, **options})

    return get


@pytest.fixture
def full(pair, ada, sam):
    everything.progress(pair)
    session = make.past_session(pair, days=7)
    session.answer(ada, met=True)
    Session.objects.filter(pk=session.pk).update(takeaway="Decision first")
    make.feedback(pair, created_by=sam, session=session, differently="Say it sooner")
    make.feedback(pair, created_by=sam, session=session, differently="Keep this to yourself")
    pair.celebrations.create(created_by=sam, text="You waited")
    PrivateNote.objects.create(pair=pair, author=ada, text="Mine alone")
    return pair


def test_the_file_has_chosen_sections_and_no_external_links(file, full):
    keep = full.feedback.get(differently="Say it sooner").pk
    html = file(full, sections=[*growth.DEFAULT_SECTIONS, "sessions"], feedback=keep).content.decode()
    for words in ("Open the meeting", "Say no early", "You waited", "Decision first", "Say it sooner", "<svg"):
        assert words in html, words
    assert "Keep this to yourself" not in html and "Mine alone" not in html
    assert not re.findall(r"(?:src|<link|@import|url\()", html), "the file loads nothing"
    less = file(full, sections=["outcomes"]).content.decode()
    assert "You waited" not in less and "Say no early" not in less


def test_only_the_mentees_own_takeaway_is_included(file, full):
    full.end()
    full.exit_answers.create(user=full.mentee, rating=5, takeaway="I ask sooner now")
    full.exit_answers.create(user=full.mentor, rating=5, takeaway="I listen longer")
    html = file(full).content.decode()
    assert "I ask sooner now" in html and "I listen longer" not in html


def test_feedback_alone_is_enough(file, full):
    keep = full.feedback.get(differently="Say it sooner").pk
    html = file(full, sections=[], feedback=keep).content.decode()
    assert "Say it sooner" in html and "You waited" not in html


def test_json_file_is_plain_data(file, full):
    answer = file(full, "json", sections=[*growth.SECTIONS][:6], all_feedback="on")
    record = json.loads(answer.content)
    assert record["format"] == growth.FORMAT and record["mentee"] == str(full.mentee)
    assert record["plans"][0]["versions"][0]["skill"] == "Say no early"
    assert record["indicators"][0]["values"][0]["value"] == 12.0
    assert {row["differently"] for row in record["feedback"]} == {"Say it sooner", "Keep this to yourself"}
    assert "Mine alone" not in answer.content.decode()
    assert "attachment" in answer.headers["Content-Disposition"]


def test_pdf_or_a_plain_error(file, full):
    answer = file(full, "pdf")
    if answer.status_code == 200:
        assert answer.content.startswith(b"%PDF") and answer.headers["Content-Type"] == "application/pdf"
    else:
        assert answer.status_code == 422 and "no Pango" in answer.content.decode()


def test_a_pdf_leaves_no_characters_in_the_log():
    """Some fonts are cut to the characters in use by fontTools, which logs each step."""
    assert not any(logging.getLogger(name).isEnabledFor(logging.INFO) for name in ("fontTools.subset", "weasyprint"))


def test_charts_in_the_pdf_are_drawn(file, pair):
    """Style sheets do not apply to an image in a PDF, and a shape without its own fill is black."""
    indicator = make.indicator(pair, kind="measure", unit="minutes")
    for days, value in ((40, 9), (20, 2), (0, 9)):
        make.reading(indicator, value, pair.mentee.today() - timedelta(days=days))
    answer = file(pair, "pdf", sections=["indicators"])
    if answer.status_code == 422:
        assert "no Pango" in answer.content.decode()
        return
    picture = pypdfium2.PdfDocument(answer.content)[0].render(scale=2).to_numpy()[..., :3]
    dark = (picture.max(axis=2) < 60).mean()
    green = ((picture[..., 1] > picture[..., 2]) & (picture.max(axis=2) < 140)).mean()
    assert dark < 0.02, "there is text, but no black shape"
    assert green > 0.0002, "the line is drawn in its color"


def test_missing_glyphs_are_not_logged(file, full, caplog):
    keep = full.feedback.get(differently="Say it sooner")
    full.feedback.update(differently="Unassigned: \u0378\u0379")
    answer = file(full, "pdf", sections=[], feedback=keep.pk)
    assert answer.status_code in (200, 422)
    assert "\u0378" not in caplog.text and "U+0378" not in caplog.text


def test_without_pango_the_page_explains_what_to_do(file, full, monkeypatch):
    def no_pango(_made):
        raise NoPdf("This server has no Pango, which makes PDFs.")

    monkeypatch.setitem(BODIES, "pdf", no_pango)
    answer = file(full, "pdf")
    assert answer.status_code == 422 and "no Pango" in answer.content.decode()


@pytest.mark.parametrize("kind", ["html", "json"])
def test_resources_are_kept_with_what_they_were_worth(file, pair, ada, sam, kind):
    course = make.resource(pair.program, "How to run a meeting")
    make.pair_resource(pair, resource=course, why="It is short").rate("finished", 4)
    make.pair_resource(pair, "A book that Ada left").rate("not", None)
    content = file(pair, kind, sections=["resources"]).content.decode()
    assert all(text in content for text in ("How to run a meeting", course.url, "It is short", "finished"))
    assert "A book that Ada left" not in content
    assert "How to run a meeting" not in file(pair, kind).content.decode()


@pytest.mark.parametrize("kind", ["html", "json"])
def test_an_empty_record_can_be_saved(file, pair, kind):
    answer = file(pair, kind, sections=list(growth.SECTIONS)[:6])
    assert answer.status_code == 200 and str(pair.mentee) in answer.content.decode()


def test_recommendation_is_included_only_with_consent(file, pair, ada):
    note = AdvocacyNote.objects.create(pair=pair, text="I would trust her", shown_at=timezone.now())
    assert "I would trust her" not in file(pair).content.decode()
    note.release(1)
    assert "I would trust her" in file(pair).content.decode()


def test_only_the_mentee_gets_the_record_even_after_the_end(file, as_, full, sam):
    assert as_(sam).get(reverse("growth_record_download", args=[full.pk])).status_code == 404
    assert as_(make.admin(full.program)).get(reverse("growth_record", args=[full.pk])).status_code == 404
    full.end()
    assert "You waited" in file(full).content.decode()


@pytest.mark.parametrize("options", [{"kind": "exe"}, {"sections": "secrets"}, {"sections": []}, {"feedback": "999"}])
def test_invalid_choices_are_rejected(as_, full, options):
    url = reverse("growth_record_download", args=[full.pk])
    assert as_(full.mentee).get(url, {"kind": "html", "sections": ["goals"]} | options).status_code == 422


def test_typed_markup_is_escaped(file, pair):
    make.outcome(pair, "<script>alert(1)</script>")
    tags = []
    reader = HTMLParser()
    reader.handle_starttag = lambda tag, _attributes: tags.append(tag)
    reader.feed(file(pair).content.decode())
    assert "script" not in tags


def test_certificate_is_available_after_the_end(as_, ada, sam, pair):
    url = reverse("certificate", args=[pair.pk])
    assert "after the closing session" in as_(ada).get(url).content.decode()
    session = make.past_session(pair, kind="closing")
    session.answer(ada, met=True)
    html = as_(sam).get(url).content.decode()
    assert "Ada Lind" in html and "1 session" in html


def test_record_counts_actual_minutes(file, pair, ada):
    for days, seconds in ((30, 48 * 60), (20, 200 * 60), (10, 0)):  # timed, timer not stopped, not timed
        session = make.past_session(pair, days=days)
        session.answer(ada, met=True)
        session.blocks.filter(position=0).update(actual_seconds=seconds)
    record = json.loads(file(pair, "json", sections=["sessions"]).content)
    assert [row["minutes"] for row in record["sessions"]] == [60, 60, 48] and record["hours"] == 2.8


def test_feedback_has_every_answer_and_what_came_of_it(file, pair, sam):
    answers = {name: f"My {name}" for name in Feedback.FIELDS}
    about = {"competency": make.competency(pair.program, "Listening"), "commitment": make.commitment(pair)}
    make.feedback(pair, created_by=sam, **answers, **about)
    make.feedback(pair, created_by=sam, keep="A draft", shared_at=None)
    page = file(pair, sections=[], all_feedback="on").content.decode()
    for words in (*answers.values(), "Listening", about["commitment"].text):
        assert words in page, words
    assert "A draft" not in page
    record = json.loads(file(pair, "json", sections=[], all_feedback="on").content)
    assert [{name: row[name] for name in answers} for row in record["feedback"]] == [answers]
