"""What rules ask of a log: tables, and four judgements as SQL macros, so that a rule's page says its demand in a line.

Tables: `log` (one row), `field_facts` (a field a row), `audited` (a search a row, without its texts), `policy` (one row, or
none).
"""

from custodiet.access_log.integrity import find_truncation
from custodiet.access_log.lexicons import read_lexicons
from custodiet.access_log.log import Log
from custodiet.access_log.states import CODES
from custodiet.access_log.words import TEXT_COLUMNS
from custodiet.store import Register

MASKED = ("masked_vendor_marker", "masked_agency", "exemption_citation", "withheld_by_letter", "unreadable", "partial")
PARSED = {"time": "time_code", "window": "window_code", "networks": "networks_code", "devices": "devices_code"}
FIELDS = (*TEXT_COLUMNS, *PARSED)


def prepare(log: Log) -> None:
    """Make the tables and macros that rules ask."""
    database = log.database
    name = log.options.producer or log.files[0].reading.name
    is_cut = any(find_truncation(file.rows) for file in log.files)
    bounds = log.bounds()
    database.run(
        "create table log as select $name as subject, $producer::varchar as producer, $jurisdiction as jurisdiction, "
        "$state as own_state, $first::date as first_day, $last::date as last_day, $is_cut as is_cut, $file as file",
        {
            "name": name, "producer": log.options.producer, "jurisdiction": log.jurisdiction, "state": log.state,
            "first": bounds[0] if bounds else None,
            "last": bounds[1] if bounds else None, "is_cut": is_cut, "file": log.files[0].reading.name,
        },
    )  # fmt: skip
    _make_audited(database)
    _make_field_facts(log)
    _make_policy(log)
    for macro in (RESULT, LOOKBACK, WORDS, FIELD_GAPS, SHARING):
        database.run(macro)


def _make_audited(database: Register) -> None:
    lexicons = ", ".join(
        f"coalesce(w_reason.{one.id}, false) or coalesce(w_prompt.{one.id}, false) or "
        f"coalesce(w_offence_type.{one.id}, false) as {one.id}"
        for one in read_lexicons()
    )
    states = ", ".join(f"coalesce(w_{name}.state, 'not_exported') as {name}_state" for name in TEXT_COLUMNS)
    parsed = ", ".join(
        f"case s.{code} {' '.join(f'when {number} then {state!r}' for state, number in CODES.items())} end as {name}_state"
        for name, code in PARSED.items()
    )
    joins = " ".join(f"left join words_{name} w_{name} on w_{name}.id = s.{name}" for name in TEXT_COLUMNS)
    database.run(
        f"""
        create view audited as
        select f.name as file, s.position - f.first_position + 1 as "row", s.time, s.opened, s.closed, s.networks, s.devices,
          w_organisation.kind as kind, w_organisation.state_code as state_code, s.organisation,
          coalesce(w_reason.generic_investigation, false) as is_generic, {states}, {parsed}, {lexicons}
        from searches s join files f on f.file_no = s.file_no {joins}
        """
    )


def _make_field_facts(log: Log) -> None:
    """Make `field_facts`: whether some file has a field, and how many of its cells tell something, are empty or masked."""
    log.database.run(
        "create table field_facts (field varchar, has boolean, filled bigint, empty bigint, masked bigint, why varchar)"
    )
    masked = ", ".join(f"'{state}'" for state in MASKED)
    for field in FIELDS:
        log.database.run(
            f"""
            insert into field_facts
            select $field, $has, coalesce(sum("rows") filter (where state = 'value'), 0),
              coalesce(sum("rows") filter (where state in ('empty', 'placeholder')), 0),
              coalesce(sum("rows") filter (where state in ({masked})), 0), $why
            from field_states where field = $field and state <> 'not_exported'
            """,
            {"field": field, "has": log.has(field), "why": None if log.has(field) else log.why_missing(field)},
        )


def _make_policy(log: Log) -> None:
    log.database.run(
        "create table policy (agency varchar, source varchar, in_force_from date, retention_days integer, "
        "forbidden_purposes varchar[], required_fields varchar[], other_states boolean, federal boolean, private boolean)"
    )
    policy = log.policy
    if policy is not None:
        sharing = policy.sharing
        log.database.run(
            "insert into policy values ($agency, $source, $since, $days, $purposes, $fields, $states, $federal, $private)",
            {
                "agency": policy.agency, "source": policy.source, "since": policy.in_force_from,
                "days": policy.retention_days,
                "purposes": list(policy.forbidden_purposes), "fields": list(policy.required_fields),
                "states": sharing.other_states if sharing else None, "federal": sharing.federal if sharing else None,
                "private": sharing.private if sharing else None,
            },
        )  # fmt: skip


