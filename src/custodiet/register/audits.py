"""Put audits of query logs into the register: each is a release, each of its figures and findings a record.

Only the report is read, which holds aggregates; the kept log beside it, with its tokens and times, never is.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custodiet.access_log.compare import AUDIT_FILE
from custodiet.access_log.figures import list_figures
from custodiet.access_log.measures import read_definitions
from custodiet.model.errors import InputError
from custodiet.model.text import echo, fold_name
from custodiet.model.words import OUTCOMES
from custodiet.register.reports import Report, add_source, keep_report, make_report, read_report, shown
from custodiet.rules.logs import read_log_rules
from custodiet.rules.page import Rule
from custodiet.store import Register

FIELDS = ("kind", "name", "part", "value", "n", "low", "high", "state", "why")
# What the audit reads: every profile is of a log of plate readers, or is taken for one.
CATEGORY = "plate-readers"
UNVERIFIED = "Unverified: not held against the law's official text."


@dataclass(frozen=True)
class Audit:
    """An audit's report, with whose log it is as far as it says so, and what its rules found."""

    report: Report
    producer: str | None
    jurisdiction: str | None
    files: tuple[str, ...]
    first_day: str | None
    last_day: str | None
    findings: tuple[Mapping[str, Any], ...]


def read_audits(folder: Path | None) -> list[Audit]:
    """Return the audits in a folder: `NAME/audit.json`, as `audit --out` writes them, or that of one such folder itself.

    Raises:
        InputError: the folder holds none, one is not what the audit writes, or two are of the same files.

    """
    if folder is None:
        return []
    paths = sorted([*folder.glob(AUDIT_FILE), *folder.glob(f"*/{AUDIT_FILE}")])
    if not paths:
        raise InputError(f"{folder}: holds no audit ({AUDIT_FILE}); give the folder of your `custodiet audit --out` folders.")
    audits = [_read(path.resolve()) for path in paths]
    seen: dict[tuple[str, ...], Path] = {}
    for audit in audits:
        if audit.files in seen:
            raise InputError(
                f"{shown(audit.report.path)}: of the same files as {shown(seen[audit.files])}; keep one of them there."
            )
        seen[audit.files] = audit.report.path
    return audits


def _read(path: Path) -> Audit:
    content = read_report(path)
    try:
        page = json.loads(content)
        figures = [figure for figure in list_figures(page["measures"]) if figure["measure"] in read_definitions()]
        findings = tuple({name: each[name] for name in ("rule", "outcome", "reason", "numbers")} for each in page["findings"])
        about, files = page["about"], tuple(sorted(str(each["sha256"]) for each in page["manifest"]["files"]))
        producer, jurisdiction = about["producer"], about["jurisdiction"]
        if not files or not any(figure["measure"] == "searches" for figure in figures):
            raise ValueError
        days = {figure["part"]: str(figure["value"])[:10] for figure in figures if figure["measure"] == "period"}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InputError(f"{shown(path)}: no audit; make it anew with `custodiet audit ... --out DIR`.") from None
    for finding in findings:
        if str(finding["rule"]) not in _rules():
            raise InputError(f"{shown(path)}: {echo(str(finding['rule']))} is no rule on query logs; audit that log again.")
        if finding["outcome"] not in OUTCOMES:
            raise InputError(f"{shown(path)}: {echo(str(finding['outcome']))} is no outcome; audit that log again.")
    rows = [
        {"kind": "measure", "name": figure["measure"], **{name: figure[name] for name in FIELDS[2:]}} for figure in figures
    ] + [
        dict.fromkeys(FIELDS) | {"kind": "finding", "name": each["rule"], "state": each["outcome"], "why": each["reason"]}
        for each in findings
    ]
    return Audit(
        make_report("audit", path, content, rows), producer, jurisdiction, files,
        days.get("utc.start") or days.get("local.start"), days.get("utc.end") or days.get("local.end"), findings,
    )  # fmt: skip


def _rules() -> dict[str, Rule]:
    return {rule.id: rule for rule in read_log_rules()}


def load_audits(register: Register, audits: list[Audit]) -> None:
    """Fill the table of audited logs, and keep each audit's figures and findings as a release that can be cited."""
    if audits:
        add_source(
            register, "audit", "Audits of released query logs", "whoever ran the audits",
            "Measures and findings of `custodiet audit` on logs that agencies released: aggregates only.",
        )  # fmt: skip
    for audit in audits:
        report = audit.report
        keep_report(register, "audit", report, FIELDS)
        (row,) = [number for number, each in enumerate(report.rows, start=1) if each["name"] == "searches"]
        agency, bureau = _office(register, audit.producer)
        register.run(
            "insert into audited_logs values ($release, $producer, $jurisdiction, $category, $agency, $bureau, $files, "
            "$searches, $first_day, $last_day, struct_pack(release := $release, \"row\" := $row, \"column\" := 'value'))",
            {
                "release": report.release, "producer": audit.producer, "jurisdiction": audit.jurisdiction,
                "category": CATEGORY, "agency": agency, "bureau": bureau, "files": len(audit.files),
                "searches": report.rows[row - 1]["value"], "first_day": audit.first_day, "last_day": audit.last_day,
                "row": row,
            },
        )  # fmt: skip


def _office(register: Register, producer: str | None) -> tuple[str | None, str | None]:
    """Return the agency and bureau of the inventories that a producer's name is, if it is one's."""
    if producer is None:
        return None, None
    found = register.rows(
        "select agency, bureau from bureau_names where folded = $name union "
        "select agency, null from agency_names where folded = $name",
        {"name": fold_name(producer)},
    )
    return (found[0][0], found[0][1]) if len(found) == 1 else (None, None)


def load_audit_findings(register: Register, audits: list[Audit]) -> None:
    """Let what the rules found in logs join the register's findings; each rests on its line of the audit."""
    for audit in audits:
        report = audit.report
        start = len(report.rows) - len(audit.findings) + 1
        agency, bureau = _office(register, audit.producer)
        for number, finding in enumerate(audit.findings, start=start):
            rule = _rules()[finding["rule"]]
            register.run(
                "insert into findings values ($finding, $rule, 'log', $log, $log, $name, $agency, $bureau, $outcome, "
                "$reason, $grade, [struct_pack(release := $log, \"row\" := $row, \"column\" := 'state')], $numbers, null)",
                {
                    "finding": f"{rule.id}:{report.release}", "rule": rule.id, "log": report.release,
                    "name": audit.producer or report.release, "agency": agency, "bureau": bureau,
                    "outcome": finding["outcome"], "grade": rule.front.grade, "row": number,
                    "reason": finding["reason"] + (f" {UNVERIFIED}" if rule.front.unverified else ""),
                    "numbers": json.dumps(finding["numbers"]),
                },
            )  # fmt: skip
