"""From sums to figures with their intervals, for the groups that may be told of."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from app.clinic_outcomes.counts import TENTHS, AdherenceSums, CareSums, SeriesSums, Unit, together
from app.clinic_outcomes.groups import Gate, Group, everybody, groups_of
from app.clinic_outcomes.schemas import (
    AdherenceFigures,
    CurvePoint,
    DropOutFigures,
    EffectRead,
    MeasureFigures,
    MedianRead,
    ReasonRead,
    ShareRead,
    TenthRead,
    TimeFigures,
)
from app.clinical.change_basis import cutoff_used, ground
from app.clinical.domains import Domain, domain_of
from app.clinical.measure import Measure
from app.clinical.measures import MEASURES
from app.clinical.pre_post import Pairs, pre_post
from app.clinical.proportions import Clustered, Share, grouped_quantile, share, share_of_couples
from app.clinical.suppression import Cell, Shown
from app.clinical.survival import Curve, Ended, kaplan_meier

POPULATIONS: Final = ("couples_asked", "couples_scored", "pairs_scored", "couples_judged", "pairs_judged")


def measure_figures(
    gate: Gate, place: tuple[str, str], cells: Mapping[Cell, SeriesSums], reasons: Mapping[Cell, Mapping[str, int]]
) -> list[MeasureFigures]:
    """What may be told of one measure and scale; nothing where neither end is better."""
    measure, scale = MEASURES.get(place[0]), place[1]
    if measure is None or measure.direction_of(scale) == 0:
        return []
    couples = {name: {cell: getattr(sums, name) for cell, sums in cells.items()} for name in POPULATIONS}
    shown = {name: gate.shown(counts) for name, counts in couples.items()}
    is_judged = any(couples["couples_judged"].values())
    figures = []
    needed = POPULATIONS[:4:3] if is_judged else POPULATIONS[:1]
    for group in groups_of(cells, gate.axes, *(shown[name] for name in needed)):
        about = {"figure": "measures", "measure": place[0], "scale": scale}
        for name in needed:
            if not group.is_in(shown[name]):
                gate.withhold(group, couples[name], **about)
        if group.is_in(shown["couples_asked"]):
            sums = SeriesSums.of(group.of(cells))
            figures.append(_measure(measure, scale, group, sums, together(group.of(reasons)), shown))
    return figures


def _measure(  # noqa: PLR0913, PLR0917 - what one line of the answer is made of
    measure: Measure, scale: str, group: Group, sums: SeriesSums, reasons: Mapping[str, int], shown: Mapping[str, Shown]
) -> MeasureFigures:
    is_judged, are_pairs = group.is_in(shown["couples_judged"]), group.is_in(shown["pairs_judged"])
    names = ("improved", "recovered", "deteriorated")
    shares = {name: _share(sums, name, by_couple=not are_pairs) if is_judged else None for name in names}
    return MeasureFigures(
        **group.names,
        measure=measure.code,
        scale=scale,
        domain=domain_of(measure, scale),
        couples=sums.couples_asked,
        partners=sums.asked,
        judged_couples=sums.couples_judged if is_judged else None,
        improved=shares["improved"],
        recovered=shares["recovered"] if _has_line(measure, scale) else None,
        deteriorated=shares["deteriorated"],
        unchanged=sums.judged - sums.improved - sums.deteriorated if is_judged else None,
        both_improved=_of_couples(sums.both_improved, sums.pairs_judged) if are_pairs else None,
        any_deteriorated=_of_couples(sums.any_deteriorated, sums.pairs_judged) if are_pairs else None,
        not_classifiable=_reasons(reasons),
        effect=_effect(measure, scale, sums, by_couple=not group.is_in(shown["pairs_scored"]))
        if group.is_in(shown["couples_scored"])
        else None,
    )


def _share(sums: SeriesSums, name: str, *, by_couple: bool) -> ShareRead:
    counted = Clustered(
        couples=sums.couples_judged,
        judged=sums.judged,
        hits=getattr(sums, name),
        judged_squared=sums.judged_squared,
        hits_squared=getattr(sums, f"{name}_squared"),
        hits_judged=getattr(sums, f"{name}_judged"),
    )
    return _shown_share(share(counted, by_couple=by_couple))


def _of_couples(n: int, of: int) -> ShareRead:
    return _shown_share(share_of_couples(n, of))


def _shown_share(found: Share) -> ShareRead:
    return ShareRead(
        n=found.n,
        of=found.of,
        rate=found.rate,
        low=found.interval.low,
        high=found.interval.high,
        effective_n=found.effective,
    )


def _has_line(measure: Measure, scale: str) -> bool:
    """Whether anything parts the clinical from the functional range of a scale: without it nobody recovers."""
    direction = measure.direction_of(scale)
    norms = ground(measure, scale, "jacobson_truax", None).norms
    return direction != 0 and cutoff_used(measure, scale, direction, norms, explicit=False) is not None


def _effect(measure: Measure, scale: str, sums: SeriesSums, *, by_couple: bool) -> EffectRead:
    pairs = Pairs(
        couples=sums.couples_scored,
        partners=sums.scored,
        first=sums.first,
        first_squared=sums.first_squared,
        latest=sums.latest,
        latest_squared=sums.latest_squared,
        first_latest=sums.first_latest,
        partners_squared=sums.scored_squared,
        moved_squared=sums.moved_squared,
        moved_partners=sums.moved_scored,
    )
    found = pre_post(pairs, measure.direction_of(scale), by_couple=by_couple)
    standard = found.standardized_interval
    return EffectRead(
        couples=found.couples,
        partners=found.partners,
        effective_n=found.effective,
        mean_intake=found.mean_intake,
        mean_latest=found.mean_latest,
        sd_intake=found.sd_intake,
        gain=found.gain,
        low=found.gain_interval.low,
        high=found.gain_interval.high,
        standardized=found.standardized,
        standardized_low=standard and standard.low,
        standardized_high=standard and standard.high,
    )


def time_figures(gate: Gate, domain: Domain, unit: Unit, cells: Mapping[Cell, Mapping[int, Ended]]) -> list[TimeFigures]:
    """Time to the first reliable improvement of either partner, for the groups that may be told of."""
    couples = {cell: sum(ended.events + ended.censored for ended in ends.values()) for cell, ends in cells.items()}
    shown = gate.shown(couples)
    figures = []
    for group in groups_of(cells, gate.axes, shown):
        if not group.is_in(shown):
            gate.withhold(group, couples, figure="time_to_first_improvement", domain=domain)
            continue
        curve = kaplan_meier(_ends(group, cells))
        figures.append(
            TimeFigures(
                **group.names,
                domain=domain,
                unit=unit,
                couples=curve.n,
                improved=curve.events,
                median=_median(curve),
                curve=[
                    CurvePoint(
                        at=int(step.time),
                        at_risk=step.at_risk,
                        improved=step.events,
                        share=1 - step.survival,
                        low=1 - step.interval.high,
                        high=1 - step.interval.low,
                    )
                    for step in curve.steps
                ],
            )
        )
    return figures


def _ends(group: Group, cells: Mapping[Cell, Mapping[int, Ended]]) -> dict[float, Ended]:
    events, censored = Counter[int](), Counter[int]()
    for ends in group.of(cells):
        events.update({time: ended.events for time, ended in ends.items()})
        censored.update({time: ended.censored for time, ended in ends.items()})
    return {time: Ended(events[time], censored[time]) for time in events | censored}


def _median(curve: Curve) -> MedianRead:
    found = curve.median
    at, low, high = (None if time is None else int(time) for time in (found.time, found.low, found.high))
    return MedianRead(at=at, low=low, high=high)


def couples_told(gate: Gate, cells: Mapping[Cell, CareSums]) -> int | None:
    """How many couples the answer is about: all, or those of concerns that are told; None where neither may be said."""
    couples = {cell: sums.couples for cell, sums in cells.items()}
    shown = gate.shown(couples)
    group = everybody(shown)
    return sum(group.of(couples)) if group.is_in(shown) else None


def drop_out_figures(
    gate: Gate, cells: Mapping[Cell, CareSums], reasons: Mapping[Cell, Mapping[str, int]]
) -> list[DropOutFigures]:
    """How care ended, for the groups that may be told of."""
    couples = {name: {cell: getattr(sums, name) for cell, sums in cells.items()} for name in ("couples", "closed", "visited")}
    shown = {name: gate.shown(counts) for name, counts in couples.items()}
    figures = []
    for group in groups_of(cells, gate.axes, shown["couples"]):
        for name in ("couples", "closed"):
            if not group.is_in(shown[name]):
                gate.withhold(group, couples[name], figure="drop_out")
        if group.is_in(shown["couples"]):
            sums, are_closed = CareSums.of(group.of(cells)), group.is_in(shown["closed"])
            figures.append(
                DropOutFigures(
                    **group.names,
                    couples=sums.couples,
                    dropped_out=_of_couples(sums.dropped_out, sums.couples),
                    closed=sums.closed if are_closed else None,
                    dropped_out_of_closed=_of_couples(sums.dropped_out, sums.closed) if are_closed else None,
                    close_reasons=_reasons(together(group.of(reasons))) if are_closed else None,
                    silent=_of_couples(sums.silent, sums.visited) if group.is_in(shown["visited"]) else None,
                )
            )
    return figures


def adherence_figures(
    gate: Gate, cells: Mapping[Cell, AdherenceSums], tenths: Mapping[Cell, Mapping[int, int]]
) -> list[AdherenceFigures]:
    """How homework was kept, as it is spread over couples: never a score of one."""
    couples = {cell: sums.couples for cell, sums in cells.items()}
    shown = gate.shown(couples)
    figures = []
    for group in groups_of(cells, gate.axes, shown):
        if not group.is_in(shown):
            gate.withhold(group, couples, figure="adherence")
            continue
        sums, found = AdherenceSums.of(group.of(cells)), together(group.of(tenths))
        counts = [found.get(place, 0) for place in range(TENTHS)]
        figures.append(
            AdherenceFigures(
                **group.names,
                couples=sums.couples,
                within_rules=sums.within_rules,
                expected=sums.expected,
                lower_quartile=grouped_quantile(counts, 0.25),
                median=grouped_quantile(counts, 0.5),
                upper_quartile=grouped_quantile(counts, 0.75),
                tenths=[TenthRead(low=place / TENTHS, high=(place + 1) / TENTHS, couples=n) for place, n in enumerate(counts)],
            )
        )
    return figures


def _reasons(found: Mapping[str, int]) -> list[ReasonRead]:
    return [ReasonRead(reason=reason, n=n) for reason, n in sorted(found.items(), key=lambda one: (-one[1], one[0]))]
