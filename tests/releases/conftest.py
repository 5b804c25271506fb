"""Two worlds, as the outcomes are compared in."""

from tests.outcomes.conftest import worlds as worlds  # noqa: PLC0414 - pytest finds a fixture where it is named
