"""The shape of a page of the catalogue: one thing, and what is claimed of it.

A page is written by hand in YAML, in our own words. Every sentence of fact is a claim with its
sources. Nobody types a grade: `grade.py` derives it from the sources.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

SourceKind = Literal[
    # official records
    "inventory", "award", "solicitation", "pia", "sorn", "statute", "regulation", "executive-order",
    "memo", "gao", "oig", "court", "standard", "agency-statement", "agency-test",
    # documents that an agency released to a requester, or that leaked
    "released-record", "leaked-record",
    # publishers of standing
    "press", "study", "advocacy",
    # the rest
    "vendor", "seed",
]  # fmt: skip

Route = Literal["agency", "filing", "records-request", "leak", "press"]

About = Literal[
    "identity", "operator", "role", "feed", "authority", "workflow", "audit-log",
    "procured", "deployed", "used", "oversight", "accuracy", "population", "disputed", "unknown",
    "history", "content", "limits",
]  # fmt: skip

# Steps of a case, in their order: whom it is about, what is gathered, what is done. `outcome` is removal, or however it ends.
Step = Literal[
    "intake", "identity-resolution", "recognition-lookup", "enrichment", "field-operations", "custody", "outcome",
]  # fmt: skip

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
ApproximateDate = Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]


class Strict(BaseModel):
    """A frozen page part that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Source(Strict):
    """One document that a claim rests on.

    A source of kind *inventory* may name `record` (a published use case id) and `column`; the build
    then resolves both to a cell, and fails when the record isn't there.
    """

    title: str
    publisher: str
    kind: SourceKind
    date: ApproximateDate | None = None
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    stance: Literal["supports", "contradicts"] = "supports"
    # A report that only repeats another publisher's finding is not independent of it.
    repeats: str | None = None
    record: str | None = None
    column: str | None = None
    where: str | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _is_findable(self) -> "Source":
        if self.url is None and self.record is None and self.where is None:
            raise ValueError("a source needs a url, an inventory record, or `where` (how to find it)")
        if (self.record is None) != (self.column is None):
            raise ValueError("`record` and `column` go together")
        return self


class Claim(Strict):
    """One sentence of fact about the page's subject.

    `premises` are ids of claims (`slug/claim-id`) that this one follows from; such a claim is
    *Inferred* at best. `would_settle` says which document would answer an open question.
    """

    id: Slug
    about: About
    says: str
    sources: tuple[Source, ...] = ()
    premises: tuple[str, ...] = ()
    public_by: Route | None = None
    public_since: ApproximateDate | None = None
    would_settle: str | None = None

    @model_validator(mode="after")
    def _is_complete(self) -> "Claim":
        if self.sources and (self.public_by is None):
            raise ValueError("a claim with sources says by which route it became public (`public_by`)")
        if self.about == "unknown" and not self.would_settle:
            raise ValueError("an open question says what would settle it (`would_settle`)")
        if not (self.sources or self.premises or self.would_settle):
            raise ValueError("a claim needs sources, premises, or what would settle it (`would_settle`)")
        return self


class Page(Strict):
    """One thing of the catalogue. Its kind is its folder, its slug the stem of its file."""

    name: str
    aliases: tuple[str, ...] = ()
    claims: Annotated[tuple[Claim, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _ids_are_unique(self) -> "Page":
        seen: set[str] = set()
        for claim in self.claims:
            if claim.id in seen:
                raise ValueError(f"claim id {claim.id!r} stands twice")
            seen.add(claim.id)
        return self


class System(Page):
    """A named product or programme: who runs it, who sells it, what it takes and on what authority."""

    operators: tuple[str, ...] = ()
    vendors: tuple[Slug, ...] = ()
    feeds: tuple[Slug, ...] = ()
    authorities: tuple[Slug, ...] = ()
    related: tuple[Slug, ...] = ()
    # Published ids of the inventory entries that name this system, checked against the release.
    use_cases: tuple[str, ...] = ()
    # False where the page gathers what we found under words of our own, so that no record can be expected to name it.
    named: bool = True
    category: str
    status: Literal["in-use", "piloted", "planned", "procured", "retired", "unknown"]
    # Which steps of a case its claim about the workflow names; the claim is their source.
    steps: tuple[Step, ...] = ()

    @model_validator(mode="after")
    def _steps_have_a_claim(self) -> "System":
        if self.steps and not any(claim.about == "workflow" for claim in self.claims):
            raise ValueError("`steps` say in short what a claim about the workflow says; write that claim")
        return self


class Vendor(Page):
    """A company or other organisation that sells or runs one of the systems, or supplies a feed."""

    products: tuple[str, ...] = ()
    related: tuple[Slug, ...] = ()


class Feed(Page):
    """A data supply: what it holds, where it comes from, and under whose rules."""

    suppliers: tuple[Slug, ...] = ()
    authorities: tuple[Slug, ...] = ()


class Authority(Page):
    """A statute, memo, privacy notice, oversight report or standard."""

    type: Literal[
        "statute", "bill", "executive-order", "memo", "pia", "sorn", "gao-report", "oig-report", "standard",
        "state-law", "local-law", "policy", "study",
    ]  # fmt: skip
    # True where it gives an agency power to act; a law that limits one, or orders it to tell, covers nothing that it does.
    grants_power: bool = False
    issuer: str
    reference: str | None = None
    date: ApproximateDate | None = None
    url: str | None = None


KINDS: dict[str, type[Page]] = {
    "systems": System,
    "vendors": Vendor,
    "feeds": Feed,
    "authorities": Authority,
}
