"""The therapist's hand in the invented clinic: the service's use cases, one after the other, in one transaction a week.

Everything goes the way of a request but for HTTP itself: the key opens the door, every use case is checked for its permission
and stands in the trail under its own name and moment. Two hundred couples' year would be thirty thousand requests.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

from app.access.permissions import Permission
from app.access.work import Asked, Runtime, Work
from app.core.ids import encode, new_id
from app.ledger.service import Aim, begin

Done = TypeVar("Done")


class Turned(Protocol):
    """A clock that can be set."""

    moment: datetime

    def __call__(self) -> datetime:
        """The time it is."""
        ...


@dataclass
class Hand:
    """What holds the key, and the transaction of the week that is open."""

    runtime: Runtime
    clock: Turned
    key: str
    _work: Work | None = field(default=None, init=False)

    @contextmanager
    def week(self) -> Iterator[None]:
        """Opens the door with the key, and commits at the end."""
        asked = Asked("demo_clinic", Permission.COUPLES_WRITE, self.key, encode("req", new_id()), writes=True, aim=Aim.CHANGE)
        with self.runtime.work(asked) as self._work:
            yield
        self._work = None

    def do(self, permission: Permission, use_case: Callable[..., Done], *given: Any) -> Done:
        """One use case at this moment. Raises NotAllowedError without the permission, and what the use case raises."""
        if self._work is None:
            raise RuntimeError("no week is open")
        work = replace(self._work, now=self.clock())
        work.actor.check(permission)
        told = {"operation": use_case.__name__, "purpose": str(permission), "request_id": encode("req", new_id())}
        begin(work.session, replace(work.session.info["occasion"], at=work.now, **told))
        work.session.info.pop("led", None)  # which couples this request's trail has named: it is another request
        done = use_case(work, *given)
        work.session.flush()
        return done
