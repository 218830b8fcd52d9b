"""Where a figure stands among the algorithms of NIST's published tables. The tables are not part of Custodiet."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from custodiet.model.errors import InputError
from custodiet.store.columns import Columns

# The file of each measure that can be placed, its column, and what NIST measured.
TABLES = {
    "fmr_max_over_min": ("fmr_demographics_2024-09-20.csv", "fmr_max_over_min",
                         "FMR, worst over best of 50 cells of region, age and sex, at an overall FMR of 3e-5"),
    "fmr_max_over_mean": ("fmr_demographics_2024-09-20.csv", "fmr_max_over_mean",
                          "FMR, worst cell over the mean of 50 cells, at an overall FMR of 3e-5"),
    "fpir_gini": ("fpir_8_groups.csv", "GINI_published", "Gini of FPIR over 8 groups of region and sex"),
    "fpir_mxog": ("fpir_8_groups.csv", "MXOG_published", "FPIR, worst group over the geometric mean of 8 groups"),
}  # fmt: skip
WARNING = (
    "One vendor's or algorithm's figures say nothing about another's, and NIST's test is not yours: other images, "
    "other groups, "
    "other thresholds. A place among its algorithms is orientation, and no result."
)


@dataclass(frozen=True)
class Place:
    """Where a figure stands: how many of NIST's algorithms do better, of how many, their median, what they tell."""

    measure: str
    value: float
    better: int
    algorithms: int
    median: float
    what: str


def read_column(path: Path, column: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the figures of one column of a NIST table; algorithms without one are left out."""
    with Columns(path) as columns:
        columns.require([column], "the placing")
        values = columns.numbers(column, empty=-1.0)
    return np.sort(values[values >= 0])


def place(measure: str, value: float | None, folder: Path) -> Place | None:
    """Return where a figure stands among NIST's algorithms, or None where NIST's tables have no such measure.

    Raises:
        InputError: the folder lacks the table.

    """
    if measure not in TABLES or value is None:
        return None
    file, column, what = TABLES[measure]
    path = folder / file
    if not path.is_file():
        raise InputError(f"{folder}: has no NIST table {file}; give the folder that holds it with `--nist`.")
    figures = read_column(path, column)
    return Place(measure, value, int(np.searchsorted(figures, value)), figures.size, float(np.median(figures)), what)
