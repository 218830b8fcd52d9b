"""Sales and licences of data to governments: a list of their own, since they are no process. Nobody was compelled."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from custodiet.docket.cases import open_entries
from custodiet.docket.entry import DataKind, Text
from custodiet.docket.identity import Keys
from custodiet.docket.log import Log
from custodiet.docket.writing import Draft, Writer
from custodiet.model.errors import InputError
from custodiet.model.plain_yaml import first_fault


class Sale(BaseModel):
    """A contract by which a government gets data or access for money."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    buyer: Text
    product: Text
    signed: dt.date
    contract: Text | None = None
    until: dt.date | None = None
    usd: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    data: tuple[DataKind, ...] = ()
    by: Text


@dataclass(frozen=True)
class Listed:
    """A sale as the docket has it: its entry's number, time, and fields."""

    number: int
    at: str
    fields: Mapping[str, Any]


def add_sale(writer: Writer, said: Mapping[str, Any], now: dt.datetime) -> int:
    """Add a sale; return its entry's number.

    Raises:
        InputError: what was said is no sale.

    """
    try:
        sale = Sale.model_validate(said)
    except ValidationError as error:
        where, says = first_fault(error, "the sale")
        raise InputError(f"{where}: {says}; `custodiet docket sales add --help` says what a sale has.") from None
    fields = sale.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return writer.append([Draft("sale", fields)], now)[0].head.number


def list_sales(log: Log, keys: Keys) -> list[Listed]:
    """Return the sales, in order."""
    return [
        Listed(entry.head.number, entry.head.at, fields)
        for entry, fields in open_entries(log, keys, lambda head: head.kind == "sale")
    ]
