"""Fills a small disk with couples until it is full, and makes room again; run in a mount namespace by test_full_disk.py."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from app.access import service as access
from app.access.permissions import Role
from app.core.clock import now
from app.core.crypto import Vault
from app.core.database import Reach
from app.core.kms import LocalKeyFile
from app.core.migrate import migrate
from app.core.settings import Settings
from app.ledger.service import Occasion, begin
from app.main import create_app
from tests.couples.test_couples import new_couple

MOST = 3_000


def fill(client: Any, first: int) -> tuple[list[str], Any]:
    """Opens couples until one is not stored; those that were, and the answer to the one that was not."""
    made, answer = list[str](), None
    for number in range(first, first + MOST):
        answer = client.post("/v1/couples", json=new_couple(str(number), external_id=f"n{number}"))
        if answer.status_code != 201:
            return made, answer
        made.append(f"n{number}")
    return made, answer


def stored(client: Any) -> Counter[str]:
    """How often each couple is in the record."""
    path, found = "/v1/couples?limit=200", Counter[str]()
    while path:
        page = client.get(path)
        found.update(couple["external_id"] for couple in page.json()["items"])
        path = page.links["next"]["url"] if "next" in page.links else ""
    return found


def main(disk: Path, keys: Path) -> None:
    """Prints what was seen."""
    LocalKeyFile.create(keys)
    settings = Settings(environment="demo", database_url=f"sqlite:///{disk}/record.db", key_file=keys)
    migrate(settings)
    app = create_app(settings)
    runtime, clinic_id = app.state.runtime, access.new_clinic_id()
    with runtime.database.transaction(Reach(clinic_id)) as session:
        begin(session, Occasion("operator", None, None, "test", "req_test", now()))
        access.create_clinic(session, Vault(session, runtime.cache), "A clinic", now())
        member = access.add_member(session, "thea", Role.THERAPIST, "IT", now())
        key = access.issue_key(session, member, "demo", now())
    with TestClient(app, headers={"Authorization": f"Bearer {key}"}) as client:
        made, refused = fill(client, 0)
        reading = client.get("/v1/couples").status_code
        subprocess.run(["mount", "-o", "remount,size=32m", str(disk)], check=True)
        again = client.post("/v1/couples", json=new_couple("again", external_id="again"))
        there = stored(client)
    runtime.database.close()
    found = {
        "stored": len(made),
        "status": refused.status_code,
        "code": refused.json()["code"],
        "reading": reading,
        "again": again.status_code,
        "exactly": there == Counter([*made, "again"]),
        "sound": runtime.database.broken(),
    }
    print(json.dumps(found))  # noqa: T201 - read by the test


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
