"""End dates of programs and of their pairs, and changes of them (docs/rules.md, ending)."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from accounts.models import AuditEvent
from mentoring.models import Pair
from tests import make
from tests.browsing import fields_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(db):
    return make.program()


@pytest.fixture
def client_(program, as_):
    return as_(make.admin(program))


def test_a_new_end_date_asks_about_current_pairs(client_, program):
    url, before = f"/programs/{program.pk}/edit/", program.ends_on
    current, own = make.pair(program), make.pair(program, ends_on=before - timedelta(days=30))
    form = fields_of(client_.get(url).content.decode())
    later = form | {"ends_on": (before + timedelta(days=90)).isoformat()}
    response = client_.post(url, later)
    assert response.status_code == 422 and "1 current pair has another end date" in response.content.decode()
    assert client_.post(url, later | {"pairs_end": "along"}).status_code == 302
    for row in (program, current, own):
        row.refresh_from_db()
    assert program.ends_on == current.ends_on == before + timedelta(days=90)
    assert own.ends_on == before - timedelta(days=30), "a pair's own end date is kept"
    earlier = fields_of(client_.get(url).content.decode()) | {"ends_on": (before - timedelta(days=60)).isoformat()}
    assert client_.post(url, earlier | {"pairs_end": "keep"}).status_code == 302
    current.refresh_from_db()
    assert current.ends_on == before + timedelta(days=90)


def test_a_past_end_date_is_rejected_or_needs_confirmation(client_, program):
    url, pair = f"/programs/{program.pk}/edit/", make.pair(program)
    past = fields_of(client_.get(url).content.decode()) | {"ends_on": (program.today() - timedelta(days=1)).isoformat()}
    refused = client_.post(url, past | {"pairs_end": "along"})
    assert refused.status_code == 422 and "1 pair has not ended." in refused.content.decode()
    pair.end()
    response = client_.post(url, past)
    assert response.status_code == 422 and client_.post(url, fields_of(response.content.decode())).status_code == 302
    program.refresh_from_db()
    with pytest.raises(ValidationError, match="Change its end date first"):
        Pair.start(None, program, pair.mentor, pair.mentee)
    html = client_.post(f"/programs/{program.pk}/matching/start/", follow=True).content.decode()
    assert "Change its end date first" in html


def test_the_end_of_one_pair_can_be_changed(client_, program):
    pair = make.pair(program)
    url, later = f"/pairs/{pair.pk}/end-date/", pair.ends_on + timedelta(days=60)
    assert client_.post(url, {"ends_on": (program.today() - timedelta(days=1)).isoformat()}).status_code == 422
    assert client_.post(url, {"ends_on": later.isoformat()}).status_code == 302
    pair.refresh_from_db()
    assert pair.ends_on == later
    assert AuditEvent.objects.filter(action=AuditEvent.Action.PAIR_END_DATE_CHANGED).exists()
