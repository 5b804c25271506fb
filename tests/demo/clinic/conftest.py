"""The invented clinic, written once into an empty record and asked over HTTP as clinic software would."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from app.access import service as access
from app.access.permissions import Role
from app.core.settings import Settings
from app.demo.clinic.cast import Pair
from app.demo.clinic.hand import Hand
from app.demo.clinic.writing import Writer
from app.demo.clinic.year import Year, invent
from app.ledger.sealing import SEALING
from app.main import CHORES, create_app
from tests.conftest import Caller, Clinic, Wristwatch
from tests.demo.clinic.settings import SMALL, YEAR

Json = dict[str, Any]
WHOLE = os.environ.get("REKINDLE_DEMO_YEAR") == "1"
ENGINE = os.environ.get("REKINDLE_DEMO_ENGINE", "sqlite")
PLANTED = [pytest.mark.xdist_group("planted"), pytest.mark.timeout(1800 if WHOLE else 300)]
"""The clinic is written once, by the first test that asks; so all of them run in one worker, and the first may take long."""


@dataclass
class Told:
    """What was planted, and the service that is asked about it."""

    clinic: Clinic
    year: Year
    therapist: Caller
    software: Caller
    kept: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def ids(self) -> dict[str, str]:
        """The id of each couple by its label."""
        return {couple["external_id"]: couple["id"] for couple in self.software.every("/v1/couples?limit=200")}

    @cached_property
    def outcomes(self) -> dict[str, Json]:
        """Every couple's outcomes as its therapist sees them, by label."""
        return {pair.label: self.ask(f"/v1/couples/{self.ids[pair.label]}/outcomes") for pair in self.year.pairs}

    @cached_property
    def cycles(self) -> dict[str, Json]:
        """What followed what at every couple, by label."""
        return {pair.label: self.ask(f"/v1/couples/{self.ids[pair.label]}/outcomes/cycle") for pair in self.year.pairs}

    def ask(self, path: str, caller: Caller | None = None) -> Json:
        """The answer to a read."""
        answer = caller.get(path) if caller else self.read(path)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def read(self, path: str) -> Any:
        """What the therapist is answered about a couple, asked once: nothing changes any more."""
        if path not in self.kept:
            self.kept[path] = self.therapist.get(path)
        return self.kept[path]

    def catch_up(self) -> None:
        """Has done what the service does beside the requests; sealing the trail is no matter of outcomes."""
        for chore in CHORES:
            if chore != SEALING:
                chore.run(self.clinic.app.state.runtime, self.clinic.id)

    def analyse(self, **body: Any) -> Json:
        """A direction analysis, asked for, done and read."""
        made = self.software.post("/v1/clinic/direction-analyses", json=body)
        assert made.status_code == 202, made.text
        self.catch_up()
        found = self.ask(made.headers["Location"], self.software)
        assert found["status"] == "done", found
        return found

    def flagged(self, code: str) -> set[str]:
        """The labels of the couples that a flag stands at."""
        return {label for label, told in self.outcomes.items() if code in {flag["code"] for flag in told["flags"]}}

    def with_role(self, *roles: str) -> set[str]:
        """The labels of the couples that play a part."""
        return {pair.label for pair in self.year.pairs if pair.role in roles}

    def series(self, pair: Pair, measure: str, scale: str = "total") -> dict[str, Json]:
        """Both partners' series of a scale, by slot."""
        return {
            partner["slot"]: one
            for partner in self.outcomes[pair.label]["partners"]
            for one in partner["series"]
            if (one["measure"], one["scale"]) == (measure, scale)
        }


@pytest.fixture(scope="session")
def empty_record(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, key_file: Path) -> Settings:
    """Settings of an empty record on the engine that was asked for."""
    if ENGINE == "postgresql":
        found: Settings = request.getfixturevalue("migrated_postgresql")
        return found
    file = tmp_path_factory.mktemp("planted") / "record.db"
    shutil.copy(request.getfixturevalue("migrated_sqlite"), file)
    return Settings(environment="demo", database_url=f"sqlite:///{file}", key_file=key_file, link_requests_per_minute=0)


@pytest.fixture(scope="session")
def told(empty_record: Settings) -> Iterator[Told]:
    """The clinic, written, and the day after its last week come."""
    year, clock = invent(YEAR if WHOLE else SMALL), Wristwatch()
    today = clock.moment  # keys are issued on it, for they end after 90 days
    app = create_app(empty_record, clock)
    clinic = Clinic(app, access.new_clinic_id(), empty_record, clock)
    with clinic.at_desk() as (session, vault):
        access.create_clinic(session, vault, "Synthetic clinic", clock())
    therapist, software = clinic.member("demo-therapist", Role.THERAPIST), clinic.integration()
    clock.turn(weeks=-year.setting.weeks)
    Writer(Hand(app.state.runtime, clock, therapist.key), year, clock.moment).write()
    clock.moment = today + timedelta(hours=1)
    written = Told(clinic, year, therapist, software)
    written.catch_up()  # whichever test comes first
    yield written
    clinic.close()
    app.state.runtime.close()
