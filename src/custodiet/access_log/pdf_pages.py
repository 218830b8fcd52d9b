"""The pages of a PDF as two readers see them, pdfplumber and PDFium: characters and where they stand."""

import io
from collections.abc import Sequence
from typing import Any

from custodiet.access_log.files import Released
from custodiet.access_log.pdf_layout import Char, Page, make_page
from custodiet.model.errors import InputError

# A drawn line shorter than this, in points, parts nothing.
RULE_LENGTH = 5.0
# PDFium's marks for a hyphen at the end of a line.
HYPHENS = {"\x02": "-", "\xad": "-", "\ufffe": "-"}


def pages_of_pdfplumber(released: Released, shown: str) -> list[Page]:
    """Return the pages as pdfplumber reads them.

    Raises:
        InputError: the PDF is damaged or locked.

    """
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


def pages_of_pdfium(released: Released, rules: Sequence[Page], shown: str) -> list[Page]:
    """Return the pages as PDFium reads them; the drawn lines are those of `rules`.

    Raises:
        InputError: the PDF is damaged or locked.

    """
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
