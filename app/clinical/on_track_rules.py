"""The numbers of the on-track colours, every one of them for a clinic to set."""

from dataclasses import dataclass

from app.clinical.source import Source

ON_TRACK_SOURCE = Source(
    "Rational rules of this project: no recovery curves are known for sexual measures, and nobody has tested these numbers",
    "proposal",
)


@dataclass(frozen=True)
class OnTrackRules:
    """When a colour is given; the defaults are our proposal.

    `in_a_row`: looks that must agree before red or white; `slips` of the last `look_back` looks worse than intake by
    `sems_worse` standard errors of measurement, and no reliable improvement by visit `by_visit` or by `by_plan_share` of a
    plan's stages, are amber, as are `missed_in_a_row` tasks not done or declined.
    """

    in_a_row: int = 2
    sems_worse: float = 1.0
    slips: int = 2
    look_back: int = 3
    by_visit: int = 6
    by_plan_share: float = 0.5
    missed_in_a_row: int = 2
    source: Source = ON_TRACK_SOURCE


PROPOSED = OnTrackRules()
