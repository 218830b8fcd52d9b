"""Which findings and use cases a question is about: an agency, a bureau, or all."""

import difflib
from dataclasses import dataclass, field
from typing import Any

from custodiet.model.errors import QuestionError
from custodiet.model.text import echo, fold_name
from custodiet.store import Register

# Shorter names are abbreviations.
LONG_NAME = 8


@dataclass(frozen=True)
class Scope:
    """A condition over the columns `agency` and `bureau`, with its parameters, and what was understood."""

    sql: str = "true"
    parameters: dict[str, Any] = field(default_factory=dict)
    # Offices that the words may mean, where they mean offices of several agencies.
    offices: tuple[str, ...] = ()


def resolve_scope(register: Register, agency: str | None, bureau: str | None) -> Scope:
    """Return the scope of an agency (a department or a bureau, by abbreviation or name) and a bureau.

    Raises:
        QuestionError: no inventory has such an agency or bureau, or the bureau is none of the agency's.

    """
    parts: list[str] = []
    parameters: dict[str, Any] = {}
    offices: list[tuple[str, str]] = []
    codes = _agencies(register, agency) if agency is not None else []
    if codes:
        parts.append("agency in (select unnest($agencies))")
        parameters["agencies"] = codes
    elif agency is not None:
        offices = _bureaus(register, agency, "agency or bureau")
        parts.append(_bureau_condition("agency_bureaus"))
        parameters["agency_bureaus"] = _pairs(offices)
    if bureau is not None:
        offices = _bureaus(register, bureau, "bureau")
        if codes:
            offices = [office for office in offices if office[0] in codes]
            if not offices:
                raise QuestionError(f"{echo(bureau)} is no bureau of {agency} in this register; mend one, or leave one out.")
        parts.append(_bureau_condition("bureaus"))
        parameters["bureaus"] = _pairs(offices)
    several = len({owner for owner, _ in offices}) > 1
    return Scope(" and ".join(parts) or "true", parameters, tuple(_pairs(offices)) if several else ())


def resolve_agency(register: Register, agency: str) -> str:
    """Return the code of a department or independent agency.

    Raises:
        QuestionError: no inventory has such an agency.

    """
    codes = _agencies(register, agency)
    if not codes:
        raise _unknown(register, agency, "department or independent agency", "select distinct folded from agency_names")
    return codes[0]


def missing_releases(register: Register) -> str:
    """Return a sentence about the sources that this register lacks inventories of, or nothing."""
    rows = register.rows(
        "select source, min(why) from releases where status <> 'read' and role = 'use-cases' group by source order by source"
    )
    return " Missing here: " + "; ".join(f"{source} ({why})" for source, why in rows) + "." if rows else ""


def _agencies(register: Register, name: str) -> list[str]:
    rows = register.rows("select distinct agency from agency_names where folded = $name", {"name": fold_name(name)})
    return sorted(code for (code,) in rows)


def _bureaus(register: Register, name: str, kind: str) -> list[tuple[str, str]]:
    rows = register.rows(
        "select distinct agency, bureau from bureau_names where folded = $name order by all", {"name": fold_name(name)}
    )
    if not rows:
        known = "select distinct folded from bureau_names"
        raise _unknown(
            register, name, kind, f"select distinct folded from agency_names union {known}" if "or" in kind else known
        )
    return [(agency, bureau) for agency, bureau in rows]


def _pairs(offices: list[tuple[str, str]]) -> list[str]:
    return sorted(f"{agency} {bureau}" for agency, bureau in offices)


def _bureau_condition(parameter: str) -> str:
    # A finding about a system that several bureaus share names them all: "CBP and ICE".
    return (
        f"list_has_any(list_transform(string_split(coalesce(bureau, ''), ' and '), lambda b: agency || ' ' || b) "
        f"|| [agency || ' ' || coalesce(bureau, '')], ${parameter}::varchar[])"
    )


def _unknown(register: Register, name: str, kind: str, known: str) -> QuestionError:
    names = [str(row[0]) for row in register.rows(known)]
    close = difflib.get_close_matches(fold_name(name), names, n=3, cutoff=0.75)
    spoken = [word.upper() if len(word) < LONG_NAME else word.title() for word in close]
    hint = f" Did you mean {', '.join(spoken)}?" if close else f" Try its abbreviation.{missing_releases(register)}"
    return QuestionError(f"{echo(name)} is no {kind} of this register.{hint}")
