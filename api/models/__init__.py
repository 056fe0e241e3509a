from api.models.token import OF_A_PERSON, OF_A_PROGRAM, ApiToken, Scope
from api.models.webhook import WebhookDelivery, WebhookEndpoint

__all__ = ["OF_A_PERSON", "OF_A_PROGRAM", "ApiToken", "Scope", "WebhookDelivery", "WebhookEndpoint"]
