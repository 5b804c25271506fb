"""Psychotherapy notes: their author's alone, apart from the record, and told of nowhere."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from app.access.permissions import GRANTABLE, PRIVATE, Role
from app.core.crypto import Owner
from app.core.database import Compartment, Reach
from app.core.shredding import destroy_keys
from app.ledger.models import LedgerEvent
from app.psychotherapy import service
from app.psychotherapy.models import PsychotherapyFile, PsychotherapyGrant, PsychotherapyNote
from tests.conftest import Caller, Clinic, Wristwatch
from tests.contract.test_canary import logs
from tests.notes.records import open_couple
from tests.notes.test_life import supervise
from tests.raw_files import bytes_of

CANARY = "kanarienvogel-5b1c"


def notes_of(couple: dict[str, Any]) -> str:
    """Where private notes on a couple are."""
    return f"/v1/couples/{couple['id']}/psychotherapy-notes"


def grants_of(couple: dict[str, Any]) -> str:
    """Where grants to read them are."""
    return f"/v1/couples/{couple['id']}/psychotherapy-grants"


def confide(caller: Caller, couple: dict[str, Any], words: str = "I side with whoever speaks less.") -> str:
    """Writes a private note and says where it is."""
    made = caller.post(notes_of(couple), json={"text": words})
    assert made.status_code == 201, made.text
    return str(made.headers["Location"])


def let_in(author: Caller, couple: dict[str, Any], supervisor: Caller, clock: Wristwatch, days: int = 7) -> Any:
    """Asks to let a supervisor read."""
    moment = clock.moment.timestamp() + days * 86_400
    until = clock.moment.fromtimestamp(moment, clock.moment.tzinfo).isoformat()
    return author.post(grants_of(couple), json={"member_id": supervisor.holder_id, "expires_at": until})


def listed(caller: Caller, couple: dict[str, Any]) -> list[str]:
    """The words of the private notes a caller reads in the list."""
    return [one["text"] for one in caller.get(notes_of(couple)).json()["items"]]


def test_an_author_writes_changes_and_reads_their_own_notes(therapist: Caller) -> None:
    couple = open_couple(therapist)
    path = confide(therapist, couple, "First.")
    assert therapist.get(path).json()["author_id"] == therapist.holder_id
    assert therapist.patch(path, json={"text": "Second."}).status_code == 428
    changed = therapist.patch(path, json={"text": "Second."}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["text"], changed.json()["version"]) == (200, "Second.", 2)
    assert therapist.patch(path, json={"text": "Third."}, headers={"If-Match": '"1"'}).status_code == 412
    confide(therapist, couple, "Another.")
    assert listed(therapist, couple) == ["Second.", "Another."]
    assert [one["text"] for one in therapist.every(notes_of(couple) + "?limit=1")] == ["Second.", "Another."]


def test_nobody_else_on_the_care_team_finds_one_nor_anything_that_differs_from_there_being_none(
    clinic: Clinic, therapist: Caller
) -> None:
    couple, other = open_couple(therapist, "1"), open_couple(therapist, "2")
    colleague = clinic.member("colleague")
    therapist.post(f"/v1/couples/{couple['id']}/care-team", json={"member_id": colleague.holder_id})
    supervisor = supervise(clinic, therapist, couple)
    path = confide(therapist, couple)
    for caller in (colleague, supervisor):
        assert caller.get(path).status_code == 404
        assert listed(caller, couple) == []
    assert colleague.patch(path, json={"text": "x"}, headers={"If-Match": '"1"'}).status_code == 404
    assert therapist.get(path.replace(couple["id"], other["id"])).status_code == 404
    assert clinic.member("stranger").get(notes_of(couple)).status_code == 404
    for role in (Role.ADMINISTRATOR, Role.ANALYST):
        assert clinic.member(role, role).get(path).status_code == 403
    for view in ("partner_a", "partner_b"):
        for where in (path, notes_of(couple), grants_of(couple)):
            assert therapist.get(f"{where}?as={view}").status_code == 404
    confide(colleague, couple, "My own.")
    assert listed(colleague, couple) == ["My own."]
    assert len(listed(therapist, couple)) == 1


def test_no_integration_can_be_given_the_scope_and_no_key_of_one_gets_through(clinic: Clinic, therapist: Caller) -> None:
    assert not PRIVATE & GRANTABLE
    assert clinic.integration().get(confide(therapist, open_couple(therapist))).status_code == 403


def test_a_supervisor_reads_only_by_the_authors_grant_until_it_ends_or_is_taken_back(
    clinic: Clinic, therapist: Caller, clock: Wristwatch
) -> None:
    couple = open_couple(therapist)
    supervisor, colleague = supervise(clinic, therapist, couple), clinic.member("colleague")
    therapist.post(f"/v1/couples/{couple['id']}/care-team", json={"member_id": colleague.holder_id})
    path, theirs = confide(therapist, couple, "Mine."), confide(colleague, couple, "Theirs.")
    grant = let_in(therapist, couple, supervisor, clock)
    assert grant.status_code == 201, grant.text
    assert listed(supervisor, couple) == ["Mine."]
    assert (supervisor.get(path).status_code, supervisor.get(theirs).status_code) == (200, 404)
    assert supervisor.patch(path, json={"text": "x"}, headers={"If-Match": '"1"'}).status_code == 403
    assert colleague.get(grants_of(couple)).json()["items"] == []
    assert [one["id"] for one in therapist.get(grants_of(couple)).json()["items"]] == [grant.json()["id"]]
    assert colleague.post(f"{grants_of(couple)}/{grant.json()['id']}/revocations").status_code == 404
    revoked = therapist.post(f"{grants_of(couple)}/{grant.json()['id']}/revocations")
    assert revoked.json()["revoked_at"] is not None
    assert therapist.post(f"{grants_of(couple)}/{grant.json()['id']}/revocations").json() == revoked.json()
    assert (listed(supervisor, couple), supervisor.get(path).status_code) == ([], 404)
    assert let_in(therapist, couple, supervisor, clock).status_code == 201
    clock.turn(days=6)
    assert listed(supervisor, couple) == ["Mine."]
    clock.turn(days=1)
    assert listed(supervisor, couple) == []


def test_a_grant_is_to_a_supervisor_of_this_couple_for_ninety_days_at_most(
    clinic: Clinic, therapist: Caller, clock: Wristwatch
) -> None:
    couple, other = open_couple(therapist, "1"), open_couple(therapist, "2")
    supervisor, colleague = supervise(clinic, therapist, couple), clinic.member("colleague")
    therapist.post(f"/v1/couples/{couple['id']}/care-team", json={"member_id": colleague.holder_id})
    for refused, place in (
        (let_in(therapist, couple, colleague, clock), "/member_id"),
        (let_in(therapist, other, supervisor, clock), "/member_id"),
        (let_in(therapist, couple, supervisor, clock, days=91), "/expires_at"),
        (let_in(therapist, couple, supervisor, clock, days=-1), "/expires_at"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (422, "psychotherapy_grant_invalid")
        assert [fault["pointer"] for fault in refused.json()["errors"]] == [place]


def test_a_supervisor_who_leaves_the_care_team_reads_nothing_whatever_was_granted(
    clinic: Clinic, therapist: Caller, clock: Wristwatch
) -> None:
    couple = open_couple(therapist)
    supervisor = supervise(clinic, therapist, couple)
    path = confide(therapist, couple)
    let_in(therapist, couple, supervisor, clock)
    with clinic.at_desk() as (session, _vault):
        session.connection().execute(
            text("UPDATE care_team_member SET until = :now WHERE member_id IN (SELECT id FROM member WHERE login = 'sue')"),
            {"now": "2026-01-01"},
        )
    assert supervisor.get(path).status_code == supervisor.get(notes_of(couple)).status_code == 404


def events(clinic: Clinic) -> list[dict[str, Any]]:
    """The trail, as its columns say it."""
    columns = LedgerEvent.__table__.columns
    with clinic.at_desk() as (session, _vault):
        rows = session.execute(select(*columns).order_by(LedgerEvent.id)).mappings()
        return [dict(row) for row in rows]


MOVING = {"id", "at", "request_id", "position"}


def test_the_trail_says_that_the_author_worked_and_not_on_what_or_whom_or_how(
    clinic: Clinic, therapist: Caller, clock: Wristwatch
) -> None:
    couple = open_couple(therapist)
    supervisor = supervise(clinic, therapist, couple)
    before = len(events(clinic))
    path = confide(therapist, couple)
    therapist.get(path)
    therapist.get(notes_of(couple))
    therapist.patch(path, json={"text": "Second."}, headers={"If-Match": '"1"'})
    let_in(therapist, couple, supervisor, clock)
    therapist.get(grants_of(couple))
    told = [{name: value for name, value in event.items() if name not in MOVING} for event in events(clinic)[before:]]
    assert len(told) == 6  # one a request, whatever it did
    assert all(event == told[0] for event in told)
    known = {name for name, value in told[0].items() if value is not None}
    assert known == {"clinic_id", "operation", "kind", "actor_kind", "actor_id", "actor_role", "credential_id", "subject"}
    assert (told[0]["operation"], told[0]["subject"], told[0]["kind"]) == ("own_work", "own_work", "work")
    therapist.get(f"/v1/couples/{couple['id']}")  # the control: any other read names its couple
    assert events(clinic)[-1]["couple_id"] is not None


def test_neither_an_administrators_list_nor_a_partners_report_changes_by_them(clinic: Clinic, therapist: Caller) -> None:
    couple, administrator = open_couple(therapist), clinic.member("ada", Role.ADMINISTRATOR)
    report = f"/v1/couples/{couple['id']}/partners/{couple['partners'][0]['id']}/access-report"
    audit = f"/v1/audit-events?member_id={therapist.holder_id}"

    def told() -> tuple[int, str]:
        listed = [event for event in administrator.get(audit).json()["items"] if event["operation"] != "read_access_report"]
        return len(listed), therapist.get(report).text

    assert told()[0] > 0
    before = told()
    therapist.get(confide(therapist, couple))
    therapist.get(notes_of(couple))
    after = told()
    assert after[0] - before[0] == 1  # the report that was read in between, and nothing else
    assert (after[1], "psychotherapy" in after[1]) == (before[1], False)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_log_of_the_service_tells_no_more_than_the_trail(
    clinic: Clinic, therapist: Caller, capfd: pytest.CaptureFixture[str]
) -> None:
    couple = open_couple(therapist)
    with logs():
        therapist.get(confide(therapist, couple))
        clinic.member("stranger").get(notes_of(couple))
        therapist.get(f"/v1/couples/{couple['id']}")
    told = capfd.readouterr().err
    assert "psychotherapy" not in told
    assert told.count('"operation": "own_work"') == 3
    assert '"operation": "read_couple"' in told  # the control


def test_no_reach_of_any_role_or_gate_holds_a_private_row(clinic: Clinic, therapist: Caller, clock: Wristwatch) -> None:
    couple = open_couple(therapist)
    confide(therapist, couple)
    let_in(therapist, couple, supervise(clinic, therapist, couple), clock)
    tables = (PsychotherapyFile, PsychotherapyNote, PsychotherapyGrant)
    with clinic.app.state.runtime.database.transaction(Reach(clinic.id, frozenset(Compartment))) as session:
        assert [len(session.scalars(select(table)).all()) for table in tables] == [0, 0, 0]
        with session.reaching(service.OWN):  # the control
            assert [len(session.scalars(select(table)).all()) for table in tables] == [1, 1, 1]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_no_word_of_one_lies_in_clear_and_no_copy_under_another_key(clinic: Clinic, therapist: Caller) -> None:
    couple = open_couple(therapist)
    made = therapist.post(notes_of(couple), json={"text": CANARY}, headers={"Idempotency-Key": "once"})
    again = therapist.post(notes_of(couple), json={"text": CANARY}, headers={"Idempotency-Key": "once"})
    assert made.json() == again.json()
    assert CANARY not in again.text  # what is kept for retries is under the clinic's key
    assert CANARY in therapist.get(made.headers["Location"]).text
    file = clinic.settings.sqlite_file
    assert file is not None
    kept = bytes_of(Path(f"{file}{end}") for end in ("", "-wal"))
    assert couple["time_zone"].encode() in kept  # the control
    assert CANARY.encode() not in kept


def test_each_author_has_a_key_of_their_own_and_its_end_ends_these_notes_alone(clinic: Clinic, therapist: Caller) -> None:
    couple, colleague = open_couple(therapist), clinic.member("colleague")
    therapist.post(f"/v1/couples/{couple['id']}/care-team", json={"member_id": colleague.holder_id})
    mine, theirs = confide(therapist, couple), confide(colleague, couple)
    with clinic.at_desk() as (session, vault), session.reaching(service.OWN):
        file = session.scalars(select(PsychotherapyFile).order_by(PsychotherapyFile.id)).first()
        assert file is not None
        destroy_keys(session, vault, [(Owner.PSYCHOTHERAPY, file.id)], "erasure", clinic.clock())
    assert therapist.get(mine).json()["code"] == "internal"
    assert colleague.get(theirs).status_code == 200
