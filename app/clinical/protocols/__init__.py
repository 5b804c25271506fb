"""The catalogue of homework protocols: one file each, found by name."""

from collections.abc import Mapping
from types import MappingProxyType

from app.clinical.protocol import Protocol, by_version
from app.registry import collect, collect_earlier

# The newest of each. A file whose rules change keeps the protocol as it was in `EARLIER`, because plans are pinned to it.
PROTOCOLS: Mapping[str, Protocol] = MappingProxyType(collect(__name__, "PROTOCOL", Protocol))
VERSIONS: Mapping[tuple[str, str], Protocol] = MappingProxyType(
    by_version((*collect_earlier(__name__, "EARLIER", PROTOCOLS), *PROTOCOLS.values()))
)
