r"""An entry as a line of the log: its leaf, a tab, and the boxes of its fields, joined by commas.

The leaf is a JSON object: `number`, `at`, `kind`, `about`, `erased` (the entries whose fields this one erases), and `fields`,
a list of name, commitment, and hash of the box. The Merkle tree is over the bytes before the tab, so nothing of a leaf can be
written in two ways; a box is held by its hash, and where it is erased, nothing stands in its place.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from custodiet.docket.encoding import to_json
from custodiet.docket.sealed import Box, Head, hash_of
from custodiet.model.merkle import leaf_of

TAB = b"\t"
LEAF_KEYS = {"number", "at", "kind", "about", "erased", "fields"}


class LineError(Exception):
    """What is wrong with a line, as the end of a sentence that begins with the entry's number."""


@dataclass(frozen=True)
class Entry:
    """An entry as it is stored."""

    head: Head
    boxes: tuple[Box, ...]
    leaf: bytes
    data: bytes


def write_line(head: Head, boxes: Sequence[Box]) -> bytes:
    """Return an entry's line, with its end."""
    fields = [[box.name, box.commitment, box.hash] for box in boxes]
    return join_line(to_json({**vars(head), "fields": fields}).encode(), [box.box for box in boxes])


def join_line(data: bytes, boxes: Sequence[str]) -> bytes:
    """Return the line of a leaf's data and its boxes; an erased box is empty."""
    return data + TAB + ",".join(boxes).encode() + b"\n"


def read_line(line: bytes) -> Entry:
    """Return the entry that a line (without its end) is.

    Raises:
        LineError: it is none, or a box does not have the hash that the leaf holds.

    """
    data, tab, rest = line.partition(TAB)
    if not tab:
        raise LineError("is not whole")
    head, fields = read_leaf(data)
    texts = rest.decode("ascii", "replace").split(",") if fields else []
    if len(texts) != len(fields) or (not fields and rest):
        raise LineError("does not have the fields that it says it has")
    boxes = []
    for (name, commitment, box_hash), text in zip(fields, texts, strict=True):
        if text and hash_of(text) != box_hash:
            raise LineError(f"was changed in its field {name}")
        boxes.append(Box(name, commitment, box_hash, text))
    return Entry(head, tuple(boxes), leaf_of(data), data)


def read_leaf(data: bytes) -> tuple[Head, list[list[str]]]:
    """Return what a leaf's data say: its head, and name, commitment and hash of its fields.

    Raises:
        LineError: they are no leaf of a docket.

    """
    try:
        leaf = json.loads(data)
    except (ValueError, RecursionError):
        raise LineError("can't be read") from None
    if not isinstance(leaf, dict) or set(leaf) != LEAF_KEYS:
        raise LineError("is no entry of a docket")
    number, about, erased, fields = leaf["number"], leaf["about"], leaf["erased"], leaf["fields"]
    texts = isinstance(leaf["at"], str) and isinstance(leaf["kind"], str)
    numbers = type(number) is int and (about is None or type(about) is int) and isinstance(erased, list)
    if not (texts and numbers and isinstance(fields, list) and all(type(one) is int for one in erased)):
        raise LineError("is no entry of a docket")
    for field in fields:
        if not (isinstance(field, list) and len(field) == 3 and all(isinstance(part, str) for part in field)):
            raise LineError("is no entry of a docket")
    return Head(number, leaf["at"], leaf["kind"], about, tuple(erased)), fields
