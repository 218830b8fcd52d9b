"""How bytes and data become text: in one way only, so that what is hashed or signed can be written in no other."""

import base64
import binascii
import json
from typing import Any


def to_json(data: Any) -> str:
    """Return data as JSON: sorted, without spaces, ASCII."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)


def to_base64(data: bytes) -> str:
    """Return bytes as base64 (RFC 4648, section 4)."""
    return base64.b64encode(data).decode()


def from_base64(text: str) -> bytes | None:
    """Return what a base64 text means, or None where it is none, or not the one way to write it."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if to_base64(data) == text else None
