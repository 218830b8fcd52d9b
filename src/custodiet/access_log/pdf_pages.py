"""The pages of a PDF as two readers see them, pdfplumber and PDFium: characters and where they stand."""

import contextlib
import io
import logging
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from custodiet.access_log.files import Released
from custodiet.access_log.pdf_layout import Char, Page, make_page
from custodiet.model.errors import InputError

# A drawn line shorter than this, in points, parts nothing.
RULE_LENGTH = 5.0
# What is told where compressed data break off; what could be read of them would pass for the whole.
DATA_LOSS = "Data-loss"
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
    pages: list[Page] = []
    try:
        with _listening() as told, pdfplumber.open(io.BytesIO(released.content)) as document:
            for page in document.pages:
                chars = [Char(c["text"], c["x0"], c["x1"], c["top"], c["bottom"]) for c in page.chars]
                across = [e["top"] for e in page.edges if e["orientation"] == "h" and e["x1"] - e["x0"] > RULE_LENGTH]
                down = [e["x0"] for e in page.edges if e["orientation"] == "v" and e["bottom"] - e["top"] > RULE_LENGTH]
                pages.append(make_page(chars, across, down))
                page.close()
                if any(DATA_LOSS in line for line in told):
                    raise InputError(f"{shown}, page {len(pages)}: the PDF is damaged, and text is lost; ask for it again.")
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


@contextlib.contextmanager
def _listening() -> Iterator[list[str]]:
    """Give what pdfminer, below pdfplumber, warns of, and keep it from the terminal: most of it is of no account.

    Of compressed data that break off pdfminer takes what there is, or nothing, and mostly without a word.
    """
    from pdfminer import pdftypes  # noqa: PLC0415 - only PDFs need it

    told: list[str] = []
    take_what_there_is = pdftypes.decompress_corrupted

    def tell(data: bytes) -> bytes:
        if _breaks_off(data):
            told.append(DATA_LOSS)
        return take_what_there_is(data)

    pdftypes.decompress_corrupted = tell
    handler = logging.Handler()
    handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("pdfminer")
    before = logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield told
    finally:
        pdftypes.decompress_corrupted = take_what_there_is
        logger.removeHandler(handler)
        logger.propagate = before


def _breaks_off(data: bytes) -> bool:
    """Tell whether compressed data end before their last block; that only the checksum behind it is missing does no harm."""
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflate.decompress(data[2:])
    except zlib.error:
        return True
    return not inflate.eof


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
