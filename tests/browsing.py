"""Reads the fields that a browser would send from the forms of a page."""

import re
from html import unescape


def fields_of(page: str) -> dict[str, str]:
    """Return the fields of the last form on the page that has any."""
    forms = re.findall(r"<form.*?</form>", page, re.S)
    form = [text for text in forms if len(re.findall(r"<(?:input|select|textarea)", text)) > 1][-1]
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "name" in attributes and (attributes.get("type") not in ("checkbox", "radio") or " checked" in tag):
            fields[attributes["name"]] = unescape(
                attributes.get("value", "on" if attributes.get("type") == "checkbox" else "")
            )
    for name, options in re.findall(r'<select name="([\w-]+)".*?>(.*?)</select>', form, re.S):
        if chosen := re.search(r'value="([^"]*)" selected', options):
            fields[name] = unescape(chosen[1])
    for name, text in re.findall(r'<textarea name="([\w-]+)".*?>\n?(.*?)</textarea>', form, re.S):
        fields[name] = unescape(text)
    return fields
