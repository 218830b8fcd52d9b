"""The Merkle tree of transparency logs: roots, proofs of inclusion and of consistency, and how anybody checks them.

The tree is that of RFC 6962 and RFC 9162 (section 2.1). A tree is kept as its levels, leaves first: an odd node at the end of
a level moves up unhashed, so that every left half is whole, as the RFC's recursion has it.
"""

import hashlib
from collections.abc import Sequence

HASH_BYTES = 32


def leaf_of(data: bytes) -> bytes:
    """Return the hash of a leaf's data (RFC 9162, section 2.1.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_of(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def levels_of(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """Return the tree over leaves, level by level; its last level is the root alone. Of no leaves there are no levels."""
    levels = [list(leaves)] if leaves else []
    while levels and len(levels[-1]) > 1:
        level = levels[-1]
        paired = [node_of(a, b) for a, b in zip(level[::2], level[1::2], strict=False)]
        levels.append(paired + level[len(paired) * 2 :])
    return levels


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaves; of none, the hash of nothing."""
    return levels_of(leaves)[-1][0] if leaves else hashlib.sha256(b"").digest()


def prove_inclusion(levels: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    """Return the path from a leaf's sibling to the root's child (RFC 9162, section 2.1.3.1); `index` counts from 0."""
    return _path(levels, index)


def prove_consistency(levels: Sequence[Sequence[bytes]], old: int) -> list[bytes]:
    """Return the proof that the tree of the first `old` leaves is the beginning of this one (RFC 9162, section 2.1.4.1)."""
    if old in (0, len(levels[0]) if levels else 0):
        return []
    # The last whole subtree of the old tree: the proof begins with it, unless it is the old tree itself.
    index, height = old - 1, 0
    while index & 1:
        index, height = index >> 1, height + 1
    known = [] if old & (old - 1) == 0 else [levels[height][index]]
    return known + _path(levels[height:], index)


def _path(levels: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    path = []
    for level in levels:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1])
        index >>= 1
    return path


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Tell whether a path leads from a leaf to the root of a tree of so many leaves (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_of(step, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_of(found, step)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Tell whether a proof shows the old tree to be the beginning of the new one (RFC 9162, section 2.1.4.2)."""
    if not 0 <= old <= new:
        return False
    if old in (0, new):
        # Nothing is the beginning of everything, and a tree that of itself; neither needs a proof.
        return not path and (old_root == new_root if old else old_root == root_of([]))
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not steps:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_of(step, before), node_of(step, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_of(after, step)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root
