"""Agencies and their bureaus: which of the names in the inventories mean the same office.

Only what the files' own spelling shows, and a short list written by hand (`agencies.yml`), is joined; nothing
here guesses.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Agency:
    """A department or independent agency."""

    code: str
    name: str


@dataclass(frozen=True)
class Bureau:
    """An office of an agency; `code` is its abbreviation where its file gives one, else its name."""

    code: str
    names: frozenset[str]


def fold_name(name: str) -> str:
    """Return a name as it is compared: lower case, single spaces, no trailing full stop."""
    return re.sub(r"\s+", " ", name.replace("\xa0", " ")).strip().rstrip(".").casefold()


@cache
def _listed() -> dict[str, Any]:
    path = Path(__file__).with_name("agencies.yml")
    listed: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return listed


@cache
def _by_name() -> dict[str, Agency]:
    found: dict[str, Agency] = {}
    for code, page in _listed().items():
        for name in (code, page["name"], *page.get("aliases", ())):
            found[fold_name(name)] = Agency(code, page["name"])
    return found


def resolve_agency(code: str, name: str) -> Agency:
    """Return the agency that a file calls by this code and name."""
    known = _by_name()
    listed = known.get(fold_name(code)) if code else None
    listed = listed or known.get(fold_name(name))
    return listed or Agency(code or name, name)


def agency_aliases() -> list[tuple[str, str]]:
    """Return (folded name, code) of every listed name of an agency."""
    return sorted((name, agency.code) for name, agency in _by_name().items())


@cache
def resolve_bureau(agency: str, published: str) -> Bureau:
    """Return the bureau that an agency's file calls so.

    Knows four spellings: "VHA: Veterans Health Administration", "Internal Revenue Service (IRS)", "HHS/NIH", and
    "Department of Justice / FBI". A list of several bureaus stays one office of its own.
    """
    text = re.sub(r"\s+", " ", published.replace("\xa0", " ")).strip()
    names = {text}
    code = text
    page = _listed().get(agency, {})
    for short, longer in page.get("bureaus", {}).items():
        if fold_name(text) in {fold_name(short), *map(fold_name, longer)}:
            return Bureau(short, frozenset({short, *longer}))
    prefixes = {fold_name(agency), fold_name(page.get("name", "")), *map(fold_name, page.get("aliases", ()))} - {""}
    head, slash, rest = text.partition("/")
    if slash and fold_name(head) in prefixes:
        code = rest.strip()
    elif found := re.fullmatch(r"([A-Z][A-Za-z&]{1,9}): (.+)", text):
        code = found[1]
        names |= {found[1], found[2]}
    elif found := re.fullmatch(r"(.+) \(([A-Z][A-Za-z&]{1,9})\)", text):
        code = found[2]
        names |= {found[1], found[2]}
    return Bureau(code, frozenset(names | {code}))
