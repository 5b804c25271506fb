"""What was acknowledged is there after a kill, and of a transaction never a part."""

import threading
import time
from pathlib import Path

import httpx
import pytest

from tests.conftest import Clinic
from tests.fhir.writing.records import EHR, RESPONSES, Desk, desk, numbered, post
from tests.served import Served

CLIENTS = 3
pytestmark = pytest.mark.served


class Writer(threading.Thread):
    """Sends transactions of two responses each, until nobody answers."""

    def __init__(self, of: Desk, address: str, name: str) -> None:
        super().__init__(daemon=True)
        self.of, self.address, self.writer = of, address, name
        self.told: list[str] = []

    def run(self) -> None:
        """Sends until the server is gone."""
        headers = {"Authorization": f"Bearer {self.of.software.key}"}
        with httpx.Client(base_url=self.address, timeout=10, headers=headers) as client:
            for number in range(10_000):
                names = [f"{self.writer}-{number}-{slot}" for slot in "ab"]
                entries = [
                    post(self.of.response(slot, identifier=numbered(name), questionnaire="Questionnaire/gmsex"))
                    for slot, name in enumerate(names)
                ]
                try:
                    done = client.post("/fhir", json={"resourceType": "Bundle", "type": "transaction", "entry": entries})
                except httpx.TransportError:
                    return
                if done.status_code != 200:  # a test that fails, and not one that waits
                    return
                self.told += names


def test_what_was_acknowledged_before_a_kill_is_there_and_of_a_transaction_never_a_part(clinic: Clinic, tmp_path: Path) -> None:
    of = desk(clinic)
    with Served(clinic.settings, tmp_path / "server.log") as served:
        writers = [Writer(of, served.address, str(number)) for number in range(CLIENTS)]
        for writer in writers:
            writer.start()
        while any(writer.is_alive() and len(writer.told) < 6 for writer in writers):
            time.sleep(0.01)
        served.kill()
        for writer in writers:
            writer.join(15)
    told = [name for writer in writers for name in writer.told]
    found, path = [], f"{RESPONSES}?_count=200"
    while path:
        page = of.software.get(path).json()
        found += [entry["resource"]["identifier"] for entry in page.get("entry", ())]
        path = next((link["url"].partition("8000")[2] for link in page["link"] if link["relation"] == "next"), "")
    stored = [one["value"] for one in found]
    assert all(len(writer.told) >= 6 for writer in writers)
    assert set(told) <= set(stored)
    assert len(set(stored)) == len(stored) <= len(told) + 2 * CLIENTS
    assert {one["system"] for one in found} == {EHR}
    assert {name[:-1] + "a" for name in stored} | {name[:-1] + "b" for name in stored} == set(stored)
    administrations, scores, _events = of.counted()
    assert administrations == scores == len(stored)
