"""The reverse question: how many innocent people are returned, with this FMR, gallery and number of searches a year.

The FMR is of a test, or one that somebody claims: then `report_claimed` answers from the claim alone.
"""

import re
from collections.abc import Sequence

import numpy as np

from custodiet.bench import identification
from custodiet.bench.faces_groups import FacesOptions
from custodiet.bench.measure import ALL, Measure, share
from custodiet.bench.report import Report, Section, Table, make_manifest
from custodiet.model.errors import InputError

CLAIMED = "claimed false match rate, as it was given"
EXTRAPOLATED = (
    "Extrapolated, not measured: 1 - (1 - FMR)^N takes the N comparisons of a search for independent. NIST warns "
    "that this does "
    "not hold for all one-to-many algorithms; a claim about a gallery of this size needs a test with one."
)


def read_fmr(text: str, conditions: dict[str, object]) -> Measure:
    """Return a claimed FMR from `RATE` or `ERRORS/COMPARISONS`, of all or of a group: `F=12/100000`.

    Raises:
        InputError: it is of no such form, or no rate.

    """
    name, _, rate = text.rpartition("=")
    group, by = name.strip() or ALL, "group" if name.strip() else None
    if counts := re.fullmatch(r"\s*(\d+)\s*/\s*(\d+)\s*", rate):
        errors, trials = int(counts[1]), int(counts[2])
        if trials and errors <= trials:
            return share("fmr", errors, trials, CLAIMED, group=group, by=by, conditions=conditions)
    try:
        value = float(rate)
    except ValueError:
        value = np.nan
    if not 0 <= value <= 1:
        raise InputError(f"{text!r} is no false match rate; write 0.00001, or 12/100000, or F=12/100000 for a group.")
    return Measure(name="fmr", value=value, definition=CLAIMED, group=group, by=by, conditions=conditions)


def refuse_lone_year(options: FacesOptions) -> None:
    """Refuse a number of searches without the gallery that they are of.

    Raises:
        InputError: `--searches-a-year` was given, and no `--gallery`.

    """
    if options.searches_a_year is not None and options.gallery is None:
        raise InputError("How many people a year's searches return depends on the gallery; give its size with `--gallery`.")


def report_claimed(texts: Sequence[str], options: FacesOptions) -> Report:
    """Return how many innocent people a gallery returns at claimed false match rates.

    Raises:
        InputError: no gallery was given, a rate is none, or a group stands twice.

    """
    if options.gallery is None:
        raise InputError("How many people are returned depends on the gallery; give its size with `--gallery`.")
    rates = [read_fmr(text, {"pairing": options.pairing}) for text in texts]
    groups = [rate.group for rate in rates]
    if twice := [group for group in groups if groups.count(group) > 1]:
        raise InputError(f"The group {twice[0]!r} stands twice; give each once.")
    more, section = gallery_section(rates, options)
    text = [f"Rates as they were claimed; impostors paired: {options.pairing}. Nothing was measured here."]
    if any(rate.interval() is None for rate in rates):
        text.append("A rate without its counts (errors/comparisons) has no interval: how sure it is, is not known.")
    limits = Section("What this does not show", ("Whether the claim is true, and what people do with who is returned.",))
    manifest = make_manifest(
        [], fmr=list(texts), pairing=options.pairing, gallery=options.gallery, searches_a_year=options.searches_a_year,
        confidence=options.confidence,
    )  # fmt: skip
    return Report(
        "faces", "Innocent people returned at a claimed rate", (Section("What was claimed", tuple(text)), section, limits),
        (*rates, *more), manifest, options.confidence,
    )  # fmt: skip


def searches_section(fpirs: Sequence[Measure], options: FacesOptions) -> Section:
    """Return how many searches of a year return somebody innocent, at the FPIR and the galleries that were tested."""
    year = options.searches_a_year
    assert year is not None
    rows = []
    for each in fpirs:
        interval = each.interval(options.confidence)
        if each.value is None or interval is None:
            continue
        rates = (each.value, interval[0], interval[1])
        rows.append((each.group, each.conditions["threshold"], each.trials, *rates, *(year * rate for rate in rates)))
    columns = ("group", "threshold", "N", "FPIR", "FPIR low", "FPIR high", "searches a year", "year low", "year high")
    text = (
        f"A year has {year:,.0f} searches here, and all are taken for searches of people not in the gallery. Each that is "
        "counted returns one innocent person or more. The FPIR is the test's: another gallery has another.",
    )
    return Section("Searches that return somebody innocent", text, (Table("In a year", columns, tuple(rows)),))


def gallery_section(fmrs: Sequence[Measure], options: FacesOptions) -> tuple[list[Measure], Section]:
    """Return the answer to the reverse question: how many innocent people a search of such a gallery returns."""
    assert options.gallery is not None
    measures, rows = [], []
    for each in fmrs:
        if each.value is None:
            continue
        interval = each.interval(options.confidence)
        rates = (each.value, *(interval[:2] if interval else (None, None)))
        fpir = [None if f is None else identification.extrapolate_fpir(f, options.gallery) for f in rates]
        people = [None if f is None else identification.expected_returns(f, options.gallery) for f in rates]
        conditions = {**each.conditions, "gallery": options.gallery, "extrapolated": True}
        measures.append(
            Measure(
                name="extrapolated_fpir",
                group=each.group,
                by=each.by,
                value=fpir[0],
                subjects=each.subjects,
                conditions=conditions,
                draws=None
                if each.draws is None
                else -np.expm1(options.gallery * np.log1p(-np.minimum(each.draws, 1 - 1e-12))),
                definition="1 - (1 - FMR)^N",
            )
        )
        year = options.searches_a_year
        rows.append(
            (each.group, options.gallery, *fpir, *people, *(None if p is None or not year else p * year for p in people))
        )
    columns = (
        "group",
        "gallery",
        "FPIR",
        "FPIR low",
        "FPIR high",
        "innocent people a search",
        "low",
        "high",
        "innocent people a year",
        "year low",
        "year high",
    )
    text = [
        EXTRAPOLATED,
        "Impostors must be paired as a search pairs them: a search compares one person with everybody in the gallery.",
    ]
    if options.searches_a_year:
        text.append(
            f"A year has {options.searches_a_year:,.0f} searches here, and all are taken for searches of people not "
            "in the gallery."
        )
    return measures, Section(
        f"In a gallery of {options.gallery:,.0f} people",
        tuple(text),
        (Table("Innocent people returned", columns, tuple(rows)),),
    )
