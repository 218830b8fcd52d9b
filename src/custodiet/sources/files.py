"""One way from a file's bytes to its cells, be it pinned by a source, added by a user, or fetched."""

from collections.abc import Mapping
from itertools import chain

from custodiet.model.errors import InputError
from custodiet.sources.archives import read_zip
from custodiet.sources.pages import read_pages
from custodiet.sources.spec import FileKind, Form, Release
from custodiet.sources.tables import Table, read_csv, read_tsv, read_xlsx


def read_table(content: bytes, release: Release, form: Form, shown: str) -> Table:
    """Return the cells of a release's file.

    Raises:
        InputError: the file can't be read as what it should be, with the place where that first shows.

    """
    if release.layout == "tsv":
        return read_tsv(content, len(form.columns), shown)
    if release.layout == "xlsx":
        return read_xlsx(content, release.sheet, release.header_row, shown)
    return read_plain(content, release.layout, release.encoding, shown)


def read_plain(content: bytes, kind: FileKind, encoding: str, shown: str) -> Table:
    """Return the cells of a file that names its own columns: a CSV file, recorded pages, or an archive of either.

    The files of an archive are parts of one table, in the order of their names; parts without a record are passed over.

    Raises:
        InputError: the file, or one in the archive, can't be read, or two of them have other columns.

    """
    if kind == "csv":
        return read_csv(content, encoding, shown)
    if kind == "pages":
        return read_pages(content, shown)
    return _join(read_zip(content, shown), encoding, shown)


def _join(files: Mapping[str, bytes], encoding: str, shown: str) -> Table:
    parts: dict[str, Table] = {}
    for name, content in files.items():
        inside = f"{shown}, {name}"
        table = read_plain(content, guess_kind(content, inside, inside_archive=True), encoding, inside)
        if table.rows:
            parts[name] = table
    if not parts:
        raise InputError(f"{shown}: no file in the archive has a record; fetch another time or agency.")
    (first, head), *others = parts.items()
    for name, table in others:
        if table.headers != head.headers:
            raise InputError(
                f"{shown}: {first!r} and {name!r} in it have different columns; unpack it, and add them one by one."
            )
    tables = list(parts.values())
    counts = {table.counted for table in tables}
    return Table(
        head.headers,
        tuple(chain.from_iterable(table.rows for table in tables)),
        counted=counts.pop() if len(counts) == 1 else None,
        # Recorded pages in files of their own: only the last can say that more follow.
        faults=tables[-1].faults,
    )


def guess_kind(content: bytes, shown: str, *, inside_archive: bool = False) -> FileKind:
    """Return what kind of file these bytes are, by how they begin.

    Raises:
        InputError: an archive inside an archive, or a workbook.

    """
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        if inside_archive:
            raise InputError(f"{shown}: an archive inside an archive; unpack it, and add what it holds.")
        if b"[Content_Types].xml" in content[:4096]:
            raise InputError(f"{shown}: a workbook; add the CSV file or the archive as it was downloaded.")
        return "zip"
    return "pages" if content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[") else "csv"
