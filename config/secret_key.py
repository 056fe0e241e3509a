"""Keys kept beside the database: made at the first start, readable by their owner alone."""

import base64
import os
import secrets
import stat
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

MADE: set[Path] = set()  # by this process, and so perhaps in place of one that is missing


def make_private(folder: Path) -> None:
    """Keep the data folder and what is made in it for this user alone; core/checks.py tells where that fails."""
    os.umask(0o077)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in (folder, *folder.glob("*.sqlite3*"), folder / "secret_key", folder / "private_key"):
            if path.exists() and path.stat().st_uid == os.geteuid() and stat.S_IMODE(path.stat().st_mode) & 0o077:
                path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o700)
    except OSError:
        pass  # a volume without owners, or a folder that is not ours


def read_or_make_key(path: Path, *, fernet: bool = False) -> str:
    """Return the key in `path`, first making the file (mode 0600) with 50+ random characters.

    With fernet=True the key has the form cryptography.fernet asks for. Two processes that start
    together end up with the same key: the file is created exclusively, and the loser reads it.
    """
    try:
        if path.exists():
            return path.read_text().strip()
        return _make(path, fernet)
    except OSError as error:
        raise ImproperlyConfigured(
            f"The folder {path.parent} cannot be written to ({error.strerror}): "
            "make it writable for this user, or name another one in DATA_DIR."
        ) from error


def _make(path: Path, fernet: bool) -> str:
    key = base64.urlsafe_b64encode(os.urandom(32)).decode() if fernet else secrets.token_urlsafe(50)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(key)
    try:
        os.link(draft, path)
        MADE.add(path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text().strip()
