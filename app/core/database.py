"""The two databases: how a transaction starts, which clinic and which compartments its reads can reach.

Everything that differs between SQLite and PostgreSQL lives here and in the migrations, and nowhere else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Final, cast
from uuid import UUID

from sqlalchemy import (
    JSON,
    ColumnElement,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    String,
    TypeDecorator,
    Uuid,
    and_,
    event,
    func,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import (
    DeclarativeBase,
    LoaderCriteriaOption,
    Mapped,
    ORMExecuteState,
    Session,
    UOWTransaction,
    declared_attr,
    mapped_column,
    with_loader_criteria,
)

from app.core.engines import engine_for
from app.core.ids import new_id
from app.core.key_epochs import read_epoch
from app.core.safe_to_serve import exposures
from app.core.settings import Settings
from app.core.sharing import Kind, Level, Shared
from app.core.sqlite_file import faults
from app.errors import RekindleError

NO_CLINIC: Final = UUID(int=0)


class Compartment(StrEnum):
    """Where a clinical row lives, which decides who can ever see it."""

    CONJOINT = "conjoint"
    INDIVIDUAL_A = "individual_a"
    INDIVIDUAL_B = "individual_b"
    SAFETY = "safety"


class Closed(StrEnum):
    """A compartment in nobody's standing reach, nor in that of a gate that sees everything: its own slice alone opens it."""

    PSYCHOTHERAPY = "psychotherapy"


class CommitUnknownError(RekindleError):
    """The database said it committed, and warned that it may not have."""

    code = "commit_unknown"
    detail = "It is not certain that this was stored. Send it again with the same Idempotency-Key."


class OutsideTenantError(RuntimeError):
    """A row of one clinic was about to be written in another clinic's transaction; a defect, never a caller's doing."""


class Moment(TypeDecorator[datetime]):
    """A moment in UTC: `timestamptz` on PostgreSQL, text without zone on SQLite, always aware in Python."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """To the database, in UTC; a moment without a zone is a defect."""
        if value is not None and value.tzinfo is None:
            raise TypeError("moments carry their time zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """From the database, aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The tables; names of constraints follow one convention so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - the declarative base reads this very attribute
        datetime: Moment(),
        UUID: Uuid(),
        Compartment: String(16),
        dict[str, Any]: JSON(),
        list[str]: JSON(),
    }


class TenantRow:
    """A row that belongs to one clinic: `clinic_id` comes first in its key, in every foreign and every unique key."""

    clinic_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-10)


class IdentifiedRow(TenantRow):
    """A row with an id of its own, made by the service when the object is made."""

    @declared_attr
    def id(cls) -> Mapped[UUID]:  # noqa: N805 - declared_attr hands in the class
        """UUIDv7 of the row."""
        return mapped_column(primary_key=True, sort_order=-9)

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", new_id())
        super().__init__(**values)


class PlacedRow:
    """A row whose compartment decides who may read it."""

    compartment: Mapped[Compartment] = mapped_column()


class CompartmentRow(PlacedRow):
    """A row that nobody reads who does not reach its compartment."""


class ShareableRow(PlacedRow):
    """A row of one partner that this partner may let the other read; of those in `safety` none is ever shared."""

    kind: ClassVar[Kind]
    shared_from: ClassVar[Level]

    @classmethod
    def may_be_shared(cls) -> ColumnElement[bool]:
        """A condition on what is shared at all."""
        return true()


class SideBySideRow:
    """A row that holds both partners' answers side by side; in a partner's view there is none of it.

    Each such row is there twice: reckoned from all that the care team reads, and (`of_safety` false) from all but safety.
    """

    of_safety: Mapped[bool] = mapped_column()


class UntoldRow:
    """A row whose very existence is its author's alone: the trail says that the author worked, and nothing of the row."""


class AppendOnlyRow:
    """A row that is written once; the service's database role may not change it either."""


class VersionedRow:
    """A row that callers change with `If-Match`; a lost race raises StaleDataError."""

    version: Mapped[int] = mapped_column(Integer)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - declared_attr hands in the class
        return {"version_id_col": cls.version}


def refers(columns: str, table: str) -> ForeignKeyConstraint:
    """A foreign key within the clinic: `refers("couple_id", "couple")`, `refers("couple_id partner_id", "partner")`."""
    own = columns.split()
    theirs = [*own[:-1], "id"]
    return ForeignKeyConstraint(["clinic_id", *own], [f"{table}.{name}" for name in ("clinic_id", *theirs)])


