"""The script that integrators are given keeps a folder in step, goes on where it stopped, and drops what went."""

import json
import runpy
from pathlib import Path

import pytest

from tests.changes.record import RECKONED, crawl
from tests.conftest import Caller, Clinic
from tests.contract.world import World
from tests.releases.records import ask_to_erase, lived, shred
from tests.safety.records import new_pair

SCRIPT = Path(__file__).parents[2] / "docs" / "integrators" / "follow_changes.py"
SCOPES = {"changes:read", "couples:read", "homework:read", "administrations:read", "outcomes:read"}


def kept(folder: Path) -> dict[tuple[str, str], object]:
    """What the folder holds."""
    found = {}
    for file in folder.glob("cpl_*/*.json"):
        kind, _, thing_id = file.stem.partition("-")
        body = json.loads(file.read_text(encoding="utf-8"))
        if kind != "framing":
            found[kind, thing_id] = None if kind == RECKONED else body
    return found


def there(caller: Caller) -> dict[tuple[str, str], object]:
    return {key: thing for key, thing in crawl(caller).items() if key[0] != "framing"}


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_folder_is_what_may_be_read(clinic: Clinic, therapist: Caller, tmp_path: Path) -> None:
    script, folder = runpy.run_path(str(SCRIPT)), tmp_path / "record"
    pair = lived(World(clinic, therapist))
    ehr = clinic.integration("first", SCOPES)
    assert script["catch_up"](ehr, folder) > 0
    assert kept(folder) == there(ehr)
    assert script["catch_up"](ehr, folder) == 0
    new_pair(pair.therapist, "9")
    erasure = ask_to_erase(pair, "a")
    shred(clinic, pair, erasure)
    later = clinic.integration("second", SCOPES)
    assert script["catch_up"](later, folder) > 0
    assert kept(folder) == there(later)
    assert list(folder.rglob("*.part")) == []
