"""Agenda templates: the built-in ones, and which one a session starts from.

A program has editable copies (docs/rules.md, agenda templates); a planned session keeps the blocks it got.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from mentoring.models import Cadence, Pair, Program
from sessions.models import AgendaTemplate, Block, Session, TemplateBlock
from sessions.models.agenda_template import BlockRole, BlockType

Kind = AgendaTemplate.Kind
RESET_EVERY = 6
RESET_AFTER = timedelta(weeks=12)
TOPICS_AT_MOST = 3  # per hour; one or two are better


@dataclass(frozen=True)
class BuiltInBlock:
    """A block of a built-in template."""

    type: BlockType
    role: BlockRole
    title: str
    question: str


ARRIVE = BuiltInBlock(
    BlockType.OPEN,
    BlockRole.ARRIVE,
    _("Arrive, agree on the agenda"),
    _("What would make this time well spent for you?"),
)
STATUS = BuiltInBlock(
    BlockType.OPEN,
    BlockRole.STATUS,
    _("Status update"),
    _("Which of these matters most for you today?"),
)
COMMITMENTS = BuiltInBlock(
    BlockType.OPEN,
    BlockRole.COMMITMENTS,
    _("Commitments since last time"),
    _("What helped you keep this, or what got in the way?"),
)
TOPIC = BuiltInBlock(
    BlockType.LEARN,
    BlockRole.TOPIC,
    _("Topic: obstacle first, then explore"),
    _("What is the real difficulty here for you?"),
)
REFLECT = BuiltInBlock(
    BlockType.REFLECT,
    BlockRole.FEEDBACK,
    _("Reflect: intended, happened, differently"),
    _("What would you see if you watched yourself do it?"),
)
APPLY = BuiltInBlock(
    BlockType.APPLY,
    BlockRole.APPLY,
    _("Apply to a work event, rehearse"),
    _("Where will you try this first, and what is your opening line?"),
)
QUESTIONS = BuiltInBlock(
    BlockType.REFLECT,
    BlockRole.QUESTIONS,
    _("Questions, parking lot"),
    _("Which question should not wait until next time?"),
)
CLOSE = BuiltInBlock(
    BlockType.CLOSE,
    BlockRole.CLOSE,
    _("Commit and close"),
    _("What will you do, by when, and how will we know?"),
)

STANDARD = (ARRIVE, STATUS, COMMITMENTS, TOPIC, REFLECT, APPLY, QUESTIONS, CLOSE)
CHECK_IN = (
    BuiltInBlock(BlockType.OPEN, BlockRole.STATUS, _("Status update"), _("What is different since we last spoke?")),
    BuiltInBlock(
        BlockType.OPEN,
        BlockRole.COMMITMENTS,
        _("Commitments since last time"),
        _("Which one needs a new date, or a smaller first step?"),
    ),
    BuiltInBlock(
        BlockType.LEARN,
        BlockRole.TOPIC,
        _("One thing in the way"),
        _("What is the smallest step that would get you moving?"),
    ),
    BuiltInBlock(BlockType.CLOSE, BlockRole.CLOSE, _("Confirm"), _("What do you take from this into your week?")),
)
FIRST = (
    BuiltInBlock(
        BlockType.OPEN,
        BlockRole.ARRIVE,
        _("Our stories"),
        _("Which turning point in your career taught you the most?"),
    ),
    BuiltInBlock(
        BlockType.LEARN,
        BlockRole.HOPES,
        _("Hopes and challenges"),
        _("What would you like to be different when we finish?"),
    ),
    BuiltInBlock(
        BlockType.APPLY,
        BlockRole.DIRECTION,
        _("Competencies and milestones"),
        _("Which work event in the coming months will need this?"),
    ),
    BuiltInBlock(
        BlockType.REFLECT,
        BlockRole.AGREEMENT,
        _("Working agreement"),
        _("What do you need from me to speak openly?"),
    ),
    BuiltInBlock(
        BlockType.REFLECT,
        BlockRole.CADENCE,
        _("How often we meet"),
        _("Which rhythm will still work in a busy week?"),
    ),
    BuiltInBlock(
        BlockType.CLOSE,
        BlockRole.CLOSE,
        _("First commitment and close"),
        _("What small step can you take before we meet again?"),
    ),
)
RESET = (
    BuiltInBlock(
        BlockType.OPEN,
        BlockRole.NOTES,
        _("Where we stand"),
        _("What has changed since we started, and how do you know?"),
    ),
    BuiltInBlock(
        BlockType.REFLECT,
        BlockRole.GOALS,
        _("Goals: keep, change, drop"),
        _("If you started today, which of these would you still choose?"),
    ),
    BuiltInBlock(
        BlockType.REFLECT,
        BlockRole.FEEDBACK,
        _("Feedback for the mentor"),
        _("What should I do more of, and what less?"),
    ),
    BuiltInBlock(
        BlockType.APPLY,
        BlockRole.APPLY,
        _("Refresh the plan"),
        _("What is the next work event we should prepare for?"),
    ),
    CLOSE,
)
CLOSING = (
    BuiltInBlock(
        BlockType.OPEN,
        BlockRole.NOTES,
        _("The growth story"),
        _("What can you do now that you could not do at the start?"),
    ),
    BuiltInBlock(
        BlockType.REFLECT,
        BlockRole.GOALS,
        _("Outcomes"),
        _("Which result are you proud of, and who noticed it?"),
    ),
    BuiltInBlock(
        BlockType.REFLECT,
        BlockRole.FEEDBACK,
        _("Feedback both ways"),
        _("What did the other person do that made a difference?"),
    ),
    BuiltInBlock(
        BlockType.APPLY,
        BlockRole.APPLY,
        _("What comes next"),
        _("Who will you turn to when the next hard thing comes?"),
    ),
    BuiltInBlock(
        BlockType.CLOSE,
        BlockRole.CLOSE,
        _("Thanks"),
        _("What do you want to thank each other for?"),
    ),
)

TEMPLATES = (
    (Kind.STANDARD, 60, _("Session, 60 minutes"), STANDARD, (3, 7, 5, 12, 10, 13, 3, 7)),
    (Kind.STANDARD, 45, _("Session, 45 minutes"), STANDARD, (2, 5, 4, 9, 8, 9, 2, 6)),
    (Kind.STANDARD, 30, _("Session, 30 minutes"), STANDARD, (2, 4, 3, 6, 4, 5, 2, 4)),
    (Kind.CHECK_IN, 15, _("Check-in, 15 minutes"), CHECK_IN, (4, 5, 4, 2)),
    (Kind.FIRST, 60, _("First session"), FIRST, (10, 12, 12, 12, 6, 8)),
    (Kind.RESET, 60, _("Reset session"), RESET, (12, 18, 10, 12, 8)),
    (Kind.CLOSING, 60, _("Closing session"), CLOSING, (15, 12, 12, 13, 8)),
)


def shipped_templates(language: str) -> list[tuple[AgendaTemplate, list[TemplateBlock]]]:
    """Return the built-in templates in this language, not stored."""
    with translation.override(language):
        return [
            (AgendaTemplate(kind=kind, minutes=minutes, name=str(name)), _blocks(shapes, shares))
            for kind, minutes, name, shapes, shares in TEMPLATES
        ]


def ensure_templates(program: Program) -> None:
    """Give a program its own editable copies, in its language, unless it has templates already."""
    if program.agenda_templates.exists():
        return
    with transaction.atomic():
        Program.objects.select_for_update(no_key=True).get(pk=program.pk)
        if program.agenda_templates.exists():
            return
        shipped = shipped_templates(program.spoken_language)
        for template, blocks in shipped:
            template.program = program
            for position, block in enumerate(blocks):
                block.template, block.position = template, position
        AgendaTemplate.objects.bulk_create(template for template, _blocks in shipped)
        TemplateBlock.objects.bulk_create(block for _template, blocks in shipped for block in blocks)


def choose_template(pair: Pair, kind: str, minutes: int) -> AgendaTemplate:
    """Return the program's template of this kind for this length: the longest that fits, else the shortest."""
    ensure_templates(pair.program)
    ours = pair.program.agenda_templates.prefetch_related("blocks")
    candidates = sorted(ours.filter(kind=kind) or ours.filter(kind=Kind.STANDARD) or ours, key=lambda t: t.minutes)
    return [candidates[0], *(t for t in candidates if t.minutes <= minutes)][-1]


