"""The admin password and the key that signs cookies. Whoever starts the program for the first time should not
have to invent them, so what the settings leave open is made up once and kept in the data directory, readable
by its owner alone."""

import os
import secrets
import tempfile
from dataclasses import replace
from pathlib import Path

from otrs_web.settings import Settings

PASSWORD_FILE = "admin-password"  # noqa: S105
SECRET_KEY_FILE = "secret-key"  # noqa: S105
# Neither 0 and O nor 1, l and I: the password is copied by hand from a terminal.
_ALPHABET = "23456789abcdefghijkmnpqrstuvwxyz"


def with_credentials(settings: Settings) -> tuple[Settings, str | None]:
    """The settings with admin password and secret key filled in, and the password if it was made just now:
    the caller shows it, once. Several processes may do this at the same time and get the same answer."""
    password, key, made = settings.admin_password, settings.secret_key, None
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if password is None:
        fresh = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))
        password = _kept(settings.data_dir / PASSWORD_FILE, fresh)
        made = fresh if password == fresh else None
    if key is None:
        key = _kept(settings.data_dir / SECRET_KEY_FILE, secrets.token_urlsafe(48))
    return replace(settings, admin_password=password, secret_key=key), made


def announcement(settings: Settings, password: str) -> str:
    """How a new password is told. What a collector takes others read, so there it is not said."""
    kept = settings.data_dir / PASSWORD_FILE
    if settings.log_format == "json":
        return f"An admin password was made; it is kept in {kept}"
    return f"Admin password: {password}  (shown only this once; it is kept in {kept})"


def _kept(path: Path, fresh: str) -> str:
    """What the file holds; if there is none, `fresh`, which it then holds. The file appears complete or not
    at all: a hard link of a finished one, and the first to link wins."""
    if not path.exists():
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        with os.fdopen(handle, "w") as file:
            file.write(fresh + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(name, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(name)
    return path.read_text().strip()
