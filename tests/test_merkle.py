"""The Merkle tree, against the vectors of Certificate Transparency and a slow recursion of the RFC's own."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodiet.model.merkle import (
    is_consistent,
    is_included,
    leaf_of,
    levels_of,
    prove_consistency,
    prove_inclusion,
    root_of,
)

# The eight leaves, the roots of the first n of them, and proofs: merkle_tree_test.cc of certificate-transparency.
DATA = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
LEAVES = [leaf_of(bytes.fromhex(data)) for data in DATA]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
F = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
# The leaf counts from 1 here, as it does there.
INCLUSION = [(1, 8, [A, B, C]), (6, 8, [D, E, ROOTS[4]]), (3, 3, [ROOTS[2]]), (2, 5, [ROOTS[1], B, D])]
CONSISTENCY = [(1, 1, []), (1, 8, [A, B, C]), (6, 8, [F, E, ROOTS[4]]), (2, 5, [B, D])]


def slow_root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    left = split(len(leaves))
    return hashlib.sha256(b"\x01" + slow_root(leaves[:left]) + slow_root(leaves[left:])).digest()


def split(n: int) -> int:
    """Return the largest power of two below n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def slow_path(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*slow_path(m, leaves[:k]), slow_root(leaves[k:])]
    return [*slow_path(m - k, leaves[k:]), slow_root(leaves[:k])]


def slow_proof(m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    if m == len(leaves):
        return [] if whole else [slow_root(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*slow_proof(m, leaves[:k], whole), slow_root(leaves[k:])]
    return [*slow_proof(m - k, leaves[k:], False), slow_root(leaves[:k])]


def leaves_of(n: int) -> list[bytes]:
    return [leaf_of(str(i).encode()) for i in range(n)]


@pytest.mark.parametrize("size", range(9))
def test_roots_of_the_reference(size: int):
    assert root_of(LEAVES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("leaf", "size", "path"), INCLUSION)
def test_inclusion_proofs_of_the_reference(leaf: int, size: int, path: list[str]):
    found = prove_inclusion(levels_of(LEAVES[:size]), leaf - 1)
    assert [step.hex() for step in found] == path
    assert is_included(LEAVES[leaf - 1], leaf - 1, size, found, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "new", "path"), CONSISTENCY)
def test_consistency_proofs_of_the_reference(old: int, new: int, path: list[str]):
    found = prove_consistency(levels_of(LEAVES[:new]), old)
    assert [step.hex() for step in found] == path
    assert is_consistent(old, new, found, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new]))


@given(st.integers(1, 130).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n - 1))))
def test_inclusion_is_the_recursion_of_the_rfc(case: tuple[int, int]):
    size, index = case
    leaves = leaves_of(size)
    path = prove_inclusion(levels_of(leaves), index)
    assert path == slow_path(index, leaves)
    assert is_included(leaves[index], index, size, path, slow_root(leaves))


@given(st.integers(1, 130).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n))))
def test_consistency_is_the_recursion_of_the_rfc(case: tuple[int, int]):
    new, old = case
    leaves = leaves_of(new)
    proof = prove_consistency(levels_of(leaves), old)
    assert proof == slow_proof(old, leaves)
    assert is_consistent(old, new, proof, slow_root(leaves[:old]), slow_root(leaves))


@given(st.integers(2, 60), st.data())
def test_no_other_leaf_place_or_root_passes(size: int, data: st.DataObject):
    leaves = leaves_of(size)
    index = data.draw(st.integers(0, size - 1))
    path, root = prove_inclusion(levels_of(leaves), index), root_of(leaves)
    other = data.draw(st.integers(0, size - 1).filter(lambda i: i != index))
    assert not is_included(leaves[other], index, size, path, root)
    assert not is_included(leaves[index], other, size, path, root)
    assert not is_included(leaves[index], index, size, path[:-1], root)
    assert not is_included(leaves[index], index, size, [*path, root], root)
    assert not is_included(leaves[index], size, size, path, root)
    assert not is_included(leaves[index], -1, size, path, root)


@given(st.integers(2, 60), st.data())
def test_a_rewritten_past_is_not_consistent(size: int, data: st.DataObject):
    leaves = leaves_of(size)
    old = data.draw(st.integers(1, size - 1))
    changed = data.draw(st.integers(0, old - 1))
    rewritten = [leaf_of(b"other") if i == changed else leaf for i, leaf in enumerate(leaves)]
    proof = prove_consistency(levels_of(rewritten), old)
    assert not is_consistent(old, size, proof, root_of(leaves[:old]), root_of(rewritten))
    honest = prove_consistency(levels_of(leaves), old)
    assert not is_consistent(old, size, honest, root_of(leaves[:old]), root_of(rewritten))
    assert not is_consistent(old, size, [], root_of(leaves[:old]), root_of(leaves))


def test_the_empty_tree_begins_every_tree():
    empty = root_of([])
    assert is_consistent(0, 8, [], empty, bytes.fromhex(ROOTS[8]))
    assert not is_consistent(0, 8, [], bytes.fromhex(ROOTS[1]), bytes.fromhex(ROOTS[8]))
    assert not is_consistent(3, 2, [], empty, empty)
