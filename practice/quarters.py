"""Quarters of the calendar, by the dates of one person, and when a self-review of one is offered."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from accounts.models import User
from accounts.working_hours import instant
from core.formatting import period

DAY = timedelta(days=1)
OFFERED_FOR = timedelta(days=28)
AT_LEAST = timedelta(days=30)  # that a pair had in the quarter


@dataclass(frozen=True)
class Quarter:
    """A quarter of the calendar, named by its first day."""

    first: date

    @classmethod
    def of(cls, on: date) -> "Quarter":
        return cls(date(on.year, 3 * ((on.month - 1) // 3) + 1, 1))

    @classmethod
    def finished(cls, today: date) -> "Quarter":
        """Return the newest quarter that is over."""
        return cls.of(today).before

    @property
    def before(self) -> "Quarter":
        return Quarter.of(self.first - DAY)

    @property
    def last(self) -> date:
        return Quarter.of(self.first + timedelta(days=100)).first - DAY

    @property
    def offered_until(self) -> date:
        """The last day on which its review is offered."""
        return self.last + OFFERED_FOR

    @property
    def joined_until(self) -> date:
        """The last day on which a pair may have begun that makes its people look back on the quarter."""
        return self.last + DAY - AT_LEAST

    def bounds(self, person: User) -> tuple[datetime, datetime]:
        """Return its first instant for this person, and the one after its last."""
        return instant(person, self.first, time()), instant(person, self.last + DAY, time())

    def __str__(self) -> str:
        return period(self.first, self.last)
