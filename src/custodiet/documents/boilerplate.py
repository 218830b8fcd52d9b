"""How much of a submitted report stands word for word in another.

Words are compared without case and punctuation. A word counts as shared where it lies in a run of at least `run` words that
stands, in the same order and without a gap, in the other report too. So one report may be wholly another's, and that one only
in part this one's: both shares are given, each over the words of its own report.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

from custodiet.model.errors import QuestionError

RUN = 8
SHOWN = 10
# A run that stands in very many places of the other report is followed in the first of them only.
PLACES = 50
WORD = re.compile(r"\w+(?:['’]\w+)*")


@dataclass(frozen=True)
class Passage:
    """A run of words that both reports hold: its length in words, and its text as it stands in the first."""

    words: int
    text: str


@dataclass(frozen=True)
class Overlap:
    """How much of the report `of` stands in the report `within`: `shared` of its `words`, and the longest passages."""

    of: str
    within: str
    words: int
    shared: int
    passages: tuple[Passage, ...]

    @property
    def share(self) -> float:
        """The share of the words, from 0 to 1."""
        return self.shared / self.words


def compare_reports(reports: Sequence[tuple[str, str]], *, run: int = RUN, shown: int = SHOWN) -> list[Overlap]:
    """Return, for each ordered pair of reports given as name and text, how much of the first stands in the second.

    Raises:
        QuestionError: fewer than two reports, a run of fewer than two words, or a report that is shorter than a run.

    """
    if len(reports) < 2:
        raise QuestionError("Name two reports or more: each is compared with each.")
    if run < 2:
        raise QuestionError("A run is two words or more; single words are shared by all reports.")
    split = [(name, text, list(WORD.finditer(text))) for name, text in reports]
    for name, _, found in split:
        if len(found) < run:
            raise QuestionError(f"{name}: holds {len(found)} words, fewer than the {run} of a run; choose a smaller `--run`.")
    return [_overlap(one, other, run, shown) for one, other in permutations(split, 2)]


def _overlap(
    one: tuple[str, str, list[re.Match[str]]], other: tuple[str, str, list[re.Match[str]]], run: int, shown: int
) -> Overlap:
    name, text, matches = one
    words = [match[0].casefold().replace("’", "'") for match in matches]
    others = [match[0].casefold().replace("’", "'") for match in other[2]]
    places: dict[tuple[str, ...], list[int]] = {}
    for at in range(len(others) - run + 1):
        found = places.setdefault(tuple(others[at : at + run]), [])
        if len(found) < PLACES:
            found.append(at)
    covered = [False] * len(words)
    passages: dict[str, Passage] = {}
    at = 0
    while at + run <= len(words):
        starts = places.get(tuple(words[at : at + run]))
        if starts is None:
            at += 1
            continue
        length = max(_length(words, at, others, start) for start in starts)
        covered[at : at + length] = [True] * length
        said = " ".join(text[matches[at].start() : matches[at + length - 1].end()].split())
        passages.setdefault(" ".join(words[at : at + length]), Passage(length, said))
        # The next run may begin inside of this one, in another place of the other report.
        at += length - run + 1
    longest = sorted(passages.values(), key=lambda passage: -passage.words)[:shown]
    return Overlap(name, other[0], len(words), sum(covered), tuple(longest))


def _length(words: Sequence[str], at: int, others: Sequence[str], start: int) -> int:
    length = 0
    while at + length < len(words) and start + length < len(others) and words[at + length] == others[start + length]:
        length += 1
    return length
