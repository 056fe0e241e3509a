"""The growth record that a mentee keeps, as plain data, and from that as a page, a PDF or JSON.

It holds what the mentee chose. Their own takeaway at the end and their own practice entries are the only texts in it
that nobody else could read. The page contains its own styles and drawings, so that it opens from a disk without this
software.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import partial

from django.db.models import Sum
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy

from core import pdf
from goals.models import Commitment
from mentoring.models import Pair
from practice.kinds import EVIDENCE
from practice.models import Entry, PairResource
from records.evidence import evidence
from records.progress import tracked_indicators
from sessions.models import Block, Feedback
from sessions.session_room.timer import minutes_met

FORMAT = "throughline-growth-record/1"
SECTIONS = {
    "goals": gettext_lazy("Goals and milestones"),
    "plans": gettext_lazy("Plans, with every version"),
    "indicators": gettext_lazy("Indicators, with every value"),
    "outcomes": gettext_lazy("Outcomes"),
    "words": gettext_lazy("Kudos"),
    "advocacy": gettext_lazy("Your mentor’s recommendation"),
    "feedback": gettext_lazy("Feedback"),
    "commitments": gettext_lazy("Completed commitments"),
    "competencies": gettext_lazy("Evidence for each competency"),
    "changes": gettext_lazy("Changes of direction"),
    "sessions": gettext_lazy("Sessions, with dates and takeaways"),
    "introductions": gettext_lazy("Introductions, and what you learned"),
    "resources": gettext_lazy("Resources"),
    "taken": gettext_lazy("Your takeaway at the end"),
    **{kind.name.value: kind.plural for kind in EVIDENCE},
}
DEFAULT_SECTIONS = ("goals", "plans", "indicators", "outcomes", "words", "advocacy", "changes", "taken")


def build_record(pair: Pair, sections: Iterable[str], feedback: Iterable[int] | None = None) -> dict:
    """Return the chosen sections as plain data. `feedback` lists the chosen feedback rows; None chooses all.

    A chosen section without content is an empty list.
    """
    held = read_held_sessions(pair)
    record = {
        "format": FORMAT,
        "made_on": pair.mentee.today(),
        "mentee": str(pair.mentee),
        "mentor": str(pair.mentor),
        "program": pair.program.name,
        "from": pair.started_on,
        "until": pair.mentee.local(pair.ended_at).date() if pair.ended_at else None,
        "sessions_held": len(held),
        "hours": round(sum(row["minutes"] for row in held) / 60, 1),
    }
    chosen = [name for name in SECTIONS if name in set(sections)]
    rows = {name: session_rows(pair, held) if name == "sessions" else SECTION_READERS[name](pair) for name in chosen}
    if "feedback" in rows and feedback is not None:
        wanted = set(feedback)
        rows["feedback"] = [row for row in rows["feedback"] if row["id"] in wanted]
    return record | rows


def read_held_sessions(pair: Pair) -> list[dict]:
    """Return the held sessions, oldest first, with their actual minutes."""
    blocks = Block.objects.filter(session__pair=pair).order_by().values_list("session")
    took = {pk: times for pk, *times in blocks.annotate(Sum("extended_minutes"), Sum("actual_seconds"))}
    rows = pair.sessions.held().order_by("starts_at").values_list("pk", "starts_at", "minutes", "takeaway")
    return [
        {"starts_at": at, "minutes": minutes_met(minutes, *took.get(pk, (0, 0))), "takeaway": takeaway}
        for pk, at, minutes, takeaway in rows
    ]


def mentee_date(pair: Pair, at: datetime | None) -> date | None:
    return pair.mentee.local(at).date() if at else None


def goals(pair: Pair) -> list[dict]:
    return [
        {
            "title": goal.title,
            "why": goal.why,
            "measure": goal.measure,
            "begun": mentee_date(pair, goal.created_at),
            "reached": mentee_date(pair, goal.reached_at),
            "let_go": mentee_date(pair, goal.dropped_at),
            "milestones": [
                {"title": step.title, "by": step.due_on, "reached": mentee_date(pair, step.reached_at)}
                for step in goal.milestones.all()
                if step.dropped_at is None
            ],
        }
        for goal in pair.goals.prefetch_related("milestones")
    ]


def plans(pair: Pair) -> list[dict]:
    return [
        {
            "skill": plan.newest.skill,
            "let_go": mentee_date(pair, plan.dropped_at),
            "versions": [
                {
                    "number": version.number,
                    "on": mentee_date(pair, version.created_at),
                    "skill": version.skill,
                    "gap": version.gap,
                    "from_level": version.level_now,
                    "from": str(version.get_level_now_display()),
                    "to_level": version.level_target,
                    "to": str(version.get_level_target_display()),
                    "resources": version.resources,
                    "by": version.due_on,
                    "why": version.reason,
                }
                for version in plan.versions.all()
            ],
        }
        for plan in pair.plans.with_versions()
    ]


def indicators(pair: Pair) -> list[dict]:
    values = {one.pk: list(one.readings.all()) for one in pair.indicators.prefetch_related("readings")}
    names = {person.pk: person.first_name for person in pair.people}
    return [
        {
            "title": row.indicator.title,
            "unit": row.indicator.unit,
            "target": row.indicator.target,
            "values": [
                {"on": one.measured_on, "by": names.get(one.created_by_id, ""), "value": one.value, "note": one.note}
                for one in values[row.indicator.pk]
            ]
            or [
                {"on": on, "by": "", "value": value, "note": ""}
                for line in row.chart.lines
                for on, value in line.points
            ],
            "chart": row.chart,
        }
        for row in tracked_indicators(pair, pair.mentee.today())
    ]


def outcomes(pair: Pair) -> list[dict]:
    return [
        {
            "title": row.title,
            "kind": str(row.get_kind_display()),
            "since": row.happened_on,
            "evidence": row.evidence_url,
            "competency": row.competency.title if row.competency else "",
            "confirmed_by": pair.mentor.first_name if row.confirmed_at else "",
        }
        for row in pair.outcomes.current().select_related("competency")
    ]


def kudos(pair: Pair) -> list[dict]:
    about = pair.attach_people(pair.celebrations.select_related("goal", "milestone"))
    return [
        {
            "text": row.text,
            "by": row.created_by.first_name if row.created_by else "",
            "on": mentee_date(pair, row.created_at),
            "about": next((one.title for one in (row.milestone, row.goal) if one), ""),
        }
        for row in about
    ]


def advocacy(pair: Pair) -> list[dict]:
    """Return the mentor's recommendation, if the mentee agreed to exactly this text."""
    note = getattr(pair, "advocacy_note", None)
    if note is None or note.released_at is None:
        return []
    return [{"text": note.text, "by": str(pair.mentor), "released": mentee_date(pair, note.released_at)}]


