"""What `bench faces` says: its measures in words, tables and charts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from custodiet.bench import charts, faces, identification, nist, searches
from custodiet.bench.faces_groups import FacesOptions, find_differentials, group_sections, nist_section, rate_table
from custodiet.bench.faces_reverse import gallery_section, refuse_lone_year, searches_section
from custodiet.bench.intervals import errors_for, relative_half_width, rule_of_three, subjects_for
from custodiet.bench.measure import ALL, Measure
from custodiet.bench.report import Report, Section, Table, make_manifest
from custodiet.bench.verification import det_curve, sort_scores
from custodiet.model.errors import InputError

WRONG_WAY = "{what} scores are mostly the lower ones. If low is better in this system, say so with `--low-is-better`."


def report_verification(comparisons: faces.Comparisons, inputs: Sequence[Path], options: FacesOptions) -> Report:
    """Return the report of a verification test."""
    _check(options)
    refuse_lone_year(options)
    found = faces.measure_comparisons(
        comparisons,
        options.pairing,
        targets=options.targets,
        thresholds=options.thresholds,
        draws=options.draws,
        seed=options.seed,
    )
    measures = [
        *found.measures,
        *find_differentials(found.measures, comparisons.impostor.groupings, options),
        *_overall(found, options),
    ]
    sections = [_verification_section(found, comparisons, options)]
    if options.gallery is not None:
        extra, section = gallery_section([m for m in found.measures if m.name == "fmr"], options)
        measures += extra
        sections.append(section)
    sections += group_sections(measures, ("fmr", "fnmr"), options)
    sections += nist_section(measures, options)
    sections.append(_limits())
    return Report(
        "faces",
        "One-to-one comparison of faces",
        tuple(sections),
        tuple(measures),
        _manifest(inputs, options),
        options.confidence,
    )


def report_identification(found: searches.SearchSet, inputs: Sequence[Path], options: FacesOptions) -> Report:
    """Return the report of an identification test."""
    _check(options)
    own = [(None, -t if options.low_is_better else t) for t in options.thresholds]
    asked = [(target, searches.threshold_at_fpir(found.searches, target)) for target in options.targets]
    measures: list[Measure] = []
    sections = []
    if found.mates_ahead is not None and found.mates_ahead < 0.5:
        sections.append(Section("Look at the scores first", (WRONG_WAY.format(what="Mates'"),)))
    for target, threshold in [*asked, *own]:
        conditions: dict[str, object] = {"pairing": options.pairing, "target_fpir": target}
        if found.galleries is not None:
            sizes = np.unique(found.galleries)
            conditions["gallery"] = float(sizes[0]) if sizes.size == 1 else f"{sizes[0]:g} to {sizes[-1]:g}"
        at = searches.measure_searches(found, conditions, threshold, options.rank, draws=options.draws, seed=options.seed)
        measures += at
        sections.append(
            Section(
                f"At threshold {found.shown(threshold):g}",
                (
                    (
                        f"The smallest observed score with an FPIR of at most {target:g}."
                        if target
                        else "The threshold that was given."
                    ),
                ),
                (rate_table("False positives and misses", [m for m in at if m.group == ALL], options.confidence),),
            )
        )
        rows = searches.fpir_by_gallery(found, threshold)
        if options.gallery is not None:
            sections.append(_fit_section(rows, options.gallery))
        if options.searches_a_year is not None:
            sections.append(searches_section([m for m in at if m.name == "fpir"], options))
    measures += find_differentials(measures, found.groupings, options)
    if found.searches.mated.any():
        sections.append(_cmc_section(found))
        if not found.searches.mated.all():
            sections.append(_det_section(found))
    sections += group_sections(measures, ("fpir", "fnir"), options)
    sections += nist_section(measures, options)
    sections.append(_limits())
    return Report(
        "faces",
        "One-to-many search of faces",
        tuple(sections),
        tuple(measures),
        _manifest(inputs, options),
        options.confidence,
    )


def _check(options: FacesOptions) -> None:
    if not options.targets and not options.thresholds:
        raise InputError("No operating point was asked for; give `--target` (such as 0.0001) or `--threshold`.")
    for target in options.targets:
        if not 0 < target < 1:
            raise InputError(f"The target {target:g} is no rate; give one between 0 and 1, such as 0.0001.")
    if options.nist_folder is not None and not options.nist_folder.is_dir():
        raise InputError(
            f"{options.nist_folder}: there is no such folder; give the one that holds NIST's tables with `--nist`."
        )
    asked = {"threshold": options.thresholds, "gallery": (options.gallery,), "searches-a-year": (options.searches_a_year,)}
    for name, values in asked.items():
        if any(value is not None and not np.isfinite(value) for value in values):
            raise InputError(f"`--{name}` is not a finite number; give one.")


def _manifest(inputs: Sequence[Path], options: FacesOptions) -> dict[str, Any]:
    return make_manifest(
        [*inputs, *nist.files(options.nist_folder)],
        pairing=options.pairing,
        by=list(options.by),
        targets=list(options.targets),
        thresholds=list(options.thresholds),
        rank=options.rank,
        low_is_better=options.low_is_better,
        confidence=options.confidence,
        draws=options.draws,
        seed=options.seed,
        gallery=options.gallery,
        searches_a_year=options.searches_a_year,
    )


def _overall(found: faces.Verification, options: FacesOptions) -> list[Measure]:
    conditions = {"pairing": options.pairing, "eer_low": found.equal.low, "eer_high": found.equal.high}
    return [
        Measure(
            name="eer",
            value=found.equal.middle,
            conditions=conditions,
            definition="equal error rate: the middle of the interval in which FMR and FNMR cross",
        ),
        Measure(
            name="auc",
            value=found.auc,
            conditions={"pairing": options.pairing},
            definition="chance that a genuine score exceeds an impostor's, ties counted half",
        ),
    ]


def _verification_section(found: faces.Verification, comparisons: faces.Comparisons, options: FacesOptions) -> Section:
    overall = [m for m in found.measures if m.group == ALL]
    text = [
        f"{comparisons.genuine.scores.size:,} genuine and {comparisons.impostor.scores.size:,} impostor comparisons; "
        "impostors paired: "
        f"{options.pairing}.",
        f"FMR and FNMR cross between {found.equal.low:.3g} and {found.equal.high:.3g} (EER); AUC {found.auc:.4f}.",
    ]
    if found.auc < 0.5:
        text.append(WRONG_WAY.format(what="Genuine"))
    for target, point in found.points:
        if target is not None and not np.isfinite(point.threshold):
            text.append(
                f"No observed score has an FMR of at most {target:g}: with {point.impostors:,} impostor comparisons "
                "the smallest "
                f"rate above zero is {1 / point.impostors:.2g}."
            )
        if target is not None:
            needed = rule_of_three(target, options.confidence)
            text.append(
                f"To show an FMR of at most {target:g} without an error takes {needed:,} independent comparisons "
                "(rule of 3), which "
                f"{subjects_for(needed, ordered=False):,} subjects give when each is compared with each; to know it within "
                f"{relative_half_width(30):.0%} takes {errors_for(0.3)} errors (rule of 30). {point.false_matches:,} "
                "were seen."
            )
    rows = [("all", float(x), float(y)) for x, y in zip(found.det.fmr, found.det.fnmr, strict=True)]
    best = found.equal.middle
    chart = charts.line_chart(
        "det",
        "DET: false non-match rate by false match rate",
        f"A falling curve on logarithmic axes, from an FNMR of {found.det.fnmr[-2]:.3g} where fewest impostors "
        "match; both rates are "
        f"about {best:.3g} where they are equal.",
        rows,
        "FMR",
        "FNMR",
        log_x=True,
        log_y=True,
    )
    return Section("All comparisons", tuple(text), (rate_table("Rates", overall, options.confidence),), (chart,))


def _fit_section(rows: Sequence[tuple[float, int, int]], gallery: float) -> Section:
    table = Table(
        "FPIR by gallery size",
        ("gallery", "false positives", "searches", "FPIR"),
        tuple((size, hits, trials, hits / trials if trials else None) for size, hits, trials in rows),
    )
    fit = searches.fit_fpir(rows, gallery)
    if not rows:
        text = f"The searches have no column `gallery`, so nothing is known of one of {gallery:,.0f} people."
    elif fit is None:
        text = (
            "Fewer than two gallery sizes have a false positive, so no growth can be fitted: nothing is known of other sizes."
        )
    else:
        text = (
            f"Fitted growth FPIR = a N^b with b = {fit[1]:.2f} (1 where comparisons are independent); at "
            f"{gallery:,.0f} people it gives "
            f"{fit[0]:.3g}. An extrapolation where that is beyond the sizes tested; root mean square residual "
            f"{fit[2]:.2f} in logarithms."
        )
    return Section("How the gallery's size matters", (text,), (table,) if rows else ())


def _cmc_section(found: searches.SearchSet) -> Section:
    longest = int(min(max(found.searches.mate_rank.max(), 1), 50))
    curve = identification.cmc(found.searches, longest)
    rows = [("mated searches", float(rank), float(value)) for rank, value in enumerate(curve, start=1)]
    chart = charts.line_chart(
        "cmc",
        "CMC: share of mated searches whose mate is within the rank",
        f"A rising curve from {curve[0]:.3g} at rank 1 to {curve[-1]:.3g} at rank {longest}.",
        rows,
        "rank",
        "share found",
        step=True,
    )
    return Section("Ranks, without a threshold", (f"{int(found.searches.mated.sum()):,} mated searches.",), (), (chart,))


def _det_section(found: searches.SearchSet) -> Section:
    """Return FNIR by FPIR at every threshold: a search that returned nobody, or not the mate, is below all of them."""
    own = found.searches
    det = det_curve(sort_scores(own.mate_score[own.mated]), sort_scores(own.top[~own.mated]))
    rows = [
        ("all searches", float(x), float(y))
        for t, x, y in zip(det.thresholds, det.fmr, det.fnmr, strict=True)
        if np.isfinite(t)
    ]
    chart = charts.line_chart(
        "det-search",
        "DET: FNIR by FPIR",
        f"A falling curve on logarithmic axes. With every candidate taken, FPIR is {rows[0][1]:.3g} and FNIR "
        f"{rows[0][2]:.3g}; at the highest score, {rows[-1][1]:.3g} and {rows[-1][2]:.3g}.",
        rows,
        "FPIR",
        "FNIR",
        log_x=True,
        log_y=True,
    )
    return Section("What a threshold trades", ("Each point is a threshold, whatever the mate's rank.",), (), (chart,))


def _limits() -> Section:
    return Section(
        "What this does not show",
        (
            "What a system does with other cameras, people, thresholds or galleries than these, and what people do with "
            "its answers.",
            "A binomial interval takes comparisons for independent. Comparisons that share a subject are not; where "
            "subjects were given, the "
            "bootstrap over subjects is the interval, and the binomial one stands beside it only to be compared.",
        ),
    )
