"""Pages, emails, docstrings, tests and documents are plain US English with the terms of CONTRIBUTING.md."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sources import ROOT, sources

LONGEST_SENTENCE = 30  # words, on pages and in emails
LONGEST_LINE = 120
LONGEST_TEST_NAME = 70
DOCUMENTS = [
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md", "docs/configuration.md"),
    *("docs/env.example", "docs/operating.md", "docs/rules.md", "docs/sign-in.md"),
]

# Phrases that make a reader translate. Each has a plainer word: "again", "also", "anyone who", "continues", "remove".
BANNED = {
    r"\banew\b": "again",
    r"\bbesides\b": "also",
    r"\bthemself\b": "themselves",
    r"\bwhoever\b": "anyone who, the person who",
    r"\bof (theirs|hers|his own)\b": "their, one of their",
    r"\bfar(es|ed)\b|\bhow \w+ fare\b": "is doing, the state of",
    r"\bcom(es|e|ing) along\b": "is carried over",
    r"\balso not\b": "not … either",
    r"[”\"'] is no \w": "is not a",
    r"\b(stands?|lies?) (here|there|in|on|beside|at|under|below|above)\b": "is",
    r"\b(what|who) waits\b|\bwaits for you\b": "is pending, needs your answer",
    r"\bgo(es)? on\b": "continues",
    r"\b(take|takes|taken|took|taking) out\b": "remove",
    r"\b(come|comes|came|coming) in\b": "join, sign in, arrive",
    r"\bthe two\b(?! (of|people|versions|dates|times|texts|values|sessions|days|answers)\b)": ("the pair, both people"),
    r"\ba word\b": "a comment, kudos",
    r"\bletters\b": "characters, emails",
    r"\b(said|told)\b": "answered, entered, notified",
    r"\b(say|says)\b": "enter, choose, show",
    r"\bwalls?\b(?! clock)": "time zone",
    r"\b(roof|house|door|doors|floor)\b": "app, installation, sign-in",
}

# In docstrings and names of tests, these phrases are avoided, too.
BANNED_IN_TESTS = {
    r"\bbecomes? of\b": "happens to, changes of",
    r"\b(goes|go|went) out\b": "is sent",
    r"\bstands?\b": "is",
    r"\b(take|takes|taken|took) back\b": "undo",
    r"\btaken up\b": "reopened",
    r"\blet go\b": "dropped",
    r"\bpress(es|ed)?\b": "click",
    r"\bwhatever\b|\bhowever (many|much)\b": "any, all",
    r"\bnot theirs\b": "of another pair",
}
# Identifiers of rules in other documents, such as R21: a test names the rule itself.
DOCUMENT_ID = re.compile(r"\b[A-Z]\d{1,3}\b")
DOCUMENT_ID_IN_NAME = re.compile(r"(?:^|_)[a-z]\d{1,3}(?=_|$)")

# Directories whose tests are checked.
TEST_DIRECTORIES = [
    "accounts",
    "core",
    "dashboard",
    "demo",
    "goals",
    "mentoring",
    "operations",
    "practice",
    "records",
    "reminders",
    "sessions",
    "site",
]

# "E-mail", and "mail" for an email; a mail server is right, and so is an address such as mail.example.org.
NOT_EMAIL = re.compile(r"\be-mail|\bmails?\b(?!\.\w| (?:servers?|programs?|clients?)\b)", re.IGNORECASE)
# Apps whose untranslated texts are checked, too: operators read them in the terminal.
OPERATOR_APPS = ("accounts", "config", "core", "demo", "operations")
# Stored codes, and the texts of made-up people.
NO_MESSAGES = ("accounts/models/audit.py", "demo/builder.py", "demo/texts.py", "demo/practice_texts.py")

# Where such a phrase is right.
ALLOWED = (
    "Say it now",
    "says why",
    "say so",
    "Say so",
    "say why",
)


def pages() -> list[Path]:
    return sorted(path for end in ("html", "txt") for path in (ROOT / "templates").rglob(f"*.{end}"))


def strings_of_template(text: str) -> Iterator[str]:
    """Every translated string of a template, with its variables written as {{ … }}."""
    text = re.sub(r"{% comment %}.*?{% endcomment %}|{#.*?#}", "", text, flags=re.S)
    yield from (string for _quote, string in re.findall(r"{% translate ([\"'])(.*?)\1", text))
    yield from (string for _quote, string in re.findall(r"\b_\(([\"'])(.*?)\1\)", text))
    for body in re.findall(r"{% blocktrans(?:late)?\b[^%]*%}(.*?){% endblocktrans(?:late)? %}", text, flags=re.S):
        yield from re.split(r"{% plural %}", body)


def strings_of_module(path: Path) -> Iterator[str]:
    """Every message of a module that is translated."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
            *("_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"),
        ):
            yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))


