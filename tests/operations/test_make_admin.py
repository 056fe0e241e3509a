"""`manage.py make_admin` gives a program an admin again."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEvent
from mentoring.models import Enrollment, Program
from tests import make


def test_a_person_becomes_admin_by_number_or_name_of_the_program(pair, ada, sam, capsys):
    program = pair.program
    call_command("make_admin", ada.email, str(program.pk), "--dry-run")
    assert "would be" in capsys.readouterr().out and not Enrollment.objects.admins().exists()
    call_command("make_admin", ada.email.upper(), str(program.pk))
    call_command("make_admin", sam.email, program.name.lower())
    assert set(Program.objects.managed_by(ada)) == set(Program.objects.managed_by(sam)) == {program}
    assert AuditEvent.objects.filter(action="added as admin", user=None).count() == 2


def test_an_admin_who_left_runs_the_program_again(pair):
    priya = make.admin(pair.program)
    make.admin(pair.program, "Ines Duarte")
    Enrollment.objects.get(user=priya).leave(priya)
    call_command("make_admin", priya.email, pair.program.name)
    assert Enrollment.objects.get(user=priya).is_active


def test_make_admin_refuses_unknown_closed_and_repeated(pair, ada):
    make.program("Twice"), make.program("Twice")
    for email, program, why in (
        ("nobody@example.org", pair.program.name, "Nobody has the address"),
        (ada.email, "Unknown", "0 programs"),
        (ada.email, "Twice", "2 programs"),
        (ada.email, "9" * 30, "0 programs"),
        (make.user(is_active=False).email, pair.program.name, "closed"),
        (make.admin(pair.program).email, pair.program.name, "already"),
    ):
        with pytest.raises(CommandError, match=why):
            call_command("make_admin", email, program)
    assert Enrollment.objects.admins().count() == 1
