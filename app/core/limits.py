"""Requests a credential, a link or a client may make a minute, counted in this process."""

import threading
import time
from collections.abc import Hashable
from dataclasses import dataclass

from app.core.problems import TooManyRequestsError

WINDOW_SECONDS = 60
MANY_WINDOWS = 10_000


@dataclass
class Window:
    """What one caller has used of the running minute."""

    began: float
    used: int


class Limiter:
    """Fixed one-minute windows; 0 requests a minute switches it off."""

    def __init__(self, requests_per_minute: int) -> None:
        self.most = requests_per_minute
        self._windows: dict[Hashable, Window] = {}
        self._lock = threading.Lock()

    def take(self, who: Hashable, *, again: bool = False) -> dict[str, str]:
        """Counts one request and returns the `RateLimit` headers; raises TooManyRequestsError when the minute is used up.

        `again` counts nothing: it is the same request, which is looked at once more.
        """
        if not self.most:
            return {}
        now = time.monotonic()
        with self._lock:
            window = self._windows.get(who)
            if window is None or now - window.began >= WINDOW_SECONDS:
                self._forget(now)
                window = self._windows[who] = Window(now, 0)
            window.used += not again
            left, rest = self.most - window.used, WINDOW_SECONDS - int(now - window.began)
        if left < 0:
            raise TooManyRequestsError
        return {
            "RateLimit-Policy": f'"default";q={self.most};w={WINDOW_SECONDS}',
            "RateLimit": f'"default";r={left};t={rest}',
        }

    def _forget(self, now: float) -> None:
        """Drops minutes that are over once there are many: strangers may name themselves anew with every request."""
        if len(self._windows) >= MANY_WINDOWS:
            self._windows = {who: window for who, window in self._windows.items() if now - window.began < WINDOW_SECONDS}
