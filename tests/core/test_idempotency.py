"""A POST sent twice has one effect; of many changes to one version, one wins."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import func, select

from app.core.idempotency import StoredAnswer
from tests.conftest import Caller, Clinic, Wristwatch
from tests.couples.test_couples import new_couple

PARALLEL = 25
ROUNDS = 40  # 1,000 submits


def at_once(caller: Caller, method: str, path: str, bodies: list[dict[str, Any]], headers: dict[str, str]) -> list[Response]:
    """The same request from many threads."""
    with ThreadPoolExecutor(PARALLEL) as pool:
        return list(pool.map(lambda body: caller.request(method, path, json=body, headers=headers), bodies))


def test_a_thousand_double_submits_have_one_effect_each(therapist: Caller) -> None:
    for number in range(ROUNDS):
        body, headers = new_couple(str(number)), {"Idempotency-Key": f"round-{number}"}
        answers = at_once(therapist, "POST", "/v1/couples", [body] * PARALLEL, headers)
        told = Counter(answer.status_code for answer in answers)
        assert set(told) <= {201, 409, 503}, told
        assert told[201] >= 1
        assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
        assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"still_running"}
        assert all("Retry-After" in answer.headers for answer in answers if answer.status_code != 201)
        replayed = [answer for answer in answers if answer.headers.get("Idempotency-Replayed") == "true"]
        assert len(replayed) == told[201] - 1
    assert len(therapist.get("/v1/couples?limit=200").json()["items"]) == ROUNDS


def test_without_a_key_the_same_submits_are_many(therapist: Caller) -> None:
    bodies = [new_couple(str(number)) for number in range(5)]
    answers = at_once(therapist, "POST", "/v1/couples", bodies, {})
    assert [answer.status_code for answer in answers] == [201] * 5
    assert len({answer.json()["id"] for answer in answers}) == 5


def test_a_replay_is_the_first_answer_to_the_letter(therapist: Caller) -> None:
    headers = {"Idempotency-Key": "once"}
    first, again = (therapist.post("/v1/couples", json=new_couple(), headers=headers) for _ in range(2))
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert [first.headers["Location"], first.headers["ETag"]] == [again.headers["Location"], again.headers["ETag"]]
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")


def test_the_key_belongs_to_one_body_one_path_one_query_and_one_credential(clinic: Clinic, therapist: Caller) -> None:
    headers = {"Idempotency-Key": "once"}
    couple = therapist.post("/v1/couples", json=new_couple(), headers=headers).json()
    for path, body in (("/v1/couples", new_couple("2")), (f"/v1/couples/{couple['id']}/restorations", None)):
        refused = therapist.post(path, json=body, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    other = clinic.member("other").post("/v1/couples", json=new_couple("3"), headers=headers)
    assert other.status_code == 201
    assert other.json()["id"] != couple["id"]


def test_a_refused_request_leaves_its_key_free(therapist: Caller) -> None:
    headers = {"Idempotency-Key": "once"}
    therapist.post("/v1/couples", json=new_couple("1"))
    assert therapist.post("/v1/couples", json=new_couple("1"), headers=headers).status_code == 409
    assert therapist.post("/v1/couples", json=new_couple("2"), headers=headers).status_code == 201


def test_a_key_is_forgotten_after_a_day(clinic: Clinic, therapist: Caller, clock: Wristwatch) -> None:
    headers = {"Idempotency-Key": "once"}
    assert therapist.post("/v1/couples", json=new_couple("1"), headers=headers).status_code == 201
    clock.turn(hours=23, minutes=59)
    assert therapist.post("/v1/couples", json=new_couple("1"), headers=headers).headers["Idempotency-Replayed"] == "true"
    clock.turn(minutes=2)
    fresh = therapist.post("/v1/couples", json=new_couple("2"), headers=headers)
    assert (fresh.status_code, "Idempotency-Replayed" in fresh.headers) == (201, False)
    with clinic.at_desk() as (session, _vault):
        assert session.execute(select(func.count(StoredAnswer.id))).scalar_one() == 1


def test_a_stored_answer_is_sealed(clinic: Clinic, therapist: Caller) -> None:
    therapist.post("/v1/couples", json=new_couple(external_id="zippammer"), headers={"Idempotency-Key": "once-9"})
    with clinic.at_desk() as (session, _vault):
        kept = session.scalars(select(StoredAnswer)).one()
    assert b"zippammer" not in kept.sealed
    assert "once-9" not in f"{kept.key_hash} {kept.fingerprint}"


@pytest.mark.parametrize("rounds", [8])
def test_of_many_changes_to_one_version_one_wins(therapist: Caller, rounds: int) -> None:
    path = therapist.post("/v1/couples", json=new_couple()).headers["Location"]
    for version in range(1, rounds + 1):
        bodies = [{"external_id": f"v{version}-{number}"} for number in range(PARALLEL)]
        answers = at_once(therapist, "PATCH", path, bodies, {"If-Match": f'"{version}"'})
        told = Counter(answer.status_code for answer in answers)
        assert (told[200], set(told) <= {200, 412, 503}) == (1, True), told
        won = next(answer for answer in answers if answer.status_code == 200).json()
        assert (therapist.get(path).json(), won["version"]) == (won, version + 1)
