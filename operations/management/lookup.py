"""Find the program that a command is about."""

from django.core.management.base import CommandError

from core.http import whole_number
from mentoring.models import Program


def program_with(text: str) -> Program:
    """Return the program with this number or whole name; raise CommandError if there is none, or several."""
    found = Program.objects.filter(name__iexact=text) or Program.objects.filter(pk=whole_number(text))
    if len(found) != 1:
        raise CommandError(
            f"{len(found)} programs match {text!r}. Pass the number in the address of the program's page."
        )
    return found[0]
