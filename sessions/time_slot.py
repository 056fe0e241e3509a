"""When, for how long and where a session is planned: the values that travel together."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Self

from sessions.cadence import at_wall_clock


@dataclass(frozen=True)
class TimeSlot:
    """A planned time: naive local start, its time zone, length in minutes, and place."""

    local_start: datetime
    zone: str
    minutes: int
    place: str = ""

    @property
    def starts_at(self) -> datetime:
        """Return the start as an instant; clock changes are resolved by at_wall_clock."""
        return at_wall_clock(self.local_start, self.zone)

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def date(self) -> date:
        return self.local_start.date()

    @property
    def columns(self) -> dict:
        """Return the columns of Session that follow from the time; `local_start` is stored as if it were UTC."""
        return {
            "local_start": self.local_start.replace(tzinfo=UTC),
            "zone": self.zone,
            "minutes": self.minutes,
            "starts_at": self.starts_at,
            "ends_at": self.ends_at,
        }

    @property
    def initial(self) -> dict:
        """Return the initial values of a form that asks for a time."""
        return {
            "on": self.date,
            "at": self.local_start.time(),
            "zone": self.zone,
            "minutes": self.minutes,
            "place": self.place,
        }

    def starting(self, local_start: datetime) -> Self:
        """Return the same slot at another local time."""
        return replace(self, local_start=local_start)
