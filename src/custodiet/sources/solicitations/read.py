"""Read notices of what agencies mean to buy; who may be written to about them is dropped before anything is kept."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from custodiet.model.text import tidy
from custodiet.sources.bureaus import find_office
from custodiet.sources.reading import Reading, check_table, place_columns, read_day, tell_faults
from custodiet.sources.spec import Form, Release
from custodiet.sources.tables import Table
from custodiet.sources.usaspending.contacts import withhold_contacts, without_contacts
from custodiet.sources.usaspending.recipients import WITHHELD, kind_of

# What is kept of a notice: nothing of it is about a person, but for an awardee's name, which is looked at.
KEPT = (
    "noticeId", "title", "solicitationNumber", "fullParentPathName", "fullParentPathCode", "postedDate", "type", "baseType",
    "archiveType", "archiveDate", "typeOfSetAsideDescription", "typeOfSetAside", "responseDeadLine", "naicsCode",
    "classificationCode", "active", "organizationType", "uiLink",
)  # fmt: skip


@dataclass(frozen=True)
class Solicitation:
    """One notice; `posted` is an ISO day, `agency` the short name of its bureau where it is listed."""

    row: int
    notice: str
    number: str | None
    type: str
    posted: str
    title: str
    agency: str
    naics: str | None
    psc: str | None
    award_number: str | None
    awardee: str | None
    url: str | None


@dataclass(frozen=True, kw_only=True)
class SolicitationReading(Reading):
    """A file of notices, read."""

    solicitations: tuple[Solicitation, ...]


def without_people(page: Mapping[str, Any]) -> dict[str, Any]:
    """Return a page of notices with nothing in it but what is kept of one."""
    records = [_kept(record) for record in page.get("opportunitiesData") or [] if isinstance(record, dict)]
    # The contract says that the count is a number; some answers have had it as a text.
    total = str(page.get("totalRecords"))
    return {"totalRecords": int(total) if total.isdigit() else None, "opportunitiesData": records}


def strip_people(content: bytes) -> bytes:
    """Return recorded pages, one a line, without people."""
    text = content.decode("utf-8-sig")
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        found = [json.loads(line) for line in text.splitlines() if line.strip()]
    pages = found if isinstance(found, list) else [found]
    return "".join(json.dumps(without_people(page), ensure_ascii=False) + "\n" for page in pages).encode()


def _kept(record: Mapping[str, Any]) -> dict[str, Any]:
    award = record.get("award")
    award = award if isinstance(award, dict) else {}
    awardee = award.get("awardee")
    name = str((awardee.get("name") if isinstance(awardee, dict) else awardee) or "")
    kept = {field: record.get(field) for field in KEPT}
    kept["title"] = withhold_contacts(str(kept["title"] or ""))
    kept["award"] = {
        "date": award.get("date"), "number": award.get("number"), "amount": award.get("amount"),
        "awardee": WITHHELD if name and kind_of(name) == "individual" else name,
    }  # fmt: skip
    return kept


def read_solicitations(table: Table, release: Release, form: Form, shown: str) -> SolicitationReading:
    """Return the notices of a file.

    Raises:
        InputError: a column is missing, a day can't be read, or the release does not hold what was asserted of it.

    """
    names, columns, position = place_columns(table, form, shown)
    found = []
    cells = []
    for number, published in enumerate(table.rows, start=1):
        row = without_contacts(published, (position["title"],))
        cells.append(row)
        text = {field: tidy(row[i]) for field, i in position.items()}
        found.append(Solicitation(
            row=number, notice=text["notice"], number=text["number"] or None, type=text["type"],
            posted=read_day(text["posted"], f"{shown}, row {number}, column {names[position['posted']]!r}"),
            title=text["title"], agency=_agency(text["agency"]), naics=text.get("naics") or None,
            psc=text.get("psc") or None, award_number=text.get("award_number") or None,
            awardee=text.get("awardee") or None, url=text.get("url") or None,
        ))  # fmt: skip
    return SolicitationReading(
        solicitations=tuple(found),
        columns=tuple(zip(names, columns, strict=True)),
        cells=tuple(cells),
        assertions_held=check_table(table, position, release, shown),
        faults=tell_faults(table, release),
    )


def _agency(path: str) -> str:
    """Return an office of a path such as "HOMELAND SECURITY, DEPARTMENT OF.US IMMIGRATION AND CUSTOMS ENFORCEMENT.…"."""
    parts = [part.strip() for part in path.split(".") if part.strip()]
    bureau = parts[1] if len(parts) > 1 else path
    office = find_office(f"U.S. {bureau[3:]}" if bureau.startswith("US ") else bureau)
    return office.short if office.code else bureau
