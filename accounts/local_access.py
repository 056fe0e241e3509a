"""Who may do the few things that need no sign-in: the first visit, and coming into a demo."""

import ipaddress

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import urlencode

# Any of these says that a proxy stands between the browser and us: then the address we see is not the browser's.
PROXY_HEADERS = ("Forwarded", "Via", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto")


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def on_this_machine(request) -> bool:
    """Whether the browser runs on the machine that serves it, as far as can be known for certain."""
    host = request.get_host().rsplit(":", 1)[0] if not request.get_host().endswith("]") else request.get_host()
    return (
        _is_loopback(request.META.get("REMOTE_ADDR", ""))
        and _is_loopback(host)
        and not any(header in request.headers for header in PROXY_HEADERS)
        # No browser speaks HTTP/1.0; nginx with nothing but `proxy_pass` does, and sends none of the headers above.
        and request.META.get("SERVER_PROTOCOL") != "HTTP/1.0"
    )


def setup_code() -> str:
    """What opens the first visit from elsewhere. Whoever can run `manage.py setup_link` can read it."""
    return salted_hmac("accounts.local_access.setup_code", "first visit", algorithm="sha256").hexdigest()[:24]


def setup_link() -> str:
    return f"{settings.SITE_URL}{reverse('start')}?{urlencode({'code': setup_code()})}"


def may_start(request) -> bool:
    """Whether this request may make the first visit: from this machine, or with the code."""
    code = request.POST.get("code") or request.GET.get("code") or ""
    return on_this_machine(request) or constant_time_compare(code, setup_code())
