"""A full disk is told in so many words, stores nothing by half, and does no harm that room would not mend."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import event

from tests.conftest import Caller, Clinic
from tests.core.full_disk import fill, stored

MOUNTING = ["unshare", "--mount", "--propagation", "private"]


def may_mount(folder: Path) -> bool:
    """Whether this test may give itself a small disk."""
    if os.geteuid() != 0:
        return False
    tried = subprocess.run([*MOUNTING, "mount", "-t", "tmpfs", "tmpfs", str(folder)], capture_output=True, check=False)
    return tried.returncode == 0


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_record_that_may_not_grow_says_so_and_goes_on_when_it_may(clinic: Clinic, therapist: Caller) -> None:
    database = clinic.app.state.runtime.database
    pages = 1 << 30

    def limit(connection: object) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")  # type: ignore[attr-defined]  # SQLAlchemy's connection

    event.listen(database.engine, "begin", limit)
    try:
        with clinic.at_desk() as (session, _vault):
            pages = session.connection().exec_driver_sql("PRAGMA page_count").scalar_one() + 20
        made, refused = fill(therapist, 0)
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (503, "storage_full")
        assert "Retry-After" in refused.headers
        assert "Alex" not in refused.text
        pages = 1 << 30
        assert therapist.post("/v1/couples", json={"time_zone": "UTC", **ANOTHER}).status_code == 201
    finally:
        event.remove(database.engine, "begin", limit)
    assert len(made) > 0
    assert stored(therapist) == {**dict.fromkeys(made, 1), "another": 1}  # everything acknowledged, and nothing by half
    assert database.broken() == []


ANOTHER = {"external_id": "another", **{f"partner_{slot}": {"record_number": f"another-{slot}"} for slot in "ab"}}


def test_a_disk_that_is_full_says_so_and_everything_acknowledged_is_there(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if not may_mount(disk):
        pytest.skip("giving a test a small disk takes root and the right to mount; the test above limits the file instead")
    script = 'mount -t tmpfs -o size=4m tmpfs "$1" && exec "$0" -m tests.core.full_disk "$1" "$2"'
    run = subprocess.run(
        [*MOUNTING, "sh", "-c", script, sys.executable, str(disk), str(tmp_path / "keys" / "k.key")],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert run.returncode == 0, run.stderr[-2_000:]
    found = json.loads(run.stdout.splitlines()[-1])
    assert found.pop("stored") > 20
    assert found == {
        "status": 503,
        "code": "storage_full",
        "reading": 503,  # because a read that cannot be written into the ledger is refused
        "again": 201,
        "exactly": True,
        "sound": [],
    }
