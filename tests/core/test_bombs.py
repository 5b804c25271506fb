"""Requests made to cost much cost little: each of fifty kinds is refused, memory stays, and whoever comes next is served.

How long they take is measured by `python -m bench.bombs`; a test beside others that run could not tell.
"""

from pathlib import Path

import httpx
import pytest

from bench.bombs import BOMBS, HARMLESS, REFUSED, drop, resident_megabytes
from tests.conftest import Caller, Clinic
from tests.served import Served

pytestmark = [pytest.mark.served, pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)]
ROUNDS = 3


def test_every_bomb_is_refused_and_leaves_no_memory_and_nobody_waiting(
    clinic: Clinic, therapist: Caller, tmp_path: Path
) -> None:
    answers: dict[str, set[int | None]] = {name: set() for name in BOMBS}
    with Served(clinic.settings, tmp_path / "server.log") as served:
        before = 0.0
        for _ in range(ROUNDS):
            for name, bomb in BOMBS.items():
                answers[name].add(drop(served.port, therapist.key, bomb)[0])
            before = before or resident_megabytes(served.pid)  # the first round warms up
        grown = resident_megabytes(served.pid) - before
        key = {"Authorization": f"Bearer {therapist.key}"}
        assert httpx.get(f"{served.address}/v1/couples", headers=key).json()["items"] == []  # none of them stored anything
    assert len(BOMBS) >= 40
    assert {name: found for name, found in answers.items() if name not in HARMLESS and not found <= REFUSED} == {}
    assert {name: found for name, found in answers.items() if name in HARMLESS and not found <= {200, 400, 431}} == {}
    assert grown < 50
    assert "failed" not in (tmp_path / "server.log").read_text(encoding="utf-8")
