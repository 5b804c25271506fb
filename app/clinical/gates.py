"""What forbids an exercise, and what must be met before it, over the universal gate and all protocols."""

from collections.abc import Mapping
from types import MappingProxyType

from app.clinical.protocol import Protocol
from app.clinical.protocols import PROTOCOLS
from app.clinical.safety import FORBID_EVERYTHING, FORBID_TOGETHER, UNIVERSAL_BLOCKERS, Precondition, RedFlag

RED_FLAGS: Mapping[str, RedFlag] = MappingProxyType(
    {
        flag.code: flag
        for flags in (UNIVERSAL_BLOCKERS, *(protocol.contraindications for protocol in PROTOCOLS.values()))
        for flag in flags
    }
)
PRECONDITIONS: Mapping[str, Precondition] = MappingProxyType(
    {one.code: one for protocol in PROTOCOLS.values() for one in protocol.preconditions}
)


def forbidding(protocol: Protocol, *, shared_touch: bool, together: bool) -> frozenset[str]:
    """Codes of the flags that forbid a protocol: its own at every stage, the universal ones where the partners touch.

    Of those, some forbid also what the two do together without touch, and one forbids what somebody does alone.
    """
    own = {flag.code for flag in protocol.contraindications} | FORBID_EVERYTHING
    if shared_touch:
        return frozenset(own | {flag.code for flag in UNIVERSAL_BLOCKERS})
    return frozenset(own | FORBID_TOGETHER if together else own)
