"""The table of names and relations that were decided by reading, each with its source (`aliases.yml`)."""

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from custodiet.model.errors import InputError
from custodiet.model.plain_yaml import YamlError, first_fault, load_yaml

HERE = Path(__file__).with_name("aliases.yml")

RelationKind = Literal["successor", "parent", "reseller-of"]


class _Sourced(BaseModel):
    """One decision with what shows it: an award, a claim of the catalogue, or an official record's address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    because: Annotated[str, Field(min_length=1)]
    # The award's key; `words` stand in the description of the action that shows it, where the names alone do not.
    award: str | None = None
    words: str | None = None
    claim: str | None = None
    url: str | None = None

    @model_validator(mode="after")
    def _has_one_source(self) -> "_Sourced":
        if sum(source is not None for source in (self.award, self.claim, self.url)) != 1:
            raise ValueError("give one source: `award`, `claim` or `url`")
        if self.words and not self.award:
            raise ValueError("`words` are those of an award's action; name the `award`")
        return self


class Same(_Sourced):
    """Names of one organisation, the latest last."""

    names: Annotated[tuple[str, ...], Field(min_length=2)]


class Relation(_Sourced):
    """`organisation` has `other` as its successor or parent, or is a reseller of it.

    `since` is the day of the award's action that shows it, unless it is given.
    """

    organisation: str
    relation: RelationKind
    other: str
    since: dt.date | None = None
    until: dt.date | None = None


class Aliases(BaseModel):
    """The whole table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    same: tuple[Same, ...] = ()
    relations: tuple[Relation, ...] = ()


@cache
def read_aliases(path: Path = HERE) -> Aliases:
    """Return the table.

    Raises:
        InputError: an entry has a field that it should not have, or lacks its source.

    """
    try:
        return Aliases.model_validate(load_yaml(path.read_text("utf-8")))
    except YamlError as error:
        raise InputError(f"{path.name}{error.place}: {error.problem}; mend it there.") from None
    except ValidationError as error:
        where, says = first_fault(error)
        raise InputError(f"{path.name}, {where}: {says}; mend the entry.") from None
