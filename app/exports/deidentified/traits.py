"""What an outsider may know of a couple, in ladders of ever coarser words: the named quasi-identifiers.

Concern, protocol, why and after how long care ended, and which measures for a certain body were answered: a colleague, a
neighbour or an insurer may know these of a couple without knowing its answers. They are our choice, and stand once in an
export, in its table `couples`; no other table tells them.
"""

from dataclasses import dataclass
from typing import Final

from app.exports.deidentified.classes import Ladder

NONE: Final = "none"
IN_CARE: Final = "in_care"
ENDED: Final = "ended"
BANDS: Final = ((91, "under_13_weeks", "under_26_weeks"), (182, "13_to_25_weeks", "under_26_weeks"))
LONGER: Final = ((364, "26_to_51_weeks", "26_weeks_or_more"),)
LONGEST: Final = ("52_weeks_or_more", "26_weeks_or_more")
FOR_ANYBODY: Final = frozenset(
    {
        *("csi16", "csi32", "csi4", "fsds_r", "gad7", "gmrel", "gmsex", "iss", "mmq", "nsss", "nsss_s"),
        *("ors", "phq9", "rdas", "rekindle_pulse", "sdi2", "srs", "who5"),
    }
)
"""Measures that say nothing of whoever answers them. Any other one counts as made for certain people, also one added later."""
ONE, BOTH = "one_partner", "both_partners"


@dataclass(frozen=True)
class Traits:
    """One couple's, as the record has them."""

    concern: str
    protocol: str | None
    close_reason: str | None
    days_in_care: int
    measures: tuple[frozenset[str], ...]  # those for certain people, of each partner who agreed


def ladders_of(traits: Traits, both: bool) -> tuple[Ladder, ...]:  # noqa: FBT001 - one of two kinds of couples
    """In the order of `NAMES`; what belongs to both is told where both agreed, and nothing of it else."""
    if not both:
        return ((), (), (measures_word(traits.measures),), (), ())
    return (
        (traits.concern,),
        (traits.protocol or NONE,),
        (measures_word(traits.measures),),
        (IN_CARE,) if traits.close_reason is None else (traits.close_reason, ENDED),
        _length(traits.days_in_care),
    )


NAMES: Final = ("concern", "protocol", "body_measures", "care_ended", "care_length")


def measures_word(measures: tuple[frozenset[str], ...]) -> str:
    """Which partner is which is not told, but that two answered the same is: it may tell their sexes."""
    return " / ".join(sorted(" ".join(sorted(each)) or NONE for each in measures))


def _length(days: int) -> Ladder:
    for under, *words in (*BANDS, *LONGER):
        if days < under:
            return tuple(words)
    return LONGEST
