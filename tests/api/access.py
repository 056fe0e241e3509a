"""The rows of the access table for the pages about the API (see tests/access.py)."""

from tests.audiences import ADMIN, ANYONE, MEMBERS, Row

TABLE: dict[str, Row] = {
    "api_reference": Row(MEMBERS),
    "api_schema": Row(ANYONE),
    "api_token_list": Row(MEMBERS, MEMBERS),
    "api_token_revoke": Row(None, MEMBERS, args=(1,)),  # what is not theirs is left alone; tests/api/test_tokens.py
    "program_api": Row(ADMIN, ADMIN, args=("program",), data={"name": "Report", "scopes": "pairs:read", "days": "30"}),
    "program_api_revoke": Row(None, ADMIN, args=("program", "API token")),
    "program_webhooks": Row(
        ADMIN, ADMIN, args=("program",), data={"url": "https://192.0.2.1/hook", "events": "pair.ended"}
    ),
    "program_webhook": Row(ADMIN, args=("program", "webhook")),
    "program_webhook_test": Row(None, ADMIN, args=("program", "webhook")),
    "program_webhook_on": Row(None, ADMIN, args=("program", "webhook")),
    "program_webhook_remove": Row(None, ADMIN, args=("program", "webhook")),
}
