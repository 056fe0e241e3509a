"""Talking points as one page, to print or as a PDF. Only their author downloads it."""

from django.template.loader import render_to_string

from core import pdf
from practice.models import Entry


def as_html(entry: Entry) -> str:
    """Return the page as one file, without what its author will do with it."""
    context = {"message": entry.answer_to("message"), "audience": entry.answer_to("audience")}
    context |= {"asked": entry.answer_to("request"), "author": entry.author, "day": entry.day}
    context["points"] = entry.rounds_by_name
    return render_to_string("practice/one_pager_file.html", context)


def as_pdf(entry: Entry) -> bytes:
    return pdf.as_pdf(as_html(entry))
