"""Read what a tester hands in, and refuse what the bench has no use for: names, plates, phones, identity numbers."""

import re
from dataclasses import dataclass

import numpy as np

from custodiet.bench.arrays import Bools, Ints
from custodiet.bench.measure import ALL
from custodiet.model.errors import InputError
from custodiet.store.columns import Columns

# Words of a column's name that tell of a person. The bench needs pseudonyms, groups and figures, and nothing else.
PERSONAL = frozenset(
    [
        "name",
        "surname",
        "firstname",
        "lastname",
        "fullname",
        "forename",
        "alias",
        "dob",
        "birthdate",
        "birthday",
        "ssn",
        "plate",
        "plates",
        "license",
        "licence",
        "vin",
        "phone",
        "telephone",
        "cellphone",
        "mobile",
        "msisdn",
        "imei",
        "imsi",
        "email",
        "mail",
        "address",
        "street",
        "passport",
        "alien",
        "anumber",
        "tin",
        "itin",
        "photo",
        "lpn",
        "curp",
        "nombre",
        "apellido",
        "placa",
        "telefono",
        "domicilio",
    ]
)
# And these within a longer word: licenseplate, phonenumber, homeaddress. A template is none.
WITHIN = re.compile(
    r"licen[sc]eplate|plateno|platenum|phone|email|surname|firstname|lastname|fullname|middlename|givenname|familyname|passport"
    r"|birthda[ty]|dateofbirth|homeaddress|streetaddress|socialsecurity|driverslicen|driverlicen"
)
# And words that do so together: a region of birth is a group, a date of birth is not.
TOGETHER = (frozenset({"date", "birth"}), frozenset({"soc", "sec"}), frozenset({"social", "security"}))
# What cells of such columns look like, whatever the column is called.
PATTERNS = {
    "a social security number": re.compile(r"\d{3}-\d{2}-\d{4}"),
    "a phone number": re.compile(r"(?:\+?1[ .-]?)?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}"),
    "an e-mail address": re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", re.IGNORECASE),
    "an alien registration number": re.compile(r"A[- ]?\d{8,9}"),
}
PLATE = re.compile(r"(?=[A-Z0-9 -]*\d)(?=[A-Z0-9 -]*[A-Z])(?:[A-Z]{1,3}[ -]?\d{3,4}[A-Z]{0,2}|\d[A-Z]{3}\d{3})")
NAME = re.compile(r"[A-Z][a-z'’-]+(?: [A-Z][.]?)?(?: [A-Z][a-z'’-]+){1,2}|[A-Z'’-]{2,}, ?[A-Z][A-Za-z'’-]+(?: [A-Z][.]?)?")
SAMPLE = 200
# So many different words that look like names, or plates, are no groups.
MANY = 20
EMPTY = "(empty)"


def refuse_personal(columns: Columns, pseudonyms: tuple[str, ...] = ()) -> None:
    """Refuse a file with a column that is named like personal data, or whose words look like it, whether it is read or not.

    `pseudonyms` are columns that tell subjects apart: there, few words that look like names are already too many.
    """
    for name in columns.names:
        words = set(re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()))
        joined = re.sub(r"[^a-z]", "", name.lower())
        if words & PERSONAL or WITHIN.search(joined) or any(together <= words for together in TOGETHER):
            raise InputError(
                f"{columns.shown}, row 0, column {name!r}: named like personal data; the bench works with pseudonyms, groups "
                "and figures, so take the column out or rename it to what it holds."
            )
    for name in columns.names:
        seen = columns.sample_words(name, SAMPLE)
        found = _looks_personal([word.strip() for _, word in seen], 1 if name in pseudonyms else MANY)
        if found:
            what, place = found
            raise InputError(
                f"{columns.shown}, row {seen[place][0]}, column {name!r}: looks like {what}; the bench takes pseudonyms "
                "only, so replace each by a random number of your own, or take the column out."
            )


def _looks_personal(words: list[str], many: int) -> tuple[str, int] | None:
    """Return what most of the words look like, and the place of the first such; or None."""
    for what, pattern in [*PATTERNS.items(), ("a number plate", PLATE), ("a person's name", NAME)]:
        like = [place for place, word in enumerate(words) if pattern.fullmatch(word)]
        different = {words[place] for place in like}
        # A single code may look like a plate; a column of them is one.
        if len(like) * 2 <= len(words):
            continue
        if pattern in (PLATE, NAME) and len(different) < many:
            continue
        # Letters that never change are a counter's: S001, S002.
        if pattern is PLATE and len({re.sub(r"[^A-Z]", "", word) for word in different}) == 1:
            continue
        return what, like[0]
    return None


@dataclass(frozen=True)
class Grouping:
    """A division of rows into groups: each row's group, and the groups' names. Empty cells are a group of their own."""

    by: str
    codes: Ints
    names: tuple[str, ...]

    def count(self, rows: Bools | None = None) -> Ints:
        """Return how many rows each group has, of those that are marked."""
        return np.bincount(self.codes if rows is None else self.codes[rows], minlength=len(self.names))

    def take(self, rows: Bools) -> "Grouping":
        """Return the division of the marked rows; groups that have none of them stay."""
        return Grouping(self.by, self.codes[rows], self.names)


def read_groupings(columns: Columns, by: tuple[str, ...]) -> list[Grouping]:
    """Return a division for each name; `sex+region` crosses two columns. Rows with an empty cell are a group, "(empty)"."""
    found = []
    for name in by:
        parts = [part.strip() for part in name.split("+")]
        columns.require(parts, "the grouping")
        labels = [columns.labels(part, may_be_empty=True) for part in parts]
        for part, each in zip(parts, labels, strict=True):
            if not each.words:
                raise InputError(f"{columns.shown}, column {part!r}: every cell is empty; group by a column that has words.")
        codes = np.zeros(columns.rows, dtype=np.int64)
        for each in labels:
            # An empty cell is numbered after all words.
            codes = codes * (len(each.words) + 1) + np.where(each.codes < 0, len(each.words), each.codes)
        # Only crossings that the file has; their names say of which column each word is.
        used, numbers = np.unique(codes, return_inverse=True)
        names = []
        for code in used.tolist():
            words = []
            for part, each in zip(reversed(parts), reversed(labels), strict=True):
                code, place = divmod(code, len(each.words) + 1)  # noqa: PLW2901 - unpacked digit by digit
                words.append(f"{part}={(*each.words, EMPTY)[place]}")
            names.append(" ".join(reversed(words)))
        found.append(Grouping(name, numbers.astype(np.int64), tuple(names)))
    return found


def one_group(rows: int) -> Grouping:
    """Return the division that has everything in one group."""
    return Grouping(ALL, np.zeros(rows, dtype=np.int64), (ALL,))
