"""What somebody does who is not known yet: short transactions, with everything that takes long between them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.access import service
from app.access.work import Runtime
from app.core.crypto import Vault
from app.core.database import Reach, RecordSession
from app.core.settings import Settings
from app.errors import Fault, InvalidError
from app.ledger.service import Occasion, begin

STRANGER = "stranger"


@dataclass(frozen=True)
class Visit:
    """One request of somebody who is not known yet."""

    runtime: Runtime
    operation: str
    request_id: str
    now: datetime

    @property
    def settings(self) -> Settings:
        """The settings of the service."""
        return self.runtime.settings

    def clinic(self, named: UUID | None) -> UUID:
        """The clinic a request names, or the only one of a SQLite file. Raises InvalidError."""
        found = named or service.the_only_clinic(self.runtime.database)
        if found is None:
            raise InvalidError(faults=(Fault("/clinic_id", "required", "This service holds many clinics: say which."),))
        return found

    @contextmanager
    def transaction(
        self, clinic_id: UUID, actor_kind: str = STRANGER, actor_id: UUID | None = None
    ) -> Iterator[tuple[RecordSession, Vault]]:
        """A transaction in a clinic, which stands in the trail as what this actor did; a stranger unless it says who."""
        with self.runtime.database.transaction(Reach(clinic_id)) as session:
            self.known(session, actor_kind, actor_id)
            yield session, Vault(session, self.runtime.cache)

    def known(self, session: RecordSession, actor_kind: str, actor_id: UUID | None) -> None:
        """From here on, what the transaction does stands in the trail as what this actor did."""
        begin(session, Occasion(actor_kind, actor_id, None, self.operation, self.request_id, self.now))
