"""A person's own practice entries as data, and from that as JSON or as a page. Nobody else can ask for it."""

import json

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string

from practice.models import Entry

FORMAT = "throughline-practice/1"


def own_entries(user) -> list[dict]:
    """Return every entry of this person as plain data, newest first."""
    rows = Entry.objects.filter(author=user).written().newest_first()
    rows = rows.select_related("competency", "goal", "work_event", "session", "commitment").with_texts().with_shares()
    return [as_data(entry, user) for entry in rows]


def as_data(entry: Entry, user) -> dict:
    """Return one entry as plain data, with dates in the time zone of this person."""
    return {
        "kind": str(entry.about.label),
        "title": entry.title,
        "on": user.local(entry.created_at).date(),
        "answers": [{"question": text.label, "text": text.text} for text in entry.answers],
        "competency": entry.competency.title if entry.competency else "",
        "goal": entry.goal.title if entry.goal else "",
        "work_event": entry.work_event.title if entry.work_event else "",
        "session": user.local(entry.session.starts_at).date() if entry.session else None,
        "commitment": entry.commitment.text if entry.commitment else "",
        "shared_with": [share.pair.other(user).name for share in entry.shares.all()],
    }


def as_json(user) -> str:
    data = {"format": FORMAT, "by": user.name, "made_on": user.today(), "entries": own_entries(user)}
    return json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)


def as_html(user) -> str:
    context = {"person": user, "made_on": user.today(), "entries": own_entries(user)}
    return render_to_string("practice/export_file.html", context)
