"""Read a rule page: front matter, fixed headings, one SQL block, and an example in small tables."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from custodiet.model.errors import RuleError
from custodiet.model.plain_yaml import YamlError, first_fault, load_yaml
from custodiet.model.words import GRADES

HERE = Path(__file__).parent
# The folder of rules on query logs, a folder a jurisdiction.
LOGS = "access_log"
HEADINGS = (
    "What it checks", "Why it matters", "Exclusions", "What it cannot show", "What to ask for", "Method", "Example",
)  # fmt: skip
SUBJECTS = ("use_cases", "agencies", "systems", "parts", "forms", "awards", "paths", "claims", "logs")
# Subjects that come with a release of their own each, so that a page can't name it; without one there is none to find.
SELF_RELEASED = ("claims",)


class Strict(BaseModel):
    """A frozen part of the front matter that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Instance(Strict):
    """One rule of a page that serves several: its id, its title, and what it puts into the page's SQL and text."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: str
    parameters: dict[str, str]


class FrontMatter(Strict):
    """The head of a rule page."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: str
    # Slug of the authority in the catalogue, and the part of it.
    duty: str
    duty_section: str | None = None
    subjects: str
    # The inventory whose use cases are the subjects, where they are use cases.
    year: int = 2025
    # Releases without which every outcome is cannot-tell.
    needs: tuple[str, ...] = ()
    # Releases that must be there, be they complete or not; the rule looks at that itself.
    # "role:transactions" is any of that role.
    reads: tuple[str, ...] = ()
    grade: str
    due: dt.date | None = None
    # Rules on query logs: whose law it is (us-wa, or `policy`), from which day, which fields it needs, and whether its text
    # was not yet held against the law's official text.
    jurisdiction: str | None = None
    in_force_from: dt.date | None = None
    fields: tuple[str, ...] = ()
    unverified: bool = False
    # Addresses at which the law, or what is known of it, was read.
    sources: tuple[str, ...] = ()
    instances: tuple[Instance, ...] = ()


@dataclass(frozen=True)
class ExampleTable:
    """A small table of an example: rows for a table of the register, or the findings to expect."""

    table: str
    rule: str | None
    rows: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class Rule:
    """One rule, ready to run."""

    id: str
    page: str
    title: str
    front: FrontMatter
    sections: dict[str, str]
    sql: str
    example: tuple[ExampleTable, ...]
    text: str


def rule_files(folder: Path = HERE) -> list[Path]:
    """Return the rule pages in a stable order."""
    return sorted(folder.glob("*/*.md"))


def read_rules(folder: Path = HERE) -> list[Rule]:
    """Return every rule of every page, in the order of their ids.

    Raises:
        RuleError: a page lacks a heading, its front matter or SQL block, or two rules share an id.

    """
    return order_rules([rule for path in rule_files(folder) for rule in read_page(path)])


def order_rules(rules: Sequence[Rule]) -> list[Rule]:
    """Return rules in the order of their ids.

    Raises:
        RuleError: two rules share an id.

    """
    seen: dict[str, str] = {}
    for rule in rules:
        if rule.id in seen:
            raise RuleError(f"{rule.page}: the id {rule.id!r} is taken by {seen[rule.id]}; rename one of them.")
        seen[rule.id] = rule.page
    return sorted(rules, key=lambda rule: rule.id)


def read_page(path: Path) -> list[Rule]:
    """Return the rules of one page: one, or one an instance."""
    shown = f"{path.parent.name}/{path.name}"
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise RuleError(f"{shown}, byte {error.start}: not UTF-8; save the page as UTF-8.") from None
    found = re.match(r"---\n(.*?)\n---\n(.*)", text, re.DOTALL)
    if not found:
        raise RuleError(f"{shown}, line 1: no front matter between two lines of three dashes; add it.")
    front = _read_front(found[1], shown)
    sections = _split_sections(found[2], shown)
    blocks = re.findall(r"```sql\n(.*?)```", sections["Method"], re.DOTALL)
    if len(blocks) != 1:
        raise RuleError(f"{shown}: 'Method' has {len(blocks)} SQL blocks; write exactly one.")
    example = _read_example(sections["Example"], shown)
    instances = front.instances or (Instance(id=front.id, title=front.title, parameters={}),)
    return [
        Rule(
            id=instance.id,
            page=shown,
            title=instance.title,
            front=front,
            sections={name: _fill(body, instance, shown) for name, body in sections.items()},
            sql=_fill(blocks[0], instance, shown),
            example=example,
            text=_fill(found[2].strip(), instance, shown),
        )
        for instance in instances
    ]


