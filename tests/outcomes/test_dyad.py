"""Both partners on one scale: side by side, never averaged, and never for one of them."""

from typing import Any

import pytest

from app.access.permissions import Permission, Role
from app.access.work import Asked, Work
from app.core.database import Compartment
from app.core.ids import decode
from app.errors import NotFoundError
from app.measures.changes import ChangeQuery
from app.outcomes.dyad import read_dyad
from tests.conftest import Caller, Clinic
from tests.outcomes.records import Care, Json
from tests.safety.records import done

STABLE = {"value": 0.6, "kind": "test_retest", "citation": "Our retest, 2025"}


def dyad(care: Care, query: str = "measure=gmsex", caller: Caller | None = None) -> Any:
    """What is told of both on a scale."""
    return (caller or care.therapist).get(f"{care.pair.path}/dyad?{query}")


def pulse(care: Care, which: str, desire: int) -> None:
    """A weekly pulse with this much desire."""
    answers = {str(number): 5 for number in range(1, 7)} | {"4": desire}
    body = {"measure": "rekindle_pulse", "answers": answers}
    done(care.therapist.post(care.pair.partner(which) + "/administrations", json=body))


def test_both_stand_side_by_side_with_their_own_change_and_its_basis(care: Care) -> None:
    care.measure("gmsex", a=[15, 20, 27], b=[20, 19])
    found = done(dyad(care), 200)
    a, b = found["partners"]
    assert [(a["slot"], a["partner_id"]), (b["slot"], b["partner_id"])] == [("a", care.pair.a), ("b", care.pair.b)]
    assert [one["change"]["class"] for one in (a, b)] == ["improved", "unchanged"]
    assert (a["change"]["intake"]["value"], a["change"]["latest"]["value"], a["change"]["gained"]) == (15, 27, 12)
    assert a["change"]["basis"]["norm_set"] == b["change"]["basis"]["norm_set"] == "dres_two_weeks"
    assert found["label"] == "one_improved_one_unchanged"
    z = pytest.approx(13 / (7.794 / 1.96 * 2**0.5), abs=0.001)
    assert found["divergence"] == {"z": z, "flagged": True, "reason": None}
    assert found["desire"] is None


def test_with_too_few_scores_there_is_neither_class_nor_divergence(care: Care) -> None:
    care.measure("gmsex", a=[15, 27], b=[20])
    found = done(dyad(care), 200)
    told = found["partners"][1]["change"]
    assert (told["class"], told["reason"], told["intake"]["value"], told["latest"]) == (
        "not_classifiable", "too_few_scores", 20, None
    )  # fmt: skip
    assert found["label"] == "not_classifiable"
    assert found["divergence"] == {"z": None, "flagged": False, "reason": "no_reliable_basis"}


def test_a_partner_who_got_worse_is_in_the_label_whatever_is_known_of_the_other(care: Care) -> None:
    care.measure("gmsex", a=[25, 10])
    assert done(dyad(care), 200)["label"] == "any_deteriorated"


def test_the_method_and_the_norms_are_those_asked_for(care: Care) -> None:
    care.measure("gmsex", a=[15, 24], b=[16, 25])
    assert done(dyad(care), 200)["label"] == "both_reliably_improved"
    found = done(dyad(care, "measure=gmsex&norms=dres_three_months"), 200)
    assert found["label"] == "none"
    assert [one["change"]["basis"]["norm_set"] for one in found["partners"]] == ["dres_three_months"] * 2
    told = done(dyad(care, "measure=gmsex&method=edwards_nunnally"), 200)["partners"][0]["change"]
    assert (told["basis"]["method"], told["reason"]) == ("edwards_nunnally", "insufficient_norms")
    for query, code in (
        ("measure=nope", "measure_unknown"),
        ("measure=gmsex&scale=desire", "invalid"),
        ("measure=gmsex&norms=online_alpha", "norm_set_of_another_scale"),
    ):
        assert (dyad(care, query).status_code, dyad(care, query).json()["code"]) == (422, code)


