"""Two worlds to compare, as the tests of outcomes make them."""

from tests.outcomes.conftest import worlds

__all__ = ["worlds"]
