"""`custodiet search`."""

from typing import Annotated

import typer

from custodiet import questions
from custodiet.cli.output import CsvOption, JsonOption, RegisterOption, XlsxOption, print_list
from custodiet.register.settings import register_path
from custodiet.store import open_register


def search(
    words: Annotated[list[str], typer.Argument(help="All of these words must stand in a record.")],
    register: RegisterOption = None,
    json: JsonOption = False,
    csv: CsvOption = False,
    xlsx: XlsxOption = None,
) -> None:
    """Search use cases, the catalogue and the rules. There are no people in it."""
    with open_register(register_path(register)) as opened:
        found = questions.search(opened, " ".join(words))
    print_list(
        found, as_json=json, as_csv=csv, xlsx=xlsx, title="search",
        columns=[
            ("kind", lambda h: h["kind"]), ("id", lambda h: h["id"]), ("name", lambda h: h["name"]),
            ("agency", lambda h: h["agency"]), ("year", lambda h: h["year"]), ("where", lambda h: h["snippet"]),
        ],
    )  # fmt: skip
