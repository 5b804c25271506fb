"""What the database adds up over a clinic's kept figures: sums by concern and protocol, never a row of one couple."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from datetime import date
from typing import Any, Final, Literal, Self

from sqlalchemy import ColumnElement, Select, case, func, select

from app.access.work import Work
from app.caseload.models import CoupleStanding, SeriesOutcome
from app.clinical.domains import Domain
from app.clinical.suppression import Cell
from app.clinical.survival import Ended

Unit = Literal["weeks", "visits"]
NO_PROTOCOL: Final = "no_protocol"
TENTHS: Final = 10


@dataclass(frozen=True)
class Sums:
    """Numbers that add up: those of a group are the sum of those of its cells."""

    @classmethod
    def read(cls, numbers: Iterable[Any]) -> Self:
        """As the database says it, which may call a whole number a decimal."""
        return cls(
            *(int(number) if field.type is int else float(number) for field, number in zip(fields(cls), numbers, strict=True))
        )

    @classmethod
    def of(cls, parts: Iterable[Self]) -> Self:
        """All parts together."""
        return cls(*(sum(numbers) for numbers in zip(*(astuple(part) for part in parts), strict=True)))


@dataclass(frozen=True)
class SeriesSums(Sums):
    """Of one measure and scale. Asked is who has a score, scored who has a later one too, judged whose change has a class.

    `..._squared` and products of two names are sums over couples, of what their partners come to together; pairs are couples
    both of whose partners are scored, or judged.
    """

    couples_asked: int
    asked: int
    couples_scored: int
    scored: int
    scored_squared: int
    pairs_scored: int
    first: float
    first_squared: float
    latest: float
    latest_squared: float
    first_latest: float
    moved_squared: float
    moved_scored: float
    couples_judged: int
    judged: int
    judged_squared: int
    pairs_judged: int
    improved: int
    improved_squared: int
    improved_judged: int
    recovered: int
    recovered_squared: int
    recovered_judged: int
    deteriorated: int
    deteriorated_squared: int
    deteriorated_judged: int
    both_improved: int
    any_deteriorated: int


@dataclass(frozen=True)
class CareSums(Sums):
    """Couples by where their latest episode stands, and how long ago open ones had their last hour."""

    couples: int
    closed: int
    dropped_out: int
    visited: int
    silent: int


@dataclass(frozen=True)
class AdherenceSums(Sums):
    """Couples that were offered homework they did not decline, and what both partners kept of it within the rules."""

    couples: int
    within_rules: int
    expected: int


def count_series(work: Work) -> dict[tuple[str, str], dict[Cell, SeriesSums]]:
    """By measure and scale, over partners who have a score; one pass over an index, couples first."""
    couple = _series_by_couple()
    place = (couple.c.measure_code, couple.c.scale, couple.c.concern, couple.c.protocol)
    moved = couple.c.latest - couple.c.first
    one = {name: couple.c[name] for name in ("scored", "judged", "improved", "recovered", "deteriorated")}
    sums: dict[str, ColumnElement[Any]] = {
        "couples_asked": func.count(),
        "asked": func.sum(couple.c.asked),
        "couples_scored": _how_many(one["scored"] > 0),
        "pairs_scored": _how_many(one["scored"] == 2),
        "couples_judged": _how_many(one["judged"] > 0),
        "pairs_judged": _how_many(one["judged"] == 2),
        "both_improved": _how_many(one["improved"] == 2),
        "any_deteriorated": _how_many((one["judged"] == 2) & (one["deteriorated"] > 0)),
        "moved_squared": func.sum(moved * moved),
        "moved_scored": func.sum(moved * one["scored"]),
        **{name: func.sum(number) for name, number in one.items()},
        **{f"{name}_squared": func.sum(number * number) for name, number in one.items()},
        **{f"{name}_judged": func.sum(number * one["judged"]) for name, number in one.items()},
        **{name: func.sum(couple.c[name]) for name in ("first", "first_squared", "latest", "latest_squared", "first_latest")},
    }
    found: defaultdict[tuple[str, str], dict[Cell, SeriesSums]] = defaultdict(dict)
    columns = [sums[field.name] for field in fields(SeriesSums)]
    for measure, scale, concern, protocol, *numbers in work.session.execute(select(*place, *columns).group_by(*place)):
        found[measure, scale][_cell(concern, protocol)] = SeriesSums.read(numbers)
    return found


def _series_by_couple() -> Any:
    """One row a couple, measure and scale: what its one or two partners come to together, in the order of the index."""
    place = (
        SeriesOutcome.measure_code,
        SeriesOutcome.scale,
        SeriesOutcome.concern,
        SeriesOutcome.protocol,
        SeriesOutcome.couple_id,
    )
    later = SeriesOutcome.scores > 1
    first, latest, found = SeriesOutcome.intake, SeriesOutcome.latest, SeriesOutcome.change_class
    return (
        select(
            *place,
            func.count().label("asked"),
            _how_many(later).label("scored"),
            _how_many(found != "not_classifiable").label("judged"),
            _how_many(found.in_(("improved", "recovered"))).label("improved"),
            _how_many(found == "recovered").label("recovered"),
            _how_many(found == "deteriorated").label("deteriorated"),
            _sum_where(later, first).label("first"),
            _sum_where(later, first * first).label("first_squared"),
            _sum_where(later, latest).label("latest"),
            _sum_where(later, latest * latest).label("latest_squared"),
            _sum_where(later, first * latest).label("first_latest"),
        )
        .where(SeriesOutcome.concern.is_not(None))
        .group_by(*place)
        .subquery()
    )


def count_reasons(work: Work) -> dict[tuple[str, str], dict[Cell, dict[str, int]]]:
    """By measure and scale: why partners' changes have no class, and how many partners each."""
    place = (SeriesOutcome.measure_code, SeriesOutcome.scale, SeriesOutcome.concern, SeriesOutcome.protocol)
    query = (
        select(*place, SeriesOutcome.not_why, func.count())
        .where(SeriesOutcome.concern.is_not(None), SeriesOutcome.not_why.is_not(None))
        .group_by(*place, SeriesOutcome.not_why)
    )
    found: defaultdict[tuple[str, str], defaultdict[Cell, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for measure, scale, concern, protocol, reason, n in work.session.execute(query):
        found[measure, scale][_cell(str(concern), protocol)][str(reason)] = n
    return {place: dict(cells) for place, cells in found.items()}


def count_care(work: Work, silent_before: date) -> tuple[dict[Cell, CareSums], dict[Cell, dict[str, int]]]:
    """Where latest episodes stand, and why those that ended did; `dropped_out` by the reasons of the settings."""
    gone = tuple(work.settings.drop_out_reasons)
    is_closed = CoupleStanding.closed_on.is_not(None)
    is_visited = ~is_closed & CoupleStanding.last_visit_on.is_not(None)
    numbers = (
        func.count(),
        _how_many(is_closed),
        _how_many(is_closed & CoupleStanding.close_reason.in_(gone)),
        _how_many(is_visited),
        _how_many(is_visited & (CoupleStanding.last_visit_on < silent_before)),
    )
    rows = work.session.execute(_couples(*numbers))
    sums = {_cell(concern, protocol): CareSums.read(row) for concern, protocol, *row in rows}
    reasons: defaultdict[Cell, dict[str, int]] = defaultdict(dict)
    query = _couples(CoupleStanding.close_reason, func.count()).where(is_closed).group_by(CoupleStanding.close_reason)
    for concern, protocol, reason, n in work.session.execute(query):
        reasons[_cell(concern, protocol)][reason] = n
    return sums, dict(reasons)


def count_adherence(work: Work) -> tuple[dict[Cell, AdherenceSums], dict[Cell, dict[int, int]]]:
    """What was kept within the rules of what was offered and not declined, and how many couples by tenths of it."""
    expected = CoupleStanding.offered - CoupleStanding.declined
    kept = CoupleStanding.within_rules
    tenth = case((kept >= expected, TENTHS - 1), else_=func.floor(kept * float(TENTHS) / expected))
    numbers = (func.count(), func.sum(kept), func.sum(expected))
    query = _couples(tenth.label("tenth"), *numbers).where(expected > 0).group_by("tenth")
    sums: defaultdict[Cell, list[AdherenceSums]] = defaultdict(list)
    tenths: defaultdict[Cell, dict[int, int]] = defaultdict(dict)
    for concern, protocol, place, *row in work.session.execute(query):
        cell, kept_by = _cell(concern, protocol), AdherenceSums.read(row)
        sums[cell].append(kept_by)
        tenths[cell][int(place)] = kept_by.couples
    return {cell: AdherenceSums.of(parts) for cell, parts in sums.items()}, dict(tenths)


def count_times(work: Work, domain: Domain, unit: Unit) -> dict[Cell, dict[int, Ended]]:
    """Couples whose change on one side of their life can be judged: by whole weeks, or visits, until either was better.

    Those who were not yet better count as followed until then; in visits only couples of whom signed notes tell any.
    """
    better = getattr(CoupleStanding, f"{domain}_{unit}")
    followed = getattr(CoupleStanding, f"{domain}_weeks_followed")
    until = followed if unit == "weeks" else CoupleStanding.visits
    time, is_better = func.ceil(func.coalesce(better, until)), better.is_not(None)
    query = _couples(time, is_better, func.count()).where(followed.is_not(None)).group_by(time, is_better)
    if unit == "visits":
        query = query.where(CoupleStanding.visits > 0)
    found: defaultdict[Cell, dict[int, Ended]] = defaultdict(dict)
    for concern, protocol, at, is_event, n in work.session.execute(query):
        before = found[_cell(concern, protocol)].get(int(at), Ended())
        ended = Ended(before.events + n, before.censored) if is_event else Ended(before.events, before.censored + n)
        found[_cell(concern, protocol)][int(at)] = ended
    return dict(found)


def _couples(*columns: Any) -> Select[*tuple[Any, ...]]:
    """Of couples that have or had an episode, by concern and protocol."""
    place = (CoupleStanding.concern, CoupleStanding.protocol)
    return select(*place, *columns).where(CoupleStanding.concern.is_not(None)).group_by(*place)


def together(parts: Iterable[Mapping[Any, int]]) -> dict[Any, int]:
    """Counts by something, added up."""
    sums: dict[Any, int] = {}
    for part in parts:
        for key, n in part.items():
            sums[key] = sums.get(key, 0) + n
    return sums


def _cell(concern: str, protocol: str | None) -> Cell:
    return concern, protocol or NO_PROTOCOL


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _sum_where(condition: ColumnElement[bool], number: Any) -> ColumnElement[float]:
    return func.sum(case((condition, number), else_=0.0))
