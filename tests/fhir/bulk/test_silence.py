"""Files of one partner are the same to the last byte, whatever the other did and whatever is kept for safety."""

from typing import Any

import pytest

from tests.conftest import Caller
from tests.contract.world import World
from tests.fhir.bulk.records import exported, local
from tests.fhir.conftest import Read, kept_worlds, read, world
from tests.fhir.test_non_interference import MORE_OWN
from tests.views.acts import EACH
from tests.views.record import Record

__all__ = ["kept_worlds", "read", "world"]

Files = dict[str, tuple[int, bytes, str | None]]
FORM = {"resourceType": "Parameters"}


def files(world: World, record: Record, client: Caller, patient: str) -> Files:
    """What a bulk export of one patient holds at the moment of all looks: by type how much, its bytes, and its tag."""
    world.clinic.clock.moment = record.later
    asked = {"name": "patient", "valueReference": {"reference": f"Patient/{patient}"}}
    manifest = exported(world.clinic, client, "/fhir/Patient/$export", json=FORM | {"parameter": [asked]})
    found: Files = {}
    for file in manifest["output"]:
        answer = client.get(local(world.clinic, file["url"]))
        found[file["type"]] = (file["count"], answer.content, answer.headers.get("etag"))
    return found


def clients(world: World, read: Read) -> dict[str, Caller]:
    """Those who may know couples, and those who may not."""
    return {name: world.clinic.caller(getattr(read, name).key, f"int_{name}") for name in ("wide", "narrow")}


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_no_byte_of_as_files_moves_with_what_b_does_or_with_what_is_kept_for_safety(world: World, read: Read) -> None:
    record, callers = read.record, clients(world, read)
    patients = {which: read.wide.patient(which) for which in "ab"}
    before = {name: files(world, record, caller, patients["a"]) for name, caller in callers.items()}
    of_b = files(world, record, callers["wide"], patients["b"])
    assert {"Patient", "Observation", "QuestionnaireResponse"} <= before["narrow"].keys()
    done = [act.told for number, act in enumerate((*EACH, *MORE_OWN)) if act.do(record, number).status in {200, 201}]
    assert len(done) > len(EACH) / 2, done
    assert {name: files(world, record, caller, patients["a"]) for name, caller in callers.items()} == before
    assert files(world, record, callers["wide"], patients["b"]) != of_b  # the control: B's own files do


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_file_of_one_partner_holds_nothing_of_the_other(world: World, read: Read) -> None:
    caller = clients(world, read)["narrow"]
    patients = {which: read.wide.patient(which) for which in "ab"}
    found: dict[str, Any] = {which: files(world, read.record, caller, patient) for which, patient in patients.items()}
    assert not any(patients["b"].encode() in body for _count, body, _tag in found["a"].values())
    assert not any(patients["a"].encode() in body for _count, body, _tag in found["b"].values())
