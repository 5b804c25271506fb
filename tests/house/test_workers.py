"""Tests of one group run in one worker, so that what is dear to make is made once."""

import os

import pytest


@pytest.mark.xdist_group("house")
def test_the_name_of_a_group_reaches_whoever_hands_tests_to_workers(request: pytest.FixtureRequest) -> None:
    """Under pytest 9.2 pytest-xdist 3.8 could not pass it on: each worker planted a clinic of its own, and nothing said so."""
    is_alone = "PYTEST_XDIST_WORKER" not in os.environ
    assert is_alone or request.node.nodeid.endswith("@house")
