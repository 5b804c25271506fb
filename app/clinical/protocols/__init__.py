"""The catalogue of homework protocols: one file each, found by name."""

from collections.abc import Mapping
from types import MappingProxyType

from app.clinical.protocol import Protocol
from app.registry import collect

PROTOCOLS: Mapping[str, Protocol] = MappingProxyType(collect(__name__, "PROTOCOL", Protocol))
