"""Read a PDF with a text layer by two readers, pypdfium2 and pdfplumber; a cell on which they differ is `unreadable`."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from custodiet.access_log.cells import HEADER_SEARCH, Reading, no_profile
from custodiet.access_log.files import Released
from custodiet.access_log.pdf_layout import (
    BROKEN,
    DOUBTFUL,
    TIME_START,
    Line,
    Page,
    columns_overrun,
    find_running_lines,
    group_by_rules,
    is_overprinted,
    join_lines,
    parts_by_gaps,
    parts_by_rules,
    parts_by_strips,
    split_line,
    text_of,
    texts_in_cell,
    usual_lefts,
    words_of,
)
from custodiet.access_log.pdf_pages import pages_of_pdfium, pages_of_pdfplumber
from custodiet.access_log.profiles import Fit, Profile, choose_profile
from custodiet.access_log.words import COLUMNS
from custodiet.model.errors import InputError
from custodiet.model.text import tidy

# Lines over which a header may wrap.
HEADER_LINES = 6


@dataclass(frozen=True)
class _Table:
    fit: Fit
    headers: tuple[str, ...]
    rows: list[tuple[str, ...]]


def read_pdf(released: Released, profiles: Sequence[Profile]) -> Reading:
    """Return the reading of a PDF's table, which may run over many pages, with or without drawn lines.

    Raises:
        InputError: the PDF is damaged or locked, has no text, no profile fits its table, or its columns or rows can't be told
            apart, or the two readers see tables of different size.

    """
    shown = released.name
    pages = pages_of_pdfplumber(released, shown)
    if not any(page.lines for page in pages):
        raise InputError(f"{shown}, page 1: has no text, only pictures; ask for the log as CSV, or have it recognised first.")
    first = _read_table(pages, profiles, shown)
    second = _read_table(pages_of_pdfium(released, pages, shown), profiles, shown)
    if first.headers != second.headers or len(first.rows) != len(second.rows):
        raise InputError(
            f"{shown}: two readers see {len(first.rows):,} and {len(second.rows):,} rows in its table; ask for the "
            f"log as CSV."
        )
    unreadable = tuple(
        (number, column)
        for number, (row, other) in enumerate(zip(first.rows, second.rows, strict=True), start=1)
        for column, (cell, same) in enumerate(zip(row, other, strict=True))
        if tidy(cell) != tidy(same) or DOUBTFUL in cell + same
    )
    return Reading(released, shown, first.fit, first.headers, tuple(first.rows), unreadable=unreadable)


def _read_table(pages: Sequence[Page], profiles: Sequence[Profile], shown: str) -> _Table:
    ruled = _read_ruled(pages, profiles, shown)
    return ruled if ruled is not None else _read_open(pages, profiles, shown)


# --- Tables with drawn lines


def _read_ruled(pages: Sequence[Page], profiles: Sequence[Profile], shown: str) -> _Table | None:
    """Return the table between drawn lines, or None where the first page has none that fits a profile."""
    fit: Fit | None = None
    headers: tuple[str, ...] = ()
    heading: list[list[str]] = []
    held: list[_Cell] = []
    parts: tuple[float, ...] | None = None
    rows: list[tuple[str, ...]] = []
    for number, page in enumerate(pages, start=1):
        parts = parts_by_rules(page) or parts
        groups = group_by_rules(page)
        if parts is None or groups is None:
            if fit is None:
                return None
            if page.lines:
                raise InputError(
                    f"{shown}, page {number}: its table has no drawn lines, unlike page 1; ask for the log as CSV."
                )
            continue
        is_first = number > 1
        lefts = usual_lefts(page, parts)
        for position, group in enumerate(groups):
            cut = _cut(group, parts, lefts)
            cells = _texts_of(cut, parts)
            if fit is None:
                headers, heading = _headers_of(cells, profiles), cells
                fit = choose_profile(headers, profiles, shown)
                if fit is None and position > HEADER_SEARCH:
                    return None
                continue
            if cells == heading or not any(map(any, cells)):
                continue
            row = _join_row(cells, fit)
            # A row that the page's end cut in two goes on without its time.
            goes_on, is_first = is_first and bool(rows) and not _begins_row(row, fit), False
            _check_row(row, headers, fit, f"{shown}, page {number}, row {len(rows) + 1:,}", goes_on=goes_on)
            if goes_on:
                held = [above + below for above, below in zip(held, cut, strict=True)]
                rows[-1] = _join_row(_texts_of(held, parts), fit)
            else:
                held = cut
                rows.append(row)
        if fit is not None:
            _refuse_outside(page, parts, fit, f"{shown}, page {number}")
    return _Table(fit, headers, rows) if fit else None


# A cell's lines, and None after them where its text runs into the next cell's.
_Cell = list[Line | None]


def _cut(group: Sequence[Line], parts: Sequence[float], lefts: Sequence[float]) -> list[_Cell]:
    split = [split_line(line, parts) for line in group]
    overrun = {column for line in group for column in columns_overrun(line, parts, lefts)}
    return [[*(line[column] for line in split), *([None] * (column in overrun))] for column in range(len(parts) - 1)]


def _texts_of(cells: Sequence[_Cell], parts: Sequence[float]) -> list[list[str]]:
    """Return the texts of the lines of each cell; one is doubtful where a text runs over a drawn line."""
    return [
        texts_in_cell([line for line in cell if line is not None], left, right) + [DOUBTFUL] * (None in cell)
        for cell, left, right in zip(cells, parts, parts[1:], strict=False)
    ]


def _check_row(row: Sequence[str], headers: Sequence[str], fit: Fit, place: str, *, goes_on: bool) -> None:
    if goes_on and DOUBTFUL in row[_anchor(fit)]:
        raise InputError(
            f"{place}: texts run into each other where the page begins, so that nobody can tell whether this row began on "
            "the page before; ask for the log as CSV."
        )
    if len(row) != len(headers):
        raise InputError(f"{place}: {len(row)} cells where the header has {len(headers)}; ask for the log as CSV.")


def _refuse_outside(page: Page, parts: Sequence[float], fit: Fit, place: str) -> None:
    """Refuse a page on which a row stands above or below all drawn lines: it would be left out."""
    for line in page.lines:
        if not page.across[0] <= line[0].middle <= page.across[-1]:
            row = [text_of(cell) for cell in split_line(line, parts)]
            if _begins_row(row, fit) and TIME_START.match(row[_anchor(fit)]):
                raise InputError(f"{place}: a row stands outside of the drawn lines of its table; ask for the log as CSV.")


def _headers_of(cells: Sequence[Sequence[str]], profiles: Sequence[Profile]) -> tuple[str, ...]:
    """Return a row's headers, each as a profile has it: the lines of one may part at a blank, or within a word."""
    known = {name for profile in profiles for name in profile.columns}
    found = []
    for cell in cells:
        lines = [line.rstrip(BROKEN + DOUBTFUL) for line in cell if line.rstrip(DOUBTFUL)][:HEADER_LINES]
        parted = [tidy("".join(map("".join, zip(lines, [*gaps, ""], strict=True))))
                  for gaps in itertools.product((" ", ""), repeat=len(lines) - 1)] if lines else [""]  # fmt: skip
        found.append(next((name for name in parted if name in known or name.casefold() in known), parted[0]))
    return tuple(found)


