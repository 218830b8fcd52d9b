"""The measures as named SQL steps over `searches` and the classified words; each returns a row of numbers, or rows by label.

The same dialect as `steps`: DuckDB's, in what SQLGlot turns into Spark SQL.
"""

from collections.abc import Sequence

from custodiet.access_log.lexicons import read_lexicons
from custodiet.access_log.states import CODES
from custodiet.access_log.steps import Step

LIMITS = (1, 3, 21, 30, 60, 90, 150, 180, 365)
DAY = 86_400_000
# How much further than a preset's own length a search may seem to reach: its latency, and an hour of daylight saving.
TOLERANCE = 3_600_000
VALUE = CODES["value"]


# Each limit, and the same with its tolerance.
_BOUNDS = [bound for days in LIMITS for bound in (days * DAY, days * DAY + TOLERANCE)]


def _between(column: str) -> str:
    """Return SQL for how many of the bounds a number of milliseconds is beyond; null where there is none."""
    cases = " ".join(f"when {column} <= {bound} then {place}" for place, bound in enumerate(_BOUNDS))
    return f"case when {column} is null then null {cases} else {len(_BOUNDS)} end"


def window_steps() -> list[Step]:
    """Return lookback, window lengths and windows that end after their search."""
    parts = ["sum(n) as n", "sum(case when age is not null then n else 0 end) as ended"]
    for days in LIMITS:
        place = _BOUNDS.index(days * DAY)
        parts += [
            f"sum(case when reach > {place} then n else 0 end) as beyond_{days}",
            f"sum(case when reach > {place + 1} then n else 0 end) as tolerant_{days}",
            f"sum(case when reach > {place} and alone then n else 0 end) as alone_{days}",
            f"sum(case when age > {place} then n else 0 end) as older_{days}",
        ]
    # Logs write times to the millisecond at most. Searches are counted by the bounds between which they reach, and the few
    # counts are added up: a count a limit would go through all searches 36 times.
    reaches = f"""
select {_between("ahead")} as reach, {_between("stale")} as age, coalesce(networks = 1, false) as alone, count(*) as n
from (
  select date_diff('millisecond', opened, time) as ahead, date_diff('millisecond', closed, time) as stale, networks
  from searches where time is not null and opened is not null
) r group by 1, 2, 3
"""
    return [
        Step("lookback", f"select {', '.join(parts)} from ({reaches}) c"),
        Step("window", """
select count(*) as n, min(seconds) / 3600.0 as min_hours, median(seconds) / 3600.0 as median_hours, max(seconds) /
  3600.0 as max_hours,
  count(*) filter (where seconds <= 90000) as up_to_1_day,
  count(*) filter (where seconds > 90000 and seconds <= 608400) as up_to_7_days,
  count(*) filter (where seconds > 608400 and seconds <= 2595600) as up_to_30_days,
  count(*) filter (where seconds > 2595600 and seconds <= 7779600) as up_to_90_days,
  count(*) filter (where seconds > 7779600 and seconds <= 31539600) as up_to_365_days,
  count(*) filter (where seconds > 31539600) as over_365_days,
  count(*) filter (where seconds < 0) as reversed
from (select date_diff('second', opened, closed) as seconds from searches where opened is not null and closed is not null) w
"""),
        Step("end_after_search", """
select count(*) as n, count(*) filter (where closed > time) as found
from searches where time is not null and closed is not null
"""),
    ]  # fmt: skip


def count_steps() -> list[Step]:
    """Return rows, the period, networks and devices, types and moderation."""
    return [
        Step("rows", """
select (select count(*) from log_rows) as "rows", (select count(*) from later_rows where is_same_file) as repeats,
  (select count(*) from searches) as searches, (select count(*) from log_rows where search is null) as without_id,
  (select count(*) from linked where sightings <> files) as ambiguous
"""),
        Step("period", "select min(time) as first, max(time) as last, count(time) as n from searches"),
        Step("networks", f"""
select count(*) as n, count(*) filter (where networks = 0) as zero, count(*) filter (where networks = 1) as one,
  count(*) filter (where networks > 1) as many, max(networks) as max, sum(networks) as sum,
  avg(case when networks > 1 then networks end) as mean_many
from searches where networks_code = {VALUE}
"""),
        Step("devices", f"""
select count(*) as n, max(devices) as max, median(devices) as median, sum(devices) as sum,
  count(*) filter (where devices = 0) as zero
from searches where devices_code = {VALUE}
"""),
        Step("search_types", """
select w.id, count(*) as n from searches s join words_search_type w on w.id = s.search_type where w.state = 'value'
  group by w.id
"""),
        Step("moderation", """
select w.id, count(*) as n from searches s join words_moderation w on w.id = s.moderation where w.state = 'value' group
  by w.id
"""),
        Step("hours", """
select date_trunc('hour', time) as hour, count(*) as n from searches where time is not null group by 1
"""),
    ]  # fmt: skip


