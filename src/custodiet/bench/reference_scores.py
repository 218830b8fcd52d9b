"""What the names under `expected` mean for cases of verification and identification."""

import re
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from custodiet.bench import identification, verification
from custodiet.bench.arrays import Bools, Floats
from custodiet.bench.reference_data import Case, CaseError, load_columns, packaged_file, unknown
from custodiet.bench.searches import threshold_at_fpir

# Other names of the same measures.
VERIFICATION_NAMES = {
    "far": "fmr", "fpr": "fmr", "false_match_rate": "fmr", "false_accept_rate": "fmr", "frr": "fnmr", "fnr": "fnmr",
    "false_non_match_rate": "fnmr", "false_reject_rate": "fnmr", "tar": "tmr", "gar": "tmr", "tpr": "tmr",
    "true_match_rate": "tmr", "roc_auc": "auc", "d_prime": "decidability", "dprime": "decidability", "t": "threshold",
    "equal_error_rate": "eer", "zerofmr": "zero_fmr", "zerofnmr": "zero_fnmr",
}  # fmt: skip

GENUINE = ("1", "1.0", "true", "genuine", "mated", "yes")


def verify(case: Case, measure: str) -> Any:
    """Return a measure of genuine and impostor scores."""
    genuine, impostor = _comparisons(case)
    for kind, scores in (("genuine", genuine), ("impostor", impostor)):
        if not scores.size:
            raise CaseError(f"there are no {kind} scores")
        if np.isnan(scores).any():
            raise CaseError(f"{kind} score {int(np.isnan(scores).argmax()) + 1} is no number")
    case.check_counts(n_genuine=genuine.size, n_impostor=impostor.size)
    if isinstance(several := case.inputs.get("thresholds"), list):
        return [verify(replace(case, inputs=case.inputs.changed("thresholds", threshold=each)), measure) for each in several]
    stated = " ".join(str(case.inputs.get(name, "")) for name in ("accept", "decision", "rule"))
    if "<" in stated or case.inputs.get("low_is_better") or case.inputs.get("higher_is_better") is False:
        genuine, impostor = -genuine, -impostor
        found = _of_scores(case, measure, genuine, impostor, sign=-1.0)
        return -found if "threshold" in measure else found
    return _of_scores(case, measure, genuine, impostor)


def _comparisons(case: Case) -> tuple[Floats, Floats]:
    """Return genuine and impostor scores: apart, as scores with labels, or a package's example."""
    if case.has("scores", "y_score") and not case.has("genuine"):
        scores = case.numbers("scores", "y_score")
        told = case.get("labels", "genuine_labels", "y", "y_true", "is_genuine")
        labels = np.array([str(label).casefold() in GENUINE for label in told])
        return scores[labels], scores[~labels]
    if case.has("csv"):
        columns = load_columns(case.path(str(case.get("csv"))))
        score = np.array(columns["score"], dtype=float)
        kinds = next(columns[name] for name in ("genuine", "label", "mated") if name in columns)
        own = np.array([kind.casefold() in GENUINE for kind in kinds])
        return score[own], score[~own]
    if case.has("package") or (case.has("dataset") and not case.has("genuine")):
        name = str(case.get("dataset", "experiment", "example", "exp"))
        folder = "hist" if case.says("histogram") else "non_hist"
        ends = [f"example_files/{folder}/{name}_{kind}.txt" for kind in ("true", "false")]
        package, _, version = str(case.inputs.get("package", "pyeer")).partition(" ")
        return tuple(case.load(packaged_file(package, end, version or None)) for end in ends)  # type: ignore[return-value]
    return (
        case.numbers("genuine", "genuine_scores", "genuines", "mated", "positives"),
        case.numbers("impostor", "impostor_scores", "impostors", "nonmated", "negatives"),
    )


def _of_scores(case: Case, measure: str, genuine: Floats, impostor: Floats, sign: float = 1.0) -> Any:
    """Return a measure of scores of which high ones are accepted; `sign` is what turns a stated threshold round."""
    name = VERIFICATION_NAMES.get(measure.casefold(), measure.casefold())
    if name == "bob_threshold":
        # bob.measure looks among the impostor scores only.
        return verification.threshold_at_fmr(impostor, impostor, case.number("target_fmr")).threshold
    if found := re.fullmatch(r"fmr_?(\d+)", name):
        # FVC's FMR100: the FNMR where the FMR is at most 1/100.
        return verification.threshold_at_fmr(genuine, impostor, 1 / int(found[1])).fnmr
    if found := re.fullmatch(r"(threshold|fnmr|fmr|tmr|far|frr|tar)_(?:at_)?(?:fmr|far)[_=]?([\d.]+(?:e-?\d+)?)", name):
        return _at(
            verification.threshold_at_fmr(genuine, impostor, float(found[2])), VERIFICATION_NAMES.get(found[1], found[1])
        )
    name = re.sub(r"_at_(?:target(?:_fmr)?|fmr|far)$", "", name)
    at = _at_threshold(case, VERIFICATION_NAMES.get(name, name), genuine, impostor, sign)
    return _of_curve(case, measure, name, genuine, impostor, sign) if at is None else at


