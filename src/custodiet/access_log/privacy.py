"""What may be kept and shown of a released text, and counts that are too small to show.

Kept text passes an allow-list; a list of what is forbidden would let through what nobody thought of. Of breakdowns, cells
of fewer than k searches are left out, and with them a second cell, so that none can be had by subtraction.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from custodiet.access_log.lexicons import fold
from custodiet.access_log.searchers import read_words
from custodiet.model.plain_yaml import load_yaml
from custodiet.model.text import tidy

HERE = Path(__file__).parent
OTHER = "[other]"
DEFAULT_K = 10
# Years that a name may hold: nobody who was born in one of them is in a log of searches made until now.
FIRST_YEAR, LAST_YEAR = 2015, 2099


@dataclass(frozen=True)
class Vocabulary:
    """The allow-list."""

    words: frozenset[str]
    codes: frozenset[str]
    labels: Mapping[str, Mapping[str, str]]
    agency: re.Pattern[str]
    phrases: re.Pattern[str]
    names: frozenset[str]


@cache
def read_vocabulary() -> Vocabulary:
    """Return the allow-list of `vocabulary.yml`."""
    page = load_yaml((HERE / "vocabulary.yml").read_text("utf-8"))
    types = page["search_types"] + [f"{name} - Mobile" for name in page["search_types"]]
    labels = {
        "search_type": {name.casefold(): name for name in types},
        "moderation": {name.casefold(): name for name in page["moderation"]},
    }
    suffixes = "|".join(map(re.escape, page["agency_suffixes"]))
    states = "|".join(read_words().states)
    agency = re.compile(rf"(?:[A-Z][A-Za-z.'-]+ ){{1,3}}(?:{states}) (?:{suffixes})")
    phrases = re.compile(rf"(?<!\S)({'|'.join(map(re.escape, page['phrases']))})(?!\S)")
    words = frozenset(page["words"].split())
    return Vocabulary(words, frozenset(page["codes"].split()), labels, agency, phrases, frozenset(page["names"].split()))


def keep_label(column: str, text: str) -> str:
    """Return a vendor's own label as the vendor writes it, or `[other]`."""
    return read_vocabulary().labels[column].get(" ".join(text.split()).casefold(), OTHER)


def keep_reason(text: str) -> str:
    """Return a reason, folded, of which only words and codes of the allow-list are left; a run of others is one `[other]`."""
    vocabulary = read_vocabulary()
    folded = fold(text)
    if folded.replace(" ", "") in vocabulary.codes:
        return folded.replace(" ", "")
    kept: list[str] = []
    for number, part in enumerate(vocabulary.phrases.split(folded)):
        # The parts in between are the phrases.
        if number % 2:
            kept.append(part)
            continue
        for piece in re.findall(r"[^\s,;:/&()\[\]{}|\"]+", part):
            word = piece.strip(".!?*'-")
            if word in vocabulary.words:
                kept.append(word)
            elif word and kept[-1:] != [OTHER]:
                kept.append(OTHER)
    return " ".join(kept) or OTHER


def show_name(name: str, otherwise: str) -> str:
    """Return the name of a sheet, of a file in a zip or of a column as released where all of its words are known.

    Any other may hold what a cell may hold, and is shown as `otherwise`, which says which one it is.
    """
    vocabulary = read_vocabulary()
    rest = vocabulary.agency.sub(" ", tidy(name).replace("_", " "))
    pieces = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\W_]+", rest)
    return tidy(name) if pieces and all(_is_known(piece.casefold(), vocabulary) for piece in pieces) else otherwise


def _is_known(piece: str, vocabulary: Vocabulary) -> bool:
    if piece.isascii() and piece.isdigit():
        return len(piece) <= 2 or (len(piece) == 4 and FIRST_YEAR <= int(piece) <= LAST_YEAR)
    # One letter alone names nobody.
    return len(piece) == 1 or piece in vocabulary.names or piece in vocabulary.words


def keep_organisation(text: str) -> str:
    """Return an agency's name of the form "Town WA PD", or `[other]`: a name that no agency has may be a person's."""
    name = " ".join(re.sub(r"[\[(][^\])]*[\])]", " ", text).split())
    return name if read_vocabulary().agency.fullmatch(name) else OTHER


def suppress(counts: Mapping[str, int], k: int) -> dict[str, int | None]:
    """Return counts in which none of 1 to k - 1 can be told: such cells are None, and where there is only one, a second.

    A zero is shown unless it is needed to hide another.
    """
    hidden = {name for name, n in counts.items() if 0 < n < k}
    shown = sorted((n, name) for name, n in counts.items() if name not in hidden and n > 0)
    while hidden and shown and (len(hidden) == 1 or sum(counts[name] for name in hidden) < k):
        hidden.add(shown.pop(0)[1])
    return {name: None if name in hidden else n for name, n in counts.items()}


def group_rare(counts: Mapping[str, int], k: int, most: int) -> tuple[list[tuple[str, int]], int]:
    """Return the most frequent names of k searches or more, and the sum of all others, which is itself 0 or at least k."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = [item for item in ordered if item[1] >= k][:most]
    rest = sum(counts.values()) - sum(n for _, n in shown)
    while shown and 0 < rest < k:
        rest += shown.pop()[1]
    return (shown, rest) if rest == 0 or rest >= k else ([], 0)
