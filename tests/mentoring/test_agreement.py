"""The working agreement: versions, signatures of both people, and the cadence and length it sets."""

import pytest

from core.optimistic_locking import Conflict
from mentoring.models import Agreement, Pair, attach_signatures
from tests import make

TERMS = {
    "purpose": "Ada leads her first project.",
    "cadence": "monthly",
    "minutes": "45",
    "channel": "https://meet.example.org/ada-sam",
    "reply_days": "2",
    "move_hours": "24",
    "norms": "We come prepared.",
    "feedback_style": "gentle",
    "feedback_place": "written",
    "confidentiality": "It stays here, save for safety and the law.",
    "ending": "Without blame.",
    "based_on": "0",
}


@pytest.fixture
def page(pair):
    return f"/pairs/{pair.pk}/agreement/"


def propose(client, page, **changes):
    return client.post(f"{page}edit/", TERMS | changes)


def test_without_an_agreement_the_page_offers_to_write_one(as_, sam, page):
    assert "Write the agreement" in as_(sam).get(page).content.decode()


def test_the_suggested_first_version_is_complete(as_, sam, page):
    text = as_(sam).get(f"{page}edit/").content.decode()
    for words in (
        "safety is at risk",
        "the law requires it",
        "code of conduct",
        "without blame",
        "Ada owns the agenda",
    ):
        assert words in text


def test_the_author_has_signed_and_the_partner_is_asked_to_sign(as_, sam, ada, pair, page):
    assert propose(as_(sam), page).headers["Location"] == page
    agreement = Agreement.objects.get()
    assert (agreement.version, agreement.created_by) == (1, sam)
    assert [signature.user for signature in agreement.signatures.all()] == [sam]
    assert "I agree" not in as_(sam).get(page).content.decode().split("<main")[1].split("sheet")[0]
    assert "I agree" in as_(ada).get(page).content.decode()


def test_cadence_and_length_apply_once_both_agree(as_, sam, ada, pair, page):
    propose(as_(sam), page)
    pair.refresh_from_db()
    assert (pair.cadence, pair.minutes) == ("2-weekly", 60)
    before = pair.revision
    assert as_(ada).post(f"/agreements/{Agreement.objects.get().pk}/sign/").headers["Location"] == page
    pair.refresh_from_db()
    assert (pair.cadence, pair.minutes) == ("monthly", 45)
    assert pair.revision > before


def test_signing_twice_counts_once(as_, ada, pair):
    agreement = make.agreement(pair)
    for _press in range(2):
        assert as_(ada).post(f"/agreements/{agreement.pk}/sign/").status_code == 302
    assert agreement.signatures.count() == 2


def test_signing_needs_a_post(as_, ada, pair):
    agreement = make.agreement(pair)
    assert as_(ada).get(f"/agreements/{agreement.pk}/sign/").status_code == 405
    assert agreement.signatures.count() == 1


def test_a_change_is_a_new_version_and_the_old_one_is_kept(as_, sam, ada, pair, page):
    propose(as_(sam), page)
    changed = as_(ada).get(f"{page}edit/").content.decode()
    assert "Ada leads her first project." in changed and 'name="based_on" value="1"' in changed
    propose(as_(ada), page, purpose="Ada leads two projects.", based_on="1")
    newest, older = as_(sam).get(page).content.decode(), as_(sam).get(f"{page}?version=1").content.decode()
    assert "two projects" in newest and "first project" not in newest
    assert "first project" in older and "older version" in older and "I agree" not in older.split("<main")[1]
    assert [each.version for each in pair.agreements.all()] == [2, 1]


def test_an_older_version_cannot_be_signed(as_, sam, ada, pair):
    old = make.agreement(pair, sam)
    make.agreement(pair, sam, purpose="Newer")
    answer = as_(ada).post(f"/agreements/{old.pk}/sign/", follow=True)
    assert "There is a newer version now" in answer.content.decode()
    assert old.signatures.count() == 1


def test_a_conflict_shows_both_versions(as_, sam, ada, page):
    propose(as_(sam), page, purpose="Sam's words")
    answer = propose(as_(ada), page, purpose="Ada's words")
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Sam&#x27;s words" in text and "Ada&#x27;s words" in text and 'name="based_on" value="1"' in text
    assert Agreement.objects.count() == 1
    assert propose(as_(ada), page, purpose="Ada's words", based_on="1").status_code == 302
    assert Agreement.objects.count() == 2


def test_a_change_based_on_an_unknown_version_conflicts(pair, sam):
    make.agreement(pair)
    with pytest.raises(Conflict):
        Agreement.propose(pair, sam, based_on=7)


def test_submitting_twice_stores_one_version(as_, sam, page):
    client, token = as_(sam), "7d8f3c1e-6c0b-4a7e-9d6e-444444444444"
    for _press in range(2):
        assert propose(client, page, form_token=token).status_code == 302
    assert Agreement.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"minutes": "5"}, {"cadence": "daily"}, {"purpose": "x" * 2001}, {"based_on": "-1"}])
def test_invalid_input_answers_422_and_keeps_the_text(as_, sam, page, wrong):
    answer = propose(as_(sam), page, norms="عبد 😀 <b>", **wrong)
    assert answer.status_code == 422 and "عبد 😀 &lt;b&gt;" in answer.content.decode()
    assert not Agreement.objects.exists()


def test_strangers_and_admins_get_404(as_, pair, page):
    agreement = make.agreement(pair)
    for person in (make.user(), make.admin(pair.program)):
        client = as_(person)
        assert client.get(page).status_code == client.get(f"{page}edit/").status_code == 404
        assert client.post(f"/agreements/{agreement.pk}/sign/").status_code == 404


def test_an_ended_pair_can_read_but_not_write(as_, sam, ada, pair, page):
    agreement = make.agreement(pair)
    pair.end()
    assert as_(ada).get(page).status_code == 200
    assert propose(as_(sam), page, based_on="1").status_code == 404
    assert as_(ada).post(f"/agreements/{agreement.pk}/sign/").status_code == 404


def test_the_agreement_status_of_each_person(pair, sam, ada):
    assert pair.agreement_state(sam).status == "not_written"
    agreement = make.agreement(pair, sam)
    assert str(pair.agreement_state(sam)) == "waiting for Ada"
    assert str(pair.agreement_state(ada)) == "needs your agreement"
    agreement.sign(ada)
    assert pair.agreement_state(sam).status == pair.agreement_state(ada).status == "agreed"
    make.agreement(pair, ada, purpose="Newer")
    assert pair.agreement_state(sam).status == "needs_you"


def test_the_status_needs_two_queries_for_any_number_of_pairs(pair, sam, django_assert_num_queries):
    for _n in range(3):
        make.agreement(make.pair(pair.program, sam, make.user()))
    with django_assert_num_queries(2):
        pairs = attach_signatures(Pair.objects.visible_to(sam).with_people())
        assert sorted(each.agreement_state(sam).status for each in pairs) == [
            "needs_partner",
            "needs_partner",
            "needs_partner",
            "not_written",
        ]


def test_the_page_needs_no_more_queries_for_many_versions(as_, sam, pair, page, django_assert_max_num_queries):
    client = as_(sam)
    for n in range(6):
        make.agreement(pair, sam, purpose=str(n))
    with django_assert_max_num_queries(40):
        client.get(page)


def test_the_first_version_is_version_1(pair, sam):
    assert Agreement.propose(pair, sam, 40_000).version == 1
