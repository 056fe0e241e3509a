"""The documents by which a directory learns what this service can do."""

from django.conf import settings

ROOT = "/scim/v2"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
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


def _resource_type(name: str, schema: str, description: str) -> dict:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": name,
        "name": name,
        "endpoint": f"/{name}s",
        "description": description,
        "schema": schema,
        "meta": {"resourceType": "ResourceType", "location": url(f"ResourceTypes/{name}")},
    }


def user_resource_type() -> dict:
    return _resource_type("User", USER, "A person with an account")


def group_resource_type() -> dict:
    return _resource_type("Group", GROUP, "People who may be invited to programs together")


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
    return _schema(USER, "User", "A person with an account", attributes)


def group_schema() -> dict:
    reference = {"type": "reference", "referenceTypes": ["User"], "caseExact": True}
    member = [
        _attribute("value", "The id of the person", caseExact=True, mutability="immutable"),
        _attribute("$ref", "The address of the person", mutability="immutable", **reference),
        _attribute("type", "User", canonicalValues=["User"], mutability="immutable"),
    ]
    attributes = [
        _attribute("displayName", "Name of the group in the directory", required=True),
        _attribute("members", "The people in the group", type="complex", multiValued=True, subAttributes=member),
    ]
    return _schema(GROUP, "Group", "People who may be invited to programs together", attributes)


def _schema(key: str, name: str, description: str, attributes: list[dict]) -> dict:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": key,
        "name": name,
        "description": description,
        "attributes": attributes,
        "meta": {"resourceType": "Schema", "location": url(f"Schemas/{key}")},
    }


SINGLE = {
    "ServiceProviderConfig": service_provider_config,
    "ResourceTypes/User": user_resource_type,
    "ResourceTypes/Group": group_resource_type,
    f"Schemas/{USER}": user_schema,
    f"Schemas/{GROUP}": group_schema,
}
LISTS = {"ResourceTypes": [user_resource_type, group_resource_type], "Schemas": [user_schema, group_schema]}
