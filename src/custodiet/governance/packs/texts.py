"""Read a publisher's own wording from the publisher's file, to stand beside our short titles."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from custodiet.governance.packs.read import Pack
from custodiet.model.errors import InputError
from custodiet.model.text import tidy
from custodiet.sources.tables import read_bytes

# NIST's Playbook words some subcategories otherwise than the Core does, so it is no source for the Core's text.
OF_THE_PLAYBOOK = "section_actions"


@dataclass(frozen=True)
class Texts:
    """The official wording by entry, and the file that it was read from."""

    by_entry: Mapping[str, str]
    file: str
    sha256: str
    note: str | None


def read_texts(path: Path, pack: Pack) -> Texts:
    """Return the official wording of a pack's assessed entries.

    The file is JSON: a list of objects with `title` (the entry's id) and `description`, as NIST publishes the Playbook, or an
    object whose `items` have `id` and `text`.

    Raises:
        InputError: it is no such file, names an entry that the pack does not have, or lacks one that it has.

    """
    content = read_bytes(path, path.name)
    try:
        data = json.loads(content)
        rows = data["items"] if isinstance(data, dict) else data
        texts = {
            tidy(row.get("title") or row["id"]): tidy(row.get("description") or row["text"])
            for row in rows
            if row.get("level", "subcategory") in pack.page.assessed
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InputError(
            f"{path.name}: no list of entries with their texts in JSON; docs/governance.md has the form."
        ) from None
    known = {duty.id for level in pack.page.assessed for duty in pack.at(level)}
    if strange := sorted(set(texts) - known):
        raise InputError(
            f"{path.name}: has a text for {strange[0]!r}, which {pack.id} does not have; is it for another pack?"
        )
    if lost := sorted(known - set(texts)):
        raise InputError(f"{path.name}: has no text for {lost[0]!r} of {pack.id}; give a whole file.")
    is_playbook = isinstance(data, list) and any(OF_THE_PLAYBOOK in row for row in data)
    note = "This is NIST's Playbook; its wording differs from the framework's in places." if is_playbook else None
    return Texts(texts, path.name, hashlib.sha256(content).hexdigest(), note)
