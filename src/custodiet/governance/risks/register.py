"""List the risks of a subject: which apply, how likely and on which basis, how bad, what controls them, and what remains.

A finding changes no likelihood: it says that nothing published bounds it. Only a figure of the bench moves one, and only a
control that the record shows in place lowers what remains.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from custodiet.governance.answers import Answers
from custodiet.governance.assess import Assessment, assess, find_who
from custodiet.governance.audits import read_audit
from custodiet.governance.evidence import Holdings, hold
from custodiet.governance.packs.read import Pack, load_packs
from custodiet.governance.risks.read import load_seeds
from custodiet.governance.risks.schema import (
    LIKELIHOODS,
    RATINGS,
    SEVERITIES,
    ControlSeed,
    Likelihood,
    LikelihoodSeed,
    Rating,
    RiskSeed,
    Seed,
    Severity,
)
from custodiet.governance.risks.words import Reason, find_reasons
from custodiet.governance.statuses import Status
from custodiet.governance.subjects import Subject
from custodiet.model.errors import InputError, QuestionError
from custodiet.model.text import echo
from custodiet.register.bench import read_bench
from custodiet.store import Register
from custodiet.store.schema import QUESTIONS

Basis = Literal["record", "bench", "finding", "assumed"]
NOBODY = "nobody is named"


@dataclass(frozen=True)
class ControlState:
    """A control, its duty where one asks for it, and its state: the duty's answer, or unknown where nobody says."""

    title: str
    duty: str | None
    state: Status
    why: str

    def as_data(self) -> dict[str, Any]:
        """Return the control as plain data."""
        return {"title": self.title, "duty": self.duty, "state": self.state, "why": self.why}


@dataclass(frozen=True)
class Risk:
    """A risk of a subject. `references` are the ids of findings, gates and cells that it can be traced to."""

    id: str
    use: str
    seed: RiskSeed
    reasons: tuple[Reason, ...]
    likelihood: Likelihood
    basis: Basis
    likelihood_says: str
    controls: tuple[ControlState, ...]
    rating: Rating
    residual: Rating
    residual_says: str
    owner: str
    due: dt.date | None
    due_says: str
    references: tuple[str, ...]
    citations: tuple[Mapping[str, Any], ...]

    @property
    def severity(self) -> Severity:
        """How bad it is for the people whom it hits."""
        return self.seed.severity.level

    def as_data(self) -> dict[str, Any]:
        """Return the risk as plain data, in the order in which people read a register of risks."""
        return {
            "id": self.id, "use": self.use, "title": self.seed.title, "function": self.seed.function,
            "subcategories": list(self.seed.subcategories), "cause": self.seed.cause, "event": self.seed.event,
            "consequence": self.seed.consequence, "affected": list(self.seed.affected), "likelihood": self.likelihood,
            "likelihood_basis": self.basis, "likelihood_says": self.likelihood_says, "severity": self.severity,
            "severity_says": self.seed.severity.because, "rating": self.rating,
            "controls": [control.as_data() for control in self.controls], "residual": self.residual,
            "residual_says": self.residual_says, "owner": self.owner, "due": self.due, "due_says": self.due_says,
            "scenarios": list(self.seed.scenarios), "applies": [reason.as_data() for reason in self.reasons],
            "references": list(self.references), "citations": [dict(each) for each in self.citations],
        }  # fmt: skip


def list_risks(
    register: Register | None,
    subject: str,
    *,
    answers: Answers | None = None,
    bench: Path | None = None,
    audit: Path | None = None,
    uses: Sequence[str] = (),
    packs: Path | None = None,
) -> tuple[Subject, tuple[Risk, ...]]:
    """Return a subject and its risks, the worst first; none where no seed is about it.

    `uses` names seeds that apply whatever the record says; a product that the register does not know needs one.

    Raises:
        QuestionError: no such subject or use.
        InputError: the answers name a risk that is not listed, or a report or audit is not what it should be.
        PackError: a pack or a seed does not hold together.

    """
    known = load_packs(packs)
    seeds = load_seeds(known)
    if strange := [name for name in uses if name not in seeds]:
        raise QuestionError(f"{echo(strange[0])} is no use that has risks here; there are {', '.join(seeds)}.")
    who, _ = find_who(register, subject, has_more=bool(answers or audit or bench or uses))
    inside = register if who.kind != "product" else None
    held = hold(inside, who, read_bench(bench), read_audit(audit) if audit else None)
    listing = _Listing(inside, subject, known, answers, bench, audit, held, {})
    found: list[Risk] = []
    for seed in seeds.values():
        named = (Reason("You named this use.", None),) if seed.slug in uses else ()
        reasons = (*named, *(find_reasons(inside, who, seed) if inside else ()))
        if reasons:
            found += [listing.weigh(seed, risk, reasons) for risk in seed.risks]
    if answers and (lost := [name for name in answers.risks if name not in {risk.id for risk in found}]):
        raise InputError(f"The answers name the risk {echo(lost[0])}, which this subject does not have here; mend its id.")
    return who, tuple(sorted(found, key=lambda risk: (-RATINGS.index(risk.residual), -RATINGS.index(risk.rating), risk.id)))


