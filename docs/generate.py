"""Write the parts of docs/ that are made from the program: rules, sources, commands, tables.

`make docs` runs it; a test fails when what it writes differs from what is there.
"""

import re
import sys
from pathlib import Path

import typer.main

from custodiet.cli.app import app
from custodiet.rules.logs import read_log_rules
from custodiet.rules.page import Rule, read_rules
from custodiet.sources.spec import SourceSpec, read_form, read_specs
from custodiet.store.schema import QUESTIONS, TABLES

DOCS = Path(__file__).parent
MADE = "<!-- Made by docs/generate.py; change what it reads, and run `make docs`. -->\n"


def rules_page() -> str:
    """Return docs/rules.md."""
    rules = read_rules()
    lines = [
        MADE,
        "# The rules\n",
        "One rule is one page of Markdown with its text, its SQL and an example that is run as a test. For every subject a rule "
        "gives one of four outcomes: `gap`, `clear`, `not-applicable` or `cannot-tell`, always with a reason. **A gap is not a "
        "violation.** `custodiet rules RULE` prints a page; [adding.md](adding.md) says how to write one.\n",
        "| rule | title | duty | due | grade at best |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| [{r.id}](#{r.id}) | {r.title} | {r.front.duty}{', ' + r.front.duty_section if r.front.duty_section else ''} "
        f"| {r.front.due or ''} | {r.front.grade} |"
        for r in rules
    ]
    logs = read_log_rules()
    lines += [
        "\n## Rules on query logs\n",
        "These run in `custodiet audit`, those of the log's jurisdiction and, with `--policy`, of the agency's own policy. *Unverified* "
        "means that the rule has not been held against the law's official text.\n",
        "| rule | title | law | in force from | |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| [{r.id}](#{r.id}) | {r.title} | {r.front.duty}{', ' + r.front.duty_section if r.front.duty_section else ''} "
        f"| {r.front.in_force_from or ''} | {'unverified' if r.front.unverified else ''} |"
        for r in logs
    ]
    lines += [_rule_section(rule) for rule in (*rules, *logs)]
    return "\n".join(lines) + "\n"


def _rule_section(rule: Rule) -> str:
    is_log = rule.front.subjects == "logs"
    needs = rule.front.fields if is_log else (*rule.front.needs, *rule.front.reads)
    parts = [
        f"\n## {rule.id}\n",
        f"*{rule.title}.* Page: `src/custodiet/rules/{'access_log/' if is_log else ''}{rule.page}`. Needs: {', '.join(needs) or 'a report of the bench'}.\n",
    ]
    if rule.front.unverified:
        parts.append("**Unverified: not held against the law's official text.**\n")
    if rule.front.sources:
        parts.append(f"Read at: {', '.join(f'<{address}>' for address in rule.front.sources)}.\n")
    for heading in ("What it checks", "Why it matters", "Exclusions", "What it cannot show", "What to ask for"):
        parts.append(f"**{heading}.** {' '.join(rule.sections[heading].split())}\n")
    return "\n".join(parts)


def sources_page() -> str:
    """Return docs/sources.md."""
    lines = [
        MADE,
        "# The sources\n",
        "Each source is a folder of `src/custodiet/sources/`: `source.yml` says who publishes it, where, and under which hash; a form "
        "says what each column is. A file that is not the pinned one is refused. A column is taken as a field, or left out for a "
        "reason; columns that may name a person are dropped by the parser and are not even in the raw table.\n",
    ]
    for spec, folder in read_specs():
        lines += [f"## {spec.id}\n", f"{spec.title}, {spec.publisher}. {spec.licence}. {' '.join(spec.about.split())}\n"]
        for release in spec.releases:
            form = read_form(folder, release.form)
            taken = [c for c in form.columns if c.field]
            left = [c for c in form.columns if c.left_out]
            lines += [
                f"### {release.release}\n",
                f"- file: `{release.folder}/{release.file}`, {release.encoding}, published {release.published or 'on a day not recorded'}",
                f"- from: <{release.url}>",
                f"- sha256: `{release.sha256}`",
                f"- asserted: {release.assertions.rows:,} records, {len(form.columns)} columns",
                f"- {len(taken)} columns taken, {len(left)} left out\n",
                "| column | field | asked of |",
                "| --- | --- | --- |",
            ]
            for column in form.columns:
                header = " ".join(column.header.split()).replace("|", "\\|")
                lines.append(
                    f"| {header} | {column.field or 'left out: ' + (column.left_out or '')} | {column.asked_of if column.field else ''} |"
                )
            lines.append("")
        if spec.layouts:
            lines += _layouts(spec, folder)
    return "\n".join(lines)


