"""A database in memory for one run: released logs are read into it, and nothing of it is ever written by DuckDB itself."""

from pathlib import Path

import duckdb

from custodiet.store.database import OFFLINE, Register

# What a log of 17 million rows needs, with room: beyond it DuckDB stops with an error instead of spilling to disk.
MEMORY_LIMIT = "16GB"


def open_scratch(memory_limit: str = MEMORY_LIMIT) -> Register:
    """Return an empty database in memory that has no temporary folder.

    Released text may hold plates and names. DuckDB can encrypt what it spills only with an extension that we do not
    fetch, so it gets no folder to spill to: a log that does not fit ends the run with a sentence.
    """
    connection = duckdb.connect(":memory:", config=OFFLINE | {"temp_directory": "", "memory_limit": memory_limit})
    return Register(connection, Path(":memory:"))
