"""Which parts of the page are shown in which session; the first is simple (docs/rules.md, features by session)."""

from dataclasses import dataclass

MILESTONES_EVERY = 3  # sessions


@dataclass(frozen=True)
class Features:
    """The parts of the page that are shown or hidden by the number of the session."""

    status_update: bool
    since_last_time: bool
    obstacle_first: bool  # ideas open once the obstacle is named
    goal_lines: bool  # why a goal matters, and how we will know
    rating: bool
    milestones: bool  # the next steps toward the goals, looked at on a rhythm
    balance: bool  # learn, reflect, apply: planned against actual


def features_for(number: int) -> Features:
    """Return the features of session `number` of a pair."""
    second, fourth = number >= 2, number >= 4
    return Features(
        status_update=second,
        since_last_time=second,
        obstacle_first=second,
        goal_lines=number == 2,
        rating=second,
        milestones=number % MILESTONES_EVERY == 0,
        balance=fourth,
    )
