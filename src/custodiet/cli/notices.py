"""`custodiet notices`."""

from typing import Annotated

import typer

from custodiet import questions
from custodiet.cli.output import CsvOption, JsonOption, RegisterOption, XlsxOption, console, print_list
from custodiet.exports.cells import cite_as_text
from custodiet.register.settings import register_path
from custodiet.store import open_register


def notices(
    words: Annotated[list[str] | None, typer.Argument(help="Words of a number, title or agency, such as DHS/ICE.")] = None,
    register: RegisterOption = None,
    json: JsonOption = False,
    csv: CsvOption = False,
    xlsx: XlsxOption = None,
) -> None:
    """List privacy notices: systems of records and Federal Register documents."""
    with open_register(register_path(register)) as opened:
        found = questions.notices(opened, words=" ".join(words or []))
    print_list(
        found, as_json=json, as_csv=csv, xlsx=xlsx, title="notices",
        columns=[
            ("id", lambda n: n["number"]), ("published", lambda n: n["published"]), ("does", lambda n: n["action"]),
            ("title", lambda n: n["title"]), ("cell", lambda n: cite_as_text(n["citation"])),
        ],
    )  # fmt: skip
    if not (json or csv or xlsx):
        console().print("The lists at hand are not whole: that a notice is not in them says nothing.")
