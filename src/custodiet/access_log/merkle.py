"""A Merkle root over the rows of the released files (RFC 9162, section 2.1.1): a holder of the originals can verify it.

A row's leaf is SHA-256 of a zero byte, the audit's salt, and its cells in the file's order of columns, joined by the unit
separator U+001F; a file with that character in a cell is refused, so no two rows have one leaf. The salt keeps anybody
  from guessing a row from its hash; the leaves are never kept, and the root tells nothing.
"""

from collections.abc import Sequence

from custodiet.model import merkle
from custodiet.store import Register

SEPARATOR = "\x1f"
# Levels of this many nodes and fewer are folded in Python.
SMALL = 1 << 14


def leaf_of(salt: bytes, cells: Sequence[str]) -> bytes:
    """Return the leaf of one row: how anybody else computes it."""
    return merkle.leaf_of(salt + SEPARATOR.join(cells).encode())


def leaf_sql(columns: Sequence[str]) -> str:
    """Return SQL for the leaf of a row of text columns without nulls; the salt is the parameter `leaf`."""
    return f"unhex(sha256('\\x00'::blob || $leaf::blob || encode(concat_ws(chr({ord(SEPARATOR)}), {', '.join(columns)}))))"


def fold_level(database: Register, level: str, above: str) -> None:
    """Make the table `above`: the nodes over those in the column `leaf` of a level, in the order of its rows.

    An odd node at the end of a level moves up unhashed: the tree of RFC 9162, whose left half is always whole.
    """
    database.run(f"""
        create table {above} as
        select case when b.leaf is null then a.leaf else unhex(sha256('\\x01'::blob || a.leaf || b.leaf)) end as leaf
        from (select leaf from {level} where rowid % 2 = 0) a
        positional join (select leaf from {level} where rowid % 2 = 1) b
    """)


def root_of_table(database: Register, table: str) -> bytes:
    """Return the root over the nodes in the column `leaf` of a table, in the order of its rows; the table is dropped."""
    ((count,),) = database.rows(f"select count(*) from {table}")
    number = 0
    while count > SMALL:
        number += 1
        fold_level(database, table, f"level_{number}")
        database.run(f"drop table {table}")
        table, count = f"level_{number}", (count + 1) // 2
    leaves = [bytes(leaf) for (leaf,) in database.rows(f"select leaf from {table} order by rowid")]
    database.run(f"drop table {table}")
    return merkle.root_of(leaves)
