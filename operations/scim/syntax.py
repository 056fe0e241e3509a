"""How requests of a directory are read: filters, operations and values, the same for people and groups."""

import re
from dataclasses import dataclass

LONGEST = 254
COMPARISON = re.compile(r'\s*([a-z][a-z.]*)\s+eq\s+"((?:[^"\\]|\\.)*)"\s*', re.IGNORECASE)
ALL = re.compile(rf"{COMPARISON.pattern}(?:and{COMPARISON.pattern})*", re.IGNORECASE)
OF_MEMBERS = re.compile(r'members\s*\[\s*value\s+eq\s+"([^"\\]*)"\s*\]', re.IGNORECASE)


class ScimError(Exception):
    """A request that is answered with an error in SCIM's format."""

    def __init__(self, status: int, detail: str, scim_type: str = ""):
        super().__init__(detail)
        self.status, self.detail, self.scim_type = status, detail, scim_type


@dataclass(frozen=True)
class Operation:
    """One operation of a PATCH: `verb` is add, replace or remove; a path is lower case and without a schema."""

    verb: str
    path: str
    value: object


def comparisons(text: str, attributes: list[str]) -> list[tuple[str, str]]:
    """Read a filter into (attribute, value) pairs that must all be equal; the attributes are in lower case."""
    if not text.strip():
        return []
    parts = OF_MEMBERS.sub(r' members eq "\1" ', text)
    is_valid = "\0" not in text and ALL.fullmatch(parts)
    pairs = [(name.lower(), re.sub(r"\\(.)", r"\1", value)) for name, value in COMPARISON.findall(parts) if is_valid]
    if not pairs or not {name for name, _value in pairs} <= {name.lower() for name in attributes}:
        names = f"{', '.join(attributes[:-1])} or {attributes[-1]}"
        raise ScimError(400, f"Filters compare {names} with eq, several joined by and.", "invalidFilter")
    return pairs


def operations_in(body: dict, schema: str) -> list[Operation]:
    """Read the operations of a PATCH, with a path each or with an object of values: then each value is one."""
    rows = body.get("Operations", body.get("operations"))
    if not isinstance(rows, list) or not rows:
        raise ScimError(400, "Operations must be a list.", "invalidSyntax")
    return [operation for row in rows for operation in _operations(row, schema)]


def _operations(row: object, schema: str) -> list[Operation]:
    if not isinstance(row, dict):
        raise ScimError(400, "An operation must be an object.", "invalidSyntax")
    verb, path, value = str(row.get("op")).lower(), row.get("path"), row.get("value")
    if verb not in ("add", "replace", "remove"):
        raise ScimError(400, "op must be add, replace or remove.", "invalidSyntax")
    if verb == "remove" and not path:
        raise ScimError(400, "remove needs a path.", "noTarget")
    given = {str(path): value} if path else value
    if not isinstance(given, dict):
        raise ScimError(400, "Without a path, value must be an object.", "invalidValue")
    return [Operation(verb, key.removeprefix(f"{schema}:").lower(), each) for key, each in given.items()]


def text_of(values: dict, key: str, longest: int = LONGEST) -> str | None:
    value = values.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > longest or not value.isprintable():
        raise ScimError(400, f"{key} must be text of at most {longest} characters.", "invalidValue")
    return value.strip()