@dataclass(frozen=True)
class _Listing:
    """What every risk of one listing is weighed with."""

    register: Register | None
    subject: str
    packs: Mapping[str, Pack]
    answers: Answers | None
    bench: Path | None
    audit: Path | None
    held: Holdings
    assessed: dict[str, Assessment]

    def weigh(self, seed: Seed, risk: RiskSeed, reasons: tuple[Reason, ...]) -> Risk:
        name = f"{seed.slug}/{risk.id}"
        likelihood, basis, says, references, citations = _likelihood(risk.likelihood, self.held)
        controls = tuple(self._control(control) for control in risk.controls)
        rating = rate(likelihood, risk.severity.level)
        residual, residual_says = _residual(likelihood, risk.severity.level, controls)
        owner, due, due_says = f"{NOBODY} (it would be {risk.owner})", *self._due(risk)
        decided = self.answers.risks.get(name) if self.answers else None
        if decided is not None and self.answers is not None:
            signed = self.answers.signature_of(decided)
            by = f"{signed.name} ({signed.role}), {signed.date}"
            owner = f"{decided.owner}, says {by}" if decided.owner else owner
            due, due_says = (decided.due, f"set by {by}") if decided.due else (due, due_says)
            for title, text in (("Treatment", decided.treatment), ("Accepted", decided.accepted)):
                residual_says += f" {title} by {by}: {text.rstrip('.')}." if text else ""
        cells = [reason.citation for reason in reasons if reason.citation]
        return Risk(
            name, seed.slug, risk, reasons, likelihood, basis, says, controls, rating, residual, residual_says, owner, due,
            due_says, references, tuple({str(sorted(each.items())): each for each in [*cells, *citations]}.values()),
        )  # fmt: skip

    def _assessment(self, pack: str) -> Assessment:
        if pack not in self.assessed:
            fitting = self.answers if self.answers and self.answers.pack in (None, pack) else None
            answers = fitting if fitting and _is_for(fitting, self.packs[pack]) else None
            self.assessed[pack] = assess(
                self.register, self.subject, self.packs[pack], answers=answers, bench=self.bench, audit=self.audit,
                needs_answers=False,
            )  # fmt: skip
        return self.assessed[pack]

    def _control(self, control: ControlSeed) -> ControlState:
        if control.duty is None:
            return ControlState(control.title, None, "unknown", "No duty of a pack asks for it, and nobody says.")
        judged = self._assessment(control.duty.pack).find(control.duty.id)
        name = f"{control.duty.pack} {control.duty.id}"
        if judged is None:
            return ControlState(control.title, name, "unknown", "The assessment does not go through it.")
        return ControlState(control.title, name, judged.status, judged.why)

    def _due(self, risk: RiskSeed) -> tuple[dt.date | None, str]:
        """Return the first day by which a control of the risk is due and not shown to be met."""
        days = []
        for control in risk.controls:
            judged = self._assessment(control.duty.pack).find(control.duty.id) if control.duty else None
            if judged and judged.duty.due and judged.status in ("partly", "not", "unknown"):
                days.append((judged.duty.due, f"{self.packs[control.duty.pack].page.title}, {judged.duty.id}"))  # type: ignore[union-attr]
        return min(days) if days else (None, "no day is set")


def _is_for(answers: Answers, pack: Pack) -> bool:
    """Tell whether answers that name no pack are about this one's entries."""
    return all(any(duty.id == name for duty in pack.duties) for name in answers.answers)


def _likelihood(
    seed: LikelihoodSeed, held: Holdings
) -> tuple[Likelihood, Basis, str, tuple[str, ...], tuple[Mapping[str, Any], ...]]:
    """Return level, basis, sentence, references and citations."""
    assumed = f"Assumed to be {seed.level}: {seed.because}."
    if seed.shown and (cases := [case for case in held.cases if case[seed.shown.cell]["value"] == seed.shown.value]):
        title = QUESTIONS[seed.shown.cell]
        says = " ".join(f"{case['handle']} shows it: “{title}” is {seed.shown.value}." for case in cases)
        return "high", "record", says, (), tuple(case[seed.shown.cell]["citation"] for case in cases)
    rows = [
        row for row in held.gates
        if seed.bench and row["test"] in seed.bench.tests and row["measure"] in seed.bench.measures
    ]  # fmt: skip
    if rows:
        outcomes = {row["outcome"] for row in rows}
        level: Likelihood = "high" if "fail" in outcomes else "low" if outcomes == {"pass"} else seed.level
        says = " ".join(f"{row['says']} Shown: {row['outcome']} ({row['reason']})." for row in rows)
        citations = [{"release": row["release"], "row": row["number"], "column": "outcome"} for row in rows]
        return level, "bench", says, tuple(f"{row['release']}:{row['claim']}" for row in rows), tuple(citations)
    open_ = [f for rule in seed.findings for f in held.findings.get(rule, ()) if f["outcome"] in ("gap", "cannot-tell")]
    if open_:
        says = f"{assumed} Nothing published bounds it: {' '.join(dict.fromkeys(f['reason'] for f in open_))}"
        cited = [citation for finding in open_ for citation in finding["citations"]]
        return seed.level, "finding", says, tuple(finding["id"] for finding in open_), tuple(cited)
    return seed.level, "assumed", assumed, (), ()


def rate(likelihood: Likelihood, severity: Severity) -> Rating:
    """Return the rating of a likelihood and a severity: the sum of their places, from very low to very high."""
    return RATINGS[LIKELIHOODS.index(likelihood) + SEVERITIES.index(severity)]


def _residual(likelihood: Likelihood, severity: Severity, controls: Sequence[ControlState]) -> tuple[Rating, str]:
    """Return what remains: controls lower it by one step of likelihood, and only when all that apply are shown in place."""
    applying = [control for control in controls if control.state != "not-applicable"]
    met = sum(control.state == "met" for control in applying)
    if not applying:
        return rate(likelihood, severity), "By the record none of its controls is owed, so none lowers it."
    if met == len(applying):
        lower = LIKELIHOODS[max(LIKELIHOODS.index(likelihood) - 1, 0)]
        return rate(
            lower, severity
        ), "Every control that applies is reported in place, which lowers the likelihood by a step."
    return rate(likelihood, severity), f"The record shows {met} of {len(applying)} controls in place, so nothing is lowered."
