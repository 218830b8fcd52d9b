"""Fields under seal: encrypted at rest, committed to in the open, and erasable without a trace in the proofs.

A field's value is salted and encrypted with AES-256-GCM under a fresh nonce; what is authenticated with it is the log's name,
the entry's head and the field's name, so that no box can be moved to another place. Two hashes of it go into the leaf:

- the commitment, SHA-256 of salt, field name, a zero byte, and the value as JSON. Who is shown salt and value can check it.
- the hash of the box as it is stored. Anybody can check it without the key, and it stays when the box is erased.
"""

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
SALT_BYTES = 16


@dataclass(frozen=True)
class Head:
    """What of an entry stands in the open.

    Its number (from 1), its time (UTC), its kind, the entry that it is about, and the entries whose fields it erases.
    """

    number: int
    at: str
    kind: str
    about: int | None
    erased: tuple[int, ...] = ()

    def bind(self, origin: str, field: str) -> bytes:
        """Return what a field's box is bound to."""
        return to_json([origin, self.number, self.at, self.kind, self.about, self.erased, field]).encode()


@dataclass(frozen=True)
class Box:
    """A sealed field: its name, commitment, and box; the box of an erased field is empty, its hash stays."""

    name: str
    commitment: str
    hash: str
    box: str


@dataclass(frozen=True)
class Opened:
    """A field that was opened: with its salt, anybody can check it against the commitment."""

    name: str
    salt: str
    value: Any

    def commitment(self) -> str:
        """Return the commitment to this value."""
        return commit(base64.b64decode(self.salt), self.name, to_json(self.value))


def to_json(data: Any) -> str:
    """Return data as JSON in one way only: sorted, without spaces, ASCII."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)


def hash_of(box: str) -> str:
    """Return the hash of a box as it is stored."""
    return base64.b64encode(hashlib.sha256(box.encode()).digest()).decode()


def commit(salt: bytes, name: str, value: str) -> str:
    """Return the commitment to a value, given as JSON."""
    return base64.b64encode(hashlib.sha256(salt + name.encode() + b"\x00" + value.encode()).digest()).decode()


def seal(cipher: AESGCM, origin: str, head: Head, fields: Mapping[str, Any]) -> list[Box]:
    """Return the boxes of an entry's fields, in the order of their names."""
    boxes = []
    for name in sorted(fields):
        value, salt, nonce = to_json(fields[name]), os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
        sealed = nonce + cipher.encrypt(nonce, salt + value.encode(), head.bind(origin, name))
        box = base64.b64encode(sealed).decode()
        boxes.append(Box(name, commit(salt, name, value), hash_of(box), box))
    return boxes


def unseal(cipher: AESGCM, origin: str, head: Head, box: Box) -> Opened | None:
    """Return what is in a box; None where it was changed, moved, or sealed with another key."""
    try:
        sealed = base64.b64decode(box.box, validate=True)
        plain = cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], head.bind(origin, box.name))
        salt, value = plain[:SALT_BYTES], plain[SALT_BYTES:].decode()
        if commit(salt, box.name, value) != box.commitment:
            return None
        return Opened(box.name, base64.b64encode(salt).decode(), json.loads(value))
    except (InvalidTag, binascii.Error, ValueError):
        return None
