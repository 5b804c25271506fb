"""How long records are kept, by jurisdiction: a table with its sources, which a clinic can replace line by line."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True)
class Rule:
    """Years after the last service, and years after a partner came of age who was a minor; the longer one counts."""

    years: int
    years_of_age: int
    source: str


# ISO 3166 codes. Not legal advice: a clinic checks what holds where it works, and brings its own rule where ours is wrong.
RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "US": Rule(7, 3, "APA Record Keeping Guidelines 2007, guideline 7; most states ask for 5 to 10 years"),
        "US-CA": Rule(7, 7, "California Business and Professions Code 4980.49"),
        "US-CT": Rule(7, 3, "Connecticut, 7 years (apaservices.org 2008)"),
        "US-NC": Rule(7, 3, "North Carolina, 7 years (apaservices.org 2008)"),
        "US-PA": Rule(5, 3, "Pennsylvania, 5 years (apaservices.org 2008)"),
        "US-TN": Rule(7, 3, "Tennessee, 7 years (apaservices.org 2008)"),
        "DE": Rule(10, 0, "BGB section 630f(3): 10 years after the end of treatment"),
    }
)
