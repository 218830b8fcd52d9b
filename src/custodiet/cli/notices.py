"""`custodiet notices`."""

from typing import Annotated

import typer

from custodiet import questions
from custodiet.cli.output import CsvOption, JsonOption, RegisterOption, XlsxOption, console, print_list
from custodiet.exports.cells import cite_as_text
from custodiet.model.errors import QuestionError
from custodiet.model.text import echo
from custodiet.register.settings import register_path
from custodiet.store import open_register


def notices(
    words: Annotated[list[str] | None, typer.Argument(help="Words of a number, title or agency, such as DHS/ICE.")] = None,
    kind: Annotated[str, typer.Option("--kind", help="privacy, or solicitation: what an agency means to buy.")] = "privacy",
    register: RegisterOption = None,
    json: JsonOption = False,
    csv: CsvOption = False,
    xlsx: XlsxOption = None,
) -> None:
    """List privacy notices (systems of records, Federal Register documents), or solicitations."""
    if kind not in ("privacy", "solicitation"):
        raise QuestionError(f"A notice is of the kind privacy or solicitation, not {echo(kind)}.")
    ask = questions.notices if kind == "privacy" else questions.solicitations
    with open_register(register_path(register)) as opened:
        found = ask(opened, words=" ".join(words or []))
    of_privacy = [
        ("id", lambda n: n["number"]), ("published", lambda n: n["published"]), ("does", lambda n: n["action"]),
        ("title", lambda n: n["title"]),
    ]  # fmt: skip
    of_buying = [
        ("id", lambda n: n["number"]), ("posted", lambda n: n["posted"]), ("type", lambda n: n["type"]),
        ("agency", lambda n: n["agency"]), ("title", lambda n: n["title"]), ("award", lambda n: n["award_number"]),
    ]  # fmt: skip
    columns = of_privacy if kind == "privacy" else of_buying
    print_list(
        found, as_json=json, as_csv=csv, xlsx=xlsx, title="notices",
        columns=[*columns, ("cell", lambda n: cite_as_text(n["citation"]))],
    )  # fmt: skip
    if not (json or csv or xlsx):
        console().print("The lists at hand are not whole: that a notice is not in them says nothing.")
