"""Which rows count where releases of contract actions overlap: each action once, and never a stale state beside a newer one.

docs/decisions/2026-11-22-releases-not-pinned.md has the reasons. In short, for each agency:

1. A complete release covers the days that it was asked for. What older releases have on those days is history, and so is, on
   such days, what any release has that was cut off.
2. What is left is joined action by action: by the transaction's key where all have one, else by the award's key and the
   modification. The newest row of an action counts.
3. Rows without an award's key count beside others only while nothing speaks against it: equal in all shared cells means the
   same action; the same number and modification with other cells means that the year can't be joined row by row. Then the
   newest complete release has the year, and the others are history.
"""

import datetime as dt

from custodiet.model.dates import fiscal_days
from custodiet.sources.spec import Release
from custodiet.store import Register

# What every layout has, so that a row without keys can be compared with any other.
SHARED = (
    "agency",
    "piid",
    "recipient",
    "obligation",
    "action_date",
    "modification",
    "product_service",
    "industry",
    "description",
)


def settle(register: Register, releases: list[Release]) -> None:
    """Mark the transactions that count: `is_current` and not `repeats`; and say in `release_parts` what gave way to what."""
    _load_coverage(register, releases)
    _supersede(register)
    _mark_repeats_within(register)
    _choose_where_unjoinable(register)
    _mark_repeats_between(register)
    register.run(
        """
        update release_parts p set is_current = false
        where is_current and superseded > 0 and not exists (
          select 1 from transactions t where t.release = p.release and t.agency = p.agency
            and t.fiscal_year = p.fiscal_year and t.is_current)
        """
    )


def _load_coverage(register: Register, releases: list[Release]) -> None:
    """Fill the order of releases by age, and the days that each covers whole for an agency."""
    ordered = sorted(releases, key=lambda release: (_moment(release), release.release))
    register.run("create or replace temp table release_order (release varchar, age integer, day date)")
    register.load(
        "release_order", [(each.release, age, _moment(each).date().isoformat()) for age, each in enumerate(ordered)]
    )
    parts = register.rows("select release, agency, fiscal_year, is_truncated from release_parts")
    history = {release.release for release in releases if release.role != "transactions"}
    asked = []
    for release in releases:
        held = {(agency, year) for name, agency, year, _ in parts if name == release.release}
        asked += [(release.release, *days) for days in _asked(release, held)]
    whole = []
    cut_off = {(name, agency, year) for name, agency, year, is_truncated in parts if is_truncated}
    for name, agency, since, until in asked:
        for year in range(since.year, until.year + 2):
            first, last = fiscal_days(year)
            first, last = max(first, since), min(last, until)
            if first <= last and (name, agency, year) not in cut_off and name not in history:
                whole.append((name, agency, first.isoformat(), last.isoformat()))
    register.run("create or replace temp table coverage (release varchar, agency varchar, since date, until date)")
    register.load("coverage", whole)
    register.run("create or replace temp table asked (release varchar, agency varchar, since date, until date)")
    register.load("asked", [(name, agency, since.isoformat(), until.isoformat()) for name, agency, since, until in asked])
    # A year that is not over is covered when it was asked for to the day before the file was fetched.
    register.run(
        """
        update release_parts p set covers = case
          when a.since <= make_date(p.fiscal_year - 1, 10, 1)
            and a.until >= least(make_date(p.fiscal_year, 9, 30), a.day - 1) then 'year' else 'part' end
        from (select * from asked join release_order using (release)) a
        where a.release = p.release and a.agency = p.agency and a.since <= make_date(p.fiscal_year, 9, 30)
          and a.until >= make_date(p.fiscal_year - 1, 10, 1)
        """
    )


def _moment(release: Release) -> dt.datetime:
    """Return when a release was as the publisher had it."""
    if release.retrieved is not None:
        return release.retrieved
    return dt.datetime.combine(release.published or dt.date.min, dt.time.min, dt.UTC)


def _asked(release: Release, parts: set[tuple[str, int]]) -> list[tuple[str, dt.date, dt.date]]:
    """Return what a release was asked for, by agency; a pinned one is its parts' whole years, to the day of its state."""
    day = _moment(release).date()
    if release.query is not None:
        agencies = {release.query.agency} if release.query.agency else {agency for agency, _ in parts}
        return [(agency, release.query.since, min(release.query.until, day)) for agency in sorted(agencies)]
    if release.is_own:
        return []
    return [(agency, fiscal_days(year)[0], min(fiscal_days(year)[1], day)) for agency, year in sorted(parts)]


