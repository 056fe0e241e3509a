"""A person's own practice entries as data, and from that as JSON or as a page. Nobody else can ask for it."""

import json

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string

from practice.kinds import EntryKind
from practice.models import BuddyUpdate, Entry, OpportunityApplication, PracticePlan, Stakeholder
from practice.models.inventory import with_wording
from practice.quarters import Quarter

FORMAT = "throughline-practice/1"


def own_entries(user, **only) -> list[dict]:
    """Return every entry of this person as plain data, newest first; `only` narrows them down."""
    rows = Entry.objects.filter(author=user, **only).written().newest_first()
    rows = (
        rows.select_related("competency", "goal", "work_event", "session", "commitment", "rehearsal", "experiment")
        .with_texts()
        .with_shares()
    )
    rows = rows.select_related("inventory_run", "self_review").prefetch_related("part_of__texts", "learned_in__texts")
    entries = list(rows)
    with_wording(entry.inventory_run for entry in entries if hasattr(entry, "inventory_run"))
    return [as_data(entry, user) for entry in entries]


def as_data(entry: Entry, user) -> dict:
    """Return one entry as plain data, with dates in the time zone of this person."""
    rehearsal = getattr(entry, "rehearsal", None)
    return {
        "kind": str(entry.about.label),
        "title": entry.title,
        "on": user.local(entry.created_at).date(),
        "answers": [{"question": text.label, "text": text.text} for text in entry.answers],
        "competency": entry.competency.title if entry.competency else "",
        "goal": entry.goal.title if entry.goal else "",
        "work_event": entry.work_event.title if entry.work_event else "",
        "session": user.local(entry.session.starts_at).date() if entry.session else None,
        "happens_on": entry.day,
        "quarter": quarter(entry),
        "part_of": entry.part_of.title if entry.part_of else "",
        "result": str(entry.stage),
        "statements": statements(entry),
        "learned_in": entry.learned_in.title if entry.learned_in else "",
        "confidence": [rehearsal.before, rehearsal.after] if rehearsal else [],
        "commitment": entry.commitment.text if entry.commitment else "",
        "shared_with": [share.pair.other(user).name for share in entry.shares.all()],
    }


def quarter(entry: Entry) -> str:
    """Return the quarter that a self-review looks back on."""
    review = getattr(entry, "self_review", None)
    return str(Quarter(review.quarter_on)) if review else ""


def statements(entry: Entry) -> list[dict]:
    """Return the statements of an inventory with the answers from 1 to 5."""
    run = getattr(entry, "inventory_run", None)
    if run is None or run.inventory is None:
        return []
    answers = run.answers
    return [{"text": one.text, "answer": answers[one.key]} for one in run.inventory.statements if one.key in answers]


def own_plans(user) -> list[dict]:
    """Return the practices that this person planned, also those they stopped."""
    return [
        {
            "practice": str(plan.about.label) if plan.about else plan.title,
            "times_a_week": plan.per_week,
            "since": user.local(plan.created_at).date(),
            "until": user.local(plan.stopped_at).date() if plan.stopped_at else None,
            "done_on": sorted(tick.done_on for tick in plan.ticks.all()),
        }
        for plan in PracticePlan.objects.filter(user=user).prefetch_related("ticks")
    ]


def own_lines(user) -> list[dict]:
    """Return the lines that this person sent to buddies, with the answers, also to those of earlier programs."""
    rows = BuddyUpdate.objects.filter(author=user).select_related("buddies__asked_by", "buddies__other")
    return [
        {
            "to": row.buddies.partner_of(user).name,
            "on": user.local(row.created_at).date(),
            "text": row.text,
            "answer": row.reply,
        }
        for row in rows
    ]


def own_stakeholders(user) -> list[dict]:
    """Return the stakeholder map of this person. Their own download is the only file that contains it."""
    names = ("name", "influence", "support", "matters", "approach")
    rows = Stakeholder.objects.visible_to(user).on_map()
    return [{name: getattr(row, name) for name in names} for row in rows]


def own_applications(user) -> list[dict]:
    """Return this person's applications for opportunities, with their notes and the answers."""
    rows = OpportunityApplication.objects.filter(applicant=user).select_related("opportunity__program")
    return [
        {
            "opportunity": row.opportunity.title,
            "program": row.opportunity.program.name,
            "on": user.local(row.created_at).date(),
            "note": row.note,
            "state": str(row.get_state_display()),
            "answer": row.answer,
            "done_on": user.local(row.finished_at).date() if row.finished_at else None,
        }
        for row in rows
    ]


def as_json(user) -> str:
    return to_json(
        user,
        entries=own_entries(user),
        plans=own_plans(user),
        lines=own_lines(user),
        stakeholders=own_stakeholders(user),
        applications=own_applications(user),
    )


def to_json(user, **content) -> str:
    data = {"format": FORMAT, "by": user.name, "made_on": user.today()} | content
    return json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)


def as_html(user) -> str:
    context = {"person": user, "made_on": user.today(), "entries": own_entries(user)}
    context |= {"plans": own_plans(user), "lines": own_lines(user), "stakeholders": own_stakeholders(user)}
    context["applications"] = own_applications(user)
    return render_to_string("practice/export_file.html", context)


def journal(user, kind: str) -> str:
    """Return the journal of this person alone, as `html` or `json`."""
    entries = own_entries(user, kind=EntryKind.JOURNAL)
    if kind == "json":
        return to_json(user, entries=entries)
    context = {"person": user, "made_on": user.today(), "entries": entries}
    return render_to_string("practice/export_file.html", context)
