"""A Merkle tree as in RFC 6962, section 2.1: roots, and proofs that something is in a tree and that a tree only grew."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from typing import Final

EMPTY: Final = sha256(b"").digest()
Subtree = Callable[[int, int], bytes]
"""The root of the full subtree over leaves `begin` to `end - 1`, where `end - begin` is a power of two that divides `begin`."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbours; it can be no leaf's."""
    return sha256(b"\x01" + left + right).digest()


@dataclass
class Tree:
    """A growing tree, of which only the roots of its full subtrees are held: as many as the size has binary ones."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> bytes:
        """Adds a leaf's hash; gives the root of the largest full subtree that ends with it."""
        self.size += 1
        subtree, left = leaf, self.size
        while left % 2 == 0:
            subtree, left = node_hash(self.peaks.pop(), subtree), left // 2
        self.peaks.append(subtree)
        return subtree

    @property
    def root(self) -> bytes:
        """The hash over all leaves."""
        if not self.peaks:
            return EMPTY
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def peaks_of(size: int) -> list[tuple[int, int]]:
    """The full subtrees that make up a tree, each as its first leaf and the one after its last."""
    ends = [0]
    for bit in reversed(range(size.bit_length())):
        if size >> bit & 1:
            ends.append(ends[-1] + (1 << bit))
    return list(pairwise(ends))


def inclusion(number: int, size: int, subtree: Subtree) -> list[bytes]:
    """The proof that the leaf is the one of this number in the tree of this size (PATH)."""
    return _path(number, 0, size, subtree)


def consistency(before: int, size: int, subtree: Subtree) -> list[bytes]:
    """The proof that the tree of this size begins with the one of `before` leaves (PROOF)."""
    return [] if before in {0, size} else _subproof(before, 0, size, subtree, known=True)


def is_included(leaf: bytes, number: int, size: int, proof: Iterable[bytes], root: bytes) -> bool:
    """Whether `proof` shows it (RFC 9162, section 2.1.3.2)."""
    if not 0 <= number < size:
        return False
    at, last, made = number, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            made = node_hash(step, made)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            made = node_hash(made, step)
        at, last = at >> 1, last >> 1
    return last == 0 and made == root


def is_consistent(before: int, size: int, proof: Iterable[bytes], root_before: bytes, root: bytes) -> bool:
    """Whether `proof` shows it (RFC 9162, section 2.1.4.2)."""
    steps = list(proof)
    if before in {0, size}:
        return not steps and (root_before == root if before else root_before == EMPTY)
    if not 0 < before < size or not steps:
        return False
    if before & (before - 1) == 0:
        steps.insert(0, root_before)
    at, last = before - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = node_hash(second, step)
        at, last = at >> 1, last >> 1
    return last == 0 and first == root_before and second == root


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _root(begin: int, end: int, subtree: Subtree) -> bytes:
    size = end - begin
    if size & (size - 1) == 0:
        return subtree(begin, end)
    middle = begin + _split(size)
    return node_hash(subtree(begin, middle), _root(middle, end, subtree))


def _path(number: int, begin: int, end: int, subtree: Subtree) -> list[bytes]:
    if end - begin == 1:
        return []
    middle = begin + _split(end - begin)
    if number < middle:
        return [*_path(number, begin, middle, subtree), _root(middle, end, subtree)]
    return [*_path(number, middle, end, subtree), _root(begin, middle, subtree)]


def _subproof(before: int, begin: int, end: int, subtree: Subtree, *, known: bool) -> list[bytes]:
    if before == end:
        return [] if known else [_root(begin, end, subtree)]
    middle = begin + _split(end - begin)
    if before <= middle:
        return [*_subproof(before, begin, middle, subtree, known=known), _root(middle, end, subtree)]
    return [*_subproof(before, middle, end, subtree, known=False), _root(begin, middle, subtree)]