def _roles(fit: Fit) -> list[str]:
    return [COLUMNS[name].role if name in COLUMNS else "text" for name in fit.columns]


def _join_row(cells: Sequence[Sequence[str]], fit: Fit) -> tuple[str, ...]:
    roles = [*_roles(fit), *(["text"] * len(cells))]
    return tuple(join_lines([text for text in column if text], role) for column, role in zip(cells, roles, strict=False))


def _anchor(fit: Fit) -> int:
    """Return the column that every row fills from its first line on: its time, or else its ID."""
    for wanted in ("time", "event_time", "date", "search_id", "organisation"):
        if wanted in fit.columns:
            return fit.columns.index(wanted)
    return 0


def _begins_row(row: Sequence[str], fit: Fit) -> bool:
    anchor = _anchor(fit)
    if fit.columns[anchor] in ("time", "event_time", "date"):
        return bool(TIME_START.match(row[anchor]))
    return bool(row[anchor])


# --- Tables without


def _read_open(pages: Sequence[Page], profiles: Sequence[Profile], shown: str) -> _Table:
    """Return the table whose columns are told by the gaps between them, and its rows by where a time begins."""
    fit, headers, parts, body = _find_heading(pages, profiles, shown) or _find_wrapped_heading(pages, profiles, shown)
    groups: list[list[list[Line]]] = []
    for page_number, line in body:
        cells = split_line(line, parts)
        if _begins_row([text_of(cell) for cell in cells], fit):
            groups.append([[cell] for cell in cells])
        elif not groups:
            raise InputError(
                f"{shown}, page {page_number}: its first row does not begin with a time; ask for the log as CSV."
            )
        else:
            for column, cell in zip(groups[-1], cells, strict=True):
                column.append(cell)
    edges = [_edges(group[column] for group in groups) for column in range(len(parts) - 1)]
    rows = [
        _join_row(
            [
                texts_in_cell(lines, *edge) + [DOUBTFUL] * any(map(is_overprinted, lines))
                for lines, edge in zip(group, edges, strict=True)
            ],
            fit,
        )
        for group in groups
    ]
    return _Table(fit, headers, rows)


