"""What can be taken along: any list as CSV, XLSX and JSON, any drawing as SVG and PNG. Same records, same bytes."""

import io
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from custodiet.exports.tables import to_json, write_csv, write_xlsx
from custodiet.model.errors import QuestionError
from custodiet.model.text import echo


@dataclass(frozen=True)
class Figure:
    """A drawing and its table, under one name."""

    name: str
    title: str
    drawn: Markup
    table: Sequence[Mapping[str, Any]]


TABLE_FORMS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
FIGURE_FORMS = {"svg": "image/svg+xml", "png": "image/png"}
# A drawing's pixels are a screen's; on paper, and on most phones, twice as many are sharp.
PNG_SCALE = 2
# From here on, more time hardly makes a picture smaller.
PNG_LEVEL = 6
# An address names the encoding, since a file that was saved has lost the header that a server sent.
XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def write_table(records: Sequence[Mapping[str, Any]], form: str, title: str) -> bytes:
    """Return a list as a file: formulas are kept from being formulas, nested values are flat but in JSON.

    Raises:
        QuestionError: no such form.

    """
    if form == "csv":
        text = io.StringIO(newline="")
        write_csv(records, text)
        # A spreadsheet takes a file without this mark for one in the machine's old alphabet.
        return text.getvalue().encode("utf-8-sig", "replace")
    if form == "xlsx":
        with tempfile.TemporaryDirectory(prefix="custodiet-") as folder:
            path = Path(folder) / "table.xlsx"
            write_xlsx(records, path, title)
            return path.read_bytes()
    if form == "json":
        return to_json(list(records)).encode("utf-8", "replace")
    raise QuestionError(f"{echo(form)} is no form of a table; choose one of {', '.join(TABLE_FORMS)}.")


def write_figure(drawn: str, form: str) -> bytes:
    """Return a drawing as a file that stands alone.

    Raises:
        QuestionError: no such form.

    """
    if form == "svg":
        # As plain text: markup that is added to takes what is added for a text, and escapes it.
        return f"{XML_HEAD}{drawn}\n".encode()
    if form == "png":
        return draw_png(drawn)
    raise QuestionError(f"{echo(form)} is no form of a drawing; choose one of {', '.join(FIGURE_FORMS)}.")


def draw_png(drawn: str, scale: float = PNG_SCALE) -> bytes:
    """Return a drawing as a PNG with so many times its own pixels.

    The renderer packs for speed: the same rows packed again (PNG specification, 10.3) are a third of its size.
    """
    import vl_convert  # noqa: PLC0415 - loads slowly, and only a picture needs it

    png: bytes = vl_convert.svg_to_png(str(drawn), scale=scale)
    chunks = list(_chunks(png))
    rows = zlib.decompress(b"".join(content for kind, content in chunks if kind == b"IDAT"))
    kept = [chunk for chunk in chunks if chunk[0] not in (b"IDAT", b"IEND")]
    packed = [*kept, (b"IDAT", zlib.compress(rows, PNG_LEVEL)), (b"IEND", b"")]
    return png[:8] + b"".join(
        len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")
        for kind, content in packed
    )


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give the parts of a PNG: after its signature of eight bytes, each with its length, its kind and a check sum."""
    place = 8
    while place < len(png):
        length = int.from_bytes(png[place : place + 4], "big")
        yield png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        place += length + 12
