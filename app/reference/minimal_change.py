"""What is known of the smallest gain people notice, which stands beside reliable change."""

from app.clinical.measure import Measure
from app.reference.markdown import code, joined, listed, table
from app.reference.sources import Citations


def minimal_change(measure: Measure, cited: Citations) -> str:
    """A row for each figure, and what it does not say; nothing where none is known."""
    rows = (
        (
            code(known.scale),
            listed([band.replace("_", " ") for band in known.baseline]),
            f"{known.points:g} points",
            known.estimated_in,
            cited.mark(known.source),
        )
        for known in measure.minimal_important
    )
    told = table(("scale", "first score is", "noticed from", "estimated in", "source"), rows)
    return told and joined("Another question than whether a change is more than noise: it never gives or takes a class.", told)
