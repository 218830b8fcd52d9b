"""The public records laws of the pack: federal, the states and the District of Columbia, each sentence with its grade.

A provision is V (its text was seen, at the address that it names), S (a page about the law says so) or R (recalled, and
held against nothing). Only V may be printed as a plain sentence; the others carry a mark that says what to check.
"""

import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from custodiet.governance.packs.grade import GRADES, is_flat
from custodiet.governance.packs.schema import Grade, Graded, Strict
from custodiet.model.errors import PackError, QuestionError
from custodiet.model.plain_yaml import first_fault
from custodiet.model.text import echo
from custodiet.sources.forms import read_form

PACK = Path(__file__).parent / "packs" / "records-laws"
DayType = Literal["business", "calendar"]


class Provision(Graded):
    """One thing that a law says: `rule` in our words, where it stands, and how well we know it.

    `seen` is the address of the text that was read (V), or of the page about it (S).
    """

    rule: Annotated[str, Field(min_length=1)]
    cite: Annotated[str, Field(min_length=1)]
    # A source (S) that has no address.
    through: str | None = None

    @model_validator(mode="after")
    def _is_backed(self) -> "Provision":
        if self.grade == "V" and not self.seen:
            raise ValueError("grade V needs `seen`, the address of the text that was read")
        if self.grade == "S" and not (self.seen or self.through):
            raise ValueError("grade S needs `seen` or `through`, what was read instead of the text")
        if self.grade == "R" and (self.seen or self.through):
            raise ValueError("grade R is recalled and has no `seen`; grade it S or V")
        return self

    @property
    def verified(self) -> bool:
        """Whether it may stand as a plain sentence."""
        return is_flat(self)

    @property
    def to_verify(self) -> str | None:
        """What to check before anybody relies on it; nothing where it was read in the text."""
        return None if self.verified else self.verify or f"hold it against {self.cite}"

    @property
    def mark(self) -> str:
        """What must be printed after it: nothing, or that it is unverified and what to check."""
        return "" if self.verified else f"[{GRADES[self.grade]}; {self.to_verify}]"


def _check_both(days: int | None, day_type: DayType | None) -> None:
    if (days is None) != (day_type is None):
        raise ValueError("`days` and `day_type` stand together, or neither does")


class Extension(Provision):
    """How far an office may put a day off by written notice."""

    days: Annotated[int, Field(ge=1)]
    day_type: DayType


class Clock(Provision):
    """A number of days in which an office must do something."""

    days: Annotated[int, Field(ge=1)]
    day_type: DayType
    # Counted from the day of receipt, from the day of the request itself, from the day on which the acknowledgement was due,
    # or from the receipt of an appeal.
    starts: Literal["receipt", "request", "acknowledgement", "appeal"] = "receipt"
    extension: Extension | None = None


class Production(Provision):
    """When the records themselves must come; `days` only where the law gives a number."""

    days: Annotated[int, Field(ge=1)] | None = None
    day_type: DayType | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "Production":
        _check_both(self.days, self.day_type)
        return self


class Silence(Provision):
    """What follows when nothing comes; `days` where the law counts them, or else it follows once the answer is overdue."""

    days: Annotated[int, Field(ge=1)] | None = None
    day_type: DayType | None = None
    starts: Literal["receipt", "acknowledgement"] = "receipt"
    # Silence is a refusal, from which the days for an appeal run.
    is_refusal: Literal["yes", "no"] = "no"

    @model_validator(mode="after")
    def _is_whole(self) -> "Silence":
        _check_both(self.days, self.day_type)
        return self


class Receipt(Provision):
    """From when on a request counts as received, where the law says more than "receipt"."""

    # Business days after an electronic message was sent.
    electronic_days: Annotated[int, Field(ge=0)] = 0


class Appeal(Provision):
    """What a requester does about a refusal: to whom, and within how many days (None: the pack has none)."""

    to: str
    # An office hears an appeal by letter; a court takes a pleading, which is no letter of ours.
    forum: Literal["office", "court"] = "office"
    days: Annotated[int, Field(ge=1)] | None = None
    day_type: DayType | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "Appeal":
        _check_both(self.days, self.day_type)
        return self


class Residency(Provision):
    """Whether somebody from elsewhere may ask."""

    bar: Literal["none", "citizens", "residents"]


class Flag(Strict):
    """Something about a row that its reader must know: sources that disagree, a change that may have come."""

    says: str
    source: str


