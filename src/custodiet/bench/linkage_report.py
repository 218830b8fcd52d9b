"""What `bench linkage` says: its measures in words and tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from custodiet.bench import charts, clusters, linkage, review
from custodiet.bench.arrays import Ints
from custodiet.bench.intervals import DRAWS
from custodiet.bench.measure import ALL, Measure
from custodiet.bench.report import Report, Section, Table, make_manifest, measure_table
from custodiet.model.errors import InputError

SAMPLINGS = ("uniform", "cluster_size", "weight")


@dataclass(frozen=True, kw_only=True)
class LinkageOptions:
    """What a run of `bench linkage` was asked."""

    by: tuple[str, ...] = ()
    threshold: float | None = None
    sampling: str | None = None
    confidence: float = 0.95
    draws: int = DRAWS
    seed: int = 0


def report_linkage(
    records: linkage.Records,
    pairs: linkage.Pairs | None,
    judged: review.Judged | None,
    inputs: Sequence[Path],
    options: LinkageOptions,
) -> Report:
    """Return the report of a linkage test.

    Raises:
        InputError: there is no prediction, or the truth is a sample and nobody said how it was drawn.

    """
    predicted = _prediction(records, pairs, options)
    sections = []
    if records.is_whole:
        if options.sampling is not None:
            raise InputError(
                "Every record has its true entity, so nothing is estimated; leave `--sampling` out, or give the records "
                "whose entity is not known as well, with an empty cell."
            )
        measures = linkage.measure_linkage(predicted, records.true, records.groupings, draws=options.draws, seed=options.seed)
        sections.append(_whole_section(predicted, records, measures, options))
        if any(measure.group != ALL for measure in measures):
            sections.append(_group_section(measures, options))
    else:
        if options.sampling not in SAMPLINGS:
            raise InputError(
                "The truth of some records is not known, so this is a sample; say how its entities were drawn with "
                f"`--sampling`: {', '.join(SAMPLINGS)}."
            )
        measures, rows = linkage.estimate_linkage(predicted, records, options.sampling, confidence=options.confidence)
        table = Table(
            "Estimates",
            ("measure", "estimate", "standard error", "low", "high", "entities", "was cut"),
            tuple((name, e.value, e.se, *(span or (None, None)), e.clusters, e.was_cut) for name, e, span in rows),
        )
        text = (
            f"{int((records.true >= 0).sum()):,} of {records.true.size:,} records have a known entity; entities drawn: "
            f"{options.sampling}. Computed naively on the labelled records alone, precision would look far too good.",
        )
        sections.append(Section("Estimated from a sample", text, (table,)))
        if any(measure.group != ALL for measure in measures):
            sections.append(_group_section(measures, options))
    if pairs is not None:
        sections.append(_blocking_section(records, pairs))
    if judged is not None:
        sections += _review_sections(judged, predicted, records)
    sections.append(
        Section(
            "What this does not show",
            (
                "Which of two records is right, and how a link was used. A linkage's errors depend on who is in the "
                "file: figures of one "
                "population say nothing about another.",
            ),
        )
    )
    manifest = make_manifest(
        inputs,
        by=list(options.by),
        threshold=options.threshold,
        sampling=options.sampling,
        confidence=options.confidence,
        draws=options.draws,
        seed=options.seed,
    )
    return Report("linkage", "Record linkage", tuple(sections), tuple(measures), manifest, options.confidence)


def _prediction(records: linkage.Records, pairs: linkage.Pairs | None, options: LinkageOptions) -> Ints:
    if records.predicted is not None:
        return records.predicted
    if pairs is None:
        raise InputError("There is no prediction; give the column 'predicted', or a file of pairs with `--pairs`.")
    if pairs.scores is not None and options.threshold is None:
        raise InputError("The pairs have scores; say from which score on a pair is a link, with `--threshold`.")
    return linkage.link_pairs(records, pairs, options.threshold)


def _whole_section(
    predicted: Ints, records: linkage.Records, measures: Sequence[Measure], options: LinkageOptions
) -> Section:
    table = clusters.tabulate(predicted, records.true)
    homogeneity, completeness = clusters.homogeneity_completeness(table)
    exact = clusters.exact_clusters(table)
    f = linkage.pairwise_f(measures)
    text = (
        f"{table.records:,} records, {table.true_sizes.size:,} entities, {table.predicted_sizes.size:,} predicted clusters; "
        f"{table.true_links:,} of {table.predicted_links:,} links are true, of {table.real_links:,} that there are.",
        f"Pairwise F {_shown(f)}; adjusted Rand {clusters.adjusted_rand(table):.4f}; homogeneity {homogeneity:.4f}, "
        "completeness "
        f"{completeness:.4f}; {_shown(exact.precision)} of predicted clusters are a whole entity, {_shown(exact.recall)} of "
        "entities were found whole.",
        "The two B-cubed pairs differ: by record, every record weighs the same; by cluster, every entity does.",
    )
    own = [measure for measure in measures if measure.group == ALL]
    return Section("All records", text, (measure_table("Measures", own, options.confidence),))


def _shown(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.4f}"


def _group_section(measures: Sequence[Measure], options: LinkageOptions) -> Section:
    own = [measure for measure in measures if measure.group != ALL]
    drawn = []
    for name in ("link_precision", "link_recall"):
        rows = []
        for each in (m for m in own if m.name == name):
            interval = each.interval(options.confidence)
            n = each.subjects or 0 if each.trials is None else each.trials
            rows.append((each.group, each.value, *(interval[:2] if interval else (None, None)), n))
        if any(row[1] is not None for row in rows):
            low = min((row for row in rows if row[1] is not None), key=lambda row: row[1])
            drawn.append(
                charts.dot_chart(
                    name.replace("_", "-"),
                    f"{name.replace('_', ' ').capitalize()} by group",
                    f"One dot a group with its interval; lowest: {low[0]}, {low[1]:.3g}.",
                    rows,
                    name.replace("_", " "),
                )
            )
    return Section("Groups", (), (measure_table("Measures by group", own, options.confidence),), tuple(drawn))


def _blocking_section(records: linkage.Records, pairs: linkage.Pairs) -> Section:
    missed, real = linkage.count_unscored(records, pairs)
    return Section(
        "Pairs that were never compared",
        (
            f"{missed:,} of {real:,} known true pairs are not in the file of pairs: blocking kept them apart. They "
            "count as misses above.",
        ),
    )


def _review_sections(judged: review.Judged, predicted: Ints, records: linkage.Records) -> list[Section]:
    found = review.measure_agreement(judged)
    agreement = Table("Agreement of judges", ("measure", "value"), tuple(found.items()))
    sections = [
        Section(
            "Review by people",
            (f"{found['items']} items judged by {found['judges']} judges, {found['judged_by_several']} of them by several.",),
            (agreement,),
        )
    ]
    if records.is_whole:
        table = clusters.tabulate(predicted, records.true)
        after = review.apply_review(
            judged, predicted, records.true, table.true_links, table.predicted_links, table.real_links
        )
        rates = clusters.Rates(
            after.true_links / after.predicted_links if after.predicted_links else None,
            after.true_links / after.real_links if after.real_links else None,
        )
        before = clusters.pairwise(table)
        sections.append(
            Section(
                "After the review",
                (
                    f"The majority decided {after.decided:,} pairs, {after.changed:,} of them otherwise than the "
                    "truth file. Verdicts are "
                    "applied pair by pair and not carried on to other pairs.",
                ),
                (
                    Table(
                        "Pairwise, before and after",
                        ("measure", "before", "after"),
                        (
                            ("precision", before.precision, rates.precision),
                            ("recall", before.recall, rates.recall),
                            ("f", before.f, rates.f),
                        ),
                    ),
                ),
            )
        )
    return sections
