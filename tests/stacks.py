"""A small register with a stack of its own, and texts that would harm where a text is not kept a text."""

import json

from custodiet.store import Register, memory_register

# Each would do something in a page, a spreadsheet, a template or an XML file that took it for more than words.
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "{{7*7}}{% raw %}",
    "=cmd|' /C calc'!A0",
    "javascript:alert(1)",
    "]]><!ENTITY x SYSTEM 'file:///etc/passwd'>&x;",
    "nul \x00 bell \x07 lone \ud800 end",
)


def add_page(register: Register, kind: str, slug: str, name: str, **fields: object) -> None:
    register.run(
        "insert into pages values ($kind, $slug, $name, $aliases, $fields)",
        {"kind": kind, "slug": slug, "name": name, "aliases": [], "fields": json.dumps(fields)},
    )


def add_link(register: Register, slug: str, relation: str, target: str) -> None:
    register.run("insert into page_links values ($a, $b, $c)", {"a": slug, "b": relation, "c": target})


def add_claim(register: Register, slug: str, name: str, about: str, says: str, grade: str = "Known", row: int = 1) -> None:
    register.run(
        "insert into claims values ($claim, 'system', $slug, $row, $about, $says, $grade, 'why', 'agency', null, [], null)",
        {"claim": f"{slug}/{name}", "slug": slug, "row": row, "about": about, "says": says, "grade": grade},
    )


def add_finding(register: Register, rule: str, subject: str, outcome: str, reason: str = "Because.") -> None:
    register.run(
        "insert into findings values ($rule || ':' || $subject, $rule, $kind, $subject, $subject, $subject, 'DHS', 'ICE', "
        "$outcome, $reason, 'Inferred', [{'release': 'catalogue', 'row': 1, 'column': 'alpha'}], '{}', date '2026-01-28')",
        {"rule": rule, "subject": subject, "outcome": outcome, "reason": reason,
         "kind": "path" if rule == "path-uncovered" else "use-case"},
    )  # fmt: skip


def small_register() -> Register:
    """Alpha takes scans by a claim that names both, and jails by its page alone; beta takes nothing and serves no step."""
    register = memory_register()
    register.run("insert into meta values ('fingerprint', 'abc123def456'), ('version', '0')")
    add_page(
        register, "system", "alpha", "Alpha", operators=["ICE"], status="in-use", category="c", steps=["outcome", "intake"]
    )
    add_page(register, "system", "beta", "Beta", operators=["HSI"], status="planned", category="c")
    add_page(register, "system", "other", "Other", operators=["USSS"], status="planned", category="c")
    add_page(register, "feed", "scans", "Plate scans")
    add_page(register, "feed", "jails", "Jail books")
    add_page(register, "authority", "pia", "A PIA", type="pia")
    add_page(register, "authority", "law", "A law", type="statute", grants_power=True)
    for slug, relation, target in (
        ("alpha", "feeds", "scans"), ("alpha", "feeds", "jails"),
        ("scans", "authorities", "pia"), ("alpha", "authorities", "law"),
    ):  # fmt: skip
        add_link(register, slug, relation, target)
    add_claim(register, "alpha", "identity", "identity", "Alpha is run by ICE.")
    add_claim(register, "alpha", "feed", "feed", "It takes plate scans.", row=2)
    add_claim(register, "alpha", "feed-jails", "feed", "An article says more.", "Known", row=3)
    add_claim(register, "alpha", "workflow", "workflow", "From intake to removal.", "Inferred", row=4)
    add_claim(register, "alpha", "doubt", "disputed", "One says so, one not.", "Disputed", row=5)
    for feed, cover, outcome in (
        ("scans", "notice", "clear"), ("jails", "notice", "clear"),
        ("scans", "authority", "clear"), ("jails", "authority", "clear"),
        ("scans", "audit-log", "gap"), ("jails", "audit-log", "cannot-tell"),
    ):  # fmt: skip
        add_finding(register, "path-uncovered", f"alpha/{feed}/{cover}", outcome)
    return register
