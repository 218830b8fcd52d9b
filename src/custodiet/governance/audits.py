"""Read the result of an audit, as `custodiet audit --out` writes it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from custodiet.model.errors import InputError
from custodiet.sources.tables import read_bytes

FILE = "audit.json"


def read_audit(folder: Path) -> Mapping[str, Any]:
    """Return an audit's result: about, measures, findings, manifest.

    Raises:
        InputError: the folder holds no audit.

    """
    path = folder / FILE
    if not path.is_file():
        raise InputError(f"{folder}: holds no {FILE}; give the `--out` folder of an audit.")
    content = read_bytes(path, f"{folder.name}/{FILE}")
    try:
        result: Mapping[str, Any] = json.loads(content)
        whole = (
            isinstance(result["about"], dict)
            and all(measure["id"] and measure["state"] and measure["title"] for measure in result["measures"])
            and all(finding["rule"] and finding["outcome"] for finding in result["findings"])
            and bool(result["manifest"]["files"])
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        whole = False
    if not whole:
        raise InputError(
            f"{folder.name}/{FILE}: no result of an audit; make it anew with `custodiet audit FILES --out FOLDER`."
        )
    return result
