"""From characters on pages to the cells of a table, by where they stand; never by the order in which a file lists them.

The same arithmetic serves both readers of a PDF: what can differ between them is which characters they see, and where.
"""

import itertools
import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from custodiet.access_log.privacy import read_vocabulary

# A gap of this share of a character's height parts two words, also where the file has no space.
WORD_GAP = 0.3
# Characters whose middles are closer than this share of their height stand on one line.
SAME_LINE = 0.5
# An empty strip narrower than this, in points, parts no columns where nothing else tells them.
STRIP = 2.5
# Stands at the end of a line that one word fills to the edge of its cell: the word goes on in the next.
BROKEN = "\u2060"
# Stands in a cell that can be read in two ways: whether a word was broken there, or which of two texts a character is of.
DOUBTFUL = "\u2061"
# Characters that lie upon each other by more than this share of the narrower one were never set so on purpose.
OVERPRINT = 0.5
PAGE_NUMBER = re.compile(r"(page\s*)?\d+(\s*(of|/)\s*\d+)?", re.IGNORECASE)
# Lines by which the columns are told, of a table of any length.
SAMPLE_LINES = 60
# A place cuts a character if it lies further inside of it than this, in points.
CUT = 0.2
# Lines of a column begin at one place, but for this many points.
USUAL = 0.5
FORMS = {
    "time": re.compile(r"\d{1,4}[/-]\d{1,2}[/-]\d{1,4},?[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AP]M)?( ?UTC|Z)?"),
    "count": re.compile(r"[\d,]+"),
}
# What is whole at the end of a line: a day or a time of day; and what follows one.
_WHOLE = re.compile(r"(\d{1,2}/\d{1,2}/\d{2,4}|\d{4}-\d\d-\d\d),?|\d{1,2}:\d\d:\d\d(\.\d{3})?|UTC|[AP]M|to")
_CLOCK_END = re.compile(r"(AM|PM|UTC)\b")
_TIME_GOES_ON = re.compile(r"T\d\d:")
# A word parted by syllables, or at its own hyphen: both look alike.
_HYPHENATED = re.compile(r"[^\W\d_]+- [^\W\d_]+")
_HAS_SIGN = re.compile(r"[\d_:@]")
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


def texts_in_cell(lines: Sequence[Line], left: float, right: float) -> list[str]:
    """Return the texts of a cell's lines, marked where a word may go on in the next: `BROKEN`, or `DOUBTFUL`.

    A word is broken only where it is wider than its cell, and then at the cell's edge: so it goes on where the line has no
    room for the next one's first character, and the two words together would not fit. With a digit or a sign in it that is
    told; between letters it may as well be two words.
    """
    full = [line for line in lines if any(not char.text.isspace() for char in line)]
    words = [words_of(line) for line in full]
    padding = min((max(min(row[0][0].left - left, right - row[-1][-1].right), 0.0) for row in words), default=0.0)
    width = right - left - 2 * padding
    texts = [text_of(line) for line in full]
    edges = []
    for number, (row, below) in enumerate(itertools.pairwise(words)):
        end, start = row[-1], below[0]
        is_at_edge = width - (end[-1].right - row[0][0].left) < (start[0].right - start[0].left) * 1.1
        is_too_wide = end[-1].right - end[0].left + start[-1].right - start[0].left > width
        mark = _mark(text_of(end), text_of(start), is_alone=len(row) == 1) if is_at_edge and is_too_wide else ""
        edges.append(is_at_edge and not mark)
        texts[number] += DOUBTFUL if _HYPHENATED.fullmatch(f"{text_of(end)} {text_of(start)}") else mark
    # Of lines that are cut at the edge wherever they are, no end tells whether a word ends there.
    if len(edges) >= 3 and all(edges):
        texts[-1] += DOUBTFUL
    return texts


def _mark(end: str, start: str, *, is_alone: bool) -> str:
    """Return whether a word that a line's end may have broken goes on: told, doubtful, or no."""
    if _TIME_GOES_ON.match(start):
        return BROKEN
    if _WHOLE.fullmatch(end) or _CLOCK_END.match(start) or (end[-1] in ":;,." and start[0].isalpha()):
        return ""
    if _HAS_SIGN.search(end + start) or not (end[-1].isalpha() and start[0].isalpha()):
        return BROKEN
    # A line that is one piece of no word is a piece of a long one.
    return BROKEN if is_alone and end.casefold() not in read_vocabulary().words else DOUBTFUL


def is_overprinted(line: Line) -> bool:
    """Tell whether characters of a line lie upon each other: a text runs into the next cell, and nobody can part the two."""
    visible = [char for char in line if not char.text.isspace()]
    return any(
        char.right - after.left > OVERPRINT * min(char.right - char.left, after.right - after.left)
        # The letters of a ligature share one box.
        and (char.left, char.right) != (after.left, after.right)
        for char, after in itertools.pairwise(visible)
    )


def usual_lefts(page: Page, parts: Sequence[float]) -> list[float]:
    """Return where most lines of each column begin."""
    lefts: list[Counter[float]] = [Counter() for _ in range(len(parts) - 1)]
    for line in page.lines:
        for column, cell in enumerate(split_line(line, parts)):
            if cell:
                lefts[column][round(cell[0].left, 1)] += 1
    return [found.most_common(1)[0][0] if found else parts[column] for column, found in enumerate(lefts)]


def columns_overrun(line: Line, parts: Sequence[float], lefts: Sequence[float]) -> set[int]:
    """Return the columns whose text a line does not tell for sure, as one text runs over a drawn line into the next cell.

    So it is where a character stands on the drawn line; where the next column's text begins right behind this one's, and not
    where it usually does; and where characters lie upon each other: what runs in there comes from the left.
    """
    *cells, beyond = split_line(tuple(char for char in line if not char.text.isspace()), (*parts, float("inf")))
    overrun: set[int] = set()
    for column, (cell, after) in enumerate(itertools.pairwise([*cells, beyond])):
        if is_overprinted(cell):
            overrun |= {column - 1, column}
        if not cell:
            continue
        is_cut = cell[-1].right > parts[column + 1] + CUT or (after and after[0].left < parts[column + 1] - CUT)
        touches = after and after[0].left - cell[-1].right < CUT
        if is_cut or (touches and abs(after[0].left - (*lefts, float("inf"))[column + 1]) > USUAL):
            overrun |= {column, column + 1}
    return {column for column in overrun if 0 <= column < len(cells)}


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
