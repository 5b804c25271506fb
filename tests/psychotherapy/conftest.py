"""A full record for the tests of private notes, which refuse all that belongs to it."""

from tests.contract.conftest import kept_worlds, world

__all__ = ["kept_worlds", "world"]
