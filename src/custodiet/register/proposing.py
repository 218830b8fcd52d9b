"""Propose which organisations may be one, by the model, and keep what it said until its inputs change.

A build never does this: it takes seconds, and a proposal is nothing before somebody judges it.
"""

import hashlib
import json
import os
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from custodiet.organisations import features, model, names
from custodiet.organisations.features import Known, describe_names
from custodiet.organisations.model import Part, Scored, Trained, read_trained, score_pairs
from custodiet.organisations.names import plain_name
from custodiet.register.organisations import identified_names
from custodiet.store import Register


@dataclass(frozen=True)
class Proposal:
    """Two names whose organisations may be one, or related: the score in bits, as a probability, and its parts."""

    id: str
    one: str
    other: str
    organisations: tuple[str, str]
    weight: float
    probability: float
    prior: float
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Proposed:
    """All proposals, best first, and whether they had to be computed."""

    proposals: tuple[Proposal, ...]
    computed: bool


def proposal_id(one: str, other: str) -> str:
    """Return the id of a pair of names, in whichever order."""
    return "o" + hashlib.sha256("\n".join(sorted((one, other))).encode()).hexdigest()[:7]


def propose(register: Register, cache: Path) -> Proposed:
    """Return the proposals for a register, from the file in `cache` if its names, evidence and the model are the same.

    Two names are proposed that the register has in two organisations, that no relation joins, and that score at least the
    model's floor; of two organisations only the names that score highest.
    """
    inputs = _inputs(register)
    digest = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode())
    for part in (features, model, names):
        digest.update(Path(str(part.__file__)).read_bytes())
    digest.update(model.TRAINED.read_bytes())
    path = cache / "organisations" / f"{digest.hexdigest()[:32]}.json"
    if (kept := _read(path)) is not None:
        return Proposed(kept, computed=False)
    found = _propose(inputs, read_trained())
    _write(path, found)
    return Proposed(found, computed=True)


def _inputs(register: Register) -> dict[str, Any]:
    """Return, as plain lists, each name with its organisation, awards and identifiers, and the related organisations."""
    rows = register.rows("select name, organisation from organisation_names order by organisation, name")
    known: dict[str, tuple[str, str]] = {}
    for name, organisation in rows:
        # One spelling stands for all that are compared alike.
        known.setdefault(plain_name(name), (name, organisation))
    awards: dict[str, set[str]] = defaultdict(set)
    for name, award in register.rows(
        """
        select distinct recipient, award_key from transactions
        where recipient_kind = 'organisation' and award_key in (
          select award_key from transactions where recipient_kind = 'organisation' and award_key is not null
          group by award_key having count(distinct recipient) > 1)
        """
    ):
        awards[plain_name(name)].add(award)
    ueis: dict[str, set[str]] = defaultdict(set)
    for scheme, id_, name in identified_names(register):
        if scheme == "uei":
            ueis[plain_name(name)].add(id_)
    parents: dict[str, set[str]] = defaultdict(set)
    for table in ("vendor_names", "award_summaries", "subawards"):
        for uei, parent in register.rows(
            f"select distinct uei, parent_uei from {table} where uei is not null and parent_uei is not null"
        ):
            parents[uei].add(parent)
    related = register.rows(
        "select distinct least(organisation, other), greatest(organisation, other) from organisation_relations order by all"
    )
    return {
        "names": [
            [
                name, organisation, sorted(awards[plain]), sorted(ueis[plain]),
                sorted({parent for uei in ueis[plain] for parent in parents[uei]}),
            ]
            for plain, (name, organisation) in sorted(known.items())
        ],
        "related": [list(pair) for pair in related],
    }  # fmt: skip


def _propose(inputs: Mapping[str, Any], trained: Trained) -> tuple[Proposal, ...]:
    organisations = {name: organisation for name, organisation, *_ in inputs["names"]}
    known = [Known(name, tuple(awards), tuple(ueis), tuple(up)) for name, _, awards, ueis, up in inputs["names"]]
    settled = {tuple(pair) for pair in inputs["related"]}
    found = []
    for scored in score_pairs(describe_names(known), trained, trained.floor):
        one, other = sorted((organisations[scored.one], organisations[scored.other]))
        if one == other or (one, other) in settled:
            continue
        settled.add((one, other))
        found.append(_proposal(scored, (organisations[scored.one], organisations[scored.other]), trained))
    return tuple(found)


def _proposal(scored: Scored, pair: tuple[str, str], trained: Trained) -> Proposal:
    return Proposal(
        proposal_id(scored.one, scored.other), scored.one, scored.other, pair, round(scored.weight, 4),
        round(scored.probability, 6), round(trained.prior_weight, 4),
        tuple(Part(part.comparison, part.level, part.words, round(part.weight, 4)) for part in scored.parts),
    )  # fmt: skip


def _read(path: Path) -> tuple[Proposal, ...] | None:
    """Return what was kept; a file that can't be read is as good as none."""
    try:
        rows = json.loads(path.read_text("utf-8"))
        return tuple(
            Proposal(**{
                **row, "organisations": tuple(row["organisations"]), "parts": tuple(Part(**part) for part in row["parts"]),
            })
            for row in rows
        )  # fmt: skip
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _write(path: Path, found: tuple[Proposal, ...]) -> None:
    """Write the file whole or not at all; a cache that can't be written costs seconds next time, and nothing else."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump([asdict(proposal) for proposal in found], stream, ensure_ascii=False)
        Path(name).replace(path)
    except OSError:
        return
