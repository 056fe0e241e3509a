"""Where a person came from: an answer leads back to that page, and its line reads as it did there."""

from urllib.parse import urlsplit

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def way_back(request, commitment) -> str:
    """The page the form names, else the page that sent the request, else the commitment's own."""
    own = reverse("commitment_detail", args=[commitment.pk])
    named = (
        request.POST.get("next") or urlsplit(request.headers.get("Referer", ""))._replace(scheme="", netloc="").geturl()
    )
    return named if leads_here(named) and not named.startswith(own) else own


def named_way_back(request) -> str:
    """The page of ours that a link or form names as `next`; empty when it names none."""
    named = request.POST.get("next") or request.GET.get("next") or ""
    return named if leads_here(named) else ""


def leads_here(path: str) -> bool:
    return path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)


def line(request, context: dict, status: int = 200):
    """One commitment as a line, with the name left out or the partner named as on the page that asks (hx-vals).

    `answer_only`: the page lists the commitment elsewhere, so that only a form or an undo is shown here.
    """
    asked = (request.POST if request.method == "POST" else request.GET).get("line", "").split()
    if "answer_only" in asked and not (context.keys() & {"form", "event", "lost_to"} or context.get("too_late")):
        return HttpResponse()  # the list beside this slot shows the line already
    shown = {name: True for name in ("hide_owner", "name_partner") if name in asked}
    return render(request, "goals/_commitment.html", context | shown, status=status)
