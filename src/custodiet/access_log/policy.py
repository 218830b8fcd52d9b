"""What an agency's own policy demands, as a YAML file that its reader writes (docs/access-logs.md has a model)."""

import datetime as dt
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from custodiet.access_log.lexicons import read_lexicons
from custodiet.access_log.words import FIELDS
from custodiet.model.errors import InputError
from custodiet.model.plain_yaml import first_fault
from custodiet.sources.forms import read_form


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sharing(_Strict):
    """With whom the policy lets the agency share."""

    other_states: bool = True
    federal: bool = True
    private: bool = True


class Audits(_Strict):
    """Audits of searches: how often they are due, and when they were done."""

    every_months: Annotated[int, Field(ge=1, le=120)]
    done: tuple[dt.date, ...] = ()

    def count(self, first: dt.date, last: dt.date) -> dict[str, int]:
        """Return audits done within a period of days, and those due in it: one a full interval."""
        months = (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
        return {"done": sum(first <= day <= last for day in self.done), "due": months // self.every_months}


class Policy(_Strict):
    """An agency's policy, as far as a log can be compared with it."""

    agency: str | None = None
    source: str | None = None
    in_force_from: dt.date | None = None
    retention_days: Annotated[int, Field(ge=0, le=36_500)] | None = None
    # Lexicons whose words the policy forbids as a purpose.
    forbidden_purposes: tuple[str, ...] = ()
    required_fields: tuple[str, ...] = ()
    sharing: Sharing | None = None
    audits: Audits | None = None
    withheld_by_letter: tuple[str, ...] = ()


def read_policy(path: Path) -> Policy:
    """Return a policy.

    Raises:
        InputError: the file is no policy.

    """
    try:
        policy = Policy.model_validate(read_form(path, "policy", "a policy file with `--policy FILE`") or {})
    except ValidationError as error:
        where, says = first_fault(error, "the page")
        raise InputError(f"{path.name}: {where}: {says}; docs/access-logs.md has a model.") from None
    lexicons = {lexicon.id for lexicon in read_lexicons()}
    for given, known, place in (
        (policy.forbidden_purposes, lexicons, "forbidden_purposes"),
        (policy.required_fields, set(FIELDS), "required_fields"),
        (policy.withheld_by_letter, set(FIELDS), "withheld_by_letter"),
    ):
        if strange := [name for name in given if name not in known]:
            raise InputError(f"{path.name}: {place}: {strange[0]!r} is none of {', '.join(sorted(known))}.")
    return policy
