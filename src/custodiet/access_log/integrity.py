"""Whether the files are whole, and what was done to them: truncation, repeats, rewriting, masks, changes of form."""

import datetime as dt
from typing import Any

from custodiet.access_log.cells import Reading
from custodiet.access_log.log import Log, fields_of
from custodiet.access_log.measure_steps import integrity_steps
from custodiet.access_log.privacy import suppress
from custodiet.access_log.words import STATES, TEXT_COLUMNS

PLAUSIBLE = (dt.date(1990, 1, 1), dt.date(2099, 12, 31))
# A spreadsheet holds 2^20 rows, one of them the header; an older one 2^16.
SPREADSHEET_ROWS = (1_048_575, 1_048_576, 65_535, 65_536)
ROUND_FROM, ROUND_TO = 10_000, 5_000
# A column of fewer cells than this may well hold one word only.
CONSTANT_FROM = 100
# A log of one organisation, or of one type of search, is none that was rewritten.
CONSTANT_COLUMNS = ("reason", "case_number", "searcher", "offence_type")
# Days on which the vendor changed what its logs hold; series before and after can't be compared.
CHANGES_OF_FORM = {
    dt.date(2025, 12, 17): "network audits lose officers' names, plates and vehicle descriptions; portals mask users",
    dt.date(2026, 1, 1): "a reason becomes an offence type from a list, with free text behind it",
}


def check_integrity(log: Log) -> dict[str, Any]:
    """Return what the files themselves show: plain data, with a sentence in `warnings` for each thing to know."""
    counts = {step.name: step.sql for step in integrity_steps([name for name in TEXT_COLUMNS if log.has(name)])}
    files = [_describe(log, number) for number in range(len(log.files))]
    ((repeats, between),) = log.database.rows(
        "select count(*) filter (where is_same_file), count(*) filter (where not is_same_file) from later_rows"
    )
    ((disagreeing,),) = log.database.rows(counts["disagreeing"])
    constant = _find_constant(log)
    changes = _find_changes(log)
    found: dict[str, Any] = {
        "files": files,
        "repeats_within_files": int(repeats),
        "repeats_between_files": int(between),
        "searches_whose_rows_disagree": int(disagreeing),
        "constant_columns": constant,
        "changes_of_form": changes,
        "months": list_months(log, counts["months"]),
        "events": [_describe_events(reading) for reading in log.events],
        "merkle_root": log.merkle_root,
        "merkle_salt": log.merkle_salt.hex(),
    }
    return found | {"warnings": _warn(log, found)}


def _describe(log: Log, position: int) -> dict[str, Any]:
    file = log.files[position]
    reading = file.reading
    states: dict[str, dict[str, int]] = {}
    for field, state, rows in log.database.rows(
        'select field, state, "rows" from field_states where file_no = $number order by field, state', {"number": file.number}
    ):
        states.setdefault(field, {})[state] = int(rows)
    present = fields_of(reading)
    for field in sorted({*TEXT_COLUMNS, "networks", "devices", "window", "time"} - present):
        why = log.why_missing(field)
        states[field] = {"withheld_by_letter" if why == "withheld by letter" else "not_exported": file.rows}
    return {
        "file": reading.name,
        "sha256": reading.released.sha256,
        "profile": reading.fit.profile.id,
        "profile_evidence": reading.fit.profile.evidence,
        "has_header": reading.fit.has_header,
        "encoding": reading.released.encoding or None,
        "rows": file.rows,
        "empty_rows": reading.empty_rows,
        "columns_left_out": list(reading.fit.unknown),
        "truncation": find_truncation(file.rows),
        "states": {field: states[field] for field in states if field != "search_id"},
        "unreadable_cells": len(reading.unreadable),
        "notes": list(reading.notes),
    }


def find_truncation(rows: int) -> str | None:
    """Return why a number of rows suggests that a file was cut off, or None."""
    if rows in SPREADSHEET_ROWS:
        return f"{rows:,} rows are as many as a spreadsheet holds"
    if rows >= ROUND_FROM and rows % ROUND_TO == 0:
        return f"{rows:,} rows is a round number, as an export's limit is"
    return None


