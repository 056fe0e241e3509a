"""Pitches: versions side by side, words and seconds, and what they lead to."""

import pytest
from django.urls import reverse

from core.optimistic_locking import fingerprint
from goals.models import Commitment
from practice.models import Entry
from practice.models.entry import MOST_ROUNDS, count_words
from sessions.models import AgendaItem
from tests import make

SHORT = "We ship in May. I need one tester."


@pytest.fixture
def pitch(pair, ada):
    texts = {"occasion": "The steering group on Thursday", "next": "Say it on Thursday", "version-1": SHORT}
    return make.entry(ada, pair, "pitch", **texts)


def url(name: str, *args) -> str:
    return reverse(name, args=args)


def more(client, pitch, **data):
    return client.post(url("entry_more", pitch.pk), data)


def versions(pitch) -> list[str]:
    return [text.text for text in Entry.objects.get(pk=pitch.pk).texts.all() if text.number]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("We ship – in May.", 4),
        ("Ship it!\n\n* today", 3),
        ("It’s a low-risk, 3.5-day job", 5),
        ("Wir müssen reden", 3),
        ("— … !", 0),
    ],
)
def test_words_are_counted_and_dashes_are_none(text, words):
    assert count_words(text) == words


def test_thirty_seconds_are_seventy_five_words(as_, ada, pair):
    pitch = make.entry(ada, pair, "pitch", occasion="The board", **{"version-1": "word " * 75})
    text = pitch.texts.get(key="version-1")
    assert (text.words, text.seconds) == (75, 30)
    page = as_(ada).get(url("entry_detail", pitch.pk)).content.decode()
    assert "75 words" in page and "30 seconds" in page
    editor = as_(ada).get(url("entry_edit", pitch.pk)).content.decode()
    assert "<b data-words>75</b>" in editor and "<b data-seconds>30</b>" in editor and "practice.js" in editor


def test_a_version_is_added_from_a_copy_and_changed(as_, ada, pitch):
    text = pitch.texts.get(key="version-1")
    answer = more(as_(ada), pitch, text=text.pk)
    copy = pitch.texts.get(key="version-2")
    assert answer.url == f"{url('entry_edit', pitch.pk)}#field-entry-{copy.pk}-text"
    assert versions(pitch) == [SHORT, SHORT]
    more(as_(ada), pitch, text=text.pk)
    assert versions(pitch) == [SHORT, SHORT], "pressed twice, it is the same copy"
    as_(ada).post(
        url("entry_edit", pitch.pk),
        {"version-1": SHORT, "version-2": "One tester, please.", "occasion": "The board", "aim": "", "next": ""},
    )
    page = as_(ada).get(url("entry_detail", pitch.pk)).content.decode()
    assert SHORT in page and "One tester, please." in page and "Version 2" in page


def test_adding_on_the_editor_saves_what_was_typed_first(as_, ada, pitch):
    typed = {"occasion": "The board", "aim": "Say yes", "next": "", "version-1": "Shorter.", "more": "1"}
    answer = as_(ada).post(url("entry_edit", pitch.pk), typed)
    assert "#field-entry-" in answer.url and versions(pitch) == ["Shorter.", ""]
    as_(ada).post(url("entry_edit", pitch.pk), typed | {"version-2": ""})
    assert versions(pitch) == ["Shorter.", ""], "an empty version is used again"
    conflict = as_(ada).post(
        url("entry_edit", pitch.pk), typed | {"version-1": "Mine", "started_from_version-1": fingerprint(SHORT)}
    )
    assert conflict.status_code == 409 and "Mine" in conflict.content.decode()
    assert versions(pitch) == ["Shorter.", ""]


def test_a_huge_version_is_refused_and_kept_on_the_page(as_, ada, pitch):
    answer = as_(ada).post(url("entry_edit", pitch.pk), {"version-1": "x" * 100_000, "occasion": "Kept"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "x" * 100_000 in page and "Kept" in page and versions(pitch) == [SHORT]


def test_there_is_an_end_to_versions_and_an_empty_one_is_free(as_, ada, pitch):
    for number in range(2, MOST_ROUNDS + 1):
        text = pitch.add_round()
        text.write(text.version, text=f"Version {number}")
        pitch = Entry.objects.get(pk=pitch.pk)
    page = as_(ada).post(url("entry_more", pitch.pk), follow=True).content.decode()
    assert "no room for more" in page and len(versions(pitch)) == MOST_ROUNDS
    text = pitch.texts.get(key="version-5")
    text.write(text.version, text="")
    assert more(as_(ada), pitch).url.endswith(f"#field-entry-{text.pk}-text")


def test_only_versions_of_the_own_pitch_are_copied(as_, ada, sam, pair, pitch):
    other = make.entry(ada, pair, "pitch", occasion="Another", **{"version-1": "Other"})
    for text in (pitch.texts.get(key="occasion"), other.texts.get(key="version-1")):
        assert more(as_(ada), pitch, text=text.pk).status_code == 404
    assert more(as_(ada), pitch, text="x").status_code == 404
    lesson = make.entry(ada, pair, lesson="No versions")
    assert more(as_(ada), lesson).status_code == 404
    pitch.share(pair)
    assert more(as_(sam), pitch).status_code == 404
    page = as_(sam).get(url("entry_detail", pitch.pk)).content.decode()
    assert SHORT in page and url("entry_more", pitch.pk) not in page


def test_a_pitch_is_rehearsed_and_leads_to_topic_and_commitment(as_, ada, sam, pair, pitch):
    answer = as_(ada).post(url("rehearsal_create", pitch.pk), {"seat": "own", "before": "2", "pair": pair.pk})
    run = Entry.objects.get(kind="rehearsal")
    assert answer.url == url("entry_edit", run.pk) and run.part_of == pitch
    assert run.title == "The steering group on Thursday"
    as_(ada).post(url("entry_to_agenda", pitch.pk)), as_(ada).post(url("entry_commit", pitch.pk))
    assert AgendaItem.objects.get().title == "The steering group on Thursday"
    assert Commitment.objects.get().text == "Say it on Thursday"
    assert as_(ada).get(url("debrief_create", pitch.pk)).status_code == 404
    assert as_(sam).get(url("entry_detail", pitch.pk)).status_code == 404
    room = as_(ada).get(url("pair_rehearsals", pair.pk), headers={"HX-Request": "true"}).content.decode()
    assert "The steering group on Thursday" in room


def test_versions_are_in_the_download(as_, ada, pitch):
    content = as_(ada).get(url("practice_export")).content.decode()
    assert SHORT in content and "Version 1" in content