def copy_blocks(template: AgendaTemplate, session: Session) -> list[Block]:
    """Return the template's blocks as blocks of a session, not stored yet."""
    copied = ("position", "type", "role", "title", "minutes", "question")
    return [
        Block(session=session, **{name: getattr(block, name) for name in copied}) for block in template.blocks.all()
    ]


def suggest_kind(pair: Pair, on: date, before: list[tuple[date, str]]) -> str:
    """Return the kind of a session on `on`, given those held or planned `before` it as (date, kind).

    The first one is a first session, the last one before the pair ends a closing session. Every sixth one, or one
    twelve weeks after the last reset, is a reset.
    """
    earlier = [(day, kind) for day, kind in before if day < on and kind != Kind.CHECK_IN]
    if not earlier:
        return Kind.FIRST
    if on <= pair.ends_on < on + Cadence(pair.cadence).interval and Kind.CLOSING not in (
        kind for _day, kind in earlier
    ):
        return Kind.CLOSING
    resets = [i for i, (_day, kind) in enumerate(earlier) if kind == Kind.RESET]
    since = resets[-1] + 1 if resets else 0
    began_on = earlier[resets[-1] if resets else 0][0]
    if len(earlier) - since + 1 >= RESET_EVERY or on - began_on >= RESET_AFTER:
        return Kind.RESET
    return Kind.STANDARD


