"""Rules on released query logs: run over an open log in `audit`, never in the register's build."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from custodiet.access_log.for_rules import prepare
from custodiet.access_log.log import Log
from custodiet.model.errors import RuleError
from custodiet.model.words import OUTCOMES
from custodiet.rules.page import LOGS, Rule, order_rules, plain, read_rules

HERE = Path(__file__).parent / LOGS
# The folder of rules that compare a log with the agency's own policy.
POLICY = "policy"
COLUMNS = ("subject", "outcome", "reason", "citations", "numbers")


@dataclass(frozen=True)
class LogFinding:
    """A rule's outcome for a log. A gap needs an explanation; it is not a violation."""

    rule: Rule
    subject: str
    outcome: str
    reason: str
    citations: list[dict[str, Any]]
    numbers: dict[str, Any]

    def as_record(self) -> dict[str, Any]:
        """Return the finding as JSON has it."""
        front = self.rule.front
        return {
            "rule": self.rule.id,
            "title": self.rule.title,
            "jurisdiction": front.jurisdiction,
            "duty": front.duty,
            "duty_section": front.duty_section,
            "in_force_from": front.in_force_from.isoformat() if front.in_force_from else None,
            "unverified": front.unverified,
            "sources": list(front.sources),
            "subject": self.subject,
            "outcome": self.outcome,
            "reason": self.reason,
            "grade": front.grade,
            "citations": self.citations,
            "numbers": self.numbers,
            "checks": plain(self.rule.sections["What it checks"]),
            "does_not_show": plain(self.rule.sections["What it cannot show"]),
            "ask_for": plain(self.rule.sections["What to ask for"]),
        }


@cache
def read_log_rules() -> tuple[Rule, ...]:
    """Return the rules on query logs, in the order of their ids."""
    rules = read_rules(HERE)
    for rule in rules:
        if rule.front.subjects != "logs":
            raise RuleError(f"{rule.page}: a rule of access_log/ is about logs; write `subjects: logs`.")
    return tuple(rules)


def read_every_rule() -> list[Rule]:
    """Return the rules that a build runs, and those on query logs, in the order of their ids.

    Raises:
        RuleError: two rules share an id.

    """
    return order_rules([*read_rules(), *read_log_rules()])


def jurisdictions() -> tuple[str, ...]:
    """Return the jurisdictions that have rules."""
    return tuple(sorted({str(rule.front.jurisdiction) for rule in read_log_rules()} - {POLICY}))


def judge_log(log: Log) -> list[LogFinding]:
    """Return the findings of a log's jurisdiction, and of the agency's policy where it was given.

    Raises:
        RuleError: a rule's SQL fails, or returns something that is no outcome.

    """
    chosen = {log.jurisdiction} | ({POLICY} if log.policy else set())
    prepare(log)
    return [finding for rule in read_log_rules() if rule.front.jurisdiction in chosen for finding in run_log_rule(log, rule)]


def run_log_rule(log: Log, rule: Rule) -> list[LogFinding]:
    """Return what one rule finds in a log that was prepared for rules."""
    place = f"access_log/{rule.page}, rule {rule.id}"
    try:
        if log.database.count_statements(rule.sql) != 1:
            raise RuleError(f"{place}: 'Method' has several SQL statements; write one that selects.")
        rows = log.database.dicts(rule.sql)
    except duckdb.Error as error:
        first = str(error).strip().splitlines()[0]
        raise RuleError(f"{place}: the SQL under 'Method' fails ({first}); mend it there.") from None
    found = []
    for row in rows:
        if missing := [name for name in COLUMNS if name not in row]:
            raise RuleError(f"{place}: the SQL returns no column {missing[0]!r}; select it.")
        if row["outcome"] not in OUTCOMES or not row["reason"] or not row["citations"]:
            raise RuleError(f"{place}: a row has no outcome, no reason or no citations; give all of them.")
        numbers = json.loads(json.dumps(row["numbers"], default=int))
        found.append(LogFinding(rule, row["subject"], row["outcome"], row["reason"], row["citations"], numbers))
    return found