def feedback(pair: Pair) -> list[dict]:
    rows = pair.attach_people(pair.feedback.written().select_related("competency", "commitment").order_by("-pk"))
    return [
        {
            "id": row.pk,
            "gist": row.gist,
            "on": mentee_date(pair, row.created_at),
            "by": row.created_by.first_name if row.created_by else "",
            **{name: getattr(row, name) for name in Feedback.FIELDS},
            "competency": row.competency.title if row.competency else "",
            "commitment": row.commitment.text if row.commitment else "",
        }
        for row in rows
    ]


def commitments(pair: Pair) -> list[dict]:
    done = pair.commitments.filter(state=Commitment.State.DONE).order_by("-settled_at")
    return [
        {"text": row.text, "owner": row.owner.first_name, "due": row.due_on, "done": mentee_date(pair, row.settled_at)}
        for row in pair.attach_people(done, "owner")
    ]


def competencies(pair: Pair) -> list[dict]:
    """Return the competencies with evidence that both people know: no practice entries and no feedback."""
    return [
        {
            "title": row.competency.title,
            "outcomes": [{"text": one.title, "on": one.happened_on} for one in row.outcomes],
            "goals": [{"text": one.title, "reached": mentee_date(pair, one.reached_at)} for one in row.goals],
            "commitments": [{"text": one.text, "on": mentee_date(pair, one.settled_at)} for one in row.done],
            "opportunities": [
                {"text": one.opportunity.title, "on": mentee_date(pair, one.finished_at)} for one in row.opportunities
            ],
        }
        for row in evidence(pair, pair.mentee)
        if row.outcomes or row.goals or row.done or row.opportunities
    ]


def changes(pair: Pair) -> list[dict]:
    return [
        {
            "on": mentee_date(pair, row.created_at),
            "kind": str(row.get_kind_display()),
            "was": row.text_before,
            "now": row.text_after,
            "why": row.reason,
        }
        for row in pair.pivots.all()
    ]


