"""A member leaves in one call: everything ends and every couple is handed over, or nothing happens at all."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.access.models import CareTeamMember
from app.access.permissions import Role
from app.core.ids import decode
from tests.conftest import Caller, Clinic, Wristwatch
from tests.couples.test_couples import new_couple


@pytest.fixture
def administrator(clinic: Clinic) -> Caller:
    """Who ends members."""
    return clinic.member("ada", Role.ADMINISTRATOR)


def couples_of(therapist: Caller, number: int, start: int = 0) -> list[str]:
    """Ids of new couples."""
    bodies = [new_couple(str(start + one)) for one in range(number)]
    return [therapist.post("/v1/couples", json=body).json()["id"] for body in bodies]


def leave(administrator: Caller, member: Caller, **body: Any) -> Any:
    """The answer to a departure."""
    return administrator.post(f"/v1/members/{member.holder_id}/departures", json=body)


def test_a_member_leaves_and_named_colleagues_take_over(administrator: Caller, therapist: Caller, clinic: Clinic) -> None:
    first, second, third = couples_of(therapist, 3)
    cara, dora = clinic.member("cara"), clinic.member("dora")
    handovers = [{"couple_id": second, "member_id": dora.holder_id}]
    left = leave(administrator, therapist, handed_to=cara.holder_id, handovers=handovers)
    assert left.status_code == 200, left.text
    told = left.json()
    assert (told["credentials_ended"], told["seats_ended"]) == (1, 3)
    assert {(one["couple_id"], one["member_id"]) for one in told["handed_over"]} == {
        (first, cara.holder_id),
        (second, dora.holder_id),
        (third, cara.holder_id),
    }
    assert therapist.get("/v1/me").status_code == 401
    assert [couple["id"] for couple in cara.every("/v1/couples")] == [first, third]
    assert [couple["id"] for couple in dora.every("/v1/couples")] == [second]
    again = leave(administrator, therapist, handed_to=cara.holder_id)
    assert (again.status_code, again.json()["code"]) == (409, "member_ended")
    record = administrator.get(f"/v1/members/{therapist.holder_id}").json()
    assert record["ended_at"] == told["ended_at"]
    changed = administrator.patch(
        f"/v1/members/{therapist.holder_id}", json={"competence": "P"}, headers={"If-Match": f'"{record["version"]}"'}
    )
    assert changed.json()["code"] == "member_ended"


def test_a_departure_that_would_leave_a_couple_alone_changes_nothing_and_names_it(
    administrator: Caller, therapist: Caller, clinic: Clinic
) -> None:
    shared, alone, archived = couples_of(therapist, 3)
    other = clinic.member("other")
    therapist.post(f"/v1/couples/{shared}/care-team", json={"member_id": other.holder_id})
    therapist.delete(f"/v1/couples/{archived}", headers={"If-Match": '"1"'})
    refused = leave(administrator, therapist)
    assert (refused.status_code, refused.json()["code"]) == (409, "caseload_left")
    told = [fault["detail"] for fault in refused.json()["errors"]]
    assert [sentence.split()[0] for sentence in told] == [alone, archived]
    assert len(list(therapist.every("/v1/couples"))) == 2
    taken = [{"couple_id": one, "member_id": other.holder_id} for one in (alone, archived)]
    assert leave(administrator, therapist, handovers=taken).status_code == 200
    assert len(list(other.every("/v1/couples"))) == 2
    assert len(list(other.every("/v1/couples?archived=true"))) == 1


def test_only_therapists_who_stay_take_over_and_only_what_was_theirs(
    administrator: Caller, therapist: Caller, clinic: Clinic
) -> None:
    (own,) = couples_of(therapist, 1)
    other = clinic.member("other")
    (foreign,) = couples_of(other, 1, start=1)
    gone = clinic.member("gone")
    leave(administrator, gone)
    for taker in (clinic.member("sue", Role.SUPERVISOR), clinic.member("ana", Role.ANALYST), administrator, gone, therapist):
        refused = leave(administrator, therapist, handed_to=taker.holder_id)
        assert (refused.status_code, refused.json()["code"]) == (422, "member_unknown")
    for couple in (foreign, "cpl_00000000000000000000000000"):
        body = {"handovers": [{"couple_id": couple, "member_id": other.holder_id}], "handed_to": other.holder_id}
        refused = leave(administrator, therapist, **body)
        assert (refused.status_code, refused.json()["code"]) == (422, "not_in_caseload")
    assert therapist.get(f"/v1/couples/{own}").status_code == 200
    assert other.get(f"/v1/couples/{own}").status_code == 404


def test_who_supervised_leaves_without_a_handover_and_nobody_inherits_what_they_saw(
    administrator: Caller, therapist: Caller, clinic: Clinic
) -> None:
    (couple,) = couples_of(therapist, 1)
    supervisor, other = clinic.member("sue", Role.SUPERVISOR), clinic.member("other")
    therapist.post(f"/v1/couples/{couple}/care-team", json={"member_id": supervisor.holder_id})
    left = leave(administrator, supervisor, handed_to=other.holder_id)
    assert (left.json()["seats_ended"], left.json()["handed_over"]) == (1, [])
    assert supervisor.get("/v1/me").status_code == 401
    assert other.get(f"/v1/couples/{couple}").status_code == 404


def test_a_departed_member_gets_no_seat_and_their_links_stay_with_the_couple(
    administrator: Caller, therapist: Caller, clinic: Clinic
) -> None:
    (couple,) = couples_of(therapist, 1)
    partner = therapist.get(f"/v1/couples/{couple}").json()["partners"][0]["id"]
    asked = {"purpose": "measure", "measure": {"code": "gmsex", "language": "en"}}
    link = therapist.post(f"/v1/couples/{couple}/partners/{partner}/links", json=asked).json()
    other = clinic.member("other")
    assert leave(administrator, therapist, handed_to=other.holder_id).status_code == 200
    refused = other.post(f"/v1/couples/{couple}/care-team", json={"member_id": therapist.holder_id})
    assert (refused.status_code, refused.json()["code"]) == (422, "member_unknown")
    listed = other.get(f"/v1/couples/{couple}/partners/{partner}/links").json()["items"]
    assert [(one["id"], one["state"], one["created_by"]) for one in listed] == [(link["id"], "open", therapist.holder_id)]
    answered = clinic.anonymous().get(link["url"])
    assert answered.status_code == 200


def test_a_draft_left_behind_is_nobodys_to_sign_and_the_notes_that_were_signed_stay(
    administrator: Caller, therapist: Caller, clinic: Clinic
) -> None:
    (couple,) = couples_of(therapist, 1)
    notes = f"/v1/couples/{couple}/notes"
    body = {"about": "couple", "held_on": "2026-11-20", "format": "free", "sections": {"text": "T"}}
    attended = {"attendance": {"partner_a": "present", "partner_b": "present"}}
    hour = {"started_at": "2026-11-20T17:00:00Z", "ended_at": "2026-11-20T17:50:00Z"}
    draft, signed = (therapist.post(notes, json=body | attended | hour).json()["id"] for _ in range(2))
    therapist.post(f"{notes}/{signed}/signatures", json={"version": 1})
    other = clinic.member("other")
    assert leave(administrator, therapist, handed_to=other.holder_id).status_code == 200
    assert other.get(f"{notes}/{signed}").status_code == 200
    assert other.post(f"{notes}/{draft}/signatures", json={"version": 1}).status_code in {404, 409}
    assert other.patch(f"{notes}/{draft}", json={"format": "free"}, headers={"If-Match": '"1"'}).status_code in {404, 409}


@settings(max_examples=15)
@given(data=st.data())
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_whoever_leaves_every_couple_keeps_a_therapist_who_works_here(
    clinic: Clinic, administrator: Caller, clock: Wristwatch, data: st.DataObject
) -> None:
    number = clock().timestamp()
    team = [clinic.member(f"t{number}-{one}") for one in range(3)]
    for one in range(3):
        owner, *others = data.draw(st.lists(st.sampled_from(team), min_size=1, max_size=3, unique=True))
        body = new_couple(f"{number}-{one}", care_team=[other.holder_id for other in others])
        assert owner.post("/v1/couples", json=body).status_code == 201
    for _ in range(3):
        leaver, taker = data.draw(st.sampled_from(team)), data.draw(st.sampled_from([*team, None]))
        left = leave(administrator, leaver, **({} if taker is None else {"handed_to": taker.holder_id}))
        assert left.status_code in {200, 409, 422}
    with clinic.at_desk() as (session, _vault):
        seats = session.execute(select(CareTeamMember.couple_id, CareTeamMember.member_id, CareTeamMember.until)).all()
    working = {decode("mem", one.holder_id) for one in team if one.get("/v1/me").status_code == 200}
    assert all(
        seat.member_id in working
        for seat in seats
        if seat.until is None and seat.member_id in {decode("mem", t.holder_id) for t in team}
    )
    assert {seat.couple_id for seat in seats} == {seat.couple_id for seat in seats if seat.until is None}
