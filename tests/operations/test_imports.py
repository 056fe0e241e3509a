"""Large libraries are imported when they are first used, so that a process that never needs them stays small."""

import os
import subprocess
import sys

from tests.sources import ROOT

START = """
import sys
import config.celery, config.wsgi
from django.core.management import call_command
call_command("check")  # imports every URL, view, model and task
assert "mentoring.matching" in sys.modules and "records.growth" in sys.modules
large = {"numpy", "scipy", "weasyprint", "openpyxl", "python_calamine", "ninja", "pydantic", "requests"}
print("imported:", *sorted(large & set(sys.modules)))
"""


def test_no_large_library_is_imported_at_the_start(tmp_path):
    tmp_path.chmod(0o700)
    done = subprocess.run(
        [sys.executable, "-c", START],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.splitlines()[-1:] == ["imported:"], done.stdout + done.stderr[-2000:]
