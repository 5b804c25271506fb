"""The catalogue of measures: one file each, found by name."""

from collections.abc import Mapping
from types import MappingProxyType

from app.clinical.measure import Measure
from app.registry import collect

MEASURES: Mapping[str, Measure] = MappingProxyType(collect(__name__, "MEASURE", Measure))