def test_the_difference_in_desire_is_signed_and_says_why_it_has_no_error(care: Care) -> None:
    pulse(care, "a", 3)
    pulse(care, "b", 8)
    found = done(dyad(care, "measure=rekindle_pulse&scale=desire"), 200)
    desire = found["desire"]
    assert (desire["signed"], desire["absolute"]) == (-5, 5)
    assert (desire["a"]["value"], desire["b"]["value"]) == (3, 8)
    assert (desire["standard_error"], desire["reason"], desire["basis"]) == (None, "insufficient_norms", None)
    assert [one["change"]["reason"] for one in found["partners"]] == ["not_an_outcome"] * 2
    assert (found["label"], found["divergence"]["z"]) == ("not_classifiable", None)


def add_norms(care: Care, **reliability: Any) -> Json:
    """A norm set of the pulse's desire."""
    body = {"measure": "rekindle_pulse", "scale": "desire", "population": "our couples", "n": 80, "sd": 2.5, "citation": "X"}
    norms: Json = done(care.therapist.post("/v1/norm-sets", json={**body, "reliability": STABLE | reliability}))
    return norms


def test_norms_that_are_chosen_give_the_difference_its_error_and_are_named(care: Care) -> None:
    pulse(care, "a", 3)
    pulse(care, "b", 8)
    norms = add_norms(care)
    desire = done(dyad(care, f"measure=rekindle_pulse&scale=desire&norms={norms['id']}"), 200)["desire"]
    assert desire["standard_error"] == pytest.approx(2.5 * (1 - 0.6) ** 0.5 * 2**0.5, abs=0.001)
    assert (desire["reason"], desire["basis"]["norm_set"], desire["basis"]["n"]) == (None, norms["id"], 80)
    alpha = add_norms(care, kind="alpha")
    desire = done(dyad(care, f"measure=rekindle_pulse&scale=desire&norms={alpha['id']}"), 200)["desire"]
    assert (desire["standard_error"], desire["reason"]) == (None, "indicative_only")
    assert desire["basis"]["reliability_kind"] == "alpha"


def test_the_desire_of_one_alone_is_no_difference(care: Care) -> None:
    pulse(care, "b", 8)
    desire = done(dyad(care, "measure=rekindle_pulse&scale=desire"), 200)["desire"]
    assert (desire["a"], desire["b"]["value"]) == (None, 8)
    assert (desire["signed"], desire["absolute"], desire["reason"]) == (None, None, "too_few_scores")


def test_it_is_for_who_may_read_outcomes_and_there_is_no_partners_view_of_it(care: Care, clinic: Clinic) -> None:
    care.measure("gmsex", a=[15, 24], b=[16, 25])
    assert done(dyad(care, caller=clinic.integration()), 200)["label"] == "both_reliably_improved"
    assert dyad(care, caller=clinic.member("stranger")).status_code == 404
    for caller in (clinic.member("ana", Role.ANALYST), clinic.integration("narrow", {"administrations:read"})):
        assert dyad(care, caller=caller).status_code == 403
    for view in ("partner_a", "partner_b"):
        assert dyad(care, f"measure=gmsex&as={view}").status_code == 404


def test_who_reaches_one_partner_alone_is_told_nothing_at_all(care: Care, clinic: Clinic) -> None:
    care.measure("gmsex", a=[15, 24], b=[16, 25])
    couple_id = decode("cpl", care.pair.path.rpartition("/")[2])
    asked = Asked("test", Permission.OUTCOMES_READ, care.therapist.key, "req_test", writes=False)
    query = ChangeQuery("gmsex", "total", "jacobson_truax", None)

    def told(work: Work, *compartments: Compartment) -> object:
        return read_dyad(work.seeing(frozenset(compartments)), couple_id, query)

    with clinic.app.state.runtime.work(asked) as work, pytest.raises(NotFoundError):
        told(work, Compartment.CONJOINT, Compartment.INDIVIDUAL_A)
    with clinic.app.state.runtime.work(asked) as work:  # the control
        assert told(work, Compartment.CONJOINT, Compartment.INDIVIDUAL_A, Compartment.INDIVIDUAL_B)
