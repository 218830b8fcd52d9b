"""Two logs side by side: the measures of this audit beside those of an earlier one, and the searches that both show."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from custodiet.access_log.figures import list_parts
from custodiet.access_log.keep import LOG_FILE
from custodiet.access_log.log import Log
from custodiet.access_log.measures import Measure
from custodiet.model.errors import InputError
from custodiet.store.database import literal
from custodiet.store.key import Key

AUDIT_FILE = "audit.json"
# Measures whose parts are breakdowns, of which nothing of fewer than k searches is told: neither is a difference that small,
# since of two logs that share most searches it tells of the few that they don't.
BREAKDOWNS = ("hours", "reason_top")


def compare_logs(log: Log, measures: Sequence[Measure], folder: Path, key: Key) -> dict[str, Any]:
    """Return figures that differ between this audit and the one in `folder`, and how many searches both logs show.

    Raises:
        InputError: the folder holds no audit.

    """
    path = folder / AUDIT_FILE
    try:
        other = json.loads(path.read_text("utf-8"))
        theirs = {one["id"]: one for one in other["measures"]}
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{folder}: holds no audit ({AUDIT_FILE}); give the `--out` folder of an earlier one.") from None
    differences = []
    for one in measures:
        before = theirs.get(one.id, {})
        here, there = dict(list_parts(one.value)), dict(list_parts(before.get("value")))
        for part in dict.fromkeys([*here, *there]):
            if here.get(part) != there.get(part) and not _tells_few(one.id, here.get(part), there.get(part), log.k):
                differences.append(
                    {"measure": one.id, "part": part or "value", "here": here.get(part), "there": there.get(part)}
                )
    shared, why = _count_shared(log, folder, key)
    return {
        "against": other.get("manifest", {}).get("files", []),
        "differences": differences,
        "shared_searches": shared,
        "why": why,
    }


def _tells_few(measure: str, here: Any, there: Any, k: int) -> bool:
    return measure in BREAKDOWNS and isinstance(here, int) and isinstance(there, int) and abs(here - there) < k


def _count_shared(log: Log, folder: Path, key: Key) -> tuple[int | None, str | None]:
    path = folder / LOG_FILE
    if not path.is_file():
        return None, f"that folder has no {LOG_FILE}"
    try:
        log.database.run(f"attach {literal(str(path))} as other (read_only)")
    except duckdb.Error:
        raise InputError(f"{path}: can't be read; audit that log again.") from None
    try:
        if log.database.rows("select key_fingerprint from other.meta") != [(key.fingerprint(),)]:
            return None, "that audit was made under another key, so its searches can't be matched with these"
        ((n,),) = log.database.rows(
            "select count(*) from searches s join other.searches o on o.search = s.search where s.search is not null"
        )
        return int(n), None
    finally:
        log.database.run("detach other")