def _layouts(spec: SourceSpec, folder: Path) -> list[str]:
    lines = [
        f"### Files of {spec.id} that no release pins\n",
        f"`custodiet add` recognises a file by its columns; `custodiet fetch {spec.id}` asks <{spec.api}>. "
        "[own-releases.md](own-releases.md) says how they are kept and counted.\n",
        "| form | holds | columns that it needs | columns that it may have | others |",
        "| --- | --- | --- | --- | --- |",
    ]
    for layout in spec.layouts:
        form = read_form(folder, layout.form)
        needed = ", ".join(column.header for column in form.columns if not column.optional)
        optional = ", ".join(column.header for column in form.columns if column.optional) or "none"
        dropped = f"; dropped: those that match `{'`, `'.join(form.personal)}`".replace("|", "\\|") if form.personal else ""
        others = f"left out: {form.others}" if form.others else "reported"
        lines.append(f"| {layout.form} | {layout.role} | {needed} | {optional} | {others}{dropped} |")
    return [*lines, ""]


def commands_page() -> str:
    """Return docs/commands.md."""
    group = typer.main.get_command(app)
    lines = [
        MADE,
        "# The commands\n",
        "Lists print a table on a terminal; `--json`, `--csv` and `--xlsx FILE` give all rows. What goes wrong is one sentence on "
        "standard error, and exit code 2.\n",
    ]
    return "\n".join([*lines, *_commands("custodiet", group)])


def _commands(parent: str, group: object) -> list[str]:
    lines = []
    for name, command in sorted(getattr(group, "commands", {}).items()):
        lines += [*_command(f"{parent} {name}", command), *_commands(f"{parent} {name}", command)]
    return lines


def _command(name: str, command: object) -> list[str]:
    arguments, options = [], []
    for parameter in command.params:  # type: ignore[attr-defined]
        text = " ".join((getattr(parameter, "help", "") or "").split())
        if parameter.param_type_name == "argument":
            arguments.append((parameter.name.upper() + ("..." if parameter.nargs == -1 else ""), text))
        elif parameter.name != "help":
            value = "" if getattr(parameter, "is_flag", False) else f" {parameter.name.upper()}"
            options.append((f"{parameter.opts[0]}{value}", text))
    usage = " ".join([name, *(argument for argument, _ in arguments), "[OPTIONS]" if options else ""]).strip()
    lines = [f"## {name}\n", f"`{usage}`\n", " ".join((command.help or "").split()) + "\n"]  # type: ignore[attr-defined]
    if arguments or options:
        lines += ["| | |", "| --- | --- |", *(f"| `{left}` | {right} |" for left, right in [*arguments, *options]), ""]
    return lines


def tables_page() -> str:
    """Return docs/register.md."""
    lines = [
        MADE,
        "# The register\n",
        "A register is one DuckDB file. Any DuckDB from 1.5 on opens it read-only; every table below is there for your own SQL. The schema "
        '`raw` has one table a release, all text, with the record\'s number in `_row`: `select * from raw."omb-inventory-2025"`.\n',
        "`search_texts` is what `custodiet search` reads: of each thing the words that it is found by. It and the indexes are made from the "
        "tables below.\n",
        "In `use_cases` every question is a struct of `value`, `state`, `text` (as published) and `citation` (`release`, `row`, `column`): "
        "`select name, appeal.value, appeal.citation from use_cases where bureau = 'ICE' and inventory_year = 2025`.\n",
        "## Questions\n",
        "| field | asks |",
        "| --- | --- |",
        *(f"| `{field}` | {title} |" for field, title in QUESTIONS.items()),
        "\n## Tables\n",
    ]
    for name, statement in TABLES.items():
        shown = statement
        if name == "use_cases":
            shown = statement[: statement.index("  stage struct")] + "  ... one struct a question, as above\n)"
        body = re.sub(r"create table \w+ \(", "", " ".join(shown.split())).rstrip(") ").strip()
        lines.append(f"- **{name}**: {body}")
    return "\n".join(lines) + "\n"


PAGES = {"rules.md": rules_page, "sources.md": sources_page, "commands.md": commands_page, "register.md": tables_page}


def main() -> None:
    """Write every page."""
    for name, make in PAGES.items():
        (DOCS / name).write_text(make(), "utf-8")
        print(f"docs/{name}")  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
