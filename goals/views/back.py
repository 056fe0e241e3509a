"""Where a person came from, so that an answer given on any page leads back to that page."""

from urllib.parse import urlsplit

from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def way_back(request, commitment) -> str:
    """The page the form names, else the page that sent the request, else the commitment's own."""
    own = reverse("commitment_detail", args=[commitment.pk])
    named = (
        request.POST.get("back") or urlsplit(request.headers.get("Referer", ""))._replace(scheme="", netloc="").geturl()
    )
    safe = named.startswith("/") and url_has_allowed_host_and_scheme(named, allowed_hosts=None)
    return named if safe and not named.startswith(own) else own
