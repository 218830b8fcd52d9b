"""The rules, and their pages."""

from typing import Any

from custodiet.questions.findings import require_rule
from custodiet.store import Register


def rules(register: Register) -> list[dict[str, Any]]:
    """Return every rule: id, title, duty, subjects, needs, grade at best, due date, and what it checks.

    `run_by` is the verb that runs it: `build` or, for rules on query logs, `audit`. Those have the jurisdiction whose law it
    is, the day in force, and whether the law is `unverified`: not held against its official text.
    """
    return [
        {
            "id": row["rule"], "title": row["title"], "page": row["page"], "duty": row["duty"],
            "duty_title": row["duty_title"], "subjects": row["subjects"], "needs": row["needs"], "grade": row["grade"],
            "due": row["due"].isoformat() if row["due"] else None,
            "run_by": "audit" if row["subjects"] == "logs" else "build", "jurisdiction": row["jurisdiction"],
            "in_force_from": row["in_force_from"].isoformat() if row["in_force_from"] else None,
            "unverified": row["unverified"], "checks": row["checks"],
            "does_not_show": row["does_not_show"], "ask_for": row["ask_for"],
        }
        for row in register.keep("rules", lambda: register.dicts("select * from rules order by rule"))
    ]  # fmt: skip


def rule(register: Register, name: str) -> dict[str, Any]:
    """Return one rule with the text of its page.

    Raises:
        QuestionError: there is no such rule.

    """
    require_rule(register, name)
    (found,) = [each for each in rules(register) if each["id"] == name]
    ((text,),) = register.rows("select text from rules where rule = $rule", {"rule": name})
    return found | {"text": text}
