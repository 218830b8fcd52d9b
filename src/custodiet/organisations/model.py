"""A Fellegi-Sunter model, run by Splink, that says how much speaks for two names being one organisation or one group of them.

Each comparison has levels, from the strongest agreement to none; a level's weight is log2 of how much more often it is seen
among pairs of one organisation (m) than among others (u). Those of the name are counted on labelled pairs (`model.json`, made
by bench/organisations.py); those of the records are set by hand, because no labelled pair has them, and say so.

Splink 5: tables are registered with its database interface, and a prediction's columns are `mw_<comparison>`.
"""

import json
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from custodiet.store.stopping import stoppable

TRAINED = Path(__file__).with_name("model.json")

# Counting adds this much to each level, so that one never seen is rare and not impossible.
SMOOTHING = 0.5


@dataclass(frozen=True, slots=True)
class Level:
    """What is so when this level holds, as SQL over a pair (`_l`, `_r`) and in words."""

    name: str
    sql: str
    words: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Levels of which the first that holds counts; a pair that lacks the data has no level, and no weight."""

    name: str
    missing: str | None
    levels: tuple[Level, ...]
    # Weights set by hand, level by level, in bits; None where they are counted.
    by_hand: tuple[float, ...] | None = None


_LEAD = "len(list_intersect(lead_l, lead_r))"
_LEAD_BITS = f"coalesce(lead_bits_l[{_LEAD}], 0)"
_SHARED = "shared_bits(words_l, words_r, word_bits_l)"
_REST = f"(greatest(bits_l, bits_r) - {_SHARED})"
_LEAST_REST = f"(least(bits_l, bits_r) - {_SHARED})"

COMPARISONS = (
    Comparison("name", None, (
        Level("same", "plain_l = plain_r", "the same but for case, punctuation or the spelling of the legal form"),
        Level("same-words", "letters_l = letters_r", "the same but for the legal form or spaces"),
        Level("cut-off", "(cut_l is not null and starts_with(plain_r, cut_l)) or "
              "(cut_r is not null and starts_with(plain_l, cut_r))", "one is the other, broken off after thirty characters"),
        Level("one-letter", "length(core_l) >= 8 and jaro_winkler_similarity(core_l, core_r) >= 0.97 and "
              "damerau_levenshtein(core_l, core_r) <= 1", "one letter differs"),
        Level("three-words", f"{_LEAD} >= 3 and {_LEAD_BITS} >= 14",
              "the first three words or more are the same, and rare together"),
        Level("contained", f"{_LEAST_REST} < 0.01 and {_LEAD} >= 1 and {_SHARED} >= 9",
              "the first word is the same, and one has all words of the other, rare ones among them"),
        Level("two-words", f"{_LEAD} >= 2 and {_LEAD_BITS} >= 13", "the first two words are the same, and rare together"),
        Level("most-words", f"{_SHARED} >= 1.5 * {_REST} and {_SHARED} >= 9", "most of what is rare in the two is the same"),
        Level("rare-word-first", f"{_LEAD} >= 1 and {_LEAD_BITS} >= 8.5 and {_REST} < 9",
              "the first word is the same and rare, and the others are common ones"),
        Level("initials", "(short_l is not null and starts_with(coalesce(initials_r, ''), short_l)) or "
              "(short_r is not null and starts_with(coalesce(initials_l, ''), short_r))",
              "the first word of one is the initials of the other"),
        Level("rare-word-first-of-others", f"{_LEAD} >= 1 and {_LEAD_BITS} >= 8.5",
              "the first word is the same and rare, and the others are not alike"),
        Level("some-words", f"{_SHARED} >= 9", "they share words that are rare together"),
        Level("common-words", f"{_SHARED} > 0", "they share common words only"),
        Level("none", "else", "they share no word"),
    )),
    Comparison("words left over", None, (
        Level("none", f"{_REST} < 0.01", "no word is left over in either"),
        Level("common", f"{_REST} < 6", "a common word is left over"),
        Level("less-common", f"{_REST} < 9", "a word that is neither common nor rare is left over, or two common ones"),
        Level("some", f"{_REST} < 14", "a rare word is left over, or several"),
        Level("many", "else", "rare words are left over"),
    )),
    Comparison("numbers", "numbers_l is null and numbers_r is null", (
        Level("same", "coalesce(numbers_l, '') = coalesce(numbers_r, '')", "the same numbers"),
        Level("other", "else", "other numbers, or a number in one name only"),
    )),
    Comparison("legal form", "forms_l is null or forms_r is null", (
        Level("same", "forms_l = forms_r", "the same legal form"),
        Level("other", "else", "another legal form"),
    )),
    Comparison("awards", "awards_l is null or awards_r is null or len(list_intersect(awards_l, awards_r)) = 0", (
        Level("shared", "len(list_intersect(awards_l, awards_r)) > 0", "both names stand on one award"),
        Level("none", "else", "no award in common"),
    ), by_hand=(12.0, 0.0)),
    Comparison("identifiers", "ueis_l is null or ueis_r is null", (
        Level("same-uei", "len(list_intersect(ueis_l, ueis_r)) > 0", "both stand under one UEI, one under others too"),
        Level("same-parent", "coalesce(len(list_intersect(parents_l, parents_r)), 0) > 0",
              "their UEIs have one ultimate parent"),
        Level("other-ueis", "else", "their UEIs have nothing in common"),
    ), by_hand=(10.0, 6.0, -3.0)),
)  # fmt: skip

# By level, of each counted comparison: m and u.
Parameters = Mapping[str, Mapping[str, tuple[float, float]]]


@dataclass(frozen=True, slots=True)
class Part:
    """One comparison's part of a score: which level held, in words, and its weight in bits."""

    comparison: str
    level: str
    words: str
    weight: float


