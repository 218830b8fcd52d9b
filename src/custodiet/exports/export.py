"""Write a register, or an agency's part of it, in a format that other tools read."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from custodiet.exports.describe import read_origin, write_description
from custodiet.exports.folders import write_csv_files, write_json_lines, write_parquet_files
from custodiet.exports.followthemoney import write_entities
from custodiet.exports.ocds import write_release_package
from custodiet.exports.place import placing_file, placing_folder
from custodiet.exports.published import published_tables
from custodiet.exports.sheets import write_workbook
from custodiet.exports.sqlite_file import write_metadata, write_sqlite
from custodiet.model.errors import QuestionError
from custodiet.model.text import echo
from custodiet.store import Register

Format = Literal["csv", "xlsx", "parquet", "jsonl", "sqlite", "ocds", "ftm"]
FORMATS: tuple[Format, ...] = get_args(Format)
FOLDERS = {"csv": write_csv_files, "jsonl": write_json_lines, "parquet": write_parquet_files}
CONTRACTS: dict[str, Callable[[Register, str | None, Path], int]] = {
    "ocds": write_release_package,
    "ftm": write_entities,
}


@dataclass(frozen=True)
class Exported:
    """What was written: the file or folder, how many tables (of none where the format has none), rows or records."""

    path: Path
    tables: int
    records: int
    # Cells of a workbook that were cut because a cell can't hold them; each says so.
    cuts: int = 0


def export(
    register: Register,
    out: Path | str,
    *,
    format: Format,  # noqa: A002 - the word of the command line
    tables: tuple[str, ...] = (),
    agency: str | None = None,
    force: bool = False,
) -> Exported:
    """Write a register to `out`: a folder for csv, jsonl and parquet, else a file. The same register gives the same bytes.

    Args:
        register: the register.
        out: where to; it appears whole or not at all. An earlier export may be there, and nothing else.
        format: csv, xlsx, parquet, jsonl, sqlite (with metadata for Datasette in `<out>.metadata.json`), ocds (an OCDS 1.1
            release package of the awards) or ftm (FollowTheMoney entities as JSON lines).
        tables: only these tables; by default all. Not for ocds and ftm.
        agency: only rows of this department or bureau, where a table's rows are some agency's.
        force: replace whatever is at `out`.

    Raises:
        ExportError: the place is taken or can't be written to, or the format can't hold the tables.
        QuestionError: an unknown format, table or agency, or no contracts to export.

    """
    path = Path(out)
    if format not in FORMATS:
        raise QuestionError(f"There is no format {echo(format)}; choose one of {', '.join(FORMATS)}.")
    if write_contracts := CONTRACTS.get(format):
        if tables:
            raise QuestionError(f"The format {format} is made of contracts, not of tables; leave `--tables` out.")
        with placing_file(path, force=force) as draft:
            return Exported(path, 0, write_contracts(register, agency, draft))
    chosen = published_tables(register, names=tables, agency=agency)
    origin = read_origin(register, agency)
    cuts = 0
    if write_files := FOLDERS.get(format):
        with placing_folder(path, force=force) as folder:
            write_files(register, chosen, folder)
            write_description(folder, chosen, origin, kind=format, is_flat=format == "csv")
    elif format == "xlsx":
        with placing_file(path, force=force) as draft:
            cuts = write_workbook(register, chosen, origin, draft)
    else:
        beside = path.with_name(f"{path.stem}.metadata.json")
        with placing_file(beside, force=force) as metadata, placing_file(path, force=force) as draft:
            write_sqlite(register, chosen, draft)
            write_metadata(chosen, origin, metadata, path.stem)
    return Exported(path, len(chosen), sum(table.rows for table in chosen), cuts)
