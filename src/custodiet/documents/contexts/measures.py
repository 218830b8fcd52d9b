"""Measures of an audit as sentences, each resting on the audit's file."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from custodiet.access_log.figures import list_parts
from custodiet.documents.audit_report import say_number
from custodiet.documents.facts import Measured
from custodiet.governance.audits import FILE, read_audit


def measures_of(folder: Path, wanted: Iterable[str]) -> list[dict[str, Any]]:
    """Return an audit's measures of these ids, in this order, as sentences with their source."""
    audit = read_audit(folder)
    found = {measure["id"]: measure for measure in audit["measures"]}
    digest = _digest(folder)
    return [
        {
            "said": _say(found[name]),
            "is_measured": found[name]["state"] == "measured",
            "source": Measured(FILE, digest, f"measure {name}: {found[name]['definition'].rstrip('.')}"),
        }
        for name in wanted
        if name in found
    ]


def findings_in(folder: Path) -> list[dict[str, Any]]:
    """Return what an audit's rules found, as sentences with their source; gaps, and what could not be told."""
    digest = _digest(folder)
    return [
        {
            "said": f"{found['title']}: {found['reason']}",
            "is_measured": found["outcome"] in ("gap", "clear"),
            "source": Measured(FILE, digest, f"rule {found['rule']} ({found['duty']})"),
        }
        for found in read_audit(folder)["findings"]
    ]


def _digest(folder: Path) -> str:
    return hashlib.sha256((folder / FILE).read_bytes()).hexdigest()


def _say(measure: Mapping[str, Any]) -> str:
    if measure["state"] != "measured":
        return f"{measure['title']}: can't be told from the log ({measure['why']})."
    parts = [(part.replace("_", " "), say_number(value)) for part, value in list_parts(measure["value"]) if value is not None]
    counted = f" (over {measure['n']:,} searches)" if measure["n"] and measure["id"] != "searches" else ""
    shown = "; ".join(f"{part} {value}" if part else value for part, value in parts)
    return f"{measure['title']}{counted}: {shown}."