@dataclass(frozen=True, slots=True)
class Scored:
    """A pair of names with its score: the sum of its parts and of the prior, in bits."""

    one: str
    other: str
    weight: float
    parts: tuple[Part, ...]

    @property
    def probability(self) -> float:
        """The score as a probability, as far as the comparisons were independent (they are not quite)."""
        return 1 / (1 + 2 ** -max(min(self.weight, 100.0), -100.0))


@dataclass(frozen=True, slots=True)
class Trained:
    """The counted weights, the prior (the share of pairs that are one organisation) and the least score worth proposing."""

    parameters: Parameters
    prior: float
    floor: float

    @property
    def prior_weight(self) -> float:
        """The prior in bits."""
        return math.log2(self.prior / (1 - self.prior))


@cache
def read_trained(path: Path = TRAINED) -> Trained:
    """Return the model as it was trained."""
    content = json.loads(path.read_text("utf-8"))
    parameters = {
        comparison: {level: (m, u) for level, (m, u) in levels.items()} for comparison, levels in content["levels"].items()
    }
    return Trained(parameters, content["prior"], content["floor"])


def score_pairs(records: Sequence[Mapping[str, Any]], trained: Trained, least: float) -> list[Scored]:
    """Return the pairs of records (features.describe_names) whose score is at least `least` bits, best first.

    Only pairs that share a rare word, their first words, initials, an award or a UEI are looked at.
    """
    rows = _predict(records, trained, least)
    scored = []
    for row in rows:
        parts = []
        for comparison in COMPARISONS:
            gamma = row[f"gamma_{_column(comparison)}"]
            if gamma == -1:
                continue
            level = comparison.levels[len(comparison.levels) - 1 - gamma]
            parts.append(Part(comparison.name, level.name, level.words, row[f"mw_{_column(comparison)}"]))
        one, other = sorted((row["unique_id_l"], row["unique_id_r"]))
        scored.append(Scored(one, other, row["match_weight"], tuple(parts)))
    return sorted(scored, key=lambda s: (-s.weight, s.one, s.other))


