"""Every rule's page runs its own example."""

import pytest

from custodiet.rules.example import run_example
from custodiet.rules.page import Rule, read_rules

RULES = read_rules()


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_the_example_of_the_page_holds(rule: Rule) -> None:
    assert run_example(rule) == []


def test_every_page_has_an_example_for_one_of_its_rules() -> None:
    pages = {rule.page for rule in RULES}
    shown = {
        rule.page for rule in RULES for table in rule.example if table.table == "findings" and table.rule in (None, rule.id)
    }
    assert shown == pages


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_no_page_calls_a_gap_a_violation(rule: Rule) -> None:
    for word in ("illegal", "unlawful", "non-compliant", "hidden"):
        assert word not in rule.text.casefold()
    assert rule.text.casefold().count("violation") == rule.text.casefold().count(
        "not a violation"
    ) + rule.text.casefold().count("not\na violation")


def test_an_example_that_does_not_hold_is_told() -> None:
    (rule,) = [rule for rule in RULES if rule.id == "vendor-withheld"]
    changed = Rule(**{**rule.__dict__, "sql": rule.sql.replace("then 'gap'", "then 'clear'")})
    assert (
        run_example(changed)
        == [problem for problem in run_example(changed) if "A-1 is clear, and the page says gap" in problem]
        != []
    )
