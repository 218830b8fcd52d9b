"""`custodiet rules`."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from custodiet import questions
from custodiet.cli.output import CsvOption, JsonOption, RegisterOption, XlsxOption, console, print_json, print_list
from custodiet.register.settings import register_path
from custodiet.store import open_register


def rules(
    rule: Annotated[str | None, typer.Argument(help="A rule's id: print its page.")] = None,
    register: RegisterOption = None,
    json: JsonOption = False,
    csv: CsvOption = False,
    xlsx: XlsxOption = None,
) -> None:
    """List the rules of the register, the bench and query logs; or print one's page: what it checks, its SQL, its example."""
    with open_register(register_path(register)) as opened:
        if rule is not None:
            page = questions.rule(opened, rule)
            if json:
                print_json(page)
                return
            due = f", due {page['due']}" if page["due"] else ""
            out = console()
            out.print(f"{page['id']}: {page['title']}", style="bold", markup=False)
            out.print(
                f"Duty: {page['duty_title']}{due}{_force(page)}. Grade at best: {page['grade']}.",
                markup=False,
                soft_wrap=True,
            )
            out.print(f"Run by `custodiet {page['run_by']}`.\n", markup=False)
            out.print(page["text"], markup=False, soft_wrap=True)
            return
        found = questions.rules(opened)
    print_list(
        found, as_json=json, as_csv=csv, xlsx=xlsx, title="rules",
        columns=[
            ("rule", lambda r: r["id"]), ("title", lambda r: r["title"]), ("duty", lambda r: r["duty_title"]),
            ("due", lambda r: r["due"]), ("run by", lambda r: r["run_by"]),
            ("law", lambda r: "unverified" if r["unverified"] else ""), ("grade", lambda r: r["grade"]),
            ("checks", lambda r: r["checks"]),
        ],
    )  # fmt: skip


def _force(page: Mapping[str, Any]) -> str:
    """Return from when a law on query logs is in force, and whether it was held against its text."""
    since = f", in force from {page['in_force_from']}" if page["in_force_from"] else ""
    return since + (" (unverified: not held against the law's official text)" if page["unverified"] else "")
