"""`custodiet cite`."""

from typing import Annotated

import typer

from custodiet import questions
from custodiet.cli.output import JsonOption, RegisterOption, console, print_json
from custodiet.register.settings import register_path
from custodiet.store import open_register


def cite(
    release: Annotated[str, typer.Argument(help="A release, such as omb-inventory-2025.")],
    row: Annotated[int, typer.Argument(help="The data record, from 1.")],
    column: Annotated[str, typer.Argument(help="The column's header, or its letter.")],
    register: RegisterOption = None,
    json: JsonOption = False,
) -> None:
    """Bring back a cell exactly as it was published."""
    with open_register(register_path(register)) as opened:
        cell = questions.cite(opened, release, row, column)
    if json:
        print_json(cell)
        return
    out = console()
    out.print(cell["text"] if cell["text"] else "(an empty cell)", markup=False, soft_wrap=True)
    if cell["letter"] is None:
        out.print(
            f"\nclaim {cell['file']} of the catalogue's page {cell['header']}\ngrade: {cell['value']} ({cell['state']})\n"
            f"sources: {cell['url'] or 'none'}", markup=False, soft_wrap=True,
        )  # fmt: skip
        return
    read = f"{cell['state']}, read as {cell['value']!r}" if cell["value"] is not None else cell["state"] or "not typed"
    out.print(
        f"\n{release}, row {row:,}, column {cell['letter']} ({cell['header']})\nstate: {read}\n{cell['file']}, "
        f"published {cell['published'] or 'on a day that is not recorded'}"
        f"{', collected until ' + cell['collected'] if cell['collected'] else ''}\nsha256 {cell['sha256']}"
        f"{chr(10) + cell['url'] if cell['url'] else ''}",
        markup=False, soft_wrap=True,
    )  # fmt: skip
