"""A client of the API: it sends a token and JSON, and no cookies."""

import json

from django.test import Client


class ApiClient:
    def __init__(self, secret: str = ""):
        self.client, self.headers = Client(), {"Authorization": f"Bearer {secret}"} if secret else {}

    def get(self, path: str, query: dict | None = None, **headers):
        return self.client.get(f"/api/v1/{path}", query or {}, headers=self.headers | headers)

    def send(self, method: str, path: str, content, **headers):
        body = content if isinstance(content, str) else json.dumps(content)
        return self.client.generic(
            method.upper(), f"/api/v1/{path}", body, "application/json", headers=self.headers | headers
        )

    def post(self, path: str, content, **headers):
        return self.send("post", path, content, **headers)

    def patch(self, path: str, content, **headers):
        return self.send("patch", path, content, **headers)
