"""What the command prints beside the planted truths is what the service says, and a disagreement is seen."""

from dataclasses import replace
from typing import Any

from app.demo.clinic.comparing import Comparing
from app.demo.clinic.planted import truths
from tests.demo.clinic.conftest import PLANTED, Told

pytestmark = PLANTED


class Served:
    """The clinic, with its chores done before each look."""

    def __init__(self, told: Told) -> None:
        self._told = told

    def request(self, method: str, url: str, *, json: Any = None) -> Any:
        """The answer to its therapist."""
        if "/clinic/" in url:
            self._told.catch_up()
        elif url.endswith("/outcomes"):
            return self._told.read(url)
        return self._told.therapist.request(method, url, json=json)


def test_everything_told_agrees_with_what_is_planted(told: Told) -> None:
    compared = list(Comparing(Served(told), told.year).compare())
    assert [one for one in compared if not one.agrees] == []
    assert {one.what for one in compared} <= {truth.what for truth in truths(told.year)}
    assert len(compared) >= 12


def test_another_clinic_than_the_one_that_was_planted_does_not_agree(told: Told) -> None:
    pairs = tuple(replace(pair, role="plain") for pair in told.year.pairs)
    other = replace(told.year, pairs=pairs, setting=replace(told.year.setting, lead=0.5))
    differing = {one.what for one in Comparing(Served(told), other).compare() if not one.agrees}
    assert differing >= {"what leads", "deteriorated_twice", "safety_signal_open", "rabbit_hole", "tasks_missed"}
