"""Public keys of others: fetched from where they are published, kept for a while, fetched anew no oftener than a floor."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from app.access.tokens import Claims, Expected, Jwk, KeyUnknownError, TokenRefusedError, public_keys, verified
from app.core.clock import Clock
from app.core.outbound import Outbound, OutboundError

FLOOR_SECONDS: Final = 60.0
CEILING_SECONDS: Final = 3_600.0
MOST_SOURCES: Final = 1_000


class KeysAwayError(Exception):
    """Somebody's keys cannot be fetched now."""


class _Source:
    """The keys at one address."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.keys: list[Jwk] = []
        self.fetched = self.tried = float("-inf")


class KeySources:
    """Key sets of this process by address; `ticks` counts seconds and never goes back."""

    def __init__(self, outbound: Outbound, ticks: Callable[[], float] = time.monotonic) -> None:
        self._outbound, self._ticks = outbound, ticks
        self._sources: OrderedDict[str, _Source] = OrderedDict()
        self._lock = threading.Lock()

    def verified(self, token: str, address: str, expected: Expected, clock: Clock) -> Claims:
        """What the token says, if a key at this address signed it as expected. Raises TokenRefusedError, KeysAwayError."""
        try:
            return verified(token, self._keys(address), expected, clock())
        except KeyUnknownError:  # perhaps its issuer has a new key since
            return verified(token, self._keys(address, anew=True), expected, clock())

    def _keys(self, address: str, *, anew: bool = False) -> list[Jwk]:
        source = self._source(address)
        with source.lock:
            now = self._ticks()
            wanted = anew or now - source.fetched > CEILING_SECONDS
            if wanted and now - source.tried >= FLOOR_SECONDS:
                source.tried = now
                self._fetch(address, source)
            if self._ticks() - source.fetched > CEILING_SECONDS:
                raise KeysAwayError
            return source.keys

    def _fetch(self, address: str, source: _Source) -> None:
        try:
            found = public_keys(self._outbound.json(address))
        except (OutboundError, TokenRefusedError):
            return  # what is known stays good until it is too old
        source.keys, source.fetched = list(found), self._ticks()

    def _source(self, address: str) -> _Source:
        with self._lock:
            source = self._sources.setdefault(address, _Source())
            self._sources.move_to_end(address)
            if len(self._sources) > MOST_SOURCES:
                self._sources.popitem(last=False)
            return source