# --- Judgements. Each is a table of one row: subject, outcome, reason, citations, numbers.

# Of a log without times nobody can tell what falls under a law that is in force from a day on.
UNDATED = "'No search has a time, so none can be held against a law in force from ' || since::date || '.'"
RESULT = """
create macro cite(file, number, name) as
  struct_pack(release := file, "row" := number::integer, "column" := name)
"""

LOOKBACK = """
create macro judge_lookback(days, since) as table
with considered as (
  select count(*) filter (where opened is not null) as n, count(*) as dated,
    count(*) filter (where time - to_days(days::integer) > opened) as beyond,
    count(*) filter (where time - to_days(days::integer) - interval 1 hour > opened) as tolerant,
    count(*) filter (where time - to_days(days::integer) > opened and networks = 1) as alone,
    count(*) filter (where time - to_days(days::integer) > closed) as older,
    min("row") filter (where time - to_days(days::integer) > opened) as first_row
  from audited where time is not null and (since is null or time >= since::timestamp)
)
select l.subject,
  case
    when since is not null and l.last_day < since::date then 'not-applicable'
    when n = 0 then 'cannot-tell'
    when tolerant > 0 then 'gap'
    when beyond > 0 or l.is_cut then 'cannot-tell'
    else 'clear'
  end as outcome,
  case
    when since is not null and l.last_day < since::date then format('The log ends on {}, before {}.', l.last_day, since)
    when n = 0 then 'The log does not say which window was searched, or when.'
    when beyond > 0 then
      format('{:,} of {:,} searches ask for plates older than {} days, {:,} of them by more than an hour; {:,} searched one '
      'network only, and {:,} ask for nothing younger.', beyond, n, days, tolerant, alone, older)
    when l.is_cut then format('None of {:,} searches asks for plates older than {} days, but the log may be cut off.',
      n, days)
    else format('None of {:,} searches asks for plates older than {} days.', n, days)
  end as reason,
  [cite(l.file, coalesce(first_row, 1), 'window')] as citations,
  struct_pack(limit_days := days::integer, searches := n, beyond := beyond, beyond_with_tolerance := tolerant,
    beyond_one_network := alone, wholly_older := older) as numbers
from considered, log l
"""

WORDS = f"""
create macro judge_words(words, since) as table
with marked as (
  select "row", reason_state, is_generic,
    {" or ".join(f"(list_contains(words, '{one.id}') and {one.id})" for one in read_lexicons())} as hit
  from audited where since is null or (time is not null and time >= since::timestamp)
),
considered as (
  select count(*) as n, count(*) filter (where hit) as hits, min("row") filter (where hit) as first_row,
    count(*) filter (where reason_state not in ('value') or is_generic) as silent
  from marked
)
select l.subject,
  case
    when since is not null and l.last_day < since::date then 'not-applicable'
    when hits > 0 then 'gap'
    when not f.has or n = 0 or silent * 2 > n or l.is_cut then 'cannot-tell'
    else 'clear'
  end as outcome,
  case
    when since is not null and l.last_day < since::date then format('The log ends on {{}}, before {{}}.', l.last_day, since)
    when hits > 0 then
      format('{{:,}} of {{:,}} searches have a word of these lexicons in their reason, prompt or offence type: {{}}. Each '
      'is a candidate to read.', hits, n, array_to_string(words, ', '))
    when f.has and since is not null and l.last_day is null then {UNDATED}
    when not f.has or n = 0 then 'The log has no reasons.'
    when silent * 2 > n then
      format('No reason has such a word, but {{:,}} of {{:,}} are empty, masked or only "investigation".', silent, n)
    when l.is_cut then format('None of {{:,}} reasons has such a word, but the log may be cut off.', n)
    else format('None of {{:,}} reasons has a word of these lexicons.', n)
  end as reason,
  [cite(l.file, coalesce(first_row, 1), 'reason')] as citations,
  struct_pack(searches := n, hits := hits, silent := silent) as numbers
from considered, log l, (select has from field_facts where field = 'reason') f
"""


_STATES = " ".join(f"when '{name}' then {name}_state" for name in FIELDS)

