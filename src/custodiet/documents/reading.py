"""The text of a report that somebody submits: PDF with a text layer, Word, HTML, Markdown or plain text."""

import html
import io
import re
import zipfile
import zlib
from pathlib import Path

from custodiet.model.errors import InputError
from custodiet.sources.archives import unpack
from custodiet.sources.tables import decode, read_bytes

NOTES = ("word/footnotes.xml", "word/endnotes.xml")
# What a Word file may unpack to.
LIMIT = 200_000_000
HIDDEN = re.compile(r"<(script|style|head)\b.*?</\1\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
TAG = re.compile(r"<[^>]*>")
# A word that a line's end has parted.
PARTED = re.compile(r"(?<=[a-z])[-\u00ad\ufffe]\r?\n(?=[a-z])")


def read_report(path: Path) -> str:
    """Return a report's text.

    Raises:
        InputError: it can't be read, is damaged or locked, is of no kind that we read, or holds no text.

    """
    content = read_bytes(path, str(path))
    if content.startswith(b"%PDF"):
        text = _read_pdf(content, path)
    elif content.startswith(b"PK"):
        text = _read_word(content, path)
    elif path.suffix.lower() in (".html", ".htm") or content.lstrip()[:9].lower().startswith((b"<!doctype", b"<html")):
        text = html.unescape(TAG.sub(" ", HIDDEN.sub(" ", decode(content, "utf-8", str(path)))))
    elif path.suffix.lower() in (".txt", ".md", ".markdown", ""):
        text = decode(content, "utf-8", str(path))
    else:
        raise InputError(f"{path}: is no PDF, Word file, HTML, Markdown or plain text; save it as one of these.")
    text = PARTED.sub("", text.replace("\u200b", ""))
    if not re.search(r"\w", text):
        raise InputError(f"{path}: holds no text; a scan needs its text recognised first.")
    return text


def _read_pdf(content: bytes, path: Path) -> str:
    import pypdfium2  # noqa: PLC0415 - only PDFs need it

    try:
        document = pypdfium2.PdfDocument(content)
        pages = [page.get_textpage().get_text_range() for page in document]
    except (pypdfium2.PdfiumError, ValueError):
        raise InputError(f"{path}: a PDF that is damaged or locked; save it anew without a password.") from None
    return "\n".join(pages)


def _read_word(content: bytes, path: Path) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            too_much = f"{path}: unpacks to far more than a report holds; it is not read."
            body = archive.getinfo("word/document.xml")
            notes = [member for member in archive.infolist() if member.filename in NOTES]
            xml = b" ".join(unpack(archive, member, LIMIT, too_much) for member in [body, *notes])
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError):
        raise InputError(f"{path}: is no Word file, or a damaged one; save it as .docx or PDF.") from None
    text = xml.decode("utf-8", errors="replace")
    # Paragraphs and cells end a word; runs within them don't.
    return html.unescape(TAG.sub("", re.sub(r"</w:p>|</w:tc>|<w:br\b[^>]*/?>|<w:tab\b[^>]*/?>", " ", text)))
