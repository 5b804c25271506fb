"""Break-glass: one couple, minutes, an alarm that nothing undoes, and no answer that tells whether there is a couple."""

from typing import Any

import pytest
from sqlalchemy import select

from app.access.permissions import ALLOWED, EMERGENCY, GRANTABLE, Role
from app.core.crypto import Owner
from app.core.ids import decode
from app.core.shredding import destroy_keys
from app.couples.break_glass import BreakGlassSpentError
from app.ledger.models import Alarm, LedgerEvent
from tests.conftest import Caller, Clinic, Wristwatch
from tests.couples.openings import REASON, opened
from tests.couples.test_couples import new_couple


@pytest.fixture
def couple(therapist: Caller) -> str:
    """The id of a couple that another therapist cares for."""
    body = new_couple("1", external_id="EHR-1")
    made: str = therapist.post("/v1/couples", json=body).json()["id"]
    return made


@pytest.fixture
def stranger(clinic: Clinic) -> Caller:
    """A therapist without a seat."""
    return clinic.member("sam")


def told(opening: dict[str, Any]) -> dict[str, Any]:
    """An opening without what differs between any two."""
    return {name: value for name, value in opening.items() if name not in {"id", "opened_at", "until"}}


def alarms(clinic: Clinic) -> list[tuple[str, Any]]:
    """What went off at the clinic, and about which couple."""
    with clinic.at_desk() as (session, _vault):
        rows = session.execute(select(Alarm.code, Alarm.couple_id).order_by(Alarm.id))
        return [tuple(row) for row in rows]


@pytest.mark.parametrize("named", ["couple_id", "external_id", "record_number"])
def test_a_member_without_a_seat_opens_one_couple_reads_it_and_finds_it_shut_again(
    clinic: Clinic, stranger: Caller, couple: str, clock: Wristwatch, named: str
) -> None:
    other = clinic.member("other").post("/v1/couples", json=new_couple("2")).json()["id"]
    assert stranger.get(f"/v1/couples/{couple}").status_code == 404
    name = {"couple_id": couple, "external_id": "EHR-1", "record_number": "B-1"}[named]
    opening = opened(clinic, stranger, Role.THERAPIST, minutes=15, **{named: name})
    assert stranger.get(f"/v1/break-glass-openings/{opening}/couple").json()["id"] == couple
    assert stranger.get(f"/v1/couples/{couple}").status_code == 200
    assert stranger.get(f"/v1/couples/{couple}/notes").status_code == 200
    assert stranger.get(f"/v1/couples/{other}").status_code == 404
    assert stranger.get("/v1/couples").json()["items"] == []
    clock.turn(minutes=15)
    assert stranger.get(f"/v1/couples/{couple}").status_code == 404
    assert stranger.get(f"/v1/break-glass-openings/{opening}/couple").status_code == 404


def test_what_is_named_wrongly_is_answered_alike_alarms_alike_and_waits_for_review_alike(
    clinic: Clinic, stranger: Caller, couple: str
) -> None:
    wrong = {"couple_id": "cpl_00000000000000000000000000", "external_id": "EHR-2", "record_number": "B-2"}
    right = {"couple_id": couple, "external_id": "EHR-1", "record_number": "B-1"}
    for name in wrong:
        ids = [opened(clinic, stranger, Role.THERAPIST, **{name: number[name]}) for number in (right, wrong)]
        hit, miss = (stranger.get(f"/v1/break-glass-openings/{one}").json() for one in ids)
        assert told(hit) == told(miss)
        assert hit["couple_id"] is None
    went_off = [code for code, _couple in alarms(clinic)]
    assert went_off == ["break_glass", "break_glass_missed"] * 3
    administrator = clinic.member("ada", Role.ADMINISTRATOR)
    queue = administrator.get("/v1/break-glass-openings").json()["items"]
    assert [one["couple_id"] for one in queue] == [couple, None] * 3
    listed = stranger.get("/v1/break-glass-openings").json()["items"]
    assert len({str(told(one)) for one in listed}) == 1


def test_a_read_that_fails_undoes_neither_the_opening_nor_its_alarm(clinic: Clinic, stranger: Caller, couple: str) -> None:
    opened(clinic, stranger, couple_id=couple)
    absent = "nte_00000000000000000000000000"
    assert stranger.get(f"/v1/couples/{couple}/notes/{absent}").status_code == 404
    assert stranger.get(f"/v1/couples/{couple}/notes?cursor=x").status_code == 400
    assert alarms(clinic) == [("break_glass", decode("cpl", couple))]
    assert stranger.get(f"/v1/couples/{couple}").status_code == 200


