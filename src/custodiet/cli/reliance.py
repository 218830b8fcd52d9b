"""`custodiet dependence` and `custodiet exposure`."""

from typing import Annotated

import typer

from custodiet import questions
from custodiet.cli.output import JsonOption, RegisterOption, console, print_json, print_table
from custodiet.exports.cells import cite_as_text
from custodiet.register.settings import register_path
from custodiet.store import open_register

NameArgument = Annotated[str, typer.Argument(help="A vendor, by any of its names.")]


def dependence(name: NameArgument, register: RegisterOption = None, json: JsonOption = False) -> None:
    """Show how agencies came to rely on a vendor: growth, shares, competition, extensions, prototypes."""
    with open_register(register_path(register)) as opened:
        found = questions.dependence(opened, name)
    if json:
        print_json(found)
        return
    print_table(
        found["measures"], f"how agencies rely on {found['name']} ({found['awards']:,} awards)",
        [("measure", lambda m: m["measure"]), ("outcome", lambda m: m["outcome"]),
         ("what the records say", lambda m: m["text"]),
         ("first citation", lambda m: cite_as_text(m["citations"][0]) if m["citations"] else "")],
        all_rows=True,
    )  # fmt: skip
    console().print(
        "Obligations of the actions at hand; a share is of what the lexicon finds in the category.", soft_wrap=True
    )


def exposure(name: NameArgument, register: RegisterOption = None, json: JsonOption = False) -> None:
    """Show which agencies and systems take what a vendor sells, from it or through others."""
    with open_register(register_path(register)) as opened:
        found = questions.exposure(opened, name)
    if json:
        print_json(found)
        return
    print_table(
        found["purchases"], f"purchases of what {found['name']} sells",
        [("agency", lambda p: p["agency"]), ("category", lambda p: p["category"]), ("product", lambda p: p["product"]),
         ("route", lambda p: p["route"]), ("awards", lambda p: p["awards"]),
         ("obligations $", lambda p: f"{float(p['obligations']):,.2f}"), ("first", lambda p: p["first_action"]),
         ("last", lambda p: p["last_action"]), ("the largest", lambda p: cite_as_text(p["citation"]))],
    )  # fmt: skip
    print_table(
        found["systems"], "systems that take it",
        [("id", lambda s: s["id"]), ("name", lambda s: s["name"]), ("route", lambda s: s["route"]),
         ("operators", lambda s: s["operators"]), ("status", lambda s: s["status"])],
    )  # fmt: skip
