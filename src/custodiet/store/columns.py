"""Read columns of CSV and Parquet files as arrays, with the row and column of what is wrong in them.

Nothing of such a file enters a register. Rows are counted from 1, without the header.
"""

import os
import re
import resource
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import numpy as np
import numpy.typing as npt

from custodiet.model.errors import InputError
from custodiet.store.database import OFFLINE, literal, quoted

# The share of the machine's memory that a file's columns may take.
MEMORY_SHARE = 0.6
# Address space below which DuckDB, opened, crashes or never returns, as measured under `ulimit -v`: between 0.9 and 1.1 GB.
LEAST_SPACE = 1_500_000_000
# The share of it up to which a CSV file is read once and held as words, which take some four times its size; of a larger
# one every column is a reading of its own.
HELD_SHARE = 0.05
PARQUET = (".parquet", ".pq")
TRUE_WORDS = ("1", "true", "yes", "y", "t")
FALSE_WORDS = ("0", "false", "no", "n", "f")


@dataclass(frozen=True)
class Labels:
    """A column of words: each row's number, and the words by number, in their order. An empty cell is -1."""

    codes: npt.NDArray[np.int64]
    words: tuple[str, ...]


class Columns:
    """The columns of one file. Use it as a context manager."""

    def __init__(self, path: Path) -> None:
        """Open a file.

        Raises:
            InputError: there is no such file, it is neither CSV nor Parquet, or its header is damaged.

        """
        self.shown = path.name
        if not path.is_file():
            raise InputError(f"{path}: there is no such file; give a CSV or Parquet file.")
        _refuse_tight_limit(self.shown)
        self._connection = duckdb.connect(":memory:", config=OFFLINE)
        if path.suffix.lower() in PARQUET:
            source = f"read_parquet({literal(str(path))})"
        elif path.suffix.lower() in (".csv", ".tsv", ".txt"):
            delimiter = "'\\t'" if path.suffix.lower() == ".tsv" else "','"
            source = (
                f"read_csv({literal(str(path))}, header = true, all_varchar = true, delim = {delimiter}, "
                "quote = '\"', escape = '\"', auto_detect = false, strict_mode = true, nullstr = '', "
                f"columns = {{{_header(path, delimiter)}}})"
            )
        else:
            raise InputError(f"{self.shown}: neither .csv, .tsv nor .parquet; save it as one of these.")
        try:
            is_held = path.suffix.lower() not in PARQUET and path.stat().st_size <= HELD_SHARE * _memory()
            self._connection.execute(f"create {'table' if is_held else 'view'} cells as select * from {source}")
            described = self._connection.execute("describe cells").fetchall()
            self.rows: int = self._one("select count(*) from cells")
        except duckdb.Error as error:
            raise self._damaged(error) from None
        self.names: tuple[str, ...] = tuple(row[0] for row in described)
        if not self.rows:
            raise InputError(f"{self.shown}: has a header and no rows; give a file with at least one.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._connection.close()

    def require(self, names: Sequence[str], what: str) -> None:
        """Refuse a file that lacks one of these columns; `what` says what they are for."""
        if missing := [name for name in names if name not in self.names]:
            raise InputError(
                f"{self.shown}: has no column {missing[0]!r}, which {what} needs; its columns are {', '.join(self.names)}."
            )

    def numbers(
        self, name: str, *, low: float | None = None, high: float | None = None, empty: float | None = None
    ) -> npt.NDArray[np.float64]:
        """Return a column as numbers; every cell must hold a finite one, within the bounds where there are some.

        An empty cell is `empty`, where that is given, and else a fault.

        Raises:
            InputError: a cell is empty, no number, NaN, infinite or out of bounds; or the column does not fit in memory.

        """
        refuse_too_large(self.rows * 8, self.shown)
        self.require([name], "the bench")
        cell = quoted(name)
        text = f"trim(cast({cell} as varchar))"
        try:
            values = self._array(f"select try_cast({cell} as double) as value from cells")
        except InputError:
            # DuckDB has its CSV reader cast, strictly; the trimmed text can't be pushed down to it.
            values = self._array(f"select try_cast({text} as double) as value from cells")
        is_empty = np.zeros(values.size, dtype=bool)
        if empty is not None:
            is_empty = self._array(f"select coalesce({text}, '') = '' as value from cells").astype(bool)
            if is_empty.all():
                raise InputError(f"{self.shown}, column {name!r}: every cell is empty; write at least one number.")
        wrong = ~(np.isfinite(values) | is_empty)
        for bound, is_beyond in ((low, np.less), (high, np.greater)):
            if bound is not None:
                wrong |= is_beyond(values, bound) & ~is_empty
        if wrong.any():
            span = f" from {low:g} to {high:g}" if low is not None and high is not None else ""
            raise self._fault(wrong, name, f"write a finite number{span}")
        return values if empty is None else np.where(is_empty, empty, values)

    def flags(self, name: str) -> npt.NDArray[np.bool_]:
        """Return a column of yes and no (also 1 and 0, true and false)."""
        labels = self.labels(name, may_be_empty=True)
        folded = [word.strip().casefold() for word in labels.words]
        # The last is what an empty cell, numbered -1, is looked up as.
        meaning = np.array([1 if word in TRUE_WORDS else 0 if word in FALSE_WORDS else -1 for word in folded] + [-1])
        values = meaning[labels.codes]
        if (values < 0).any():
            raise self._fault(values < 0, name, "write 1 or 0, yes or no, true or false")
        return np.asarray(values == 1)

    def labels(self, name: str, *, may_be_empty: bool = False) -> Labels:
        """Return a column of words as numbers, and the words, sorted."""
        self.require([name], "the bench")
        cell = f"cast({quoted(name)} as varchar)"
        found = self._connection.execute(f"select distinct {cell} as w from cells where {cell} is not null order by w")
        words = tuple(row[0] for row in found.fetchall())
        if not words:
            codes = np.full(self.rows, -1, dtype=np.int64)
        else:
            # An enumeration, and no join (nor an IN, which becomes one): only a plain scan gives rows in the file's order.
            self._connection.execute("create or replace temp table words as select unnest($1) as w", [list(words)])
            self._connection.execute("drop type if exists word")
            self._connection.execute("create type word as enum (select w from words)")
            codes = self._array(f"select coalesce(enum_code({cell}::word)::bigint, -1) as value from cells")
        if not may_be_empty and (codes < 0).any():
            raise self._fault(codes < 0, name, "write a value, or leave the row out")
        return Labels(codes, words)

    def sample_words(self, name: str, size: int) -> list[tuple[int, str]]:
        """Return the first rows that have a word in this column, as their number and the word; few of a long file."""
        cell = f"cast({quoted(name)} as varchar)"
        self._connection.execute("set threads = 1")
        sql = f"select row_number() over () as n, {cell} as w from (select {quoted(name)} from cells limit {size * 20})"
        try:
            found = self._connection.execute(f"select n, w from ({sql}) where trim(w) <> '' order by n limit {size}")
            return [(int(number), str(word)) for number, word in found.fetchall()]
        except duckdb.Error as error:
            raise self._damaged(error) from None
        finally:
            self._connection.execute("reset threads")

    def _array(self, sql: str) -> npt.NDArray[Any]:
        try:
            found = self._connection.execute(sql).fetchnumpy()["value"]
        except (duckdb.OutOfMemoryException, MemoryError):
            raise too_large(self.shown) from None
        except duckdb.Error as error:
            raise self._damaged(error) from None
        return np.ma.filled(found.astype(np.float64), np.nan) if isinstance(found, np.ma.MaskedArray) else found

    def _one(self, sql: str) -> Any:
        row = self._connection.execute(sql).fetchone()
        return row[0] if row else None

    def _fault(self, wrong: npt.NDArray[np.bool_], name: str, remedy: str) -> InputError:
        """Return what to say of the first cell that is wrong."""
        row = int(np.argmax(wrong)) + 1
        # Several threads may number rows otherwise than the file does.
        self._connection.execute("set threads = 1")
        text = self._one(f"select {quoted(name)} from cells limit 1 offset {row - 1}")
        fault = "is empty" if text is None or text == "" else f"has {str(text)!r}"
        return InputError(f"{self.shown}, row {row}, column {name!r}: {fault}; {remedy}.")

    def _damaged(self, error: duckdb.Error) -> InputError:
        first = " ".join(str(error).split()).partition(" LINE 1: ")[0]
        if isinstance(error, duckdb.OutOfMemoryException):
            return too_large(self.shown)
        if cells := re.search(r"Line: (\d+) .*Expected Number of Columns: (\d+) Found: (\d+)", first):
            # A line more than one row long makes the line's number larger than the row's.
            return InputError(
                f"{self.shown}, line {cells[1]}: has {cells[3]} cells, and the header has {cells[2]}; mend the line, or "
                "quote a cell that holds a comma."
            )
        return InputError(f"{self.shown}: can't be read ({first[:200].rstrip('.')}); mend the file there.")


def _header(path: Path, delimiter: str) -> str:
    """Return the columns of a CSV file as DuckDB wants them: the header's names, each once."""
    import csv  # noqa: PLC0415

    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            names = [name.strip() for name in next(csv.reader(stream, delimiter="\t" if "t" in delimiter else ","), [])]
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name}, byte {error.start}: not UTF-8; save the file as UTF-8.") from None
    except (OSError, csv.Error) as error:
        raise InputError(f"{path.name}: can't be read ({error}); check the file.") from None
    if not names:
        raise InputError(f"{path.name}: is empty; give a file with a header and rows.")
    if not all(names):
        raise InputError(f"{path.name}, row 0: a column has no name; give each one in the first line.")
    folded = [name.casefold() for name in names]
    if twice := [name for name in names if folded.count(name.casefold()) > 1]:
        raise InputError(f"{path.name}, row 0: the column {twice[0]!r} stands twice; rename one.")
    return ", ".join(f"{literal(name)}: 'varchar'" for name in names)


