"""Sent many times at once, a POST with one key has one effect; of many changes to one version, exactly one wins.

The gate sends a thousand of each; REKINDLE_SUBMITS=100000 sends as many as the figures ask.
"""

import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest

from app.couples import service as couples
from tests.conftest import Caller, Clinic
from tests.core.test_kill import NORMS, STABLE
from tests.couples.test_couples import new_couple
from tests.served import Served

PARALLEL = 25
MORE = int(os.environ.get("REKINDLE_SUBMITS", "0"))
SUBMITS = (MORE or 500) // PARALLEL  # rounds an engine; a thousand on both
CHANGES = (MORE or 500) // PARALLEL  # the same; a thousand on both engines
SERVED = MORE // PARALLEL // 10 or 6
pytestmark = pytest.mark.timeout(120 + MORE // 20)
Sender = Caller | httpx.Client
Answers = list[httpx.Response | httpx2.Response]


def at_once(callers: list[Any], method: str, path: str, bodies: list[dict[str, Any]], headers: dict[str, str]) -> Answers:
    """The same request with each of these bodies from many threads, to the callers in turn."""
    with ThreadPoolExecutor(PARALLEL) as pool:
        sent = [
            pool.submit(callers[number % len(callers)].request, method, path, json=body, headers=headers)
            for number, body in enumerate(bodies)
        ]
        return [answer.result() for answer in sent]


def norms(citation: str) -> dict[str, Any]:
    """Something to store that has nothing unique in it: only the key stands between a retry and a second row."""
    return NORMS | {"citation": citation, "reliability": STABLE}


def had_one_effect(answers: Answers) -> int:
    """Whether the answers are those of one effect: one made it, the others replay it or are told to come again."""
    told = Counter(answer.status_code for answer in answers)
    assert set(told) <= {201, 409, 503}, told
    assert told[201] >= 1
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"still_running"}
    assert all("Retry-After" in answer.headers for answer in answers if answer.status_code != 201)
    replayed = [answer for answer in answers if answer.headers.get("Idempotency-Replayed") == "true"]
    assert len(replayed) == told[201] - 1
    return len(answers)


def had_one_winner(answers: Answers) -> dict[str, Any]:
    """What the one that won was told; all others are told that they were late."""
    told = Counter(answer.status_code for answer in answers)
    assert (told[200], set(told) <= {200, 412, 503}) == (1, True), told
    won: dict[str, Any] = next(answer for answer in answers if answer.status_code == 200).json()
    return won


def stored(therapist: Caller) -> Counter[str]:
    """How often each is in the record."""
    return Counter(found["citation"] for found in therapist.every("/v1/norm-sets?limit=200"))


def test_a_thousand_double_submits_have_one_effect_each(therapist: Caller) -> None:
    sent = 0
    for number in range(SUBMITS):
        answers = at_once(
            [therapist], "POST", "/v1/norm-sets", [norms(f"{number}")] * PARALLEL, {"Idempotency-Key": f"n{number}"}
        )
        sent += had_one_effect(answers)
    assert sent >= (MORE or 500)
    assert stored(therapist) == Counter(str(number) for number in range(SUBMITS))


def test_without_a_key_the_same_submits_are_many(therapist: Caller) -> None:
    # The control.
    answers = at_once([therapist], "POST", "/v1/norm-sets", [norms("again")] * 5, {})
    assert [answer.status_code for answer in answers] == [201] * 5
    assert stored(therapist) == Counter(again=5)


def changes(number: int) -> list[dict[str, Any]]:
    """As many different changes as are sent at once."""
    return [{"external_id": f"v{number}-{other}"} for other in range(PARALLEL)]


def test_of_many_changes_to_one_version_exactly_one_wins(therapist: Caller) -> None:
    path = therapist.post("/v1/couples", json=new_couple()).headers["Location"]
    for version in range(1, CHANGES + 1):
        won = had_one_winner(at_once([therapist], "PATCH", path, changes(version), {"If-Match": f'"{version}"'}))
        assert (therapist.get(path).json(), won["version"]) == (won, version + 1)


def test_a_service_that_does_not_look_at_the_version_has_many_winners(
    therapist: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The control: without the comparison, whoever comes later overwrites, and the test above would see it.
    path = therapist.post("/v1/couples", json=new_couple()).headers["Location"]
    monkeypatch.setattr(couples, "check_version", lambda *_given: None)
    with pytest.raises(AssertionError):
        had_one_winner(at_once([therapist], "PATCH", path, changes(1), {"If-Match": '"1"'}))


@pytest.mark.served
class TestTwoProcesses:
    """The same against two served processes on one record."""

    @pytest.fixture
    def callers(self, clinic: Clinic, therapist: Caller, tmp_path: Path) -> Iterator[list[httpx.Client]]:
        """A client of each process."""
        with ExitStack() as stack:
            served = [stack.enter_context(Served(clinic.settings, tmp_path / f"{number}.log")) for number in range(2)]
            key = {"Authorization": f"Bearer {therapist.key}"}
            yield [stack.enter_context(httpx.Client(base_url=one.address, headers=key, timeout=30)) for one in served]

    def test_one_effect_and_one_winner_whichever_process_is_asked(self, therapist: Caller, callers: list[httpx.Client]) -> None:
        """As the sentence says."""
        path = therapist.post("/v1/couples", json=new_couple()).headers["Location"]
        for number in range(1, SERVED + 1):
            key = {"Idempotency-Key": f"n{number}"}
            had_one_effect(at_once(callers, "POST", "/v1/norm-sets", [norms(str(number))] * PARALLEL, key))
            won = had_one_winner(at_once(callers, "PATCH", path, changes(number), {"If-Match": f'"{number}"'}))
            assert [one.get(path).json() for one in callers] == [won] * 2
        assert stored(therapist) == Counter(str(number) for number in range(1, SERVED + 1))
