"""`custodiet trace`."""

from collections.abc import Mapping
from itertools import groupby
from typing import Annotated, Any

import typer

from custodiet import questions
from custodiet.cli.output import JsonOption, RegisterOption, console, print_json, shorten
from custodiet.exports.cells import cite_as_text
from custodiet.register.settings import register_path
from custodiet.store import open_register

# Lines of one section that a screen has room for, and the longest line.
SHOWN_LINES = 8
LONGEST = 240


def trace(
    name: Annotated[str, typer.Argument(help="An organisation or a system, by any of its names.")],
    all_lines: Annotated[bool, typer.Option("--all", help="Print every line whole.")] = False,
    register: RegisterOption = None,
    json: JsonOption = False,
) -> None:
    """Follow an organisation or a system: names, money, resellers, systems, feeds, use cases, notices, claims."""
    with open_register(register_path(register)) as opened:
        found = questions.trace(opened, name)
    if json:
        print_json(found)
        return
    out = console()
    page = f", page {found['page']} of the catalogue" if found["page"] else ""
    out.print(f"{found['name']} ({found['kind']}{page})", style="bold", markup=False, soft_wrap=True)
    for section, group in groupby(found["lines"], key=lambda line: line["section"]):
        lines = list(group)
        out.print(f"\n{section}", style="bold", markup=False)
        for line in lines if all_lines else lines[:SHOWN_LINES]:
            _print_line(line, whole=all_lines)
        if len(lines) > SHOWN_LINES and not all_lines:
            out.print(f"  … and {len(lines) - SHOWN_LINES:,} more (--all)")
    out.print(
        "\nSums are obligations of the actions at hand, no award's value. What rests on words of a description is Inferred.",
        soft_wrap=True,
    )


def _print_line(line: Mapping[str, Any], *, whole: bool) -> None:
    text = line["text"] if whole else shorten(line["text"], LONGEST)
    citation = line["citation"]
    place = citation if isinstance(citation, str) else cite_as_text(citation) if citation else "no citation"
    console().print(f"  {line['grade']:<9}{text}  [{place}]", markup=False, soft_wrap=True)
