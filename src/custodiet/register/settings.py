"""Where things are, unless an argument says otherwise."""

import os
from pathlib import Path

from custodiet.model.errors import InputError

REGISTER_VARIABLE = "CUSTODIET_REGISTER"
MIRROR_VARIABLE = "CUSTODIET_MIRROR"
JUDGEMENTS_VARIABLE = "CUSTODIET_JUDGEMENTS"
RELEASES_VARIABLE = "CUSTODIET_RELEASES"
# Where an interface is, if not where its source says; for tests, and for those who keep a copy of one.
INTERFACE_VARIABLES = {
    "usaspending": "CUSTODIET_USASPENDING_URL",
    "federal-register": "CUSTODIET_FEDERALREGISTER_URL",
    "sam-opportunities": "CUSTODIET_SAM_URL",
}
KEY_VARIABLE = "CUSTODIET_SAM_KEY"
PAUSE_VARIABLE = "CUSTODIET_PAUSE"
BENCH_VARIABLE = "CUSTODIET_BENCH"
PACKS_VARIABLE = "CUSTODIET_PACKS"
REQUESTS_VARIABLE = "CUSTODIET_REQUESTS"
DOCKET_VARIABLE = "CUSTODIET_DOCKET"
AUDITS_VARIABLE = "CUSTODIET_AUDITS"


def _user_folder(kind: str) -> Path:
    import platformdirs  # noqa: PLC0415 - only needed where no setting says otherwise

    folder = platformdirs.user_data_path if kind == "data" else platformdirs.user_cache_path
    return folder("custodiet", appauthor=False)


def _file(given: Path | str | None, variable: str, name: str) -> Path:
    """Return a place as given, or as its variable says, or by its name in the user's data folder."""
    if given is None:
        given = os.environ.get(variable) or _user_folder("data") / name
    return Path(given).expanduser()


def _folder(given: Path | str | None, variable: str, option: str, what: str) -> Path | None:
    """Return a folder as given, or as its variable says, or None; one that is named is there."""
    named = given or os.environ.get(variable)
    if not named:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such {what}; give its path with {option if given else variable}.")
    return folder


def register_path(given: Path | str | None = None) -> Path:
    """Return the register's file: as given, or `CUSTODIET_REGISTER`, or in the user's data folder."""
    return _file(given, REGISTER_VARIABLE, "register.duckdb")


def mirror_path(given: Path | str | None = None) -> Path | None:
    """Return the mirror folder: as given, or `CUSTODIET_MIRROR`, or None."""
    return _folder(given, MIRROR_VARIABLE, "--mirror", "mirror folder")


def bench_path(given: Path | str | None = None) -> Path | None:
    """Return the folder of the bench's reports: as given, or `CUSTODIET_BENCH`, or None."""
    return _folder(given, BENCH_VARIABLE, "--bench", "folder of reports")


def audits_path(given: Path | str | None = None) -> Path | None:
    """Return the folder of audits of query logs: as given, or `CUSTODIET_AUDITS`, or None."""
    return _folder(given, AUDITS_VARIABLE, "--audits", "folder of audits")


def packs_path(given: Path | str | None = None) -> Path | None:
    """Return the folder of the user's own packs of duties: as given, or `CUSTODIET_PACKS`, or None."""
    return _folder(given, PACKS_VARIABLE, "--packs", "folder of packs")


def judgements_path(given: Path | str | None = None) -> Path:
    """Return the user's own judgement file: as given, or `CUSTODIET_JUDGEMENTS`, or in the user's data folder."""
    return _file(given, JUDGEMENTS_VARIABLE, "judgements.jsonl")


def requests_path(given: Path | str | None = None) -> Path:
    """Return the file of the user's records requests: as given, or `CUSTODIET_REQUESTS`, or in the user's data folder."""
    return _file(given, REQUESTS_VARIABLE, "requests.jsonl")


def releases_path(given: Path | str | None = None) -> Path:
    """Return the folder of the user's own releases: as given, or `CUSTODIET_RELEASES`, or in the user's data folder."""
    return _file(given, RELEASES_VARIABLE, "releases")


def docket_path(given: Path | str | None = None) -> Path:
    """Return the folder of the docket: as given, or `CUSTODIET_DOCKET`, or in the user's data folder."""
    return _file(given, DOCKET_VARIABLE, "docket")


def cache_path() -> Path:
    """Return the folder of earlier downloads."""
    return _user_folder("cache")


def interface_address(source: str, official: str) -> str:
    """Return where a source's interface is: as its variable says, or the official address."""
    return os.environ.get(INTERFACE_VARIABLES[source]) or official


def interface_key() -> str:
    """Return the key for SAM.gov. It goes into no file and no sentence.

    Raises:
        InputError: there is none.

    """
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not key:
        raise InputError(f"SAM.gov wants a key; get one from your account there, and set {KEY_VARIABLE}.")
    return key


def pause_seconds(given: float | None, usual: float) -> float:
    """Return the seconds between two requests: as given, or `CUSTODIET_PAUSE`, or the usual.

    Raises:
        InputError: the setting is no number of seconds.

    """
    text = str(given) if given is not None else os.environ.get(PAUSE_VARIABLE, str(usual))
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3600:
        raise InputError(f"{text[:40]!r} is no number of seconds to pause; set {PAUSE_VARIABLE} to one such as 0.5.")
    return seconds
