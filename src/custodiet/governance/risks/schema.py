"""The form of a seed of risks: one YAML file a high-risk use, what shows that a subject is of it, and its risks."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from custodiet.governance.packs.schema import BenchTest, PackId, Strict

Likelihood = Literal["low", "moderate", "high"]
LIKELIHOODS: tuple[Likelihood, ...] = ("low", "moderate", "high")
Severity = Literal["limited", "serious", "severe"]
SEVERITIES: tuple[Severity, ...] = ("limited", "serious", "severe")
# NIST SP 800-30, appendix I, has these five.
Rating = Literal["very low", "low", "moderate", "high", "very high"]
RATINGS: tuple[Rating, ...] = ("very low", "low", "moderate", "high", "very high")
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class Applies(Strict):
    """One way in which a subject is of this use; everything that is named must hold.

    `words` are groups of patterns over folded text (as in the lexicon): one of each group must stand in what an entry says of
    itself. `category` is one of the lexicon. `systems` are pages of the catalogue, and count for a system itself: an entry
    of the inventory is judged by what it says, since a chat helper of a case system matches nobody.
    """

    category: Slug | None = None
    systems: tuple[Slug, ...] = ()
    words: tuple[tuple[str, ...], ...] = ()

    @model_validator(mode="after")
    def _names_something(self) -> "Applies":
        if not (self.category or self.systems or self.words):
            raise ValueError("name a category, systems or words")
        return self


class BenchBasis(Strict):
    """Which figures of the bench bound a likelihood."""

    tests: tuple[BenchTest, ...]
    measures: tuple[str, ...]


class ShownBy(Strict):
    """An answer of the inventory that is the event itself: no likelihood is left to guess."""

    cell: str
    value: str


class LikelihoodSeed(Strict):
    """How likely the event is held to be where nobody has measured it, and why; and what would measure it."""

    level: Likelihood
    because: str
    shown: ShownBy | None = None
    bench: BenchBasis | None = None
    # Rules whose gap says that nothing published bounds it.
    findings: tuple[str, ...] = ()


class SeveritySeed(Strict):
    """How bad the consequence is for the people whom it hits, and why."""

    level: Severity
    because: str


class DutyReference(Strict):
    """An entry of a pack."""

    pack: PackId
    id: str


class ControlSeed(Strict):
    """What would lower a risk; its state is that of the duty, or unknown where no duty asks for it."""

    title: str
    duty: DutyReference | None = None


class RiskSeed(Strict):
    """One risk: cause, event, consequence, and under which subcategories of NIST's framework it is handled."""

    id: Slug
    title: str
    function: Literal["GOVERN", "MAP", "MEASURE", "MANAGE"]
    subcategories: Annotated[tuple[str, ...], Field(min_length=1)]
    cause: str
    event: str
    consequence: str
    affected: Annotated[tuple[str, ...], Field(min_length=1)]
    likelihood: LikelihoodSeed
    severity: SeveritySeed
    controls: Annotated[tuple[ControlSeed, ...], Field(min_length=1)]
    # The role that would own it; nobody owns it until somebody says so.
    owner: str
    scenarios: tuple[Slug, ...] = ()


class Seed(Strict):
    """One high-risk use. Its slug is the stem of its file."""

    slug: Slug
    title: str
    about: str
    applies: Annotated[tuple[Applies, ...], Field(min_length=1)]
    risks: Annotated[tuple[RiskSeed, ...], Field(min_length=1)]
