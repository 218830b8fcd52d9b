"""Put what gates found into the register: each report of the bench is a release, and each claim of its gate a record."""

import json
from pathlib import Path

from custodiet.model.errors import InputError
from custodiet.register.reports import Report, add_source, keep_report, make_report, read_report, shown
from custodiet.store import Register

# The fields of a gate's outcome, as they stand in the report and in the release's raw table.
FIELDS = (
    "gate", "system", "claim", "says", "measure", "group", "outcome", "reason", "value", "bound", "claimed", "direction",
    "confidence", "n", "subjects", "more_subjects",
)  # fmt: skip
OUTCOMES = ("pass", "fail", "insufficient")


def find_reports(folder: Path) -> list[Path]:
    """Return the reports in a folder: its own, and those of the folders in it."""
    return sorted([*folder.glob("report.json"), *folder.glob("*/report.json")])


def read_bench(folder: Path | None) -> list[Report]:
    """Return the reports in a folder that were held against a gate: `report.json` of it or of the folders in it.

    Raises:
        InputError: a report is not what the bench writes.

    """
    if folder is None:
        return []
    found = []
    for path in find_reports(folder):
        content = read_report(path)
        try:
            report = json.loads(content)
            verb = str(report["bench"])
            rows = tuple({name: row[name] for name in FIELDS} for row in report["gates"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise InputError(
                f"{shown(path)}: no report of the bench; make it anew with `custodiet bench ... --out`."
            ) from None
        if strange := [row["outcome"] for row in rows if row["outcome"] not in OUTCOMES]:
            raise InputError(f"{shown(path)}: {strange[0]!r} is no outcome of a gate; make the report anew.")
        if rows:
            found.append(make_report("bench", path, content, rows, verb))
    return found


def load_bench(register: Register, reports: list[Report]) -> None:
    """Fill the table of claims, and keep each report's outcomes as a release that can be cited."""
    if reports:
        add_source(
            register, "bench", "Reports of the test bench", "whoever ran the tests",
            "Tests of a system that somebody ran, held against a gate of claims.",
        )  # fmt: skip
    for report in reports:
        texts = keep_report(register, "bench", report, FIELDS)
        register.load("bench_claims", [(report.release, *row) for row in texts])