@dataclass(frozen=True)
class Reach:
    """What one transaction may read: a clinic and the compartments of its caller.

    In a view of one partner, `shared` is what the other lets this one read. `walks` reads rows side by side of every audience.
    """

    clinic_id: UUID
    compartments: frozenset[Compartment] = frozenset()
    shared: Shared | None = None
    walks: bool = False

    @classmethod
    def whole(cls, clinic_id: UUID) -> "Reach":
        """Every row of a clinic, whoever it is for: of those who renew its keys or check what was restored."""
        return cls(clinic_id, frozenset(Compartment), walks=True)

    @property
    def audience(self) -> tuple[bool, ...]:
        """Which rows side by side are read: those reckoned with safety, or those without; none by who reaches one side."""
        if not self.compartments >= {Compartment.INDIVIDUAL_A, Compartment.INDIVIDUAL_B}:
            return ()
        return (True, False) if self.walks else (Compartment.SAFETY in self.compartments,)

    def holds_all_of(self, row: ShareableRow) -> bool:
        """Whether all of a row may be read, or only its summary."""
        is_own = row.compartment in self.compartments
        return is_own or (self.shared is not None and self.shared.level(row.kind) is Level.FULL)


class RecordSession(Session):
    """A database session that reads only within its reach and writes only within its clinic."""

    @property
    def reach(self) -> Reach:
        """The reach of this session; one without a clinic finds nothing."""
        reach: Reach = self.info.get("reach", Reach(NO_CLINIC))
        return reach

    @contextmanager
    def reaching(self, compartments: frozenset[Compartment] | frozenset[Closed]) -> Iterator[None]:
        """Reads with other compartments for a while: a gate of `safety` may have to know more than its caller."""
        before = self.reach
        self.info["reach"] = Reach(before.clinic_id, cast("frozenset[Compartment]", compartments))
        try:
            yield
        finally:
            self.info["reach"] = before


@event.listens_for(RecordSession, "do_orm_execute")
def read_within_reach(state: ORMExecuteState) -> None:
    """Adds the clinic and the compartments to every statement on tables of the record."""
    if state.is_insert or not isinstance(state.session, RecordSession):
        return
    state.statement = state.statement.options(*_criteria(state.session.reach))


@lru_cache(maxsize=1_024)  # they are the same for every statement within a reach, and take long to put together
def _criteria(reach: Reach) -> tuple[LoaderCriteriaOption, ...]:
    """What a reach adds to every statement; where nothing can be shared, rows that may be are read as all others."""
    clinic_id, audience, own = reach.clinic_id, reach.audience, tuple(sorted(reach.compartments))
    shareable = (
        [with_loader_criteria(ShareableRow, lambda row: row.compartment.in_(own), include_aliases=True)]
        if reach.shared is None
        else [_readable(row, reach.shared, own) for row in ShareableRow.__subclasses__()]
    )
    return (
        with_loader_criteria(TenantRow, lambda row: row.clinic_id == clinic_id, include_aliases=True),
        with_loader_criteria(CompartmentRow, lambda row: row.compartment.in_(own), include_aliases=True),
        with_loader_criteria(SideBySideRow, lambda row: row.of_safety.in_(audience), include_aliases=True),
        *shareable,
    )


def _readable(row: type[ShareableRow], shared: Shared, own: tuple[Compartment, ...]) -> LoaderCriteriaOption:
    lent = and_(row.compartment == shared.opens(row.kind, row.shared_from), row.may_be_shared())
    return with_loader_criteria(row, or_(row.compartment.in_(own), lent), include_aliases=True)


@event.listens_for(RecordSession, "before_flush")
def write_within_clinic(session: RecordSession, _context: UOWTransaction, _instances: object) -> None:
    """Puts the clinic on new rows, refuses rows of another one and changes to what is append-only."""
    clinic_id = session.reach.clinic_id
    for row in session.new:
        if isinstance(row, TenantRow) and vars(row).get("clinic_id") is None:
            row.clinic_id = clinic_id
    for row in (*session.new, *session.dirty, *session.deleted):
        if not isinstance(row, TenantRow) or row.clinic_id != clinic_id or clinic_id == NO_CLINIC:
            raise OutsideTenantError(type(row).__name__)
    for row in (*session.dirty, *session.deleted):
        if isinstance(row, AppendOnlyRow) and (row in session.deleted or session.is_modified(row)):
            raise OutsideTenantError(f"{type(row).__name__} is append-only")


