"""The pack of types: what a paper may be, what is known of each kind, and how well it is known."""

import datetime as dt
import functools
import importlib.resources
import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from custodiet.model.plain_yaml import load_yaml
from custodiet.model.text import tidy

Answer = Literal["yes", "no", "cannot-tell"]
Grade = Literal["V", "S", "R"]
# Folded scalars break words of a pattern over lines; one space stands for the break.
Pattern = Annotated[re.Pattern[str], BeforeValidator(lambda text: re.compile(tidy(text), re.IGNORECASE))]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fact(_Strict):
    """One sentence about a type, its source, and how it was read there."""

    says: str
    grade: Grade
    source: str
    verify: str | None = None
    # What is done, and no rule: for whoever keeps the docket, and for no letter about the law.
    is_law: bool = True

    def marked(self) -> str:
        """Return the sentence, with the mark that an unverified one always carries."""
        return mark(self.says, self.grade, self.verify)


class SelfExecuting(Fact):
    """Whether a paper takes effect without anybody asking a court again."""

    answer: Answer


class Dispute(_Strict):
    """A question that is contested, as it stood on a day."""

    id: str
    question: str
    one_side: str
    other_side: str
    as_of: dt.date
    grade: Grade
    sources: tuple[str, ...]
    verify: str

    def marked(self) -> str:
        """Return the dispute as it is always shown: both sides, the day, and to ask counsel."""
        return mark(
            f"Disputed as of {self.as_of}; ask counsel. {self.question} {self.one_side} {self.other_side}",
            self.grade,
            self.verify,
        )


class Reading(_Strict):
    """How a name or title is read as a kind of issuer or signatory."""

    title: str
    pattern: Pattern
    unless: Pattern | None = None
    # Of a signatory: the only kinds of issuer for which one signs; empty where anybody may have one.
    signs_for: tuple[str, ...] = ()

    def fits(self, text: str) -> bool:
        """Tell whether a name reads as this."""
        return bool(self.pattern.search(text)) and not (self.unless and self.unless.search(text))


class ProcessType(_Strict):
    """A kind of paper: who issues and signs it, what else tells it apart, and what is known of it."""

    id: str
    name: str
    issuers: tuple[str, ...]
    signatories: tuple[str, ...]
    forms: tuple[Pattern, ...]
    authorities: tuple[Pattern, ...]
    commands: tuple[str, ...]
    specialises: tuple[str, ...] = ()
    self_executing: SelfExecuting
    reaches: tuple[str, ...]
    facts: tuple[Fact, ...]
    disputed: tuple[Dispute, ...] = ()
    needs: tuple[str, ...]
    rank: Pattern | None = None
    rank_says: str | None = None
    predicate: Pattern | None = None
    predicate_says: str | None = None
    window_days: int | None = None
    objection_days: int | None = None
    objection_says: str | None = None
    preserves_days: int | None = None

    @property
    def grade(self) -> Grade:
        """The weakest grade of what is said of this type."""
        return max((fact.grade for fact in (*self.facts, self.self_executing)), key="VSR".index)


class Step(_Strict):
    """A step of the checklist."""

    id: str
    says: str


class Distinguishing(_Strict):
    """What tells papers apart, and the field that holds it."""

    says: str
    field: str


class Pack(_Strict):
    """All of it, with the day on which it was checked, and the day by which it should be again."""

    as_of: dt.date
    verify_by: dt.date
    issuer_kinds: dict[str, Reading]
    signatory_roles: dict[str, Reading]
    types: Annotated[tuple[ProcessType, ...], Field(min_length=1)]
    distinguishing_fields: tuple[Distinguishing, ...]
    checklist: tuple[Step, ...]
    regulator_step: Step


def mark(sentence: str, grade: Grade, verify: str | None) -> str:
    """Return a sentence as its grade has it shown: what was not read in the text itself says so, and what to verify."""
    return sentence if grade == "V" else f"{sentence} [unverified: verify {verify or 'its source'}]"


@functools.cache
def read_pack() -> Pack:
    """Return the pack that comes with the program."""
    text = importlib.resources.files("custodiet.docket").joinpath("types.yml").read_text("utf-8")
    return Pack.model_validate(load_yaml(text))
