"""Review of close calls: a queue for people to judge, how far they agree, and what the linkage is worth after it."""

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from custodiet.bench import agreement
from custodiet.bench.arrays import Floats, Ints
from custodiet.bench.inputs import refuse_personal
from custodiet.bench.linkage import Pairs, Records
from custodiet.model.errors import CustodietError, InputError
from custodiet.store.columns import Columns

VERDICTS = ("same", "different", "unsure")
HEADER = ("item", "copy", "record_a", "record_b", "judge", "verdict")


def choose_close_calls(pairs: Pairs, threshold: float, items: int) -> Ints:
    """Return the places of the pairs whose scores are nearest to the threshold; ties go by place.

    Raises:
        InputError: the pairs have no scores.

    """
    if pairs.scores is None:
        raise InputError("The pairs have no column 'score', so no call is close; add it, or leave `--review` out.")
    return np.argsort(np.abs(pairs.scores - threshold), kind="stable")[:items]


def write_queue(
    path: Path, records: Records, pairs: Pairs, chosen: Ints, *, double: float = 0.2, seed: int = 0
) -> tuple[int, int]:
    """Write the chosen pairs for people to judge; return how many items there are, and how many are judged twice.

    Judges see two record ids and neither score nor decision. The order is shuffled, and a share of the items stands twice, as
    copies 1 and 2, for two judges who don't talk. Verdicts are `same`, `different` or `unsure`.

    Raises:
        CustodietError: the file can't be written.

    """
    generator = np.random.default_rng(seed)
    order = generator.permutation(chosen)
    twice = set(order[: round(double * order.size)].tolist())
    words = [records.ids.words[code] for code in records.ids.codes]
    rows = []
    for number, place in enumerate(sorted(order.tolist()), start=1):
        for copy in (1, 2) if place in twice else (1,):
            rows.append((f"item-{number:05}", copy, words[pairs.first[place]], words[pairs.second[place]], "", ""))
    shuffled = [rows[i] for i in generator.permutation(len(rows))]
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(HEADER)
            writer.writerows(shuffled)
    except OSError as error:
        raise CustodietError(f"{path}: can't be written ({error.strerror}); choose another file with `--review`.") from None
    return int(order.size), len(twice)


@dataclass(frozen=True)
class Judged:
    """Verdicts by judges: a table of judges by items (0 different, 1 same, NaN none or unsure), and the items' records."""

    ratings: Floats
    judges: tuple[str, ...]
    first: Ints
    second: Ints

    @property
    def majority(self) -> Floats:
        """Each item's verdict by majority; NaN where nobody decided, or the votes are even."""
        same, all_votes = np.nansum(self.ratings, axis=0), np.sum(~np.isnan(self.ratings), axis=0)
        verdict = np.full(all_votes.size, np.nan)
        verdict[same * 2 > all_votes] = 1
        verdict[(same * 2 < all_votes) & (all_votes > 0)] = 0
        return verdict


