from app.exports.tables import tables
from tests.conftest import Caller, Clinic, Wristwatch
from tests.exports.snapshots import reading, rows_of
from tests.homework.records import running


def test_a_plan_whose_clearance_ran_out_is_paused_in_an_export_though_nobody_looked(
    clinic: Clinic, therapist: Caller, clock: Wristwatch
) -> None:
    running(therapist)
    clock.turn(weeks=12)
    with reading(clinic) as found:
        assert [plan["status"] for plan in rows_of(found, tables()["plans"])] == ["active"]  # it does not show at once
    clock.turn(days=30)
    with reading(clinic) as found:
        plans = rows_of(found, tables()["plans"])
    assert [(plan["status"], plan["reason"]) for plan in plans] == [("paused", "paused_by_therapist")]
