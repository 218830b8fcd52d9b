"""Put what gates found into the register: each report of the bench is a release, and each claim of its gate a record."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custodiet.model.errors import InputError
from custodiet.sources.tables import letter_of, read_bytes
from custodiet.store import Register
from custodiet.store.database import quoted

# The fields of a gate's outcome, as they stand in the report and in the release's raw table.
FIELDS = (
    "gate", "system", "claim", "says", "measure", "group", "outcome", "reason", "value", "bound", "claimed", "direction",
    "confidence", "n", "subjects", "more_subjects",
)  # fmt: skip
OUTCOMES = ("pass", "fail", "insufficient")


@dataclass(frozen=True)
class BenchResult:
    """A report of the bench with the outcomes of its gate."""

    release: str
    # The test that was run: faces, linkage, ...
    verb: str
    path: Path
    sha256: str
    size: int
    rows: tuple[dict[str, Any], ...]


def read_bench(folder: Path | None) -> list[BenchResult]:
    """Return the reports in a folder that were held against a gate: `NAME/report.json`, as `bench --out` writes them.

    Raises:
        InputError: a report is not what the bench writes.

    """
    if folder is None:
        return []
    found = []
    for path in sorted(folder.glob("*/report.json")):
        shown = f"{path.parent.name}/{path.name}"
        content = read_bytes(path, shown)
        try:
            report = json.loads(content)
            verb = str(report["bench"])
            rows = tuple({name: row[name] for name in FIELDS} for row in report["gates"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise InputError(f"{shown}: no report of the bench; make it anew with `custodiet bench ... --out`.") from None
        if strange := [row["outcome"] for row in rows if row["outcome"] not in OUTCOMES]:
            raise InputError(f"{shown}: {strange[0]!r} is no outcome of a gate; make the report anew.")
        if rows:
            found.append(
                BenchResult(f"bench-{path.parent.name}", verb, path, hashlib.sha256(content).hexdigest(), len(content), rows)
            )
    return found


def load_bench(register: Register, results: list[BenchResult]) -> None:
    """Fill the table of claims, and keep each report's outcomes as a release that can be cited."""
    if not results:
        return
    register.run(
        "insert into sources values ('bench', 'Reports of the test bench', 'whoever ran the tests', '', "
        "'Tests of a system that somebody ran, held against a gate of claims.')"
    )
    for result in results:
        register.run(
            "insert into releases (release, source, role, covers, file, sha256, bytes, status, records, columns, taken, "
            "left_out, unknown_columns, unknown_values, completeness, completeness_reason, assertions_held, stray_cells) "
            "values ($release, 'bench', 'bench', 0, $file, $sha256, $bytes, 'read', $records, $columns, $columns, 0, 0, 0, "
            "'complete', 'a report of your own', [], [])",
            {
                "release": result.release, "file": f"{result.path.parent.name}/{result.path.name}", "sha256": result.sha256,
                "bytes": result.size, "records": len(result.rows), "columns": len(FIELDS),
            },
        )  # fmt: skip
        register.load(
            "release_columns",
            [(result.release, place, letter_of(place), name, name, name, "text", None, None, "false")
             for place, name in enumerate(FIELDS)],
        )  # fmt: skip
        columns = ", ".join(f"{quoted(name)} varchar" for name in FIELDS)
        register.run(f"create table raw.{quoted(result.release)} (_row integer not null, {columns})")
        texts = [
            (number, *(None if row[name] is None else str(row[name]) for name in FIELDS))
            for number, row in enumerate(result.rows, start=1)
        ]
        register.load(f"raw.{result.release}", texts)
        register.load("bench_claims", [(result.release, *row) for row in texts])
