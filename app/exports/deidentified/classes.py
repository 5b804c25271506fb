"""k-anonymity: couples that look alike in what an outsider may know of them stand in classes, none smaller than k.

What is known of a couple are traits, each a ladder of ever coarser words. From the top down, a group of at least k couples is
parted by one trait after the other: words that k couples share are told, the rest is tried a rung coarser, and what is still
rare in the end is not told. A rest of fewer than k takes in the smallest other part where that costs less than leaving the rest
out; otherwise its couples are left out. So every class that is told, with everything not told in it, holds at least k couples
(Samarati and Sweeney 1998; the way down is Fung, Wang and Yu's top-down specialisation, 2005).
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

One = TypeVar("One", bound=Hashable)
Ladder = tuple[str, ...]
"""A trait in words, each coarser than the one before it; empty where nothing of it may be told."""
Told = tuple[str | None, ...]
"""One word a trait; None where it is not told."""

WORTH: Final = 3
"""Our proposal: hiding a trait of three couples costs as much as leaving one couple out."""


@dataclass(frozen=True)
class Classes(Generic[One]):
    """What is told of each couple that stays, and which are left out."""

    told: Mapping[One, Told]
    left_out: frozenset[One]

    @property
    def sizes(self) -> list[int]:
        """How many couples each class holds, the smallest first."""
        members: defaultdict[Told, int] = defaultdict(int)
        for words in self.told.values():
            members[words] += 1
        return sorted(members.values())


def classify(traits: Mapping[One, Sequence[Ladder]], k: int) -> Classes[One]:
    """Classes of at least k; every couple has the same traits in the same order, those that matter most first."""
    told: dict[One, Told] = {}
    left_out: set[One] = set()
    ahead: list[tuple[Told, list[One]]] = [((), list(traits))] if traits else []
    while ahead:
        words, group = ahead.pop()
        if len(group) < k:
            left_out.update(group)
        elif len(words) == len(traits[group[0]]):
            told.update(dict.fromkeys(group, words))
        else:
            parts, out = _parted({one: traits[one][len(words)] for one in group}, k)
            left_out.update(out)
            ahead += [((*words, word), part) for word, part in parts.items()]
    return Classes(told, frozenset(left_out))


def _parted(ladders: Mapping[One, Ladder], k: int) -> tuple[dict[str | None, list[One]], list[One]]:
    """The parts of a group by the word that is told of each, and who is left out."""
    parts: dict[str | None, list[One]] = {}
    rest = list(ladders)
    for rung in range(max(map(len, ladders.values()))):
        shared: defaultdict[str, list[One]] = defaultdict(list)
        for one in rest:
            if rung < len(ladders[one]):
                shared[ladders[one][rung]].append(one)
        for word, part in sorted(shared.items()):
            if len(part) >= k:
                parts.setdefault(word, []).extend(part)
        rest = [one for one in rest if rung >= len(ladders[one]) or len(shared[ladders[one][rung]]) < k]
    if not rest:
        return parts, []
    if len(rest) < k:
        smallest = min(parts, key=lambda word: (len(parts[word]), str(word)), default=None)
        if smallest is None or len(parts[smallest]) > WORTH * len(rest):
            return parts, rest
        rest += parts.pop(smallest)
    parts[None] = rest
    return parts, []
