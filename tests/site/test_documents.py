"""Tests that settings, rules and files named in documents exist."""

import re

from tests.sources import ROOT, sources


def read(name: str) -> str:
    return (ROOT / name).read_text()


def test_documented_settings_are_the_settings_that_are_read():
    code = "".join(path.read_text() for path in sources())
    read_in_code = set(re.findall(r'os\.environ(?:\.get\(|\[)"([A-Z_]+)"', code))
    read_in_code |= set(re.findall(r'(?:switch|number|choices?|address|site|file|token|secret)\("([A-Z_]+)"', code))
    documented = set(re.findall(r"`([A-Z_]{4,})`", read("docs/configuration.md").split("## SQLite")[0]))
    assert read_in_code - {"DJANGO_SETTINGS_MODULE"} <= documented
    assert documented <= set(re.findall(r'"([A-Z_]{4,})"', code))  # some are read in a loop over their names


def test_rule_sections_cited_in_code_exist():
    headings = {line.lstrip("# ").lower() for line in read("docs/rules.md").splitlines() if line.startswith("#")}
    named = set()
    for path in sources():
        named |= set(re.findall(r"docs/rules\.md, ([a-z -]+[a-z])", path.read_text()))
    assert named and {name for name in named if name not in headings} == set()


def test_agenda_minutes_add_up_in_the_rules():
    table = read("docs/rules.md").split("| block | type |")[1].split("\n\n")[0]
    rows = [re.findall(r"\| (\d+)", line) for line in table.splitlines()[2:]]
    assert [sum(int(row[i]) for row in rows) for i in range(3)] == [60, 45, 30]


def test_files_named_in_documents_exist():
    for name in ("README.md", "CONTRIBUTING.md", "docs/architecture.md"):
        prose = re.sub(r"^ {4}.*$", "", read(name), flags=re.M)
        for path in re.findall(r"`([a-z_.]+/[\w/.-]*)`", prose):
            assert (ROOT / path).exists() or path.startswith("data/"), (name, path)


def test_links_between_documents_work():
    names = [path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"))]
    assert len(names) > 10
    for name in names:
        for target, section in re.findall(r"\]\(([^)#:\s]*)#?([^):]*)\)", read(name)):
            file = (ROOT / name).parent / target if target else ROOT / name
            assert file.exists(), (name, target)
            if section:
                headings = re.findall(r"^#+ (.+)$", file.read_text(), re.M)
                assert section in {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in headings}, (
                    name,
                    section,
                )
