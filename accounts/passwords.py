"""Passwords that an installation does not accept, beside Django's own list of 20,000."""

import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

WORDS = ("throughline", "mentoring", "mentors", "mentees", "mentor", "mentee")  # docs/rules.md, signing in
FEWEST_OTHER_LETTERS = 4


def words_of_the_site() -> list[str]:
    """Return the words that a password may not consist of, the longest first; of the host name without its domain."""
    names = re.findall(r"[^\W\d_]{4,}", (settings.SITE.hostname or "").rpartition(".")[0].lower())
    return sorted({*WORDS, *names}, key=len, reverse=True)


class SiteWordsValidator:
    """Validator that refuses passwords of little but the words of this application and this installation."""

    def validate(self, password: str, user=None) -> None:
        rest = password.lower()
        for word in words_of_the_site():
            rest = rest.replace(word, " ")
        if rest != password.lower() and len(re.findall(r"[^\W\d_]", rest)) < FEWEST_OTHER_LETTERS:
            raise ValidationError(_("This password is mostly the name of this site. Choose another."))

    def get_help_text(self) -> str:
        return _("Your password can’t be mostly the name of this site.")


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
