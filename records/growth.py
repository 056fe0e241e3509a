"""The growth record: what a mentee takes along, as plain data, and from that as a page, a PDF or a file for programs.

It holds what she chose and, but for her own answer at the end, nothing that one of the two wrote alone. The page
carries its own style and drawings, so that it reads the same from a disk, years later, without this software.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Sum
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goals.models import Commitment
from mentoring.models import Pair
from records.progress import watched
from sessions.session_room.timer import minutes_met

FORMAT = "throughline-growth-record/1"
SECTIONS = {
    "goals": gettext_lazy("Goals and milestones"),
    "plans": gettext_lazy("Plans, with every version"),
    "indicators": gettext_lazy("What we watched, with every value"),
    "outcomes": gettext_lazy("Outcomes"),
    "words": gettext_lazy("Words to each other"),
    "advocacy": gettext_lazy("Your mentor’s word for others"),
    "feedback": gettext_lazy("Feedback"),
    "commitments": gettext_lazy("Commitments that were done"),
    "changes": gettext_lazy("What we changed, and why"),
    "sessions": gettext_lazy("Sessions: the days, and what you took with you"),
    "taken": gettext_lazy("What you took with you at the end"),
}
AT_FIRST = ("goals", "plans", "indicators", "outcomes", "words", "advocacy", "changes", "taken")


class NoPdf(Exception):
    """This server cannot make a PDF; the message says what it lacks."""


def record(pair: Pair, sections: Iterable[str], feedback: Iterable[int] | None = None) -> dict:
    """The chosen sections as plain data: text, numbers, ISO dates. `feedback` None: all of it, else these rows.

    A section with nothing in it is there and empty, also for a pair that has nothing yet.
    """
    held = meetings(pair)
    made = {
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
    rows = {name: held_sessions(pair, held) if name == "sessions" else READ[name](pair) for name in chosen}
    if "feedback" in rows and feedback is not None:
        wanted = set(feedback)
        rows["feedback"] = [row for row in rows["feedback"] if row["id"] in wanted]
    return made | rows


def meetings(pair: Pair) -> list[dict]:
    """The sessions held, oldest first, with the minutes they really took."""
    took = {"spent": Sum("blocks__actual_seconds", default=0), "extended": Sum("blocks__extended_minutes", default=0)}
    rows = pair.sessions.held().annotate(**took).order_by("starts_at")
    rows = rows.values("starts_at", "minutes", "takeaway", *took)
    return [row | {"minutes": minutes_met(row["minutes"], row["extended"], row["spent"])} for row in rows]


def local(pair: Pair, at: datetime | None) -> date | None:
    return pair.mentee.local(at).date() if at else None


def goals(pair: Pair) -> list[dict]:
    return [
        {
            "title": goal.title,
            "why": goal.why,
            "measure": goal.measure,
            "begun": local(pair, goal.made_at),
            "reached": local(pair, goal.reached_at),
            "let_go": local(pair, goal.dropped_at),
            "milestones": [
                {"title": step.title, "by": step.by_on, "reached": local(pair, step.reached_at)}
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
            "let_go": local(pair, plan.dropped_at),
            "versions": [
                {
                    "number": version.number,
                    "on": local(pair, version.at),
                    "skill": version.skill,
                    "gap": version.gap,
                    "from_level": version.level_now,
                    "from": str(version.get_level_now_display()),
                    "to_level": version.level_target,
                    "to": str(version.get_level_target_display()),
                    "resources": version.resources,
                    "by": version.by_on,
                    "why": version.why,
                }
                for version in plan.versions.all()
            ],
        }
        for plan in pair.plans.with_versions()
    ]


def indicators(pair: Pair) -> list[dict]:
    said = {one.pk: list(one.readings.all()) for one in pair.indicators.prefetch_related("readings")}
    names = {person.pk: person.first_name for person in pair.people}
    return [
        {
            "title": row.indicator.title,
            "unit": row.indicator.unit,
            "target": row.indicator.target,
            "values": [
                {"on": one.on, "by": names.get(one.by_id, ""), "value": one.value, "note": one.note}
                for one in said[row.indicator.pk]
            ]
            or [
                {"on": on, "by": "", "value": value, "note": ""}
                for line in row.chart.lines
                for on, value in line.points
            ],
            "chart": row.chart,
        }
        for row in watched(pair, pair.mentee.today())
    ]


def outcomes(pair: Pair) -> list[dict]:
    return [
        {
            "title": row.title,
            "kind": str(row.get_kind_display()),
            "since": row.on,
            "evidence": row.evidence_url,
            "competency": row.competency.title if row.competency else "",
            "confirmed_by": pair.mentor.first_name if row.confirmed_at else "",
        }
        for row in pair.outcomes.current().select_related("competency")
    ]


def words(pair: Pair) -> list[dict]:
    about = pair.celebrations.select_related("by", "goal", "milestone")
    return [
        {
            "text": row.text,
            "by": row.by.first_name if row.by else "",
            "on": local(pair, row.at),
            "about": next((one.title for one in (row.milestone, row.goal) if one), ""),
        }
        for row in about
    ]


def advocacy(pair: Pair) -> list[dict]:
    """Only with her consent to exactly these words."""
    note = getattr(pair, "advocacy_note", None)
    if note is None or note.released_at is None:
        return []
    return [{"text": note.text, "by": str(pair.mentor), "released": local(pair, note.released_at)}]


def feedback(pair: Pair) -> list[dict]:
    said = pair.feedback.written().select_related("by")
    return [
        {
            "id": row.pk,
            "on": local(pair, row.at),
            "by": row.by.first_name if row.by else "",
            "intended": row.intended,
            "happened": row.happened,
            "differently": row.differently,
        }
        for row in said.order_by("-pk")
    ]


def commitments(pair: Pair) -> list[dict]:
    done = pair.commitments.filter(state=Commitment.State.DONE).select_related("owner").order_by("-settled_at")
    return [
        {"text": row.text, "owner": row.owner.first_name, "due": row.due_on, "done": local(pair, row.settled_at)}
        for row in done
    ]


def changes(pair: Pair) -> list[dict]:
    return [
        {"on": local(pair, row.at), "kind": str(row.get_kind_display()), "was": row.was, "now": row.now, "why": row.why}
        for row in pair.pivots.all()
    ]


def held_sessions(pair: Pair, held: list[dict]) -> list[dict]:
    return [
        {"on": local(pair, row["starts_at"]), "minutes": row["minutes"], "takeaway": row["takeaway"]}
        for row in reversed(held)
    ]


def taken(pair: Pair) -> list[dict]:
    """Her own answer when she looked back; what the mentor said there stays with the mentor."""
    said = pair.exit_answers.filter(user=pair.mentee).exclude(took="")
    return [{"text": row.took, "on": local(pair, row.at)} for row in said]


READ = {
    "goals": goals,
    "plans": plans,
    "indicators": indicators,
    "outcomes": outcomes,
    "words": words,
    "advocacy": advocacy,
    "feedback": feedback,
    "commitments": commitments,
    "changes": changes,
    "taken": taken,
}


def as_data(made: dict) -> dict:
    """The record for other programs: as it is, without the drawings and the keys of rows."""
    told = dict(made)
    for section, extra in (("indicators", "chart"), ("feedback", "id")):
        if section in told:
            told[section] = [{k: v for k, v in row.items() if k != extra} for row in told[section]]
    return told


def as_html(made: dict) -> str:
    return render_to_string("records/growth_file.html", {"record": made, "sections": SECTIONS, "now": timezone.now()})


def as_pdf(made: dict) -> bytes:
    """The same page as a PDF. Nothing is fetched from anywhere. Raises NoPdf where the server has no Pango."""
    return page(as_html(made)).write_pdf()


def page(html: str):
    """The page as WeasyPrint reads it, which is imported only here: it is slow to import and needs Pango."""
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as error:
        raise NoPdf(_("This server has no Pango, which makes PDFs. Save the page instead, or print it.")) from error
    return HTML(string=html, url_fetcher=nothing_from_elsewhere)


# A few letters of each, enough to tell whether some font has them.
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
    """The names of the scripts that a PDF made on this server would show as empty boxes."""
    return [name for name, letters in SCRIPTS.items() if _lacks_font(letters)]


def _lacks_font(letters: str) -> bool:
    made = page(f'<html lang="en"><body style="font-family: system-ui, sans-serif">{letters}').render()
    made.write_pdf()  # only now are the letters looked up in the fonts
    return any(font.missing for font in made.fonts.values())


def nothing_from_elsewhere(url: str, *args, **kwargs):
    raise ValueError(f"A record names no other place: {url}")


def plain(value):
    """What JSON has no word for."""
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat()
