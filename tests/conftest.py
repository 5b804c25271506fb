"""Both databases for every test that touches one, and clinics to work in."""

import gc
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from app.access import service as access
from app.access import sign_ins
from app.access.permissions import GRANTABLE, Role
from app.core import outbound
from app.core.clock import now
from app.core.crypto import KeyCache, Vault
from app.core.database import Reach
from app.core.ids import decode, encode
from app.core.kms import LocalKeyFile
from app.core.migrate import migrate
from app.core.settings import Settings
from app.ledger.service import Occasion, begin
from app.main import create_app
from tests.client import LOOP, Client
from tests.databases import QUIET, Databases, quiet
from tests.peer import Peer, peer
from tests.postgres import Cluster

hypothesis_settings.register_profile(
    "gate",
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)
hypothesis_settings.load_profile("gate")

ENGINES = ("sqlite", "postgresql")
pytest_plugins = ["tests.given"]


class Wristwatch:
    """A clock that tests can turn."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """A millisecond later at every look, so that nothing happens at once."""
        self.moment += timedelta(milliseconds=1)
        return self.moment

    def turn(self, **by: float) -> None:
        """Lets time pass."""
        self.moment += timedelta(**by)


class RealWatch(Wristwatch):
    """The time it really is: served processes look at the real clock."""

    def __call__(self) -> datetime:
        """Now."""
        return now()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A PostgreSQL of this worker's own."""
    with Cluster(tmp_path_factory.mktemp("postgresql")) as running:
        yield running


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One key file for all tests of a worker."""
    file = tmp_path_factory.mktemp("keys") / "rekindle.key"
    LocalKeyFile.create(file)
    return file


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory, key_file: Path) -> Path:
    """An empty record in a file, to be copied."""
    file = tmp_path_factory.mktemp("template") / "template.db"
    migrate(Settings(environment="demo", database_url=f"sqlite:///{file}", key_file=key_file))
    return file


@pytest.fixture(scope="session")
def migrated_postgresql(cluster: Cluster, key_file: Path) -> Settings:
    """Settings of an empty record in this worker's PostgreSQL; another lies beside it (`quiet`)."""
    settings = Settings(
        environment="demo",
        database_url=cluster.address("rekindle_service"),
        owner_database_url=cluster.address("rekindle_owner"),
        key_file=key_file,
        threads=8,
        exports_directory=key_file.parent / "exports",
        database_without_tls=True,
        link_requests_per_minute=0,
    )
    migrate(settings)
    cluster.copy(QUIET)
    return settings


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """Every test that needs a record runs on both engines."""
    return str(request.param)


@pytest.fixture
def settings(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path, key_file: Path) -> Settings:
    """Settings of an empty record."""
    if engine_name == "postgresql":
        found: Settings = request.getfixturevalue("migrated_postgresql")
        return quiet(found) if any(request.node.get_closest_marker(name) for name in ("quiet", "served")) else found
    file = tmp_path / "record.db"
    shutil.copy(request.getfixturevalue("migrated_sqlite"), file)
    return Settings(environment="demo", database_url=f"sqlite:///{file}", key_file=key_file, link_requests_per_minute=0)


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> Wristwatch:
    """The time it is in the test."""
    return Wristwatch() if request.node.get_closest_marker("served") is None else RealWatch()


def pytest_collection_finish() -> None:
    """Thousands of tests and their parameters never become garbage: looking through them again and again takes long."""
    gc.collect()
    gc.freeze()


class Caller(Client):
    """An HTTP client that carries one key."""

    def __init__(self, app: Any, key: str, holder_id: str) -> None:
        super().__init__(app, headers={"Authorization": f"Bearer {key}"})
        self.key = key
        self.holder_id = holder_id

    def every(self, path: str) -> Iterator[dict[str, Any]]:
        """Every item of a list, page by page as its links lead."""
        while path:
            answer = self.get(path)
            yield from answer.json()["items"]
            path = answer.links["next"]["url"] if "next" in answer.links else ""


