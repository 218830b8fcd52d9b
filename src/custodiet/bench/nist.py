"""Where a figure stands among the algorithms of NIST's published tables. The tables are not part of Custodiet."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from custodiet.bench import differentials
from custodiet.bench.arrays import Floats
from custodiet.model.errors import InputError
from custodiet.store.columns import Columns

CELLS = "fmr_demographics_2024-09-20.csv"
EIGHT = "fpir_8_groups.csv"
ANNEX = "ir8280_annex15.csv"
FPIR_GROUPS = tuple(f"{region}_{sex}" for sex in "FM" for region in ("E-Asia", "E-Europe", "S-Asia", "W-Africa"))
FMR_GROUPS = tuple(f"FMR.{sex}.{group}" for sex in "FM" for group in ("AmIndian", "Asian", "Black", "White"))
FNMR_GROUPS = tuple(name.replace("FMR", "FNMR") for name in FMR_GROUPS)
OF_CELLS = "of 50 cells of region, age and sex, at an overall FMR of 3e-5"
OF_FPIR = "of 8 groups of region and sex, at an FPIR of at most 0.002 for women of East Europe"
OF_ANNEX = "of 8 groups of race and sex, in NIST IR 8280, annex 15, where FMR is rounded to a tenth of a decade"


@dataclass(frozen=True)
class Table:
    """How a measure is found in a table: its file, what it takes of each algorithm, and what NIST measured."""

    file: str
    columns: tuple[str, ...]
    summarise: Callable[[Floats], float]
    groups: int
    what: str
    # Whether a greater figure is the better one.
    is_high_better: bool = False


def _only(row: Floats) -> float:
    return float(row[0])


def _both(function: Callable[[Floats, Floats], float]) -> Callable[[Floats], float]:
    return lambda row: function(row[: len(FMR_GROUPS)], row[len(FMR_GROUPS) :])


TABLES = {
    "fmr_max_over_min": Table(CELLS, ("fmr_max_over_min",), _only, 50, f"FMR, worst over best {OF_CELLS}"),
    "fmr_max_over_mean": Table(CELLS, ("fmr_max_over_mean",), _only, 50, f"FMR, worst over the mean {OF_CELLS}"),
    "fmr_mxog": Table(ANNEX, FMR_GROUPS, differentials.mxog, 8, f"FMR, worst over the geometric mean {OF_ANNEX}"),
    "fmr_gini": Table(ANNEX, FMR_GROUPS, differentials.gini, 8, f"Gini of FMR {OF_ANNEX}"),
    "fnmr_gini": Table(ANNEX, FNMR_GROUPS, differentials.gini, 8, f"Gini of FNMR {OF_ANNEX}"),
    "fdr": Table(
        ANNEX, (*FMR_GROUPS, *FNMR_GROUPS), _both(differentials.fairness_discrepancy), 8, f"FDR {OF_ANNEX}",
        is_high_better=True,
    ),
    "inequity_ratio": Table(
        ANNEX, (*FMR_GROUPS, *FNMR_GROUPS), _both(differentials.inequity_ratio), 8, f"inequity ratio {OF_ANNEX}"
    ),
    "garbe": Table(ANNEX, (*FMR_GROUPS, *FNMR_GROUPS), _both(differentials.garbe), 8, f"GARBE {OF_ANNEX}"),
    "fpir_max_over_min": Table(EIGHT, FPIR_GROUPS, differentials.max_over_min, 8, f"FPIR, worst over best {OF_FPIR}"),
    "fpir_max_over_mean": Table(EIGHT, FPIR_GROUPS, differentials.max_over_mean, 8, f"FPIR, worst over the mean {OF_FPIR}"),
    "fpir_gini": Table(EIGHT, ("GINI_published",), _only, 8, f"Gini of FPIR {OF_FPIR}"),
    "fpir_mxog": Table(EIGHT, ("MXOG_published",), _only, 8, f"FPIR, worst over the geometric mean {OF_FPIR}"),
}  # fmt: skip
WARNING = (
    "One vendor's or algorithm's figures say nothing about another's, and NIST's test is not yours: other images, other "
    "groups, other thresholds. Fewer groups differ less by themselves. A place among its algorithms is "
    "orientation, and no result."
)


def files(folder: Path | None) -> list[Path]:
    """Return the tables of a folder that results are placed by, as far as they are there."""
    names = sorted({table.file for table in TABLES.values()})
    return [] if folder is None else [folder / name for name in names if (folder / name).is_file()]


@dataclass(frozen=True)
class Place:
    """Where a figure stands: how many of NIST's algorithms do better, of how many, their median, over how many groups."""

    measure: str
    value: float
    better: int
    algorithms: int
    median: float
    groups: int
    what: str


def read_figures(measure: str, folder: Path) -> Floats:
    """Return a measure's figures of NIST's algorithms, ascending; algorithms that lack one of the columns are left out.

    Raises:
        InputError: the folder lacks the table, or the table a column.

    """
    table = TABLES[measure]
    path = folder / table.file
    if not path.is_file():
        raise InputError(f"{folder}: has no NIST table {table.file}; give the folder that holds it with `--nist`.")
    with Columns(path) as columns:
        columns.require(list(table.columns), "the placing")
        rows = np.column_stack([columns.numbers(name, empty=-1.0) for name in table.columns])
    return np.sort([table.summarise(row) for row in rows[(rows >= 0).all(axis=1)]])


def place(measure: str, value: float | None, folder: Path) -> Place | None:
    """Return where a figure stands among NIST's algorithms, or None where NIST's tables have no such measure.

    Raises:
        InputError: the folder lacks the table.

    """
    if measure not in TABLES or value is None or np.isnan(value):
        return None
    table, figures = TABLES[measure], read_figures(measure, folder)
    better = int(np.count_nonzero(figures > value if table.is_high_better else figures < value))
    return Place(measure, value, better, figures.size, float(np.median(figures)), table.groups, table.what)
