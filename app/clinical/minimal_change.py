"""Whether a gain is one that people notice: another question than whether it is more than noise."""

from dataclasses import dataclass

from app.clinical.interpretation import bands_reached
from app.clinical.measure import Measure
from app.clinical.source import Source

# Gains are differences of decimals: exactly the smallest one must not fail by a binary fraction.
HAIR = 1e-9


@dataclass(frozen=True)
class MinimalGain:
    """The smallest gain that people who begin like this one notice, in points, and whether it was reached."""

    points: float
    baseline: str
    estimated_in: str
    reached: bool
    source: Source


def minimal_gain(measure: Measure, scale: str, pre: float, gained: float) -> MinimalGain | None:
    """What is known for the band that the first score lies in; None where nothing is.

    Of the erectile domain (Rosen et al. 2011, trials in men with erectile dysfunction): nothing is known for those who begin
    at 26 or more, who have none, and for 1 to 5, which no attempt stands behind. No figure was named for the band of mild to
    moderate: the one of all severities together stands in.
    """
    for band in bands_reached(measure, {scale: pre}):
        for known in measure.minimal_important:
            if known.scale == scale and band.meaning in known.baseline:
                reached = gained >= known.points - HAIR
                return MinimalGain(known.points, band.meaning, known.estimated_in, reached, known.source)
    return None
