"""Which seeds are about a subject, by what its entries and its page say, each with the reason and the cell."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from custodiet.catalogue.lexicon import whole_words
from custodiet.governance.risks.read import systems_by_category
from custodiet.governance.risks.schema import Applies, Seed
from custodiet.governance.subjects import Subject
from custodiet.model.text import excerpt, normalise_name
from custodiet.register.mentions import OF_ITSELF
from custodiet.store import Register
from custodiet.store.schema import QUESTIONS


@dataclass(frozen=True)
class Reason:
    """Why a seed applies: a sentence, and the cell that shows it (or the page of the catalogue)."""

    says: str
    citation: Mapping[str, Any] | None

    def as_data(self) -> dict[str, Any]:
        """Return the reason as plain data."""
        return {"says": self.says, "citation": dict(self.citation) if self.citation else None}


@dataclass(frozen=True)
class _Text:
    case: str
    title: str
    folded: str
    citation: Mapping[str, Any]


def find_reasons(register: Register, subject: Subject, seed: Seed) -> tuple[Reason, ...]:
    """Return why a seed is about a subject; nothing where it is not.

    What an entry denies ("no facial recognition") is no reason, as in the lexicon.
    """
    texts = _texts(register, subject)
    found: list[Reason] = []
    for way in seed.applies:
        found += _try(register, subject, way, texts) or []
    return tuple({reason.says: reason for reason in found}.values())


def _texts(register: Register, subject: Subject) -> list[_Text]:
    fields = ", ".join(f"{field}" for field in OF_ITSELF if field != "name")
    rows = register.dicts(
        f"select handle, name, name_citation, {fields} from use_cases "
        "where use_case_id in (select unnest($keys)) order by inventory_year desc, handle",
        {"keys": list(subject.cases)},
    )
    texts = []
    for row in rows:
        texts.append(_Text(row["handle"], "its name", normalise_name(row["name"]), row["name_citation"]))
        for field in OF_ITSELF:
            answer = row[field] if field != "name" else None
            if answer and answer["state"] == "reported":
                words = normalise_name(answer["text"])
                texts.append(_Text(row["handle"], f"“{QUESTIONS[field]}”", words, answer["citation"]))
    return texts


def _try(register: Register, subject: Subject, way: Applies, texts: Sequence[_Text]) -> list[Reason] | None:
    """Return the reasons if everything that a way names holds, else None."""
    reasons: list[Reason] = []
    if way.systems:
        if subject.kind != "system" or subject.page not in way.systems:
            return None
        reasons.append(Reason(f"The catalogue's page {subject.page} is one of this use.", None))
    if way.category:
        of_category = list(_in_category(register, subject, way.category))
        if not of_category:
            return None
        reasons += of_category
    for group in way.words:
        hit = next(_hits(group, texts), None)
        if hit is None:
            return None
        reasons.append(hit)
    return reasons


def _in_category(register: Register, subject: Subject, category: str) -> Iterator[Reason]:
    for handle, field, shown_by, citation in register.rows(
        "select u.handle, m.field, m.shown_by, m.citation from entry_mentions m join use_cases u using (use_case_id) "
        "where m.kind = 'category' and m.name = $category and use_case_id in (select unnest($keys)) order by 1, 2",
        {"category": category, "keys": list(subject.cases)},
    ):
        place = "its name" if field == "name" else f"“{QUESTIONS[field]}”"
        yield Reason(f"{handle} is of the category {category}: {place} says “{shown_by}”.", citation)
    if subject.kind == "system" and subject.page in systems_by_category()[category]:
        yield Reason(f"The catalogue counts {subject.page} to the category {category}.", None)


def _hits(patterns: tuple[str, ...], texts: Sequence[_Text]) -> Iterator[Reason]:
    pattern = whole_words(patterns)
    denied = re.compile(rf"\b(?:not|no|nor|never|without)(?: [a-z0-9]+){{0,5}} {pattern}")
    for text in texts:
        kept = denied.sub(" ", text.folded)
        if found := re.search(pattern, kept):
            yield Reason(f"{text.case}: {text.title} says “{excerpt(kept, found, 60)}”.", text.citation)
