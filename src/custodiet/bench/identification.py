"""One-to-many search: FPIR, FNIR, CMC, and what a gallery's size does to false positives.

FPIR(T) is the share of non-mated searches that return any candidate at or above T; FNIR(R, T) the share of mated searches
whose mate is not among the first R candidates at or above T (ISO/IEC 19795-1:2021, 3.22; NIST IR 8271). A search counts
once, however many candidates it returns.
"""

import math
from dataclasses import dataclass

import numpy as np

from custodiet.bench.arrays import Bools, Floats, Ints


@dataclass(frozen=True)
class Searches:
    """Searches in one order. A score is -inf where nothing, or no mate, was returned; a rank then is 0.

    `top` is the highest candidate's score; `mate_score` and `mate_rank` (from 1) are the mate's.
    """

    mated: Bools
    top: Floats
    mate_score: Floats
    mate_rank: Ints


def summarise_searches(search: Ints, mated: Bools, score: Floats, is_mate: Bools, rank: Ints | None = None) -> Searches:
    """Return one row a search from one row a candidate.

    `search` numbers the searches from 0; `mated` is per search. Without a rank, candidates are ranked by score, and the
    mate goes after all candidates of the same score: a tie is no success that the data show.
    """
    count = mated.size
    top = np.full(count, -np.inf)
    np.maximum.at(top, search, score)
    mate_score = np.full(count, -np.inf)
    np.maximum.at(mate_score, search[is_mate], score[is_mate])
    if rank is None:
        before = score >= mate_score[search]
        mate_rank = np.bincount(search[before], minlength=count)
    else:
        mate_rank = np.full(count, np.iinfo(np.int64).max)
        np.minimum.at(mate_rank, search[is_mate], rank[is_mate])
    mate_rank[np.isneginf(mate_score)] = 0
    return Searches(mated, top, mate_score, mate_rank)


def count_false_positives(searches: Searches, threshold: float) -> tuple[int, int]:
    """Return how many non-mated searches return a candidate at or above the threshold, and how many there are."""
    other = ~searches.mated
    return int(np.count_nonzero(searches.top[other] >= threshold)), int(np.count_nonzero(other))


def count_misses(searches: Searches, threshold: float, rank: int | None = None) -> tuple[int, int]:
    """Return how many mated searches miss their mate (below the threshold, or beyond the rank), and how many there are."""
    found = searches.mate_score >= threshold
    found &= searches.mate_rank > 0
    if rank is not None:
        found &= searches.mate_rank <= rank
    return int(np.count_nonzero(searches.mated & ~found)), int(np.count_nonzero(searches.mated))


def cmc(searches: Searches, ranks: int) -> Floats:
    """Return the share of mated searches whose mate is among the first 1, 2, ... candidates."""
    own = searches.mate_rank[searches.mated]
    counts = np.bincount(own[(own > 0) & (own <= ranks)], minlength=ranks + 1)
    return np.asarray(np.cumsum(counts[1 : ranks + 1]) / own.size)


def extrapolate_fpir(fmr: float, gallery: float) -> float:
    """Return 1 - (1 - FMR)^N, computed so that a tiny FMR keeps its digits.

    An extrapolation: it takes the N comparisons of a search for independent. NIST warns that it does not hold for all
    one-to-many algorithms (NIST FRTE 1:N).
    """
    return -math.expm1(gallery * math.log1p(-fmr)) if fmr < 1 else 1.0


def fmr_for_fpir(fpir: float, gallery: float) -> float:
    """Return the FMR at which a gallery of this size gives the FPIR, if its comparisons are independent."""
    return -math.expm1(math.log1p(-fpir) / gallery)


@dataclass(frozen=True)
class GalleryFit:
    """FPIR = a N^b, fitted on logarithms.

    b is 1 where comparisons are independent and rare; less where galleries are normed.
    """

    scale: float
    exponent: float
    residual: float

    def at(self, gallery: float) -> float:
        """Return the fitted FPIR at a gallery size, at most 1."""
        return min(1.0, self.scale * float(gallery**self.exponent))


def fit_gallery(galleries: Floats, fpirs: Floats) -> GalleryFit:
    """Fit how FPIR grows with the gallery from figures at several sizes (two or more, all FPIR above zero)."""
    x, y = np.log(galleries), np.log(fpirs)
    exponent, intercept = np.polyfit(x, y, 1)
    residual = float(np.sqrt(np.mean((y - intercept - exponent * x) ** 2)))
    return GalleryFit(float(np.exp(intercept)), float(exponent), residual)


def expected_returns(fmr: float, gallery: float) -> float:
    """Return the mean number of innocent people above the threshold in one non-mated search: N times FMR."""
    return gallery * fmr
