"""Twenty thousand spoilt requests: none makes the service fail, and none gets an answer that the document does not hold.

REKINDLE_FUZZ=2000000 asks as often as the figures want, on both engines and drawn anew every time; it prints its seed, and
REKINDLE_FUZZ_SEED draws the same again.
"""

import copy
import json
import os
import random
import time

import pytest

from app.core import json_guard
from tests.conftest import ENGINES
from tests.contract.fuzzer import Fuzzer
from tests.contract.test_openapi import OPERATIONS
from tests.contract.world import World

MORE = int(os.environ.get("REKINDLE_FUZZ", "0"))
SEED = int(os.environ.get("REKINDLE_FUZZ_SEED", random.SystemRandom().randrange(2**31) if MORE else 11))
SHARES = 4  # so that the workers of a test run share the work
CASES = (MORE or 20_000) // SHARES
ON_THE_WHOLE = pytest.mark.parametrize("engine_name", ENGINES if MORE else ["sqlite"], indirect=True)
ON_ONE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@ON_THE_WHOLE
@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.timeout(300 + CASES // 20)
def test_no_spoilt_request_makes_the_service_fail_or_answer_what_is_not_documented(world: World, share: int) -> None:
    began = time.perf_counter()
    tally = Fuzzer(world.clinic.app, world.ids, world.therapist.key, SEED + share).run(CASES)
    rate = tally.cases / (time.perf_counter() - began)
    told = f"seed {SEED} + {share}: {tally.cases} cases, {rate:.0f} a second, {dict(tally.statuses)}"
    print(told)  # noqa: T201 - a long run tells
    assert tally.found[:10] == [], told
    assert tally.cases == CASES
    # the controls: it gets through the door, past the schemas and to the rules, and not only to the first refusal
    assert min(tally.statuses[status] for status in (200, 201, 400, 401, 404, 409, 412, 415, 422)) >= CASES // 2_000, told


@ON_ONE
def test_the_fuzzer_finds_a_decoder_that_lets_anything_through(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_guard, "decode", json.loads)
    taking = frozenset({"open_couple", "write_note", "add_concern"})
    tally = Fuzzer(world.clinic.app, world.ids, world.therapist.key, SEED, only=taking).run(600)
    assert any(reason == "the service failed" for _name, reason in tally.reasons())


@ON_ONE
def test_the_fuzzer_finds_what_the_document_keeps_to_itself(world: World) -> None:
    told = {name: copy.deepcopy(operation) for name, (_method, _path, operation) in OPERATIONS.items()}
    del told["write_note"]["responses"]["422"]
    told["change_couple"]["responses"]["412"]["x-codes"] = []
    told["list_couples"]["responses"]["200"]["content"]["application/json"]["schema"] = {"type": "string"}
    changed = frozenset({"write_note", "change_couple", "list_couples"})
    found = Fuzzer(world.clinic.app, world.ids, world.therapist.key, SEED, told, changed).run(600).reasons()
    assert {("write_note", "an undocumented status"), ("list_couples", "a body that is not of its schema")} <= found
    assert ("change_couple", "an undocumented code, version_stale") in found
