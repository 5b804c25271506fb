"""Machine accounts of clinic software, as the administrator keeps them."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from app.access import service
from app.access.models import Integration
from app.access.people_schemas import IntegrationChange, IntegrationCreate, IntegrationRead
from app.access.work import Work
from app.core.existing import existing
from app.core.paging import Page, Pager
from app.errors import ConflictError, StaleVersionError


class IntegrationEndedError(ConflictError):
    """The integration has ended."""

    code = "integration_ended"
    detail = "This integration has ended and stays as it was. Add a new one."


def list_integrations(work: Work, limit: int, cursor: str | None, *, ended: bool) -> Page[IntegrationRead]:
    """A page of the integrations that work, or of those that ended, in the order they were added."""
    pager = Pager(work.vault, limit, cursor, "integrations", ended)
    gone = Integration.ended_at
    query: Select[Any] = select(Integration).where(gone.is_not(None) if ended else gone.is_(None))
    found, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, Integration.id))))
    return Page(items=[IntegrationRead.model_validate(one) for one in found], next_cursor=next_cursor)


def add_integration(work: Work, body: IntegrationCreate) -> IntegrationRead:
    """A new machine account. Raises ScopeUnknownError, NameTakenError."""
    return IntegrationRead.model_validate(service.add_integration(work.session, body.name, set(body.scopes), work.now))


def get_integration(work: Work, integration_id: UUID, *, to_change: bool = False) -> Integration:
    """An integration of the clinic; `to_change` makes others wait their turn. Raises NotFoundError."""
    query = select(Integration).where(Integration.id == integration_id)
    return existing(work.session, query.with_for_update(key_share=True) if to_change else query)


def change_integration(work: Work, integration_id: UUID, version: int, body: IntegrationChange) -> IntegrationRead:
    """Says anew what it may do. Raises ScopeUnknownError, IntegrationEndedError, StaleVersionError."""
    integration = get_integration(work, integration_id, to_change=True)
    if integration.ended_at is not None:
        raise IntegrationEndedError
    if integration.version != version:
        raise StaleVersionError
    if "scopes" in body.model_fields_set:
        service.check_grantable(set(body.scopes))
        integration.scopes = sorted(set(body.scopes))
    work.session.flush()
    return IntegrationRead.model_validate(integration)


def end_integration(work: Work, integration_id: UUID) -> IntegrationRead:
    """Ends an integration and its keys; one that has ended stays as it was."""
    integration = get_integration(work, integration_id, to_change=True)
    if integration.ended_at is None:
        integration.ended_at = work.now
        service.end_keys(work.session, integration, work.now)
    return IntegrationRead.model_validate(integration)
