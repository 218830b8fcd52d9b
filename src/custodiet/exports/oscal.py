"""Write an assessment, and risks with it, as assessment results of OSCAL 1.2, NIST's language for assessments of controls.

A duty that does not apply has an observation and no finding: OSCAL's findings are satisfied or not. Our five words stand
beside as a property. Ids are name-based UUIDs (RFC 9562, version 5) and times are the register's: same input, same bytes.
"""

import datetime as dt
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from custodiet.exports.place import placing_file
from custodiet.governance.assess import Assessment, Judged
from custodiet.governance.evidence import Piece
from custodiet.governance.risks import ControlState, Risk
from custodiet.store import Register

VERSION = "1.2.1"
# Our own properties bear this namespace.
NAMESPACE = "urn:custodiet:governance"
ROOT = uuid.uuid5(uuid.NAMESPACE_URL, NAMESPACE)
# What each of our words is to OSCAL, whose findings know two states; `reason` is one of OSCAL's words.
STATES: Mapping[str, tuple[str, str]] = {
    "met": ("satisfied", "pass"), "partly": ("not-satisfied", "fail"), "not": ("not-satisfied", "fail"),
    "unknown": ("not-satisfied", "other"),
}  # fmt: skip
NO_NEWLINES = re.compile(r"\s+")


def write_results(
    path: Path, assessment: Assessment, risks: Sequence[Risk], register: Register | None, *, force: bool = False
) -> None:
    """Write OSCAL assessment results as JSON.

    Raises:
        ExportError: the place is somebody else's, or can't be written to.

    """
    content = json.dumps(build_results(assessment, risks, register), ensure_ascii=False, indent=1) + "\n"
    with placing_file(path, force=force, option="--oscal") as draft:
        draft.write_text(content, "utf-8")


def build_results(assessment: Assessment, risks: Sequence[Risk], register: Register | None) -> dict[str, Any]:
    """Return assessment results as plain data, as OSCAL's JSON schema has them."""
    return {"assessment-results": _Results(assessment, register).build(risks)}


def token(pack: str, duty: str) -> str:
    """Return an entry's id as OSCAL allows ids: letters, digits, dots, hyphens and underscores."""
    return f"{pack}_{re.sub(r'[^A-Za-z0-9-]+', '.', duty).strip('.')}"


