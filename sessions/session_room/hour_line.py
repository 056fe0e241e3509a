"""The hour of a session on one line: its blocks in the order of the agenda, and how much of the time has passed."""

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from sessions.models import Block, Session

GAP = 0.15  # percent between two blocks


def hour_line(session: Session, blocks: Iterable[Block]) -> dict:
    """Return the parts of the line, each with its type, start and width in percent, and where the time is now."""
    blocks = list(blocks)
    total = sum(block.planned_minutes for block in blocks) or 1
    parts, at = [], 0.0
    for block in blocks:
        share = block.planned_minutes / total * 100
        kind = block.type if block.is_work else "open"
        parts.append({"type": kind, "x": percent(at), "width": percent(max(0.0, share - GAP))})
        at += share
    began = int(session.started_at.timestamp()) if session.started_at else None
    minutes = int((timezone.now().timestamp() - began) // 60) if began else 0
    passed = min(100.0, max(0, minutes) / total * 100)
    return {
        "parts": parts,
        "began": began,
        "seconds": total * 60,
        "passed": percent(passed),
        "left": percent(100 - passed),
        "label": _("The %(n)s minutes of the agenda") % {"n": total},
    }


def percent(share: float) -> str:
    return f"{share:.2f}%"