@event.listens_for(RecordSession, "after_begin")
def enter_clinic(session: RecordSession, _transaction: object, connection: Any) -> None:
    """Names the clinic to PostgreSQL's row-level security at the start of every transaction, '' when there is none.

    The same trip fetches how often keys of the clinic have changed, so that this transaction uses none that is gone.
    """
    clinic_id = session.reach.clinic_id
    if connection.dialect.name == "postgresql":
        named = "" if clinic_id == NO_CLINIC else str(clinic_id)
        quick = "" if session.info.get("durable", True) else "; SET LOCAL synchronous_commit = off"
        entering = f"SET LOCAL app.clinic_id = '{named}'{quick}; "
    else:
        entering = ""
    session.info["key_epoch"] = read_epoch(connection, clinic_id, entering)


class Database:
    """One record: its engine, and sessions that keep the rules above."""

    def __init__(self, settings: Settings, *, owner: bool = False) -> None:
        address = settings.owner_database_url if owner and settings.owner_database_url else settings.database_url
        self.engine = engine_for(address.get_secret_value(), settings)
        self.is_postgresql = self.engine.dialect.name == "postgresql"

    @contextmanager
    def transaction(self, reach: Reach, *, durable: bool = True) -> Iterator[RecordSession]:
        """One transaction within `reach`, committed at the end; raises CommitUnknownError when the commit is not certain.

        `durable=False` lets a read's trace become durable with the next write. What has to happen elsewhere just before or
        just after the commit waits in `session.info`, under `before_commit` (it may still refuse) and `after_commit`.
        """
        with RecordSession(self.engine, expire_on_commit=False, autoflush=True) as session:
            session.info.update(reach=reach, durable=durable)
            connection = session.connection(execution_options={"durable": durable})
            yield session
            session.flush()
            for step in session.info.pop("before_commit", ()):
                step()
            # a list of this commit's own: the next user of the connection gets another before this one is looked at
            warnings = connection.info["warnings"] = []
            try:
                session.commit()
            except DBAPIError as error:
                if error.connection_invalidated:  # the answer to COMMIT was lost, and with it whether it was done
                    raise CommitUnknownError from None
                raise
            if warnings:
                raise CommitUnknownError
            for step in session.info.pop("after_commit", ()):
                step()

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()

    def is_reachable(self) -> bool:
        """Whether the database answers."""
        with self.engine.connect() as connection:
            return bool(connection.execute(text("SELECT 1")).scalar_one())

    def schema_revision(self) -> str | None:
        """The migration the database stands at, or None when it was never migrated."""
        with self.engine.connect() as connection:
            if not connection.dialect.has_table(connection, "alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()

    def only_value(self, column: Any) -> Any:
        """The first value of a column whatever the clinic: a SQLite file holds one clinic, and this finds out which."""
        with self.engine.connect() as connection:
            return connection.execute(select(column)).scalars().first()

    def broken(self) -> list[str]:
        """What the database does not guarantee though the schema says so, in sentences; empty when it is sound."""
        with self.engine.connect() as connection:
            if not self.is_postgresql:
                return faults(Path(connection.exec_driver_sql("PRAGMA database_list").one()[2]))
            found = connection.execute(
                text(
                    "SELECT 'constraint ' || conname || ' was never validated' FROM pg_constraint WHERE NOT convalidated"
                    " UNION ALL SELECT 'index ' || indexrelid::regclass || ' is not valid' FROM pg_index WHERE NOT indisvalid"
                )
            )
            return list(found.scalars())

    def clinic_ids(self) -> list[UUID]:
        """The ids of all clinics and nothing else of them, for chores, which belong to no caller."""
        source = "clinic_ids() AS clinic_id" if self.is_postgresql else "clinic"
        query = text(f"SELECT clinic_id FROM {source}").columns(clinic_id=Uuid())  # noqa: S608 - one of these two
        with self.engine.connect() as connection:
            return sorted(connection.execute(query).scalars())

    def refusals(self) -> list[str]:
        """Why this database may not be served from: sentences that each name what would expose the record."""
        return exposures(self.engine)


def lock_key(session: Session, key: int) -> bool:
    """Takes a lock that lasts until the transaction ends, without waiting; on SQLite the transaction is the lock."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    return bool(session.execute(select(func.pg_try_advisory_xact_lock(key))).scalar_one())