@dataclass
class Clinic:
    """A clinic with the application that serves it, and people at its desk."""

    app: Any
    id: UUID
    settings: Settings
    clock: Wristwatch
    callers: list[Caller] = field(default_factory=list)

    def at_desk(self) -> Any:
        """A transaction of the operator in this clinic."""
        return desk(self.app, self.id, self.clock)

    def member(self, login: str, role: Role = Role.THERAPIST, competence: str = "IT") -> Caller:
        """A new member with a key."""
        with self.at_desk() as (session, _vault):
            member = access.add_member(session, login, role, competence, self.clock())
            key = access.issue_key(session, member, "demo", self.clock())
        return self.caller(key, encode("mem", member.id))

    def signed_in(self, login: str, role: Role = Role.THERAPIST, competence: str = "IT") -> Caller:
        """A new member who has just proved who they are; the clock decides for how long that counts as recent."""
        with self.at_desk() as (session, _vault):
            member = access.add_member(session, login, role, competence, self.clock())
        return self.sign_in_again(encode("mem", member.id))

    def sign_in_again(self, member_id: str) -> Caller:
        """A member who was there before, and has just proved who they are."""
        with self.at_desk() as (session, _vault):
            now, settings = self.clock(), self.app.state.runtime.settings
            proven = {"method": "password", "proven_at": now, "settings": settings, "now": now}
            _sign_in, token = sign_ins.open_sign_in(session, decode("mem", member_id), **proven)
        return self.caller(token, member_id)

    def integration(self, name: str = "ehr", scopes: set[str] | None = None) -> Caller:
        """A new machine account with a key; with everything grantable unless told otherwise."""
        with self.at_desk() as (session, _vault):
            made = access.add_integration(session, name, scopes or {str(scope) for scope in GRANTABLE}, self.clock())
            key = access.issue_key(session, made, "demo", self.clock())
        return self.caller(key, encode("int", made.id))

    def anonymous(self) -> Client:
        """A client without a key."""
        return Client(self.app)

    def caller(self, key: str, holder_id: str) -> Caller:
        """A client with this key."""
        caller = Caller(self.app, key, holder_id)
        self.callers.append(caller)
        return caller

    def close(self) -> None:
        """Ends every client."""
        for caller in self.callers:
            caller.close()


class desk:  # noqa: N801 - reads as a verb: with desk(...)
    """One transaction of the operator in one clinic."""

    def __init__(self, app: Any, clinic_id: UUID, clock: Wristwatch) -> None:
        runtime = app.state.runtime
        self._transaction = runtime.database.transaction(Reach(clinic_id))
        self._cache: KeyCache = runtime.cache
        self._clock = clock

    def __enter__(self) -> tuple[Any, Vault]:
        session = self._transaction.__enter__()
        begin(session, Occasion("operator", None, None, "test", "req_test", self._clock()))
        return session, Vault(session, self._cache)

    def __exit__(self, *error: object) -> None:
        self._transaction.__exit__(*error)


@pytest.fixture(scope="session", autouse=True)
def _one_loop() -> Iterator[None]:
    """Ends the event loop of this worker's clients."""
    yield
    LOOP.stop()


@pytest.fixture(scope="session")
def apps() -> dict[str, Any]:
    """One application an engine and worker: building its routes takes longer than most tests."""
    return {}


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """One engine of each kind and worker: compiling its statements takes longer than most tests."""
    held = Databases()
    yield held
    held.close()


@pytest.fixture
def app(apps: dict[str, Any], databases: Databases, engine_name: str, settings: Settings, clock: Wristwatch) -> Iterator[Any]:
    """The application, holding this test's record and clock."""
    if engine_name not in apps:
        apps[engine_name] = create_app(settings, clock)
        apps[engine_name].state.runtime.database.close()
    runtime = apps[engine_name].state.runtime = databases.runtime(settings, clock)
    yield apps[engine_name]
    databases.release(runtime)


@pytest.fixture
def new_clinic(app: Any, settings: Settings, clock: Wristwatch) -> Iterator[Callable[[], Clinic]]:
    """Makes clinics: on PostgreSQL as many as wanted in one record, on SQLite one."""
    made: list[Clinic] = []

    def make() -> Clinic:
        clinic = Clinic(app, access.new_clinic_id(), settings, clock)
        with clinic.at_desk() as (session, vault):
            access.create_clinic(session, vault, "A clinic", clock())
        made.append(clinic)
        return clinic

    yield make
    for clinic in made:
        clinic.close()


@pytest.fixture
def clinic(new_clinic: Callable[[], Clinic]) -> Clinic:
    """A clinic."""
    return new_clinic()


@pytest.fixture
def therapist(clinic: Clinic) -> Caller:
    """A therapist of the clinic, competent for everything."""
    return clinic.member("thea")


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    """Another machine, whose authority the service trusts."""
    with peer(tmp_path) as running:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "localhost.pem"))
        outbound._trusted.cache_clear()  # noqa: SLF001 - which authorities are trusted is found out once a process
        yield running
        outbound._trusted.cache_clear()  # noqa: SLF001 - the same