def _find_constant(log: Log) -> list[dict[str, Any]]:
    """Return columns of a file in which every filled cell says the same: the producer may have rewritten them."""
    words = " union all ".join(f"select '{name}' as name, id, state from words_{name}" for name in CONSTANT_COLUMNS)
    rows = log.database.rows(f"""
        select c.file_no, c."column", sum(c."rows") as filled
        from text_counts c join ({words}) w on w.name = c."column" and w.id = c.id
        where w.state = 'value' group by c.file_no, c."column" having count(*) = 1 and sum(c."rows") >= {CONSTANT_FROM}
        order by all
    """)
    return [
        {"file": log.files[number - 1].reading.name, "column": column, "rows": int(filled)} for number, column, filled in rows
    ]


def _find_changes(log: Log) -> list[dict[str, str]]:
    bounds = log.bounds()
    if bounds is None:
        return []
    return [
        {"day": day.isoformat(), "change": change} for day, change in CHANGES_OF_FORM.items() if bounds[0] < day <= bounds[1]
    ]


def list_months(log: Log, sql: str) -> list[dict[str, Any]]:
    """Return searches by month and by segment between changes of form: figures of two segments can't be compared."""
    rows = sorted(log.database.rows(sql))
    counts = suppress({month.date().isoformat()[:7]: int(n) for month, n in rows}, log.k)
    months = []
    for month, n in counts.items():
        # The month of a change stands alone: it is of both forms.
        segment = sum((month >= day.isoformat()[:7]) + (month > day.isoformat()[:7]) for day in CHANGES_OF_FORM)
        months.append({"month": month, "searches": n, "segment": segment})
    return months


def _describe_events(reading: Reading) -> dict[str, Any]:
    rows = reading.rows or ()
    return {"file": reading.name, "sha256": reading.released.sha256, "rows": len(rows)}


def _warn_of_file(file: dict[str, Any]) -> list[str]:
    warnings = []
    if not file["rows"]:
        warnings.append(f"{file['file']} has a header and no rows.")
    if file["empty_rows"]:
        warnings.append(f"{file['file']}: {file['empty_rows']:,} rows hold nothing, and were not counted.")
    if file["truncation"]:
        warnings.append(f"{file['file']} may be cut off: {file['truncation']}.")
    if file["columns_left_out"]:
        warnings.append(
            f"{file['file']}: columns that its profile does not know were left out: {', '.join(file['columns_left_out'])}."
        )
    if file["profile_evidence"] == "inferred":
        warnings.append(
            f"{file['file']}: the profile {file['profile']} was inferred from a description, not from a file; check it."
        )
    if file["unreadable_cells"]:
        warnings.append(
            f"{file['file']}: two readers of the PDF differ on {file['unreadable_cells']:,} cells; they count as unreadable."
        )
    for field, states in file["states"].items():
        odd = {state: n for state, n in states.items() if state in ("unparsed", "partial", "exemption_citation") and n}
        for state, n in odd.items():
            warnings.append(f"{file['file']}: {n:,} cells of {field} are {state.replace('_', ' ')} ({STATES[state]}).")
    return [*warnings, *file["notes"]]


def _warn(log: Log, found: dict[str, Any]) -> list[str]:
    warnings = [warning for file in found["files"] for warning in _warn_of_file(file)]
    bounds = log.bounds()
    if bounds and not PLAUSIBLE[0] <= bounds[0] <= bounds[1] <= PLAUSIBLE[1]:
        warnings.append(f"The times reach from {bounds[0]} to {bounds[1]}, which no log of plate readers does; look at them.")
    if found["repeats_within_files"]:
        warnings.append(f"{found['repeats_within_files']:,} rows show a search that an earlier row of the same file shows.")
    if found["repeats_between_files"]:
        warnings.append(f"{found['repeats_between_files']:,} rows show a search that another file shows as well.")
    if found["searches_whose_rows_disagree"]:
        warnings.append(
            f"The rows of {found['searches_whose_rows_disagree']:,} searches say different things; the first row "
            f"given counts."
        )
    warnings += [
        f"{one['file']}: every filled cell of {one['column']} says the same ({one['rows']:,} rows); it may have been "
        f"rewritten."
        for one in found["constant_columns"]
    ]
    warnings += [
        f"The form changed on {one['day']} ({one['change']}); figures before and after can't be compared."
        for one in found["changes_of_form"]
    ]
    if len(log.files) > 1:
        rows = {file["rows"] for file in found["files"]}
        if len(rows) > 1:
            listed = ", ".join(f"{file['file']} {file['rows']:,}" for file in found["files"])
            warnings.append(f"The files differ in rows: {listed}.")
    return warnings
