"""Grades of claims, derived from their sources and never typed.

The scale is the project's own (docs/words.md). It counts independent publishers, not articles: a
report that only repeats another's finding counts as that other's.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

OFFICIAL = frozenset({
    "inventory", "award", "solicitation", "pia", "sorn", "statute", "regulation", "executive-order", "memo",
    "gao", "oig", "court", "standard", "agency-test",
})  # fmt: skip
RELEASED = frozenset({"released-record"})
OF_STANDING = frozenset({"press", "study", "advocacy", "agency-statement"}) | RELEASED


class Evidence(Protocol):
    """What a grade needs to know of a source."""

    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def publisher(self) -> str: ...  # noqa: D102
    @property
    def repeats(self) -> str | None: ...  # noqa: D102
    @property
    def stance(self) -> str: ...  # noqa: D102


def _independent(sources: Iterable[Evidence], kinds: frozenset[str]) -> set[str]:
    return {(s.repeats or s.publisher).casefold() for s in sources if s.kind in kinds}


def grade_of(sources: Sequence[Evidence], premise_grades: Sequence[str] = ()) -> tuple[str, str]:
    """Return the grade that these sources and premises give, and why, in one phrase.

    *Known*: an official record, or two independent released records. *Likely*: two independent
    publishers of standing. *Inferred*: less, or a conclusion from other claims (never above the
    weakest of them). *Disputed*: sources that contradict each other. *Unknown*: nothing.
    """
    against = [s for s in sources if s.stance == "contradicts"]
    if against:
        names = ", ".join(sorted({s.publisher for s in against}))
        return "Disputed", f"contradicted by {names}"
    official = sorted({s.publisher for s in sources if s.kind in OFFICIAL})
    if official:
        return "Known", f"official record: {', '.join(official)}"
    released = _independent(sources, RELEASED)
    if len(released) >= 2:
        return "Known", f"{len(released)} independent released records"
    standing = _independent(sources, OF_STANDING)
    if len(standing) >= 2:
        return "Likely", f"{len(standing)} independent publishers of standing"
    if sources:
        return "Inferred", "fewer than two independent publishers of standing"
    if premise_grades:
        if any(g in ("Disputed", "Unknown") for g in premise_grades):
            return "Unknown", "follows from a claim that is itself disputed or unknown"
        return "Inferred", "follows from other claims"
    return "Unknown", "no source"
