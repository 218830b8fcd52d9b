"""Checkpoints: the size and root of a log, signed with Ed25519, in a form that others' tools read.

The form is C2SP's tlog-checkpoint, which is a signed note (c2sp.org/tlog-checkpoint, c2sp.org/signed-note).
"""

import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from custodiet.docket.encoding import from_base64, to_base64
from custodiet.model.errors import DocketError
from custodiet.model.merkle import HASH_BYTES

# The signature type of Ed25519 in signed notes; the names of keys hold neither space nor plus.
ED25519 = b"\x01"
KEY_ID_BYTES = 4
PUBLIC_BYTES = 32
DASH = "— "
# A log of ours has one signature, witnesses may add theirs; more than this is no checkpoint.
MOST_SIGNATURES = 100


@dataclass(frozen=True)
class PublicKey:
    """The name of a log and the key that its checkpoints are verified with."""

    name: str
    key: bytes

    @property
    def id(self) -> bytes:
        """The first four bytes of a hash over name, type and key (signed-note, "Ed25519 signatures")."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.key).digest()[:KEY_ID_BYTES]

    def as_text(self) -> str:
        """Return the key as one line, `name+id+key`, as tools for signed notes take it."""
        return f"{self.name}+{self.id.hex()}+{to_base64(ED25519 + self.key)}"


@dataclass(frozen=True)
class Checkpoint:
    """What a log was when it was signed: its name, its number of entries, and the root over them."""

    origin: str
    size: int
    root: bytes

    def as_text(self) -> str:
        """Return the text that is signed: three lines."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"


def read_public_key(text: str) -> PublicKey:
    """Return the key that a line of text is.

    Raises:
        DocketError: it is no such line, or its parts contradict each other.

    """
    found = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", text.strip())
    raw = from_base64(found[3]) if found else None
    if found is None or raw is None or raw[:1] != ED25519 or len(raw) != 1 + PUBLIC_BYTES:
        raise DocketError("This is no public key of a log; it is one line such as `name+1a2b3c4d+AbC…`, from `docket.vkey`.")
    key = PublicKey(found[1], raw[1:])
    if key.id.hex() != found[2]:
        raise DocketError(f"The public key of {key.name} does not have the id {found[2]}; ask for the line again.")
    return key


def sign_checkpoint(checkpoint: Checkpoint, signer: Ed25519PrivateKey) -> str:
    """Return a checkpoint as a signed note."""
    text = checkpoint.as_text()
    key = PublicKey(checkpoint.origin, signer.public_key().public_bytes_raw())
    return f"{text}\n{DASH}{key.name} {to_base64(key.id + signer.sign(text.encode()))}\n"


def open_checkpoint(note: str, key: PublicKey) -> Checkpoint:
    """Return the checkpoint that a signed note holds, once its signature is verified.

    Raises:
        DocketError: it is no checkpoint, another log's, not signed with this key, or changed since.

    """
    checkpoint = _read_text(open_note(note, key))
    if checkpoint.origin != key.name:
        raise DocketError(f"The checkpoint is of the log {checkpoint.origin}, and the key of {key.name}; give its log's key.")
    return checkpoint


def open_note(note: str, key: PublicKey) -> str:
    """Return the text of a signed note, once its signature is verified; signatures of other keys are ignored.

    Raises:
        DocketError: it is no signed note, not signed with this key, or changed since.

    """
    text, gap, signatures = note.rpartition("\n\n")
    text += "\n"
    lines = signatures.split("\n")
    if not gap or lines[-1:] != [""] or len(lines) > MOST_SIGNATURES or re.search(r"[\x00-\x09\x0b-\x1f]", note):
        raise DocketError("This is no signed checkpoint; it has three lines, an empty one, and a signature.")
    signed = False
    for line in lines[:-1]:
        found = re.fullmatch(f"{DASH}([^\\s+]+) ([A-Za-z0-9+/=]+)", line)
        raw = from_base64(found[2]) if found else None
        if found is None or raw is None:
            raise DocketError("A signature of the checkpoint is no line of a dash, a name and a signature; ask for it again.")
        if found[1] == key.name and raw[:KEY_ID_BYTES] == key.id:
            signed = _verify(key, raw[KEY_ID_BYTES:], text)
            if not signed:
                raise DocketError(f"The checkpoint of {key.name} was changed after it was signed; get it anew from its log.")
    if not signed:
        raise DocketError(f"The checkpoint is not signed with the key of {key.name}; give the key of its log.")
    return text


def _read_text(text: str) -> Checkpoint:
    lines = text.split("\n")[:-1]
    if len(lines) < 3 or not all(lines) or not re.fullmatch(r"0|[1-9][0-9]{0,17}", lines[1]):
        raise DocketError("This is no checkpoint; it begins with the log's name, its number of entries, and its root.")
    root = from_base64(lines[2])
    if root is None or len(root) != HASH_BYTES:
        raise DocketError("The root of the checkpoint is no hash in base64; ask for the checkpoint again.")
    return Checkpoint(lines[0], int(lines[1]), root)


def _verify(key: PublicKey, signature: bytes, text: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key.key).verify(signature, text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
