"""From characters on pages to the cells of a table, by where they stand; never by the order in which a file lists them.

The same arithmetic serves both readers of a PDF: what can differ between them is which characters they see, and where.
"""

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

# A gap of this share of a character's height parts two words, also where the file has no space.
WORD_GAP = 0.3
# Characters whose middles are closer than this share of their height stand on one line.
SAME_LINE = 0.5
# An empty strip narrower than this, in points, parts no columns where nothing else tells them.
STRIP = 2.5
# Stands at the end of a line that one word fills to the edge of its cell: the word goes on in the next.
BROKEN = "\u2060"
PAGE_NUMBER = re.compile(r"(page\s*)?\d+(\s*(of|/)\s*\d+)?", re.IGNORECASE)
# Lines by which the columns are told, of a table of any length.
SAMPLE_LINES = 60
# A place cuts a character if it lies further inside of it than this, in points.
CUT = 0.2
FORMS = {
    "time": re.compile(r"\d{1,4}[/-]\d{1,2}[/-]\d{1,4},?[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AP]M)?( ?UTC|Z)?"),
    "count": re.compile(r"[\d,]+"),
}
TIME_START = re.compile(r"\d{1,2}/\d{1,2}/\d{2,4}|\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Char:
    """A character and its box, in points from the page's upper left corner as a reader sees it."""

    text: str
    left: float
    right: float
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        """The height at which the character stands."""
        return (self.top + self.bottom) / 2


Line = tuple[Char, ...]


@dataclass(frozen=True)
class Page:
    """One page: its lines of characters, and the places of the rules drawn across and down."""

    lines: tuple[Line, ...]
    across: tuple[float, ...]
    down: tuple[float, ...]


def make_page(chars: Sequence[Char], across: Sequence[float], down: Sequence[float]) -> Page:
    """Return a page with its characters line by line, from the top, and rules that lie together merged."""
    return Page(find_lines(chars), tuple(_merge(across)), tuple(_merge(down)))


def find_lines(chars: Sequence[Char]) -> tuple[Line, ...]:
    """Return characters by line, from the top, each line from the left."""
    lines: list[list[Char]] = []
    for char in sorted((c for c in chars if not c.text.isspace()), key=lambda c: c.middle):
        height = max(char.bottom - char.top, 1.0)
        if lines and abs(char.middle - lines[-1][0].middle) < SAME_LINE * height:
            lines[-1].append(char)
        else:
            lines.append([char])
    spaces = [c for c in chars if c.text.isspace()]
    for space in spaces:
        for line in lines:
            if line[0].top <= space.middle <= line[0].bottom:
                line.append(space)
                break
    return tuple(tuple(sorted(line, key=lambda c: c.left)) for line in lines)


def words_of(line: Sequence[Char]) -> list[Line]:
    """Return the words of a line: parted by a space, or by a gap as wide as one."""
    words: list[list[Char]] = [[]]
    for char in line:
        if char.text.isspace():
            words.append([])
            continue
        last = words[-1]
        if last and char.left - last[-1].right > WORD_GAP * max(char.bottom - char.top, 1.0):
            words.append([])
        words[-1].append(char)
    return [tuple(word) for word in words if word]


def text_of(line: Sequence[Char]) -> str:
    """Return the text of a line, ligatures taken apart."""
    text = " ".join("".join(char.text for char in word) for word in words_of(line))
    return unicodedata.normalize("NFKC", text)


def find_running_lines(pages: Sequence[Page]) -> frozenset[Line]:
    """Return page numbers, and first and last lines that most pages repeat at the same height; no row of a log is one."""
    edges = [(page, line) for page in pages for line in {*page.lines[:2], *page.lines[-2:]}]
    often = Counter((text_of(line), round(line[0].top / 4)) for _, line in edges)
    return frozenset(
        line
        for _, line in edges
        if PAGE_NUMBER.fullmatch(text_of(line))
        or (
            often[text_of(line), round(line[0].top / 4)] >= max(2, len(pages) // 2 + 1)
            and not TIME_START.search(text_of(line))
        )
    )


def parts_by_rules(page: Page) -> tuple[float, ...] | None:
    """Return where a page's columns part by its drawn lines, its outer ones included, or None where there are none."""
    return page.down if len(page.down) >= 3 else None


def parts_by_gaps(
    lines: Sequence[Line], headings: Sequence[tuple[float, float]], roles: Sequence[str]
) -> tuple[float, ...] | None:
    """Return where columns part, each between the ends of two headings; `roles` are those of the columns.

    A place that cuts no character will do, so that columns may touch ("09:00:00" and "347" without a gap). Of these the one
    that leaves most times and counts whole is taken, then one in an empty strip, the wider the better. None where every
    place cuts a character.
    """
    parts = [float("-inf")]
    for (left, _), (next_left, next_right), role in zip(headings, headings[1:], roles, strict=False):
        boxes = sorted((c.left, c.right) for line in lines for c in line if c.right > left and c.left < next_right)
        places: dict[float, float] = {}
        reach = left
        for start, end in boxes:
            if start > reach:
                places[(start + reach) / 2] = start - reach
            elif start > left and reach <= start + CUT:
                places[start] = 0.0
            reach = max(reach, end)
        if not places:
            return None
        whole = _count_whole(lines[:: max(1, len(lines) // SAMPLE_LINES)], parts[-1], list(places), FORMS.get(role))
        parts.append(max(places, key=lambda place: (whole[place], places[place], -abs(place - next_left))))
    return (*parts, float("inf"))


def _count_whole(
    lines: Sequence[Line], left: float, places: Sequence[float], form: re.Pattern[str] | None
) -> dict[float, int]:
    """Return for each place in how many lines the cell between it and `left` is of a form."""
    counts = dict.fromkeys(places, 0)
    if form is not None:
        for line in lines:
            for place in places:
                cell = text_of([char for char in line if left < (char.left + char.right) / 2 < place])
                counts[place] += form.fullmatch(cell) is not None
    return counts


def parts_by_strips(lines: Sequence[Line]) -> tuple[float, ...]:
    """Return where columns part if every empty strip from top to bottom parts two."""
    boxes = sorted((char.left, char.right) for line in lines for char in line if not char.text.isspace())
    parts, reach = [], boxes[0][1] if boxes else 0.0
    for left, right in boxes:
        if left - reach > STRIP:
            parts.append((left + reach) / 2)
        reach = max(reach, right)
    return (float("-inf"), *parts, float("inf"))


def text_in_cell(line: Line, left: float, right: float) -> str:
    """Return the text of a line of a cell between two rules, marked where it ends within a word.

    A word that is longer than its cell is broken at the edge. So it is taken to go on where it alone fills the line, with no
    room for another character between it and the padding.
    """
    words = words_of(line)
    if len(words) != 1:
        return text_of(line)
    (word,) = words
    padding = max(word[0].left - left, 0.0)
    room = right - padding - word[-1].right
    return text_of(line) + (BROKEN if room < (word[-1].right - word[-1].left) * 1.1 else "")


def split_line(line: Line, parts: Sequence[float]) -> list[Line]:
    """Return the characters of a line by column; those outside of the table are left out."""
    cells: list[list[Char]] = [[] for _ in range(len(parts) - 1)]
    for char in line:
        column = bisect_right(parts, (char.left + char.right) / 2) - 1
        if 0 <= column < len(cells):
            cells[column].append(char)
    return [tuple(cell) for cell in cells]


def group_by_rules(page: Page) -> list[list[Line]] | None:
    """Return a page's lines in groups, one between each two rules drawn across, or None where there are too few."""
    if len(page.across) < 3:
        return None
    groups: dict[int, list[Line]] = {}
    for line in page.lines:
        number = bisect_right(page.across, line[0].middle)
        if 0 < number < len(page.across):
            groups.setdefault(number, []).append(line)
    return [groups[number] for number in sorted(groups)]


def join_lines(lines: Sequence[str], role: str) -> str:
    """Return the text of a cell that wraps over lines.

    What has no spaces of its own (an ID, a number) is joined without any; so is a text that breaks at its own hyphen.
    """
    if role in ("id", "count"):
        return "".join(line.replace(" ", "").removesuffix(BROKEN) for line in lines)
    joined = ""
    for line in lines:
        glued = joined.endswith(BROKEN) or re.search(r"\w-$", joined)
        joined = joined.removesuffix(BROKEN) + (line if not joined or glued else f" {line}")
    return joined.removesuffix(BROKEN).strip()


def _merge(places: Sequence[float], near: float = 2.0) -> list[float]:
    merged: list[float] = []
    for place in sorted(places):
        if not merged or place - merged[-1] > near:
            merged.append(place)
    return merged
