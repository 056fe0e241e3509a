"""Reading YAML that people wrote: every error at its line, nothing that could run or refer to itself."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import yaml
from django.utils.translation import gettext as _

from sessions.models import AgendaTemplate
from sessions.models.template import BlockRole, BlockType

MOST_BYTES = 256 * 1024


class Wrong(Exception):
    """The file says what cannot be; `errors` are sentences, each with its line."""

    def __init__(self, errors: list[str]):
        super().__init__("\n".join(errors))
        self.errors = errors


@dataclass
class Reader:
    """Walks through the nodes of a file and collects what is wrong, each with its line."""

    errors: list[str] = field(default_factory=list)

    def wrong(self, node, text: str) -> None:
        self.errors.append(_("Line %(n)s: %(text)s") % {"n": node.start_mark.line + 1, "text": text})

    def mapping(self, node, known: dict[str, Callable], needed: tuple[str, ...] = ()) -> dict:
        """A mapping whose keys are all known, each read by its own function."""
        found = {}
        if not isinstance(node, yaml.MappingNode):
            self.wrong(node, _("here something like “name: value” is expected."))
            return found
        for key, value in node.value:
            name = str(getattr(key, "value", ""))
            if name not in known:
                self.wrong(
                    key,
                    _("“%(name)s” is not known here. Known are: %(known)s.")
                    % {"name": name, "known": ", ".join(known)},
                )
            elif name in found:
                self.wrong(key, _("“%(name)s” stands here twice.") % {"name": name})
            else:
                found[name] = known[name](value)
        for name in needed:
            if name not in found:
                self.wrong(node, _("“%(name)s” is missing.") % {"name": name})
        return found

    def items(self, node, read: Callable, most: int = 60) -> list:
        if not isinstance(node, yaml.SequenceNode):
            self.wrong(node, _("here a list is expected, each entry on its own line with “-”."))
            return []
        if len(node.value) > most:
            self.wrong(node, _("at most %(n)s entries.") % {"n": most})
        return [read(one) for one in node.value[:most]]

    def text(self, node, most: int = 300, least: int = 1) -> str:
        if not isinstance(node, yaml.ScalarNode):
            self.wrong(node, _("here a text is expected."))
            return ""
        value = node.value.strip()
        if not least <= len(value) <= most or "\0" in value:
            self.wrong(node, _("a text of %(least)s to %(n)s letters is expected.") % {"least": least, "n": most})
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
        self.wrong(node, _("a number from %(a)s to %(b)s is expected.") % {"a": least, "b": most})
        return least

    def key(self, node) -> str:
        """A name that also stands in an address."""
        value = str(getattr(node, "value", ""))
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value) or len(value) > 60:
            self.wrong(node, _("small letters, numbers and “-” are expected, at most 60."))
        return value

    def choice(self, node, choices) -> str:
        value = str(getattr(node, "value", ""))
        if value not in choices:
            self.wrong(node, _("one of these is expected: %(choices)s.") % {"choices": ", ".join(choices)})
        return value

    def yes_no(self, node) -> bool:
        return self.choice(node, ("true", "false")) == "true"


def compose(text: str):
    """The nodes of a file. Raises Wrong for what is no YAML, too large, or refers to itself."""
    if len(text.encode()) > MOST_BYTES:
        raise Wrong([_("This file is larger than 256 KB.")])
    try:
        for token in yaml.scan(text):
            if isinstance(token, yaml.AliasToken | yaml.AnchorToken):
                raise Wrong([_("Line %(n)s: references (& and *) are not read.") % {"n": token.start_mark.line + 1}])
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        why = getattr(error, "problem", None) or _("this cannot be read")
        raise Wrong([_("Line %(n)s: %(text)s") % {"n": line, "text": f"{why}."}]) from error
    except RecursionError as error:
        raise Wrong([_("This file is nested too deeply.")]) from error
    if node is None:
        raise Wrong([_("This file is empty.")])
    return node


def read_agenda(reader: Reader, node, with_kind: bool = True) -> dict:
    """Blocks whose minutes add up to the length of the session."""
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
        said = _("the blocks take %(total)s minutes, the agenda %(minutes)s.")
        reader.wrong(node, said % {"total": total, "minutes": found["minutes"]})
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
