"""docker-compose.yml: every setting reaches the containers, and any password works."""

import re

import psycopg
import pytest
import yaml

from config import env
from tests.sources import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"] == "throughline"}


def test_one_service_builds_the_image_and_the_others_wait_for_it():
    assert [name for name, service in OURS.items() if "build" in service] == ["prepare"]
    for name in OURS.keys() - {"prepare"}:
        assert OURS[name]["pull_policy"] == "never"
        assert OURS[name]["depends_on"]["prepare"]["condition"] == "service_completed_successfully"


def test_the_containers_have_no_rights_that_they_do_not_need():
    for service in OURS.values():
        assert service["read_only"] and service["tmpfs"] == ["/tmp"]
        assert service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"]
    assert all(service["logging"]["options"]["max-size"] for service in COMPOSE["services"].values())


def test_a_setting_in_env_example_is_documented_and_passed_on():
    example = set(re.findall(r"^#? ?([A-Z][A-Z_]+)=", (ROOT / "docs/env.example").read_text(), re.M))
    compose = (ROOT / "docker-compose.yml").read_text()
    documented = (ROOT / "docs/configuration.md").read_text()
    assert example - set(re.findall(r"\$\{([A-Z_]+)", compose)) == set()
    assert {name for name in example if f"`{name}`" not in documented} - {"POSTGRES_PASSWORD"} == set()
    passed = set(OURS["web"]["environment"])
    assert {name for name in passed if f"`{name}`" not in documented} == set()


@pytest.mark.parametrize("password", ["a@b:c/d#e%f", "100%40", "p w?&=", "ünïcode"])
def test_a_password_may_have_any_characters(monkeypatch, password):
    environment = OURS["web"]["environment"]
    assert environment["DATABASE_PASSWORD"].startswith("${POSTGRES_PASSWORD?")
    monkeypatch.setenv("DATABASE_URL", environment["DATABASE_URL"])
    monkeypatch.setenv("DATABASE_PASSWORD", password)
    values = env.database()
    assert (values["HOST"], values["USER"], values["PASSWORD"]) == ("database", "throughline", password)
    shown = psycopg.conninfo.make_conninfo(password=values["PASSWORD"])
    assert psycopg.conninfo.conninfo_to_dict(shown)["password"] == password
