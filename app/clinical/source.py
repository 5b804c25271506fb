"""Where a clinical number comes from, and how sure that is."""

from dataclasses import dataclass
from typing import Literal

Grade = Literal[
    "read_in_primary",
    "read_in_secondary",
    "computed",
    "recalled_high",
    "recalled_medium",
    "recalled_low",
    "proposal",
    "as_given",
]
Confidence = Literal["high", "medium", "low"]


@dataclass(frozen=True)
class Source:
    """A citation and how it was checked; `proposal` marks our own default, which a clinician must be able to change.

    `as_given` marks what a clinic or a caller brought: nobody here has read it.
    """

    text: str
    grade: Grade
