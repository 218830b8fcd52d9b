"""Profiles: which exact headers of a released file are which canonical columns.

A profile is a page of YAML. `profiles/` has those that are known; anybody can write one for another form and give it
with `--profile FILE` (docs/access-logs.md shows how).
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from custodiet.access_log.privacy import show_name
from custodiet.access_log.words import COLUMNS, EVENT_COLUMNS, SHARING_COLUMNS, TIME_FORMS, Kind
from custodiet.model.errors import InputError
from custodiet.model.plain_yaml import first_fault
from custodiet.model.text import tidy
from custodiet.sources.forms import read_form

HERE = Path(__file__).parent / "profiles"
FIELDS: dict[Kind, frozenset[str]] = {
    "searches": frozenset(COLUMNS), "events": frozenset(EVENT_COLUMNS), "sharing": frozenset(SHARING_COLUMNS),
}  # fmt: skip
LEFT_OUT = "left-out"


class Profile(BaseModel):
    """One form of released file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: str
    kind: Kind = "searches"
    # Where this form was seen, and whether its headers were read in a file or a document, or inferred from a description.
    seen: str = "given by the user"
    evidence: Literal["read", "inferred"] = "read"
    # Names of TIME_FORMS, or formats of DuckDB's strptime.
    times: tuple[str, ...] = ("flock", "portal", "plain", "plain-t", "american")
    # Of a written time that doesn't say: UTC, or the agency's own.
    zone: Literal["UTC", "local"] = "local"
    # Header to canonical column, or `left-out`; in the order of export.
    columns: dict[str, str]
    optional: tuple[str, ...] = ()
    # Canonical columns that must be there, where the headers are alternatives to each other.
    required: tuple[str, ...] = ()
    # Headers are compared without case.
    folded: bool = False
    # Canonical columns that the agency's letter says it left out.
    withheld_by_letter: tuple[str, ...] = ()

    @property
    def time_formats(self) -> tuple[str, ...]:
        """DuckDB's formats of a written time, in the order in which they are tried."""
        return tuple(one for name in self.times for one in (TIME_FORMS[name][0] if name in TIME_FORMS else (name,)))

    def column_of(self, header: str) -> str | None:
        """Return the canonical column of a header, or None where the profile has no such header."""
        name = tidy(header).casefold() if self.folded else tidy(header)
        return self.columns.get(name)


@dataclass(frozen=True)
class Fit:
    """A file's headers under a profile: each column's canonical name, or None where it is left out."""

    profile: Profile
    columns: tuple[str | None, ...]
    unknown: tuple[str, ...]
    has_header: bool = True


def read_profiles() -> list[Profile]:
    """Return the profiles that ship with Custodiet, in a stable order."""
    return [read_profile(path) for path in sorted(HERE.glob("*.yml"))]


def read_profile(path: Path) -> Profile:
    """Return one profile.

    Raises:
        InputError: the page is no profile.

    """
    try:
        profile = Profile.model_validate(read_form(path, "profile", "a profile's YAML file"))
    except ValidationError as error:
        where, says = first_fault(error, "the page")
        raise InputError(f"{path.name}: {where}: {says}; docs/access-logs.md shows a profile.") from None
    known = FIELDS[profile.kind] | {LEFT_OUT}
    for header, column in profile.columns.items():
        if column not in known:
            raise InputError(f"{path.name}: {header!r} is {column!r}, which is none of {', '.join(sorted(known))}.")
    for name in profile.times:
        if name not in TIME_FORMS and "%" not in name:
            raise InputError(f"{path.name}: times: {name!r} is none of {', '.join(TIME_FORMS)}, and no format.")
    for name in profile.optional:
        if name not in profile.columns:
            raise InputError(f"{path.name}: optional: {name!r} is none of the profile's columns.")
    return profile


def find_profile(given: Path) -> Profile:
    """Return the profile of a file, or the shipped one of this id.

    Raises:
        InputError: there is neither, or the file is no profile.

    """
    shipped = HERE / f"{given}.yml"
    return read_profile(shipped if not given.exists() and given.name == str(given) and shipped.is_file() else given)


