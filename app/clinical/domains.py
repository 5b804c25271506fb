"""Which side of a couple's life a scale measures: the sexual or the relational one, whose change is told apart."""

from typing import Final, Literal

from app.clinical.measure import Measure

Domain = Literal["sexual", "relational"]
DOMAINS: Final[tuple[Domain, ...]] = ("sexual", "relational")


def domain_of(measure: Measure, scale: str) -> Domain | None:
    """The scale's own domain, or else its measure's; None for mood, well-being, alliance, safety and an unknown scale."""
    found = measure.scale(scale)
    if found is None:
        return None
    domain = found.domain or measure.domain
    return None if domain == "neither" else domain
