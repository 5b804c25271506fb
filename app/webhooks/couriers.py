"""The threads that carry deliveries beside everything else, so that a slow receiver keeps nothing waiting but its own."""

import threading
from collections.abc import Callable
from typing import Final
from uuid import UUID

from app.core.ids import encode
from app.core.logs import log

MOST: Final = 8  # receivers at once, of all clinics, in one process
Errand = tuple[UUID, UUID]  # the clinic and the endpoint


class Couriers:
    """One thread for each endpoint that something is sent to now, and never two; they end with the process."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._busy: dict[Errand, threading.Thread] = {}

    def send_off(self, errand: Errand, carry: Callable[[], None]) -> bool:
        """Whether a courier was free to go; else what is due stays due."""
        with self._lock:
            if errand in self._busy or len(self._busy) >= self._most:
                return False
            thread = threading.Thread(target=self._go, args=(errand, carry), name="courier", daemon=True)
            self._busy[errand] = thread
        thread.start()
        return True

    def wait(self, seconds: float) -> None:
        """Waits for those who are under way, at most so long for each."""
        with self._lock:
            under_way = list(self._busy.values())
        for thread in under_way:
            thread.join(seconds)

    def _go(self, errand: Errand, carry: Callable[[], None]) -> None:
        try:
            carry()
        except Exception as error:  # noqa: BLE001 - what was not recorded is sent again once its lease is over
            log.error("courier_failed", clinic=encode("cln", errand[0]), error=type(error).__name__)
        finally:
            with self._lock:
                del self._busy[errand]


COURIERS: Final = Couriers()
