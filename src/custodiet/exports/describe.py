"""What stands beside an export: what each table and column is, which register it is from, and where its records come from."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custodiet.exports.published import Table
from custodiet.store import Register

TITLE = "Custodiet: what agencies have published about their surveillance AI, and what they buy"
TERMS = (
    "A gap is not a violation. An obligation is what one contract action promises or takes back; a sum of them is no award's "
    "value, ceiling or outlay. Recipients who are natural persons are withheld."
)
# DuckDB's kinds as the Table Schema of the Data Package standard names them.
FIELD_TYPES = {
    "integer": "integer", "bigint": "integer", "double": "number", "decimal": "number", "boolean": "boolean", "date": "date",
    "json": "object", "list": "array", "struct": "object",
}  # fmt: skip


@dataclass(frozen=True)
class Origin:
    """Which register an export is from, and its files: facts of `meta`, sources, and releases that were read."""

    fingerprint: str
    version: str
    agency: str | None
    sources: list[dict[str, Any]]
    releases: list[dict[str, Any]]


def read_origin(register: Register, agency: str | None) -> Origin:
    """Return what a register says of itself."""
    meta = dict(register.rows("select key, value from meta"))
    return Origin(
        fingerprint=meta.get("fingerprint", ""),
        version=meta.get("version", ""),
        agency=agency,
        sources=register.dicts("select source, title, publisher, licence from sources order by source"),
        releases=register.dicts(
            "select release, source, file, url, sha256, published::varchar as published from releases where status = 'read' "
            "order by release"
        ),
    )


def cite_release(release: dict[str, Any]) -> str:
    """Return the citation of a file as people write it."""
    day = f"published {release['published']}" if release["published"] else "day of publication not recorded"
    return f"{release['file']}, {day}, sha256 {release['sha256']}" + (f", {release['url']}" if release["url"] else "")


def made_by(origin: Origin) -> str:
    """Return from which register an export is, and which part of it."""
    whole = f"Made by Custodiet {origin.version} from the register with the fingerprint {origin.fingerprint}."
    if not origin.agency:
        return whole
    return f"{whole} Only rows of {origin.agency}, where a table's rows are some agency's; other tables are whole."


def write_description(folder: Path, tables: Sequence[Table], origin: Origin, *, kind: str, is_flat: bool) -> None:
    """Write `datapackage.json` (Data Package standard) and `README.md` beside the tables' files in a folder."""
    resources = [_resource(folder / f"{table.name}.{kind}", table, is_flat=is_flat) for table in tables]
    package = {
        "profile": "tabular-data-package" if kind == "csv" else "data-package",
        "name": "custodiet-register",
        "title": TITLE,
        "description": TERMS,
        "version": origin.version,
        "custodiet": {"fingerprint": origin.fingerprint, "version": origin.version, "agency": origin.agency},
        "sources": [
            {"title": f"{release['release']}: {cite_release(release)}"} | ({"path": release["url"]} if release["url"] else {})
            for release in origin.releases
        ],
        "resources": resources,
    }
    text = json.dumps(package, ensure_ascii=False, indent=1) + "\n"
    (folder / "datapackage.json").write_text(text, "utf-8")
    (folder / "README.md").write_text("\n".join(_readme(tables, origin, kind, is_flat=is_flat)) + "\n", "utf-8")


def fields(table: Table, *, is_flat: bool) -> list[tuple[str, str, str]]:
    """Return name, kind and description of a table's columns, flat or nested."""
    if not is_flat:
        return [(column.name, column.kind, table.describe(column.name)) for column in table.columns]
    return [(column.name, column.kind, table.describe(column.name)) for column in table.flat]


def _resource(path: Path, table: Table, *, is_flat: bool) -> dict[str, Any]:
    types = FIELD_TYPES if not is_flat else FIELD_TYPES | dict.fromkeys(("json", "list", "struct"), "string")
    schema: dict[str, Any] = {
        "fields": [
            {"name": name, "type": types.get(kind, "string"), "description": about}
            for name, kind, about in fields(table, is_flat=is_flat)
        ]
    }
    if table.key:
        schema["primaryKey"] = list(table.key)
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {
        "name": table.name.replace("_", "-"), "path": path.name, "format": path.suffix[1:], "description": table.about,
        "rows": table.rows, "bytes": path.stat().st_size, "hash": f"sha256:{digest}", "schema": schema,
    }  # fmt: skip


def _readme(tables: Sequence[Table], origin: Origin, kind: str, *, is_flat: bool) -> list[str]:
    lines = [
        f"# {TITLE}\n",
        f"{TERMS}\n",
        f"{made_by(origin)}\n",
        "## Files\n",
    ]
    for table in tables:
        lines += [
            f"### {table.name}.{kind}\n",
            f"{table.about} {table.rows:,} rows.\n",
            "| column | what it is |",
            "| --- | --- |",
        ]
        lines += [f"| {name} | {about} |" for name, _, about in fields(table, is_flat=is_flat)]
        lines.append("")
    lines.append("## Sources\n")
    for source in origin.sources:
        lines += [f"### {source['title']}\n", f"{source['publisher']}. {source['licence']}.\n"]
        lines += [
            f"- `{release['release']}`: {cite_release(release)}"
            for release in origin.releases
            if release["source"] == source["source"]
        ]
        lines.append("")
    return lines
