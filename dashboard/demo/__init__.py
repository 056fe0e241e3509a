"""The demo: one believable program in mid-course. `fill` makes it, `clear` takes it away, `people` lists who is in."""

from dashboard.demo.house import RealPeople, clear, people
from dashboard.demo.story import fill

__all__ = ["RealPeople", "clear", "fill", "people"]
