"""The named steps from the rows that were read to the searches that are measured, as SQL.

Written in DuckDB's dialect, and only in what SQLGlot turns into Spark SQL of the same meaning (a test transpiles every
step): no `strptime`, no ordered lists, no quantiles but the median. `log_rows` is `read_rows` with each row's `position`.
"""

from dataclasses import dataclass

from custodiet.access_log.lexicons import fold_sql, read_lexicons
from custodiet.access_log.searchers import bare_sql, kind_sql, state_code_sql
from custodiet.access_log.states import PLAIN, state_sql
from custodiet.access_log.words import COLUMNS, TEXT_COLUMNS

# "investigation" and its short forms, alone or with one word in front; the issue gives it.
GENERIC = r"^(criminal |active |ongoing )?inv(est(igations?)?)?\.?$"
NUMBER_ONLY = r"^[0-9#/. -]*[0-9][0-9#/. -]*$"
# A section of a code with its letters ("459PC", "10851(a) CVC", "RCW 9A.56"), or a radio code: three or four digits, "10-50".
CODE = (
    r"^[0-9]{1,5}([.][0-9]+)?( ?\([a-z0-9]+\))* ?(pc|cvc|vc|h&s|hs|b&p|bp|wi|w&i|cpc|vtl|pl|rsmo|orc|crs|ucr|icr)\.?$"
    r"|^(pc|cvc|vc|rcw|ors|usc|crs|orc|rsmo|pl|kar|krs|ars|nrs|tca|ocga|§) ?[0-9]+[a-z]?([.:-][0-9]+[a-z]?)*( "
    r"?\([a-z0-9]+\))*$"
    r"|^[0-9]{3,4}$|^(10|11)-[0-9]{1,2}[a-z]?$|^code ?[0-9]{1,3}$|^(signal|sig) ?[0-9]{1,3}$"
)


@dataclass(frozen=True)
class Step:
    """One named step: a statement that makes one table or view."""

    name: str
    sql: str


def word_steps() -> list[Step]:
    """Return the steps that classify distinct texts, one a text column."""
    lexicons = read_lexicons()
    steps = []
    for column in TEXT_COLUMNS:
        extra = ""
        if column in ("reason", "prompt", "offence_type"):
            extra = f", {fold_sql('text')} as folded"
        elif column == "organisation":
            extra = f", {bare_sql('text')} as bare"
        if column in PLAIN:
            # What a text of no plain form tells is computed for those only.
            odd = f"case when not regexp_matches(text, '^({PLAIN[column]})$') then text end as odd"
            state = f"case when odd is null then 'value' else {state_sql(column, 'odd')} end as state"
            more = ", odd" if column == "plate" else ""
            source = f"(select id, text, {state}{more} from (select id, text, {odd} from texts_{column}) o)"
        else:
            source = f"(select id, text, {state_sql(column, 'text')} as state{extra} from texts_{column})"
        # A secret text stays beside its state until it is a token; it is in memory either way.
        columns = ["id", "text", "state"] if COLUMNS[column].is_secret else ["id", "state"]
        if column == "plate":
            # One vehicle, however its plate was typed: the plain form is the one in capitals, which nearly all have.
            columns.append("case when odd is null then text else upper(trim(odd)) end as target")
        if column in ("reason", "prompt", "offence_type"):
            columns.append("folded")
            # A word is there in filler ("test") and beside a mask, too.
            told = "state in ('value', 'placeholder', 'partial')"
            columns += [f"{told} and {lexicon.hit_sql('folded')} as {lexicon.id}" for lexicon in lexicons]
        if column == "reason":
            columns += [
                f"state = 'value' and regexp_matches(folded, '{GENERIC}') as generic_investigation",
                f"state = 'value' and regexp_matches(folded, '{NUMBER_ONLY}') as number_only",
                f"state = 'value' and regexp_matches(folded, '{CODE}') as code",
            ]
        if column == "organisation":
            columns += [f"case when state = 'value' then {kind_sql('text', 'bare')} end as kind",
                        f"case when state = 'value' then {state_code_sql('bare')} end as state_code"]  # fmt: skip
        steps.append(Step(f"words_{column}", f"create table words_{column} as select {', '.join(columns)} from {source} t"))
    return steps


def search_steps() -> list[Step]:
    """Return the steps from rows to searches: a search that several rows show is counted by its first row."""
    return [
        Step("repeated", "create table repeated as select search from log_rows where search is not null "
                         "group by search having count(*) > 1"),
        Step("linked", """
create table linked as
select organisation, searcher, plate, reason, time, networks, devices, opened, closed,
  min(position) as first_position, count(*) as sightings, count(distinct file_no) as files
from log_rows
where search is null and time is not null and (select count(*) from files) > 1
group by organisation, searcher, plate, reason, time, networks, devices, opened, closed
having count(*) > 1 and count(distinct file_no) > 1
"""),
        Step("later_rows", """
create table later_rows as
select position, is_same_file
from (
  select r.position, r.file_no,
    row_number() over (partition by r.search order by r.position) as nth,
    row_number() over (partition by r.search, r.file_no order by r.position) > 1 as is_same_file
  from log_rows r join repeated p on p.search = r.search
) n
where nth > 1
union all
select r.position, false
from log_rows r
join linked l on l.time = r.time and l.organisation is not distinct from r.organisation
  and l.searcher is not distinct from r.searcher and l.plate is not distinct from r.plate
  and l.reason is not distinct from r.reason and l.networks is not distinct from r.networks
  and l.devices is not distinct from r.devices and l.opened is not distinct from r.opened
  and l.closed is not distinct from r.closed
where r.search is null and l.sightings = l.files and r.position <> l.first_position
"""),
        Step("searches", """
create view searches as
select r.* from log_rows r left join later_rows l on l.position = r.position where l.position is null
"""),
    ]  # fmt: skip
