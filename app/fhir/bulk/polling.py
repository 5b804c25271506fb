"""How often clients look how far an export is: who looks too often is told to slow down."""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.fhir.bulk.rules import PolledTooFastError

REMEMBERED: Final = 10_000


class Looks:
    """When each export was last looked at by way of this process; bounded, the oldest makes room."""

    def __init__(self) -> None:
        self._last: OrderedDict[UUID, datetime] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, export_id: UUID, now: datetime, wait: int) -> None:
        """Notes a look. Raises PolledTooFastError after less than half of what was to be waited; such a look is not noted."""
        with self._lock:
            last = self._last.get(export_id)
            if last is not None and timedelta(0) <= now - last < timedelta(seconds=wait / 2):
                raise PolledTooFastError(wait)
            self._last[export_id] = now
            self._last.move_to_end(export_id)
            if len(self._last) > REMEMBERED:
                self._last.popitem(last=False)


LOOKS: Final = Looks()
