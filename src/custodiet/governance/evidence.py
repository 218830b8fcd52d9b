"""Evidence for duties that the register, the bench and an audit hold, each piece with what it alone would say."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from custodiet.governance.packs.schema import Evidence
from custodiet.governance.statuses import Status, at_most
from custodiet.governance.subjects import Subject
from custodiet.model.text import tidy
from custodiet.questions.findings import findings_of
from custodiet.register.reports import Report
from custodiet.store import Register
from custodiet.store.schema import QUESTIONS

PieceKind = Literal["finding", "cell", "claim", "bench", "audit", "answer"]
OF_GATE: Mapping[str, Status] = {"pass": "met", "fail": "not", "insufficient": "unknown"}
OF_OUTCOME: Mapping[str, Status] = {
    "clear": "met", "gap": "not", "not-applicable": "not-applicable", "cannot-tell": "unknown",
}  # fmt: skip
# The form has an option by which the agency says that law or operations rule an appeal out: no gap, and no appeal either.
PRECLUDED = "precluded-by-law"
# Free text that only promises an answer.
NOT_YET = re.compile(r"(?i)^\W*(in[ -]?progress|pending|tbd|to be determined|under development|not yet)\b")


@dataclass(frozen=True)
class Piece:
    """One piece of evidence. `status` is what it alone says of the duty; None where it is shown and decides nothing."""

    kind: PieceKind
    reference: str
    says: str
    status: Status | None
    subject: str
    grade: str | None = None
    citations: tuple[Mapping[str, Any], ...] = ()
    does_not_show: str | None = None

    def as_data(self) -> dict[str, Any]:
        """Return the piece as plain data."""
        return {
            "kind": self.kind, "reference": self.reference, "says": self.says, "status": self.status,
            "subject": self.subject, "grade": self.grade, "citations": [dict(each) for each in self.citations],
            "does_not_show": self.does_not_show,
        }  # fmt: skip


@dataclass(frozen=True)
class Holdings:
    """Everything at hand about a subject: findings, answers and claims of the register, gates of the bench, an audit."""

    findings: Mapping[str, tuple[dict[str, Any], ...]]
    cases: tuple[dict[str, Any], ...]
    claims: tuple[dict[str, Any], ...]
    gates: tuple[Mapping[str, Any], ...]
    # Outcomes of gates that name another system.
    left_aside: int
    audit: Mapping[str, Any] | None
    # By rule: its title with its duty's, and what to ask for.
    titles: Mapping[str, str]
    asks: Mapping[str, str]


def hold(register: Register | None, subject: Subject, bench: Sequence[Report], audit: Mapping[str, Any] | None) -> Holdings:
    """Gather what is at hand about a subject. Gates that name another system are left aside."""
    gates = tuple(
        {**row, "test": result.test, "release": result.release, "number": number}
        for result in bench
        for number, row in enumerate(result.rows, start=1)
        if row["system"] is None or row["system"].casefold() in {subject.id.casefold(), subject.name.casefold(), subject.page}
    )
    left_aside = sum(len(result.rows) for result in bench) - len(gates)
    if register is None:
        return Holdings({}, (), (), gates, left_aside, audit, {}, {})
    found: dict[str, list[dict[str, Any]]] = {}
    for finding in findings_of(register, list(subject.cases)):
        found.setdefault(finding["rule"], []).append(finding)
    cases = register.dicts(
        "select * from use_cases where use_case_id in (select unnest($keys)) order by inventory_year desc, handle",
        {"keys": list(subject.cases)},
    )
    claims = register.dicts(
        'select claim, slug, "row", about, says, grade, grade_reason from claims where slug = $slug order by "row"',
        {"slug": subject.page},
    )
    rules = register.rows("select rule, title || ' (' || duty || ')', ask_for from rules")
    return Holdings(
        {rule: tuple(each) for rule, each in found.items()}, tuple(cases), tuple(claims), gates, left_aside, audit,
        {rule: title for rule, title, _ in rules}, {rule: ask for rule, _, ask in rules},
    )  # fmt: skip


def find_pieces(spec: Evidence, held: Holdings) -> Iterator[Piece]:
    """Yield the pieces of evidence that a duty's `evidence` names."""
    for piece in _pieces(spec, held):
        if not spec.decides or piece.status is None:
            yield Piece(**{**piece.__dict__, "status": None})
        else:
            yield Piece(**{**piece.__dict__, "status": at_most(piece.status, spec.at_most)})


