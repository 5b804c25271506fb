"""Data keys as a process holds them: unwrapped, for a while, and never past the moment one is destroyed."""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from app.core.key_names import KeyName
from app.core.key_store import KeyStore
from app.core.kms import KeyService, key_service_of
from app.core.settings import Settings

CACHED_KEYS: Final = 4_096
CACHED_SECONDS: Final = 300.0


@dataclass(frozen=True)
class KeySet:
    """The generations of one data key: each opens, the newest seals."""

    by_generation: dict[int, bytes]

    @property
    def newest(self) -> int:
        """The generation that seals."""
        return max(self.by_generation)

    @property
    def newest_key(self) -> bytes:
        """The key that seals."""
        return self.by_generation[self.newest]

    def get(self, generation: int) -> bytes | None:
        """The key of a generation, if this set has it."""
        return self.by_generation.get(generation)


class KeyCache:
    """The key service, the key store, and unwrapped data keys of all clinics, bounded in number and time."""

    def __init__(self, key_service: KeyService, store: KeyStore) -> None:
        self.key_service = key_service
        self.store = store
        self._held: OrderedDict[tuple[UUID, KeyName], tuple[float, KeySet]] = OrderedDict()
        self._epochs: dict[UUID, int] = {}
        self._lock = threading.Lock()

    def get(self, clinic_id: UUID, name: KeyName, epoch: int) -> KeySet | None:
        """The key, unless it was never held, is too old, or a key of the clinic was destroyed or renewed since."""
        with self._lock:
            held = self._held.get((clinic_id, name)) if self._is_current(clinic_id, epoch) else None
        return held[1] if held and time.monotonic() - held[0] < CACHED_SECONDS else None

    def put(self, clinic_id: UUID, name: KeyName, keys: KeySet, epoch: int) -> None:
        """Holds a key that was read in this epoch of the clinic; the oldest makes room."""
        with self._lock:
            if not self._is_current(clinic_id, epoch):
                return
            self._held[clinic_id, name] = (time.monotonic(), keys)
            self._held.move_to_end((clinic_id, name))
            if len(self._held) > CACHED_KEYS:
                self._held.popitem(last=False)

    def close(self) -> None:
        """Closes the key store's connections."""
        self.store.close()

    def _is_current(self, clinic_id: UUID, epoch: int) -> bool:
        """Whether what is held belongs to this epoch; a later one empties the clinic's keys, an earlier one is too late."""
        known = self._epochs.setdefault(clinic_id, epoch)
        if epoch > known:
            for key in [key for key in self._held if key[0] == clinic_id]:
                del self._held[key]
            self._epochs[clinic_id] = epoch
        return epoch >= known


def open_keys(settings: Settings) -> KeyCache:
    """The keys of these settings; raises KeyUnavailableError when they cannot be read."""
    return KeyCache(key_service_of(settings), KeyStore(settings))
