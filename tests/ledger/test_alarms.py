"""An alarm commits with what gave the reason, comes once an hour, and counts couples that were opened, not listed."""

import pytest
from sqlalchemy import select

from app.core.ids import decode
from app.ledger.alarms import raise_alarm
from app.ledger.models import Alarm
from app.ledger.watch import MANY_COUPLES
from tests.conftest import Caller, Clinic, Wristwatch
from tests.couples.test_couples import new_couple

MOST = 3


@pytest.fixture
def couples(clinic: Clinic, therapist: Caller) -> list[str]:
    runtime = clinic.app.state.runtime
    runtime.settings = runtime.settings.model_copy(update={"alarm_couples_an_hour": MOST})
    return [therapist.post("/v1/couples", json=new_couple(str(n))).json()["id"] for n in range(MOST + 2)]


def alarms(clinic: Clinic) -> list[Alarm]:
    with clinic.at_desk() as (session, _vault):
        return list(session.scalars(select(Alarm).order_by(Alarm.id)))


def test_the_read_that_opens_one_couple_too_many_raises_it_once_an_hour(
    clinic: Clinic, therapist: Caller, couples: list[str], clock: Wristwatch
) -> None:
    for couple in couples[:MOST]:
        for _ in range(2):
            therapist.get(f"/v1/couples/{couple}")
    assert alarms(clinic) == []
    crossing = therapist.get(f"/v1/couples/{couples[MOST]}/episodes")
    [alarm] = alarms(clinic)
    assert (alarm.code, alarm.member_id, alarm.couple_id) == (MANY_COUPLES, decode("mem", therapist.holder_id), None)
    assert alarm.request_id == crossing.headers["X-Request-ID"]
    therapist.get(f"/v1/couples/{couples[MOST + 1]}")
    assert len(alarms(clinic)) == 1
    clock.turn(hours=2)
    for couple in couples:
        therapist.get(f"/v1/couples/{couple}")
    assert len(alarms(clinic)) == 2


def test_a_list_of_all_of_them_and_what_lies_hours_apart_raise_none(
    clinic: Clinic, therapist: Caller, couples: list[str], clock: Wristwatch
) -> None:
    for _ in range(2):
        assert len(therapist.get("/v1/couples").json()["items"]) == len(couples)
    for couple in couples:
        therapist.get(f"/v1/couples/{couple}")
        clock.turn(minutes=40)
    assert alarms(clinic) == []


def test_what_was_refused_opened_nothing(clinic: Clinic, couples: list[str]) -> None:
    stranger = clinic.member("stranger")
    for couple in couples:
        assert stranger.get(f"/v1/couples/{couple}").status_code == 404
    assert alarms(clinic) == []


class UndoneError(Exception):
    """Ends a transaction."""


def raised_and(clinic: Clinic, *undone: UndoneError) -> None:
    with clinic.at_desk() as (session, _vault):
        raise_alarm(session, "something", couple_id=None, member_id=None)
        for one in undone:
            raise one


def test_an_alarm_is_undone_with_its_transaction(clinic: Clinic) -> None:
    with pytest.raises(UndoneError):
        raised_and(clinic, UndoneError())
    assert alarms(clinic) == []
    raised_and(clinic)
    assert [one.code for one in alarms(clinic)] == ["something"]
