"""Requests a credential may make a minute, counted in this process."""

import threading
import time
from dataclasses import dataclass
from uuid import UUID

from app.core.problems import TooManyRequestsError

WINDOW_SECONDS = 60


@dataclass
class Window:
    """What one credential has used of the running minute."""

    began: float
    used: int


class Limiter:
    """Fixed one-minute windows; 0 requests a minute switches it off."""

    def __init__(self, requests_per_minute: int) -> None:
        self.most = requests_per_minute
        self._windows: dict[UUID, Window] = {}
        self._lock = threading.Lock()

    def take(self, credential_id: UUID) -> dict[str, str]:
        """Counts one request and returns the `RateLimit` headers; raises TooManyRequestsError when the minute is used up."""
        if not self.most:
            return {}
        now = time.monotonic()
        with self._lock:
            window = self._windows.get(credential_id)
            if window is None or now - window.began >= WINDOW_SECONDS:
                window = self._windows[credential_id] = Window(now, 0)
            window.used += 1
            left, rest = self.most - window.used, WINDOW_SECONDS - int(now - window.began)
        if left < 0:
            raise TooManyRequestsError
        return {
            "RateLimit-Policy": f'"default";q={self.most};w={WINDOW_SECONDS}',
            "RateLimit": f'"default";r={left};t={rest}',
        }
