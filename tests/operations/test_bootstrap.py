"""bootstrap.py explains in one sentence each problem that only the user can solve."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Run bootstrap.py in an empty folder with one small lock file."""
    (tmp_path / "requirements").mkdir()
    for name in ("run", "test", "dev", "broker"):
        (tmp_path / "requirements" / f"{name}.txt").write_text("")
    monkeypatch.setattr(bootstrap, "HERE", str(tmp_path))
    monkeypatch.setattr(bootstrap, "ENVIRONMENT", str(tmp_path / ".venv"))
    monkeypatch.setattr(bootstrap, "STAMP", str(tmp_path / ".venv" / ".throughline.json"))
    return tmp_path


def test_an_old_python_is_refused_with_its_version():
    with pytest.raises(bootstrap.Refusal, match=r"3\.11 or newer, and this is Python 3\.9"):
        bootstrap.check_version((3, 9, 2))
    bootstrap.check_version((3, 11, 0))


def test_an_old_python_exits_with_a_message(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 8, 1))
    monkeypatch.setattr(bootstrap, "newer_python", lambda: None)
    assert bootstrap.main(["run"]) == 1
    message = capsys.readouterr().err
    assert message.count("\n") == 1 and "needs Python 3.11" in message


def test_any_python_3_can_read_the_file():
    """Syntax newer than 3.4 would end in a traceback instead of the message."""
    ast.parse((ROOT / "bootstrap.py").read_text(), feature_version=(3, 4))


def test_without_venv_the_package_to_install_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(bootstrap.Refusal, match=r"apt install python3\.\d+-venv"):
        bootstrap.check_venv()


def test_a_link_to_another_environment_is_left_alone(folder):
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("")
    (folder / ".venv").symlink_to(elsewhere)
    with pytest.raises(bootstrap.Refusal, match="is a link"):
        bootstrap.set_up("run")
    assert (elsewhere / "kept").exists()


@pytest.mark.slow
def test_a_second_run_does_nothing_until_a_lock_file_changes(folder, capsys):
    (folder / "requirements" / "broker.txt").write_text("no-such-package-anywhere==1 --hash=sha256:00\n")
    bootstrap.set_up("run")
    assert os.path.exists(folder / ".venv" / "bin" / "python")
    assert "Ready" in capsys.readouterr().out  # a broker that cannot be installed does not fail the set-up
    if bootstrap.broker_available():
        bootstrap.set_up("run")
        assert capsys.readouterr().out == ""
    (folder / "requirements" / "run.txt").write_text("# another lock\n")
    bootstrap.set_up("run")
    assert "Ready" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["everything"]])
def test_unknown_arguments_list_what_can_be_set_up(arguments):
    result = subprocess.run([sys.executable, ROOT / "bootstrap.py", *arguments], capture_output=True, text=True)
    assert result.returncode == 1
    assert "run, test or dev" in result.stderr
