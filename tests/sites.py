"""A small register with something of every kind, whose every published text would harm where it is not kept a text."""

import datetime as dt
import itertools
from pathlib import Path
from typing import Any

from custodiet.register.texts import load_texts
from custodiet.store import Register, building
from custodiet.store.schema import QUESTIONS

# Each would do something in a page, a template or a spreadsheet that took it for more than words.
PAYLOADS = (
    "<script>alert(1)</script>",
    "\"'><svg onload=alert(1)>",
    "{{1234*5678}}{% raw %}${1234*5678}",
    "=cmd|' /C calc'!A0",
    "javascript:alert(1)",
    "</title></style><img src=x onerror=alert(1)>",
    "]]><!ENTITY x SYSTEM 'file:///etc/passwd'>&x;",
    "\t=1+1",
    "\r@SUM(1+1)",
    "+1+1",
    "-1+1<!--",
    "</script><script>alert(1)</script>",
    "&#60;img src=x onerror=alert(1)&#62;",
    "https://example.org/\r\nSet-Cookie: stolen=1",
    "../../etc/passwd%00.html",
    # What turns the rest of a line around, and signs that no XML may hold.
    "\u202egpj.exe\u2066\u200f",
    "bell\x07 escape\x1b[31m null\x00 none\ufffe",
    "W" * 600,
)
_next = itertools.cycle(PAYLOADS)


def payload() -> str:
    """Return the next of the harmful texts."""
    return next(_next)


def cell(release: str, row: int, column: str = "A") -> dict[str, Any]:
    """Return a citation."""
    return {"release": release, "row": row, "column": column}


def add(register: Register, table: str, **given: Any) -> None:
    """Add a row; what is not given is harmful where it is text, and harmless elsewhere."""
    values = [given.get(column.name, _fill(column.kind)) for column in register.columns(table)]
    names = [f"$v{number}" for number in range(len(values))]
    bound = dict(zip((name[1:] for name in names), values, strict=True))
    register.run(f"insert into {table} values ({', '.join(names)})", bound)


def _fill(kind: str) -> Any:
    if kind == "varchar":
        return payload()
    if kind == "list":
        return [payload()]
    if kind == "json":
        return "{}"
    if kind == "date":
        return dt.date(2025, 3, 4)
    if kind == "boolean":
        return False
    return None if kind == "struct" else 7


def answer(release: str, row: int, field: str, value: str | None = None, state: str = "reported") -> dict[str, Any]:
    """Return an answer of a use case."""
    text = payload() if value is None and state == "reported" else value
    return {"value": text, "state": state, "text": text, "citation": cell(release, row)}


def plant(register: Register) -> None:
    """Fill a register with two years of use cases, awards, vendors, notices, a system and its claims, rules and findings."""
    register.run("insert into meta values ('fingerprint', $f), ('version', '0')", {"f": "ab" * 32})
    for name, role, records in (("inv-2024", "use-cases", 3), ("inv-2025", "use-cases", 3), ("fy2025", "transactions", 4),
                                ("sorns", "notices", 2)):  # fmt: skip
        source = name.partition("-")[0]
        if name != "inv-2025":
            add(register, "sources", source=source)
        add(register, "releases", release=name, source=source, role=role, status="read", records=records, sha256="c" * 64,
            completeness="complete", url="https://example.gov/file.csv", stray_cells=[], covers=2025)  # fmt: skip
        register.run(f'create table raw."{name}" (_row integer, "A" varchar, "B" varchar)')
        for row in range(1, records + 1):
            register.run(f'insert into raw."{name}" values ({row}, $a, $b)', {"a": payload(), "b": payload()})
        for position, column in enumerate("AB"):
            field = {"fy2025": "obligation", "sorns": "title"}.get(name, "purpose") if column == "A" else None
            add(register, "release_columns", release=name, position=position, letter=column, name=column, field=field)
    add(register, "unknown_values", release="inv-2025", column="A", count=3)
    _plant_use_cases(register)
    _plant_money(register)
    _plant_catalogue(register)


def _plant_use_cases(register: Register) -> None:
    for year, number in ((2024, 1), (2024, 2), (2025, 1), (2025, 2), (2025, 3)):
        release, handle = f"inv-{year}", f"T-{year}-{number}"
        answers = {
            field: answer(release, number, field) for field in QUESTIONS
        }  # fmt: skip
        answers["stage"] = answer(release, number, "stage", "deployed")
        answers["impact"] = answer(release, number, "impact", "high-impact" if year == 2025 else "rights-impacting")
        answers["appeal"] = answer(release, number, "appeal", None, "blank")
        answers["opt_out"] = answer(release, number, "opt_out", None, "not-asked")
        name = payload()
        add(register, "use_cases", use_case_id=f"{release}:{number}", handle=handle, inventory_year=year, agency="DHS",
            agency_name="Department <of> Tests & Co", bureau="ICE" if number == 1 else None, name=name, release=release,
            row=number, name_citation=cell(release, number), published_id=handle, **answers)  # fmt: skip
        add(register, "records", release=release, row=number, use_case_id=f"{release}:{number}", is_primary=True)
    add(register, "matches", earlier="inv-2024:1", later="inv-2025:1")
    register.run("insert into agency_names values ('dhs', 'DHS')")
    register.run("insert into bureau_names values ('ice', 'DHS', 'ICE')")


