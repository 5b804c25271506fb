"""The cycle's figures as the wire shows them, each with its sentence."""

from collections.abc import Mapping, Sequence
from typing import Final

from app.clinical.cycle import CycleRules, OneWay, WhatFollowed
from app.clinical.lag_correlation import LagCorrelation
from app.clinical.since_intimacy import Told, binned
from app.clinical.weeks import Rating
from app.outcomes.cycle_schemas import (
    BinRead,
    CountRead,
    HoursPointRead,
    LagCorrelationRead,
    LagPointRead,
    OneWayRead,
    SinceIntimacyRead,
    SinceRead,
    WhatFollowedRead,
)

LABEL: Final = (
    "This describes the past, week by week. It does not show cause: a third factor may be behind both, and what came first is "
    "no verdict on what to do first."
)
HYPOTHESIS: Final = (
    "A hypothesis, shown side by side and not tested: that small irritations weigh less after good intimacy. How often a "
    "couple is intimate is no aim."
)
HOURS: Final = "hours_since_satisfying_intimacy"
AGAINST_HOURS: Final = ("irritability_tolerance", "closeness")
# The pulse's single ratings.
LOW: Final = 0.0
HIGH: Final = 10.0


def shown_what_followed(found: WhatFollowed, rules: CycleRules, scales: tuple[str, str]) -> WhatFollowedRead:
    """Both directions, or neither."""
    sexual, relational = scales
    return WhatFollowedRead(
        paired_weeks=found.paired,
        needed=rules.draw_from,
        reason=found.reason,
        low=LOW,
        high=HIGH,
        sexual_median=found.sexual_median,
        relational_median=found.relational_median,
        sexual_first=found.sexual_first and _one_way(found.sexual_first, sexual, relational),
        relational_first=found.relational_first and _one_way(found.relational_first, relational, sexual),
    )


def _one_way(way: OneWay, x: str, y: str) -> OneWayRead:
    return OneWayRead(
        x=x,
        y=y,
        n=len(way.points),
        after_above=CountRead.model_validate(way.after_above),
        after_not_above=CountRead.model_validate(way.after_not_above),
        x_at_median=way.at_median_before,
        y_at_median=way.at_median_after,
        sentence=counts_in_words(way, x, y),
        points=[LagPointRead.model_validate(point) for point in way.points],
        correlation=way.correlation and _correlation(way.correlation),
        correlation_reason=way.no_correlation,
    )


def counts_in_words(way: OneWay, x: str, y: str) -> str:
    """Both counts in a sentence, the comparison in the same breath."""
    first, second = x.replace("_", " "), y.replace("_", " ").capitalize()
    above, others = way.after_above, way.after_not_above
    return (
        f"{second} was above its own median in the week after {above.above} of {above.n} weeks above the own median of "
        f"{first}, and after {others.above} of the {others.n} other weeks."
    )


def _correlation(found: LagCorrelation) -> LagCorrelationRead:
    told = vars(found)
    sentence = (
        f"Rank correlation {found.rho:.2f} over {found.n} pairs of weeks; chance alone gives {found.low:.2f} to "
        f"{found.high:.2f} in 95 of 100 orders."
    )
    return LagCorrelationRead(**told, sentence=sentence)


def shown_since_intimacy(pulse: Mapping[str, Sequence[Rating]], rules: CycleRules, *, with_points: bool) -> SinceIntimacyRead:
    """One partner's ratings against the hours told with them."""
    return SinceIntimacyRead(
        label=HYPOTHESIS,
        **{scale: _since(pulse, scale, rules, with_points=with_points) for scale in AGAINST_HOURS},
    )


def _since(pulse: Mapping[str, Sequence[Rating]], scale: str, rules: CycleRules, *, with_points: bool) -> SinceRead:
    hours = {one.of: one.value for one in pulse.get(HOURS, ())}
    told = sorted(Told(hours[one.of], one.value) for one in pulse.get(scale, ()) if one.of in hours)
    return SinceRead(
        n=len(told),
        bins=[BinRead.model_validate(one) for one in binned(told, rules.hours, rules.bin_fewest)],
        points=[HoursPointRead.model_validate(one) for one in told] if with_points else None,
    )
