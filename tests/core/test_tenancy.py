"""The policy, and the guards of the ORM, keep clinics apart alone; each test has a control that shows it can fail."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, exists, func, insert, literal, select, true, union, union_all, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from app.access.models import CareTeamMember, Member
from app.core.bulk import insert_rows
from app.core.database import (
    Compartment,
    OutsideTenantError,
    Reach,
    read_within_reach,
    write_within_clinic,
)
from app.core.ids import encode, new_id
from app.couples import service
from app.couples.models import Concern, Couple, Partner
from app.ledger.models import LedgerEvent
from tests.conftest import Caller
from tests.core.two_clinics import Session, Two, without, without_row_level_security

pytestmark = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)


def seen(two: Two, caller: Caller) -> set[int]:
    """Whether a caller of my clinic gets at the other clinic's couple: 404 and nothing in the list, or 200."""
    theirs = encode("cpl", two.their_couple)
    # Page by page: without the layers taken away here, the list holds every couple that other tests left behind.
    listed = {couple["id"] for couple in caller.every("/v1/couples?limit=200")}
    return {caller.get(f"/v1/couples/{theirs}").status_code, 200 if theirs in listed else 404}


def test_the_policy_alone_keeps_clinics_apart(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    callers = [two.my_therapist, two.mine.member("other"), two.mine.integration()]
    with without_row_level_security(two), without(read_within_reach, "do_orm_execute"):
        for caller in callers:
            assert seen(two, caller) == {404}
        monkeypatch.setattr(service, "visible_to", lambda _work: true())  # the control
        for caller in callers:
            assert seen(two, caller) == {200}


def _ids(session: Session, statement: Any) -> set[Any]:
    return set(session.scalars(statement))


def _alias(two: Two) -> Any:
    other = aliased(Couple)
    return select(other.id).where(other.id == two.their_couple)


def _written(session: Session, statement: Any) -> set[Any]:
    return set(session.scalars(statement, execution_options={"synchronize_session": False}))


THEIRS: dict[str, Callable[[Session, Two], Any]] = {  # each comes back with something only when the other couple is reached
    "select": lambda s, i: i.their_couple in {row.id for row in s.scalars(select(Couple))},
    "columns": lambda s, i: i.their_couple in _ids(s, select(Couple.id)),
    "count": lambda s, _i: s.execute(select(func.count(Couple.id))).scalar_one() > 1,
    "get": lambda s, i: s.get(Couple, (i.theirs.id, i.their_couple)) is not None,
    "where": lambda s, i: _ids(s, select(Couple.id).where(Couple.id == i.their_couple)),
    "where clinic": lambda s, i: _ids(s, select(Couple.id).where(Couple.clinic_id == i.theirs.id)),
    "or": lambda s, i: i.their_couple in _ids(s, select(Couple.id).where((Couple.clinic_id == i.theirs.id) | true())),
    "join": lambda s, i: i.their_couple in _ids(s, select(Couple.id).join(Partner, Partner.couple_id == Couple.id)),
    "joined": lambda s, i: i.their_couple in _ids(s, select(Partner.couple_id).join(Couple, Couple.id == Partner.couple_id)),
    "outer join": lambda s, i: i.their_couple in _ids(s, select(Couple.id).select_from(Member).outerjoin(Couple, true())),
    "subquery": lambda s, i: i.their_couple in _ids(s, select(select(Couple.id).subquery().c.id)),
    "scalar subquery": lambda s, i: _ids(s, select(_one(i).scalar_subquery())) - {None},
    "in": lambda s, i: _ids(s, select(literal(1)).where(literal(i.their_couple).in_(select(Couple.id)))),
    "exists": lambda s, i: s.execute(select(exists().where(Couple.id == i.their_couple))).scalar_one(),
    "correlated exists": lambda s, i: _ids(s, select(literal(1)).where(_one(i).exists())),
    "union": lambda s, i: _ids(s, union(_one(i), _one(i))),
    "union all in a subquery": lambda s, i: _ids(s, select(union_all(_one(i), _one(i)).subquery().c.id)),
    "entities of a union": lambda s, i: (
        i.their_couple
        in {row.id for row in s.scalars(select(Couple).from_statement(union_all(select(Couple), select(Couple))))}
    ),
    "cte": lambda s, i: i.their_couple in _ids(s, select(select(Couple.id).cte("seen").c.id)),
    "alias": lambda s, i: _ids(s, _alias(i)),
    "lock": lambda s, i: _ids(s, _one(i).with_for_update()),
    "update": lambda s, i: _written(
        s, update(Couple).where(Couple.id == i.their_couple).values(time_zone="UTC").returning(Couple.id)
    ),
    "delete": lambda s, i: _written(
        s, delete(CareTeamMember).where(CareTeamMember.couple_id == i.their_couple).returning(CareTeamMember.id)
    ),
}


def _one(two: Two) -> Any:
    return select(Couple.id).where(Couple.id == two.their_couple)


def leaking(two: Two) -> list[str]:
    """The statements that reach the other clinic's couple from within mine."""
    found = []
    for name, read in THEIRS.items():
        with two.session(two.mine.id) as session:
            if read(session, two):
                found.append(name)
    return found


def test_the_orm_alone_keeps_clinics_apart_whatever_the_statement(two: Two) -> None:
    with without_row_level_security(two):
        assert leaking(two) == []
        with without(read_within_reach, "do_orm_execute"):  # the control
            assert leaking(two) == list(THEIRS)


def test_row_level_security_alone_keeps_clinics_apart_whatever_the_statement(two: Two) -> None:
    with without(read_within_reach, "do_orm_execute"):
        assert leaking(two) == []


def test_the_guard_alone_keeps_a_session_from_writing_into_another_clinic(two: Two) -> None:
    with without_row_level_security(two):
        for change in (_add, _move, _remove):
            with two.session(two.mine.id) as session, pytest.raises(OutsideTenantError):
                change(session, two)
            with two.session(two.mine.id) as session, without(write_within_clinic, "before_flush"):  # the control
                change(session, two)


def _add(session: Session, two: Two) -> None:
    seat = CareTeamMember(clinic_id=two.theirs.id, couple_id=two.their_couple, member_id=new_id(), since=two.mine.clock())
    with session.no_autoflush:
        seat.member_id = (
            session.connection()
            .execute(select(Member.__table__.c.id).where(Member.__table__.c.clinic_id == two.theirs.id))
            .scalar_one()
        )
        emptied = f"DELETE FROM care_team_member WHERE clinic_id = '{two.theirs.id}'"  # noqa: S608 - our own id
        session.connection().exec_driver_sql(emptied)
    session.add(seat)
    session.flush()


def _theirs(session: Session, two: Two) -> Couple:
    session.info["reach"] = Reach(two.theirs.id, frozenset(Compartment))
    couple = session.scalars(select(Couple)).one()
    session.info["reach"] = Reach(two.mine.id, frozenset(Compartment))
    return couple


def _move(session: Session, two: Two) -> None:
    _theirs(session, two).time_zone = "UTC"
    session.flush()


def _remove(session: Session, two: Two) -> None:
    session.info["reach"] = Reach(two.theirs.id, frozenset(Compartment))
    seat = session.scalars(select(CareTeamMember)).one()
    session.info["reach"] = Reach(two.mine.id, frozenset(Compartment))
    session.delete(seat)
    session.flush()


def test_a_bulk_insert_lands_in_its_own_clinic_whatever_the_rows_say(two: Two) -> None:
    row = {"clinic_id": two.theirs.id, "id": new_id(), "time_zone": "UTC", "created_at": two.mine.clock(), "version": 1}
    with two.session(two.mine.id) as session:
        insert_rows(session, Couple, [row])
        assert session.scalars(select(Couple.clinic_id).where(Couple.id == row["id"])).one() == two.mine.id


def test_a_session_without_a_clinic_reads_and_writes_nothing(two: Two) -> None:
    with without_row_level_security(two), two.session(UUID(int=0)) as session:
        assert session.scalars(select(Couple)).all() == []
        session.add(Couple(time_zone="UTC", created_at=two.mine.clock()))
        with pytest.raises(OutsideTenantError):
            session.flush()


def test_an_append_only_row_is_neither_changed_nor_removed_through_the_orm(two: Two) -> None:
    for change in ("operation", None):
        with two.session(two.mine.id) as session:
            found = session.scalars(select(LedgerEvent).limit(1)).one()
            if change:
                found.operation = "nothing"
            else:
                session.delete(found)
            with pytest.raises(OutsideTenantError, match="append-only"):
                session.flush()


def test_a_foreign_key_cannot_point_into_another_clinic(two: Two) -> None:
    with two.session(two.mine.id) as session, pytest.raises(IntegrityError, match="foreign key"):
        session.execute(
            insert(Concern),
            [
                {
                    "clinic_id": two.mine.id,
                    "id": new_id(),
                    "couple_id": two.their_couple,
                    "episode_id": new_id(),
                    "compartment": Compartment.CONJOINT,
                    "code": "x",
                    "is_primary": True,
                    "bearer": "relationship",
                    "version": 1,
                }
            ],
        )


def test_every_transaction_names_its_clinic_and_one_without_names_none(two: Two) -> None:
    told = []
    for clinic_id in (two.mine.id, UUID(int=0), two.theirs.id):
        with two.session(clinic_id) as session:
            for _ in range(2):
                told.append(session.connection().exec_driver_sql(NAMED).scalar_one())
                session.commit()
    with two.mine.app.state.runtime.database.engine.connect() as connection:  # the control: the name ends with its transaction
        told.append(connection.exec_driver_sql(NAMED).scalar_one())
    assert told == [id_ for id_ in (str(two.mine.id), "", str(two.theirs.id)) for _ in range(2)] + [""]


NAMED = "SELECT current_setting('app.clinic_id', true)"
