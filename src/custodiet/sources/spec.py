"""The form of a `source.yml`: who publishes what, where, under which hash, and what each column is."""

import datetime as dt
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from custodiet.model.errors import InputError
from custodiet.model.plain_yaml import YamlError, first_fault, load_yaml

HERE = Path(__file__).parent

Kind = Literal["text", "choice", "choices", "date", "link", "identity"]


class Strict(BaseModel):
    """A frozen part of a source's description that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(Strict):
    """One column of a form: taken as a field, or left out for a stated reason."""

    header: str
    field: str | None = None
    kind: Kind = "text"
    # Which cases the form puts the question to; a name in inventories/applicability.py.
    asked_of: str = "all"
    left_out: str | None = None
    # A column that may name a person is dropped by the parser: not even the raw table has it.
    personal: bool = False
    # Some states of the layout lack the column: older ones, or ones that were asked for fewer fields.
    optional: bool = False

    @model_validator(mode="after")
    def _is_taken_or_left(self) -> "Column":
        if (self.field is None) == (self.left_out is None):
            raise ValueError(f"column {self.header!r}: name its field, or say why it is left out")
        if self.personal and self.left_out is None:
            raise ValueError(f"column {self.header!r}: a personal column is left out")
        return self


class Form(Strict):
    """The columns of a release, in their order."""

    year: int | None = None
    columns: tuple[Column, ...]
    # For files of hundreds of columns: why all others are left out, and which of them may name or place a person.
    others: str | None = None
    personal: tuple[str, ...] = ()
    # Records a page, where the file was joined from pages of an API: a fetch that broke off leaves whole pages.
    page: int | None = None
    # Records at which the publisher's own download stops, where it has such a limit.
    limit: int | None = None

    def describe_other(self, header: str) -> Column | None:
        """Return what a column that the form does not list is, or None where the form lists all."""
        if self.others is None:
            return None
        is_personal = any(re.search(pattern, header) for pattern in self.personal)
        why = "may name or place a person" if is_personal else self.others
        return Column(header=header, left_out=why, personal=is_personal)


class Assertions(Strict):
    """What a release must hold; a release that does not is not read."""

    rows: int
    # Share of records (0 to 1) in which a field is neither blank nor missing, at least.
    filled: dict[str, float] = Field(default_factory=dict)
    # Number of distinct values that a field has, exactly.
    distinct: dict[str, int] = Field(default_factory=dict)


class Query(Strict):
    """What a publisher was asked for: everything of an agency from one day to another, both included."""

    # As our tables call it; None is every agency.
    agency: str | None = None
    since: dt.date
    until: dt.date


Role = Literal[
    "use-cases", "common-commercial", "transactions", "transaction-history", "award-summaries", "subawards", "notices",
    "solicitations", "vendor-names",
]  # fmt: skip
FileKind = Literal["csv", "xlsx", "tsv", "pages", "zip"]


class Layout(Strict):
    """A form in which files of a source come that no release pins; `custodiet add` recognises it by its columns."""

    form: str
    role: Role


class Release(Strict):
    """One file of a source. Pinned by its `source.yml`; or a user's own, kept in the data folder: then `retrieved` is set."""

    release: str
    folder: str
    file: str
    # None: no official address gives this very file; it comes from a mirror or not at all.
    url: str | None
    commit: str | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    published: dt.date | None
    # The last day on which the publisher is known to have collected what it published, where that is later.
    collected: dt.date | None = None
    covers: str
    layout: FileKind
    encoding: str = "utf-8"
    sheet: str | None = None
    # Sheet rows above the first data record, header included.
    header_row: int = 1
    form: str
    role: Role = "use-cases"
    assertions: Assertions
    retrieved: dt.datetime | None = None
    # What was asked for, where that is known. Only then does it follow from a complete release what does not exist.
    query: Query | None = None
    # How many records the publisher itself counts for the query.
    counted: int | None = None

    @property
    def is_own(self) -> bool:
        """Tell whether a user added or fetched it, rather than a source pinning it."""
        return self.retrieved is not None


class SourceSpec(Strict):
    """A publisher's series of files."""

    id: str
    title: str
    publisher: str
    licence: str
    about: str
    # Agencies whose own publication this is; their cells come before a consolidator's.
    primary_for: tuple[str, ...] = ()
    # Where `custodiet fetch` asks, and the environment variable that leads it elsewhere.
    api: str | None = None
    layouts: tuple[Layout, ...] = ()
    releases: tuple[Release, ...]


def _load(path: Path) -> Any:
    try:
        return load_yaml(path.read_text("utf-8"))
    except YamlError as error:
        raise InputError(f"{path.parent.name}/{path.name}{error.place}: {error.problem}; mend it there.") from None


def read_specs(folder: Path = HERE) -> list[tuple[SourceSpec, Path]]:
    """Return every source's description with its folder, in the order of their ids.

    Raises:
        InputError: a `source.yml` has a field that it should not, or lacks one that it needs.

    """
    found = []
    for path in sorted(folder.glob("*/source.yml")):
        try:
            found.append((SourceSpec.model_validate(_load(path)), path.parent))
        except ValidationError as error:
            where, says = first_fault(error)
            raise InputError(f"{path.parent.name}/source.yml: {where}: {says}.") from None
    return sorted(found, key=lambda pair: pair[0].id)


def read_form(folder: Path, name: str) -> Form:
    """Return the form `name` of the source in `folder`."""
    try:
        return Form.model_validate(_load(folder / f"{name}.yml"))
    except ValidationError as error:
        where, says = first_fault(error)
        raise InputError(f"{folder.name}/{name}.yml: {where}: {says}.") from None
