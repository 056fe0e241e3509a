"""Notifications to program admins: a request to talk, a red flag, and a Monday summary (docs/rules.md, reminders)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Prefetch, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.working_hours import DAY
from dashboard.attention import FlaggedPair, NeedsAttention, PairRow
from dashboard.flags import RULES
from dashboard.models import Digest, Flag, FlagRule, OverviewEmail
from dashboard.overview import overview_file
from mentoring.models import Enrollment, Pair, Program, TalkRequest
from mentoring.models.talk_request import talk_request_recipients
from reminders.emails import EmailPart, page_url, subject_line
from reminders.intents import Intent, Kind, Row, register
from reminders.models import Topic
from reminders.windows import morning

if TYPE_CHECKING:

    class ProgramWithAdmins(Program):
        admins: list[Enrollment]

    class PairOfProgram(Pair):
        program: ProgramWithAdmins

    class PairFlag(Flag):
        pair: PairOfProgram

    class DueDigest(Digest):
        file_every: str | None  # how often they get the overview as a file


class AdminReminder(Kind[Row]):
    """Base class for reminders to program admins."""

    topic = Topic.PROGRAM
    why = gettext_lazy("You get this because you run this program.")
    pair = ""
    recipients: tuple[str, ...] = ()
    max_age = timedelta(days=7)
    confidential = True


@register
class TalkRequested(AdminReminder[TalkRequest]):
    """Notify all admins except the person's partners at the next window, until one has been in touch."""

    name = "wish_to_talk"
    label = gettext_lazy("Someone wants to talk to you")
    subject = "talk"
    changed = anchor = "created_at"

    @staticmethod
    def rows() -> QuerySet[TalkRequest]:
        return TalkRequest.objects.waiting().select_related("program", "user")

    def intents(self, request: TalkRequest) -> Iterator[Intent]:
        for admin in talk_request_recipients(request.user, request.program):
            yield self.intent(request, admin.pk, "", request.created_at, request.created_at + self.max_age)

    def email(self, person: User, intent: Intent[TalkRequest]) -> EmailPart:
        request: TalkRequest = intent.row
        page = page_url("program_detail", request.program_id, fragment=f"talk-{request.pk}")
        title = _("%(name)s wants to talk to you") % {"name": request.user}
        return EmailPart(subject_line("%(title)s", title=title), title, _("Open the request"), page, page)


@register
class RedFlag(AdminReminder["PairFlag"]):
    """Notify the admins who are not part of the pair of a red flag at the next window."""

    name = "red_flag"
    label = gettext_lazy("A pair needs attention")
    subject = "flag"
    changed = anchor = "level_changed_at"

    @staticmethod
    def rows() -> QuerySet[Flag]:
        admins = Prefetch("pair__program__enrollments", Enrollment.objects.admins(), to_attr="admins")
        flags = Flag.objects.to_alert_admins().select_related("pair__program", "pair__mentor", "pair__mentee")
        return flags.prefetch_related(admins)

    def intents(self, flag: "PairFlag") -> Iterator[Intent]:
        pair, since = flag.pair, flag.level_changed_at
        for admin_id in {row.user_id for row in pair.program.admins} - {pair.mentor_id, pair.mentee_id}:
            yield self.intent(flag, admin_id, since.isoformat(), since, since + self.max_age)

    def email(self, person: User, intent: Intent["PairFlag"]) -> EmailPart:
        """Return one part per program, with this pair in full and the other red pairs in a line each."""
        flag = intent.row
        page, rule = page_url("program_overview", flag.pair.program_id), RULES[FlagRule(flag.rule)]
        values = {"mentor": flag.pair.mentor.first_name, "mentee": flag.pair.mentee.first_name}

        def lines() -> list[str]:
            needs = NeedsAttention(flag.pair.program, person, flag.pair.program.today())
            others = [pair for pair in needs.pairs if pair.red and pair.pair_id != flag.pair_id]
            return [str(rule.advice_for_admin), *pair_lines(needs, others)]

        return EmailPart(
            subject=subject_line(_("%(mentor)s and %(mentee)s need attention"), **values),
            title=_("%(mentor)s and %(mentee)s: %(rule)s") % (values | {"rule": rule.label}),
            action=_("See what you can do"),
            url=page,
            page=page,
            lines=lines,
        )


