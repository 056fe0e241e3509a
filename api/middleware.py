from accounts.middleware import Middleware
from api.problems import CONTENT_TYPE, problem
from core.http import UNENCRYPTED, is_unencrypted

BASE = "/api/v1/"
KEPT = ("Allow", "Retry-After", "WWW-Authenticate")


class ApiMiddleware(Middleware):
    """Keep cookies away from the API, and give all its answers the same headers and errors.

    A request there is known by its token alone. So no page of another site can act for somebody who is signed in.
    """

    def __call__(self, request):
        if not request.path_info.startswith(BASE):
            return self.get_response(request)
        request.META.pop("HTTP_COOKIE", None)
        response = problem(403, UNENCRYPTED) if is_unencrypted(request) else self.get_response(request)
        if response.status_code >= 400 and response.headers.get("Content-Type") != CONTENT_TYPE:
            kept = {name: response.headers[name] for name in KEPT if name in response.headers}
            response = problem(response.status_code, headers=kept)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response
