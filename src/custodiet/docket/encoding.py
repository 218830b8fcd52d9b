"""How bytes and data become text: in one way only, so that what is hashed or signed can be written in no other."""

import binascii
import json
from typing import Any

_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


def to_json(data: Any) -> str:
    """Return data as JSON: sorted, without spaces, ASCII."""
    return _JSON.encode(data)


def to_base64(data: bytes) -> str:
    """Return bytes as base64 (RFC 4648, section 4)."""
    return binascii.b2a_base64(data, newline=False).decode()


def from_base64(text: str) -> bytes | None:
    """Return what a base64 text means, or None where it is none, or not the one way to write it."""
    try:
        data = binascii.a2b_base64(text)
    except ValueError:
        return None
    # What is no base64 at all is skipped in silence above, and so is not what comes back.
    return data if to_base64(data) == text else None
