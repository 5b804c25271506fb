"""Which figures of a table may be shown, so that together they tell nothing about fewer couples than a minimum.

Couples stand in cells: a row and a column (a concern and a protocol). Shown may be a figure of all, of a row, of a column and
of a cell, each a sum over its couples, in one answer or in several laid side by side. What follows from sums is what can be
combined from them linearly, with any factors, and in a combination a cell counts with `factor of all + factor of its row +
factor of its column + factor of its own`.

Turn the sign of the columns' factors, and that is a difference of potential between two vertices of a graph. Rows and columns
are its vertices, cells its edges, couples their weights. What is not shown has no factor of its own: all withheld rows are
one vertex, all withheld columns one, and these two are the same unless the figure of all is shown. A shown cell is no edge,
because its own factor takes it out. A combination is about the couples on edges between different potentials, which is a cut.
Hence **something follows about fewer couples than the minimum exactly if some cut weighs less**, whichever figure is summed,
however often somebody asks, and even if they know who is in which cell. Stoer and Wagner's algorithm (1997) finds the
lightest cut.

Of sums that cannot be negative more can be said than linearly: where nobody of a group improved, nobody of any part of it
did. That is so with every statistic of a group.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeVar

Cell = tuple[str, str]
Side = Literal["row", "column"]
Vertex = tuple[Side | Literal["rest"], str]
Graph = dict[Vertex, dict[Vertex, int]]
Code = TypeVar("Code", str, Cell)

REST: Final[Vertex] = ("rest", "")
FEWEST_COUPLES: Final = 10


@dataclass(frozen=True)
class Shown:
    """The figures that may be shown: of all couples, of which rows and columns, of which cells."""

    total: bool
    rows: frozenset[str]
    columns: frozenset[str]
    cells: frozenset[Cell]

    def with_more(self, *more: "Shown") -> "Shown":
        """All of it together."""
        return Shown(
            total=self.total or any(one.total for one in more),
            rows=self.rows.union(*(one.rows for one in more)),
            columns=self.columns.union(*(one.columns for one in more)),
            cells=self.cells.union(*(one.cells for one in more)),
        )


NOTHING: Final = Shown(total=False, rows=frozenset(), columns=frozenset(), cells=frozenset())


def may_be_shown(couples: Mapping[Cell, int], minimum: int = FEWEST_COUPLES, *, cells: bool = True) -> Shown:
    """Everything that is large enough and gives nothing smaller away with what comes before it.

    Rows come first, and no two of them tell of each other, so that each large enough is always shown; then the figure of all,
    columns and cells, each the largest first. Cells come last and change nothing of the others: who asks for none need not wait
    for them.
    """
    ahead, shown = list(_by_importance(couples, minimum, cells=cells)), NOTHING

    def gives_away(last: int) -> bool:
        cut = lightest_cut(couples, shown.with_more(*ahead[: last + 1]))
        return cut is not None and cut < minimum

    while ahead:
        # Who shows less gives no more away: so the first figure that is too much can be found by halving.
        fits = bisect_left(range(len(ahead)), x=True, key=gives_away)
        shown, ahead = shown.with_more(*ahead[:fits]), ahead[fits + 1 :]
    return shown


def large_enough(couples: Mapping[Cell, int], minimum: int) -> Shown:
    """Every figure of no fewer couples than the minimum, which alone is not enough."""
    return NOTHING.with_more(*_by_importance(couples, minimum, cells=True))


def _by_importance(couples: Mapping[Cell, int], minimum: int, *, cells: bool) -> Iterable[Shown]:
    for row in _largest_first(_sums(couples, 0), minimum):
        yield replace(NOTHING, rows=frozenset({row}))
    if sum(couples.values()) >= minimum:
        yield replace(NOTHING, total=True)
    for column in _largest_first(_sums(couples, 1), minimum):
        yield replace(NOTHING, columns=frozenset({column}))
    for cell in _largest_first(couples, minimum) if cells else ():
        yield replace(NOTHING, cells=frozenset({cell}))


def lightest_cut(couples: Mapping[Cell, int], shown: Shown) -> int | None:
    """The fewest couples that anything worked out from shown figures of all, rows and columns can be about, cells taken out.

    None where nothing but shown cells can be.
    """
    graph = _graph(couples, shown)
    return min((_stoer_wagner({one: dict(graph[one]) for one in part}) for part in _parts(graph)), default=None)


def _graph(couples: Mapping[Cell, int], shown: Shown) -> Graph:
    graph: Graph = {}
    for (row, column), n in couples.items():
        one, another = _vertex("row", row, shown), _vertex("column", column, shown)
        if (row, column) in shown.cells or n == 0 or one == another:
            continue
        for here, there in ((one, another), (another, one)):
            edges = graph.setdefault(here, {})
            edges[there] = edges.get(there, 0) + n
    return graph


def _vertex(side: Side, code: str, shown: Shown) -> Vertex:
    is_shown = code in (shown.rows if side == "row" else shown.columns)
    return (side, code) if is_shown else _rest(side, shown)


def _rest(side: Side, shown: Shown) -> Vertex:
    """The vertex of everything withheld on a side; codes are never empty."""
    return (side, "") if shown.total else REST


def _parts(graph: Graph) -> Iterable[frozenset[Vertex]]:
    """The connected parts."""
    left = set(graph)
    while left:
        part, ahead = set(), [min(left)]
        while ahead:
            one = ahead.pop()
            if one not in part:
                part.add(one)
                ahead.extend(graph[one])
        left -= part
        yield frozenset(part)


def _stoer_wagner(graph: Graph) -> int:
    """The lightest cut of a connected graph; in each phase the most tightly bound vertex comes next, and the last two merge."""
    cuts = []
    while len(graph) > 1:
        bound = dict.fromkeys(sorted(graph), 0)
        before = last = min(graph)
        weight = 0
        while bound:
            before, last = last, max(bound, key=bound.__getitem__)
            weight = bound.pop(last)
            for other, n in graph[last].items():
                if other in bound:
                    bound[other] += n
        cuts.append(weight)
        _merge(graph, before, last)
    return min(cuts)


def _merge(graph: Graph, into: Vertex, gone: Vertex) -> None:
    for other, n in graph.pop(gone).items():
        del graph[other][gone]
        if other != into:
            graph[into][other] = graph[other][into] = graph[into].get(other, 0) + n


def _sums(couples: Mapping[Cell, int], axis: Literal[0, 1]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for cell, n in couples.items():
        sums[cell[axis]] = sums.get(cell[axis], 0) + n
    return sums


def _largest_first(couples: Mapping[Code, int], minimum: int) -> list[Code]:
    return sorted((code for code, n in couples.items() if n >= minimum), key=lambda code: (-couples[code], code))
