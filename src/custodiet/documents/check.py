"""What every document must hold, checked whenever one is drafted: no figure without a footnote, no unverified duty flat."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from custodiet.documents.facts import Statement
from custodiet.documents.markdown import BEGIN, END, Tree, plain, units
from custodiet.documents.words import WORDS, Language
from custodiet.model.errors import DocumentError
from custodiet.model.text import echo, tidy

BLANKS = re.compile(r"\[ .*? \]")
# Names of instruments that hold digits; they are names, and state no figure.
NAMES = re.compile(r"\b(?:OMB )?M-\d{2}-\d{2}\b|\bISO/IEC \d+\b")
FACT = re.compile(rf"{BEGIN}.*?{END}", re.DOTALL)


def uncited_figures(tree: Tree, proposals: Iterable[str]) -> list[str]:
    """Return what stands with a figure outside of any fact: not under proposed wording, and not the document's own."""
    exempt = set(proposals)
    found = []
    for heading, kind, text in units(tree.blocks):
        # A row of a table is one statement, and its footnote stands in whichever cell.
        if kind == "heading" or heading in exempt or (kind == "row" and FACT.search(text)):
            continue
        bare = BLANKS.sub("", FACT.sub("", text))
        if re.search(r"\d", NAMES.sub("", bare)):
            found.append(tidy(bare))
    return found


def statements_in(value: Any) -> list[Statement]:
    """Return every statement that a context holds, however deep."""
    if isinstance(value, Statement):
        return [value]
    if isinstance(value, Mapping):
        return [each for part in value.values() for each in statements_in(part)]
    if isinstance(value, list | tuple | set | frozenset):
        return [each for part in value for each in statements_in(part)]
    if is_dataclass(value) and not isinstance(value, type):
        return [each for part in fields(value) for each in statements_in(getattr(value, part.name))]
    return []


def flat_statements(tree: Tree, statements: Iterable[Statement], language: Language) -> list[str]:
    """Return unverified statements whose text stands somewhere without the mark behind it."""
    mark = f"({WORDS[language]['unverified']})"
    pages = [_bare(text) for _, _, text in units(tree.blocks)]
    pages += [_bare(plain(block)) for note in tree.notes.values() for block in note]
    found = []
    for text in (tidy(statement.text) for statement in statements if not statement.is_flat):
        if any(not page[at.end() :].lstrip().startswith(mark) for page in pages for at in re.finditer(re.escape(text), page)):
            found.append(text)
    return found


def _bare(text: str) -> str:
    return tidy(text.replace(BEGIN, "").replace(END, ""))


def check(tree: Tree, *, kind: str, context: Any, proposals: Iterable[str], language: Language) -> None:
    """Refuse a document that breaks a promise.

    Raises:
        DocumentError: a sentence states a figure without a footnote, or an unverified duty stands flat.

    """
    if flat := flat_statements(tree, statements_in(context), language):
        raise DocumentError(f"The kind {kind} prints {echo(flat[0])} flat, and it is unverified; print it with `fact(...)`.")
    if uncited := uncited_figures(tree, proposals):
        raise DocumentError(f"The kind {kind} states {echo(uncited[0], 120)} without a footnote; print it with `fact(...)`.")
