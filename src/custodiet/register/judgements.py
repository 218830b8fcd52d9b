"""Judgements: what a reader decided about a proposal, in append-only files of one JSON object a line.

The package ships some (`judgements/`); a user's own file comes after them, and a later line about the same pair
replaces an earlier one. So every judgement can be undone by appending, and nothing is lost.
"""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from custodiet.model.errors import InputError
from custodiet.model.plain_yaml import first_fault

SHIPPED = Path(__file__).parent / "judgements"

OrganisationKind = Literal["same-organisation", "successor", "parent", "reseller-of"]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    release: str
    row: Annotated[int, Field(ge=1)]
    name: str
    id: str | None = None


class Judgement(BaseModel):
    """One decision: these two records are, or are not, the same use case."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    kind: Literal["same-use-case"] = "same-use-case"
    earlier: _Record
    later: _Record
    verdict: Literal["accept", "reject", "undo"]
    by: Annotated[str, Field(min_length=1)]
    date: dt.date
    reason: Annotated[str, Field(min_length=1)]

    @property
    def pair(self) -> tuple[tuple[str, int], tuple[str, int]]:
        """The two records that are judged."""
        return (self.earlier.release, self.earlier.row), (self.later.release, self.later.row)


class OrganisationJudgement(BaseModel):
    """One decision about two names of organisations, as they were published.

    They are one organisation (or, rejected, are not, whatever else says so), or `organisation` has `other` as its successor
    or parent, or is a reseller of it (or, rejected, does not, whatever our table of aliases says).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    kind: OrganisationKind
    organisation: Annotated[str, Field(min_length=1)]
    other: Annotated[str, Field(min_length=1)]
    since: dt.date | None = None
    verdict: Literal["accept", "reject", "undo"]
    by: Annotated[str, Field(min_length=1)]
    date: dt.date
    reason: Annotated[str, Field(min_length=1)]

    @property
    def pair(self) -> tuple[str, str, str]:
        """What is judged: the relation and the two names, which of one organisation have no order."""
        one, other = self.organisation, self.other
        if self.kind == "same-organisation":
            one, other = sorted((one, other))
        return self.kind, one, other


@dataclass(frozen=True)
class Judgements:
    """The judgements in force: of several about one pair, the last."""

    in_force: dict[tuple[tuple[str, int], tuple[str, int]], Judgement]
    organisations: dict[tuple[str, str, str], OrganisationJudgement] = field(default_factory=dict)


def judgement_files(own: Path) -> list[Path]:
    """Return the shipped files and the user's own, in the order in which they are read."""
    return [*sorted(SHIPPED.glob("*.jsonl")), *([own] if own.is_file() else [])]


def read_judgements(files: Iterable[Path]) -> Judgements:
    """Return the judgements in force.

    Raises:
        InputError: a line is no judgement.

    """
    found = Judgements({})
    for path in files:
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(f"{path.name}, byte {error.start}: not UTF-8; save the file as UTF-8.") from None
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip():
                continue
            try:
                judgement = _form_of(line).model_validate_json(line)
            except ValidationError as error:
                where, says = first_fault(error)
                raise InputError(
                    f"{path.name}, line {number}{', ' + where if where else ''}: {says}; mend the line, or take it out."
                ) from None
            in_force: dict[Any, Any] = found.in_force if isinstance(judgement, Judgement) else found.organisations
            if judgement.verdict == "undo":
                in_force.pop(judgement.pair, None)
            else:
                in_force[judgement.pair] = judgement
    return found


def _form_of(line: str) -> type[Judgement] | type[OrganisationJudgement]:
    """Return what a line is by its own word; a line that can't be read is left to complain as a judgement."""
    try:
        kind = json.loads(line)["kind"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return Judgement
    return OrganisationJudgement if kind in get_args(OrganisationKind) else Judgement


def append_judgement(path: Path, judgement: Judgement | OrganisationJudgement) -> None:
    """Add a line to a judgement file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(judgement.model_dump(mode="json", exclude_none=True), ensure_ascii=False)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(line + "\n")
