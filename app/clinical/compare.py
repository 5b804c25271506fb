"""The comparisons that cut-offs, alerts and homework rules are written in."""

import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {"<": operator.lt, "<=": operator.le, ">=": operator.ge, ">": operator.gt, "==": operator.eq}
)


def compare(value: float, sign: str, limit: float) -> bool:
    """Whether `value` stands to `limit` as `sign` says (`<`, `<=`, `>=`, `>`, `==`)."""
    return COMPARISONS[sign](value, limit)