def test_the_opening_and_its_alarm_are_stored_together_or_not_at_all(
    clinic: Clinic, stranger: Caller, couple: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_given: object, **_named: object) -> None:
        raise OSError("no room left")

    with monkeypatch.context() as patched:
        patched.setattr("app.couples.break_glass.raise_alarm", fails)
        with pytest.raises(OSError, match="no room left"):
            opened(clinic, stranger, couple_id=couple)
    assert stranger.get("/v1/break-glass-openings").json()["items"] == []
    assert stranger.get(f"/v1/couples/{couple}").status_code == 404
    opened(clinic, stranger, couple_id=couple)  # the control
    assert stranger.get(f"/v1/couples/{couple}").status_code == 200


def test_what_was_opened_is_read_and_not_changed(clinic: Clinic, stranger: Caller, couple: str) -> None:
    opened(clinic, stranger, couple_id=couple)
    path = f"/v1/couples/{couple}"
    changed = stranger.patch(path, json={"time_zone": "UTC"}, headers={"If-Match": '"1"'})
    written = stranger.post(f"{path}/episodes", json={"primary_concern": {"code": "desire_discrepancy"}})
    seated = stranger.post(f"{path}/care-team", json={"member_id": stranger.holder_id})
    for refused in (changed, written, seated):
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
        assert "emergency" in refused.json()["detail"]
    assert stranger.get(path).json()["version"] == 1


def test_everything_read_under_an_opening_is_marked_by_it_and_nothing_else_is(
    clinic: Clinic, therapist: Caller, stranger: Caller, couple: str
) -> None:
    own = stranger.post("/v1/couples", json=new_couple("9")).json()["id"]
    opening = opened(clinic, stranger, couple_id=couple)
    for path in ("", "/notes", "/clearances"):
        # under one id, which callers choose: it makes no fewer reads of these
        assert stranger.get(f"/v1/couples/{couple}{path}", headers={"X-Request-ID": "one"}).status_code == 200
        assert stranger.get(f"/v1/couples/{own}{path}").status_code == 200
        assert therapist.get(f"/v1/couples/{couple}{path}").status_code == 200
    with clinic.at_desk() as (session, _vault):
        rows = session.execute(select(LedgerEvent).where(LedgerEvent.break_glass_id.is_not(None))).scalars().all()
    assert {row.break_glass_id for row in rows} == {decode("bgl", opening)}
    assert {row.couple_id for row in rows} == {decode("cpl", couple)}
    assert {row.actor_id for row in rows} == {decode("mem", stranger.holder_id)}
    read = {"read_couple", "list_notes", "list_clearances"}
    assert {row.operation for row in rows if row.kind == "read"} == read
    administrator = clinic.member("ada", Role.ADMINISTRATOR)
    for reader, counted in ((therapist, dict.fromkeys(read, 1)), (administrator, {"care": 3})):
        found = reader.get(f"/v1/break-glass-openings/{opening}").json()
        assert {one["operation"]: one["times"] for one in found["operations"]} == counted
    events = administrator.get(f"/v1/audit-events?couple_id={couple}").json()["items"]
    under = {event["who"]["id"] for event in events if event["break_glass_id"] == opening}
    assert under == {stranger.holder_id}
    assert len([event for event in events if event["break_glass_id"]]) == 3


def test_somebody_else_reviews_an_opening_once_and_who_sees_no_couple_reads_no_words(
    clinic: Clinic, therapist: Caller, stranger: Caller, couple: str
) -> None:
    opening = f"/v1/break-glass-openings/{opened(clinic, stranger, couple_id=couple)}"
    administrator, supervisor = clinic.member("ada", Role.ADMINISTRATOR), clinic.member("sue", Role.SUPERVISOR)
    assert supervisor.get(opening).status_code == 404
    assert supervisor.post(f"{opening}/reviews", json={"outcome": "justified"}).status_code == 404
    assert stranger.post(f"{opening}/reviews", json={"outcome": "justified"}).status_code == 403
    assert therapist.get(opening).json()["words"] == REASON["words"]
    assert administrator.get(opening).json()["words"] is None
    therapist.post(f"/v1/couples/{couple}/care-team", json={"member_id": supervisor.holder_id})
    assert supervisor.get(opening).json()["words"] == REASON["words"]
    assert len(administrator.get("/v1/break-glass-openings").json()["items"]) == 1
    reviewed = supervisor.post(f"{opening}/reviews", json={"outcome": "unjustified"})
    assert (reviewed.status_code, reviewed.json()["review"]["outcome"]) == (200, "unjustified")
    assert reviewed.json()["review"]["reviewed_by"] == supervisor.holder_id
    again = administrator.post(f"{opening}/reviews", json={"outcome": "justified"})
    assert (again.status_code, again.json()["code"]) == (409, "break_glass_reviewed")
    assert administrator.get("/v1/break-glass-openings").json()["items"] == []
    assert len(administrator.get("/v1/break-glass-openings?reviewed=true").json()["items"]) == 1
    assert stranger.get(opening).json()["review"]["outcome"] == "unjustified"