def _read_front(text: str, shown: str) -> FrontMatter:
    try:
        front = FrontMatter.model_validate(load_yaml(text))
    except YamlError as error:
        # The front matter begins in the page's second line.
        line = f", line {error.line + 1}" if error.line is not None else ""
        raise RuleError(f"{shown}{line}: {error.problem}; mend the front matter there.") from None
    except ValidationError as error:
        where, says = first_fault(error, "front matter")
        raise RuleError(f"{shown}: {where}: {says}.") from None
    if front.subjects not in SUBJECTS:
        raise RuleError(f"{shown}: subjects {front.subjects!r}; choose one of {', '.join(SUBJECTS)}.")
    if front.subjects == "logs":
        if not front.jurisdiction or not front.fields:
            raise RuleError(f"{shown}: a rule on logs names its jurisdiction and the fields that it needs; add them.")
        if front.jurisdiction.startswith("us-") and not front.sources:
            raise RuleError(f"{shown}: sources is empty; give the address at which the law was read.")
    elif not front.needs and not front.reads and front.subjects not in SELF_RELEASED:
        raise RuleError(f"{shown}: needs and reads are empty; name the releases that the rule rests on.")
    if front.grade not in GRADES:
        raise RuleError(f"{shown}: grade {front.grade!r}; choose one of {', '.join(GRADES)}.")
    return front


def _split_sections(body: str, shown: str) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", body, flags=re.MULTILINE)
    names = [name.strip() for name in parts[1::2]]
    if tuple(names) != HEADINGS:
        raise RuleError(f"{shown}: the headings are {', '.join(names)}; write {', '.join(HEADINGS)}, in this order.")
    sections = {name: content.strip() for name, content in zip(names, parts[2::2], strict=True)}
    for name, content in sections.items():
        if not content:
            raise RuleError(f"{shown}: nothing stands under {name!r}; write it.")
    return sections


def _fill(text: str, instance: Instance, shown: str) -> str:
    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name not in instance.parameters:
            raise RuleError(f"{shown}: {{{{{name}}}}} has no value in the instance {instance.id!r}; give it one.")
        return instance.parameters[name]

    return re.sub(r"\{\{ ?(\w+) ?\}\}", value, text)


def _read_example(text: str, shown: str) -> tuple[ExampleTable, ...]:
    """Read tables, each under a line that names it: `use_cases`, or `findings` of `a-rule`."""
    tables = []
    for label, block in re.findall(r"^(`[^\n]+)\n\n?((?:\|[^\n]*\n?)+)", text, re.MULTILINE):
        names = re.findall(r"`([^`]+)`", label)
        lines = [line.strip().strip("|").split("|") for line in block.strip().splitlines()]
        headers = [cell.strip() for cell in lines[0]]
        rows = []
        for line in lines[2:]:
            if len(line) != len(headers):
                raise RuleError(f"{shown}: a row of the example {names[0]!r} has {len(line)} cells, not {len(headers)}.")
            rows.append(dict(zip(headers, (cell.strip() for cell in line), strict=True)))
        tables.append(ExampleTable(names[0], names[1] if len(names) > 1 else None, tuple(rows)))
    if not any(table.table == "findings" and table.rows for table in tables):
        raise RuleError(f"{shown}: the example has no table of `findings` to expect; add one.")
    return tuple(tables)


def plain(markdown: str) -> str:
    """Return a section as one paragraph of plain text, for lists and spreadsheets."""
    text = re.sub(r"`([^`]*)`", r"\1", markdown)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(?<![\w*])\*{1,2}([^*\n]+)\*{1,2}(?![\w*])", r"\1", text)
    return re.sub(r"\s+", " ", text).strip()


def as_record(rule: Rule) -> dict[str, Any]:
    """Return what the register keeps of a rule."""
    return {
        "rule": rule.id,
        "page": f"{LOGS}/{rule.page}" if rule.front.subjects == "logs" else rule.page,
        "title": rule.title,
        "duty": rule.front.duty,
        "duty_section": rule.front.duty_section,
        "subjects": rule.front.subjects,
        "needs": [*rule.front.needs, *rule.front.reads, *rule.front.fields],
        "grade": rule.front.grade,
        "due": rule.front.due,
        "jurisdiction": rule.front.jurisdiction,
        "in_force_from": rule.front.in_force_from,
        "unverified": rule.front.unverified,
        "checks": plain(rule.sections["What it checks"]),
        "does_not_show": plain(rule.sections["What it cannot show"]),
        "ask_for": plain(rule.sections["What to ask for"]),
        "text": rule.text,
    }
