"""Secret keys in the data folder: created at the first start and readable by their owner only."""

import base64
import os
import secrets
import stat
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

CREATED: set[Path] = set()  # keys created by this process; they may replace lost ones


def restrict_permissions(folder: Path) -> None:
    """Make the data folder and its files private to this user; core/checks.py reports where that failed."""
    os.umask(0o077)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in (folder, *folder.glob("*.sqlite3*"), folder / "secret_key", folder / "private_key"):
            if path.exists() and path.stat().st_uid == os.geteuid() and stat.S_IMODE(path.stat().st_mode) & 0o077:
                path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o700)
    except OSError:
        pass  # a volume without file owners, or a folder of another user


def read_or_create_key(path: Path, *, fernet: bool = False) -> str:
    """Return the key in `path`; create the file (mode 0600) with a random key if it is missing.

    With fernet=True the key has the format of cryptography.fernet. Two processes that start at the
    same time get the same key: the file is created exclusively, and the slower process reads it.
    """
    try:
        if path.exists():
            return path.read_text().strip()
        return _create(path, fernet)
    except OSError as error:
        raise ImproperlyConfigured(
            f"The folder {path.parent} cannot be written to ({error.strerror}): "
            "make it writable for this user, or set DATA_DIR to another folder."
        ) from error


def _create(path: Path, fernet: bool) -> str:
    key = base64.urlsafe_b64encode(os.urandom(32)).decode() if fernet else secrets.token_urlsafe(50)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(key)
    try:
        os.link(draft, path)
        CREATED.add(path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text().strip()
