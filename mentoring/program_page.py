"""The people and pairs of a program as lines of its page, for its admins."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import Installation
from core.formatting import day, full_date
from mentoring.models import Enrollment, Pair, add_pairs_now


@dataclass(frozen=True)
class PersonLine:
    """One person in one role: how far they are, and what an admin can do."""

    enrollment: Enrollment
    name: str
    role: str
    state: str
    tag: str  # the color of the state, or ""
    since: str  # the day of an invitation that was sent
    link: str = ""  # of an invitation that cannot be emailed
    # Another program has invited them since: the link alone no longer opens the account.
    invited_elsewhere: bool = False

    @property
    def mentees(self) -> str:
        """How many mentees a mentor has."""
        row = self.enrollment
        if row.role != Enrollment.Role.MENTOR:
            return ""
        if not (row.capacity or row.pairs_now):
            return _("takes no mentees now")
        return _("%(now)s of %(most)s mentees") % {"now": row.pairs_now, "most": row.capacity}


@dataclass(frozen=True)
class PairLine:
    """The names, dates and states of a pair."""

    pair: Pair
    mentor: str
    mentee: str
    dates: str
    pause: str
    state: str
    end_date_label: str
    end_label: str


def person_lines(rows: Iterable[Enrollment]) -> list[PersonLine]:
    """Return the lines of these people; two queries at most."""
    rows, by_hand = add_pairs_now(list(rows)), not Installation.has_mail_server()
    elsewhere = invited_later_elsewhere(rows)
    return [
        PersonLine(
            row,
            row.shown_name,
            row.get_role_display(),
            *state_of(row),
            link=settings.SITE_URL + row.invitation_path()
            if (by_hand or row.user.mail_suspended_at) and row.invitation_state == "open"
            else "",
            invited_elsewhere=row.pk in elsewhere,
        )
        for row in rows
    ]


def state_of(row: Enrollment) -> tuple[str, str, str]:
    """Return how far somebody is in the program, the color of that, and since when they are invited."""
    if row.accepted_at:
        return (_("paired"), "apply", "") if row.pairs_now else (_("joined"), "", "")
    since = day(row.invited_at) if row.invitation_was_sent else ""
    if row.invitation_state == "expired":
        return _("invitation expired"), "amber", since
    if row.invitation_state == "none":
        return _("not invited yet"), "", ""
    return (_("invited"), "", since) if row.invitation_was_sent else (_("invitation not sent yet"), "amber", "")


def invited_later_elsewhere(rows: list[Enrollment]) -> set[int]:
    """Return those of these rows whose person another program has invited since.

    The later program does not learn that the person was known.
    """
    waiting = {row.user_id: row for row in rows if not row.accepted_at and row.user.last_login is None}
    if not waiting:
        return set()
    others = Enrollment.objects.filter(user__in=waiting).values_list("user", "program", "pk")
    return {
        row.pk
        for row in rows
        if row.user_id in waiting
        and any(user == row.user_id and program != row.program_id and pk > row.pk for user, program, pk in others)
    }


def pair_lines(pairs: Iterable[Pair]) -> list[PairLine]:
    """Return the lines of these pairs, loaded with people, agreements and pauses."""
    return [_pair_line(pair) for pair in pairs]


def _pair_line(pair: Pair) -> PairLine:
    names, pause = {"mentor": str(pair.mentor), "mentee": str(pair.mentee)}, ""
    if pair.ended_at:
        state = _("ended %(on)s") % {"on": day(pair.ended_at)}
    elif pair.mentor_agreed_at and pair.mentee_agreed_at:
        state = _("working agreement: agreed")
    else:
        state = _("working agreement: not agreed yet")
    if pair.paused_until and not pair.ended_at:
        days = {"start": day(pair.paused_from), "day": day(pair.paused_until)}
        pause = _("paused from %(start)s until %(day)s") % days
    return PairLine(
        pair,
        **names,
        dates=f"{full_date(pair.started_on)} – {full_date(pair.ends_on)}",
        pause=pause,
        state=state,
        end_date_label=_("Change the end date of %(mentor)s and %(mentee)s") % names,
        end_label=_("End the pair %(mentor)s and %(mentee)s") % names,
    )