def _plant_money(register: Register) -> None:
    vendor, other = "<b>Vendor</b> & Sons {{1234*5678}}", '=HYPERLINK("http://x") Inc'
    for slug, name, page in (("vendor", vendor, "vendor"), ("other", other, None)):
        add(register, "organisations", organisation=slug, name=name, page=page, names=1)
        add(register, "organisation_names", name=name, organisation=slug, basis="alias", release="fy2025", row=1, url=None)
        add(register, "organisation_ids", organisation=slug, scheme="uei", release="fy2025", row=1)
    add(register, "organisation_relations", organisation="vendor", other="other", relation="parent", basis="identifier",
        release="fy2025", row=1, url=None)  # fmt: skip
    add(register, "release_parts", release="fy2025", is_current=True, agency="ICE", fiscal_year=2025, covers="year", rows=4,
        obligations=40, is_truncated=True, superseded=0)  # fmt: skip
    for number, who in ((1, vendor), (2, vendor), (3, other)):
        piid = f"70TEST0000000000{number}"
        add(register, "transactions", release="fy2025", row=number, is_current=True, agency="ICE", fiscal_year=2025,
            piid=piid, award_key=f"AWD_{number}", recipient=who, recipient_kind="organisation", obligation=1234.5,
            modification="0")  # fmt: skip
        add(register, "awards", award=f"AWD_{number}", agency="ICE", piid=piid, parent_piid=None, recipients=[who], actions=1,
            obligations=1234.5, first_action=dt.date(2025, 3, 4), last_action=dt.date(2025, 3, 4),
            citation=cell("fy2025", number))  # fmt: skip
    add(register, "categories", category="phones")
    add(register, "award_categories", award="AWD_1", category="phones", system="alpha", citation=cell("fy2025", 1))
    for row in (1, 2):
        add(register, "notices", release="sorns", row=row, number=None if row == 1 else "DHS/T-1", url="javascript:alert(1)")


def _plant_catalogue(register: Register) -> None:
    for kind, slug, fields in (
        ("system", "alpha", '{"operators": ["ICE"], "named": true, "status": "in-use", "category": "phones"}'),
        ("feed", "scans", "{}"), ("vendor", "vendor", "{}"),
        ("authority", "duty", '{"type": "memo", "issuer": "OMB", "url": "https://example.gov/memo"}'),
    ):  # fmt: skip
        add(register, "pages", kind=kind, slug=slug, fields=fields)
        for row, (about, grade) in enumerate((("identity", "Known"), ("disputed", "Disputed"), ("unknown", "Unknown")), 1):
            claim = f"{slug}/{about}"
            add(register, "claims", claim=claim, kind=kind, slug=slug, row=row, about=about, grade=grade, premises=[],
                public_since="2025-01", public_by="press")  # fmt: skip
            add(register, "claim_sources", claim=claim, position=0, kind="press", url="https://example.org/a?b=<c>&d",
                stance="contradicts" if row == 2 else "supports", date="2025-01-02", citation=None, cell=None)  # fmt: skip
    for slug, relation, target in (("alpha", "vendors", "vendor"), ("alpha", "feeds", "scans"),
                                   ("alpha", "authorities", "duty"), ("alpha", "use_cases", "T-2025-1")):  # fmt: skip
        add(register, "page_links", slug=slug, relation=relation, target=target)
    for rule in ("a-rule", "notice-missing"):
        text = f"## What it checks\n\n{payload()} [x](javascript:alert(1)) {payload()}\n\n```sql\nselect 1\n```\n"
        add(register, "rules", rule=rule, duty="duty", needs=["inv-2025"], grade="Known", due=dt.date(2026, 4, 3), text=text)
    for rule, kind, subject, outcome in (
        ("a-rule", "use-case", "inv-2025:1", "gap"), ("a-rule", "use-case", "inv-2025:2", "cannot-tell"),
        ("a-rule", "use-case", "inv-2025:3", "clear"), ("a-rule", "award", "AWD_1", "gap"),
        ("notice-missing", "system", "alpha", "gap"), ("a-rule", "agency", "DHS", "gap"),
    ):  # fmt: skip
        release = "fy2025" if kind == "award" else "inv-2025"
        add(register, "findings", finding=f"{rule}:{subject}", rule=rule, subject_kind=kind, subject=subject,
            subject_id=subject, agency="DHS", bureau="ICE", outcome=outcome, grade="Known", citations=[cell(release, 1)],
            numbers='{"<b>": "{{1234*5678}}"}')  # fmt: skip


def planted_register(path: Path) -> Path:
    """Write the small register to a file; return its path."""
    with building(path) as register:
        plant(register)
        load_texts(register)
    return path