def _at_threshold(case: Case, name: str, genuine: Floats, impostor: Floats, sign: float) -> Any:
    """Return a measure at the case's own threshold or target, or None where it is none of these."""
    if name in ("zero_fmr", "zero_fnmr"):
        # The FNMR where no impostor passes; the FMR where no genuine comparison is missed.
        if name == "zero_fmr":
            return verification.threshold_at_fmr(genuine, impostor, 0.0).fnmr
        return verification.rates_at(genuine, impostor, float(genuine.min())).fmr
    if name in ("threshold", "fmr", "fnmr", "tmr", "tnmr", "false_matches", "false_non_matches"):
        if case.has("threshold"):
            point = verification.rates_at(genuine, impostor, sign * case.number("threshold"))
        else:
            point = verification.threshold_at_fmr(
                genuine, impostor, case.number("target_fmr", "target", "fmr_target", "target_far")
            )
        return _at(point, name)
    return None


def _of_curve(case: Case, measure: str, name: str, genuine: Floats, impostor: Floats, sign: float) -> Any:
    """Return a measure of the whole curve."""
    if name == "decidability":
        return sign * verification.decidability(genuine, impostor)
    own, other = verification.sort_scores(genuine), verification.sort_scores(impostor)
    if name == "auc":
        return verification.auc(own, other)
    if name == "det":
        det = verification.whole_det(genuine, impostor)
        return {"thresholds": (sign * det.thresholds).tolist(), "fmr": det.fmr.tolist(), "fnmr": det.fnmr.tolist()}
    if name.startswith("eer"):
        error = verification.equal_error(own, other)
        named = {"eer": error.middle, "eer_low": error.low, "eer_high": error.high, "eer_interval": [error.low, error.high]}
        if name in named:
            return named[name]
    raise unknown(case, measure)


def _at(point: verification.OperatingPoint, name: str) -> Any:
    if name in ("tmr", "tnmr"):
        return 1 - (point.fnmr if name == "tmr" else point.fmr)
    return getattr(point, name)


GALLERY = ("N", "n", "gallery", "gallery_size")
NONMATED = ("nonmated_scores", "nonmated", "top_scores")
MATED = ("mated_scores", "mate_scores", "mated")


def identify(case: Case, measure: str) -> Any:
    """Return a measure of one-to-many search."""
    name = measure.casefold().replace("extrapolated_", "")
    if case.has("galleries", "gallery_sizes"):
        fit = identification.fit_gallery(case.numbers("galleries", "gallery_sizes"), case.numbers("fpirs", "fpir"))
        named = {"exponent": fit.exponent, "b": fit.exponent, "scale": fit.scale, "a": fit.scale, "residual": fit.residual}
        if name in named:
            return named[name]
        if name in ("fpir", "fpir_at"):
            return fit.at(case.number(*GALLERY))
    if name in ("fmr", "fmr_for_fpir"):
        return identification.fmr_for_fpir(case.number("fpir"), case.number(*GALLERY))
    if name in ("fpir", "expected_returns", "expected_false_positives", "false_positives", "innocent_people") and case.has(
        "fmr", "f"
    ):
        if isinstance(fmrs := case.get("fmr", "f"), list):
            sizes = case.get(*GALLERY)
            sizes = sizes if isinstance(sizes, list) else [sizes] * len(fmrs)
            one = partial(case.inputs.changed, "f", *GALLERY)
            pairs = zip(fmrs, sizes, strict=True)
            return [identify(replace(case, inputs=one(fmr=each, N=size)), measure) for each, size in pairs]
        fmr, gallery = case.number("fmr", "f"), case.number(*GALLERY)
        if name == "fpir":
            return identification.extrapolate_fpir(fmr, gallery)
        return identification.expected_returns(fmr, gallery) * case.number("searches", "searches_a_year", default=1)
    if name in ("fpir", "fnir", "tpir", "threshold"):
        return _search_rate(case, name)
    found = re.fullmatch(r"(?:cmc|tpir|hit_rate|identification_rate)?[_@]?(?:at_)?(?:rank)?[_@-]?(\d+)", name)
    if found or name == "cmc":
        ranks = int(found[1]) if found else len(case.expected[measure])
        curve = identification.cmc(_searches(case), ranks)
        return float(curve[-1]) if found else curve.tolist()
    raise unknown(case, measure)


