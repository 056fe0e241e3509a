"""Requests of a directory to the SCIM endpoint."""

import json

TOKEN = "0123456789abcdef0123456789abcdef"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def ask(directory, method: str, path: str, body=None):
    text = body if isinstance(body, str) else json.dumps(body)
    return getattr(directory, method)(path, text, content_type="application/scim+json")


def is_error(answer, status: int, scim_type: str = "") -> None:
    assert answer.status_code == status, answer.content
    body = answer.json()
    assert body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"] and body["status"] == str(status)
    assert body.get("scimType", "") == scim_type and body["detail"]
