"""Passwords that an installation does not accept, beside Django's own list of 20,000."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class PasswordListValidator:
    """Validator that refuses the passwords in the file PASSWORD_LIST: one a line, upper and lower case alike.

    The file is read at each check, so that it needs no memory and can be replaced while the application runs.
    """

    def validate(self, password: str, user=None) -> None:
        if not settings.PASSWORD_LIST:
            return
        wanted = password.strip().lower().encode()
        with open(settings.PASSWORD_LIST, "rb") as lines:
            if any(line.strip().lower() == wanted for line in lines):
                raise ValidationError(_("This password is on a list of common or leaked passwords. Choose another."))

    def get_help_text(self) -> str:
        return _("Your password can’t be on this installation’s list of common or leaked passwords.")
