"""No secret is in the source, and what comes with a release is true."""

import re
import subprocess

import pytest

from config.version import VERSION
from tests.sources import ROOT

SECRETS = {
    "private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "key of AWS": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "key of Google": r"\bAIza[\w-]{35}",
    "token of GitHub": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22})",
    "token of GitLab": r"\bglpat-[\w-]{20}",
    "token of Slack": r"\bxox[abeoprs]-[\w-]{10}",
    "key of Stripe": r"\b[rs]k_live_\w{16}",
    "key of SendGrid": r"\bSG\.[\w-]{16,}\.[\w-]{16,}",
    "token of a registry": r"\b(?:pypi-AgE[\w-]{20}|npm_[A-Za-z0-9]{36})",
    "key for private text": r"(?<![\w/+=-])[\w-]{43}=(?![\w=])",
    "signed token": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",
    "password in an address": r"\b(?:postgres|postgresql|rediss?|smtps?|smtp\+tls|https?)://[\w.-]*:(?!\{|password@)[^\s:@/\"'`]+@",
}
MADE_HERE = {".venv", ".cache", ".hypothesis", "data", "staticfiles"}  # by running the application or its tests
# Keys of two old databases that hold nothing but made-up text, with which upgrades are tested.
MADE_UP = re.compile(r"tests/upgrades/\w+\.private_key")


def secrets_in(text: str) -> list[str]:
    return [name for name, pattern in SECRETS.items() if re.search(pattern, text)]


def files() -> list[str]:
    """Return the files of the source: those that git knows, or all of an unpacked archive."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    names = [name for name in listed.stdout.decode().split("\0") if name]
    if listed.returncode:
        paths = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
        names = [str(path) for path in paths if path.parts[0] not in MADE_HERE]
    return [name for name in names if not MADE_UP.fullmatch(name)]


def test_no_secret_is_in_the_source():
    found = {}
    for name in files():
        if (ROOT / name).is_file() and (kinds := secrets_in((ROOT / name).read_text(errors="replace"))):
            found[name] = kinds
    assert found == {}


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("private key", ("-----BEGIN RSA PRIVATE", " KEY-----")),
        ("key of AWS", ("AKIA", "IOSFODNN7EXAMPLE")),
        ("token of GitHub", ("ghp_", "a1" * 18)),
        ("token of Slack", ("xoxb-", "1234567890-abc")),
        ("key for private text", ("k" * 43, "=")),
        ("password in an address", ("postgres://throughline:", "hunter2@db.example.org/x")),
    ],
)
def test_a_secret_would_be_found(kind, parts):
    assert secrets_in(f"x = '{''.join(parts)}'\n") == [kind]


@pytest.mark.parametrize(
    ("answer", "status", "code", "last"),
    [
        ("No known vulnerabilities found", 0, 0, "No known vulnerabilities found"),
        ("Found 2 known vulnerabilities in 1 package", 1, 1, "Found 2 known vulnerabilities in 1 package"),
        ("ERROR: amqp could not be audited", 1, 2, "could not be read."),
    ],
)
def test_an_audit_without_advisories_fails_with_a_sentence(tmp_path, answer, status, code, last):
    for folder in ("scripts", ".venv/bin"):
        (tmp_path / folder).mkdir(parents=True)
    script, program = tmp_path / "scripts/audit", tmp_path / ".venv/bin/pip-audit"
    script.write_text((ROOT / "scripts/audit").read_text())
    program.write_text(f"#!/bin/sh\necho '{answer}'\nexit {status}\n")
    program.chmod(0o700)
    run = subprocess.run(["bash", script], capture_output=True, text=True, check=False)
    assert run.returncode == code and (run.stdout + run.stderr).strip().endswith(last)


def test_each_release_says_how_to_upgrade():
    log = (ROOT / "CHANGELOG.md").read_text()
    releases = re.split(r"^## ", log, flags=re.M)[1:]
    assert releases and all(release.count("\n### Upgrading\n") == 1 for release in releases[:-1])  # not of the first
    assert releases[0].startswith(VERSION.removesuffix(".dev0"))
