"""Where things are, unless an argument says otherwise."""

import os
from pathlib import Path

from custodiet.model.errors import InputError

REGISTER_VARIABLE = "CUSTODIET_REGISTER"
MIRROR_VARIABLE = "CUSTODIET_MIRROR"
JUDGEMENTS_VARIABLE = "CUSTODIET_JUDGEMENTS"
BENCH_VARIABLE = "CUSTODIET_BENCH"


def _user_folder(kind: str) -> Path:
    import platformdirs  # noqa: PLC0415 - only needed where no setting says otherwise

    folder = platformdirs.user_data_path if kind == "data" else platformdirs.user_cache_path
    return folder("custodiet", appauthor=False)


def register_path(given: Path | str | None = None) -> Path:
    """Return the register's file: as given, or `CUSTODIET_REGISTER`, or in the user's data folder."""
    if given is not None:
        return Path(given).expanduser()
    if named := os.environ.get(REGISTER_VARIABLE):
        return Path(named).expanduser()
    return _user_folder("data") / "register.duckdb"


def mirror_path(given: Path | str | None = None) -> Path | None:
    """Return the mirror folder: as given, or `CUSTODIET_MIRROR`, or None."""
    named = given or os.environ.get(MIRROR_VARIABLE)
    if not named:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        origin = "--mirror" if given else MIRROR_VARIABLE
        raise InputError(f"{folder}: there is no such mirror folder; give its path with {origin}.")
    return folder


def bench_path(given: Path | str | None = None) -> Path | None:
    """Return the folder of the bench's reports: as given, or `CUSTODIET_BENCH`, or None."""
    named = given or os.environ.get(BENCH_VARIABLE)
    if not named:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        origin = "--bench" if given else BENCH_VARIABLE
        raise InputError(f"{folder}: there is no such folder of reports; give its path with {origin}.")
    return folder


def judgements_path(given: Path | str | None = None) -> Path:
    """Return the user's own judgement file: as given, or `CUSTODIET_JUDGEMENTS`, or in the user's data folder."""
    if given is not None:
        return Path(given).expanduser()
    if named := os.environ.get(JUDGEMENTS_VARIABLE):
        return Path(named).expanduser()
    return _user_folder("data") / "judgements.jsonl"


def cache_path() -> Path:
    """Return the folder of earlier downloads."""
    return _user_folder("cache")
