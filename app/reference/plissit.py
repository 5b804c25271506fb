"""The depths of intervention, in words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.clinical.safety import Plissit

DEPTHS: Final[Mapping[Plissit, str]] = MappingProxyType(
    {"P": "permission", "LI": "limited information", "SS": "specific suggestions", "IT": "intensive therapy"}
)
