from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from dashboard.attention import FlaggedPair, NeedsAttention, PairRow
from dashboard.flags import RULES
from dashboard.models import Digest, Flag
from mentoring.models import TalkRequest
from reminders.emails import Entry, address, letter, subject
from reminders.intents import Intent

PAIRS = 7


@letter
def wish_to_talk(person: User, intent: Intent) -> Entry:
    wish: TalkRequest = intent.row
    page = address("program_detail", wish.program_id, at=f"talk-{wish.pk}")
    title = _("%(name)s wants to talk to you") % {"name": wish.user}
    return Entry(
        subject=subject("%(title)s", title=title), title=title, action=_("Open the request"), url=page, page=page
    )


@letter
def red_flag(person: User, intent: Intent) -> Entry:
    """Compose one entry per program, with this pair in full and the other red pairs in a line each."""
    flag: Flag = intent.row
    page, rule = address("program_overview", flag.pair.program_id), RULES[flag.rule]
    words = {"mentor": flag.pair.mentor.first_name, "mentee": flag.pair.mentee.first_name}
    return Entry(
        subject=subject(_("%(mentor)s and %(mentee)s need attention"), **words),
        title=_("%(mentor)s and %(mentee)s: %(rule)s") % (words | {"rule": rule.label}),
        action=_("See what you can do"),
        url=page,
        page=page,
        told=lambda: [str(rule.advice_for_admin), *also_red(person, flag)],
    )


@letter
def week(person: User, intent: Intent) -> Entry:
    """Compose the weekly summary: pairs that need attention, mentors to contact, and missing paperwork."""
    digest: Digest = intent.row
    page = address("program_overview", digest.program_id)

    def told() -> list[str]:
        needs = NeedsAttention(digest.program, person, digest.program.today())
        lines, mentors = in_lines(needs, needs.pairs), len(needs.mentors)
        if mentors:
            said = ngettext("%(n)s mentor to contact.", "%(n)s mentors to contact.", mentors)
            lines.append(said % {"n": mentors})
        return lines + [f"{rule.label}: {n}. {rule.advice_for_admin}" for rule, n in needs.paperwork]

    words = {"program": digest.program.name}
    title = _("This week in %(program)s")
    return Entry(
        subject=subject(title, **words),
        title=title % words,
        action=_("Open the overview"),
        url=page,
        page=page,
        told=told,
    )


def also_red(person: User, flag: Flag) -> list[str]:
    needs = NeedsAttention(flag.pair.program, person, flag.pair.program.today())
    return in_lines(needs, [pair for pair in needs.pairs if pair.red and pair.pair_id != flag.pair_id])


def in_lines(needs: NeedsAttention, pairs: list[FlaggedPair]) -> list[str]:
    """Return a line for each of the first seven pairs, and the number of the rest, to keep the email short."""
    lines = [in_a_line(row) for row in needs.rows(pairs[:PAIRS])]
    if (more := len(pairs) - PAIRS) > 0:
        lines.append(ngettext("And %(n)s more pair.", "And %(n)s more pairs.", more) % {"n": more})
    return lines


def in_a_line(row: PairRow) -> str:
    flag = next(flag for flag in row.flags if not RULES[flag.rule].paperwork)
    names, rule = f"{row.pair.mentor}, {row.pair.mentee}", RULES[flag.rule]
    return f"{names}: {rule.label}. {rule.advice_for_admin}"
