"""The documents by which a directory learns what this service can do."""

from django.conf import settings

ROOT = "/scim/v2"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
MOST_RESULTS = 200


def url(path: str) -> str:
    return f"{settings.SITE_URL}{ROOT}/{path}"


def service_provider_config() -> dict:
    """Return the abilities: PATCH and filters; everything else that is optional is declared as missing."""
    missing = {"supported": False}
    bearer = {
        "type": "oauthbearertoken",
        "name": "Bearer token",
        "description": "The value of SCIM_TOKEN, in the header Authorization.",
    }
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": missing | {"maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": MOST_RESULTS},
        "changePassword": missing,
        "sort": missing,
        "etag": missing,
        "authenticationSchemes": [bearer],
        "meta": {"resourceType": "ServiceProviderConfig", "location": url("ServiceProviderConfig")},
    }


def user_resource_type() -> dict:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": "User",
        "name": "User",
        "endpoint": "/Users",
        "description": "A person with an account",
        "schema": USER,
        "meta": {"resourceType": "ResourceType", "location": url("ResourceTypes/User")},
    }


def _attribute(name: str, description: str, **facts) -> dict:
    usual = {"type": "string", "multiValued": False, "required": False, "caseExact": False}
    usual |= {"mutability": "readWrite", "returned": "default", "uniqueness": "none"}
    return {"name": name, "description": description} | usual | facts


def user_schema() -> dict:
    address = [
        _attribute("value", "The address", required=True),
        _attribute("primary", "Whether it is the one that is used", type="boolean"),
    ]
    attributes = [
        _attribute("userName", "Name of the account in the directory", required=True, uniqueness="server"),
        _attribute("displayName", "Full name"),
        _attribute("active", "Whether the account is open", type="boolean", required=True),
        _attribute(
            "emails",
            "The email address with which the account begins; the person changes it themselves",
            type="complex",
            multiValued=True,
            required=True,
            mutability="immutable",
            subAttributes=address,
        ),
    ]
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": USER,
        "name": "User",
        "description": "A person with an account",
        "attributes": attributes,
        "meta": {"resourceType": "Schema", "location": url(f"Schemas/{USER}")},
    }


SINGLE = {
    "ServiceProviderConfig": service_provider_config,
    "ResourceTypes/User": user_resource_type,
    f"Schemas/{USER}": user_schema,
}
LISTS = {"ResourceTypes": [user_resource_type], "Schemas": [user_schema]}