def compare(records: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, dict[str, str]]]:
    """Return each pair that is looked at, with the level that held of each counted comparison, for training."""
    even = {
        comparison.name: {level.name: (1 / len(comparison.levels),) * 2 for level in comparison.levels}
        for comparison in COMPARISONS
        if comparison.by_hand is None
    }
    found = []
    for scored in score_pairs(records, Trained(even, 0.5, 0.0), -1000.0):
        found.append((scored.one, scored.other, {part.comparison: part.level for part in scored.parts}))
    return found


def _column(comparison: Comparison) -> str:
    return comparison.name.replace(" ", "_")


def _settings(trained: Trained) -> dict[str, Any]:
    comparisons = []
    for comparison in COMPARISONS:
        levels: list[dict[str, Any]] = []
        if comparison.missing:
            levels.append({"sql_condition": comparison.missing, "label_for_charts": "missing", "is_null_level": True})
        for position, level in enumerate(comparison.levels):
            m, u = _m_and_u(comparison, position, trained)
            levels.append({
                "sql_condition": "ELSE" if level.sql == "else" else level.sql, "label_for_charts": level.words,
                "m_probability": m, "u_probability": u,
            })  # fmt: skip
        comparisons.append({"output_column_name": _column(comparison), "comparison_levels": levels})
    return {
        "link_type": "dedupe_only",
        "probability_two_random_records_match": trained.prior,
        "comparisons": comparisons,
        "blocking_rules_to_generate_predictions": [
            {"blocking_rule": "l.blocks = r.blocks", "sql_dialect": "duckdb", "arrays_to_explode": ["blocks"]}
        ],
        # Without the matching columns Splink gives no levels either; they are dropped from what is read.
        "retain_intermediate_calculation_columns": True,
        "retain_matching_columns": True,
    }


def _m_and_u(comparison: Comparison, position: int, trained: Trained) -> tuple[float, float]:
    if comparison.by_hand is None:
        return trained.parameters[comparison.name][comparison.levels[position].name]
    # Only the ratio of the two matters, and neither may be above one.
    weight = comparison.by_hand[position]
    return (0.5, 0.5 * 2**-weight) if weight >= 0 else (0.5 * 2**weight, 0.5)


def _predict(records: Sequence[Mapping[str, Any]], trained: Trained, least: float) -> list[dict[str, Any]]:
    import duckdb  # noqa: PLC0415 - Splink runs on a database of its own, beside the register
    import pyarrow as pa  # noqa: PLC0415
    from splink import DuckDBAPI, Linker  # noqa: PLC0415 - takes a moment, and only `resolve` needs it

    logging.getLogger("splink").setLevel(logging.ERROR)
    texts, list_of_text = pa.string(), pa.list_(pa.string())
    schema = pa.schema([
        ("unique_id", texts), ("plain", texts), ("core", texts), ("letters", texts), ("cut", texts), ("words", list_of_text),
        ("word_bits", pa.map_(texts, pa.float64())), ("bits", pa.float64()), ("lead", list_of_text),
        ("lead_bits", pa.list_(pa.float64())), ("initials", texts), ("short", texts), ("numbers", texts), ("forms", texts),
        ("awards", list_of_text), ("ueis", list_of_text), ("parents", list_of_text), ("blocks", list_of_text),
    ])  # fmt: skip
    with duckdb.connect(":memory:") as connection, stoppable(connection):
        connection.execute(
            "create macro shared_bits(a, b, bits) as "
            "coalesce(list_sum(list_transform(list_intersect(a, b), lambda w: bits[w])), 0)"
        )
        api = DuckDBAPI(connection)
        names = api.register(pa.Table.from_pylist(list(records), schema=schema))
        linker = Linker(names, _settings(trained), log_level=None)
        scored = linker.inference.predict(threshold_match_weight=least).as_duckdbpyrelation()
        kept = ["unique_id_l", "unique_id_r", "match_weight"]
        kept += [f"{prefix}_{_column(comparison)}" for prefix in ("gamma", "mw") for comparison in COMPARISONS]
        return [dict(zip(kept, row, strict=True)) for row in scored.select(*kept).fetchall()]
