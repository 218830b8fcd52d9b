"""What changed since the register that a site was made from before: gaps that opened, and gaps that closed."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custodiet.site.site import Site


@dataclass(frozen=True)
class Changes:
    """The gaps that differ between two registers, by their ids."""

    before: str
    opened: tuple[str, ...]
    closed: tuple[str, ...]


def snapshot(site: Site) -> dict[str, Any]:
    """Return what of a register is kept to compare the next one with."""
    return {"fingerprint": site.fingerprint, "gaps": sorted(site.contents["finding"])}


def read_snapshot(path: Path) -> dict[str, Any] | None:
    """Return a snapshot that was kept, or None where there is none that can be read."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    is_one = isinstance(found, dict) and isinstance(found.get("gaps"), list) and isinstance(found.get("fingerprint"), str)
    return found if is_one else None


def changes_since(site: Site) -> Changes | None:
    """Return what changed since the register before, or None where none is known."""
    before = site.options.before
    if before is None or before["fingerprint"] == site.fingerprint:
        return None
    then, now = set(before["gaps"]), set(site.contents["finding"])
    return Changes(before["fingerprint"][:12], tuple(sorted(now - then)), tuple(sorted(then - now)))
