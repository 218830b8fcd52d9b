"""Custodiet: the public holds government surveillance AI to account.

Build a register from published records, then ask it questions; every answer carries citations down to the cell.

    import custodiet
    from custodiet import questions

    custodiet.build("register.duckdb", mirror="mirror")
    with custodiet.open_register("register.duckdb") as register:
        for finding in questions.findings(register, rule="m-25-21-appeal", agency="ICE", outcome="gap"):
            print(finding["subject"]["name"], finding["reason"], finding["citations"])

The questions are those of the command line, under the same names; `docs/python.md` has an example of each.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from custodiet.model.errors import CustodietError
    from custodiet.register.build import Built, build
    from custodiet.store import Register, open_register

__all__ = ["Built", "CustodietError", "Register", "build", "open_register"]

# They load when they are first used: asking a question should load no builder, and building no question.
_HOMES = {
    "Built": "custodiet.register.build",
    "CustodietError": "custodiet.model.errors",
    "Register": "custodiet.store",
    "build": "custodiet.register.build",
    "open_register": "custodiet.store",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
