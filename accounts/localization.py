"""Writing for one person: in their time zone, language and clock format."""

from django.utils import timezone, translation

from accounts.models import User
from core.formatting import clock_24


class localized_for:
    """Context manager that activates a person's time zone, language and clock format."""

    def __init__(self, person: User):
        self.person = person

    def __enter__(self) -> None:
        self.clock_token = clock_24.set(self.person.clock == self.person.Clock.H24)
        self.overrides = timezone.override(self.person.tzinfo), translation.override(self.person.spoken_language)
        for override in self.overrides:
            override.__enter__()

    def __exit__(self, *error) -> None:
        for override in reversed(self.overrides):
            override.__exit__(*error)
        clock_24.reset(self.clock_token)