def text_steps() -> list[Step]:
    """Return reasons, lexicons, case numbers, judicial process."""
    ids = [lexicon.id for lexicon in read_lexicons()]
    hits = ", ".join(
        f"sum(case when coalesce(r.{name}, false) or coalesce(p.{name}, false) or coalesce(o.{name}, false) then u.n "
        f"else 0 end) as {name}"
        for name in ids
    )
    return [
        Step("reason", """
select sum(u.n) as n, sum(case when w.state = 'empty' then u.n else 0 end) as empty,
  sum(case when w.state = 'placeholder' then u.n else 0 end) as placeholder,
  sum(case when w.generic_investigation then u.n else 0 end) as generic_investigation,
  sum(case when w.number_only then u.n else 0 end) as number_only,
  sum(case when w.code then u.n else 0 end) as code,
  count(*) filter (where w.state <> 'empty') as distinct_raw,
  count(distinct case when w.state <> 'empty' then w.folded end) as distinct_normalised
from (select reason, count(*) as n from searches where reason is not null group by reason) u
join words_reason w on w.id = u.reason
"""),
        Step("lexicons", f"""
select sum(u.n) as n, {hits}
from (
  select reason, prompt, offence_type, count(*) as n from searches
  where reason is not null or prompt is not null or offence_type is not null group by reason, prompt, offence_type
) u
left join words_reason r on r.id = u.reason
left join words_prompt p on p.id = u.prompt
left join words_offence_type o on o.id = u.offence_type
"""),
        *(Step(name, f"""
select w.state, sum(u.n) as n
from (select {name}, count(*) as n from searches where {name} is not null group by {name}) u
join words_{name} w on w.id = u.{name} group by w.state
""") for name in ("case_number", "judicial_process")),
        Step("reason_top", """
select w.folded, sum(u.n) as n
from (select reason, count(*) as n from searches where reason is not null group by reason) u
join words_reason w on w.id = u.reason where w.state = 'value' group by w.folded
"""),
    ]  # fmt: skip


def people_steps() -> list[Step]:
    """Return what is counted by organisation, by user token and by plate token."""
    return [
        Step("organisations", """
select w.id, w.kind, w.state_code, count(*) as n
from searches s join words_organisation w on w.id = s.organisation
where w.state = 'value' group by w.id, w.kind, w.state_code
"""),
        Step("repeat_targets", """
select count(*) as targets, sum(n) as n, count(*) filter (where n > 1) as searched_again,
  count(*) filter (where n >= 10) as ten_or_more, max(n) as max
from (
  select w.target, sum(u.n) as n
  from (select plate, count(*) as n from searches where plate is not null group by plate) u
  join words_plate w on w.id = u.plate
  where w.state = 'value' group by w.target
) t
"""),
        Step("accounts", """
select d.searcher, sum(d.n) as n, count(*) as days, max(d.hours) as most_hours,
  count(*) filter (where d.hours >= 14) as long_days, max(d.n) as most_a_day
from (
  select s.searcher, date_trunc('day', s.time) as day, count(*) as n, count(distinct hour(s.time)) as hours
  from searches s join words_searcher w on w.id = s.searcher
  where w.state in ('value', 'partial') and s.time is not null group by 1, 2
) d group by d.searcher
"""),
        Step("concentration", """
select count(*) as members, sum(n) as n, max(n) as max,
  sum(case when nth > members - ceil(members / 10.0) then n else 0 end) as top_tenth,
  sum((2.0 * nth - members - 1) * n) / (max(members) * sum(n)) as gini
from (
  select n, row_number() over (order by n, id) as nth, count(*) over () as members from (
    select s.searcher as id, count(*) as n from searches s join words_searcher w on w.id = s.searcher
    where w.state in ('value', 'partial') group by s.searcher
  ) c
) r
"""),
    ]  # fmt: skip


def integrity_steps(columns: Sequence[str]) -> list[Step]:
    """Return what the rows say about the file itself: `columns` are the text columns that some file has."""
    disagree = " or ".join(
        f"count(distinct {name}) > 1" for name in (*columns, "networks", "devices", "time", "opened", "closed")
    )
    return [
        Step("disagreeing", f"""
select count(*) as n from (
  select r.search from log_rows r join repeated p on p.search = r.search group by r.search having {disagree}
) d
"""),
        Step("months", """
select date_trunc('month', time) as month, count(*) as n from searches where time is not null group by 1
"""),
    ]  # fmt: skip