def pass_on_reset(session: Session) -> None:
    """Make the next session without notes a reset, since this reset was called off."""
    later = session.pair.sessions.live().filter(kind=Kind.STANDARD, started_at=None, starts_at__gt=session.starts_at)
    any(change_kind(row, Kind.RESET) for row in later.order_by("starts_at"))


def drop_second_reset(session: Session) -> None:
    """Make the session that replaced this reset a standard one again, since the reset was restored."""
    rows = session.pair.sessions.counted().filter(starts_at__lte=session.starts_at).order_by("-starts_at")
    before = rows.exclude(pk=session.pk).values_list("kind", flat=True)[: RESET_EVERY - 1]
    if Kind.RESET in before:
        change_kind(session, Kind.STANDARD)
        return
    rows = session.pair.sessions.live().filter(started_at=None, starts_at__gt=session.starts_at)
    for row in rows.exclude(kind=Kind.CHECK_IN).order_by("starts_at")[: RESET_EVERY - 1]:
        if row.kind == Kind.RESET:
            change_kind(row, Kind.STANDARD)


def change_kind(session: Session, kind: str) -> bool:
    """Give a planned session another kind and its blocks; return False if it has started or has notes."""
    with session.pair.locked():
        planned = Session.objects.live().filter(pk=session.pk, started_at=None)
        if session.blocks.exclude(note="", actual_seconds=0).exists() or not planned.update(
            kind=kind, version=F("version") + 1
        ):
            return False
        session.kind = kind
        session.blocks.all().delete()
        Block.objects.bulk_create(copy_blocks(choose_template(session.pair, kind, session.minutes), session))
    return True


def _blocks(shapes: tuple[BuiltInBlock, ...], shares: tuple[int, ...]) -> list[TemplateBlock]:
    return [
        TemplateBlock(
            type=shape.type, role=shape.role, title=str(shape.title), question=str(shape.question), minutes=minutes
        )
        for shape, minutes in zip(shapes, shares, strict=True)
    ]
