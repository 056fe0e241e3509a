"""The project's own source files, for tests that read them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = [
    *("core", "accounts", "mentoring", "goals", "sessions", "practice", "records", "dashboard", "reminders"),
    *("api", "demo", "operations"),
]


def sources() -> list[Path]:
    """All Python files of the apps and of the project package, sorted."""
    return sorted(path for folder in ("config", *APPS) for path in (ROOT / folder).rglob("*.py"))
