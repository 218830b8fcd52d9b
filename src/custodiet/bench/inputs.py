"""Read what a tester hands in, and refuse what the bench has no use for: names, plates, phones, identity numbers."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from custodiet.bench.arrays import Bools, Ints
from custodiet.bench.measure import ALL
from custodiet.model.errors import InputError
from custodiet.store.columns import Columns

# Words of a column's name that tell of a person. The bench needs pseudonyms, groups and figures, and nothing else.
PERSONAL = {
    "name", "surname", "firstname", "lastname", "fullname", "forename", "given", "alias", "dob", "birthdate", "birthday",
    "birth", "ssn", "soc", "plate", "plates", "license", "licence", "vin", "phone", "telephone", "mobile", "cell", "msisdn", "imei",
    "imsi", "email", "mail", "passport", "alien", "anumber", "fein", "tin", "itin", "street", "home", "photo", "image", "face",
}  # fmt: skip
# What cells of such columns look like, whatever the column is called.
PATTERNS = {
    "a social security number": re.compile(r"\d{3}-\d{2}-\d{4}"),
    "a phone number": re.compile(r"(?:\+?1[ .-]?)?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}"),
    "an e-mail address": re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", re.IGNORECASE),
    "an alien registration number": re.compile(r"A[- ]?\d{8,9}"),
    "a number plate": re.compile(r"(?=[A-Z0-9 -]*\d)(?=[A-Z0-9 -]*[A-Z])[A-Z]{1,3}[ -]?\d{3,4}[A-Z]{0,2}|\d[A-Z]{3}\d{3}"),
}
SAMPLE = 200


def refuse_personal(columns: Columns, looked_at: tuple[str, ...] = ()) -> None:
    """Refuse a file with a column that is named like personal data, or whose words look like it.

    `looked_at` are columns of words whose cells are looked at as well: pseudonyms and groups.
    """
    for name in columns.names:
        words = set(re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()))
        if words & PERSONAL:
            raise InputError(
                f"{columns.shown}, row 0, column {name!r}: named like personal data; the bench works with pseudonyms, groups and "
                "figures, so take the column out or rename it to what it holds."
            )
    for name in looked_at:
        labels = columns.labels(name, may_be_empty=True)
        words_seen = labels.words[:SAMPLE]
        for what, pattern in PATTERNS.items():
            like = [place for place, word in enumerate(words_seen) if pattern.fullmatch(word)]
            # A single code may look like a plate; a column of them is one.
            if like and len(like) * 2 > len(words_seen):
                row = int(np.argmax(labels.codes == like[0])) + 1
                raise InputError(
                    f"{columns.shown}, row {row}, column {name!r}: looks like {what}; the bench takes pseudonyms only, so replace "
                    "each by a random number of your own."
                )


@dataclass(frozen=True)
class Grouping:
    """A division of rows into groups: each row's group, -1 where a cell is empty, and the groups' names."""

    by: str
    codes: Ints
    names: tuple[str, ...]

    def sizes(self, weights: Bools | None = None) -> Ints:
        """Return how many rows each group has, of those that count."""
        kept = self.codes >= 0 if weights is None else (self.codes >= 0) & weights
        return np.bincount(self.codes[kept], minlength=len(self.names))


def read_groupings(columns: Columns, by: tuple[str, ...]) -> list[Grouping]:
    """Return a division for each name; `sex+region` crosses two columns. An empty cell is in no group, and is counted."""
    found = []
    for name in by:
        parts = [part.strip() for part in name.split("+")]
        columns.require(parts, "the grouping")
        labels = [columns.labels(part, may_be_empty=True) for part in parts]
        codes = np.zeros(columns.rows, dtype=np.int64)
        empty = np.zeros(columns.rows, dtype=bool)
        for each in labels:
            codes = codes * max(len(each.words), 1) + np.maximum(each.codes, 0)
            empty |= each.codes < 0
        # Only crossings that the file has; their names say of which column each word is.
        used, numbers = np.unique(codes[~empty], return_inverse=True)
        own = np.full(columns.rows, -1, dtype=np.int64)
        own[~empty] = numbers
        names = []
        for code in used.tolist():
            words = []
            for part, each in zip(reversed(parts), reversed(labels), strict=True):
                code, place = divmod(code, len(each.words))  # noqa: PLW2901 - unpacked digit by digit
                words.append(f"{part}={each.words[place]}")
            names.append(" ".join(reversed(words)))
        if not names:
            raise InputError(f"{columns.shown}, column {name!r}: every cell is empty; group by a column that has words.")
        found.append(Grouping(name, own, tuple(names)))
    return found


def one_group(rows: int) -> Grouping:
    """Return the division that has everything in one group."""
    return Grouping(ALL, np.zeros(rows, dtype=np.int64), (ALL,))


def existing(path: Path | None) -> list[Path]:
    """Return a path in a list, or an empty list."""
    return [path] if path is not None else []