def _search_rate(case: Case, name: str) -> float:
    """Return FPIR, FNIR or one less FNIR at a threshold, from top scores, or from counts."""
    if case.has("false_positives", "false_negatives", "k", "misses"):
        errors = case.number("false_positives", "false_negatives", "misses", "k")
        rate = errors / case.number("searches", "n", "trials", "nonmated_searches", "mated_searches")
        return 1 - rate if name == "tpir" else rate
    if case.has("target_fpir") and not case.has("threshold"):
        tops = np.concatenate([case.numbers(*NONMATED), case.numbers(*MATED)])
        mated = np.arange(tops.size) >= case.numbers(*NONMATED).size
        threshold = threshold_at_fpir(_flat(mated, tops), case.number("target_fpir"))
    else:
        threshold = case.number("threshold")
    if name == "threshold":
        return threshold
    rank = int(case.number("rank", "R")) if case.has("rank", "R") else None
    if name == "fpir":
        tops = case.numbers(*NONMATED)
        return _count(identification.count_false_positives(_flat(np.zeros(tops.size, dtype=bool), tops), threshold))
    scores = case.numbers(*MATED)
    ranks = (
        case.numbers("mated_ranks", "ranks").astype(int) if case.has("mated_ranks", "ranks") else np.ones(scores.size, int)
    )
    held = identification.Searches(np.ones(scores.size, dtype=bool), scores, np.nan_to_num(scores, nan=-np.inf), ranks)
    rate = _count(identification.count_misses(held, threshold, rank))
    return 1 - rate if name == "tpir" else rate


def _flat(mated: Bools, tops: Floats) -> identification.Searches:
    # A search that returned nobody has no top score.
    tops = np.nan_to_num(tops, nan=-np.inf)
    return identification.Searches(mated, tops, np.full(tops.size, -np.inf), np.zeros(tops.size, dtype=int))


def _count(counts: tuple[int, int]) -> float:
    return counts[0] / counts[1]


def _searches(case: Case) -> identification.Searches:
    """Return searches from ranks, or from lines of `probe template score` and of `probe true-template`."""
    if case.has("ranks", "mated_ranks"):
        ranks = np.nan_to_num(case.numbers("ranks", "mated_ranks"), nan=0).astype(int)
        held = np.where(ranks > 0, 0.0, -np.inf)
        return identification.Searches(np.ones(ranks.size, dtype=bool), held, held, ranks)
    scores, mates = _lines(case)
    probes = {probe: number for number, probe in enumerate(dict.fromkeys(row[0] for row in mates))}
    true = {(row[0], row[1]) for row in mates}
    rows = [row for row in scores if row[0] in probes]
    lower = case.says("dissimilarity", "distance", "lower is better", "ds_scores") or case.inputs.get("low_is_better")
    return identification.summarise_searches(
        np.array([probes[row[0]] for row in rows]),
        np.ones(len(probes), dtype=bool),
        (-1 if lower else 1) * np.array([float(row[2]) for row in rows]),
        np.array([(row[0], row[1]) in true for row in rows]),
    )


def _lines(case: Case) -> tuple[list[list[str]], list[list[str]]]:
    """Return the rows of scores and of true pairs, from lists in the case or from files."""
    tables: list[list[list[str]]] = []
    for name, value in case.inputs.items():
        if isinstance(value, list) and value and all(isinstance(row, list) and len(row) in (2, 3) for row in value):
            tables.append([[str(cell) for cell in row] for row in case.get(name)])
        elif isinstance(value, str) and value.rpartition(".")[2] in ("txt", "csv", "tsv"):
            lines = case.path(case.get(name)).read_text("utf-8").splitlines()
            tables.append([re.split(r"[\s,]+", line.strip()) for line in lines if line.strip()])
    wide = [table for table in tables if len(table[0]) == 3]
    narrow = [table for table in tables if len(table[0]) == 2]
    if len(wide) != 1 or len(narrow) != 1:
        raise CaseError("needs one list of scores (probe, template, score) and one of true pairs (probe, template)")
    return wide[0], narrow[0]
