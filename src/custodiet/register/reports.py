"""Reports of Custodiet itself as releases of the register: of the test bench, and of audits of query logs."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custodiet.sources.tables import letter_of, read_bytes
from custodiet.store import Register
from custodiet.store.database import quoted


@dataclass(frozen=True)
class Report:
    """A report's file, and the rows of it that can be cited."""

    release: str
    path: Path
    sha256: str
    size: int
    rows: tuple[dict[str, Any], ...]
    # What was run, where a source has several kinds of report: the bench's faces, linkage, ...
    test: str = ""


def read_report(path: Path) -> bytes:
    """Return a report's bytes.

    Raises:
        InputError: it can't be read.

    """
    return read_bytes(path, shown(path))


def shown(path: Path) -> str:
    """Return a report's file as people know it: in its folder."""
    return f"{path.parent.name}/{path.name}"


def make_report(source: str, path: Path, content: bytes, rows: Sequence[Mapping[str, Any]], test: str = "") -> Report:
    """Return a report as a release; its name is that of its folder."""
    name = f"{source}-{path.parent.name}"
    return Report(name, path, hashlib.sha256(content).hexdigest(), len(content), tuple(dict(row) for row in rows), test)


def add_source(register: Register, source: str, title: str, publisher: str, about: str) -> None:
    """Add a kind of report as a source."""
    register.run(
        "insert into sources values ($source, $title, $publisher, '', $about)",
        {"source": source, "title": title, "publisher": publisher, "about": about},
    )


def keep_report(register: Register, source: str, report: Report, fields: Sequence[str]) -> list[tuple[Any, ...]]:
    """Keep a report as a release whose cells can be cited; return its rows as texts, each with its number from 1."""
    register.run(
        "insert into releases (release, source, role, covers, file, sha256, bytes, status, records, columns, taken, "
        "left_out, unknown_columns, unknown_values, completeness, completeness_reason, assertions_held, stray_cells) "
        "values ($release, $source, $source, 0, $file, $sha256, $bytes, 'read', $records, $columns, $columns, 0, 0, 0, "
        "'complete', 'a report of your own', [], [])",
        {
            "release": report.release, "source": source, "file": shown(report.path), "sha256": report.sha256,
            "bytes": report.size, "records": len(report.rows), "columns": len(fields),
        },
    )  # fmt: skip
    register.load(
        "release_columns",
        [(report.release, place, letter_of(place), name, name, name, "text", None, None, "false")
         for place, name in enumerate(fields)],
    )  # fmt: skip
    columns = ", ".join(f"{quoted(name)} varchar" for name in fields)
    register.run(f"create table raw.{quoted(report.release)} (_row integer not null, {columns})")
    texts = [
        (number, *(None if row[name] is None else str(row[name]) for name in fields))
        for number, row in enumerate(report.rows, start=1)
    ]
    register.load(f"raw.{report.release}", texts)
    return texts