def _supersede(register: Register) -> None:
    register.run(
        """
        create or replace temp table gave_way as
        select t.release, t."row", arg_max(c.release, newer.age) as by_release
        from transactions t
        join release_order o on o.release = t.release
        join release_parts p on p.release = t.release and p.agency = t.agency and p.fiscal_year = t.fiscal_year
        join coverage c on c.agency = t.agency and t.action_date between c.since and c.until and c.release <> t.release
        join release_order newer on newer.release = c.release
        where t.is_current and (newer.age > o.age or p.is_truncated)
        group by t.release, t."row"
        """
    )
    _apply(register)


def _apply(register: Register) -> None:
    """Make history of the rows in `gave_way`, and count them in the parts of their releases."""
    register.run(
        """
        update release_parts p set superseded = p.superseded + g.n, superseded_by = g.by_release
        from (
          select t.release, t.agency, t.fiscal_year, count(*) as n, max(by_release) as by_release
          from gave_way join transactions t using (release, "row") group by all
        ) g
        where g.release = p.release and g.agency = p.agency and g.fiscal_year = p.fiscal_year
        """
    )
    register.run(
        """
        update transactions set is_current = false from gave_way g
        where g.release = transactions.release and g."row" = transactions."row"
        """
    )


def _mark_repeats_within(register: Register) -> None:
    """Mark rows that repeat another of the same release: by the transaction's key, or cell for cell."""
    cells = ", ".join((*SHARED, "award_key"))
    register.run(
        f"""
        update transactions set repeats = true from (
          select release as r, "row" as n, row_number() over (
            partition by release, transaction_key, case when transaction_key is null then row({cells}) end order by "row"
          ) as copy
          from transactions
        ) c
        where c.r = transactions.release and c.n = transactions."row" and c.copy > 1
        """
    )


def _choose_where_unjoinable(register: Register) -> None:
    same = " and ".join(f"o.{name} is not distinct from k.{name}" for name in SHARED)
    register.run(
        f"""
        create or replace temp table unjoinable as
        select distinct k.agency, k.fiscal_year
        from transactions k
        join transactions o on o.agency = k.agency and o.fiscal_year = k.fiscal_year and o.piid = k.piid
          and coalesce(o.modification, '') = coalesce(k.modification, '') and o.release <> k.release
        where k.is_current and o.is_current and not k.repeats and not o.repeats and k.award_key is null
        group by k.agency, k.fiscal_year, k.release, k."row", o.release
        having not bool_or({same})
        """
    )
    register.run(
        """
        create or replace temp table gave_way as
        with standing as (
          select p.agency, p.fiscal_year, arg_max(p.release, (not p.is_truncated, p.covers = 'year', o.age)) as release
          from release_parts p join release_order o using (release)
          join unjoinable u on u.agency = p.agency and u.fiscal_year = p.fiscal_year
          where exists (select 1 from transactions t where t.release = p.release and t.agency = p.agency
            and t.fiscal_year = p.fiscal_year and t.is_current)
          group by p.agency, p.fiscal_year
        )
        select t.release, t."row", s.release as by_release
        from transactions t join standing s on s.agency = t.agency and s.fiscal_year = t.fiscal_year
        where t.is_current and t.release <> s.release
        """
    )
    _apply(register)


def _mark_repeats_between(register: Register) -> None:
    """Mark the older rows of an action that stands in several releases.

    Two actions of one release may share the award's key and the modification; the one with the same place among them in
    another release is the same action, unless all of them have a key of their own to tell.
    """
    register.run(
        """
        update transactions set repeats = true from (
          with keyed as (
            select t.release, t."row", t.award_key, coalesce(t.modification, '') as mod, t.transaction_key, o.age,
              bool_and(t.transaction_key is not null) over (partition by t.award_key, mod) as has_keys,
              row_number() over (
                partition by t.release, t.award_key, mod order by t.action_date, t.obligation, t."row"
              ) as place
            from transactions t join release_order o using (release)
            where t.is_current and not t.repeats and t.award_key is not null
          )
          select release as r, "row" as n, row_number() over (
            partition by award_key, mod, case when has_keys then transaction_key else place::varchar end
            order by age desc, "row"
          ) as copy
          from keyed
        ) c
        where c.r = transactions.release and c.n = transactions."row" and c.copy > 1
        """
    )
    cells = ", ".join(f"t.{name}" for name in SHARED)
    register.run(
        f"""
        update transactions set repeats = true from (
          select t.release as r, t."row" as n, t.award_key, row_number() over (
            partition by {cells} order by t.award_key is null, o.age desc, t."row"
          ) as copy
          from transactions t join release_order o using (release) where t.is_current and not t.repeats
        ) c
        where c.r = transactions.release and c.n = transactions."row" and c.copy > 1 and c.award_key is null
        """
    )
