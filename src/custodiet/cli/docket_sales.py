"""`custodiet docket sales`: sales and licences of data to governments, which are no process."""

import datetime as dt
from operator import itemgetter
from typing import Annotated

import typer

from custodiet.cli.docket_log import read_existing
from custodiet.cli.docket_output import DocketOption, KeyOption, WhoOption, find_docket, note_mending, read_day
from custodiet.cli.output import CsvOption, JsonOption, XlsxOption, console, print_json, print_list

app = typer.Typer(
    help="List sales and licences of data to governments, apart from process: nobody was compelled.", no_args_is_help=True
)


@app.command()
def add(
    buyer: Annotated[str, typer.Option("--buyer", help="Which agency buys.")],
    product: Annotated[str, typer.Option("--product", help="What it buys: the product or feed.")],
    signed: Annotated[str, typer.Option("--signed", help="The day of the contract.")],
    by: WhoOption,
    contract: Annotated[str | None, typer.Option("--contract", help="The contract's number (PIID).")] = None,
    until: Annotated[str | None, typer.Option("--until", help="The day on which it ends.")] = None,
    usd: Annotated[float | None, typer.Option("--usd", min=0, help="Dollars.")] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(
            "--data", help="content, records, subscriber, location, biometrics, device or premises; may be repeated."
        ),
    ] = None,
    docket: DocketOption = None,
    key: KeyOption = None,
    json: JsonOption = False,
) -> None:
    """Add a sale or licence."""
    from custodiet.docket.sales import add_sale  # noqa: PLC0415 - other verbs need none of it
    from custodiet.docket.writing import writing  # noqa: PLC0415

    given = {
        "buyer": buyer, "product": product, "signed": read_day(signed, "--signed"), "by": by, "contract": contract,
        "until": read_day(until, "--until"), "usd": usd, "data": data,
    }  # fmt: skip
    said = {name: value for name, value in given.items() if value is not None}
    place, keys = find_docket(docket, key)
    with writing(place, keys) as writer:
        note_mending(writer)
        number = add_sale(writer, said, dt.datetime.now(tz=dt.UTC))
    if json:
        print_json({"entry": number})
    else:
        console().print(f"Entry {number} added: a sale, which is no process.", markup=False)


@app.command("list")
def list_all(
    docket: DocketOption = None,
    key: KeyOption = None,
    json: JsonOption = False,
    csv: CsvOption = False,
    xlsx: XlsxOption = None,
) -> None:
    """List the sales and licences."""
    from custodiet.docket.sales import list_sales  # noqa: PLC0415

    log, keys = read_existing(docket, key)
    shown = ("number", "signed", "buyer", "product", "usd", "until")
    records = [{**dict.fromkeys(shown), "number": sale.number, **sale.fields} for sale in list_sales(log, keys)]
    print_list(
        records, as_json=json, as_csv=csv, xlsx=xlsx, title="Sales and licences",
        columns=[(name, itemgetter(name)) for name in shown],
    )  # fmt: skip