def read_judged(path: Path, records: Records) -> Judged:
    """Read a queue with `judge` and `verdict` filled in. A row whose verdict is empty was not judged.

    Raises:
        InputError: an unknown verdict or record, a verdict without a judge, or a judge who judged an item twice.

    """
    with Columns(path) as columns:
        columns.require(["item", "record_a", "record_b", "judge", "verdict"], "a judged queue")
        refuse_personal(columns)
        labels = {name: columns.labels(name, may_be_empty=name in ("judge", "verdict")) for name in
                  ("item", "record_a", "record_b", "judge", "verdict")}  # fmt: skip
        places = {word: place for place, word in enumerate(records.ids.words)}
        rows = np.empty(len(places), dtype=np.int64)
        rows[records.ids.codes] = np.arange(records.ids.codes.size)
        verdict, judge, item = labels["verdict"], labels["judge"], labels["item"]
        ratings = np.full((max(len(judge.words), 1), len(item.words)), np.nan)
        seen: Counter[tuple[int, int]] = Counter()
        ends = np.full((2, len(item.words)), -1, dtype=np.int64)
        for row in range(columns.rows):
            for side, name in enumerate(("record_a", "record_b")):
                word = labels[name].words[labels[name].codes[row]]
                if word not in places:
                    raise InputError(f"{columns.shown}, row {row + 1}, column {name!r}: there is no record {word!r}.")
                ends[side, item.codes[row]] = rows[places[word]]
            if verdict.codes[row] < 0:
                continue
            word = verdict.words[verdict.codes[row]].strip().casefold()
            if word not in VERDICTS:
                raise InputError(f"{columns.shown}, row {row + 1}, column 'verdict': {word!r}; write {', '.join(VERDICTS)}.")
            if judge.codes[row] < 0:
                raise InputError(f"{columns.shown}, row {row + 1}, column 'judge': is empty; say who judged.")
            key = (int(judge.codes[row]), int(item.codes[row]))
            seen[key] += 1
            if seen[key] > 1:
                raise InputError(
                    f"{columns.shown}, row {row + 1}, column 'judge': {judge.words[key[0]]!r} judged this item "
                    "twice; copies are "
                    "for two judges."
                )
            ratings[key] = {"same": 1.0, "different": 0.0, "unsure": np.nan}[word]
    if np.isnan(ratings).all():
        raise InputError(f"{path.name}, column 'verdict': nothing is judged yet; write {', '.join(VERDICTS)}.")
    return Judged(ratings, judge.words, ends[0], ends[1])


def measure_agreement(judged: Judged) -> dict[str, float | int | None]:
    """Return how many items were judged by several, and Cohen's kappa (two judges), Fleiss', Krippendorff's alpha and AC1."""
    votes = np.sum(~np.isnan(judged.ratings), axis=0)
    several = judged.ratings[:, votes >= 2]
    found: dict[str, float | int | None] = {
        "judges": len(judged.judges), "items": int(np.count_nonzero(votes)), "judged_by_several": several.shape[1],
        "cohen_kappa": None, "fleiss_kappa": None, "krippendorff_alpha": None, "gwet_ac1": None,
    }  # fmt: skip
    if not several.shape[1]:
        return found
    found["krippendorff_alpha"] = float(agreement.krippendorff_alpha(several))
    found["gwet_ac1"] = agreement.gwet_ac1(several)
    counts = agreement.counts_by_item(several)[0]
    if np.all(counts.sum(axis=1) == counts[0].sum()):
        found["fleiss_kappa"] = agreement.fleiss_kappa(counts)
    if len(judged.judges) == 2:
        found["cohen_kappa"] = agreement.cohen_kappa(agreement.cross_tabulate(several[0], several[1]))
    return found


@dataclass(frozen=True)
class Reviewed:
    """Pairwise counts after the judgements, and how many pairs the judges decided otherwise than the truth file."""

    true_links: int
    predicted_links: int
    real_links: int
    decided: int
    changed: int


def apply_review(
    judged: Judged, predicted: Ints, true: Ints, true_links: int, predicted_links: int, real_links: int
) -> Reviewed:  # fmt: skip
    """Return the pairwise counts with the judged pairs' truth set to the majority's verdict.

    Pair by pair: a verdict on one pair is not carried on to others of the same clusters.
    """
    verdict = judged.majority
    decided = ~np.isnan(verdict)
    one, other = judged.first[decided], judged.second[decided]
    now = verdict[decided] == 1
    before = (true[one] == true[other]) & (true[one] >= 0)
    linked = predicted[one] == predicted[other]
    change = now.astype(int) - before.astype(int)
    return Reviewed(
        true_links + int(change[linked].sum()), predicted_links, real_links + int(change.sum()),
        int(decided.sum()), int(np.count_nonzero(change)),
    )  # fmt: skip
