"""`bench faces`, identification: searches of a gallery and their candidate lists, to FPIR, FNIR and CMC."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from custodiet.bench.arrays import Bools, Floats, Ints
from custodiet.bench.identification import Searches, fit_gallery, summarise_searches
from custodiet.bench.inputs import Grouping, one_group, read_groupings, refuse_personal
from custodiet.bench.intervals import DRAWS, draw_by_subject
from custodiet.bench.measure import Measure, divided, share
from custodiet.bench.verification import allowed_errors, auc, sort_scores
from custodiet.model.errors import InputError
from custodiet.store.columns import Columns

FPIR = "FPIR: share of non-mated searches with any candidate at or above the threshold (ISO/IEC 19795-1)"
FNIR = "FNIR: share of mated searches whose mate is not among the candidates at or above the threshold, within the rank"


@dataclass(frozen=True)
class SearchSet:
    """What an identification test returned, one row a search: groups, and where known its subject and gallery."""

    searches: Searches
    groupings: tuple[Grouping, ...]
    subjects: Ints | None
    galleries: Floats | None
    low_is_better: bool
    # How often a mate scores above another candidate of a mated search.
    mates_ahead: float | None = None

    def shown(self, threshold: float) -> float:
        """Return a threshold as the tested system has it."""
        return -threshold if self.low_is_better else threshold


def read_searches(path: Path, by: Sequence[str] = (), *, low_is_better: bool = False) -> SearchSet:
    """Read searches from CSV or Parquet, one row a candidate.

    Columns: `search`, `mated` (1 or 0: is the person in the gallery), `score` (empty where nothing was returned),
    `is_mate` (1 or 0: is this candidate the person); optionally `rank`, `subject`, `gallery` (how many people were searched),
    and columns to group by.

    Raises:
        InputError: a column is missing, a cell is unusable, or rows of one search contradict each other.

    """
    with Columns(path) as columns:
        columns.require(["search", "mated", "score", "is_mate"], "identification")
        refuse_personal(columns, tuple(name for name in ("search", "subject") if name in columns.names))
        search = columns.labels("search").codes
        mated, is_mate = columns.flags("mated"), columns.flags("is_mate")
        sign = -1.0 if low_is_better else 1.0
        # Nothing returned is below every threshold, whichever way scores run.
        score = columns.numbers("score", empty=-np.inf)
        score = np.where(np.isneginf(score), score, sign * score)
        _, first, counts = np.unique(search, return_index=True, return_counts=True)
        wrong = mated != mated[first][search]
        _refuse(columns, wrong, "mated", "is not what the search's first row says; a search is mated or not")
        _refuse(columns, is_mate & ~mated, "is_mate", "names the mate of a search that is not mated; mend one of them")
        repeated = np.bincount(search[is_mate], minlength=first.size) > 1
        _refuse(
            columns, is_mate & repeated[search], "is_mate", "the mate stands in the search twice; give each candidate once"
        )
        groupings = read_groupings(columns, tuple(by))
        for name, codes in _of_a_search(columns, groupings):
            _refuse(columns, codes != codes[first][search], name, "is not what the search's first row says; mend one of them")
        nothing = np.isneginf(score) & (counts[search] > 1)
        _refuse(columns, nothing, "score", "is empty, and the search has other candidates; leave the row out")
        rank = _read_ranks(columns, search) if "rank" in columns.names else None
        subjects = columns.labels("subject").codes[first] if "subject" in columns.names else None
        galleries = columns.numbers("gallery", low=1)[first] if "gallery" in columns.names else None
    found = summarise_searches(search, mated[first], score, is_mate & ~np.isneginf(score), rank)
    known = ~np.isneginf(score) & mated
    ahead = _share_ahead(score[known & is_mate], score[known & ~is_mate])
    by_search = tuple(Grouping(g.by, g.codes[first], g.names) for g in groupings)
    return SearchSet(found, by_search, subjects, galleries, low_is_better, ahead)


def _of_a_search(columns: Columns, groupings: Sequence[Grouping]) -> list[tuple[str, Ints | Floats]]:
    """Return columns that are of a search and not of a candidate, with what each row says."""
    found: list[tuple[str, Ints | Floats]] = [(grouping.by, grouping.codes) for grouping in groupings]
    if "subject" in columns.names:
        found.append(("subject", columns.labels("subject").codes))
    if "gallery" in columns.names:
        found.append(("gallery", columns.numbers("gallery", low=1)))
    return found


def _read_ranks(columns: Columns, search: Ints) -> Ints:
    """Return ranks from 1, each once in a search; 0 where the cell is empty."""
    written = columns.numbers("rank", low=1, empty=0.0)
    _refuse(columns, written != np.floor(written), "rank", "is no whole number; write 1, 2, 3")
    rank = written.astype(np.int64)
    keys = search * (int(rank.max()) + 1) + rank
    order = np.argsort(keys, kind="stable")
    repeated = np.zeros(rank.size, dtype=bool)
    repeated[order[1:]] = keys[order[1:]] == keys[order[:-1]]
    repeated &= rank > 0
    _refuse(columns, repeated, "rank", "stands twice in this search; give each rank once")
    return rank


def _share_ahead(mates: Floats, others: Floats) -> float | None:
    """Return how often a mate's score exceeds another candidate's of mated searches, or None where there is neither."""
    return auc(sort_scores(mates), sort_scores(others)) if mates.size and others.size else None


def _refuse(columns: Columns, wrong: Bools, column: str, problem: str) -> None:
    if wrong.any():
        raise InputError(f"{columns.shown}, row {int(np.argmax(wrong)) + 1}, column {column!r}: {problem}.")


def threshold_at_fpir(searches: Searches, target: float) -> float:
    """Return the smallest observed top or mate score whose FPIR is at most the target; infinite where there is none.

    Raises:
        InputError: there is no non-mated search, so no false positive can be counted.

    """
    tops = searches.top[~searches.mated]
    if not tops.size:
        raise InputError(
            "no search is non-mated; a threshold at a target FPIR needs searches for people who aren't in the gallery."
        )
    k = allowed_errors(target, tops.size)
    observed = np.concatenate([searches.top, searches.mate_score])
    observed = observed[np.isfinite(observed)]
    barrier = np.sort(tops)[tops.size - k - 1] if k < tops.size else -np.inf
    above = observed[observed > barrier]
    return float(above.min()) if above.size else np.inf


def measure_searches(
    found: SearchSet,
    conditions: dict[str, object],
    threshold: float,
    rank: int | None,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> list[Measure]:
    """Return FPIR and FNIR of all and of each group at a threshold. Where subjects are known they are what is resampled."""
    searches = found.searches
    positive = searches.top >= threshold
    hit = (searches.mate_score >= threshold) & (searches.mate_rank > 0)
    if rank is not None:
        hit &= searches.mate_rank <= rank
    measures: list[Measure] = []
    more = conditions | {"threshold": found.shown(threshold), "rank": rank}
    for name, kind, hits, definition in (
        ("fpir", ~searches.mated, positive, FPIR),
        ("fnir", searches.mated, ~hit, FNIR),
    ):
        for grouping in (one_group(kind.size), *found.groupings):
            for number, group in enumerate(grouping.names):
                rows = kind & (grouping.codes == number)
                own = _rate(name, hits[rows], definition, group, more, found.subjects, rows, draws, seed)
                measures += divided([own], grouping.by)
    return measures


def _rate(
    name: str,
    hits: Bools,
    definition: str,
    group: str,
    conditions: dict[str, object],
    subjects: Ints | None,
    rows: Bools,
    draws: int,
    seed: int,
) -> Measure:
    count, drawn = None, None
    if subjects is not None and hits.size:
        used, numbers = np.unique(subjects[rows], return_inverse=True)
        count = int(used.size)
        drawn = draw_by_subject(np.bincount(numbers[hits], minlength=count), np.bincount(numbers), draws, seed)
    return share(
        name,
        int(np.count_nonzero(hits)),
        hits.size,
        definition,
        group=group,
        subjects=count,
        draws=drawn,
        conditions=conditions,
    )


def fpir_by_gallery(found: SearchSet, threshold: float) -> list[tuple[float, int, int]]:
    """Return gallery size, false positives and non-mated searches, for each gallery size that was tested."""
    if found.galleries is None:
        return []
    rows = []
    for size in np.unique(found.galleries):
        kept = (found.galleries == size) & ~found.searches.mated
        rows.append((float(size), int(np.count_nonzero(found.searches.top[kept] >= threshold)), int(np.count_nonzero(kept))))
    return rows


def fit_fpir(rows: Sequence[tuple[float, int, int]], gallery: float) -> tuple[float, float, float] | None:
    """Return the FPIR fitted at a gallery size, the exponent of its growth, and the fit's residual (in logarithms).

    None with fewer than two sizes that have a false positive.
    """
    usable = [(size, hits / trials) for size, hits, trials in rows if hits]
    if len(usable) < 2:
        return None
    fit = fit_gallery(np.array([size for size, _ in usable]), np.array([rate for _, rate in usable]))
    return fit.at(gallery), fit.exponent, fit.residual
