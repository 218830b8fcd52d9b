"""Proposed organisations: pairs of names that the model holds for one, why, and what a reader decided."""

from pathlib import Path
from typing import Any

from custodiet.model.errors import QuestionError
from custodiet.model.text import echo
from custodiet.register import settings
from custodiet.register.judgements import OrganisationJudgement, judgement_files, read_judgements
from custodiet.register.proposing import Proposal, Proposed, proposal_id, propose
from custodiet.store import Register


def propose_organisations(register: Register, *, cache: Path | None = None) -> Proposed:
    """Return all proposals for a register, computed or, where nothing has changed since, as they were kept."""
    return propose(register, cache or settings.cache_path())


def organisation_proposals(
    register: Register, *, judged: bool = False, judgements: Path | str | None = None, cache: Path | None = None
) -> list[dict[str, Any]]:
    """Return the proposals that wait for a reader, best first, or with `judged` those that were decided.

    `weight` is in bits: of two pairs that differ by one, the higher is twice as likely as the other. `probability` is the
    same as a share, as far as the comparisons are independent; it is no measured precision.
    """
    decided = _decided(judgements)
    found = []
    for proposal in propose_organisations(register, cache=cache).proposals:
        judgement = decided.get(proposal.id)
        if (judgement is not None) == judged:
            found.append(_as_data(proposal, judgement))
    return found


def explain_proposal(
    register: Register, name: str, *, judgements: Path | str | None = None, cache: Path | None = None
) -> dict[str, Any]:
    """Return one proposal by its id, with `parts`: the prior and each comparison, in words, its weight and the sum so far.

    Raises:
        QuestionError: there is no such proposal.

    """
    for proposal in propose_organisations(register, cache=cache).proposals:
        if proposal.id == name:
            return _as_data(proposal, _decided(judgements).get(name))
    raise QuestionError(f"{echo(name)} is no proposal; `custodiet resolve --list` lists them.")


def judged_pair(name: str, judgements: Path | str | None = None) -> OrganisationJudgement | None:
    """Return the judgement in force on the pair of this id, if there is one: its proposal may be settled and gone."""
    return _decided(judgements).get(name)


def _decided(judgements: Path | str | None) -> dict[str, OrganisationJudgement]:
    in_force = read_judgements(judgement_files(settings.judgements_path(judgements))).organisations
    return {proposal_id(each.organisation, each.other): each for each in in_force.values()}


def _as_data(proposal: Proposal, judgement: OrganisationJudgement | None) -> dict[str, Any]:
    total = proposal.prior
    parts = [{
        "comparison": "prior", "words": "how rarely two names that are compared at all are of one organisation",
        "weight": round(proposal.prior, 2), "sum": round(total, 2),
    }]  # fmt: skip
    for part in proposal.parts:
        total += part.weight
        parts.append({
            "comparison": part.comparison, "words": part.words, "weight": round(part.weight, 2), "sum": round(total, 2),
        })  # fmt: skip
    return {
        "id": proposal.id,
        "one": proposal.one,
        "other": proposal.other,
        "organisations": list(proposal.organisations),
        "weight": round(proposal.weight, 2),
        "probability": round(proposal.probability, 4),
        "parts": parts,
        "verdict": judgement.verdict if judgement else None,
        "kind": judgement.kind if judgement else None,
        "by_whom": judgement.by if judgement else None,
        "reason": judgement.reason if judgement else None,
    }
