"""A POST sent twice has one effect and one answer, for a day, for one caller, whatever else is sent."""

from sqlalchemy import func, select

from app.core.idempotency import StoredAnswer
from tests.conftest import Caller, Clinic, Wristwatch
from tests.couples.test_couples import new_couple


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
