"""Lexicons: versioned lists of words, each with examples that must and must not match.

A hit says that a word stands in the text that a searcher typed. It is a candidate for reading, and proves nothing.
"""

import re
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from custodiet.model.errors import InputError
from custodiet.model.plain_yaml import YamlError, load_yaml
from custodiet.store.database import literal

HERE = Path(__file__).parent / "lexicons"


class Lexicon(BaseModel):
    """A list of words as patterns that DuckDB, Spark and Python read alike: no look-around, no back-reference."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: str
    version: str
    # Phrases that are taken out of the text before the words are sought.
    without: tuple[str, ...] = ()
    words: tuple[str, ...]
    must: tuple[str, ...]
    must_not: tuple[str, ...]

    def matches(self, text: str) -> bool:
        """Tell whether a text holds a word, as `hit_sql` does."""
        folded = fold(text)
        for phrase in self.without:
            folded = re.sub(phrase, " ", folded)
        return any(re.search(word, folded) for word in self.words)

    def hit_sql(self, folded: str) -> str:
        """Return SQL that tells whether a folded text holds a word."""
        text = f"regexp_replace({folded}, {literal('|'.join(self.without))}, ' ', 'g')" if self.without else folded
        return f"regexp_matches({text}, {literal('|'.join(self.words))})"


@cache
def read_lexicons() -> tuple[Lexicon, ...]:
    """Return the lexicons in the order of their ids.

    Raises:
        InputError: a page can't be read, or its examples do not hold.

    """
    return tuple(_read(path) for path in sorted(HERE.glob("*.yml")))


def _read(path: Path) -> Lexicon:
    try:
        return Lexicon.model_validate(load_yaml(path.read_text("utf-8")))
    except (YamlError, ValidationError) as error:
        first = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error.problem
        raise InputError(f"lexicons/{path.name}: {first}; mend the page.") from None


def fold(text: str) -> str:
    """Return a reason as it is compared: lower case, `+` as a space, runs of white space one space, trimmed."""
    return re.sub(r"\s+", " ", text.lower().replace("+", " ")).strip()


def fold_sql(text: str) -> str:
    """Return SQL that folds a text."""
    return f"trim(regexp_replace(replace(lower({text}), '+', ' '), '\\s+', ' ', 'g'))"
