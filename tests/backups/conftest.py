"""The full record of one couple, for tests that back it up."""

from tests.contract.conftest import kept_worlds, world

__all__ = ["kept_worlds", "world"]
