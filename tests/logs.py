"""Made-up query logs for tests. Nothing in them is real."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from command import run
from custodiet.access_log.integrity import check_integrity
from custodiet.access_log.log import Options, open_log
from custodiet.access_log.measures import measure
from custodiet.store.key import Key

FLOCK_14 = (
    "ID", "Name", "Org Name", "Total Networks Searched", "Total Devices Searched", "Time Frame", "License Plate", "Reason",
    "Case #", "Filters", "Search Time", "Search Type", "Text Prompt", "Moderation",
)  # fmt: skip
TIME = "%m/%d/%Y, %I:%M:%S %p UTC"
KEY = Key(Path("test.key"), is_new=False, secret=b"k" * 32)


def flock_row(number: int = 1, **changes: str) -> dict[str, str]:
    """Return a row of the 14-column form; changes by header, with spaces and signs left out (`CaseNo` for `Case #`)."""
    row = {
        "ID": f"00000000-0000-4000-8000-{number:012}", "Name": "A. Aaa", "Org Name": "Town WA PD",
        "Total Networks Searched": "5", "Total Devices Searched": "50",
        "Time Frame": "04/01/2026, 09:00:00 AM UTC\n04/08/2026, 09:00:00 AM UTC", "License Plate": "ABC0001",
        "Reason": "stolen vehicle", "Case #": "26-000001", "Filters": "", "Search Time": "04/08/2026, 09:00:00 AM UTC",
        "Search Type": "search", "Text Prompt": "", "Moderation": "",
    }  # fmt: skip
    names = {"".join(c for c in header if c.isalnum()): header for header in FLOCK_14} | {"CaseNo": "Case #"}
    return row | {names[name]: text for name, text in changes.items()}


def to_csv(rows: Sequence[dict[str, str]], headers: Sequence[str] | None = None, **dialect: Any) -> str:
    """Return rows as CSV text."""
    stream = io.StringIO(newline="")
    names = list(headers or rows[0])
    writer = csv.writer(stream, lineterminator=dialect.pop("lineterminator", "\n"), **dialect)
    writer.writerow(names)
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    return stream.getvalue()


def write_log(path: Path, rows: Sequence[dict[str, str]], headers: Sequence[str] | None = None, **dialect: Any) -> Path:
    """Write rows as a CSV file; return its path."""
    path.write_bytes(to_csv(rows, headers, **dialect).encode(dialect.get("encoding", "utf-8")))
    return path


def measures_of(*paths: Path, options: Options | None = None) -> dict[str, Any]:
    """Return the values of a log's measures, by id."""
    with open_log(list(paths), KEY, options) as log:
        return {one.id: one.value for one in measure(log)}


def records_of(*paths: Path, options: Options | None = None) -> dict[str, dict[str, Any]]:
    """Return a log's measures whole, by id."""
    with open_log(list(paths), KEY, options) as log:
        return {one.id: one.as_record() for one in measure(log)}


def integrity_of(*paths: Path, options: Options | None = None) -> dict[str, Any]:
    """Return what a log's files show of themselves."""
    with open_log(list(paths), KEY, options) as log:
        return check_integrity(log)


def audit(home: Path, *arguments: object) -> dict[str, Any]:
    """Run the command with `--json`; return what it prints."""
    done = run("audit", *arguments, "--json", home=home)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found
