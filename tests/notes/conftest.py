"""A full record for the tests of notes that name rows of other slices."""

from tests.contract.conftest import kept_worlds, world

__all__ = ["kept_worlds", "world"]
