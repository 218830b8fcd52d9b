"""What must hold within a pack and between packs; what does not is refused with one sentence."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from typing import get_args

from custodiet.governance.packs.schema import CrosswalkPage, Duty, Graded, PackPage
from custodiet.model.errors import PackError
from custodiet.store.schema import QUESTIONS


def check_pack(page: PackPage, duties: Sequence[Duty]) -> None:
    """Check counts, ids, parents, grades and what the entries refer to.

    Raises:
        PackError: something does not hold.

    """
    _check_counts(page, duties)
    known = {duty.id for duty in duties}
    for duty in duties:
        _check_duty(page, duty, known)
    for place in page.jurisdictions:
        for name in (*place.requires, *place.recalled):
            if name not in known:
                raise PackError(f"{page.id}: the jurisdiction {place.id} asks for {name!r}, and there is no such entry.")
        _check_grades(page, place.id, (place, *place.says))
    for day in page.dates:
        if day.days is not None and day.date != page.date + dt.timedelta(days=day.days):
            raise PackError(f"{page.id}: {day.date} is not {day.days} days after {page.date}; mend the date of {day.what!r}.")
    _check_grades(page, "its own texts", (*page.dates, *page.says))


def _check_counts(page: PackPage, duties: Sequence[Duty]) -> None:
    ids = [duty.id for duty in duties]
    if twice := [name for name, number in Counter(map(str.casefold, ids)).items() if number > 1]:
        raise PackError(f"{page.id}: the entry {twice[0]!r} stands twice; take one out.")
    counted = Counter(duty.level for duty in duties)
    for level in sorted({*counted, *page.counts}):
        if counted[level] != page.counts.get(level, 0):
            raise PackError(
                f"{page.id}: {counted[level]} entries are of the level {level!r}, and `counts` says "
                f"{page.counts.get(level, 0)}; complete the entries, or mend `counts`."
            )
    if missing := [level for level in page.assessed if not counted[level]]:
        raise PackError(f"{page.id}: `assessed` names the level {missing[0]!r}, and no entry is of it.")


def _check_duty(page: PackPage, duty: Duty, known: Set[str]) -> None:
    if duty.parent is not None and duty.parent not in known:
        raise PackError(f"{page.id}: {duty.id} stands under {duty.parent!r}, and there is no such entry.")
    for spec in duty.evidence:
        if spec.cell is not None and spec.cell not in QUESTIONS:
            raise PackError(f"{page.id}: {duty.id} takes evidence from {spec.cell!r}, which is no question of an inventory.")
    _check_grades(page, duty.id, (duty, *duty.says))


def check_evidence(page: PackPage, duties: Sequence[Duty]) -> None:
    """Check that the rules, measures and kinds of claim that a pack's evidence names are there.

    Raises:
        PackError: one is not, so that its entry would stay unknown for ever.

    """
    from custodiet.access_log.measures import read_definitions  # noqa: PLC0415 - shipped packs are held so by a test
    from custodiet.catalogue.schema import About  # noqa: PLC0415
    from custodiet.rules.page import read_rules  # noqa: PLC0415

    rules = {rule.id for rule in read_rules()}
    measures, claims = {*read_definitions(), "rules"}, set(get_args(About))
    for duty in duties:
        for spec in duty.evidence:
            named = (
                ("the rule", {spec.finding} - {None}, rules, "`custodiet rules` lists them"),
                ("the audit's measure", {*spec.audit}, measures, "docs/access-logs.md has them"),
                ("claims about", {*spec.claims}, claims, f"they are about {', '.join(sorted(claims))}"),
            )
            for what, given, known, where in named:
                if missing := sorted(map(str, given - known)):
                    raise PackError(
                        f"{page.id}: {duty.id} takes evidence from {what} {missing[0]!r}, and there is none; {where}."
                    )


def _check_grades(page: PackPage, name: str, entries: Sequence[Graded]) -> None:
    """Refuse a verified text without the address at which it was seen, and an unverified one without what to verify."""
    for entry in entries:
        if entry.grade == "V" and not entry.seen:
            raise PackError(f"{page.id}: {name}: grade V needs the address at which the text was seen; add `seen`.")
        if entry.grade != "V" and not entry.verify:
            raise PackError(f"{page.id}: {name}: grade {entry.grade} needs what to verify; add `verify`.")


def check_crosswalk(
    pack: str, ours: Sequence[Duty], theirs: Sequence[Duty], page: CrosswalkPage, rows: Mapping[str, tuple[str, ...]]
) -> None:
    """Check that both ends of every row of a crosswalk are entries, and that every row has its source's grade.

    Raises:
        PackError: a row leads from or to nothing.

    """
    known, reached = {duty.id for duty in ours}, {duty.id for duty in theirs}
    if len(rows) != len(page.rows):
        raise PackError(f"{pack} to {page.to}: an entry has two rows; join them.")
    for entry, targets in rows.items():
        if entry not in known:
            raise PackError(f"{pack} to {page.to}: the row {entry!r} is about no entry of {pack}; mend its id.")
        for target in targets:
            if target not in reached:
                raise PackError(f"{pack} to {page.to}: the row {entry} leads to {target!r}, which {page.to} does not have.")
    for row in page.rows:
        if row.grade != "V" and not row.verify:
            raise PackError(f"{pack} to {page.to}: the row {row.entry} has grade {row.grade} and no `verify`.")
