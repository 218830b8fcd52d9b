"""Key files: 32 random bytes as 64 hex digits, in a file of mode 0600, apart from what they protect."""

import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from custodiet.model.errors import InputError

KEY_BYTES = 32


@dataclass(frozen=True)
class Key:
    """A key, where it lies, and whether this run made it. Its bytes are in no text of ours."""

    path: Path
    is_new: bool
    secret: bytes

    def __repr__(self) -> str:
        return f"Key({self.path.name!r})"

    def derive(self, role: str) -> bytes:
        """Return 32 bytes for one role, such as `plate`: tokens of two roles can't be compared."""
        return hmac.digest(self.secret, f"custodiet:{role}:v1".encode(), "sha256")

    def fingerprint(self) -> str:
        """Return 16 hex digits that tell two keys apart, and say nothing else about them."""
        return self.derive("fingerprint").hex()[:16]


def find_key(given: Path | None, variable: str, name: str, *, make: bool = True, apart: Path | None = None) -> Key:
    """Return the key: of the file given, of the one that an environment variable names, or of `name` in the config folder.

    A key that is not there yet is made, unless `make` is false: what was locked with another key stays locked. `apart` is
    a folder in which the key must not lie.

    Raises:
        InputError: the file can't be read or made, others may read it, it holds no key, or lies beside what it protects.

    """
    named = given or (Path(found) if (found := os.environ.get(variable)) else None)
    path = (named or _config_folder() / name).expanduser()
    if apart is not None and apart.resolve() in path.resolve().parents:
        raise InputError(f"{path}: the key would lie beside what it protects; give a file elsewhere with `--key FILE`.")
    try:
        if not path.exists():
            if not make:
                raise InputError(f"{path}: the key is not there; give its file with `--key FILE` or {variable}.")
            return _make(path)
        if path.is_dir():
            raise InputError(f"{path}: is a folder; give the key's own file with `--key FILE`.")
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise InputError(
                f"{path}: others may read this key; close it with `chmod 600`, and think about making a new one."
            )
        text = path.read_text("ascii").strip()
        secret = bytes.fromhex(text)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not 64 hex digits"
        raise InputError(f"{path}: the key can't be read ({why}); give the right file with `--key FILE`.") from None
    if len(secret) != KEY_BYTES:
        raise InputError(f"{path}: the key has {len(secret)} bytes, not {KEY_BYTES}; give the right file with `--key FILE`.")
    return Key(path, is_new=False, secret=secret)


def _config_folder() -> Path:
    import platformdirs  # noqa: PLC0415 - only needed where no setting says otherwise

    return platformdirs.user_config_path("custodiet", appauthor=False)


def _make(path: Path) -> Key:
    secret = secrets.token_bytes(KEY_BYTES)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Made with its rights from the start, and never over another.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(secret.hex() + "\n")
    return Key(path, is_new=True, secret=secret)
