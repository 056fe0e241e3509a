"""What a browser would send: the fields of a form as a page shows them."""

import re
from html import unescape


def fields_of(page: str) -> dict[str, str]:
    """The fields of the page's last form that has some."""
    forms = re.findall(r"<form.*?</form>", page, re.S)
    form = [one for one in forms if len(re.findall(r"<(?:input|select|textarea)", one)) > 1][-1]
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        said = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "name" in said and (said.get("type") not in ("checkbox", "radio") or " checked" in tag):
            fields[said["name"]] = unescape(said.get("value", "on" if said.get("type") == "checkbox" else ""))
    for name, options in re.findall(r'<select name="([\w-]+)".*?>(.*?)</select>', form, re.S):
        if chosen := re.search(r'value="([^"]*)" selected', options):
            fields[name] = unescape(chosen[1])
    for name, text in re.findall(r'<textarea name="([\w-]+)".*?>\n?(.*?)</textarea>', form, re.S):
        fields[name] = unescape(text)
    return fields
