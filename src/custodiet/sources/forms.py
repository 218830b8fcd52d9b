"""Files that a person writes as YAML: gates, scenarios, answers, policies, packs, pages of the catalogue."""

from pathlib import Path
from typing import Any

from custodiet.model.errors import CustodietError, InputError
from custodiet.model.plain_yaml import YamlError, load_yaml


def read_form(path: Path, name: str, hint: str, *, shown: str | None = None, error: type[CustodietError] = InputError) -> Any:
    """Return what a YAML file of a person holds.

    `name` is what it is called, `hint` what to give where none is there, `shown` how its place is told (else its file name).

    Raises:
        CustodietError: it can't be read, is not UTF-8, or no YAML; of the kind `error`.

    """
    place = shown or path.name
    try:
        return load_yaml(path.read_text("utf-8"))
    except OSError as fault:
        raise error(f"{shown or path}: can't be read ({fault.strerror}); give {hint}.") from None
    except UnicodeDecodeError as fault:
        raise error(f"{place}, byte {fault.start}: not UTF-8; save the {name} as UTF-8.") from None
    except YamlError as fault:
        raise error(f"{place}{fault.place}: {fault.problem}; mend its YAML there.") from None
