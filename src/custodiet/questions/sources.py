"""What the register was made from: each release, how much of it was taken, and what was strange in it."""

from typing import Any

from custodiet.store import Register


def sources(register: Register) -> list[dict[str, Any]]:
    """Return every release: file, hash, rows, columns taken and left out, unknown values, assertions held."""
    rows = register.dicts(
        """
        select r.*, s.title, s.publisher, s.licence from releases r join sources s using (source)
        order by r.source, r.covers, r.role desc
        """
    )
    return [
        {
            "release": row["release"],
            "source": row["source"],
            "publisher": row["publisher"],
            "title": row["title"],
            "licence": row["licence"],
            "file": row["file"],
            "url": row["url"],
            "commit": row["commit_id"],
            "sha256": row["sha256"],
            "bytes": row["bytes"],
            "published": row["published"].isoformat() if row["published"] else None,
            "collected": row["collected"].isoformat() if row["collected"] else None,
            "status": row["status"],
            "why": row["why"],
            "rows": row["records"],
            "columns": row["columns"],
            "taken": _columns(register, row["release"], "field is not null"),
            "left_out": _left_out(register, row["release"]),
            "unknown_columns": row["unknown_columns"],
            "unknown_values": register.dicts(
                'select "column", text, count from unknown_values where release = $release order by "column", count desc, '
                "text",
                {"release": row["release"]},
            ),
            "completeness": row["completeness"],
            "completeness_reason": row["completeness_reason"],
            "assertions_held": row["assertions_held"] or [],
            "stray_cells": row["stray_cells"] or [],
            "superseded": register.dicts(
                "select agency, fiscal_year, superseded as rows, superseded_by as by from release_parts "
                "where release = $release and superseded > 0 order by agency, fiscal_year",
                {"release": row["release"]},
            ),
        }
        for row in rows
    ]


def _columns(register: Register, release: str, condition: str) -> list[str]:
    return [
        name
        for (name,) in register.rows(
            f"select name from release_columns where release = $release and {condition} order by position",
            {"release": release},
        )
    ]


def _left_out(register: Register, release: str) -> list[dict[str, Any]]:
    return register.dicts(
        'select name as "column", header, left_out as why from release_columns where release = $release and field is null '
        "order by position",
        {"release": release},
    )
