"""Turn the text of an inventory's cell into what it tells: a value, and always a state."""

import ast
import datetime as dt
import re
from functools import lru_cache

from custodiet.model.text import tidy
from custodiet.model.words import CellState
from custodiet.sources.inventories.terms import fold, read_terms

# Fields that answer yes or no share one vocabulary.
YES_NO = frozenset({"has_ato", "has_pii", "custom_code", "privacy_review", "adverse_influence"})
# Words of a vocabulary that are states of their own.
WORD_STATES: dict[str, CellState] = {"in-progress": "in-progress", "not-applicable": "not-applicable"}
# Longer than any list of options; what is cut off does not parse, and stays a text.
LIST_LIMIT = 20_000
MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}


@lru_cache(maxsize=200_000)
def read_cell(field: str, kind: str, text: str) -> tuple[str | None, CellState]:
    """Return value and state of a cell.

    A value is a canonical word (`choice`), such words joined by "; " (`choices`), an ISO date, month or year
    (`date`), or the text with its white space in order (`text`, `link`). A closed vocabulary's unknown
    word, and a date that can't be read, is `unreadable`: it is kept and reported, never guessed.
    """
    folded = fold(text)
    if not folded or folded == "[]":
        return None, "blank"
    if kind == "choices":
        return _read_choices(field, text)
    if folded in read_terms().withheld:
        return None, "withheld"
    if kind == "choice":
        return _read_choice(field, folded)
    if folded in read_terms().not_applicable:
        return "not-applicable", "not-applicable"
    if folded in read_terms().placeholder:
        return None, "placeholder"
    if kind == "date":
        date = read_date(text)
        return (date, "reported") if date else (None, "unreadable")
    if kind == "link" and (folded in read_terms().link_placeholder or folded.startswith("to be posted")):
        return None, "placeholder"
    return tidy(text), "reported"


def _read_choice(field: str, folded: str) -> tuple[str | None, CellState]:
    terms = read_terms()
    word = terms.vocabularies["yes_no" if field in YES_NO else field].get(folded)
    if word is None and field == "commercial_product" and folded not in terms.placeholder | terms.not_applicable:
        # Any entry of the appendix's long list: the name of the use stands for itself.
        return folded, "reported"
    if word is None and folded in terms.not_applicable:
        word = "not-applicable"
    if word is None:
        return (None, "placeholder") if folded in terms.placeholder else (None, "unreadable")
    return word, WORD_STATES.get(word, "reported")


def _read_choices(field: str, text: str) -> tuple[str | None, CellState]:
    """Read a multiple choice; OMB's file writes a Python list, agencies write commas."""
    vocabulary = read_terms().vocabularies[field]
    if fold(text) in read_terms().withheld:
        return None, "withheld"
    words: list[str] = []
    for option in _options(text, vocabulary):
        word = vocabulary.get(fold(option))
        if word is None and fold(option) in read_terms().placeholder:
            return None, "placeholder"
        if word is None:
            word = "described" if field in read_terms().free_answers else None
        if word is None or word == "answers-another-question":
            return None, "unreadable"
        if word not in words:
            words.append(word)
    if not words:
        return None, "blank"
    if len(words) == 1 and words[0] in WORD_STATES:
        return words[0], WORD_STATES[words[0]]
    return "; ".join(sorted(words)), "reported"


def _options(text: str, vocabulary: dict[str, str]) -> list[str]:
    stripped = text.strip()
    if stripped.startswith("["):
        try:
            listed = ast.literal_eval(stripped[:LIST_LIMIT])
        except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
            return [stripped]
        return [str(option) for option in listed] if isinstance(listed, list) else [stripped]
    if fold(stripped) in vocabulary:
        return [stripped]
    # Only a list of known options is taken apart; a sentence keeps its commas.
    parts = [part for part in re.split(r"[,\n]", stripped) if part.strip()]
    return parts if all(fold(part) in vocabulary for part in parts) else [stripped]


def read_date(text: str) -> str | None:
    """Return the ISO form of a date, month or year, as far as the text says: no day is made up.

    Knows the forms that the files have: 2025-10-01 00:00:00, 11/15/2025 (month first, as American
    agencies write), 04/2025, Jun-25, 2025. Anything else, such as 24-May, is not read.
    """
    stripped = re.sub(r"[ T]\d{1,2}:\d{2}(:\d{2})?( ?[AP]M)?$", "", tidy(text), flags=re.IGNORECASE)
    if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", stripped):
        return _valid(int(found[1]), int(found[2]), int(found[3]))
    if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", stripped):
        return _valid(int(found[3]), int(found[1]), int(found[2]))
    if found := re.fullmatch(r"(\d{1,2})/(\d{4})", stripped):
        return _valid(int(found[2]), int(found[1]))
    if (found := re.fullmatch(r"([A-Za-z]{3})-(\d{2})", stripped)) and found[1].casefold() in MONTHS:
        return _valid(2000 + int(found[2]), MONTHS[found[1].casefold()])
    if found := re.fullmatch(r"(\d{4})", stripped):
        return _valid(int(found[1]))
    return None


def _valid(year: int, month: int | None = None, day: int | None = None) -> str | None:
    try:
        dt.date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        return None
    # Years beyond any system's life are typing errors, not dates.
    if not 1950 <= year <= 2100:
        return None
    return "-".join([f"{year:04}"] + [f"{part:02}" for part in (month, day) if part is not None])
