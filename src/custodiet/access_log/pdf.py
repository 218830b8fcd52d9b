"""Read a PDF with a text layer by two readers, pypdfium2 and pdfplumber; a cell on which they differ is `unreadable`."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from custodiet.access_log.cells import HEADER_SEARCH, Reading, no_profile
from custodiet.access_log.files import Released
from custodiet.access_log.pdf_layout import (
    TIME_START,
    Char,
    Line,
    Page,
    find_running_lines,
    group_by_rules,
    join_lines,
    make_page,
    parts_by_gaps,
    parts_by_rules,
    parts_by_strips,
    split_line,
    text_in_cell,
    text_of,
    words_of,
)
from custodiet.access_log.profiles import Fit, Profile, choose_profile
from custodiet.access_log.words import COLUMNS
from custodiet.model.errors import InputError
from custodiet.model.text import tidy

# A drawn line shorter than this, in points, parts nothing.
RULE_LENGTH = 5.0
# PDFium's marks for a hyphen at the end of a line.
HYPHENS = {"\x02": "-", "\xad": "-", "\ufffe": "-"}


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
    pages = _pages_of_pdfplumber(released, shown)
    if not any(page.lines for page in pages):
        raise InputError(f"{shown}, page 1: has no text, only pictures; ask for the log as CSV, or have it recognised first.")
    first = _read_table(pages, profiles, shown)
    second = _read_table(_pages_of_pdfium(released, pages, shown), profiles, shown)
    if first.headers != second.headers or len(first.rows) != len(second.rows):
        raise InputError(
            f"{shown}: two readers see {len(first.rows):,} and {len(second.rows):,} rows in its table; ask for the "
            f"log as CSV."
        )
    unreadable = tuple(
        (number, column)
        for number, (row, other) in enumerate(zip(first.rows, second.rows, strict=True), start=1)
        for column, (cell, same) in enumerate(zip(row, other, strict=True))
        if tidy(cell) != tidy(same)
    )
    return Reading(released, shown, first.fit, first.headers, tuple(first.rows), unreadable=unreadable)


def _pages_of_pdfplumber(released: Released, shown: str) -> list[Page]:
    import pdfplumber  # noqa: PLC0415 - only PDFs need it
    from pdfminer.pdfexceptions import PDFException  # noqa: PLC0415
    from pdfplumber.utils.exceptions import PdfminerException  # noqa: PLC0415

    assert released.content is not None
    pages = []
    try:
        with pdfplumber.open(io.BytesIO(released.content)) as document:
            for page in document.pages:
                chars = [Char(c["text"], c["x0"], c["x1"], c["top"], c["bottom"]) for c in page.chars]
                across = [e["top"] for e in page.edges if e["orientation"] == "h" and e["x1"] - e["x0"] > RULE_LENGTH]
                down = [e["x0"] for e in page.edges if e["orientation"] == "v" and e["bottom"] - e["top"] > RULE_LENGTH]
                pages.append(make_page(chars, across, down))
                page.close()
    except (
        PDFException,
        PdfminerException,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
        OSError,
    ):
        # A damaged PDF brings the reader down in many ways.
        raise InputError(
            f"{shown}, page {len(pages) + 1}: the PDF is damaged or locked; ask for it again, or as CSV."
        ) from None
    return pages


def _pages_of_pdfium(released: Released, rules: Sequence[Page], shown: str) -> list[Page]:
    """Return the pages as PDFium reads them; the drawn lines are those of `rules`."""
    import pypdfium2  # noqa: PLC0415 - only PDFs need it

    pages = []
    try:
        document = pypdfium2.PdfDocument(released.content)
        try:
            for number, drawn in zip(range(len(document)), rules, strict=True):
                page = document[number]
                pages.append(make_page(_chars_of_pdfium(page), drawn.across, drawn.down))
                page.close()
        finally:
            document.close()
    except (pypdfium2.PdfiumError, ValueError):
        raise InputError(
            f"{shown}, page {len(pages) + 1}: the PDF is damaged or locked; ask for it again, or as CSV."
        ) from None
    return pages


def _chars_of_pdfium(page: Any) -> list[Char]:
    from pypdfium2 import raw  # noqa: PLC0415

    text = page.get_textpage()
    left, bottom, right, top = page.get_mediabox()
    turn = page.get_rotation()
    chars = []
    for index in range(text.count_chars()):
        if raw.FPDFText_IsGenerated(text, index) == 1 and raw.FPDFText_GetUnicode(text, index) != ord("\x02"):
            continue
        code = chr(raw.FPDFText_GetUnicode(text, index))
        x0, y0, x1, y1 = text.get_charbox(index, loose=True)
        # PDFium tells places on the page before it is turned.
        box = {
            0: (x0 - left, x1 - left, top - y1, top - y0),
            90: (y0 - bottom, y1 - bottom, x0 - left, x1 - left),
            180: (right - x1, right - x0, y0 - bottom, y1 - bottom),
            270: (top - y1, top - y0, right - x1, right - x0),
        }[turn]
        chars.append(Char(HYPHENS.get(code, code), *box))
    text.close()
    return chars


def _read_table(pages: Sequence[Page], profiles: Sequence[Profile], shown: str) -> _Table:
    ruled = _read_ruled(pages, profiles, shown)
    return ruled if ruled is not None else _read_open(pages, profiles, shown)


# --- Tables with drawn lines


def _read_ruled(pages: Sequence[Page], profiles: Sequence[Profile], shown: str) -> _Table | None:
    """Return the table between drawn lines, or None where the first page has none that fits a profile."""
    fit: Fit | None = None
    headers: tuple[str, ...] = ()
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
        for position, group in enumerate(groups):
            split = [split_line(line, parts) for line in group]
            cells = [
                [text_in_cell(line[column], parts[column], parts[column + 1]) for line in split]
                for column in range(len(parts) - 1)
            ]
            plain = tuple(join_lines([text for text in column if text], "text") for column in cells)
            if fit is None:
                fit = choose_profile(plain, profiles, shown)
                headers = plain
                if fit is None and position > HEADER_SEARCH:
                    return None
                continue
            if plain == headers or not any(plain):
                continue
            row = _join_row(cells, fit)
            # A row that the page's end cut in two goes on without its time.
            if position == 0 and rows and number > 1 and not _begins_row(row, fit):
                rows[-1] = _continue_row(rows[-1], cells, fit)
            elif len(row) == len(headers):
                rows.append(row)
            else:
                raise InputError(
                    f"{shown}, page {number}, row {len(rows) + 1:,}: {len(row)} cells where the header has "
                    f"{len(headers)}; ask for "
                    "the log as CSV."
                )
    return _Table(fit, headers, rows) if fit else None


def _roles(fit: Fit) -> list[str]:
    return [COLUMNS[name].role if name in COLUMNS else "text" for name in fit.columns]


def _join_row(cells: Sequence[Sequence[str]], fit: Fit) -> tuple[str, ...]:
    roles = [*_roles(fit), *(["text"] * len(cells))]
    return tuple(join_lines([text for text in column if text], role) for column, role in zip(cells, roles, strict=False))


def _continue_row(row: tuple[str, ...], cells: Sequence[Sequence[str]], fit: Fit) -> tuple[str, ...]:
    more = _join_row(cells, fit)
    return tuple(
        join_lines([text for text in pair if text], role) for *pair, role in zip(row, more, _roles(fit), strict=True)
    )


def _anchors(fit: Fit) -> list[int]:
    """Return the columns that every row fills from its first line on: its time, or else its ID."""
    for wanted in ("time", "event_time", "date", "search_id", "organisation"):
        if wanted in fit.columns:
            return [fit.columns.index(wanted)]
    return [0]


def _begins_row(row: Sequence[str], fit: Fit) -> bool:
    (anchor,) = _anchors(fit)
    if fit.columns[anchor] in ("time", "event_time", "date"):
        return bool(TIME_START.match(row[anchor]))
    return bool(row[anchor])


# --- Tables without


def _read_open(pages: Sequence[Page], profiles: Sequence[Profile], shown: str) -> _Table:
    """Return the table whose columns are told by the gaps between them, and its rows by where a time begins."""
    fit, headers, parts, body = _find_heading(pages, profiles, shown) or _find_wrapped_heading(pages, profiles, shown)
    groups: list[list[list[str]]] = []
    for page_number, line in body:
        texts = [text_of(part) for part in split_line(line, parts)]
        if _begins_row(texts, fit):
            groups.append([[text] for text in texts])
        elif not groups:
            raise InputError(
                f"{shown}, page {page_number}: its first row does not begin with a time; ask for the log as CSV."
            )
        else:
            for column, text in zip(groups[-1], texts, strict=True):
                column.append(text)
    return _Table(fit, headers, [_join_row(group, fit) for group in groups])


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
        for count in range(2, 7):
            heading = lines[first : first + count]
            parts = parts_by_strips([*heading, *rows])
            split = [[text_of(cell) for cell in split_line(line, parts)] for line in heading]
            headers = tuple(join_lines([text for text in column if text], "text") for column in zip(*split, strict=True))
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
