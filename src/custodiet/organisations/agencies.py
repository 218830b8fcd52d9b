"""Agencies and their bureaus: which of the names in the inventories mean the same office.

Only what the files' own spelling shows, and a short list written by hand (`agencies.yml`), is joined; nothing
here guesses.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from custodiet.model.plain_yaml import load_yaml
from custodiet.model.text import fold_name, tidy


@dataclass(frozen=True)
class Agency:
    """A department or independent agency."""

    code: str
    name: str


@dataclass(frozen=True)
class Bureau:
    """An office of an agency; `code` is its abbreviation where its file gives one, else its name.

    `names` are all names that mean it, or an office that it belongs to: "FDA/CDER" answers to FDA as well.
    """

    code: str
    names: frozenset[str]


@cache
def _listed() -> dict[str, Any]:
    path = Path(__file__).with_name("agencies.yml")
    listed: dict[str, Any] = load_yaml(path.read_text("utf-8"))
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


def spoken_names(agency: Agency) -> set[str]:
    """Return the folded names by which people ask for an agency: "Department of Justice" is Justice, too."""
    names = {agency.code, agency.name, f"U.S. {agency.name}", f"US {agency.name}"}
    if found := re.fullmatch(r"Department of (?:the )?(.+)", agency.name):
        names |= {found[1], f"{found[1]} Department", f"Dept of {found[1]}", f"U.S. Department of {found[1]}"}
    return {fold_name(name) for name in names if name}


@cache
def resolve_bureau(agency: str, published: str) -> Bureau:
    """Return the bureau that an agency's file calls so.

    Knows these spellings: "VHA: Veterans Health Administration", "Internal Revenue Service (IRS)", "CENSUS - U.S. Census
    Bureau", "HHS/NIH", "Department of Justice / FBI", and the hand-written names in `agencies.yml`. A list of several
    bureaus stays one office of its own.
    """
    text = tidy(published)
    page = _listed().get(agency, {})
    prefixes = {fold_name(agency), fold_name(page.get("name", "")), *map(fold_name, page.get("aliases", ()))} - {""}
    head, slash, rest = text.partition("/")
    code = rest.strip() if slash and fold_name(head) in prefixes else text
    names = {text, code}
    for pattern in (
        r"(?P<short>[A-Z][A-Za-z&]{1,9}): (?P<long>.+)",
        r"(?P<long>.+) \((?P<short>[A-Z][A-Za-z&]{1,9})\)",
        r"(?P<short>[A-Z][A-Z&]{1,9}) - (?P<long>.+)",
    ):
        if found := re.fullmatch(pattern, code):
            code = found["short"]
            names |= {found["short"], found["long"]}
            break
    for short, longer in page.get("bureaus", {}).items():
        if {fold_name(name) for name in names} & {fold_name(short), *map(fold_name, longer)}:
            return Bureau(short, frozenset({short, *longer, *names}))
    # An office of an office: "FDA/CDER", "JMD / OCDETF", "FAA AJO".
    if found := re.match(r"([A-Z][A-Za-z&]{1,9})(?: ?/ ?| (?=[A-Z]{2,5}$))", code):
        names |= {found[1], *page.get("bureaus", {}).get(found[1], ())}
    return Bureau(code, frozenset(names))
