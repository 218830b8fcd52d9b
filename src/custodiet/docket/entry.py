"""A paper that was served, as its receiver writes it down. It has no field for whom the paper seeks; the paper has that."""

import datetime as dt
import hashlib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from custodiet.docket.types import read_pack
from custodiet.model.errors import InputError
from custodiet.model.plain_yaml import first_fault
from custodiet.model.text import echo
from custodiet.sources.forms import read_form

Text = Annotated[str, Field(min_length=1, max_length=4000)]
YesNo = Literal["yes", "no", "unknown"]
DataKind = Literal["content", "records", "subscriber", "location", "biometrics", "device", "premises"]
Command = Literal["search", "arrest", "produce", "testify", "preserve", "disclose-in-emergency", "purchase"]
Breadth = Literal["geofence", "keyword", "tower", "all-records"]
# What stays when retention erases an entry: what a transparency report counts, and nothing that tells of a case.
KEPT = frozenset(
    {
        "type",
        "classified",
        "issuer",
        "issuer_kind_read",
        "received",
        "data",
        "accounts",
        "gag",
        "outcome",
        "step",
        "on",
        "decision",
    }
)
CHUNK = 1 << 20


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Verified(_Strict):
    """How the issuer was verified out of band: by whom, when, how, and where the contact came from."""

    by: Text
    on: dt.date
    how: Text
    contact: Literal["found-independently", "given-in-the-paper"]


class Gag(_Strict):
    """A bar on telling anybody: on what ground it stands, and until when."""

    ground: Literal["court-order", "statute", "request", "unknown"]
    authority: Text | None = None
    expires: dt.date | None = None


class RegulatorNotice(_Strict):
    """A notice to a regulator that a law asks for."""

    regulator: Text
    law: Text
    due: dt.date | None = None


class Request(_Strict):
    """One paper. What it does not say is left out, and shown as unknown."""

    # The file itself stays where it is; its hash goes into the log, computed from it or given by whoever keeps the paper.
    paper: Path | None = None
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    title: Text | None = None
    issuer: Text
    issuer_kind: Text | None = None
    signatory: Text | None = None
    signatory_title: Text | None = None
    signatory_role: Text | None = None
    signed: YesNo = "unknown"
    signature_date: dt.date | None = None
    form_number: Text | None = None
    authority: Text | None = None
    case: Text | None = None
    predicate: Text | None = None
    command: Command | None = None
    subject: Literal["named", "described", "none", "unknown"] = "unknown"
    place_described: YesNo = "unknown"
    records: Text | None = None
    data: tuple[DataKind, ...] = ()
    accounts: Annotated[int, Field(ge=0)] | None = None
    breadth: tuple[Breadth, ...] = ()
    range_from: dt.date | None = None
    range_to: dt.date | None = None
    received: dt.date
    received_by: Text | None = None
    service: Text | None = None
    addressed_to_us: YesNo = "unknown"
    return_date: dt.date | None = None
    execution_from: dt.date | None = None
    execution_until: dt.date | None = None
    gag: Gag | None = None
    verified: Verified | None = None
    # Of a renewed request to preserve: the number of the entry that it renews.
    renews: Annotated[int, Field(ge=1)] | None = None
    regulator_notice: RegulatorNotice | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        pack = read_pack()
        for name, given, known in (
            ("issuer_kind", self.issuer_kind, set(pack.issuer_kinds)),
            ("signatory_role", self.signatory_role, {*pack.signatory_roles, "none"}),
        ):
            if given is not None and given not in known:
                raise ValueError(f"{name}: {echo(given)} is none of {', '.join(sorted(known))}")
        for first, last in (("range_from", "range_to"), ("execution_from", "execution_until")):
            a, b = getattr(self, first), getattr(self, last)
            if a and b and b < a:
                raise ValueError(f"{last} is before {first}")
        return self

    def as_fields(self) -> dict[str, Any]:
        """Return what is stored of it: all that was said, without the place of the file."""
        return self.model_dump(mode="json", exclude_none=True, exclude_defaults=True, exclude={"paper"})


def read_request(path: Path, **changes: Any) -> Request:
    """Return a paper's entry from a YAML file; options given beside it take the place of what it says.

    A relative `paper` is looked for beside the file.

    Raises:
        InputError: the file can't be read, or is no entry.

    """
    said = read_form(path, "entry", "an entry as YAML") or {}
    if not isinstance(said, dict):
        raise InputError(f"{path.name}: an entry is a list of names and values; `custodiet docket sample` writes a model.")
    paper = said.get("paper")
    if isinstance(paper, str) and paper:
        said["paper"] = path.parent / Path(paper).expanduser()
    return make_request(said | changes, path.name)


def make_request(said: dict[str, Any], source: str) -> Request:
    """Return an entry from names and values.

    Raises:
        InputError: they are no entry.

    """
    try:
        return Request.model_validate(said)
    except ValidationError as error:
        where, says = first_fault(error, "the entry")
        raise InputError(f"{source}: {where}: {says.removeprefix('Value error, ')}; docs/docket.md has a model.") from None


def hash_paper(path: Path) -> str:
    """Return the SHA-256 of a paper's file.

    Raises:
        InputError: it can't be read.

    """
    found = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                found.update(chunk)
    except OSError as error:
        raise InputError(f"{path}: the paper can't be read ({error.strerror}); name its file as `paper`.") from None
    return found.hexdigest()
