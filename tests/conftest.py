"""Where the tests find real input: the mirror, and a register that is built from it once a run."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import custodiet


@pytest.fixture(scope="session")
def mirror() -> Path:
    """The folder of published files; tests on real input skip where there is none."""
    named = os.environ.get("CUSTODIET_MIRROR")
    if not named or not Path(named).is_dir():
        pytest.skip("CUSTODIET_MIRROR names no folder of published files; see docs/sources.md")
    return Path(named)


@pytest.fixture(scope="session")
def register_file(mirror: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register that is built from the mirror, with the shipped judgements only."""
    folder = tmp_path_factory.mktemp("register")
    path = folder / "register.duckdb"
    (folder / "none.jsonl").touch()
    custodiet.build(path, mirror, judgements=folder / "none.jsonl", releases=folder / "none")
    return path


@pytest.fixture(scope="session")
def register(register_file: Path) -> Iterator[custodiet.Register]:
    """The built register, open for reading."""
    with custodiet.open_register(register_file) as opened:
        yield opened


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of reference cases and NIST's tables."""
    beside = Path(__file__).parent.parent.parent / "shared" / "reference"
    folder = Path(os.environ.get("CUSTODIET_REFERENCE", beside))
    if not folder.is_dir():
        pytest.skip("CUSTODIET_REFERENCE names no folder of reference cases")
    return folder
