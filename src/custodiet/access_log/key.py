"""The project's key: plates, users and case numbers become HMAC-SHA256 tokens (RFC 2104) under it before anything is stored.

A Californian plate is one of 175,760,000 strings, so the key is the whole protection. It lies in the user's config folder
and never beside the data. Two projects with two keys have tokens that can't be joined.
"""

import hashlib
import hmac
from pathlib import Path

from custodiet.store.key import Key, find_key

KEY_VARIABLE = "CUSTODIET_KEY_FILE"
BLOCK = 64


def load_key(given: Path | None = None) -> Key:
    """Return the key: of the file given, of `CUSTODIET_KEY_FILE`, or of the user's config folder.

    The first run makes one there.

    Raises:
        InputError: the file can't be read or made, others may read it, or it holds no key.

    """
    return find_key(given, KEY_VARIABLE, "access-log.key")


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
