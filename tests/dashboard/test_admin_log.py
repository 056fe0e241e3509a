"""The log of a program: its admins see what they and their co-admins did there, and nothing of other programs."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import AuditEvent, ProvisionedGroup
from dashboard import admin_log
from dashboard.models import Flag, FlagRule
from mentoring import directory_groups
from mentoring.models import Enrollment, GroupRole, Pair
from tests import make

A = AuditEvent.Action


@pytest.fixture
def priya(pair):
    return make.admin(pair.program)


def log(as_, admin, program) -> str:
    answer = as_(admin).get(reverse("program_log", args=[program.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_co_admins_see_what_each_other_did(as_, pair, priya):
    ines = make.admin(pair.program, "Ines Duarte")
    nia = make.enrollment(pair.program, make.user("Nia Cole"), "mentee", accepted_at=None, name="Nia Cole")
    AuditEvent.record(ines, A.INVITED, nia, detail="mentee")
    pair.pause(priya, pair.program.today(), pair.program.today() + timedelta(days=9), pair.program.today())
    AuditEvent.record(ines, A.PEOPLE_EXPORTED, pair.program)
    for reader in (priya, ines):
        page = log(as_, reader, pair.program)
        assert "Ines Duarte: invited (Nia Cole)" in page
        assert "Priya Nair: paused a pair (Sam Okafor · Ada Lind)" in page
        assert "Ines Duarte: downloaded the list of people" in page
    assert page.index("downloaded the list") < page.index("paused a pair") < page.index("invited (Nia")


def test_admins_see_whom_the_directory_invited_and_removed(as_, pair, priya):
    group = ProvisionedGroup.objects.create(display_name="Mentees 2027")
    role = GroupRole(program=pair.program, group=group, role="mentee")
    nia, kofi = make.user("Nia Cole"), make.user("Kofi Mensah")
    directory_groups.start(role)
    directory_groups.add_members(group, [nia])
    directory_groups.remove_members(group, [nia.pk])
    other = GroupRole(program=make.program("Other"), group=group, role="mentee")
    directory_groups.start(other)
    directory_groups.add_members(group, [kofi])
    AuditEvent.record(None, A.SIGN_IN_FAILED, kofi, "refused")
    AuditEvent.record(None, A.PAIR_ENDED, pair)
    acts = [(act.who, str(act.what)) for act in admin_log.acts_of_admins(pair.program, priya)]
    assert acts == [
        (None, "invited"),
        (None, "removed"),
        (None, "invited"),
        (None, "connected a directory group"),
    ]
    assert "Directory or operator: removed (Nia Cole)" in log(as_, priya, pair.program)


def test_nothing_of_another_program_is_in_the_log(as_, pair, priya):
    other = make.program("Other")
    make.enrollment(other, priya, "admin")
    elsewhere = make.pair(other, make.user("Kofi Mensah"), make.user("Lena Brandt"))
    both = make.participant(other, "mentee", "Tom Reed")
    make.enrollment(pair.program, both, "mentee")
    AuditEvent.record(priya, A.PAIR_ENDED, elsewhere)
    AuditEvent.record(priya, A.PROGRAM_CHANGED, other)
    AuditEvent.record(priya, A.PROPOSAL_LOCKED, both)
    AuditEvent.record(priya, A.PROPOSAL_UNLOCKED, pair.mentee)
    assert [str(act.what) for act in admin_log.acts_of_admins(pair.program, priya)] == ["unlocked a suggested match"]
    assert "Kofi" not in log(as_, priya, pair.program)


def test_acts_of_members_and_talk_requests_are_not_in_the_log(as_, pair, priya, ada):
    AuditEvent.record(ada, A.PAIR_PAUSED, pair)
    AuditEvent.record(priya, A.TALK_REQUEST_HANDLED, pair.program)
    AuditEvent.record(priya, A.GROWTH_RECORD_EXPORTED, pair)
    AuditEvent.record(priya, A.PAGE_REQUESTED, "pair_detail:1", "refused")
    assert "Nothing yet" in log(as_, priya, pair.program)


def test_what_an_admin_does_in_an_own_pair_is_not_in_the_log(pair, priya, sam):
    make.enrollment(pair.program, sam, Enrollment.Role.ADMIN)
    pair.pause(sam, pair.program.today(), pair.program.today() + timedelta(days=9), pair.program.today())
    pair.end(sam)
    assert admin_log.acts_of_admins(pair.program, priya) == []
    Pair.objects.update(mentor=make.user("Kofi Mensah"))
    assert [str(act.what) for act in admin_log.acts_of_admins(pair.program, priya)] == ["ended a pair", "paused a pair"]


def test_an_admin_sees_no_flag_of_an_own_pair(pair, priya, sam):
    make.enrollment(pair.program, sam, Enrollment.Role.ADMIN)
    flag = Flag.objects.create(pair=pair, rule=FlagRule.NO_FIRST_SESSION, level="red")
    AuditEvent.record(priya, A.FLAG_SNOOZED, flag, detail="A1")
    assert admin_log.acts_of_admins(pair.program, sam) == []
    assert [str(act.what) for act in admin_log.acts_of_admins(pair.program, priya)] == ["snoozed a pair"]


def test_many_invitations_are_one_line_and_queries_do_not_grow(as_, pair, priya, django_assert_max_num_queries):
    rows = [make.enrollment(pair.program, make.user(), "mentee", accepted_at=None) for _n in range(30)]
    for row in rows:
        AuditEvent.record(priya, A.INVITED, row, detail="mentee")
    with django_assert_max_num_queries(8):
        acts = admin_log.acts_of_admins(pair.program, priya)
    assert [(str(act.what), act.times) for act in acts] == [("invited", 30)]
    assert "Priya Nair: invited (30 times)" in log(as_, priya, pair.program)


def test_every_act_has_a_label_that_is_found():
    for act, label in admin_log.ACTS.items():
        assert admin_log.label_of(act.value.format("mentee")) == label
    assert admin_log.label_of("signed in") is None


def test_the_log_is_printed_as_json_for_other_tools(pair, priya, capsys):
    first = AuditEvent.build(priya, A.PROGRAM_CHANGED, pair.program)
    first.save()
    AuditEvent.record(priya, A.PAIR_ENDED, Pair.objects.get(), "refused")
    call_command("audit", "--json")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["id"] for line in lines] == sorted(line["id"] for line in lines)
    last = lines[-1]
    assert (last["action"], last["result"], last["user"]) == ("pair ended", "refused", priya.email)
    assert last["subject"] == f"mentoring.pair:{pair.pk}" and last["at"].endswith("+00:00")
    call_command("audit", "--json", "--after", str(first.pk))
    assert [json.loads(line)["id"] for line in capsys.readouterr().out.splitlines()] == [last["id"]]
    with pytest.raises(CommandError, match="Enter"):
        call_command("audit", "--json", "--after", "-1")
