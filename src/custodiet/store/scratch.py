"""A database in memory for one run: released logs are read into it, and nothing of it is ever written by DuckDB itself."""

from pathlib import Path

import duckdb

from custodiet.store.database import OFFLINE, Register, Settings


def open_scratch(memory_limit: str | None = None) -> Register:
    """Return an empty database in memory that has no temporary folder; its limit is DuckDB's own, or the one given.

    Released text may hold plates and names. DuckDB can encrypt what it spills only with an extension that we do not
    fetch, so it gets no folder to spill to: a log that does not fit ends the run with a sentence.
    """
    # Blocks that are let go are used again, and not given back to the system only to be asked for anew.
    blocks: Settings = {"block_allocator_memory": "3GB"}
    limit: Settings = {"memory_limit": memory_limit} if memory_limit else {}
    connection = duckdb.connect(":memory:", config=OFFLINE | {"temp_directory": ""} | blocks | limit)
    return Register(connection, Path(":memory:"))
