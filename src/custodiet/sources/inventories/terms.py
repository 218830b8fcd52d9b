"""Read the vocabularies of `terms.yml` and fold cells so that they can be looked up in them."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from custodiet.model.plain_yaml import load_yaml
from custodiet.model.text import tidy

# "ñ" stands where a dash was wrongly decoded, as OMB's data dictionary for 2025 lists it among the spellings that it met.
PLAIN = str.maketrans({"–": "-", "—": "-", "‑": "-", "ñ": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "\xa0": " "})


@dataclass(frozen=True)
class Terms:
    """The words of the inventories' cells, folded."""

    withheld: frozenset[str]
    placeholder: frozenset[str]
    not_applicable: frozenset[str]
    link_placeholder: frozenset[str]
    vocabularies: dict[str, dict[str, str]]
    free_answers: frozenset[str]


def fold(text: str) -> str:
    """Return a cell as it is looked up: lower case, plain dashes and quotes, no option letter."""
    plain = tidy(text.translate(PLAIN)).casefold()
    return re.sub(r"^[a-l]\) ?", "", plain)


@cache
def read_terms() -> Terms:
    """Return the vocabularies, each as folded form -> canonical word."""
    path = Path(__file__).with_name("terms.yml")
    data = load_yaml(path.read_text("utf-8"))
    vocabularies = {
        field: {fold(str(form)): str(word) for word, forms in words.items() for form in forms}
        for field, words in data["vocabularies"].items()
    }
    return Terms(
        withheld=frozenset(map(fold, data["withheld"])),
        placeholder=frozenset(map(fold, data["placeholder"])),
        not_applicable=frozenset(map(fold, data["not_applicable"])),
        link_placeholder=frozenset(map(fold, data["link_placeholder"])),
        vocabularies=vocabularies,
        free_answers=frozenset(data["free_answers"]),
    )
