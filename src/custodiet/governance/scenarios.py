"""Scenarios of wrongful identification: what to test before anybody is harmed, with which command, and what must happen."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from custodiet.model.errors import PackError
from custodiet.model.plain_yaml import YamlError, first_fault, load_yaml

FILE = Path(__file__).parent / "scenarios.yml"
Text = Annotated[str, Field(min_length=1)]


class Scenario(BaseModel):
    """One scenario. `command` is a command line of the bench; its files are those that the tester fills, as `columns` say."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: Text
    happened: Text
    test: Annotated[tuple[Text, ...], Field(min_length=1)]
    command: Annotated[str, Field(pattern=r"^custodiet bench ")]
    # What the file that the command reads holds, a row at a time.
    columns: Text
    must: Annotated[tuple[Text, ...], Field(min_length=1)]
    # Where such a thing is known from; "a design of ours" where it is not from a case.
    basis: Text

    def as_data(self) -> dict[str, Any]:
        """Return the scenario as plain data."""
        return self.model_dump(mode="json")


SCENARIOS = TypeAdapter(tuple[Scenario, ...])


def load_scenarios(path: Path = FILE) -> tuple[Scenario, ...]:
    """Return the scenarios in the order of the file.

    Raises:
        PackError: the file can't be read, breaks its form, or has an id twice.

    """
    try:
        found = SCENARIOS.validate_python(load_yaml(path.read_text("utf-8")))
    except YamlError as error:
        raise PackError(f"{path.name}{error.place}: {error.problem}; mend the YAML there.") from None
    except ValidationError as error:
        where, says = first_fault(error, "the file")
        raise PackError(f"{path.name}: {where}: {says}.") from None
    ids = [scenario.id for scenario in found]
    if twice := [name for name in ids if ids.count(name) > 1]:
        raise PackError(f"{path.name}: the scenario {twice[0]!r} stands twice; rename one.")
    return found
