"""The content of a pair is visible only to its two people."""

from mentoring.models import Pair
from tests import make


def test_a_pair_is_visible_to_its_two_people_only(pair):
    stranger, admin = make.user(), make.admin(pair.program)
    assert pair in Pair.objects.visible_to(pair.mentor)
    assert pair in Pair.objects.visible_to(pair.mentee)
    assert pair not in Pair.objects.visible_to(stranger)
    assert pair not in Pair.objects.visible_to(admin)
    assert pair in Pair.objects.managed_by(admin)


def test_an_ended_pair_is_read_only(pair):
    pair.end()
    assert pair in Pair.objects.visible_to(pair.mentee)
    assert pair not in Pair.objects.editable_by(pair.mentee)
