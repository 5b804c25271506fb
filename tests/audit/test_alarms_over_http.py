"""An administrator reads alarms and says, once, that they looked at one; what they found is sealed."""

import pytest
from sqlalchemy import select

from app.access.permissions import Role
from app.core.ids import decode
from app.ledger.alarms import raise_alarm
from app.ledger.models import AlarmAcknowledgement
from tests.conftest import Caller, Clinic

FOUND = "Audit week; agreed with the supervisor."


@pytest.fixture
def administrator(clinic: Clinic) -> Caller:
    return clinic.member("ada", Role.ADMINISTRATOR)


def raised(clinic: Clinic, therapist: Caller, times: int) -> None:
    with clinic.at_desk() as (session, _vault):
        for _ in range(times):
            raise_alarm(session, "something", couple_id=None, member_id=decode("mem", therapist.holder_id))


def test_alarms_are_listed_and_one_that_was_looked_at_says_by_whom(
    clinic: Clinic, therapist: Caller, administrator: Caller
) -> None:
    raised(clinic, therapist, 3)
    first, *others = administrator.every("/v1/alarms?limit=1")
    assert (first["code"], first["member_id"], first["acknowledged_at"]) == ("something", therapist.holder_id, None)
    looked = administrator.post(f"/v1/alarms/{first['id']}/acknowledgements", json={"note": FOUND})
    assert looked.status_code == 200
    assert (looked.json()["acknowledged_by"], looked.json()["note"]) == (administrator.holder_id, FOUND)
    assert list(administrator.every("/v1/alarms?acknowledged=true")) == [looked.json()]
    assert list(administrator.every("/v1/alarms?acknowledged=false")) == others
    again = administrator.post(f"/v1/alarms/{first['id']}/acknowledgements", json={"note": "Again."})
    assert (again.status_code, again.json()["code"]) == (409, "alarm_acknowledged")
    with clinic.at_desk() as (session, _vault):
        sealed = session.scalars(select(AlarmAcknowledgement.note)).one()
    assert FOUND.encode() not in sealed


def test_an_alarm_is_the_administrators_alone_and_one_that_is_not_there_is_404(
    clinic: Clinic, therapist: Caller, administrator: Caller
) -> None:
    raised(clinic, therapist, 1)
    [alarm] = administrator.every("/v1/alarms")
    path = f"/v1/alarms/{alarm['id']}/acknowledgements"
    assert therapist.post(path, json={"note": FOUND}).status_code == 403
    unknown = path.replace(alarm["id"], "alm_00000000000000000000000000")
    assert administrator.post(unknown, json={"note": FOUND}).status_code == 404
