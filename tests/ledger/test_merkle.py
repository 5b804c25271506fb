"""The tree is that of RFC 6962: its published vectors, its definition, another implementation; a proof shows nothing else."""

from hashlib import sha256

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ledger.merkle import (
    EMPTY,
    Tree,
    consistency,
    inclusion,
    is_consistent,
    is_included,
    leaf_hash,
    peaks_of,
)

# Test vectors of the reference implementation of Certificate Transparency, RFC 6962
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
PATH_OF_THE_FIRST = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
SIZES = st.integers(1, 70)


class Whole:
    """Every leaf of a tree, and its subtrees by the definition alone."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.leaves = [leaf_hash(leaf) for leaf in leaves]

    def root(self, begin: int, end: int) -> bytes:
        """MTH, as section 2.1 defines it."""
        if end == begin:
            return sha256(b"").digest()
        if end - begin == 1:
            return self.leaves[begin]
        half = 1
        while half * 2 < end - begin:
            half *= 2
        return sha256(b"\x01" + self.root(begin, begin + half) + self.root(begin + half, end)).digest()


def some(size: int) -> Whole:
    return Whole([str(number).encode() for number in range(size)])


def grown(whole: Whole) -> Tree:
    tree = Tree()
    for leaf in whole.leaves:
        tree.append(leaf)
    return tree


@pytest.mark.parametrize("size", range(1, 9))
def test_the_published_roots_come_out(size: int) -> None:
    assert grown(Whole(LEAVES[:size])).root.hex() == ROOTS[size - 1]


def test_the_published_path_and_the_empty_tree_come_out() -> None:
    whole = Whole(LEAVES)
    assert [step.hex() for step in inclusion(0, 8, whole.root)] == list(PATH_OF_THE_FIRST)
    assert Tree().root == EMPTY == whole.root(0, 0)


@given(SIZES)
def test_a_grown_tree_has_the_root_of_the_definition_and_hands_out_its_full_subtrees(size: int) -> None:
    whole, tree = some(size), Tree()
    for number, leaf in enumerate(whole.leaves, start=1):
        subtree = tree.append(leaf)
        assert subtree == whole.root(number - (number & -number), number)
    assert tree.root == whole.root(0, size)
    assert tree.peaks == [whole.root(begin, end) for begin, end in peaks_of(size)]


@given(SIZES.flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))))
def test_a_proof_shows_its_leaf_and_no_other_place_leaf_tree_or_proof(drawn: tuple[int, int]) -> None:
    size, number = drawn
    whole = some(size)
    root, proof = whole.root(0, size), inclusion(number, size, whole.root)
    assert is_included(whole.leaves[number], number, size, proof, root)
    assert not is_included(leaf_hash(b"another"), number, size, proof, root)
    assert not is_included(whole.leaves[number], number, size, proof, EMPTY)
    assert not is_included(whole.leaves[number], number, size, [*proof, root], root)
    assert not any(is_included(whole.leaves[number], other, size, proof, root) for other in range(size) if other != number)
    for at in range(len(proof)):
        assert not is_included(whole.leaves[number], number, size, [*proof[:at], EMPTY, *proof[at + 1 :]], root)


@given(SIZES.flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size))))
def test_a_proof_shows_that_a_tree_only_grew_and_no_other_history(drawn: tuple[int, int]) -> None:
    size, before = drawn
    whole = some(size)
    roots, proof = (whole.root(0, before), whole.root(0, size)), consistency(before, size, whole.root)
    assert is_consistent(before, size, proof, *roots)
    if 0 < before < size:
        rewritten = Whole([b"rewritten", *(str(number).encode() for number in range(1, size))])
        assert not is_consistent(before, size, proof, rewritten.root(0, before), roots[1])
        assert not is_consistent(before, size, proof, roots[0], rewritten.root(0, size))
        assert not is_consistent(before, size, [], *roots)
        for at in range(len(proof)):
            assert not is_consistent(before, size, [*proof[:at], EMPTY, *proof[at + 1 :]], *roots)


@given(SIZES)
def test_pymerkle_grows_the_same_tree(size: int) -> None:
    other = pymerkle.InmemoryTree(algorithm="sha256")
    for number in range(size):
        other.append_entry(str(number).encode())
    assert other.get_root() == grown(some(size)).root
