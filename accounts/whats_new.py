"""What is new in each release, shown once to the people who knew the one before."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Change:
    """One new thing: an icon, a line, and the name and query of the URL where it is, if it has one."""

    icon: str
    text: Promise
    url_name: str = ""
    query: str = ""


@dataclass(frozen=True)
class Release:
    version: str
    changes: tuple[Change, ...]
    for_admins: tuple[Change, ...] = ()


# Newest first. A release without news for the people who use it needs no entry.
RELEASES = (
    Release(
        "0.2.0",
        (
            Change("magnifying-glass", _("Search people, sessions, commitments, goals and topics."), "search"),
            Change("calendar-days", _("See your sessions by month."), "session_list", "?view=month"),
            Change("envelope", _("Answer reminders from the email, without signing in."), "notifications"),
            Change("flag", _("Goals have milestones, plans and indicators with charts.")),
        ),
        for_admins=(
            Change("eye", _("The overview of a program lists the pairs that need attention, each with one action.")),
            Change("users", _("Pairs are suggested for a whole program, with the reasons for each.")),
        ),
    ),
)


def newest_release() -> str:
    """Return the version of the newest release that has news."""
    return RELEASES[0].version


def news_for(user) -> Release | None:
    """Return the newest release if this person has not dismissed its news."""
    return RELEASES[0] if user.news_seen != newest_release() else None
