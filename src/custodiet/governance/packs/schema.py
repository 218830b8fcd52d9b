"""The form of a pack of duties: a folder of YAML files that anybody can add, without code.

`pack.yml` says what the pack is, `duties.yml` holds its entries, `crosswalks/*.yml` lead from its entries to another pack's.
Every sentence that a document may print has a grade: V (held against the text itself, at the address in `seen`), S (from
somebody's account of it), R (recalled). What is S or R says what to verify, and is never printed as a flat sentence.
"""

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Grade = Literal["V", "S", "R"]
Force = Literal["binding", "benchmark", "voluntary"]
PackId = Annotated[str, Field(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$")]
Address = Annotated[str, Field(pattern=r"^https?://\S+$")]
# The tests of the bench whose gates may answer a duty.
BenchTest = Literal["faces", "linkage", "places", "confidence", "cascade", "coverage", "feedback"]


class Strict(BaseModel):
    """A frozen part of a pack that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Graded(Strict):
    """Something that is said of a law or standard, and how well it is supported."""

    grade: Grade
    # Where the text itself was seen, best as an address; asked of V. A whole pack's `seen` and `verify` hold for entries
    # without their own.
    seen: str | None = None
    # What to hold it against before it is relied on; asked of S and R.
    verify: str | None = None


class Statement(Graded):
    """One sentence about a duty: the publisher's own words where `quoted`, else ours."""

    says: str
    quoted: bool = False

    @model_validator(mode="after")
    def _quotes_are_verified(self) -> Self:
        if self.quoted and self.grade != "V":
            raise ValueError("only words that were held against the text (grade V) are quoted")
        return self


class Evidence(Strict):
    """What answers a duty by itself: a rule's findings, a cell of the inventory, gates of the bench, an audit, claims."""

    finding: str | None = None
    # A question of the inventory; beside `finding`, the one whose answer that rule judges.
    cell: str | None = None
    bench: tuple[BenchTest, ...] = ()
    # Measures of an audit; "rules" means its findings.
    audit: tuple[str, ...] = ()
    # What claims of the catalogue are about. They are shown, and decide nothing.
    claims: tuple[str, ...] = ()
    # The most that it can show: evidence of a part of a broad duty says `partly`, and never that the whole is missing.
    at_most: Literal["met", "partly"] = "met"
    # False where it is only shown beside what decides.
    decides: bool = True

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> Self:
        if sum(map(bool, (self.finding or self.cell, self.bench, self.audit, self.claims))) != 1:
            raise ValueError("name one of finding (with its cell), cell, bench, audit or claims")
        return self


class Duty(Graded):
    """One entry of a pack: a duty, or what it is grouped under."""

    id: Annotated[str, Field(min_length=1, max_length=60)]
    level: str
    title: str
    parent: str | None = None
    cite: str | None = None
    says: tuple[Statement, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    # Whether "not applicable" is an answer that the text allows.
    may_not_apply: bool = True
    due: dt.date | None = None


class PackDate(Graded):
    """A day on which something falls due or takes effect."""

    date: dt.date
    what: str
    cite: str | None = None
    # Days after the text's own date, where it counts so; the date is then checked.
    days: int | None = None


class Jurisdiction(Graded):
    """A place whose own law asks for some of the entries; `recalled` are those that nobody has seen in its text."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: str
    cite: str
    requires: tuple[str, ...] = ()
    recalled: tuple[str, ...] = ()
    says: tuple[Statement, ...] = ()


class Source(Strict):
    """Where the text is that a pack renders."""

    title: str
    publisher: str
    url: Address | None = None
    # From what the entries were taken, where that is not the text itself.
    through: str | None = None
    retrieved: dt.date


class PackPage(Graded):
    """`pack.yml`."""

    id: PackId
    title: str
    # Of this rendering, not of the text: it is raised whenever an entry changes.
    version: str
    # Of the text.
    date: dt.date
    source: Source
    about: str
    # After this day the pack is stale, and says so.
    verify_by: dt.date
    force: Force
    applies_to: str
    applies_from: dt.date | None = None
    # The page of the catalogue about the text.
    authority: str | None = None
    # How many entries of each level there are: a pack that lost one is refused.
    counts: dict[str, int]
    # The levels that an assessment goes through.
    assessed: tuple[str, ...] = ()
    # Days that the text sets or that matter for it.
    dates: tuple[PackDate, ...] = ()
    says: tuple[Statement, ...] = ()
    jurisdictions: tuple[Jurisdiction, ...] = ()


class CrosswalkRow(Graded):
    """One row of a crosswalk, as its source gives it; `is_truncated` where the source showed only part of the row."""

    entry: str
    cites: tuple[str, ...]
    is_truncated: bool = False


class CrosswalkPage(Graded):
    """`crosswalks/<pack>.yml`: which entries of another pack a published source sets beside those of this one."""

    title: str
    to: PackId
    source: Source
    about: str
    # The source's numbering where it differs: a citation that begins so means the entry that begins so.
    renumbered: dict[str, str] = Field(default_factory=dict)
    rows: Annotated[tuple[CrosswalkRow, ...], Field(min_length=1)]
