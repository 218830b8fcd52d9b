"""Proofs as files: that an entry is in the log, and that the log only ever grew. The public key is all that checking needs.

A proof of inclusion is C2SP's tlog-proof (c2sp.org/tlog-proof); its extra data are the leaf, and the fields that were opened
for its reader. A proof of consistency is of a form of our own, as we know no other: a line, the steps, and both checkpoints.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from custodiet.docket.checkpoint import Checkpoint, PublicKey, open_checkpoint
from custodiet.docket.encoding import from_base64, to_base64, to_json
from custodiet.docket.identity import Keys
from custodiet.docket.lines import LineError, read_leaf
from custodiet.docket.log import Log
from custodiet.docket.sealed import Head, Opened, unseal
from custodiet.model.errors import DocketError
from custodiet.model.merkle import (
    HASH_BYTES,
    is_consistent,
    is_included,
    leaf_of,
    levels_of,
    prove_consistency,
    prove_inclusion,
    root_of,
)
from custodiet.model.text import echo

INCLUSION = "c2sp.org/tlog-proof@v1"
CONSISTENCY = "custodiet/docket-consistency@v1"
NO_PROOF = "This is no proof of a docket; `custodiet docket prove` writes them."


@dataclass(frozen=True)
class Included:
    """What a proof of inclusion shows: an entry's head, the checkpoint that signs it, and fields that were opened."""

    head: Head
    checkpoint: Checkpoint
    opened: tuple[Opened, ...]


@dataclass(frozen=True)
class Grown:
    """What a proof of consistency shows: the log of the old checkpoint is the beginning of that of the new one."""

    old: Checkpoint
    new: Checkpoint


def prove_entry(log: Log, keys: Keys | None, number: int, reveal: Sequence[str] = ()) -> str:
    """Return a proof that an entry is in the log; `reveal` opens fields of it for the proof's reader, and no others.

    Raises:
        DocketError: there is no such entry or field, or the field is erased.

    """
    if not 1 <= number <= log.checkpoint.size:
        raise DocketError(f"There is no signed entry {number}; the log has {log.checkpoint.size:,}.")
    entry = log.entries[number - 1]
    opened = []
    for name in reveal:
        box = next((one for one in entry.boxes if one.name == name), None)
        if box is None:
            raise DocketError(
                f"Entry {number} has no field {echo(name)}; it has {', '.join(one.name for one in entry.boxes)}."
            )
        found = unseal(keys.cipher, keys.origin, entry.head, box) if keys and box.box else None
        if found is None:
            raise DocketError(f"The field {name} of entry {number} is erased or of another key, and can't be opened.")
        opened.append(vars(found))
    extra = to_base64(to_json({"leaf": entry.data.decode(), "opened": opened}).encode())
    steps = prove_inclusion(levels_of(log.leaves()), number - 1)
    head = [INCLUSION, f"extra {extra}", f"index {number - 1}", *map(to_base64, steps)]
    return "\n".join(head) + "\n\n" + log.note


def prove_growth(log: Log, old_note: str) -> str:
    """Return a proof that the log begins with that of an earlier checkpoint.

    Raises:
        DocketError: that is no checkpoint of this log, or the log was rewritten since.

    """
    old = open_checkpoint(old_note, log.public)
    check_beginning(log, old)
    steps = prove_consistency(levels_of(log.leaves()), old.size)
    return "\n".join([CONSISTENCY, *map(to_base64, steps)]) + f"\n\n{old_note}\n{log.note}"


def check_beginning(log: Log, old: Checkpoint) -> None:
    """Hold a log against an earlier checkpoint of it.

    Raises:
        DocketError: the log is shorter than it was, or was rewritten.

    """
    if old.size > log.checkpoint.size:
        raise DocketError(
            f"The earlier checkpoint signs {old.size:,} entries, and the log has {log.checkpoint.size:,}: its end is cut off."
        )
    if root_of(log.leaves()[: old.size]) != old.root:
        raise DocketError(
            f"The first {old.size:,} entries are not those that the earlier checkpoint signs: the log was rewritten."
        )


def check_proof(text: str, key: PublicKey) -> Included | Grown:
    """Return what a proof shows, once it is checked; nothing but the public key is needed.

    Raises:
        DocketError: it is no proof, or does not hold.

    """
    first = text.partition("\n")[0]
    if first == INCLUSION:
        return _check_inclusion(text, key)
    if first == CONSISTENCY:
        return _check_consistency(text, key)
    raise DocketError(NO_PROOF)


def _check_inclusion(text: str, key: PublicKey) -> Included:
    top, _, note = text.partition("\n\n")
    lines = top.split("\n")[1:]
    extra = from_base64(lines.pop(0)[len("extra ") :]) if lines and lines[0].startswith("extra ") else None
    index = re.fullmatch(r"index (0|[1-9][0-9]{0,17})", lines[0]) if lines else None
    if extra is None or index is None:
        raise DocketError(NO_PROOF)
    data, opened = _read_extra(extra)
    checkpoint = open_checkpoint(note, key)
    if not is_included(leaf_of(data), int(index[1]), checkpoint.size, _read_steps(lines[1:]), checkpoint.root):
        raise DocketError(
            f"The proof does not hold: entry {int(index[1]) + 1} is not in the log as this checkpoint signs it."
        )
    try:
        head, fields = read_leaf(data)
    except LineError:
        raise DocketError(NO_PROOF) from None
    if head.number != int(index[1]) + 1:
        raise DocketError(f"The proof does not hold: entry {head.number} is not at the place that it says.")
    commitments = {name: commitment for name, commitment, _ in fields}
    for one in opened:
        if commitments.get(one.name) != one.commitment():
            raise DocketError(f"The proof does not hold: its field {echo(one.name)} is not what the entry commits to.")
    return Included(head, checkpoint, opened)


def _check_consistency(text: str, key: PublicKey) -> Grown:
    parts = text.split("\n\n")
    if len(parts) != 5:
        raise DocketError(NO_PROOF)
    top, *notes = parts
    old = open_checkpoint(f"{notes[0]}\n\n{notes[1]}\n", key)
    new = open_checkpoint(f"{notes[2]}\n\n{notes[3]}", key)
    if not is_consistent(old.size, new.size, _read_steps(top.split("\n")[1:]), old.root, new.root):
        raise DocketError(
            f"The proof does not hold: the log of {new.size:,} entries does not begin with that of {old.size:,}."
        )
    return Grown(old, new)


def _read_steps(lines: Sequence[str]) -> list[bytes]:
    steps = [from_base64(line) for line in lines]
    if any(step is None or len(step) != HASH_BYTES for step in steps):
        raise DocketError(NO_PROOF)
    return [step for step in steps if step is not None]


def _read_extra(extra: bytes) -> tuple[bytes, tuple[Opened, ...]]:
    try:
        said: Any = json.loads(extra)
        opened = tuple(Opened(str(one["name"]), str(one["salt"]), one["value"]) for one in said["opened"])
        return str(said["leaf"]).encode(), opened
    except (ValueError, KeyError, TypeError, RecursionError):
        raise DocketError(NO_PROOF) from None