@register
class WeeklySummary(AdminReminder["DueDigest"]):
    """Send an admin the summary on Monday at 08:30, if there is anything to do or they want the overview as a file."""

    name = "week"
    label = gettext_lazy("Monday summary of your program")
    subject = "digest"
    recipients = ("user",)
    changed, anchor = "updated_at", "due_on"

    @staticmethod
    def rows() -> QuerySet[Digest]:
        runs_it = Enrollment.objects.admins().filter(program=OuterRef("program"), user=OuterRef("user"))
        chosen = OverviewEmail.objects.filter(program=OuterRef("program"), user=OuterRef("user"))
        rows = Digest.objects.filter(Exists(runs_it)).annotate(file_every=Subquery(chosen.values("every")))
        return rows.select_related("program", "user")

    def intents(self, digest: "DueDigest") -> Iterator[Intent]:
        if not (self.has_file(digest) or NeedsAttention(digest.program, digest.user, digest.program.today())):
            return
        due_at, expires_at = (morning(digest.user, digest.due_on + days) for days in (timedelta(0), 2 * DAY))
        yield self.intent(digest, digest.user_id, "", due_at, expires_at)

    @staticmethod
    def has_file(digest: "DueDigest") -> bool:
        return OverviewEmail.is_due(digest.file_every, digest.due_on)

    def email(self, person: User, intent: Intent["DueDigest"]) -> EmailPart:
        digest = intent.row
        page, values = page_url("program_overview", digest.program_id), {"program": digest.program.name}
        title = _("This week in %(program)s")

        def lines() -> list[str]:
            """Return pairs that need attention, mentors to contact, and missing paperwork."""
            needs = NeedsAttention(digest.program, person, digest.program.today())
            lines, mentors = pair_lines(needs, needs.pairs), len(needs.mentors)
            if mentors:
                text = ngettext("%(n)s mentor to contact.", "%(n)s mentors to contact.", mentors)
                lines.append(text % {"n": mentors})
            lines += [f"{rule.label}: {n}. {rule.advice_for_admin}" for rule, n in needs.paperwork]
            if not lines:
                lines.append(_("No pair needs attention."))
            if self.has_file(digest):
                lines.append(_("The overview is attached. You chose this under Export on its page."))
            return lines

        def files() -> list[tuple[str, bytes]]:
            program = digest.program
            return [overview_file(program, person, program.today())] if self.has_file(digest) else []

        return EmailPart(
            subject=subject_line(title, **values),
            title=title % values,
            action=_("Open the overview"),
            url=page,
            page=page,
            lines=lines,
            files=files,
        )


MAX_PAIRS = 7


def pair_lines(needs: NeedsAttention, pairs: list[FlaggedPair]) -> list[str]:
    """Return a line for each of the first seven pairs, and the number of the rest, to keep the email short."""
    lines = [pair_line(row) for row in needs.rows(pairs[:MAX_PAIRS])]
    if (more := len(pairs) - MAX_PAIRS) > 0:
        lines.append(ngettext("And %(n)s more pair.", "And %(n)s more pairs.", more) % {"n": more})
    return lines


def pair_line(row: PairRow) -> str:
    flag = next(flag for flag in row.flags if not RULES[FlagRule(flag.rule)].paperwork)
    names, rule = f"{row.pair.mentor}, {row.pair.mentee}", RULES[FlagRule(flag.rule)]
    return f"{names}: {rule.label}. {rule.advice_for_admin}"
