"""The open tasks of a person for the inbox, read from the data itself (docs/rules.md, reminders, inbox)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.formatting import when
from dashboard.home import Home, PairLine, is_unanswered, read_pair_lines, read_pairs
from goals.models import Commitment
from mentoring.models import Enrollment
from mentoring.models.pair import AgreementStatus
from sessions.models import Session


@dataclass(frozen=True)
class OpenTask:
    """One open task, with the page on which it is done."""

    subject: str  # "commitment:12", as reminders name what they are about
    title: str
    url: str
    since: date | datetime | None = None


def open_invitations(user) -> list[Enrollment]:
    """Return the invitations this person has not answered. Until then their programs stay closed to them."""
    return list(user.enrollments.with_open_invitation().prefetch_related("program").order_by("pk"))


def open_tasks(user) -> list[OpenTask]:
    """Return a person's open tasks: the same ones that the home page shows."""
    lines, sessions = read_pair_lines(user, read_pairs(user))
    overdue = Commitment.objects.filter(pair__in=lines, due_on__lt=user.today()).open().owned_by(user)
    return [
        *(_invitation(row) for row in open_invitations(user)),
        *_tasks_of_pairs(lines.values(), [(row, lines[row.pair_id]) for row in sessions if is_unanswered(row)]),
        *(_commitment(row) for row in overdue.soonest_first()),
    ]


def tasks_on(home: Home, today: date) -> list[OpenTask]:
    """Return the same tasks without a further query, from a home page that was read; only those that it shows."""
    overdue = [row for row in home.commitments if row.due_on < today]
    return [*_tasks_of_pairs(home.lines, home.unanswered), *(_commitment(row) for row in overdue)]


def _tasks_of_pairs(lines: Iterable[PairLine], unanswered: list[tuple[Session, PairLine]]) -> list[OpenTask]:
    return [
        *(_session(row, line.other) for row, line in unanswered),
        *(_check_in(line) for line in lines if line.check_in_due),
        *(_agreement(line) for line in lines if line.agreement.status == AgreementStatus.NEEDS_YOU),
    ]


def _invitation(row: Enrollment) -> OpenTask:
    title = _("You are invited to %(program)s") % {"program": row.program}
    return OpenTask(f"enrollment:{row.pk}", title, row.invitation_path(), row.invited_at)


def _session(session: Session, other) -> OpenTask:
    values, subject = {"name": other.first_name, "when": when(session.starts_at)}, f"session:{session.pk}"
    if session.started_at:
        title, url = _("Wrap up your session with %(name)s, %(when)s"), reverse("session_wrap_up", args=[session.pk])
    else:
        title, url = _("Did you and %(name)s meet %(when)s?"), reverse("session_recap", args=[session.pk])
    return OpenTask(subject, title % values, url, session.ends_at)


def _check_in(line: PairLine) -> OpenTask:
    title = _("Check-in: how is it going? %(name)s sees your answer.") % {"name": line.other.first_name}
    return OpenTask(f"pair:{line.pair.pk}", title, reverse("check_in", args=[line.pair.pk]))


def _agreement(line: PairLine) -> OpenTask:
    title = _("Your working agreement with %(name)s: read it and agree") % {"name": line.other.first_name}
    return OpenTask(f"pair:{line.pair.pk}", title, reverse("agreement_detail", args=[line.pair.pk]))


def _commitment(row: Commitment) -> OpenTask:
    title = _("Overdue: %(what)s (%(day)s)") % {"what": row.text, "day": date_format(row.due_on, "DAY_FORMAT")}
    return OpenTask(f"commitment:{row.pk}", title, reverse("commitment_detail", args=[row.pk]), row.due_on)
