"""The project's key: plates, users and case numbers become HMAC-SHA256 tokens (RFC 2104) under it before anything is stored.

A Californian plate is one of 175,760,000 strings, so the key is the whole protection. It lies in the user's config folder
and never beside the data. Two projects with two keys have tokens that can't be joined.
"""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from custodiet.model.errors import InputError

KEY_VARIABLE = "CUSTODIET_KEY_FILE"
KEY_BYTES = 32
BLOCK = 64


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


def load_key(given: Path | None = None) -> Key:
    """Return the key: of the file given, of `CUSTODIET_KEY_FILE`, or of the user's config folder.

    The first run makes one there.

    Raises:
        InputError: the file can't be read or made, others may read it, or it holds no key.

    """
    named = given or (Path(found) if (found := os.environ.get(KEY_VARIABLE)) else None)
    path = (named or _default_path()).expanduser()
    try:
        if not path.exists():
            return _make(path)
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


def _default_path() -> Path:
    import platformdirs  # noqa: PLC0415 - only needed where no setting says otherwise

    return platformdirs.user_config_path("custodiet", appauthor=False) / "access-log.key"


def _make(path: Path) -> Key:
    secret = secrets.token_bytes(KEY_BYTES)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Made with its rights from the start, and never over another.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(secret.hex() + "\n")
    return Key(path, is_new=True, secret=secret)


def pads(secret: bytes) -> dict[str, bytes]:
    """Return the parameters `inner` and `outer` of `token_sql`: the padded key of RFC 2104."""
    padded = secret.ljust(BLOCK, b"\x00")
    return {"inner": bytes(byte ^ 0x36 for byte in padded), "outer": bytes(byte ^ 0x5C for byte in padded)}


def token_sql(text: str) -> str:
    """Return SQL for the token of a text, 32 hex digits of its HMAC; the parameters are those of `pads`."""
    return f"substr(sha256($outer::blob || unhex(sha256($inner::blob || encode({text})))), 1, 32)"


def token_of(secret: bytes, text: str) -> str:
    """Return the token of a text, as `token_sql` does."""
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()[:32]
