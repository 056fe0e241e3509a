"""Security headers of every answer: pages, errors, redirects, static files, and polls without news."""

from csp.middleware import CSPMiddleware
from django.conf import settings

DIRECTIVES = list(settings.CONTENT_SECURITY_POLICY["DIRECTIVES"])
# Nothing here needs these, so that a script that should not be here gets none of them.
NOT_NEEDED = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
PERMISSIONS_POLICY = ", ".join(f"{name}=()" for name in NOT_NEEDED)


class SecurityHeadersMiddleware(CSPMiddleware):
    """Add the Content-Security-Policy in the order of the settings, and who may embed or use what.

    It is outside of Django's SecurityMiddleware, so that redirects to https have the headers, too.
    """

    def process_response(self, request, response):
        response = super().process_response(request, response)
        if policy := response.headers.get("Content-Security-Policy"):
            response.headers["Content-Security-Policy"] = in_order(policy)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response


def in_order(policy: str) -> str:
    """Return the policy with its directives in the order of the settings; django-csp's differs by process."""
    return "; ".join(sorted(policy.split("; "), key=lambda part: DIRECTIVES.index(part.partition(" ")[0])))
