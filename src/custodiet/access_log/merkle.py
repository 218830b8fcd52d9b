"""A Merkle root over the rows of the released files (RFC 9162, section 2.1.1): a holder of the originals can verify it.

A row's leaf is SHA-256 of a zero byte, the audit's salt, and its cells in the file's order of columns, joined by the unit
separator U+001F; a file with that character in a cell is refused, so no two rows have one leaf. The salt keeps anybody
  from guessing a row from its hash; the leaves are never kept, and the root tells nothing.
"""

from collections.abc import Sequence

from custodiet.model import merkle
from custodiet.model.beside import Beside
from custodiet.store import Register

SEPARATOR = "\x1f"
# Levels of this many nodes and fewer are folded in Python.
SMALL = 1 << 12
# Rows that are hashed as one part.
PART = 1 << 18


def leaf_of(salt: bytes, cells: Sequence[str]) -> bytes:
    """Return the leaf of one row: how anybody else computes it."""
    return merkle.leaf_of(salt + SEPARATOR.join(cells).encode())


def leaf_sql(columns: Sequence[str]) -> str:
    """Return SQL for the leaf of a row of text columns without nulls; the salt is the parameter `leaf`."""
    return f"unhex(sha256('\\x00'::blob || $leaf::blob || encode(concat_ws(chr({ord(SEPARATOR)}), {', '.join(columns)}))))"


def root_of_table(database: Register, table: str) -> bytes:
    """Return the root over the column `leaf` of a table, in the order of its rows.

    Parts of the table are hashed side by side: a part of a power of two is a tree of its own within the whole one.
    """
    ((count,),) = database.rows(f"select count(*) from {table}")
    starts = range(0, count, PART)
    others = Beside(lambda: [_root_of_part(database.beside(), table, start) for start in starts[1::2]])
    try:
        roots = [_root_of_part(database, table, start) for start in starts[::2]]
    finally:
        others.wait()
    nodes = dict(zip(starts[::2], roots, strict=True)) | dict(zip(starts[1::2], others.result(), strict=True))
    return merkle.root_of([nodes[start] for start in starts])


def _root_of_part(database: Register, table: str, start: int) -> bytes:
    """Return the root over the leaves of the rows from `start` on, as many as are a part."""
    level = f"part_{start}_0"
    database.run(f"create table {level} as select leaf from {table} where rowid >= {start} and rowid < {start + PART}")
    ((count,),) = database.rows(f"select count(*) from {level}")
    number = 0
    while count > SMALL:
        number += 1
        above = f"part_{start}_{number}"
        # An odd node at the end of a level moves up unhashed: the tree of RFC 9162, whose left half is always whole.
        database.run(f"""
            create table {above} as
            select case when b.leaf is null then a.leaf else unhex(sha256('\\x01'::blob || a.leaf || b.leaf)) end as leaf
            from (select leaf from {level} where rowid % 2 = 0) a
            positional join (select leaf from {level} where rowid % 2 = 1) b
        """)
        database.run(f"drop table {level}")
        level, count = above, (count + 1) // 2
    nodes = [bytes(leaf) for (leaf,) in database.rows(f"select leaf from {level} order by rowid")]
    database.run(f"drop table {level}")
    return merkle.root_of(nodes)
