"""Run rules over a register: their SQL, one finding a subject, and the checks that keep a rule honest."""

import duckdb

from custodiet.model.errors import RuleError
from custodiet.model.words import GRADES, OUTCOMES
from custodiet.rules.page import Rule
from custodiet.store import Register
from custodiet.store.database import literal

# What a rule's SQL returns. The last four are optional: the page's front matter and the subject's own record stand in.
COLUMNS = ("subject", "outcome", "reason", "citations", "numbers")
OPTIONAL = ("grade", "subject_name", "agency", "bureau")
TEXTS = ("subject", "outcome", "reason", *OPTIONAL)
# The day of the latest inventory, where the rule rests on it: whether a later one is known can be said of inventories only.
LATEST = """(
  select max(published) from releases where role = 'use-cases' and release in (select unnest($needs))
    and covers = (select max(covers) from releases where role = 'use-cases')
)"""
SUBJECT_KINDS = {
    "use_cases": "use-case", "agencies": "agency", "systems": "system", "parts": "part", "forms": "form",
    "awards": "award", "paths": "path", "claims": "claim",
}  # fmt: skip


def run_rules(register: Register, rules: list[Rule]) -> None:
    """Fill the tables `rules` and `findings`.

    Raises:
        RuleError: a rule's SQL fails, leaves a subject out or names one twice, or returns something that is no
            outcome.

    """
    completeness = dict(register.rows("select release, completeness from releases"))
    reasons = dict(register.rows("select release, completeness_reason from releases"))
    # "role:transactions" in `reads`: any release of that role, pinned or a user's own.
    roles = {f"role:{role}" for (role,) in register.rows("select distinct role from releases where status = 'read'")}
    for rule in rules:
        unmet = [need for need in rule.front.needs if completeness.get(need) != "complete"]
        unmet += [need for need in rule.front.reads if completeness.get(need, "missing") == "missing" and need not in roles]
        if unmet:
            why = "; ".join(f"{need} is missing or not complete: {reasons.get(need, 'no such release')}" for need in unmet)
            _add_cannot_tell(register, rule, unmet[0], why)
        else:
            _run(register, rule)


def _add_cannot_tell(register: Register, rule: Rule, release: str, why: str) -> None:
    """Say once, for all subjects of a rule, that its source does not allow an answer."""
    register.run(
        "insert into findings values ($finding, $rule, 'release', $release, $release, $release, null, null, "
        "'cannot-tell', $reason, 'Unknown', [], '{}', null)",
        {
            "finding": f"{rule.id}:{release}",
            "rule": rule.id,
            "release": release,
            "reason": f"No subject could be checked: {why}.",
        },
    )


def _run(register: Register, rule: Rule) -> None:
    statement = f"create or replace temp table outcomes as\n{rule.sql}"
    try:
        # A page asks; it changes nothing. A second statement could.
        if register.count_statements(statement) != 1:
            raise RuleError(f"{rule.page}, rule {rule.id}: 'Method' has several SQL statements; write one that selects.")
        register.run(statement)
        found = dict(register.rows("select name, type from pragma_table_info('outcomes')"))
    except duckdb.Error as error:
        raise RuleError(
            f"{rule.page}, rule {rule.id}: the SQL under 'Method' fails ({_first_line(error)}); mend it there."
        ) from None
    if missing := [name for name in COLUMNS if name not in found]:
        raise RuleError(f"{rule.page}, rule {rule.id}: the SQL returns no column {missing[0]!r}; select it.")
    if odd := [name for name in TEXTS if found.get(name, "VARCHAR") not in ("VARCHAR", '"NULL"')]:
        raise RuleError(f"{rule.page}, rule {rule.id}: the SQL returns {odd[0]!r} as {found[odd[0]]}; return a text.")
    if strange := sorted(set(found) - {*COLUMNS, *OPTIONAL}):
        raise RuleError(f"{rule.page}, rule {rule.id}: the SQL returns a column {strange[0]!r} that no finding has.")
    _check_rows(register, rule, is_graded="grade" in found)
    optional = {name: name if name in found else "null" for name in OPTIONAL}
    source = "use_cases u on u.use_case_id = o.subject" if rule.front.subjects == "use_cases" else "(select 1) u on true"
    own = {
        "id": "u.handle",
        "name": "u.name",
        "agency": "u.agency",
        "bureau": "u.bureau",
    }
    if rule.front.subjects != "use_cases":
        own = {"id": "o.subject", "name": "o.subject", "agency": "null", "bureau": "null"}
    try:
        register.run(
            f"""
            insert into findings
            select {literal(rule.id)} || ':' || {own["id"]}, {literal(rule.id)},
              {literal(SUBJECT_KINDS[rule.front.subjects])}, o.subject, {own["id"]},
              coalesce({optional["subject_name"]}, {own["name"]}), coalesce({optional["agency"]}, {own["agency"]}),
              coalesce({optional["bureau"]}, {own["bureau"]}),
              o.outcome, o.reason, coalesce({optional["grade"]}, {literal(rule.front.grade)}),
              list_filter(o.citations, lambda c: c is not null and c.release is not null), to_json(o.numbers),
              {LATEST}
            from outcomes o left join {source}
            order by o.subject
            """,
            {"needs": [*rule.front.needs, *rule.front.reads]},
        )
    except duckdb.Error as error:
        raise RuleError(
            f"{rule.page}, rule {rule.id}: its rows are no findings ({_first_line(error)}); mend the SQL under 'Method'."
        ) from None


def _check_rows(register: Register, rule: Rule, *, is_graded: bool) -> None:
    place = f"{rule.page}, rule {rule.id}"
    wrong = register.rows(
        "select subject, outcome from outcomes where outcome is null or outcome not in (select unnest($outcomes)) limit 1",
        {"outcomes": list(OUTCOMES)},
    )
    if wrong:
        raise RuleError(
            f"{place}: subject {wrong[0][0]!r} has the outcome {wrong[0][1]!r}; an outcome is one of {', '.join(OUTCOMES)}."
        )
    twice = register.rows("select subject from outcomes group by subject having count(*) > 1 or subject is null limit 1")
    if twice:
        raise RuleError(f"{place}: subject {twice[0][0]!r} has several rows; return one a subject.")
    silent = register.rows(
        "select subject from outcomes where coalesce(trim(reason), '') = '' or coalesce(len(citations), 0) = 0 limit 1"
    )
    if silent:
        raise RuleError(f"{place}: subject {silent[0][0]!r} has no reason or no citations; give both.")
    if is_graded:
        graded = register.rows(
            "select subject, grade from outcomes where grade not in (select unnest($grades)) limit 1",
            {"grades": list(GRADES)},
        )
        if graded:
            raise RuleError(f"{place}: subject {graded[0][0]!r} has the grade {graded[0][1]!r}, which is none.")
    if rule.front.subjects == "use_cases":
        left_out = register.rows(
            "select use_case_id from use_cases where inventory_year = $year and use_case_id not in "
            "(select subject from outcomes) limit 1",
            {"year": rule.front.year},
        )
        if left_out:
            raise RuleError(f"{place}: use case {left_out[0][0]!r} of {rule.front.year} is left out; return every one.")


def _first_line(error: duckdb.Error) -> str:
    return str(error).strip().splitlines()[0]