class Law(Strict):
    """One public records law, or an agency's own rules under one (`under`)."""

    code: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)?$")]
    under: str | None = None
    jurisdiction: str
    name: str
    citation: str
    zone: str
    calendar: Annotated[str, Field(pattern=r"^us(-[a-z]{2})?$")]
    receipt: Receipt | None = None
    routing: Clock | None = None
    acknowledgement: Clock | None = None
    determination: Clock | None = None
    tolling: Provision | None = None
    production: Production | None = None
    silence: Silence | None = None
    fee_waiver: Provision | None = None
    fee_factors: tuple[Provision, ...] = ()
    expedition: tuple[Provision, ...] = ()
    # What an agency's own rules add to the law's grounds.
    further_expedition: tuple[Provision, ...] = ()
    expedition_certificate: Provision | None = None
    expedition_decision: Clock | None = None
    appeal: Appeal | None = None
    appeal_decision: Clock | None = None
    form: Provision | None = None
    segregation: Provision | None = None
    residency: Residency | None = None
    flags: tuple[Flag, ...] = ()
    verify_by: dt.date

    @model_validator(mode="after")
    def _has_provisions(self) -> "Law":
        if not (self.acknowledgement or self.determination or self.production):
            raise ValueError("no acknowledgement, determination or production: a law says at least one of them")
        return self

    @property
    def grade(self) -> Grade:
        """The lowest grade among the provisions that give its days, or of what it says instead of days."""
        counted: list[Provision | None] = [self.acknowledgement, self.determination]
        if self.production and (self.production.days or not any(counted)):
            counted.append(self.production)
        return max((each.grade for each in counted if each), key="VSR".index)

    def provisions(self) -> list[tuple[str, Provision]]:
        """Return everything that it says, by name."""
        found: list[tuple[str, Provision]] = []
        for name in type(self).model_fields:
            value = getattr(self, name)
            for each in value if isinstance(value, tuple) else (value,):
                if isinstance(each, Provision):
                    found.append((name, each))
                if isinstance(each, Clock) and each.extension:
                    found.append((f"{name} extension", each.extension))
        return found

    def as_record(self) -> dict[str, Any]:
        """Return the law as one flat row, for lists."""
        ack, determination, appeal = self.acknowledgement, self.determination, self.appeal
        return {
            "code": self.code, "jurisdiction": self.jurisdiction, "law": self.name, "citation": self.citation,
            "grade": self.grade, "ack_days": ack.days if ack else None, "ack_day_type": ack.day_type if ack else None,
            "determination_days": determination.days if determination else None,
            "determination_day_type": determination.day_type if determination else None,
            "production_rule": self.production.rule if self.production else None,
            "appeal_to": appeal.to if appeal else None, "appeal_days": appeal.days if appeal else None,
            "appeal_day_type": appeal.day_type if appeal else None,
            "residency": self.residency.bar if self.residency else None,
            "flags": [flag.says for flag in self.flags], "verify_by": self.verify_by,
        }  # fmt: skip


def read_laws(folder: Path = PACK) -> dict[str, Law]:
    """Return the laws of a pack by code. An agency's rules take from the law above them what they don't say themselves.

    Raises:
        PackError: a page is no law, has another code than its file's name, or stands under a law that is not there.

    """
    pages = {path.stem: _read_page(path) for path in sorted((folder / "laws").glob("*.yml"))}
    return {code: _as_law(code, page, pages) for code, page in pages.items()}


@lru_cache(maxsize=1)
def load_laws() -> dict[str, Law]:
    """Return the laws that the package ships."""
    return read_laws()


def law_of(code: str) -> Law:
    """Return one law by its code: `us`, `us-dhs`, `ca`.

    Raises:
        QuestionError: there is none.

    """
    laws = load_laws()
    if code.casefold() not in laws:
        raise QuestionError(f"{echo(code)} is no jurisdiction of the records laws; choose one of {', '.join(laws)}.")
    return laws[code.casefold()]


def _read_page(path: Path) -> dict[str, Any]:
    page = read_form(path, "page", "a law's page", shown=f"laws/{path.name}", error=PackError)
    if not isinstance(page, dict) or page.get("code") != path.stem:
        raise PackError(f"laws/{path.name}: its `code` is not {path.stem!r}; name the file after the code.")
    return page


def _as_law(code: str, page: dict[str, Any], pages: dict[str, dict[str, Any]]) -> Law:
    above = page.get("under")
    if above is not None and (above not in pages or "under" in pages[above]):
        raise PackError(f"laws/{code}.yml: under: {above!r} is no law of this pack to stand under; name one.")
    try:
        return Law.model_validate({**pages[above], **page} if above else page)
    except ValidationError as error:
        where, says = first_fault(error, "page")
        raise PackError(f"laws/{code}.yml: {where}: {says}; mend the page.") from None