def choose_profile(headers: Sequence[str], profiles: Sequence[Profile], shown: str) -> Fit | None:
    """Return the profile that fits a row of headers best, or None where none does.

    Of several that fit, the one that knows most of the headers is meant. Headers that it doesn't know are left out, and
    told; a profile that knows fewer than it doesn't is no fit.

    Raises:
        InputError: two columns would be the same one, or two profiles fit equally well.

    """
    fits = [fit for profile in profiles if (fit := _fit(headers, profile)) is not None]
    exact = [fit for fit in fits if not fit.profile.folded] or fits
    if not exact:
        return None
    best = max(_score(fit) for fit in exact)
    chosen = [fit for fit in exact if _score(fit) == best]
    if len(chosen) > 1 and len({fit.columns for fit in chosen}) > 1:
        names = ", ".join(fit.profile.id for fit in chosen)
        raise InputError(f"{shown}: the profiles {names} fit its headers equally well; choose one with `--profile`.")
    fit = chosen[0]
    taken: dict[str, int] = {}
    for position, name in enumerate(fit.columns):
        if name is not None and name in taken:
            raise InputError(
                f"{shown}, columns {taken[name] + 1} and {position + 1}: both would be {name!r}, which is ambiguous; "
                "say which it is in a profile of your own, with `--profile FILE`."
            )
        if name is not None:
            taken[name] = position
    return fit


def fit_headerless(first_row: Sequence[str], profiles: Sequence[Profile], shown: str) -> Fit | None:
    """Return the profile of a file without a header, by the shapes of its first row's cells, or None where none fits.

    A profile is tried with its optional columns, and without some of them.

    Raises:
        InputError: several fit, and would read different things.

    """
    fits = {}
    for profile in profiles:
        # Headers that are alternatives to each other have no order.
        if profile.kind != "searches" or profile.required:
            continue
        for left_out in _subsets(profile.optional, len(profile.columns) - len(first_row)):
            columns = tuple(name for header, name in profile.columns.items() if header not in left_out)
            if _has_shapes(first_row, columns):
                kept = tuple(None if name == LEFT_OUT else name for name in columns)
                fits[kept] = Fit(profile, kept, (), has_header=False)
    if len(fits) > 1:
        names = ", ".join(dict.fromkeys(fit.profile.id for fit in fits.values()))
        raise InputError(f"{shown}: has no header, and several profiles fit ({names}); choose one with `--profile`.")
    return next(iter(fits.values()), None)


def _subsets(optional: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    return itertools.combinations(optional, size) if size >= 0 else iter(())


def _fit(headers: Sequence[str], profile: Profile) -> Fit | None:
    found = [profile.column_of(header) for header in headers]
    names = {tidy(header).casefold() if profile.folded else tidy(header) for header in headers}
    required = set() if profile.required else set(profile.columns) - set(profile.optional)
    if required - names or set(profile.required) - set(found):
        return None
    unknown = tuple(
        show_name(header, f"column {number}")
        for number, (header, name) in enumerate(zip(headers, found, strict=True), start=1)
        if name is None and header.strip()
    )
    known = sum(name is not None for name in found)
    if known < len(unknown):
        return None
    return Fit(profile, tuple(None if name == LEFT_OUT else name for name in found), unknown)


def _score(fit: Fit) -> tuple[int, int]:
    return sum(name is not None for name in fit.columns), -len(fit.unknown)


_TIME_SHAPE = re.compile(r"\d{1,4}[/-]\d{1,2}[/-]\d{1,4}\D.*\d{1,2}:\d{2}.*", re.DOTALL)
_DAY_SHAPE = re.compile(r"\d{1,4}[/-]\d{1,2}[/-]\d{1,4}")
_CLOCK_SHAPE = re.compile(r"\d{1,2}:\d{2}.*")
_COUNT_SHAPE = re.compile(r"\d+|\d{1,3}(,\d{3})+")
_ID_SHAPE = re.compile(r"(?=.*\d)[0-9A-Za-z-]{6,}")


def _has_shapes(cells: Sequence[str], columns: Sequence[str]) -> bool:
    """Tell whether a row's times, counts, ID and organisation stand where columns have them, and at least one time does."""
    placed = [(cell.strip(), name) for cell, name in zip(cells, columns, strict=True) if cell.strip()]
    roles = [(cell, COLUMNS[name].role if name in COLUMNS else "text", name) for cell, name in placed]
    is_split = "date" in columns
    times = [(cell, name) for cell, role, name in roles if role in ("time", "window")]
    shapes = {"date": _DAY_SHAPE, "time": _CLOCK_SHAPE if is_split else _TIME_SHAPE}
    return (
        any(times)
        and all(shapes.get(name, _TIME_SHAPE).fullmatch(cell) for cell, name in times)
        and all(_COUNT_SHAPE.fullmatch(cell) for cell, role, _ in roles if role == "count")
        and all(_ID_SHAPE.fullmatch(cell) for cell, role, _ in roles if role == "id")
        and all(not _TIME_SHAPE.match(cell) for cell, role, _ in roles if role == "text")
        and all(not cell.isdecimal() for cell, _, name in roles if name == "organisation")
    )
