"""The unit of work: one request, one transaction, one worker thread, committed before the answer leaves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from queue import SimpleQueue
from threading import BoundedSemaphore
from time import monotonic
from typing import Final
from uuid import UUID

from anyio import CapacityLimiter
from sqlalchemy import ColumnElement, true

from app.access.actor import Actor
from app.access.doors import KEYS, Door
from app.access.key_sources import KeySources
from app.access.past import At, Past
from app.access.permissions import NEVER_A_PARTNERS, PRIVATE, Permission
from app.access.providers import Providers
from app.access.views import Seen, narrowed
from app.core.chores import Wanted
from app.core.clock import Clock
from app.core.crypto import KeyCache, Vault
from app.core.database import Compartment, Database, Reach, RecordSession
from app.core.limits import Limiter
from app.core.outbound import Outbound
from app.core.problems import UnavailableError
from app.core.settings import Settings
from app.errors import NotFoundError
from app.ledger.lookout import Lookout
from app.ledger.service import OWN_WORK, Aim, Occasion, begin

THERAPISTS: Final = Seen()

VISITORS: Final = 8


@dataclass(frozen=True)
class Work:
    """What a service needs to do one thing for one caller."""

    session: RecordSession
    actor: Actor
    vault: Vault
    now: datetime
    settings: Settings
    seen: Seen = THERAPISTS
    writes: bool = True
    past: Past | None = None

    def looking_back(self, past: Past | None) -> "Work":
        """The same work, for reads of how the record stood when a day ended; None is now. It changes what is read, no more."""
        return replace(self, past=past)

    @property
    def moment(self) -> datetime:
        """The moment that is looked at."""
        return self.past.ends if self.past else self.now

    def has_happened(self, at: At) -> ColumnElement[bool]:
        """THE condition of looking back: what had happened by the moment that is looked at, by a column that says when."""
        return self.past.holds(at) if self.past else true()

    def has_not_happened(self, at: At) -> ColumnElement[bool]:
        """The same of what had not happened yet, or never did."""
        return self.past.does_not_hold(at) if self.past else at.is_(None)

    def seeing(self, compartments: frozenset[Compartment]) -> "Work":
        """The same work, reading no more than it does and these compartments both allow."""
        reach = self.session.reach
        self.session.info["reach"] = replace(reach, compartments=reach.compartments & compartments)
        return self

    @property
    def is_for_partner(self) -> bool:
        """Whether what is read is for one of the partners: in their view, or by their link."""
        return self.seen.is_partners or self.actor.link is not None

    @property
    def sees_safety(self) -> bool:
        """Whether rows of the safety compartment are within reach."""
        return Compartment.SAFETY in self.session.reach.compartments


@dataclass(frozen=True)
class Asked:
    """One request, as far as the unit of work needs it."""

    operation: str
    permission: Permission
    token: str
    request_id: str
    writes: bool
    door: Door = KEYS
    counted: tuple[str, ...] = ()
    repeats: bool = False
    seen: Seen = THERAPISTS
    aim: Aim | None = None
    partner_id: UUID | None = None


def longest_request(settings: Settings) -> timedelta:
    """How long after a request began what it did may still be committed; our proposal, and time for a few statements."""
    return timedelta(seconds=max(240, 4 * settings.statement_seconds))


class Runtime:
    """Everything a running service holds."""

    def __init__(self, settings: Settings, database: Database, cache: KeyCache, clock: Clock) -> None:
        self.settings = settings
        self.database = database
        self.cache = cache
        self.clock = clock
        self.longest_request = longest_request(settings)
        self.limiter = Limiter(settings.requests_per_minute)
        self.strangers = Limiter(settings.link_requests_per_minute)
        self.wanted: Wanted = SimpleQueue()
        self.lookout = Lookout(database)
        self.outbound = Outbound(settings.private_hosts)
        self.key_sources = KeySources(self.outbound)
        self.providers = Providers(settings.providers, self.outbound, self.key_sources)

    @cached_property
    def visitors(self) -> CapacityLimiter:
        """How many at once prove who they are: each may cost the memory of a password's hash, or wait for a provider."""
        return CapacityLimiter(VISITORS)

    @cached_property
    def threads(self) -> CapacityLimiter:
        """As many requests at once as there are connections; SQLite's writers come one after another anyway."""
        return CapacityLimiter(self.settings.threads if self.database.is_postgresql else 1)

    @cached_property
    def streams(self) -> BoundedSemaphore:
        """How many answers at once are read from the record while they are sent, each over a connection of its own."""
        return BoundedSemaphore(self.settings.exports_streamed)

    def close(self) -> None:
        """Closes every connection."""
        self.database.close()
        self.cache.close()

    @contextmanager
    def work(self, asked: Asked) -> Iterator[Work]:
        """Opens the transaction, finds out who asks, checks the permission; commits at the end.

        Raises what the door refuses with, NotAllowedError, TooManyRequestsError, CommitUnknownError, NotFoundError for what
        exists in no view of a partner, and UnavailableError at the end of what took too long.
        """
        for who in asked.counted:
            self.strangers.take(who)
        now, begun = self.clock(), monotonic()
        with self.database.transaction(asked.door.reach(asked.token), durable=asked.writes) as session:
            session.info["before_commit"] = [partial(self._refuse_late, begun)]
            vault = Vault(session, self.cache)
            actor = asked.door.admit(session, vault, asked, now)
            begin(session, _occasion(asked, actor, now))
            actor.check(asked.permission)
            if asked.seen.is_partners and asked.permission in NEVER_A_PARTNERS:
                raise NotFoundError  # whatever it would answer, to a partner it does not exist
            reach = session.info["reach"] = Reach(actor.clinic_id, actor.compartments)
            session.info.update(reach=narrowed(session, reach, asked.seen), couples_an_hour=self.settings.alarm_couples_an_hour)
            session.info["wanted"] = self.wanted
            yield Work(session, actor, vault, now, self.settings, asked.seen, asked.writes)

    def _refuse_late(self, begun: float) -> None:
        """Whoever goes on from a moment trusts that what is dated long before it is stored by then, or never is."""
        if monotonic() - begun > self.longest_request.total_seconds():
            raise UnavailableError


def _occasion(asked: Asked, actor: Actor, now: datetime) -> Occasion:
    """What the ledger says of everything this request does; of what is the actor's alone no more than that they worked."""
    is_private = asked.permission in PRIVATE
    return Occasion(
        actor_kind=actor.kind,
        actor_id=actor.id,
        credential_id=actor.credential_id,
        operation=OWN_WORK if is_private else asked.operation,
        request_id=asked.request_id,
        at=now,
        purpose=None if is_private else str(asked.permission),
        actor_role=actor.role,
        aim=None if is_private else asked.aim,
        partner_id=None if is_private else asked.partner_id,
    )
