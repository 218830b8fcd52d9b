"""Forms that a person fills in as YAML: gates, scenarios, answers."""

from pathlib import Path

from custodiet.model.errors import InputError
from custodiet.model.plain_yaml import YamlError, load_yaml


def read_form(path: Path, name: str, hint: str) -> object:
    """Return what a YAML file of a person holds; `name` is what it is called, `hint` what to give where none is there.

    Raises:
        InputError: it can't be read, is not UTF-8, or no YAML.

    """
    try:
        return load_yaml(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{path}: can't be read ({error.strerror}); give {hint}.") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name}, byte {error.start}: not UTF-8; save the {name} as UTF-8.") from None
    except YamlError as error:
        raise InputError(f"{path.name}{error.place}: {error.problem}; mend the {name} there.") from None
