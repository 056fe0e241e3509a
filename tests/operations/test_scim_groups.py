"""Groups of the directory: their members are invited to the programs that the operator names, and leave them again."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import AuditEvent, GroupMembership, ProvisionedGroup
from mentoring import directory_groups, invitations
from mentoring.models import Enrollment, GroupRole, Pair
from mentoring.tasks import end_roles_of_groups
from operations.own_data.sections import Reader, identities
from operations.scim.schema import GROUP
from reminders import planner
from reminders.models import Reminder
from tests import make
from tests.directory import PATCH, TOKEN, ask, is_error
from tests.threads import run_at_once

GROUPS = "/scim/v2/Groups"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _token(settings, db):
    settings.SCIM_TOKEN = TOKEN
    make.installation()


@pytest.fixture
def directory():
    return Client(headers={"Authorization": f"Bearer {TOKEN}"})


@pytest.fixture
def lena(db):
    return make.user("Lena Brandt", email="lena@example.org", address_verified=False)


@pytest.fixture
def bo(db):
    return make.user("Bo Berg")


@pytest.fixture
def program(db):
    return make.program()


def values(people) -> list[dict]:
    return [{"value": str(person.pk)} for person in people]


def add(directory, *people, name: str = "Mentors", **facts) -> str:
    body = {"schemas": [GROUP], "displayName": name, "members": values(people)} | facts
    answer = ask(directory, "post", GROUPS, body)
    assert answer.status_code == 201, answer.content
    assert answer.headers["Location"].endswith(f"{GROUPS}/{answer.json()['id']}")
    return answer.json()["id"]


def patch(directory, pk: str, *operations: dict):
    return ask(directory, "patch", f"{GROUPS}/{pk}", {"schemas": [PATCH], "Operations": list(operations)})


def add_members(directory, pk: str, *people) -> None:
    assert patch(directory, pk, {"op": "add", "path": "members", "value": values(people)}).status_code == 200


def remove_member(directory, pk: str, person) -> None:
    answer = patch(directory, pk, {"op": "remove", "path": f'members[value eq "{person.pk}"]'})
    assert answer.status_code == 200, answer.content


def members(directory, pk: str) -> set[str]:
    return {row["value"] for row in directory.get(f"{GROUPS}/{pk}").json().get("members", [])}


def found(directory, condition: str) -> list[str]:
    return [row["id"] for row in directory.get(GROUPS, {"filter": condition}).json()["Resources"]]


def enroll(pk: str, program, role: str = "mentor") -> GroupRole:
    call_command("group_role", pk, str(program.pk), role)
    return GroupRole.objects.get(group=pk, program=program, role=role)


def states(person) -> list[str]:
    rows = Enrollment.objects.filter(user=person).order_by("pk")
    return ["left" if row.left_at else row.invitation_state for row in rows]


# --- The resource -------------------------------------------------------------------------------------------


def test_a_group_is_added_found_renamed_and_deleted(directory, lena, bo):
    pk = add(directory, lena, bo, name="Mentors 2026", externalId="g-1")
    for condition in (
        *('displayName eq "mentors 2026"', 'externalId eq "g-1"', f'id eq "{pk}" and members eq "{lena.pk}"'),
        *(f'members.value eq "{bo.pk}"', f'members[value eq "{bo.pk}"]'),
    ):
        assert found(directory, condition) == [pk], condition
    assert found(directory, 'displayName eq "Mentors"') == found(directory, f'members eq "{bo.pk + 1}"') == []
    body = {"schemas": [GROUP], "displayName": "All mentors", "members": values([bo])}
    answer = ask(directory, "put", f"{GROUPS}/{pk}", body).json()
    assert (answer["displayName"], answer.get("externalId"), members(directory, pk)) == (
        *("All mentors", None, {str(bo.pk)}),
    )
    assert directory.delete(f"{GROUPS}/{pk}").status_code == 204
    is_error(directory.get(f"{GROUPS}/{pk}"), 404)
    is_error(directory.delete(f"{GROUPS}/{pk}"), 404)
    of_the_group = AuditEvent.objects.filter(subject=f"accounts.provisionedgroup:{pk}").order_by("pk")
    verbs = ("added", "changed", "removed")
    assert [row.action for row in of_the_group] == [f"{verb} by the directory" for verb in verbs]


@pytest.mark.parametrize(
    ("operations", "left"),
    [
        ([{"op": "Add", "path": "members", "value": [{"value": "BO"}]}], {"LENA", "BO"}),
        ([{"op": "add", "value": {"members": [{"value": "BO"}]}}], {"LENA", "BO"}),
        ([{"op": "add", "path": f"{GROUP}:members", "value": {"value": "BO", "type": "User"}}], {"LENA", "BO"}),
        ([{"op": "replace", "path": "members", "value": [{"value": "BO"}]}], {"BO"}),
        ([{"op": "replace", "value": {"id": "7", "displayName": "New", "members": []}}], set()),
        ([{"op": "remove", "path": "members"}], set()),
        ([{"op": "remove", "path": 'members[value eq "LENA"]'}], set()),
        ([{"op": "Remove", "path": "members", "value": [{"value": "LENA"}]}], set()),
        ([{"op": "remove", "path": 'members[value eq "BO"]'}], {"LENA"}),
        ([{"op": "remove", "path": "members"}, {"op": "add", "path": "members", "value": [{"value": "BO"}]}], {"BO"}),
    ],
)
def test_members_are_changed_as_directories_write_it(directory, lena, bo, operations, left):
    def named(value):
        if isinstance(value, dict):
            return {key: named(each) for key, each in value.items()}
        if isinstance(value, list):
            return [named(each) for each in value]
        return value.replace("BO", str(bo.pk)).replace("LENA", str(lena.pk)) if isinstance(value, str) else value

    pk = add(directory, lena)
    for _again in range(2):
        assert patch(directory, pk, *named(operations)).status_code == 200
        assert members(directory, pk) == set(named(list(left)))


@pytest.mark.parametrize(
    ("operation", "scim_type"),
    [
        ({"op": "add", "path": "members", "value": [{"value": "999999"}]}, "invalidValue"),
        ({"op": "add", "path": "members", "value": [{"value": "²"}]}, "invalidValue"),
        ({"op": "add", "path": "members", "value": [{"value": 7}]}, "invalidValue"),
        ({"op": "add", "path": "members", "value": "7"}, "invalidValue"),
        ({"op": "add", "path": "members", "value": [{"value": "7", "type": "Group"}]}, "invalidValue"),
        ({"op": "add", "path": "members.value", "value": "7"}, "invalidPath"),
        ({"op": "replace", "path": 'members[value eq "7"]', "value": {}}, "mutability"),
        ({"op": "remove", "path": 'members[display eq "x"]'}, "invalidPath"),
        ({"op": "remove", "path": "displayName"}, "mutability"),
        ({"op": "replace", "path": "displayName", "value": "x" * 300}, "invalidValue"),
    ],
)
def test_what_cannot_be_done_is_refused_as_a_whole(directory, lena, bo, operation, scim_type):
    pk = add(directory, lena)
    first = {"op": "add", "path": "members", "value": values([bo])}
    is_error(patch(directory, pk, first, operation), 400, scim_type)
    assert members(directory, pk) == {str(lena.pk)}


def test_a_group_needs_a_name_and_known_members(directory, lena):
    is_error(ask(directory, "post", GROUPS, {"schemas": [GROUP]}), 400, "invalidValue")
    directory.delete(f"/scim/v2/Users/{lena.pk}")
    is_error(ask(directory, "post", GROUPS, {"displayName": "x", "members": values([lena])}), 400, "invalidValue")
    too_many = {"displayName": "x", "members": [{"value": str(n)} for n in range(1, 5002)]}
    is_error(ask(directory, "post", GROUPS, too_many), 413)
    is_error(directory.get(GROUPS, {"filter": 'displayName co "x"'}), 400, "invalidFilter")
    assert not ProvisionedGroup.objects.exists()


def test_pages_and_excluded_members(directory, lena, django_assert_num_queries):
    for n in range(5):
        add(directory, lena, name=f"Group {n}")
    page = directory.get(GROUPS, {"startIndex": 2, "count": 2, "excludedAttributes": "members"}).json()
    assert (page["totalResults"], page["itemsPerPage"], page["startIndex"]) == (5, 2, 2)
    assert [row["displayName"] for row in page["Resources"]] == ["Group 1", "Group 2"]
    assert not any("members" in row for row in page["Resources"])
    with django_assert_num_queries(3):
        directory.get(GROUPS)


# --- What it leads to ---------------------------------------------------------------------------------------


def test_a_group_alone_invites_nobody(directory, lena):
    add(directory, lena)
    assert not Enrollment.objects.exists()


def test_members_are_invited_now_and_when_they_are_added(directory, program, lena, bo):
    pk = add(directory, lena)
    enroll(pk, program)
    add_members(directory, pk, bo)
    rows = Enrollment.objects.order_by("pk")
    assert [(row.user, row.role, row.invitation_state) for row in rows] == [
        (lena, "mentor", "open"),
        (bo, "mentor", "open"),
    ]
    assert AuditEvent.objects.filter(user=None, action="invited as mentor").count() == 2
    planner.plan()
    assert set(Reminder.objects.values_list("kind", "recipient")) == {("invitation", lena.pk), ("invitation", bo.pk)}


def test_a_program_sees_the_name_of_the_directory_not_of_an_account(directory, program, lena, bo):
    make.enrollment(make.program("Elsewhere"), bo, "mentee")
    enroll(add(directory, lena, bo), program)
    assert {row.shown_name for row in program.enrollments.all()} == {"Lena Brandt", bo.email}


def test_a_repeated_request_changes_nothing(directory, program, lena):
    pk = add(directory, lena)
    enroll(pk, program)
    before, rows = AuditEvent.objects.count(), list(Enrollment.objects.values())
    add_members(directory, pk, lena)
    ask(directory, "put", f"{GROUPS}/{pk}", {"displayName": "Mentors", "members": values([lena, lena])})
    assert (AuditEvent.objects.count(), list(Enrollment.objects.values())) == (before, rows)


def test_who_leaves_the_group_leaves_the_program_and_can_come_back(directory, program, lena):
    pk = add(directory, lena)
    enroll(pk, program)
    Enrollment.objects.get().accept()
    remove_member(directory, pk, lena)
    assert states(lena) == ["left"] and AuditEvent.objects.filter(user=None, action="removed as mentor").exists()
    add_members(directory, pk, lena)
    assert states(lena) == ["open"]


def test_who_left_the_program_or_was_removed_is_not_invited_again(directory, program, lena, bo):
    pk = add(directory, lena, bo)
    role = enroll(pk, program)
    Enrollment.objects.get(user=lena).accept()
    Enrollment.objects.get(user=lena).leave(lena)
    Enrollment.objects.get(user=bo).leave(make.admin(program))
    nia = make.user("Nia Cole")
    add_members(directory, pk, nia, lena, bo)
    directory_groups.end_roles(role)
    assert states(lena) == states(bo) == ["left"] and states(nia) == ["open"]


def test_a_running_pair_stays_and_the_role_ends_after_it(directory, pair):
    pk = add(directory, pair.mentor)
    enroll(pk, pair.program)
    mentor = Enrollment.objects.get(user=pair.mentor)
    assert not mentor.group_invited_at  # they were in the program before
    Enrollment.objects.filter(pk=mentor.pk).update(group_invited_at=mentor.invited_at)
    remove_member(directory, pk, pair.mentor)
    end_roles_of_groups()
    mentor.refresh_from_db()
    assert mentor.is_active and Pair.objects.active().count() == 1
    Pair.objects.get().end(None)
    end_roles_of_groups()
    mentor.refresh_from_db()
    assert not mentor.is_active and Pair.objects.count() == 1


def test_a_role_that_somebody_gave_or_renewed_here_stays(directory, program, lena, bo):
    admin = make.admin(program)
    invitations.invite(admin, program, "mentor", [("Lena Brandt", lena.email)])
    pk = add(directory, lena, bo)
    enroll(pk, program)
    Enrollment.objects.get(user=bo).invite_again(admin)
    patch(directory, pk, {"op": "remove", "path": "members"})
    assert states(lena) == states(bo) == ["open"]


def test_another_group_with_the_same_role_keeps_people_in(directory, program, lena):
    first, second = add(directory, lena), add(directory, lena, name="More mentors")
    enroll(first, program), enroll(second, program)
    remove_member(directory, first, lena)
    assert states(lena) == ["open"]
    directory.delete(f"{GROUPS}/{second}")
    assert states(lena) == ["left"]


def test_the_only_admin_is_not_removed(directory, program, lena):
    pk = add(directory, lena)
    enroll(pk, program, "admin")
    Enrollment.objects.get().accept()
    directory.delete(f"{GROUPS}/{pk}")
    assert states(lena) == ["used"]


def test_a_person_whom_the_directory_deletes_leaves_its_groups(directory, program, lena):
    pk = add(directory, lena)
    enroll(pk, program)
    directory.delete(f"/scim/v2/Users/{lena.pk}")
    assert members(directory, pk) == set() and states(lena) == ["left"]
    assert not GroupMembership.objects.exists()


def test_a_stopped_group_changes_nobody_any_more(directory, program, lena, bo, capsys):
    pk = add(directory, lena)
    enroll(pk, program)
    call_command("group_role", "Mentors", program.name, "mentor", "--stop", "--dry-run")
    assert "would no longer change" in capsys.readouterr().out and GroupRole.objects.exists()
    call_command("group_role", "Mentors", program.name, "mentor", "--stop")
    add_members(directory, pk, bo)
    remove_member(directory, pk, lena)
    end_roles_of_groups()
    assert states(lena) == ["open"] and states(bo) == []
    actions = AuditEvent.objects.filter(subject=f"mentoring.program:{program.pk}").values_list("action", flat=True)
    assert set(actions) == {
        "group of the directory invites as mentor",
        "group of the directory invites no more as mentor",
    }


def test_the_command_prints_groups_and_refuses_what_is_unclear(directory, program, lena, capsys):
    call_command("group_role")
    assert capsys.readouterr().out == "The directory has sent no groups.\n"
    pk = add(directory, lena)
    call_command("group_role", pk, program.name, "mentee", "--dry-run")
    assert capsys.readouterr().out == f"1 members would be invited to {program}.\n"
    assert not GroupRole.objects.exists() and not Enrollment.objects.exists()
    enroll(pk, program, "mentee")
    assert "Invited to" in capsys.readouterr().out
    call_command("group_role")
    assert capsys.readouterr().out == f"{pk}\tMentors\t1 members\tmentee in {program}\n"
    add(directory, name="Mentors")
    for arguments, why in (
        ((pk,), "Name the group, the program and the role"),
        ((pk, program.name, "mentee"), "already invited"),
        (("Nobody", program.name, "mentor"), "0 groups"),
        (("Mentors", program.name, "mentor"), "2 groups"),
        ((pk, "Elsewhere", "mentor"), "0 programs"),
        ((pk, program.name, "mentor", "--stop"), "does not invite"),
        ((pk, program.name, "boss"), "invalid choice"),
    ):
        with pytest.raises(CommandError, match=why):
            call_command("group_role", *arguments)


@pytest.mark.django_db(transaction=True)
def test_simultaneous_changes_invite_each_member_once(program, lena, bo):
    web = Client(headers={"Authorization": f"Bearer {TOKEN}"})
    pk = add(web)
    enroll(pk, program)
    others = [Client(headers={"Authorization": f"Bearer {TOKEN}"}) for _n in range(4)]
    run_at_once(*(lambda each=each, n=n: add_members(each, pk, lena, *[bo][n:]) for n, each in enumerate(others)))
    assert members(web, pk) == {str(lena.pk), str(bo.pk)} and states(lena) == states(bo) == ["open"]
    assert AuditEvent.objects.filter(action="invited as mentor").count() == 2
    run_at_once(*(lambda each=each: remove_member(each, pk, lena) for each in others))
    assert states(lena) == ["left"] and states(bo) == ["open"]


def test_a_persons_groups_are_in_their_data(directory, lena):
    add(directory, lena)
    facts = [fact for row in identities(Reader(lena)) for fact in row]
    assert [(fact.name, fact.value) for fact in facts] == [("group", "Mentors")]
