"""Tell by its columns which form a file has that no release pins."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from custodiet.model.errors import InputError
from custodiet.model.text import tidy
from custodiet.sources.spec import Form, Layout, SourceSpec, read_form

# Missing columns that an error names: enough to see which file it is.
NAMED = 6


@dataclass(frozen=True)
class Known:
    """A layout of a source, with its form."""

    spec: SourceSpec
    layout: Layout
    form: Form

    @property
    def needed(self) -> frozenset[str]:
        """The columns that every file of this layout has."""
        return frozenset(tidy(column.header) for column in self.form.columns if not column.optional)


def known_layouts(specs: Iterable[tuple[SourceSpec, Path]]) -> list[Known]:
    """Return every layout of every source."""
    return [Known(spec, layout, read_form(folder, layout.form)) for spec, folder in specs for layout in spec.layouts]


def refuse_foreign(headers: Sequence[str], known: Sequence[Known], shown: str) -> None:
    """Refuse a file whose first row has no column of any layout; what is in it is its owner's, and no error repeats it.

    Raises:
        InputError: its first row has none.

    """
    here = {tidy(header) for header in headers}
    if not any(tidy(column.header) in here for each in known for column in each.form.columns):
        raise InputError(
            f"{shown}, row 0: the first row has no column of any layout that is known; add a file as it was downloaded."
        )


def recognise(headers: Sequence[str], known: Sequence[Known], shown: str) -> Known:
    """Return the layout whose needed columns a file has; one that needs more columns comes before one that needs fewer.

    Raises:
        InputError: it has those of none, or of two that have nothing to do with one another.

    """
    refuse_foreign(headers, known, shown)
    here = {tidy(header) for header in headers}
    fitting = [each for each in known if each.needed <= here]
    best = [each for each in fitting if not any(each.needed < other.needed for other in fitting)]
    if len(best) == 1:
        return best[0]
    if best:
        names = " and ".join(f"{each.spec.id}/{each.layout.form}" for each in best)
        raise InputError(f"{shown}, row 0: the columns are those of {names}; add each layout as a file of its own.")
    nearest = max(known, key=lambda each: (len(each.needed & here) / len(each.needed), each.spec.id, each.layout.form))
    missing = sorted(nearest.needed - here)
    more = f" and {len(missing) - NAMED:,} more" if len(missing) > NAMED else ""
    raise InputError(
        f"{shown}, row 0: no layout that is known; the nearest is {nearest.spec.id}/{nearest.layout.form}, and of its "
        f"columns there is no {', '.join(map(repr, missing[:NAMED]))}{more}; add the file as it was downloaded."
    )