# A demand such as "plate or filters" is written plate|filters: one of them is enough.
FIELD_GAPS = f"""
create macro judge_fields(demands, since) as table
with demanded as (select unnest(demands) as demand),
parts as (select demand, unnest(string_split(demand, '|')) as field from demanded),
known as (
  select p.demand, bool_or(f.has) as has, bool_or(f.has and f.filled + f.empty > 0) as tells,
    string_agg(p.field || ' ' || coalesce(f.why, 'masked'), ', ' order by p.field) filter (where not f.has or f.filled
      + f.empty = 0) as why
  from parts p join field_facts f on f.field = p.field group by p.demand
),
combinations as (
  select min("row") as "row", count(*) as n, {", ".join(f"{name}_state" for name in FIELDS)}
  from audited where since is null or (time is not null and time >= since::timestamp) group by
    {", ".join(f"{name}_state" for name in FIELDS)}
),
cells as (
  select a."row", a.n, p.demand, max(case when state = 'value' then 2 when state in ('empty', 'placeholder') then 0
    else 1 end) as best
  from (
    select "row", n, field, case field {_STATES} end as state
    from combinations, (select distinct field from parts) d
  ) a join parts p on p.field = a.field
  join known k on k.demand = p.demand and k.tells
  where a.state <> 'not_exported'
  group by a."row", a.n, p.demand
),
counted as (
  select demand, sum(n)::bigint as n, coalesce(sum(n) filter (where best = 0), 0)::bigint as missing,
    min("row") filter (where best = 0) as first_row
  from cells group by demand
),
summed as (
  select coalesce(max(n), 0) as n, coalesce(sum(missing), 0)::bigint as missing, min(first_row) as first_row,
    string_agg(format('{{}} in {{:,}} of {{:,}}', replace(demand, '|', ' or '), missing, n), ', ' order by demand)
      filter (where missing > 0) as gaps
  from counted
),
untold as (select string_agg(why, ', ' order by demand) as whys from known where not coalesce(tells, false))
select l.subject,
  case
    when since is not null and l.last_day < since::date then 'not-applicable'
    when missing > 0 then 'gap'
    when whys is not null or n = 0 or l.is_cut then 'cannot-tell'
    else 'clear'
  end as outcome,
  case
    when since is not null and l.last_day < since::date then format('The log ends on {{}}, before {{}}.', l.last_day, since)
    when missing > 0 then format('Empty or filler: {{}}.', gaps)
      || case when whys is not null then format(' Can''t be told: {{}}.', whys) else '' end
    when whys is not null then
      format('Can''t be told: {{}}. That a release leaves a column out does not say that it was not recorded.', whys)
    when since is not null and l.last_day is null then {UNDATED}
    when n = 0 then 'No search has a time on or after the day in force.'
    when l.is_cut then 'Every search shown has them, but the log may be cut off.'
    else format('All of {{:,}} searches have them.', n)
  end as reason,
  [cite(l.file, coalesce(first_row, 1), demands[1])] as citations,
  struct_pack(searches := n, missing := missing) as numbers
from summed, untold, log l
"""

SHARING = f"""
create macro judge_sharing(kinds, since) as table
with considered as (
  select count(*) filter (where kind is not null) as n, count(distinct organisation) as organisations,
    count(*) filter (where found) as outside, min("row") filter (where found) as first_row,
    count(*) filter (where kind = 'public' and state_code is null) as unknown
  from (
    select a.*,
      (list_contains(kinds, 'federal') and kind = 'federal') or (list_contains(kinds, 'private') and kind = 'private')
        or (list_contains(kinds, 'other_state') and kind = 'public' and state_code <> (select own_state from log)) as found
    from audited a where since is null or (time is not null and time >= since::timestamp)
  )
)
select l.subject,
  case
    when since is not null and l.last_day < since::date then 'not-applicable'
    when not f.has or n = 0 then 'cannot-tell'
    when outside > 0 then 'gap'
    when organisations = 1 then 'not-applicable'
    when l.own_state is null or l.is_cut or unknown > 0 then 'cannot-tell'
    else 'clear'
  end as outcome,
  case
    when since is not null and l.last_day < since::date then format('The log ends on {{}}, before {{}}.', l.last_day, since)
    when f.has and since is not null and l.last_day is null then {UNDATED}
    when not f.has or n = 0 then 'The log does not say which organisation searched.'
    when outside > 0 then
      format('{{:,}} of {{:,}} searches were made by organisations of these kinds, by their names: {{}}.', outside, n,
      replace(array_to_string(kinds, ', '), '_', ' '))
    when organisations = 1 then 'The log shows the searches of one organisation only; ask for the network audit.'
    when l.own_state is null then 'The producer''s state is not known; give `--jurisdiction`.'
    when unknown > 0 then format('None found, but the names of {{:,}} of {{:,}} searchers do not give a state.', unknown, n)
    when l.is_cut then 'None found, but the log may be cut off.'
    else format('None of {{:,}} searches was made by such an organisation.', n)
  end as reason,
  [cite(l.file, coalesce(first_row, 1), 'organisation')] as citations,
  struct_pack(searches := n, outside := outside, unknown := unknown) as numbers
from considered, log l, (select has from field_facts where field = 'organisation') f
"""
