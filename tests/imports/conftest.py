"""A clinic with a history, and an empty one beside it to bring it to."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.access.work import Runtime
from app.core.settings import Settings
from app.imports.progress import Progress
from app.imports.report import Report
from app.imports.service import Order, bring_in
from tests.conftest import Caller, Clinic, Wristwatch
from tests.databases import Databases
from tests.imports.history import live


@pytest.fixture
def history(clinic: Clinic) -> Clinic:
    """A clinic with couples who have been there for a while."""
    live(clinic)
    return clinic


@pytest.fixture
def empty_clinic(  # noqa: PLR0917 - fixtures are arguments
    engine_name: str,
    settings: Settings,
    databases: Databases,
    new_clinic: Callable[[], Clinic],
    clock: Wristwatch,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    app: Any,
) -> Iterator[Callable[[], Clinic]]:
    """Another clinic, without couples: beside the first on PostgreSQL, in a file of its own on SQLite.

    From then on the application serves that file.
    """
    made: list[Runtime] = []

    def make() -> Clinic:
        if engine_name == "sqlite":
            file = tmp_path / f"elsewhere-{len(made)}.db"
            shutil.copy(request.getfixturevalue("migrated_sqlite"), file)
            other = settings.model_copy(update={"database_url": type(settings.database_url)(f"sqlite:///{file}")})
            app.state.runtime = databases.runtime(other, clock, f"elsewhere-{len(made)}")
            made.append(app.state.runtime)
        return new_clinic()

    yield make
    for runtime in made:
        databases.release(runtime)


class Import:
    """An import into a clinic, as its command does it."""

    def __init__(self, clinic: Clinic, folder: Path) -> None:
        self.clinic, self._folder = clinic, folder
        self.caller: Caller = clinic.integration("importer")
        self.report = Report()
        self.state = folder / "state.json"
        self.told: list[int] = []

    def __call__(self, *paths: Path, **more: Any) -> Progress:
        """Brings these files in."""
        self.report = Report()
        order = Order(self.caller.key, paths, more.pop("manifest", {}), **more)
        return bring_in(self.clinic.app.state.runtime, order, self.report, self.state, self._hear)

    def _hear(self, progress: Progress, _couples: int) -> None:
        self.told.append(progress.couples)

    @property
    def codes(self) -> list[tuple[str, int, str, str]]:
        """What was found: file, row, column, code."""
        return [(one.file, one.row, one.column, one.code) for one in self.report.first]


@pytest.fixture
def importing(tmp_path: Path) -> Callable[[Clinic], Import]:
    """Makes imports into a clinic."""
    return lambda clinic: Import(clinic, tmp_path)