def test_a_supervisor_who_opened_a_record_does_not_judge_it(clinic: Clinic, therapist: Caller, couple: str) -> None:
    supervisor = clinic.member("sue", Role.SUPERVISOR)
    opening = f"/v1/break-glass-openings/{opened(clinic, supervisor, Role.SUPERVISOR, couple_id=couple)}"
    therapist.post(f"/v1/couples/{couple}/care-team", json={"member_id": supervisor.holder_id})
    refused = supervisor.post(f"{opening}/reviews", json={"outcome": "justified"})
    assert (refused.status_code, refused.json()["code"]) == (409, "own_opening")


def test_nobody_opens_more_records_a_day_than_the_clinic_says_and_each_is_an_opening_of_its_own(
    clinic: Clinic, stranger: Caller, couple: str, clock: Wristwatch
) -> None:
    runtime = clinic.app.state.runtime
    runtime.settings = runtime.settings.model_copy(update={"break_glass_a_day": 2})
    first, second = (opened(clinic, stranger, couple_id=couple, minutes=60) for _ in range(2))
    assert first != second
    with pytest.raises(BreakGlassSpentError):
        opened(clinic, stranger, couple_id=couple)
    assert len(alarms(clinic)) == 2
    clock.turn(hours=24)
    opened(clinic, stranger, couple_id=couple)


def test_no_software_no_analyst_no_administrator_and_no_partner_can_open_anything(clinic: Clinic, couple: str) -> None:
    body = REASON | {"couple_id": couple}
    assert not EMERGENCY & GRANTABLE
    callers = [clinic.integration(), clinic.member("ana", Role.ANALYST), clinic.member("ada", Role.ADMINISTRATOR)]
    for caller in callers:
        refused = caller.post("/v1/break-glass-openings", json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert {role for role in Role if ALLOWED[role] >= EMERGENCY} == {Role.THERAPIST, Role.SUPERVISOR}


def test_a_record_whose_key_was_destroyed_is_no_couple_and_what_was_said_of_it_is_gone(
    clinic: Clinic, therapist: Caller, stranger: Caller, couple: str
) -> None:
    before = opened(clinic, stranger, couple_id=couple)
    with clinic.at_desk() as (session, vault):
        destroy_keys(session, vault, [(Owner.COUPLE, decode("cpl", couple))], "erasure", clinic.clock())
    after = opened(clinic, stranger, couple_id=couple)
    told_of = [stranger.get(f"/v1/break-glass-openings/{one}").json()["words"] for one in (before, after)]
    assert told_of == [None, REASON["words"]]
    assert [code for code, _couple in alarms(clinic)] == ["break_glass", "break_glass_missed"]
    assert therapist.get("/v1/break-glass-openings").json()["items"][0]["words"] is None


def test_a_member_who_has_just_signed_in_opens_a_record_and_minutes_later_must_sign_in_again(
    clinic: Clinic, stranger: Caller, couple: str, clock: Wristwatch
) -> None:
    proven = clinic.sign_in_again(stranger.holder_id)
    body = REASON | {"couple_id": couple}
    made = proven.post("/v1/break-glass-openings", json=body)
    assert made.status_code == 201, made.text
    assert proven.get(made.headers["Location"] + "/couple").json()["id"] == couple
    again = proven.post("/v1/break-glass-openings", json=body, headers={"Idempotency-Key": "once"})
    assert again.status_code == 201
    clock.turn(minutes=6)
    replayed = proven.post("/v1/break-glass-openings", json=body, headers={"Idempotency-Key": "once"})
    assert replayed.headers["Idempotency-Replayed"] == "true"
    assert replayed.json() == again.json()
    refused = proven.post("/v1/break-glass-openings", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
    assert len(alarms(clinic)) == 2


def test_a_key_alone_opens_nothing(clinic: Clinic, stranger: Caller, couple: str) -> None:
    refused = stranger.post("/v1/break-glass-openings", json=REASON | {"couple_id": couple})
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
    assert alarms(clinic) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"external_id": "EHR-1", "record_number": "A-1"},
        {"external_id": "EHR-1", "minutes": 14},
        {"external_id": "EHR-1", "minutes": 61},
        {"external_id": "EHR-1", "reason": "curious"},
        {"external_id": "EHR-1", "words": ""},
    ],
)
def test_an_opening_names_one_couple_a_reason_of_the_list_and_minutes_within_bounds(
    stranger: Caller, wrong: dict[str, Any]
) -> None:
    assert stranger.post("/v1/break-glass-openings", json=REASON | wrong).status_code == 422
