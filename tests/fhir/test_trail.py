"""What is kept of what software read over FHIR, and what a partner can be told of it."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.core.ids import decode
from app.fhir.resources import resources
from app.ledger.models import LedgerEvent
from tests.conftest import Caller, Clinic
from tests.contract.world import World
from tests.fhir.conftest import kept_worlds, world
from tests.fhir.walk import bases

__all__ = ["kept_worlds", "world"]


def reads_of(clinic: Clinic, caller: Caller) -> list[LedgerEvent]:
    """What stands in the trail of this client's reading."""
    with clinic.at_desk() as (session, _vault):
        query = select(LedgerEvent).where(LedgerEvent.actor_id == decode("int", caller.holder_id), LedgerEvent.kind == "read")
        found = list(session.scalars(query.order_by(LedgerEvent.id)))
        session.expunge_all()
    return found


def couples_read(clinic: Clinic, caller: Caller, path: str) -> tuple[Any, list[tuple[str, UUID | None]]]:
    """An answer, and the couples that the trail says it held, each with the type it was in it with."""
    before = len(reads_of(clinic, caller))
    answer = caller.get(path)
    return answer, [(one.subject, one.couple_id) for one in reads_of(clinic, caller)[before:]]


def another_couple(world: World) -> UUID:
    """One more couple of the same clinic."""
    numbers = {f"partner_{slot}": {"record_number": f"other-{slot}"} for slot in "ab"}
    return decode("cpl", world.post("/v1/couples", numbers)["id"])


def test_the_trail_names_each_couple_that_an_answer_held_and_no_other(world: World) -> None:
    """By a search, a read, what is brought along; and that something was searched for where nothing was found."""
    couple, other = decode("cpl", world.ids["couple_id"]), another_couple(world)
    software = world.clinic.integration("wide", {"system/*.rs"})
    found, told = couples_read(world.clinic, software, "/fhir/Patient?identifier=world-a")
    assert told == [("Patient", couple)]
    patient = found.json()["entry"][0]["resource"]["id"]
    assert couples_read(world.clinic, software, f"/fhir/Patient/{patient}")[1] == [("Patient", couple)]
    assert sorted(couples_read(world.clinic, software, "/fhir/Patient")[1]) == sorted([("Patient", couple), ("Patient", other)])
    for path in ("/fhir/Patient?identifier=nobody", "/fhir/Patient?_summary=count"):
        assert couples_read(world.clinic, software, path)[1] == [("Patient", None)]
    for resource in resources().values():
        for base in bases(resource, patient) if resource.of_patients else ():
            answer, told = couples_read(world.clinic, software, f"/fhir/{resource.type}?{base}")
            assert answer.status_code == 200, resource.type
            assert told == [(resource.type, couple if answer.json()["total"] else None)], resource.type


def test_what_is_brought_along_stands_in_the_trail_by_its_own_type(world: World) -> None:
    couple = decode("cpl", world.ids["couple_id"])
    software = world.clinic.integration("wide", {"system/*.rs"})
    leads = [
        (one.type, param) for one in resources().values() for param in one.params if "Patient" in param.targets and param.path
    ]
    assert leads
    for type_, param in leads:
        path = f"/fhir/Patient?identifier=world-a&_revinclude={type_}:{param.name}"
        answer, told = couples_read(world.clinic, software, path)
        brought = {entry["resource"]["resourceType"] for entry in answer.json()["entry"]}
        assert set(told) == {(one, couple) for one in brought}, path


def report(world: World, which: int) -> set[tuple[str, str]]:
    """Who opened a partner's record, and on which day."""
    path = f"{world.couple}/partners/{world.partners[which]}/access-report"
    return {(one["on"], one["who"]) for one in world.therapist.get(path).json()["items"]}


def test_a_partner_is_told_of_software_that_asked_for_them_and_not_of_what_it_asked_of_the_other(world: World) -> None:
    """A list in which both merely appear is told to neither, as everywhere."""
    software = world.clinic.integration("EHR over FHIR", {"system/*.rs"})
    patients = {which: software.get(f"/fhir/Patient?identifier=world-{which}").json()["entry"][0]["resource"] for which in "ab"}
    before = report(world, 0), report(world, 1)
    software.get("/fhir/Patient")
    software.get(f"/fhir/Patient?_id={patients['a']['id']},{patients['b']['id']}")
    assert (report(world, 0), report(world, 1)) == before
    assert software.get(f"/fhir/Patient/{patients['b']['id']}").status_code == 200
    told = {who for _on, who in report(world, 1) - before[1]}
    assert told == {"EHR over FHIR"}
    assert report(world, 0) == before[0]
    world.clinic.clock.turn(days=1)
    software.get(f"/fhir/Patient?_id={patients['a']['id']}")
    assert {who for _on, who in report(world, 0) - before[0]} == {"EHR over FHIR"}