def session_rows(pair: Pair, held: list[dict]) -> list[dict]:
    return [
        {"on": mentee_date(pair, row["starts_at"]), "minutes": row["minutes"], "takeaway": row["takeaway"]}
        for row in reversed(held)
    ]


def takeaways(pair: Pair) -> list[dict]:
    """Return the mentee's own takeaway. The mentor's answer stays with the mentor."""
    answers = pair.exit_answers.filter(user=pair.mentee).exclude(takeaway="")
    return [{"text": row.takeaway, "on": mentee_date(pair, row.answered_at)} for row in answers]


def practice(pair: Pair, kind: str) -> list[dict]:
    """Return the mentee's own entries of a kind that are about this pair, newest first, also those never shared."""
    rows = Entry.objects.filter(author=pair.mentee_id, pair=pair, kind=kind).written().newest_first()
    return [
        {
            "title": entry.title,
            "on": mentee_date(pair, entry.created_at),
            "competency": entry.competency.title if entry.competency else "",
            "result": str(entry.stage),
            "answers": [{"question": text.label, "text": text.text} for text in entry.answers],
        }
        for entry in rows.select_related("competency", "experiment").with_texts()
    ]


def introductions(pair: Pair) -> list[dict]:
    """Return whom the mentee was introduced to and what they learned, newest first."""
    rows = pair.introductions.current().filter(learned_at__isnull=False).order_by("-learned_at", "-pk")
    return [{"whom": row.whom, "learned": row.learned, "on": mentee_date(pair, row.learned_at)} for row in rows]


def resources(pair: Pair) -> list[dict]:
    """Return the resources that the mentee has not turned down, with how it went, newest first."""
    rows = pair.resources.current().exclude(status=PairResource.Status.NOT_FOR_ME)
    return [
        {
            "title": row.facts.title,
            "kind": str(row.facts.get_kind_display()),
            "link": row.facts.url,
            "why": row.why,
            "status": str(row.get_status_display()) if row.status else "",
            "usefulness": row.usefulness,
        }
        for row in rows.with_facts()
    ]


SECTION_READERS = {
    "goals": goals,
    "plans": plans,
    "indicators": indicators,
    "outcomes": outcomes,
    "words": kudos,
    "advocacy": advocacy,
    "feedback": feedback,
    "commitments": commitments,
    "competencies": competencies,
    "changes": changes,
    "introductions": introductions,
    "resources": resources,
    "taken": takeaways,
    **{kind.name: partial(practice, kind=kind.name) for kind in EVIDENCE},
}


def as_json_data(record: dict) -> dict:
    """Return the record for JSON, without charts, row keys and titles."""
    data = dict(record)
    for section, extra in (("indicators", {"chart"}), ("feedback", {"id", "gist"})):
        if section in data:
            data[section] = [{k: v for k, v in row.items() if k not in extra} for row in data[section]]
    return data


def as_html(record: dict) -> str:
    entries = [(kind.plural, record[kind.name]) for kind in EVIDENCE if record.get(kind.name)]
    context = {"record": record, "practice": entries, "sections": SECTIONS, "now": timezone.now()}
    return render_to_string("records/growth_record_file.html", context)


def as_pdf(record: dict) -> bytes:
    """Return the page as a PDF, without fetching anything. Raise NoPdf if the server has no Pango."""
    return pdf.as_pdf(as_html(record))


# A few characters of each script, enough to find out if a font has them.
SCRIPTS = {
    "Latin": "Łódź, Việt",
    "Greek": "Ελλάς",
    "Cyrillic": "Київ",
    "Arabic": "سلام",
    "Hebrew": "שלום",
    "Devanagari": "नमस्ते",
    "Bengali": "বাংলা",
    "Tamil": "தமிழ்",
    "Thai": "ไทย",
    "Chinese": "清稔汉",
    "Japanese": "ひらカナ",
    "Korean": "한국",
    "emoji": "🎉👍",
}


def scripts_without_font() -> list[str]:
    """Return the scripts that a PDF from this server would show as empty boxes."""
    return [name for name, characters in SCRIPTS.items() if _lacks_font(characters)]


def _lacks_font(characters: str) -> bool:
    document = pdf.parse_html(f'<html lang="en"><body style="font-family: system-ui, sans-serif">{characters}').render()
    document.write_pdf()  # this looks the characters up in the fonts
    return any(font.missing for font in document.fonts.values())


def json_default(value):
    """Convert values that JSON cannot represent."""
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat()