def read_parquet(path: Path) -> dict[str, list[Any]]:
    """Return all columns of a Parquet file as lists."""
    with duckdb.connect(":memory:", config=OFFLINE) as connection:
        found = connection.execute(f"select * from read_parquet({literal(str(path))})")
        names = [column[0] for column in found.description or ()]
        return {name: list(cells) for name, cells in zip(names, zip(*found.fetchall(), strict=True), strict=True)}


def _refuse_tight_limit(shown: str) -> None:
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY and limit < LEAST_SPACE:
        raise InputError(
            f"{shown}: not read, for this process may take {limit / 1e9:,.1f} GB of address space and reading takes "
            f"{LEAST_SPACE / 1e9:,.1f}; raise the limit (`ulimit -v`)."
        )


def _memory() -> int:
    """Return how many bytes of memory there are for us."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return memory if limit == resource.RLIM_INFINITY else min(memory, limit)


def refuse_too_large(size: int, shown: str) -> None:
    """Refuse data of so many bytes where they would take most of the memory that there is for us."""
    memory = _memory()
    if size > MEMORY_SHARE * memory:
        raise InputError(
            f"{shown}: {size / 1e9:,.1f} GB of numbers, and there are {memory / 1e9:,.1f} GB of memory here; use a larger "
            "machine, or a sample of whole subjects."
        )


def too_large(shown: str) -> InputError:
    """Return what to say of a file whose columns did not fit in memory."""
    return InputError(f"{shown}: does not fit in memory; use a larger machine, or a sample of whole subjects.")


def read_npy(path: Path) -> npt.NDArray[np.floating[Any]]:
    """Return a one-dimensional array of finite numbers from a .npy file, in single or double precision as it is there.

    Raises:
        InputError: no such file, no array of numbers, empty, or a number that is not finite.

    """
    try:
        refuse_too_large(path.stat().st_size, path.name)
        values = np.load(path, allow_pickle=False)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; give a .npy file of numbers.") from None
    except MemoryError:
        raise too_large(path.name) from None
    except (OSError, ValueError, EOFError):
        # numpy says of any other file that it is pickled, and how to load it unsafely.
        raise InputError(f"{path.name}: no readable .npy array of numbers; save one with numpy.save.") from None
    if not isinstance(values, np.ndarray) or values.ndim != 1 or values.dtype.kind not in "fiu":
        raise InputError(f"{path.name}: no one-dimensional array of numbers; save one with numpy.save.")
    if not values.size:
        raise InputError(f"{path.name}: is empty; give at least one number.")
    if values.dtype not in (np.float32, np.float64):
        values = values.astype(np.float64)
    step = 1 << 20
    for start in range(0, values.size, step):
        finite = np.isfinite(values[start : start + step])
        if not finite.all():
            row = start + int(np.argmin(finite)) + 1
            raise InputError(f"{path.name}, row {row}, column 1: has {values[row - 1]}; write a finite number.")
    return np.asarray(values)