def _edges(cells: Iterable[Sequence[Line]]) -> tuple[float, float]:
    """Return how far a column's characters reach: no drawn line says where its cells end."""
    boxes = [(line[0].left, max(char.right for char in line)) for lines in cells for line in lines if line]
    return min((left for left, _ in boxes), default=0.0), max((right for _, right in boxes), default=0.0)


_Heading = tuple[Fit, tuple[str, ...], tuple[float, ...], list[tuple[int, Line]]]


def _find_heading(pages: Sequence[Page], profiles: Sequence[Profile], shown: str) -> _Heading | None:
    """Return the table under a line that spells out a profile's headers: its fit, headers, columns and lines by page."""
    for number, line in enumerate(pages[0].lines[:HEADER_SEARCH]):
        found = _headings(line, profiles, shown)
        if found is not None:
            fit, headings = found
            body = _body(pages, [text_of(line)])
            ends = [(left, right) for _, left, right in headings]
            parts = parts_by_gaps([pages[0].lines[number], *(line for _, line in body)], ends, _roles(fit))
            if parts is None:
                raise InputError(f"{shown}, page 1: its columns can't be told apart; ask for the log as CSV.")
            return fit, tuple(name for name, _, _ in headings), parts, body
    return None


def _find_wrapped_heading(pages: Sequence[Page], profiles: Sequence[Profile], shown: str) -> _Heading:
    """Return the table whose headers wrap over several lines: its columns are told by the empty strips between them."""
    lines = pages[0].lines[:HEADER_SEARCH]
    running = find_running_lines(pages)
    for first in range(len(lines)):
        above = {*lines[:first], *running}
        rows = [line for page in pages for line in page.lines if line not in above]
        for count in range(2, HEADER_LINES + 1):
            heading = lines[first : first + count]
            parts = parts_by_strips([*heading, *rows])
            split = [[text_of(cell) for cell in split_line(line, parts)] for line in heading]
            headers = _headers_of(list(zip(*split, strict=True)), profiles)
            fit = choose_profile(headers, profiles, shown)
            if fit is not None:
                return fit, headers, parts, _body(pages, [text_of(line) for line in heading])
    raise no_profile([[text_of(word) for word in words_of(lines[0])] if lines else []], profiles, f"{shown}, page 1")


def _body(pages: Sequence[Page], heading: Sequence[str]) -> list[tuple[int, Line]]:
    """Return the lines under the heading, which pages may repeat, each with its page's number."""
    body: list[tuple[int, Line]] = []
    running = find_running_lines(pages)
    for number, page in enumerate(pages, start=1):
        texts = [text_of(line) for line in page.lines[: HEADER_SEARCH + len(heading)]]
        starts = [at for at in range(len(texts)) if texts[at : at + len(heading)] == list(heading)]
        below = page.lines[starts[-1] + len(heading) if starts else 0 :]
        body += [(number, line) for line in below if line not in running]
    return body


def _headings(line: Line, profiles: Sequence[Profile], shown: str) -> tuple[Fit, list[tuple[str, float, float]]] | None:
    """Return the profile whose headers a line spells out, with each header's ends, or None."""
    words = [(text_of(word), word[0].left, word[-1].right) for word in words_of(line)]
    best: tuple[Fit, list[tuple[str, float, float]]] | None = None
    for profile in profiles:
        spelt = _spell([word for word, _, _ in words], sorted(profile.columns, key=len, reverse=True), folded=profile.folded)
        if spelt is None:
            continue
        headings, at = [], 0
        for name, count in spelt:
            headings.append((name, words[at][1], words[at + count - 1][2]))
            at += count
        fit = choose_profile([name for name, _, _ in headings], profiles, shown)
        if fit is not None and (best is None or len(headings) > len(best[1])):
            best = fit, headings
    return best


def _spell(words: Sequence[str], names: Sequence[str], *, folded: bool) -> list[tuple[str, int]] | None:
    """Return the names, in order, that words spell out, each with its number of words; None where something is left over."""
    if not words:
        return []
    for name in names:
        parts = name.split()
        start = [word.casefold() if folded else word for word in words[: len(parts)]]
        if start == parts:
            rest = _spell(words[len(parts) :], [other for other in names if other != name], folded=folded)
            if rest is not None:
                return [(" ".join(words[: len(parts)]), len(parts)), *rest]
    return None
