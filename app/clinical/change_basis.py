"""Chooses and tells what a change rests on: which threshold, which norms, which line between the ranges."""

from dataclasses import dataclass
from typing import Literal

from app.clinical.compare import compare
from app.clinical.measure import Direction, Measure, Operator
from app.clinical.norms import ChangeStatus, NormSet, ReliabilityKind, ReliableChange
from app.clinical.reliable_index import Method, cut_a, cut_b, cut_c
from app.clinical.score_errors import NO_ERRORS, ScoreErrors
from app.clinical.source import Source

CutKind = Literal["published", "a", "b", "c"]
# Maassen's formula is the same one, with both errors computed; the other methods need a group's mean.
BY_ERRORS: frozenset[Method] = frozenset({"jacobson_truax", "maassen"})
_UNKNOWN = Source("No reliability is known for this scale", "proposal")


@dataclass(frozen=True)
class CutoffUsed:
    """The line between the ranges that a class was given with; a score that stands `operator value` is clinical."""

    kind: CutKind
    operator: Operator
    value: float
    source: Source

    def functional(self, score: float) -> bool:
        """Whether a score lies on the functional side; a tie with a computed line is functional."""
        return not compare(score, self.operator, self.value)


@dataclass(frozen=True)
class Basis:
    """What an index and a class rest on; `published_points` stands where a published threshold was preferred."""

    method: Method
    status: ChangeStatus
    source: Source
    published_points: float | None = None
    norm_set: str | None = None
    norms_source: Source | None = None
    local: bool = False
    population: str | None = None
    n: int | None = None
    sd: float | None = None
    sd_note: str = ""
    reliability: float | None = None
    reliability_kind: ReliabilityKind | None = None
    reliability_gap: str = ""
    reliability_source: Source | None = None
    pre_error: float | None = None
    post_error: float | None = None
    confidence_level: float = 0.95
    note: str = ""


@dataclass(frozen=True)
class Ground:
    """The basis as it is told, with the threshold or the norms it is computed from."""

    basis: Basis
    points: float | None = None
    norms: NormSet | None = None
    errors: ScoreErrors = NO_ERRORS


def ground(measure: Measure, scale: str, method: Method, norms: NormSet | None, errors: ScoreErrors = NO_ERRORS) -> Ground:
    """What a change on this scale rests on; a refusal of the measure itself holds whatever norms are given."""
    known = measure.reliable_change_of(scale) or ReliableChange(scale, "insufficient_norms", _UNKNOWN)
    if known.status in {"not_an_outcome", "safety_screen_no_change_scores"}:
        return Ground(Basis(method, known.status, known.source, note=known.note))
    if norms is not None:
        return Ground(_from_norms(method, norms, norms.status, norms.source, ""), norms=norms)
    if known.points is not None and method == "jacobson_truax":
        return Ground(Basis(method, known.status, known.source, known.points, note=known.note), points=known.points)
    if known.status == "from_score_errors" and method in BY_ERRORS:
        return _from_errors(method, known, errors)
    own = norms_in_force(measure, scale)
    if own is None:
        return Ground(Basis(method, "insufficient_norms", known.source, note=known.note))
    return Ground(_from_norms(method, own, own.status, known.source, known.note), norms=own)


def norms_in_force(measure: Measure, scale: str, chosen: NormSet | None = None) -> NormSet | None:
    """The norms chosen explicitly, else those the measure uses by default for this scale, if it has any."""
    known = measure.reliable_change_of(scale)
    return chosen or (measure.norm_set(known.norm_set or "") if known else None)


def cutoff_used(
    measure: Measure, scale: str, direction: Direction, norms: NormSet | None, *, explicit: bool
) -> CutoffUsed | None:
    """The line a class is given with: of a functional group chosen explicitly, else published, else computed, else none.

    Cut a knows the clinical group alone: it stands in where nothing better does, and not for a published line.
    """
    published = measure.functional_cutoff(scale)
    computed = computed_cutoff(direction, norms) if norms else None
    if computed and not _within(measure, scale, computed.value):
        computed = None  # beyond the scale's ends it would part nobody from anybody
    if published is None or (explicit and computed and computed.kind != "a"):
        return computed
    return CutoffUsed("published", published.operator, published.value, published.source)


def _within(measure: Measure, scale: str, value: float) -> bool:
    found = measure.scale(scale)
    return found is not None and found.low <= value <= found.high


def computed_cutoff(direction: Direction, norms: NormSet) -> CutoffUsed | None:
    """Cut c where both groups are known and overlap, else b, else a (Jacobson & Truax 1991)."""
    a, b, c = cut_a(direction, norms), cut_b(direction, norms), cut_c(norms)
    side: Operator = "<" if direction == 1 else ">"
    overlap = a is not None and b is not None and direction * (a - b) >= 0
    if c is not None and overlap:
        return CutoffUsed("c", side, c, norms.source)
    if b is not None:
        return CutoffUsed("b", side, b, norms.source)
    return CutoffUsed("a", side, a, norms.source) if a is not None else None


def _from_errors(method: Method, known: ReliableChange, errors: ScoreErrors) -> Ground:
    basis = Basis(method, known.status, known.source, pre_error=errors.pre, post_error=errors.post, note=known.note)
    return Ground(basis, errors=errors)


def _from_norms(method: Method, norms: NormSet, status: ChangeStatus, source: Source, note: str) -> Basis:
    return Basis(
        method=method,
        status=status,
        source=source,
        norm_set=norms.code,
        norms_source=norms.source,
        local=norms.local,
        population=norms.population,
        n=norms.n,
        sd=norms.sd,
        sd_note=norms.sd_note,
        reliability=norms.reliability.value,
        reliability_kind=norms.reliability.kind,
        reliability_gap=norms.reliability.gap,
        reliability_source=norms.reliability.source,
        note=note,
    )