def _pieces(spec: Evidence, held: Holdings) -> Iterator[Piece]:
    if spec.finding:
        yield from (_of_finding(finding, spec, held) for finding in held.findings.get(spec.finding, ()))
    elif spec.cell:
        yield from (_of_cell(case, spec.cell) for case in held.cases)
    elif spec.bench:
        yield from (_of_gate(row) for row in held.gates if row["test"] in spec.bench)
    elif spec.audit and held.audit is not None:
        yield from _of_audit(held.audit, spec.audit)
    elif spec.claims:
        yield from (_of_claim(claim) for claim in held.claims if claim["about"] in spec.claims)


def _of_finding(finding: Mapping[str, Any], spec: Evidence, held: Holdings) -> Piece:
    field = spec.cell
    status = OF_OUTCOME[finding["outcome"]]
    case = next((each for each in held.cases if each["use_case_id"] == finding["subject"]["key"]), None)
    answer = case[field] if case is not None and field is not None else None
    if answer is not None and finding["outcome"] == "gap":
        if answer["state"] == "in-progress":
            status = "partly"
        elif answer["state"] == "blank":
            status = "unknown"
    if answer is not None and finding["outcome"] == "clear" and answer["value"] == PRECLUDED:
        status = "not-applicable"
    # Where another law's rule speaks to a part of this duty, the reader must know which rule that is.
    direct = spec.decides and spec.at_most == "met"
    says = finding["reason"] if direct else f"{held.titles[finding['rule']]}: {finding['reason']}"
    return Piece(
        "finding", finding["id"], says, status, finding["subject"]["id"], finding["grade"],
        tuple(finding["citations"]), finding["does_not_show"],
    )  # fmt: skip


def _of_cell(case: Mapping[str, Any], field: str) -> Piece:
    answer = case[field]
    title = QUESTIONS[field]
    status: Status = "unknown"
    if answer["state"] == "reported":
        status = "unknown" if NOT_YET.match(answer["text"] or "") else "met"
        says = f"{title}: the agency answers “{tidy(answer['text'] or '').rstrip('.')}.”"
    else:
        status = {"in-progress": "partly", "not-applicable": "not-applicable"}.get(answer["state"], "unknown")  # type: ignore[assignment]
        says = f"{title}: the cell is {answer['state']}."
    return Piece("cell", field, says, status, case["handle"], "Known", (answer["citation"],))


def _of_gate(row: Mapping[str, Any]) -> Piece:
    names = "" if row["system"] else " The gate names no system; it was given for this one."
    return Piece(
        "bench", f"{row['release']}:{row['claim']}", f"{row['says']} Shown: {row['outcome']} ({row['reason']}).{names}",
        OF_GATE[row["outcome"]], row["system"] or "the system tested", None,
        ({"release": row["release"], "row": row["number"], "column": "outcome"},),
    )  # fmt: skip


def _of_audit(audit: Mapping[str, Any], wanted: Sequence[str]) -> Iterator[Piece]:
    files = ", ".join(file["file"] for file in audit["manifest"]["files"])
    about = audit["about"]["producer"] or files
    for measure in audit["measures"]:
        if measure["id"] in wanted:
            measured = measure["state"] == "measured"
            says = (
                f"{measure['title']}: measured in the log ({files})."
                if measured
                else f"{measure['title']}: {measure['why']}."
            )
            yield Piece("audit", measure["id"], says, "met" if measured else "unknown", about)
    if "rules" in wanted:
        for finding in audit["findings"]:
            law = " (unverified: not held against the law's official text)" if finding["unverified"] else ""
            yield Piece(
                "audit", finding["rule"], f"{finding['title']}: {finding['reason']}{law}", OF_OUTCOME[finding["outcome"]],
                about, finding["grade"], (), finding["does_not_show"],
            )  # fmt: skip


def _of_claim(claim: Mapping[str, Any]) -> Piece:
    citation = {"release": "catalogue", "row": claim["row"], "column": claim["slug"]}
    return Piece("claim", claim["claim"], claim["says"], None, claim["slug"], claim["grade"], (citation,))