def docstrings(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""


def files_of_tests() -> list[Path]:
    return sorted(path for name in TEST_DIRECTORIES for path in (ROOT / "tests" / name).glob("test_*.py"))


def names_of_tests(path: Path) -> list[str]:
    functions = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]
    return [node.name for node in functions if node.name.startswith("test_")]


def messages(path: Path) -> Iterator[str]:
    """Every text of a module that is neither a docstring nor a single word."""
    tree = ast.parse(path.read_text())
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        text = getattr(node, "value", None) if isinstance(node, ast.Constant) and id(node) not in docstrings else None
        if isinstance(text, str) and " " in text.strip():
            yield text


def for_operators() -> list[tuple[str, str]]:
    """Each text in the modules of OPERATOR_APPS, with its file."""
    paths = [path for path in sources() if path.relative_to(ROOT).parts[0] in OPERATOR_APPS]
    paths = [path for path in paths if "migrations" not in path.parts]
    found = [(str(path.relative_to(ROOT)), text) for path in paths for text in messages(path)]
    return [(file, text) for file, text in found if file not in NO_MESSAGES]


def on_pages() -> list[tuple[str, str]]:
    """Each string that a person reads on a page or in an email, with its file."""
    found = [(str(path.relative_to(ROOT)), s) for path in pages() for s in strings_of_template(path.read_text())]
    return found + [(str(path.relative_to(ROOT)), s) for path in sources() for s in strings_of_module(path)]


def banned(text: str, phrases: dict[str, str] = BANNED) -> list[str]:
    for right in ALLOWED:
        text = text.replace(right, "")
    return [f"{match[0]!r}: {better}" for wrong, better in phrases.items() for match in re.finditer(wrong, text)]


def sentences(text: str) -> list[str]:
    text = re.sub(r"{{.*?}}|%\(\w+\)[sd]|<[^>]+>", "x", text)
    return re.split(r"[.!?:;]\s|\n\s*\n", " ".join(text.split(" ")))


def test_pages_and_emails_use_plain_words():
    assert [(file, text, wrong) for file, text in on_pages() if (wrong := banned(text))] == []


def test_messages_for_operators_use_plain_words():
    assert [(file, text, wrong) for file, text in for_operators() if (wrong := banned(text))] == []


def test_an_email_is_called_an_email():
    assert [(file, text) for file, text in on_pages() + for_operators() if NOT_EMAIL.search(text)] == []


def test_sentences_on_pages_are_short():
    long = [
        (file, sentence)
        for file, text in on_pages()
        for sentence in sentences(text)
        if len(sentence.split()) > LONGEST_SENTENCE
    ]
    assert long == []


def test_no_sentence_is_built_from_fragments():
    """A translator needs whole sentences: none begins or ends with a space, a comma or a separator."""
    edges = re.compile(r"^[ ,;·–]|^\.\s|[ ,;·–(]$")
    texts = [(file, " ".join(text.split()) if "\n" in text else text) for file, text in on_pages()]
    assert [(file, text) for file, text in texts if edges.search(text)] == []


def test_docstrings_use_plain_words():
    ours = [path for path in sources() if "migrations" not in path.parts]
    assert [(path.name, wrong) for path in ours for text in docstrings(path) if (wrong := banned(text))] == []


def test_docstrings_of_tests_use_plain_words_and_no_identifiers():
    texts = [(str(path.relative_to(ROOT)), text) for path in files_of_tests() for text in docstrings(path)]
    assert [(file, wrong) for file, text in texts if (wrong := banned(text, BANNED | BANNED_IN_TESTS))] == []
    assert [(file, found[0]) for file, text in texts if (found := DOCUMENT_ID.search(text))] == []


def test_names_of_tests_are_short_and_use_plain_words():
    names = [(str(path.relative_to(ROOT)), name) for path in files_of_tests() for name in names_of_tests(path)]
    assert len(names) > 400
    phrases = BANNED | BANNED_IN_TESTS
    assert [(file, name, wrong) for file, name in names if (wrong := banned(name.replace("_", " "), phrases))] == []
    assert [(file, name) for file, name in names if DOCUMENT_ID_IN_NAME.search(name)] == []
    assert [(file, name) for file, name in names if len(name) > LONGEST_TEST_NAME] == []


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "docs/architecture.md",
        "docs/configuration.md",
        "docs/env.example",
        "docs/operating.md",
        "docs/rules.md",
    ],
)
def test_documents_use_plain_words(name):
    prose = re.sub(r"```.*?```|`[^`]*`", "", (ROOT / name).read_text(), flags=re.S)
    assert banned(" ".join(prose.split())) == []


def test_lines_of_templates_are_short():
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in pages()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > LONGEST_LINE and path.suffix == ".html"
    ]
    assert long == []
