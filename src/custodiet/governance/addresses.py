"""Where a records request goes, and how far the address can be trusted on a day."""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from custodiet.governance.packs.schema import Strict
from custodiet.governance.records_laws import PACK
from custodiet.model.errors import PackError
from custodiet.model.plain_yaml import first_fault
from custodiet.sources.forms import read_form

# Half a year: in 2025 an office closed its mailbox from one day to the next.
STALE_AFTER = 180


class Against(Strict):
    """What speaks against a route."""

    says: str
    as_of: dt.date
    source: str


class Route(Strict):
    """One way to an office, with the day as of which its source says so (None: the source bears none)."""

    by: Literal["portal", "post", "email", "fax"]
    to: str
    source: str
    says: str
    as_of: dt.date | None = None
    against: tuple[Against, ...] = ()


class Office(Strict):
    """An office that takes requests."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    name: str
    agency: str
    bureau: str | None = None
    law: str
    routes: Annotated[tuple[Route, ...], Field(min_length=1)]


@dataclass(frozen=True)
class Address:
    """A route as it may be printed on a day: with everything that its reader must be warned of."""

    route: Route
    warnings: tuple[str, ...]

    @property
    def text(self) -> str:
        """The address with its warnings; a route with nothing to warn of stands with its day and source."""
        since = f"as of {self.route.as_of}" if self.route.as_of else "undated"
        shown = f"{self.route.to} (by {self.route.by}; {since}; {self.route.source})"
        return f"CHECK BEFORE SENDING: {shown} {' '.join(self.warnings)}" if self.warnings else shown

    def as_record(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "by": self.route.by, "to": self.route.to, "as_of": self.route.as_of, "source": self.route.source,
            "warnings": list(self.warnings), "text": self.text,
        }  # fmt: skip


def read_offices(path: Path) -> tuple[Office, ...]:
    """Return the offices of an address file.

    Raises:
        PackError: the file can't be read or does not hold together.

    """
    try:
        return TypeAdapter(tuple[Office, ...]).validate_python(
            read_form(path, "file", "the file of addresses", error=PackError)
        )
    except ValidationError as error:
        where, says = first_fault(error, "file")
        raise PackError(f"{path.name}: {where}: {says}; mend the file.") from None


@lru_cache(maxsize=1)
def load_offices() -> tuple[Office, ...]:
    """Return the offices that the package ships."""
    return read_offices(PACK / "addresses.yml")


def find_office(agency: str | None, bureau: str | None) -> Office | None:
    """Return the office of a bureau, or that of its agency, or None where the pack has neither."""
    for wanted in (bureau, None):
        for office in load_offices():
            if office.agency == agency and office.bureau == wanted:
                return office
    return None


def addresses_of(office: Office, as_of: dt.date, stale_after: int = STALE_AFTER) -> tuple[Address, ...]:
    """Return an office's routes as they may be printed on a day, those with the fewest warnings first."""
    found = [Address(route, _warn(route, as_of, stale_after)) for route in office.routes]
    return tuple(sorted(found, key=lambda address: len(address.route.against)))


def _warn(route: Route, as_of: dt.date, stale_after: int) -> tuple[str, ...]:
    warnings = []
    if route.as_of is None:
        warnings.append("Its source bears no day; it may be out of date.")
    elif (age := (as_of - route.as_of).days) > stale_after:
        warnings.append(f"It is {age} days old; it may be out of date.")
    warnings += [f"Against it: {each.says} ({each.source}, {each.as_of}.)" for each in route.against]
    return tuple(warnings)
