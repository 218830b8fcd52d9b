"""The lexicon: by which words, makers and classes an award shows that it buys a category of surveillance technology.

One YAML page a category, in `lexicon/`. Patterns are RE2 expressions over folded text (lower case,
everything else than letters
and digits is one space) and match whole words only. A page carries examples that must and must not match; they are tests.
"""

import re
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from custodiet.catalogue.schema import Slug
from custodiet.model.errors import CatalogueError
from custodiet.model.plain_yaml import first_fault
from custodiet.sources.forms import read_form

# Endings of a firm's folded name that say nothing of which firm it is.
LEGAL_FORMS = "inc|incorporated|llc|l l c|ltd|limited|corp|corporation|co|company|lp|l p|llp|gmbh|usa|us"
HERE = Path(__file__).parent / "lexicon"


class Strict(BaseModel):
    """A frozen part of a lexicon page that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Product(Strict):
    """A product that a description may name, whoever sells it; or that its maker sells, whatever the description says."""

    name: str
    words: tuple[str, ...] = ()
    # Patterns of the maker's name as a recipient: each of its awards counts as the product.
    makers: tuple[str, ...] = ()
    # Pages of the catalogue.
    vendor: Slug | None = None
    system: Slug | None = None


class Sample(Strict):
    """An award, made up or shortened, that must or must not belong to the category."""

    vendor: str
    description: str


class Samples(Strict):
    """Awards that the page must find, and awards that it must leave."""

    positive: Annotated[tuple[Sample, ...], Field(min_length=1)]
    negative: Annotated[tuple[Sample, ...], Field(min_length=1)]


class Category(Strict):
    """One category of surveillance technology. Its slug is the stem of its file."""

    slug: Slug
    name: str
    about: str
    # Systems of the catalogue that are of this category.
    systems: tuple[Slug, ...] = ()
    products: tuple[Product, ...] = ()
    words: tuple[str, ...]
    # Recipients all of whose awards count, unless `unless` speaks against one.
    vendors: tuple[str, ...] = ()
    # Names of product, service or industry classes that suffice alone.
    classes: tuple[str, ...] = ()
    # Words that take words, vendors and classes back; a named product stays.
    unless: tuple[str, ...] = ()
    examples: Samples


def read_lexicon(folder: Path = HERE) -> list[Category]:
    """Return all categories, in the order of their slugs.

    Raises:
        CatalogueError: a page has a field that it should not, lacks one, or has a pattern that is none.

    """
    found = []
    for path in sorted(folder.glob("*.yml")):
        shown = f"lexicon/{path.name}"
        try:
            category = Category.model_validate(
                read_form(path, "file", "a page of the lexicon", shown=shown, error=CatalogueError) | {"slug": path.stem}
            )
        except ValidationError as error:
            where, says = first_fault(error)
            raise CatalogueError(f"{shown}: {where}: {says}.") from None
        _check_patterns(category, shown)
        found.append(category)
    return found


def _check_patterns(category: Category, shown: str) -> None:
    patterns = [*category.words, *category.vendors, *category.unless]
    patterns += [pattern for product in category.products for pattern in (*product.words, *product.makers)]
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise CatalogueError(f"{shown}: {pattern!r} is no pattern ({error.msg}); mend it.") from None
        if re.search(r"[A-Z]|\(\?[=!<]", pattern.replace("\\w", "").replace("\\d", "").replace("\\b", "")):
            raise CatalogueError(f"{shown}: {pattern!r} has a capital letter or looks around; text is folded, and RE2 can't.")


def whole_words(patterns: tuple[str, ...]) -> str:
    """Return one RE2 pattern for any of several, as whole words of folded text; one that never matches for none."""
    return rf"\b(?:{'|'.join(patterns)})\b" if patterns else r"$^."


def whole_name(patterns: tuple[str, ...]) -> str:
    """Return one RE2 pattern for any of several, as a whole folded name less its legal form; if there is none, no match."""
    return rf"^(?:{'|'.join(patterns)})(?: (?:{LEGAL_FORMS}))*$" if patterns else r"$^."
