"""Run the example of a rule on query logs: its small logs in, its findings out."""

import hashlib
from pathlib import Path

from custodiet.access_log.cells import Reading
from custodiet.access_log.files import Released, Scan
from custodiet.access_log.for_rules import prepare
from custodiet.access_log.log import Options, open_readings
from custodiet.access_log.policy import Policy
from custodiet.access_log.profiles import Fit, Profile
from custodiet.model.errors import RuleError
from custodiet.rules.logs import POLICY, run_log_rule
from custodiet.rules.page import ExampleTable, Rule
from custodiet.store.key import Key

# Examples need tokens of no secrecy.
KEY = Key(Path("example.key"), is_new=False, secret=bytes(32))


def run_log_example(rule: Rule) -> list[str]:
    """Run each log of a rule's page; return what differs from the findings that the page expects.

    Raises:
        RuleError: the example can't be run.

    """
    expected = {row["subject"]: row for table in rule.example if table.table == "findings" for row in table.rows}
    policies = {table.rule: table.rows[0] for table in rule.example if table.table == "policy" and table.rows}
    producers = {table.rule: table.rows[0]["producer"] for table in rule.example if table.table == "producer"}
    problems = []
    for table in rule.example:
        if table.table == "log":
            case = str(table.rule)
            row = expected.pop(case, None)
            if row is None:
                problems.append(f"{rule.id}: the page has a log {case}, and no finding for it")
                continue
            outcome, reason = _run(rule, table, policies.get(case), producers.get(case))
            if outcome != row["outcome"]:
                problems.append(f"{rule.id}: {case} is {outcome}, and the page says {row['outcome']} ({reason})")
            elif row.get("reason", "") not in reason:
                problems.append(f"{rule.id}: the reason for {case} lacks {row['reason']!r}: {reason}")
    return problems + [f"{rule.id}: the page has a finding for {case}, and no such log" for case in expected]


def _run(rule: Rule, table: ExampleTable, policy: dict[str, str] | None, producer: str | None) -> tuple[str, str]:
    headers = tuple(table.rows[0])
    profile = Profile(id="example", title="example", times=("plain",), zone="UTC", columns={name: name for name in headers})
    rows = tuple(tuple(row[name] for name in headers) for row in table.rows)
    digest = hashlib.sha256(repr(rows).encode()).hexdigest()
    released = Released("example", "csv", 0, None, b"", Scan(digest))
    reading = Reading(released, "example", Fit(profile, headers, ()), headers, rows)
    jurisdiction = rule.front.jurisdiction if rule.front.jurisdiction != POLICY else "us-wa"
    options = Options(producer=producer, jurisdiction=jurisdiction, policy=_policy(policy) if policy else None)
    with open_readings([reading], KEY, options, [profile]) as log:
        prepare(log)
        found = run_log_rule(log, rule)
    if len(found) != 1:
        raise RuleError(f"access_log/{rule.page}: the example gives {len(found)} findings for a log; a rule gives one.")
    return found[0].outcome, found[0].reason


def _policy(row: dict[str, str]) -> Policy:
    """Return the policy of a row: lists are written with commas, sharing by what is not allowed."""
    fields: dict[str, object] = {
        name: text for name, text in row.items() if text and name in ("retention_days", "in_force_from")
    }
    for name in ("forbidden_purposes", "required_fields"):
        if row.get(name):
            fields[name] = tuple(part.strip() for part in row[name].split(","))
    if row.get("not_shared"):
        fields["sharing"] = {part.strip(): False for part in row["not_shared"].split(",")}
    return Policy.model_validate(fields)
