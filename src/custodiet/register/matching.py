"""Which use case of one year is which of the next.

An exact normalised name within one agency is a match, with or without the agency's own reference to the year before. Anything
less, from 2024 to 2025, is a proposal with its score and the parts of it, and counts only once a judgement accepts it.
"""

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass, replace

from custodiet.model.errors import InputError
from custodiet.model.text import tidy
from custodiet.register.judgements import Judgements
from custodiet.store import Register

EARLIER, LATER = 2024, 2025
# The parts of a proposal's score, and the least score that is worth a reader's time. Chosen on the hand-read DHS
# pairs: every accepted rename scores above the floor (docs/matching.md has the table).
NAME_WEIGHT, TEXT_WEIGHT, BUREAU_WEIGHT = 0.5, 0.4, 0.1
FLOOR = 0.55
MOST_PER_CASE = 3
# Longer texts say nothing more about sameness, and cost time.
TEXT_LENGTH = 600


@dataclass(frozen=True)
class _Case:
    key: str
    agency: str
    bureau: str | None
    name: str
    text: str


def match_years(register: Register, judgements: Judgements) -> None:
    """Fill the tables `matches` and `proposals`.

    Raises:
        InputError: a judgement names a record that its release does not have, or has under another name.

    """
    cases = {year: _cases(register, year) for year in (EARLIER - 1, EARLIER, LATER)}
    referring = _referring(cases[LATER])
    rows: list[tuple[str, str, str, str | None, str]] = [
        (a, b, "same-name", None, "the same name within the agency")
        for year in (EARLIER - 1, EARLIER)
        for a, b in sorted(_same_names(cases[year], cases[year + 1]))
    ]
    named = {row[1] for row in rows}
    rows += [
        (a, b, "agency-reference", None, "the agency's own reference to the 2024 inventory, and the same name without it")
        for a, b in sorted(_same_names(cases[EARLIER], [case for case in referring if case.key not in named]))
    ]
    matches = {(row[0], row[1]) for row in rows}
    verdicts = _verdicts(register, judgements)
    for (a, b), (verdict, by, reason) in sorted(verdicts.items()):
        if verdict == "accept" and (a, b) not in matches:
            rows.append((a, b, "judgement", by, reason))
    register.load("matches", rows)
    # Who has a match already needs no proposal; a 2024 case can be the later half of one and the earlier of another.
    continued, continuing = {row[0] for row in rows}, {row[1] for row in rows}
    proposals = _propose(
        [case for case in cases[EARLIER] if case.key not in continued],
        [case for case in cases[LATER] if case.key not in continuing],
    )
    by_key = {case.key: case for year in cases for case in cases[year]}
    for a, b in verdicts:
        if (a, b) not in proposals:
            proposals[a, b] = _score(by_key[a], by_key[b])
    register.load(
        "proposals",
        (
            (_proposal_id(a, b), a, b, *(f"{part:.4f}" for part in parts[:3]), str(parts[3]).lower(),
             *verdicts.get((a, b), (None, None, None)))
            for (a, b), parts in sorted(proposals.items())
        ),
    )  # fmt: skip


def _cases(register: Register, year: int) -> list[_Case]:
    rows = register.rows(
        "select use_case_id, agency, bureau, normalised_name, "
        "lower(concat_ws(' ', purpose.value, benefits.value, outputs.value)) "
        "from use_cases where inventory_year = $year order by use_case_id",
        {"year": year},
    )
    return [_Case(key, agency, bureau, name, text[:TEXT_LENGTH]) for key, agency, bureau, name, text in rows]


def _referring(cases: list[_Case]) -> list[_Case]:
    """Return the cases whose name ends in a reference such as "[2024 INV#DOI-69]", without it.

    The Department of the Interior so marks its entries of 2025 that continue one of 2024.
    """
    found = []
    for case in cases:
        plain = re.sub(r" 2024 inv .*$", "", case.name)
        if plain != case.name:
            found.append(replace(case, name=plain))
    return found


def _same_names(earlier: list[_Case], later: list[_Case]) -> set[tuple[str, str]]:
    """Pair cases of one name and agency. Where a name stands several times, the bureau must agree as well."""
    by_name: dict[tuple[str, str], tuple[list[_Case], list[_Case]]] = defaultdict(lambda: ([], []))
    for case in earlier:
        by_name[case.agency, case.name][0].append(case)
    for case in later:
        by_name[case.agency, case.name][1].append(case)
    pairs = set()
    for (_, name), (olds, news) in by_name.items():
        if not name:
            continue
        alone = len(olds) == 1 and len(news) == 1
        for old in olds:
            same = news if alone else [new for new in news if new.bureau == old.bureau]
            rivals = [other for other in olds if other.bureau == old.bureau]
            if len(same) == 1 and (alone or len(rivals) == 1):
                pairs.add((old.key, same[0].key))
    return pairs


def _score(old: _Case, new: _Case) -> tuple[float, float, float, bool]:
    """Return the score of a pair (0 to 1), the likeness of names and texts (0 to 1), and whether bureaus agree."""
    from rapidfuzz import fuzz  # noqa: PLC0415 - only a build needs it

    name = max(fuzz.token_sort_ratio(old.name, new.name), fuzz.token_set_ratio(old.name, new.name) * 0.95) / 100
    text = fuzz.token_set_ratio(old.text, new.text) / 100 if old.text and new.text else 0.0
    bureau = old.bureau is not None and old.bureau == new.bureau
    return NAME_WEIGHT * name + TEXT_WEIGHT * text + BUREAU_WEIGHT * bureau, name, text, bureau


def _propose(earlier: list[_Case], later: list[_Case]) -> dict[tuple[str, str], tuple[float, float, float, bool]]:
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - only a build needs it

    by_agency: dict[str, list[_Case]] = defaultdict(list)
    for case in later:
        by_agency[case.agency].append(case)
    found = {}
    for old in earlier:
        rivals = by_agency.get(old.agency, [])
        likely = process.extract(old.name, [rival.name for rival in rivals], scorer=fuzz.token_set_ratio, limit=12)
        scored = sorted(
            ((_score(old, rivals[index]), rivals[index].key) for _, _, index in likely),
            key=lambda pair: (-pair[0][0], pair[1]),
        )
        for parts, key in scored[:MOST_PER_CASE]:
            if parts[0] >= FLOOR:
                found[old.key, key] = parts
    return found


def _verdicts(register: Register, judgements: Judgements) -> dict[tuple[str, str], tuple[str, str, str]]:
    """Take each judgement to its two use cases, and refuse one whose record has another name by now."""
    known = {
        (release, row): (key, name)
        for release, row, key, name in register.rows(
            'select r.release, r."row", u.use_case_id, u.name from records r join use_cases u using (use_case_id)'
        )
    }
    releases = {release for release, _ in known}
    found: dict[tuple[str, str], tuple[str, str, str]] = {}
    for judgement in judgements.in_force.values():
        keys = []
        for side in (judgement.earlier, judgement.later):
            if side.release not in releases:
                break
            key, name = known.get((side.release, side.row), ("", ""))
            if tidy(side.name) != name:
                raise InputError(
                    f"judgements: {side.release} row {side.row} is judged as {side.name!r}, and the release has "
                    f"{name or 'no such row'!r} there; judge the pair again."
                )
            keys.append(key)
        if len(keys) == 2:
            found[keys[0], keys[1]] = (judgement.verdict, judgement.by, judgement.reason)
    return found


def _proposal_id(a: str, b: str) -> str:
    return hashlib.sha256(f"{a} {b}".encode()).hexdigest()[:8]
