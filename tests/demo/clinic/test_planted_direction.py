"""The direction analysis finds the lead that was planted and not the reverse, and cannot tell where nothing leads."""

import numpy as np
import pytest

from app.demo.clinic.truths import LEAD
from app.demo.clinic.weeks import invent_pulses
from tests.demo.clinic.conftest import PLANTED, WHOLE, Json, Told
from tests.demo.clinic.settings import STILL

pytestmark = PLANTED

ROUNDED_OFF = 0.01


@pytest.fixture(scope="session")
def found(told: Told) -> Json:
    """What both models say of the clinic's own data."""
    results: Json = told.analyse(models=["within_lagged", "ri_clpm"])["results"]
    return results


def paths(model: Json) -> dict[tuple[str, str, str], Json]:
    """The paths by where they come from, where they lead to, and in whom."""
    return {(path["from"], path["to"], path["who"]): path for path in model["paths"] if path["wave"] is None}


def test_the_planted_lead_is_found_at_its_size_and_the_reverse_is_not(found: Json) -> None:
    within = found["within_lagged"]
    assert within["usable"], within
    assert within["direction"] == "x_leads"
    leads, reverse = (paths(within)[ends] for ends in (("x", "y", "actor"), ("y", "x", "actor")))
    assert leads["standardized_low"] - ROUNDED_OFF <= LEAD <= leads["standardized_high"] + ROUNDED_OFF
    assert reverse["standardized_low"] <= 0 <= reverse["standardized_high"]


def test_neither_partner_leads_the_other(found: Json) -> None:
    for (start, end, who), path in paths(found["within_lagged"]).items():
        if start != end and who != "actor":
            assert path["low"] <= 0 <= path["high"], (start, end, who)


def test_the_second_model_says_the_same_or_refuses_for_too_few_couples(found: Json) -> None:
    for name in ("ri_clpm_a", "ri_clpm_b"):
        model = found[name]
        if WHOLE:
            assert model["direction"] in {"x_leads", "cannot_tell"}
        else:
            assert (model["usable"], model["code"], model["paths"]) == (False, "too_few_couples", [])


def test_without_a_lead_it_cannot_be_told_which_came_first(told: Told) -> None:
    pulses = invent_pulses(STILL, np.random.default_rng(STILL.seed).spawn(3)[0])
    rows = [
        [f"u{couple}", week, *(float(rating) for rating in pulses.answers[couple, partner, week, :2]), "ab"[partner]]
        for couple, partner, week in np.argwhere(pulses.answered).tolist()
    ]
    panel = {"columns": ["unit", "occasion", "x", "y", "partner"], "rows": rows}
    model = told.analyse(models=["within_lagged"], panel=panel)["results"]["within_lagged"]
    assert model["usable"], model
    assert model["direction"] == "cannot_tell"
    assert model["reading"].startswith("Cannot tell.")
