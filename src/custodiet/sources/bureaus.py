"""What publishers of contracts and notices call an office, and what our tables call it."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from custodiet.model.plain_yaml import load_yaml
from custodiet.model.text import fold_name


@dataclass(frozen=True)
class Office:
    """A department or bureau: our short name for it, and the publishers' names."""

    short: str
    name: str
    # The department that it belongs to; None where it is one.
    department: str | None = None
    # Its code as an awarding sub-agency, and its slug in the Federal Register.
    code: str | None = None
    federal_register: str | None = None


@cache
def offices() -> dict[str, Office]:
    """Return every listed office by its folded short name, its folded name and its code."""
    listed = load_yaml(Path(__file__).with_name("bureaus.yml").read_text("utf-8"))
    found: dict[str, Office] = {}
    for short, page in listed.items():
        office = Office(short=short, **page)
        found |= {fold_name(short): office, fold_name(office.name): office}
        if office.code:
            found[office.code] = office
    return found


@cache
def short_name(published: str) -> str:
    """Return what our tables call the office that a publisher calls so (by name or code); an unknown one keeps its name."""
    office = offices().get(fold_name(published))
    return office.short if office else published


def bureau_names() -> list[str]:
    """Return the short names of the listed bureaus whose contracts can be asked for."""
    return sorted({office.short for office in offices().values() if office.code})


def is_office(name: str) -> bool:
    """Tell whether a name is listed, or can be an office's whole name; a single word that is not listed is none."""
    return fold_name(name) in offices() or " " in name.strip()


def find_office(name: str) -> Office:
    """Return the office that a person asks for; one that is not listed is taken by the name as it stands."""
    return offices().get(fold_name(name)) or Office(short=name, name=name)
