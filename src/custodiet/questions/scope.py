"""Which findings and use cases a question is about: an agency, a bureau, or all."""

import difflib
import re
from dataclasses import dataclass, field
from typing import Any

from custodiet.model.errors import QuestionError
from custodiet.store import Register


@dataclass(frozen=True)
class Scope:
    """A condition over the columns `agency` and `bureau`, with its parameters."""

    sql: str = "true"
    parameters: dict[str, Any] = field(default_factory=dict)


def fold(name: str) -> str:
    """Return a name as the register's tables of names have it."""
    return re.sub(r"\s+", " ", name.replace("\xa0", " ")).strip().rstrip(".").casefold()


def resolve_scope(register: Register, agency: str | None, bureau: str | None) -> Scope:
    """Return the scope of an agency (a department or a bureau, by abbreviation or name) and a bureau.

    Raises:
        QuestionError: no inventory has such an agency or bureau.

    """
    parts, parameters = [], {}
    if agency is not None:
        codes = _agencies(register, agency)
        if codes:
            parts.append("agency in (select unnest($agencies))")
            parameters["agencies"] = codes
        else:
            parts.append(_bureau_condition("agency_bureaus"))
            parameters["agency_bureaus"] = _bureaus(register, agency, "agency or bureau")
    if bureau is not None:
        parts.append(_bureau_condition("bureaus"))
        parameters["bureaus"] = _bureaus(register, bureau, "bureau")
    return Scope(" and ".join(parts) or "true", parameters)


def resolve_agency(register: Register, agency: str) -> str:
    """Return the code of a department or independent agency."""
    codes = _agencies(register, agency)
    if not codes:
        raise _unknown(register, agency, "agency", "select distinct agency from agency_names")
    return codes[0]


def _agencies(register: Register, name: str) -> list[str]:
    rows = register.rows("select distinct agency from agency_names where folded = $name", {"name": fold(name)})
    return sorted(code for (code,) in rows)


def _bureaus(register: Register, name: str, kind: str) -> list[str]:
    rows = register.rows(
        "select distinct agency || ' ' || bureau from bureau_names where folded = $name", {"name": fold(name)}
    )
    if not rows:
        raise _unknown(
            register,
            name,
            kind,
            "select distinct agency from agency_names union select distinct bureau from bureau_names",
        )
    return sorted(pair for (pair,) in rows)


def _bureau_condition(parameter: str) -> str:
    # A finding about a system that several bureaus share names them all: "CBP and ICE".
    return (
        f"list_has_any(list_transform(string_split(coalesce(bureau, ''), ' and '), lambda b: agency || ' ' || b) "
        f"|| [agency || ' ' || coalesce(bureau, '')], ${parameter}::varchar[])"
    )


def _unknown(register: Register, name: str, kind: str, known: str) -> QuestionError:
    names = [str(row[0]) for row in register.rows(known)]
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f" Did you mean {', '.join(close)}?" if close else " `custodiet sources` lists what was read."
    return QuestionError(f"{name!r} is no {kind} of this register.{hint}")
