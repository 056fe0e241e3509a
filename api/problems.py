"""Error answers of the API: problem details (RFC 9457), all of one shape."""

from http import HTTPStatus

from django.http import JsonResponse

CONTENT_TYPE = "application/problem+json"


def problem(status: int, detail: str = "", errors: list[dict] | None = None, headers: dict | None = None):
    """Return an error answer. `errors` are {"field": …, "message": …}; the field is empty for the whole input."""
    title = HTTPStatus(status).phrase
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail or title}
    content["errors"] = errors or []
    return JsonResponse(content, status=status, content_type=CONTENT_TYPE, headers=headers)
