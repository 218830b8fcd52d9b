"""Fields under seal: encrypted at rest, committed to in the open, and erasable without a trace in the proofs.

A field's value is salted and encrypted with AES-256-GCM under a fresh nonce; what is authenticated with it is the log's name,
the entry's head and the field's name, so that no box can be moved to another place. Two hashes of it go into the leaf:

- the commitment, SHA-256 of salt, field name, a zero byte, and the value as JSON. Who is shown salt and value can check it.
- the hash of the box as it is stored. Anybody can check it without the key, and it stays when the box is erased.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from custodiet.docket.encoding import from_base64, to_base64, to_json

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
        return f"{_bound(origin, self)},{to_json(field)}]".encode()


@lru_cache(maxsize=1)
def _bound(origin: str, head: Head) -> str:
    """Return what all boxes of an entry are bound to, as JSON without its end."""
    return to_json([origin, head.number, head.at, head.kind, head.about, head.erased])[:-1]


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
        return commit(from_base64(self.salt) or b"", self.name, to_json(self.value))


def hash_of(box: str) -> str:
    """Return the hash of a box as it is stored."""
    return to_base64(hashlib.sha256(box.encode()).digest())


def commit(salt: bytes, name: str, value: str) -> str:
    """Return the commitment to a value, given as JSON."""
    return to_base64(hashlib.sha256(salt + name.encode() + b"\x00" + value.encode()).digest())


def seal(cipher: AESGCM, origin: str, head: Head, fields: Mapping[str, Any]) -> list[Box]:
    """Return the boxes of an entry's fields, in the order of their names."""
    boxes = []
    for name in sorted(fields):
        value, salt, nonce = to_json(fields[name]), os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
        sealed = nonce + cipher.encrypt(nonce, salt + value.encode(), head.bind(origin, name))
        box = to_base64(sealed)
        boxes.append(Box(name, commit(salt, name, value), hash_of(box), box))
    return boxes


def unseal(cipher: AESGCM, origin: str, head: Head, box: Box) -> Opened | None:
    """Return what is in a box; None where it was changed, moved, or sealed with another key."""
    try:
        sealed = from_base64(box.box) or b""
        plain = cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], head.bind(origin, box.name))
        salt, value = plain[:SALT_BYTES], plain[SALT_BYTES:].decode()
        if commit(salt, box.name, value) != box.commitment:
            return None
        return Opened(box.name, to_base64(salt), json.loads(value))
    except (InvalidTag, ValueError):
        return None
