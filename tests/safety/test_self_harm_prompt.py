"""PHQ-9 item 9 above zero: the care team is told at once, and nobody else learns that anything was said."""

import re
from typing import Any

import pytest

from tests.conftest import Caller, Clinic
from tests.safety.records import Pair, done, new_pair

CALM = {str(number): 0 for number in range(1, 10)}
PROMPT = "suicide_risk_review"
# Ids and the time of reading differ between any two couples.
MOVING = re.compile(r"\b[a-z]{3}_[0-7][0-9a-z]{25}\b|20\d\d-[-0-9T:.]+Z")


def answer(pair: Pair, which: str, ninth: int | None, caller: Caller | None = None) -> Any:
    """One partner's PHQ-9, calm but for its last item."""
    body: dict[str, Any] = {"measure": "phq9", "answers": CALM | {"9": ninth}}
    if ninth is None:
        body["reasons"] = {"9": "declined"}
    return done((caller or pair.therapist).post(pair.partner(which) + "/administrations", json=body))


def alerts(told: Any) -> list[str]:
    """The alerts of an administration as told to somebody."""
    return [alert["code"] for alert in told["alerts"]]


@pytest.mark.parametrize("ninth", [1, 2, 3])
def test_the_therapist_is_told_with_the_answer_and_in_the_list_of_signals(pair: Pair, ninth: int) -> None:
    assert alerts(answer(pair, "b", ninth)) == [PROMPT]
    (signal,) = pair.therapist.get(pair.path + "/safety-signals").json()["items"]
    assert (signal["kind"], signal["value"], signal["partner_id"]) == ("self_harm", ninth, pair.b)
    assert (signal["response"], signal["reviewed_at"]) == ("review", None)


def test_nothing_is_raised_when_the_answer_is_zero_however_high_the_total(pair: Pair) -> None:
    body = {"measure": "phq9", "answers": dict.fromkeys(CALM, 3) | {"9": 0}}
    assert alerts(done(pair.therapist.post(pair.partner("a") + "/administrations", json=body))) == []
    assert pair.therapist.get(pair.path + "/safety-signals").json()["items"] == []


def test_a_machine_is_told_nothing_by_any_door(pair: Pair, clinic: Clinic) -> None:
    machine = clinic.integration()
    assert alerts(answer(pair, "b", 2, machine)) == []
    partner = pair.partner("b")
    for path in ("/administrations", "/scores", "/change?measure=phq9"):
        assert PROMPT not in machine.get(partner + path).text
    assert machine.get(pair.path + "/safety-signals").status_code == 403
    assert machine.get(pair.path + "/outcomes").json()["flags"] == []


def test_neither_partners_view_holds_the_prompt(pair: Pair) -> None:
    answer(pair, "b", 3)
    known = pair.therapist.get(pair.path + "/outcomes").json()["flags"]
    assert [(flag["code"], flag["colour"]) for flag in known] == [("safety_signal_open", "red")]
    for view in ("partner_a", "partner_b"):
        seen = pair.therapist.get(f"{pair.path}/outcomes?as={view}")
        assert seen.json()["flags"] == []
        assert PROMPT not in seen.text
        assert "self_harm" not in seen.text


def test_what_a_may_see_is_the_same_whatever_b_answered(therapist: Caller) -> None:
    told = []
    for number, ninth in (("1", 3), ("2", 0)):
        pair = new_pair(therapist, number)
        answer(pair, "b", ninth)
        seen = therapist.get(f"{pair.path}/outcomes?as=partner_a").text
        told.append(MOVING.sub("", seen))
    assert told[0] == told[1]


def test_an_unanswered_item_is_raised_and_never_filled_in(pair: Pair) -> None:
    silent = answer(pair, "a", None)
    assert (silent["scales"], alerts(silent)) == ({"total": None}, ["safety_item_unanswered"])
    (signal,) = pair.therapist.get(pair.path + "/safety-signals").json()["items"]
    assert (signal["kind"], signal["value"]) == ("self_harm", None)
