"""How fast the ledger is sealed and verified, against writing the same events bare in the same run.

python -m bench.ledger [--events 20000] [--rounds 3]
python -m bench.ledger --database-url postgresql+psycopg://service@... --owner-database-url postgresql+psycopg://owner@...
"""

import os
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing, contextmanager
from resource import RUSAGE_SELF, getrusage
from statistics import median
from uuid import UUID

from app.access import service as access
from app.access.work import Runtime
from app.core.clock import now
from app.core.crypto import Owner, Vault
from app.core.database import Reach, RecordSession
from app.core.ids import encode, new_id
from app.ledger.sealing import BATCH, seal
from app.ledger.service import Occasion, begin, chore_at_work, log_reads
from app.ledger.verification import verify_ledger
from app.main import create_runtime
from bench.record import command, record

COUPLES = 50


def main() -> None:
    """Prints events a second: written bare, sealed, verified."""
    told = command(__doc__)
    told.add_argument("--events", type=int, default=20_000)
    told.add_argument("--rounds", type=int, default=3)
    asked = told.parse_args()
    rates = [round_of(asked) for _ in range(asked.rounds)]
    for name, figures in zip(("written bare", "sealed", "verified"), zip(*rates, strict=True), strict=True):
        print(f"{name:>12}: {median(figures):>9,.0f} events a second")
    print(f"load {os.getloadavg()[0]:.1f}, at most {getrusage(RUSAGE_SELF).ru_maxrss // 1024} MB")


def round_of(asked: Namespace) -> tuple[float, float, float]:
    """A new clinic, on SQLite in a file of its own: how many events a second are written, sealed and verified."""
    with record(asked) as settings:
        runtime = create_runtime(settings)
        with closing(runtime.database), closing(runtime.cache):
            return measured(runtime, access.new_clinic_id(), asked.events)


def measured(runtime: Runtime, clinic_id: UUID, events: int) -> tuple[float, float, float]:
    """Events a second of each."""

    @contextmanager
    def opened() -> Iterator[tuple[RecordSession, Vault]]:
        with chore_at_work(runtime, clinic_id, "verify_ledger") as (session, vault, _now):
            yield session, vault

    began = new_clinic(runtime, clinic_id, events)
    written = time.perf_counter()
    seal(runtime, clinic_id)
    sealed = time.perf_counter()
    found = verify_ledger(opened, clinic_id)
    verified = time.perf_counter()
    if found.finding is not None or found.size < events:
        raise SystemExit(f"not whole: {found}")
    return events / (written - began), events / (sealed - written), events / (verified - sealed)


def new_clinic(runtime: Runtime, clinic_id: UUID, events: int) -> float:
    """A clinic whose couples were read this often, a batch at a time; when the writing began."""
    couples = [new_id() for _ in range(COUPLES)]
    with runtime.database.transaction(Reach(clinic_id)) as session:
        vault = Vault(session, runtime.cache)
        begin(session, occasion())
        access.create_clinic(session, vault, "A clinic", now())
        for couple in couples:
            vault.create_key(Owner.COUPLE, couple)
    began = time.perf_counter()
    for _ in range(0, events, BATCH):
        with runtime.database.transaction(Reach(clinic_id)) as session:
            begin(session, occasion())
            log_reads(session, "couple", couples * (BATCH // COUPLES))
    return began


def occasion() -> Occasion:
    """Somebody reads."""
    return Occasion("member", new_id(), new_id(), "read_couple", encode("req", new_id()), now())


if __name__ == "__main__":
    main()
