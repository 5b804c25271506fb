"""The integrators' script takes what is delivered, refuses what is not, and reads in the feed what changed."""

import json
import re
import runpy
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.changes.kinds import KINDS
from app.core.ids import decode
from app.webhooks.sending import carry
from tests.conftest import Clinic
from tests.couples.test_couples import new_couple
from tests.safety.records import done
from tests.webhooks.records import ENDPOINTS, Hooks

SCRIPT = Path(__file__).parents[2] / "docs" / "integrators" / "webhook_receiver.py"
PAGE = SCRIPT.with_name("webhooks.md")


@pytest.fixture
def script() -> dict[str, Any]:
    """What the script defines."""
    return runpy.run_path(str(SCRIPT))


def test_the_script_hears_of_a_change_once_and_finds_out_what_it_was(hooks: Hooks, script: dict[str, Any]) -> None:
    hooks.be_now()
    clinic: Clinic = hooks.clinic
    ehr, therapist = clinic.integration(), clinic.member("thea")
    since = script["now"](ehr)
    server = script["serve"](script["Bell"]("whsec_" + "A" * 32), 0)
    url = f"http://localhost:{server.server_address[1]}/"
    endpoint = done(ehr.post(ENDPOINTS, json={"url": url, "event_types": ["couple.changed"]}))
    assert httpx.post(url, content=b"{}").status_code == 401
    server.shutdown()
    server.server_close()
    bell = script["Bell"](endpoint["secret"])
    server = script["serve"](bell, server.server_address[1])
    couple = done(therapist.post("/v1/couples", json=new_couple()))
    hooks.tell()
    carry(hooks.runtime, clinic.id, decode("whe", endpoint["id"]))
    (told,) = hooks.log(ehr)
    assert (told["status"], told["answer_status"]) == ("delivered", 204)
    done(ehr.post(f"/v1/webhook-deliveries/{told['id']}/redeliveries"), 200)
    carry(hooks.runtime, clinic.id, decode("whe", endpoint["id"]))
    assert bell.rung.get_nowait()["data"] == {"id": couple["id"]}
    assert bell.rung.empty()  # the second time it was known
    found = [(item["op"], item["type"], item["id"]) for item, _since in script["changes"](ehr, since)]
    assert ("upsert", "couple", couple["id"]) in found
    server.shutdown()
    server.server_close()


def test_the_page_runs_the_script_by_its_own_words() -> None:
    printed = PAGE.read_text(encoding="utf-8")
    assert "webhook_receiver.py --port" in printed
    assert "webhook_receiver.py --port" in SCRIPT.read_text(encoding="utf-8")


def test_the_key_that_the_page_makes_may_have_the_endpoint_that_it_adds() -> None:
    printed = PAGE.read_text(encoding="utf-8")
    made = set(re.findall(r"--scope (\S+)", printed))
    named = json.loads(re.findall(r'"event_types": (\[.*?\])', printed)[0])
    needed = {str(KINDS[one.partition(".")[0]].permission) for one in named}
    assert made >= needed | {"webhooks:write", "webhooks:read", "changes:read"}
