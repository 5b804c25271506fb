"""The integrators' script makes keys, proves itself and reads, as its page says."""

import json
import runpy
import stat
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from app.access import clients, keys
from app.core.ids import decode
from tests.conftest import Caller, Clinic, Wristwatch
from tests.couples.test_couples import new_couple

SCRIPT = Path(__file__).parents[2] / "docs" / "integrators" / "client_credentials.py"
PAGE = SCRIPT.with_name("authentication.md")


def test_the_script_reads_every_couple_with_tokens_of_its_own(
    clinic: Clinic, therapist: Caller, clock: Wristwatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = [therapist.post("/v1/couples", json=new_couple(str(number))).json()["id"] for number in range(3)]
    script = runpy.run_path(str(SCRIPT))
    script["make_keys"](tmp_path)
    assert stat.S_IMODE((tmp_path / "private.json").stat().st_mode) == 0o600
    public = json.loads((tmp_path / "public.json").read_text(encoding="utf-8"))
    integration = clinic.integration("dashboard", {"couples:read"})
    with clinic.at_desk() as (session, _vault):
        outbound, named = clinic.app.state.runtime.outbound, decode("int", integration.holder_id)
        client = clients.register_client(session, named, jwks=public, jwks_url=None, outbound=outbound, now=clock())
    key = ECKey.import_key(json.loads((tmp_path / "private.json").read_text(encoding="utf-8")))
    address, http = clinic.app.state.runtime.settings.address, clinic.anonymous()
    tokens = script["Tokens"](http, address, keys.client_id(clinic.id, client.id), key, "couples:read")
    capsys.readouterr()
    assert script["read"](http, tokens, lambda: clock().timestamp()) == 3
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith(("cpl_", "3 "))] == [*ids, "3 couples"]
    first = tokens.token
    clock.turn(minutes=5)
    assert script["read"](http, tokens, lambda: clock().timestamp()) == 3
    assert tokens.token != first


def test_the_page_runs_the_script_by_its_own_words() -> None:
    printed = PAGE.read_text(encoding="utf-8")
    for words in ("client_credentials.py keys", "client_credentials.py read --client-id"):
        assert words in printed
        assert words in SCRIPT.read_text(encoding="utf-8")
