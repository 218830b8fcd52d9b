"""What the names under `expected` mean for cases of agreement and of confidences."""

import re
from typing import Any

import numpy as np

from custodiet.bench import agreement, calibration
from custodiet.bench.arrays import Floats
from custodiet.bench.reference_data import Case, CaseError, is_number, load_columns, number_labels, unknown

LEVELS = ("nominal", "ordinal", "interval", "ratio")
JUDGES = (("a", "rater1", "y1", "judge1", "rater_a", "rater_1"), ("b", "rater2", "y2", "judge2", "rater_b", "rater_2"))
# How a missing judgement is written among words.
MISSING = frozenset({"", "*", "na", "nan", "none", "null", "."})


def adjudicate(case: Case, measure: str) -> Any:
    """Return a measure of agreement."""
    name = measure.casefold()
    level = name.removeprefix("krippendorff_").removeprefix("alpha_")
    if level in LEVELS or name in ("alpha", "krippendorff_alpha", "krippendorff"):
        stated = str(case.inputs.get("level", case.inputs.get("level_of_measurement", "nominal")))
        return float(agreement.krippendorff_alpha(_ratings(case), level if level in LEVELS else stated))  # type: ignore[arg-type]
    if name in ("gwet_ac1", "ac1", "gwet"):
        return agreement.gwet_ac1(_ratings(case))
    if "fleiss" in name or (name == "kappa" and case.says("fleiss")):
        table = _ratings(case) if case.has("data", "ratings") else case.numbers("counts", "table")
        # Items by categories have as many judgements in every row; judges by items have not.
        is_counted = case.has("counts", "table") or len(set(table.sum(axis=1).tolist())) == 1
        return agreement.fleiss_kappa(table if is_counted else agreement.counts_by_item(table)[0])
    if name in ("percent_agreement", "observed_agreement", "po", "agreement"):
        table = _cross(case)
        return float(np.trace(table) / table.sum())
    if name in ("scott_pi", "pi"):
        return agreement.scott_pi(_cross(case))
    if "kappa" in name:
        weights = str(case.inputs.get("weights") or "none")
        weights = next((each for each in ("linear", "quadratic") if each in name or case.says(f"{each} weight")), weights)
        return agreement.cohen_kappa(_cross(case), weights)  # type: ignore[arg-type]
    raise unknown(case, measure)


def _ratings(case: Case) -> Floats:
    """Return a table of judges by items; words become numbers, in their order."""
    rows = case.get("data", "ratings", "reliability_data")
    if isinstance(rows, str):
        rows = list(load_columns(case.path(rows)).values())
    cells = [str(row).split() if isinstance(row, str) else row for row in rows]
    words = [[None if cell is None or str(cell).casefold() in MISSING else cell for cell in row] for row in cells]
    known = sorted({str(cell) for row in words for cell in row if cell is not None})
    if all(is_number(word) for word in known):
        return np.array([[np.nan if cell is None else float(cell) for cell in row] for row in words])
    return np.array([[np.nan if cell is None else known.index(str(cell)) for cell in row] for row in words], dtype=float)


def _cross(case: Case) -> Floats:
    if case.has("table", "confusion", "matrix"):
        return case.numbers("table", "confusion", "matrix")
    if case.has("data", "ratings"):
        rows = _ratings(case)
        return agreement.cross_tabulate(rows[0], rows[1])
    sides = [case.get(*names) for names in JUDGES]
    if all(is_number(str(each)) for side in sides for each in side):
        one, other = (np.array(side, dtype=float) for side in sides)
    else:
        one, other = (each.astype(float) for each in number_labels(*([str(each) for each in side] for side in sides)))
    return agreement.cross_tabulate(one, other)


TRUTH = ("y", "y_true", "target", "labels", "held", "truth", "outcomes")
CLAIMED = ("p", "y_prob", "preds", "prob", "probs", "confidence", "scores", "y_score")

# Bins of equal width, or of equal counts.
STRATEGIES = {
    "uniform": "uniform", "equal_width": "uniform",
    "quantile": "quantile", "equal_mass": "quantile", "equal_frequency": "quantile", "adaptive": "quantile",
}  # fmt: skip
NORMS = {
    "mce": "max", "max_calibration_error": "max", "rmsce": "l2", "rms_calibration_error": "l2",
    "expected_calibration_error": "l1",
}  # fmt: skip


def calibrate(case: Case, measure: str) -> Any:
    """Return a measure of confidences."""
    y, p = _claims(case)
    name = measure.casefold()
    if name in ("brier", "brier_score", "mse"):
        return calibration.brier(y, p)
    if name in ("log_loss", "logloss", "nll", "cross_entropy"):
        return calibration.log_loss(y, p)
    if name in ("smece", "smooth_ece"):
        return calibration.smooth_ece(y, p).value
    if name == "overconfidence":
        return float(np.mean(p) - np.mean(y))
    if name in ("brier_skill_score", "bss"):
        return 1 - calibration.brier(y, p) / float(np.var(y))
    table = _reliability(case, name, y, p)
    name = re.sub("_?equal_?mass_?|_?quantile_?", "", name)
    if name in ("prob_true", "prob_pred", "counts"):
        return {"prob_true": table.held, "prob_pred": table.confidence, "counts": table.counts}[name].tolist()
    norm = NORMS.get(name, name.removeprefix("ece_"))
    if name == "ece":
        norm = str(case.inputs.get("norm", "l1"))
    if norm in ("l1", "l2", "max"):
        return calibration.ece(table, norm)  # type: ignore[arg-type]
    # Murphy's parts are of the claims that were equal; bins are for those that a case asks for.
    parts = calibration.brier_parts(y, table if case.has("bins", "n_bins") else calibration.by_claim(y, p))
    if name in ("decomposition", "brier_decomposition", "parts"):
        return parts
    if name.removeprefix("brier_") in parts:
        return parts[name.removeprefix("brier_")]
    raise unknown(case, measure)


def _reliability(case: Case, name: str, y: Floats, p: Floats) -> calibration.Bins:
    stated = str(case.inputs.get("strategy", case.inputs.get("binning", "uniform"))).casefold().replace("-", "_")
    if "equal_mass" in name or "quantile" in name:
        stated = "quantile"
    if stated not in STRATEGIES:
        raise CaseError(f"the bins {stated!r} are unknown; there are {', '.join(STRATEGIES)}")
    bins = int(case.number("bins", "n_bins", default=15))
    return calibration.reliability(y, p, bins, STRATEGIES[stated])  # type: ignore[arg-type]


def _claims(case: Case) -> tuple[Floats, Floats]:
    """Return truths and confidences: from the case, or from a file of arrays or columns of these names."""
    if case.has("npz"):
        with np.load(case.path(str(case.get("npz")))) as held:
            y, p = (held[next(name for name in names if name in held)].astype(float) for names in (TRUTH, CLAIMED))
    elif case.has("csv"):
        columns = load_columns(case.path(str(case.get("csv"))))
        y, p = (np.array(columns[next(name for name in names if name in columns)], dtype=float) for names in (TRUTH, CLAIMED))
    else:
        y, p = case.numbers(*TRUTH), case.numbers(*CLAIMED)
    case.check_counts(n=y.size)
    return y, p / case.number("scale", default=1.0)
