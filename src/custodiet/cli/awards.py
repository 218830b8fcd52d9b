"""`custodiet awards`."""

from typing import Annotated

import typer

from custodiet import questions
from custodiet.cli.output import CsvOption, JsonOption, RegisterOption, XlsxOption, console, print_list, shorten
from custodiet.register.settings import register_path
from custodiet.store import open_register


def awards(
    agency: Annotated[str | None, typer.Option("--agency", help="Only this bureau's awards, such as ICE.")] = None,
    vendor: Annotated[str | None, typer.Option("--vendor", help="Part of a recipient's name.")] = None,
    words: Annotated[str | None, typer.Option("--words", help="Words of an action's description.")] = None,
    category: Annotated[
        str | None, typer.Option("--category", help="A category of the lexicon, such as plate-readers.")
    ] = None,
    register: RegisterOption = None,
    json: JsonOption = False,
    csv: CsvOption = False,
    xlsx: XlsxOption = None,
) -> None:
    """List contract awards, the largest sums of obligations first."""
    with open_register(register_path(register)) as opened:
        found = questions.awards(opened, agency=agency, vendor=vendor, words=words, category=category)
    print_list(
        found, as_json=json, as_csv=csv, xlsx=xlsx, title="awards",
        columns=[
            ("id", lambda a: a["piid"]), ("agency", lambda a: a["agency"]),
            ("recipient", lambda a: "; ".join(a["recipients"])),
            ("actions", lambda a: a["actions"]), ("obligations $", lambda a: f"{float(a['obligations']):,.2f}"),
            ("last action", lambda a: a["last_action"]), ("description", lambda a: shorten(a["description"], 90)),
        ],
    )  # fmt: skip
    if found and not (json or csv or xlsx):
        console().print(
            "Sums of the actions at hand; they are not the awards' values. `custodiet show NUMBER` has the actions."
        )
