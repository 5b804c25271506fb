"""The licence tiers of measures, in words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.clinical.measure import LicenceTier

LICENCES: Final[Mapping[LicenceTier, str]] = MappingProxyType(
    {
        "own": "written by this project: free to use, change and translate",
        "A_free_reproduce": "the holder lets anyone reproduce the wording",
        "B_free_noncommercial": "free for research or non-commercial use; the holder keeps the copyright",
        "C_author_permission": "ask the author before showing the wording",
        "D_licensed": "licensed: the wording, and often its tables, are bought",
    }
)
