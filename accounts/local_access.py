"""Access checks for the few views that need no sign-in: first-time setup and entering a demo."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import urlencode

# Any of these headers means that the request came through a proxy, so REMOTE_ADDR is not the browser's address.
PROXY_HEADERS = ("Forwarded", "Via", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto")


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def on_this_machine(request: HttpRequest) -> bool:
    """Return True only if the browser certainly runs on the same machine as the server."""
    host = request.get_host().rsplit(":", 1)[0] if not request.get_host().endswith("]") else request.get_host()
    return (
        _is_loopback(request.META.get("REMOTE_ADDR", ""))
        and _is_loopback(host)
        and not any(header in request.headers for header in PROXY_HEADERS)
        # No browser uses HTTP/1.0; nginx with a bare `proxy_pass` does, and sends none of the headers above.
        and request.META.get("SERVER_PROTOCOL") != "HTTP/1.0"
    )


def setup_code() -> str:
    """Return the code that allows setup from another machine; `manage.py setup_link` prints it."""
    return salted_hmac("accounts.local_access.setup_code", "first visit", algorithm="sha256").hexdigest()[:24]


def setup_link() -> str:
    return f"{settings.SITE_URL}{reverse('start')}?{urlencode({'code': setup_code()})}"


def may_start(request: HttpRequest) -> bool:
    """Return True if this request may set up the installation: from this machine, or with the setup code."""
    code = request.POST.get("code") or request.GET.get("code") or ""
    return on_this_machine(request) or constant_time_compare(code, setup_code())
