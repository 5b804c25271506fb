"""The script for FHIR makes keys, finds out where tokens are had, and reads what it was let in to."""

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey

from app.access.permissions import Role
from tests.conftest import Caller, Clinic, Wristwatch
from tests.couples.test_couples import new_couple
from tests.guides.pages import FOLDER


@pytest.fixture
def script() -> dict[str, Any]:
    """What the script defines."""
    return runpy.run_path(str(FOLDER / "fhir_client.py"))


@pytest.fixture
def register(clinic: Clinic, script: dict[str, Any], clock: Wristwatch, tmp_path: Path) -> Any:
    """Lets the script in, as its page says, with these scopes; what it then works with."""

    def let_in(*scopes: str, asked: str = "system/*.rs") -> Any:
        script["make_keys"](tmp_path)
        desk = clinic.signed_in("ada", Role.ADMINISTRATOR)
        made = desk.post("/v1/integrations", json={"name": "chart", "scopes": list(scopes)}).json()
        public = json.loads((tmp_path / "public.json").read_text(encoding="utf-8"))
        client = desk.post(f"/v1/integrations/{made['id']}/clients", json={"jwks": public}).json()
        key = ECKey.import_key(json.loads((tmp_path / "private.json").read_text(encoding="utf-8")))
        base = clinic.app.state.runtime.settings.address + "/fhir"
        chart = script["Clinic"](clinic.anonymous(), base, client["client_id"], key, asked)
        chart.now = lambda: clock().timestamp()
        return chart

    return let_in


def test_it_reads_every_patient_page_by_page_with_tokens_of_its_own(
    register: Any, therapist: Caller, clock: Wristwatch
) -> None:
    for number in range(3):
        assert therapist.post("/v1/couples", json=new_couple(str(number))).status_code == 201
    chart = register("system/Patient.rs")
    found = list(chart.search("Patient?_count=2"))
    assert [one["resourceType"] for one in found] == ["Patient"] * 6
    first = chart.token
    clock.turn(minutes=5)
    assert len(list(chart.search("Patient"))) == 6
    assert chart.token != first


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_what_it_may_not_it_is_told_in_a_sentence(register: Any) -> None:
    chart = register("system/Patient.rs")
    with pytest.raises(SystemExit, match="do not allow"):
        list(chart.search("Organization"))
    with pytest.raises(SystemExit, match="no such search parameter"):
        list(chart.search("Patient?shoe-size=42"))
    chart.scope, chart.ends = "system/Task.rs", 0
    with pytest.raises(SystemExit, match="no token: The integration has nothing of one of the scopes"):
        list(chart.search("Patient"))
