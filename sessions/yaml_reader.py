"""Read YAML files safely: every error with its line; tags, anchors and aliases are rejected."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import yaml
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sessions.models import AgendaTemplate
from sessions.models.agenda_template import BlockRole, BlockType

MAX_BYTES = 256 * 1024
MAX_TOKENS = 60_000  # a file with every setting and thirty agendas has a third as many
MAX_DEPTH = 20  # levels; a pack's agenda, the deepest part, has ten
MAX_ERRORS = 50  # listed at most
OPENING = (
    yaml.FlowSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.BlockMappingStartToken,
)
CLOSING = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken, yaml.BlockEndToken)


class InvalidFile(Exception):
    """The file is not valid; `errors` are sentences, each with its line."""

    def __init__(self, errors: list[str]):
        more = len(errors) - MAX_ERRORS
        self.errors = errors[:MAX_ERRORS]
        if more > 0:
            self.errors.append(ngettext("And %(n)s more.", "And %(n)s more.", more) % {"n": more})
        super().__init__("\n".join(self.errors))


@dataclass
class Reader:
    """Reads the nodes of a file and collects the errors, each with its line."""

    errors: list[str] = field(default_factory=list)

    def add_error(self, node, text: str) -> None:
        self.errors.append(_("Line %(n)s: %(text)s") % {"n": node.start_mark.line + 1, "text": text})

    def mapping(self, node, known: dict[str, Callable], needed: tuple[str, ...] = ()) -> dict:
        """Read a mapping; each known key has its own function."""
        found = {}
        if not isinstance(node, yaml.MappingNode):
            self.add_error(node, _("enter “name: value” here."))
            return found
        for key, value in node.value:
            name = str(getattr(key, "value", ""))
            if name not in known:
                self.add_error(
                    key,
                    _("“%(name)s” is not a known setting. Use one of: %(known)s.")
                    % {"name": name, "known": ", ".join(known)},
                )
            elif name in found:
                self.add_error(key, _("“%(name)s” appears twice.") % {"name": name})
            else:
                found[name] = known[name](value)
        for name in needed:
            if name not in found:
                self.add_error(node, _("“%(name)s” is missing.") % {"name": name})
        return found

    def items(self, node, read: Callable, most: int = 60) -> list:
        if not isinstance(node, yaml.SequenceNode):
            self.add_error(node, _("enter a list here, each entry on its own line with “-”."))
            return []
        if len(node.value) > most:
            self.add_error(node, _("enter at most %(n)s entries.") % {"n": most})
        return [read(one) for one in node.value[:most]]

    def text(self, node, most: int = 300, least: int = 1) -> str:
        if not isinstance(node, yaml.ScalarNode):
            self.add_error(node, _("enter a text here."))
            return ""
        value = node.value.strip()
        if not least <= len(value) <= most or "\0" in value:
            self.add_error(node, _("enter a text of %(least)s to %(n)s characters.") % {"least": least, "n": most})
        return value

    def number(self, node, least: int, most: int) -> int:
        value = getattr(node, "value", "")
        if (
            isinstance(value, str)
            and value.isascii()
            and value.isdigit()
            and len(value) < 6
            and least <= int(value) <= most
        ):
            return int(value)
        self.add_error(node, _("enter a number from %(a)s to %(b)s.") % {"a": least, "b": most})
        return least

    def key(self, node) -> str:
        """Read a key that is also part of a URL."""
        value = str(getattr(node, "value", ""))
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value) or len(value) > 60:
            self.add_error(node, _("use lowercase a–z, numbers and “-”, at most 60 characters."))
        return value

    def choice(self, node, choices) -> str:
        value = str(getattr(node, "value", ""))
        if value not in choices:
            self.add_error(node, _("use one of: %(choices)s.") % {"choices": ", ".join(choices)})
        return value

    def yes_no(self, node) -> bool:
        return self.choice(node, ("true", "false")) == "true"


def compose(text: str):
    """Return the nodes of a file. Raises InvalidFile if it is not YAML, is too large or deep, or has references."""
    if len(text.encode()) > MAX_BYTES:
        raise InvalidFile([_("This file is larger than 256 KB.")])
    try:
        check_tokens(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise InvalidFile([_("Line %(n)s contains a character that is not text. Delete it.") % {"n": line}]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise InvalidFile([explain(error, line)]) from error
    if node is None:
        raise InvalidFile([_("This file is empty.")])
    return node


def check_tokens(text: str) -> None:
    """Reject early what would take long to parse: thousands of brackets take seconds."""
    depth = 0
    for number, token in enumerate(yaml.scan(text)):
        line = token.start_mark.line + 1
        if isinstance(token, yaml.AliasToken | yaml.AnchorToken):
            raise InvalidFile([_("Line %(n)s: references (& and *) are not supported.") % {"n": line}])
        depth += isinstance(token, OPENING) - isinstance(token, CLOSING)
        if depth > MAX_DEPTH:
            raise InvalidFile(
                [_("Line %(n)s is nested too deeply: a program file has a few levels only.") % {"n": line}]
            )
        if number > MAX_TOKENS:
            raise InvalidFile([_("This file has too many entries. Split it, or delete what you do not need.")])


def explain(error: yaml.YAMLError, line: int) -> str:
    """Return a sentence about what to correct in the file."""
    problem = getattr(error, "problem", None) or ""
    context = getattr(error, "context", None) or ""
    text = _("Line %(n)s cannot be read. Check its indentation, colons and quotation marks.")
    if "'\\t'" in problem:
        text = _("Line %(n)s is indented with a tab. Use spaces.")
    elif "mapping values" in problem:
        text = _("Line %(n)s has an extra colon. Put a text that contains a colon in quotation marks.")
    elif "quoted scalar" in context:
        text = _("Line %(n)s: a quotation mark is not closed, here or above.")
    elif "flow" in context:
        text = _("Line %(n)s: a bracket is not closed, here or above.")
    elif "another document" in problem:
        text = _("Line %(n)s begins a second document (---). A program file has one.")
    return text % {"n": line}


def read_agenda(reader: Reader, node, with_kind: bool = True) -> dict:
    """Read an agenda; the minutes of its blocks must add up to its length."""
    known = {
        "minutes": lambda n: reader.number(n, 15, 240),
        "blocks": lambda n: reader.items(n, lambda b: read_block(reader, b), 20),
    }
    needed = ("minutes", "blocks")
    if with_kind:
        known |= {"kind": lambda n: reader.choice(n, AgendaTemplate.Kind.values), "name": lambda n: reader.text(n, 100)}
        needed += ("kind", "name")
    found = reader.mapping(node, known, needed)
    total = sum(block.get("minutes", 0) for block in found.get("blocks", []))
    if "minutes" in found and "blocks" in found and total != found["minutes"]:
        text = _("the blocks take %(total)s minutes, but the agenda has %(minutes)s.")
        reader.add_error(node, text % {"total": total, "minutes": found["minutes"]})
    return found


def read_block(reader: Reader, node) -> dict:
    known = {
        "type": lambda n: reader.choice(n, BlockType.values),
        "role": lambda n: reader.choice(n, BlockRole.values),
        "title": lambda n: reader.text(n, 100),
        "minutes": lambda n: reader.number(n, 1, 240),
        "question": lambda n: reader.text(n, 300),
    }
    return reader.mapping(node, known, ("type", "role", "title", "minutes"))
