"""Who a docket is: its folder, its files, and the keys that one secret gives."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from custodiet.docket.checkpoint import PublicKey
from custodiet.store.key import Key, find_key

KEY_VARIABLE = "CUSTODIET_DOCKET_KEY_FILE"


@dataclass(frozen=True)
class Place:
    """The files of a docket. All of them are 0600, in a folder of 0700."""

    folder: Path

    @property
    def log(self) -> Path:
        """The entries, one a line."""
        return self.folder / "log"

    @property
    def checkpoint(self) -> Path:
        """The last signed checkpoint."""
        return self.folder / "checkpoint"

    @property
    def public_key(self) -> Path:
        """The line with which anybody verifies checkpoints and proofs."""
        return self.folder / "docket.vkey"

    @property
    def lock(self) -> Path:
        """What writers wait for."""
        return self.folder / "lock"

    def exists(self) -> bool:
        """Tell whether a docket was begun here."""
        return self.checkpoint.exists() or self.log.exists()


@dataclass(frozen=True)
class Keys:
    """What a docket's one secret gives: a cipher for its fields, and a signer for its checkpoints."""

    key: Key
    cipher: AESGCM
    signer: Ed25519PrivateKey
    public: PublicKey

    @property
    def origin(self) -> str:
        """The name of the log."""
        return self.public.name


def load_keys(given: Path | None, place: Place) -> Keys:
    """Return a docket's keys; the first run on a new docket makes the secret.

    Raises:
        InputError: the key file can't be read or made, is missing where a docket is, or lies in the docket's own folder.

    """
    return keys_of(find_key(given, KEY_VARIABLE, "docket.key", make=not place.exists(), apart=place.folder))


def keys_of(key: Key) -> Keys:
    """Return the keys that a secret gives. The name of the log is a hash of its public key, so that no two share one."""
    signer = Ed25519PrivateKey.from_private_bytes(key.derive("docket-sign"))
    public = signer.public_key().public_bytes_raw()
    name = f"custodiet-docket/{hashlib.sha256(public).hexdigest()[:16]}"
    return Keys(key, AESGCM(key.derive("docket-seal")), signer, PublicKey(name, public))
