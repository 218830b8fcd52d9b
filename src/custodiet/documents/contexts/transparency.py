"""A company's counts of what governments asked of it, bought and searched; papers under a bar on telling are left out."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from custodiet.docket.counts import count_papers, leave_out_barred
from custodiet.documents.contexts.measures import measures_of
from custodiet.documents.draft import Request
from custodiet.model.errors import DocumentError
from custodiet.model.text import echo

DATA = {
    "content": "contents of messages", "records": "records", "subscriber": "who a customer is", "location": "location",
    "biometrics": "faces, fingerprints, other biometrics", "device": "devices", "premises": "premises",
}  # fmt: skip
SENSITIVE = ("biometrics", "location")
# Two tables, since a page carries no ten columns; the first has received and the answers, the second the rest.
COLUMNS = (
    {"received": "Received", "disclosed": "Disclosed", "disclosed_in_part": "In part", "objected": "Objected",
     "rejected": "Rejected", "undecided": "Open"},
    {"no_records": "No records", "preserved": "Kept only", "not_produced_yet": "Not given yet",
     "accounts_asked": "Accounts asked", "accounts_produced": "Accounts given"},
)  # fmt: skip
# Volumes of searches by others, where a log of searches was audited.
MEASURES = ("searches", "outside", "judicial_process", "case_number", "reason")


def build(request: Request) -> Mapping[str, Any]:
    """Return the counts by kind of paper, by issuer, by data and by sale, over the period that the answers name."""
    assert request.docket is not None
    first, last = (_day(request, name) for name in ("first", "last"))
    open_cases = leave_out_barred(request.docket.cases, request.as_of)
    counts = count_papers(open_cases, request.docket.sales, first, last, request.as_of)
    period = "".join(f" {option} {day}" for option, day in (("--from", first), ("--to", last)) if day)
    return {
        "first": first,
        "last": last,
        "papers": counts["papers"],
        "source": request.docket.source(f"custodiet docket export --to-publish --as-of {request.as_of}{period}"),
        "tables": [
            {
                "headings": list(columns.values()),
                "rows": [{"name": row["name"], "counts": [row[name] for name in columns]} for row in counts["by_type"]],
                "totals": [sum(row[name] for row in counts["by_type"]) for name in columns],
            }
            for columns in COLUMNS if counts["by_type"]
        ],
        "refused": sum(row[name] for row in counts["by_type"] for name in ("objected", "rejected")),
        "narrowed": sum(row["disclosed_in_part"] for row in counts["by_type"]),
        "issuers": list(counts["by_issuer"].items()),
        "asked": [(DATA[name], number) for name, number in counts["data_asked_for"].items()],
        "sales": counts["sales"],
        "buyers": list(counts["sales_by_buyer"].items()),
        "sold": [(DATA[name], number) for name, number in counts["data_sold"].items()],
        "sensitive": [
            {
                "name": DATA[name],
                "asked": counts["data_asked_for"].get(name, 0),
                "sold": counts["data_sold"].get(name, 0),
                "answer": name,
            }
            for name in SENSITIVE
        ],
        "measures": measures_of(request.audit, MEASURES) if request.audit else [],
    }  # fmt: skip


def _day(request: Request, name: str) -> dt.date | None:
    said = request.answers.get(name, "").strip()
    try:
        return dt.date.fromisoformat(said) if said else None
    except ValueError:
        raise DocumentError(f"{echo(said)} is no day; answer `{name}` as in 2026-01-01.") from None
