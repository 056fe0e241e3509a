"""Each secret can be in a file: NAME_FILE names it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.core.exceptions import ImproperlyConfigured

from config import env
from tests.sources import ROOT

SECRET_WORDS = re.compile(r"`((?:[A-Z]+_)*(?:SECRET|TOKEN|KEYS?|PASSWORD|PASSPHRASE)(?:_KEY)?)`")


def exits_with(*command: str, **changes: str) -> str:
    """Return the last line that a process prints before it exits with an error."""
    result = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=os.environ | changes, capture_output=True, text=True, timeout=60
    )
    assert result.returncode != 0 and "Traceback" not in result.stderr
    return result.stderr.strip().splitlines()[-1].removeprefix("Error: ")


def test_documented_secrets_can_be_in_files():
    documented = (ROOT / "docs/configuration.md").read_text()
    table = documented.split("## SQLite")[0]
    assert set(SECRET_WORDS.findall(table)) <= set(env.SECRETS)
    section = documented.split("## Secrets in files")[1].split("\n## ")[0]
    assert {name for name in env.SECRETS if f"`{name}`" not in section} == set()


def test_the_newline_at_the_end_of_a_file_does_not_count(monkeypatch, tmp_path):
    file = tmp_path / "password"
    monkeypatch.setenv("DATABASE_URL", "postgres://throughline@database:5432/throughline")
    monkeypatch.setenv("DATABASE_PASSWORD", "")  # as from docker-compose.yml, where it is unset
    monkeypatch.setenv("DATABASE_PASSWORD_FILE", str(file))
    for text, password in (("a@b \n", "a@b "), ("ünïcode", "ünïcode"), ("x\n\n", "x\n")):
        file.write_text(text, encoding="utf-8")
        assert env.database()["PASSWORD"] == password


@pytest.mark.parametrize("name", env.SECRETS)
def test_a_secret_given_twice_is_refused(monkeypatch, tmp_path, name):
    monkeypatch.setenv(name, "given")
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "file"))
    with pytest.raises(ImproperlyConfigured, match=f"{name} and {name}_FILE are both set"):
        env.secret(name)


def test_a_file_that_is_missing_empty_or_not_text_is_refused(monkeypatch, tmp_path):
    for content, problem in ((None, "No such file"), (b"", "is empty"), (b"\n", "is empty"), (b"\xff", "not UTF-8")):
        monkeypatch.setenv("SCIM_TOKEN_FILE", str(tmp_path / "token"))
        monkeypatch.delenv("SCIM_TOKEN", raising=False)
        if content is not None:
            (tmp_path / "token").write_bytes(content)
        with pytest.raises(ImproperlyConfigured, match=problem):
            env.token("SCIM_TOKEN")


@pytest.mark.parametrize(
    "command",
    [
        ["manage.py", "check"],
        ["-m", "gunicorn", "config.wsgi", "--config", "python:config.gunicorn", "--check-config"],
        ["-m", "celery", "--app", "config.celery", "worker"],
        ["-m", "celery", "--app", "config.celery", "beat"],
    ],
)
def test_every_process_exits_with_one_sentence(tmp_path, command):
    missing = tmp_path / "gone"
    line = exits_with(*command, DATA_DIR=str(tmp_path), METRICS_KEY_FILE=str(missing))
    assert line == f"METRICS_KEY_FILE={missing} cannot be read: No such file or directory."


def test_the_example_for_containers_names_secrets_and_files(tmp_path):
    """The YAML in docs/configuration.md gives every service of ours the files that its settings name."""
    section = (ROOT / "docs/configuration.md").read_text().split("## Secrets in files")[1].split("\n## ")[0]
    example = yaml.safe_load(
        re.search(r"((?:^    .*\n|^\n)+)", section.split("docker-compose.override.yml")[1], re.M)[1]
    )
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    ours = {name for name, service in compose["services"].items() if service["image"] == "throughline"}
    assert set(example["services"]) == ours | {"database"}
    for service in example["services"].values():
        for name, path in service["environment"].items():
            assert name.removesuffix("_FILE") in {*env.SECRETS, "POSTGRES_PASSWORD"}
            assert Path(path).parent == Path("/run/secrets") and Path(path).name in service["secrets"]
        assert set(service["secrets"]) <= set(example["secrets"])