class _Results:
    """What every part of one file shares: the name that its ids derive from, its time, and who says it."""

    def __init__(self, assessment: Assessment, register: Register | None) -> None:
        self.assessment = assessment
        pack = assessment.pack
        self.name = (
            f"{pack.id} {pack.sha256} {assessment.subject.kind} {assessment.subject.id} {assessment.jurisdiction or ''}"
        )
        self.time = _time(assessment, register)
        self.tool = self.id("tool")

    def id(self, *parts: str) -> str:
        return str(uuid.uuid5(ROOT, "\n".join((self.name, *parts))))

    def origin(self) -> dict[str, Any]:
        return {"actors": [{"type": "tool", "actor-uuid": self.tool}]}

    def build(self, risks: Sequence[Risk]) -> dict[str, Any]:
        pack, subject = self.assessment.pack, self.assessment.subject
        title = f"{subject.name} ({subject.id}) held against {pack.page.title}"
        return {
            "uuid": self.id("results", *(risk.id for risk in risks)),
            # Our mark stands at the head of the file, so that we may replace it later.
            "metadata": {
                "title": f"Custodiet: {title}",
                "last-modified": self.time,
                "version": pack.page.version,
                "oscal-version": VERSION,
                "remarks": "An answer of an agency about itself is its answer. Unknown is never met; what is not met is no "
                "finding of a violation.",
            },
            "import-ap": {"href": f"#{self.id('plan')}", "remarks": "No plan was made: the pack is what was gone through."},
            "results": [self.result(title, risks)],
            "back-matter": {"resources": [self.plan()]},
        }

    def plan(self) -> dict[str, Any]:
        page = self.assessment.pack.page
        resource: dict[str, Any] = {
            "uuid": self.id("plan"),
            "title": f"Pack {page.id}, version {page.version}",
            "description": f"{page.about} SHA-256 of its files: {self.assessment.pack.sha256}",
        }
        if page.source.url:
            resource["rlinks"] = [{"href": page.source.url}]
        return resource

    def result(self, title: str, risks: Sequence[Risk]) -> dict[str, Any]:
        observations = [self.observation(judged, piece) for judged in self.assessment.judged for piece in judged.evidence]
        observations += [self.silence(judged) for judged in self.assessment.judged if not judged.evidence]
        observations += [self.reasons(risk) for risk in risks]
        result: dict[str, Any] = {
            "uuid": self.id("result"),
            "title": title,
            "description": " ".join(self.assessment.notes) or "No notes.",
            "start": self.time,
            "props": [_prop(f"count-{status}", str(number)) for status, number in self.assessment.count().items()],
            "local-definitions": {
                "assessment-assets": {
                    "components": [
                        {"uuid": self.tool, "type": "software", "title": "Custodiet",
                         "description": "Reads published records and holds them against packs of duties.",
                         "status": {"state": "operational"}}
                    ],
                    "assessment-platforms": [{"uuid": self.id("platform"), "title": "Custodiet"}],
                }
            },
            "reviewed-controls": {
                "control-selections": [
                    {"include-controls": [{"control-id": self.token(judged)} for judged in self.assessment.judged]}
                ]
            },
            "observations": observations,
            "findings": [self.finding(judged) for judged in self.assessment.judged if judged.status != "not-applicable"],
        }  # fmt: skip
        if not result["findings"]:
            del result["findings"]
        if risks:
            result["risks"] = [self.risk(risk) for risk in risks]
        return result

    def token(self, judged: Judged) -> str:
        return token(self.assessment.pack.id, judged.duty.id)

    def observation(self, judged: Judged, piece: Piece) -> dict[str, Any]:
        """Return a piece of evidence: what it says, and every cell that it rests on."""
        evidence = [
            {"description": f"{cited['release']}, row {cited['row']}, column {_line(str(cited['column']))}"}
            for cited in piece.citations
        ]  # fmt: skip
        found: dict[str, Any] = {
            "uuid": self.piece_id(judged, piece),
            "title": f"{judged.duty.id}: {piece.kind} {_line(piece.reference)}",
            "description": piece.says,
            "props": [_prop("kind", piece.kind), _prop("status", piece.status or "shown")]
            + ([_prop("grade", piece.grade)] if piece.grade else []),
            "methods": ["INTERVIEW" if piece.kind == "answer" else "TEST" if piece.kind in ("bench", "audit") else "EXAMINE"],
            "collected": self.time,
        }
        if evidence:
            found["relevant-evidence"] = evidence
        if piece.does_not_show:
            found["remarks"] = piece.does_not_show
        return found

    def silence(self, judged: Judged) -> dict[str, Any]:
        return {
            "uuid": self.id("silence", judged.duty.id), "title": f"{judged.duty.id}: nothing at hand",
            "description": judged.why, "methods": ["EXAMINE"], "collected": self.time,
        }  # fmt: skip

    def piece_id(self, judged: Judged, piece: Piece) -> str:
        return self.id("piece", judged.duty.id, str(judged.evidence.index(piece)), piece.kind, piece.reference)

    def finding(self, judged: Judged) -> dict[str, Any]:
        state, reason = STATES[judged.status]
        seen = [self.piece_id(judged, piece) for piece in judged.evidence] or [self.id("silence", judged.duty.id)]
        as_data = judged.as_data()
        props = [_prop("status", judged.status), _prop("basis", judged.basis), _prop("grade-of-duty", judged.duty.grade)]
        return {
            "uuid": self.id("finding", judged.duty.id),
            "title": f"{judged.duty.id} {judged.duty.title}",
            "description": judged.why,
            "props": props,
            "target": {
                "type": "objective-id",
                "target-id": self.token(judged),
                "title": judged.duty.title,
                "status": {"state": state, "reason": reason},
                **({"remarks": as_data["unverified"]} if as_data["unverified"] else {}),
            },
            "related-observations": [{"observation-uuid": each} for each in seen],
        }

    def reasons(self, risk: Risk) -> dict[str, Any]:
        found: dict[str, Any] = {
            "uuid": self.id("reasons", risk.id), "title": f"{risk.id}: why it applies, and what it can be traced to",
            "description": " ".join(reason.says for reason in risk.reasons), "methods": ["EXAMINE"], "collected": self.time,
        }  # fmt: skip
        evidence = [{"description": f"Finding or gate {_line(name)}"} for name in risk.references]
        evidence += [
            {"description": f"{cited['release']}, row {cited['row']}, column {_line(str(cited['column']))}"}
            for cited in risk.citations
        ]  # fmt: skip
        return {**found, "relevant-evidence": evidence} if evidence else found

    def risk(self, risk: Risk) -> dict[str, Any]:
        facets = {"likelihood": risk.likelihood, "severity": risk.severity, "rating": risk.rating, "residual": risk.residual}
        found: dict[str, Any] = {
            "uuid": self.id("risk", risk.id),
            "title": risk.seed.title,
            "description": f"{risk.seed.cause} {risk.seed.event} {risk.seed.consequence}",
            "statement": f"{risk.likelihood_says} Severity {risk.severity}: {risk.seed.severity.because}. "
            f"{risk.residual_says}",
            "props": [
                _prop("id", risk.id), _prop("function", risk.seed.function), _prop("likelihood-basis", risk.basis),
                _prop("owner", risk.owner), *(_prop("subcategory", each) for each in risk.seed.subcategories),
                *(_prop("affected", each) for each in risk.seed.affected),
            ],
            "status": "open",
            "characterizations": [
                {"origin": self.origin(),
                 "facets": [{"name": name, "system": NAMESPACE, "value": value} for name, value in facets.items()]}
            ],
            "related-observations": [{"observation-uuid": self.id("reasons", risk.id)}],
        }  # fmt: skip
        in_place = [each for each in risk.controls if each.state == "met"]
        if in_place:
            found["mitigating-factors"] = [
                {"uuid": self.id("factor", risk.id, each.title), "description": f"{each.title}. {each.why}"}
                for each in in_place
            ]
        if risk.due:
            found["deadline"] = f"{risk.due.isoformat()}T00:00:00Z"
        missing = [each for each in risk.controls if each.state != "met"]
        if missing:
            found["remediations"] = [self.remediation(risk, each) for each in missing]
        return found

    def remediation(self, risk: Risk, control: ControlState) -> dict[str, Any]:
        return {
            "uuid": self.id("remediation", risk.id, control.title), "lifecycle": "recommendation", "title": control.title,
            "description": control.why, "props": [_prop("state", control.state)],
        }  # fmt: skip


def _prop(name: str, value: str) -> dict[str, str]:
    return {"name": name, "ns": NAMESPACE, "value": _line(value)}


def _line(text: str) -> str:
    """Return a text on one line, as OSCAL's strings are."""
    return NO_NEWLINES.sub(" ", text).strip()


def _time(assessment: Assessment, register: Register | None) -> str:
    """Return the day of the newest release that the register holds; without one, the pack's."""
    day: dt.date | None = None
    if register is not None:
        ((day,),) = register.rows("select max(greatest(published, coalesce(collected, published))) from releases")
    return f"{day.isoformat() if day else assessment.pack.page.version}T00:00:00Z"
