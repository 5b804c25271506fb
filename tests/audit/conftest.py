"""Two worlds alike, as the outcomes are compared in."""

from tests.outcomes.conftest import worlds

__all__ = ["worlds"]
