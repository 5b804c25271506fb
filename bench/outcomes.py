"""Answers about a couple, a caseload and a clinic over HTTP, against bare SQL on the same rows in the same server and run.

python -m bench.outcomes [--couples 1000 --couples 10000 --couples 100000] [--rounds 100]
python -m bench.outcomes --database-url postgresql+psycopg://service@... --owner-database-url postgresql+psycopg://owner@...

One clinic grows from size to size. Both sides answer from the same server over one connection, one after the other. The floor
runs one plain SELECT of the rows that the answer rests on, in one transaction and one hop, and sends the very bytes that the
service answered. Each couple has 50 administrations (`bench/outcome_rows.py` says of what); kept figures are reckoned by the
service for the first thousand couples and copied under other ids for the rest. Figures that a caseload shows are good until
midnight in UTC: do not run it across one.
"""

import logging
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from statistics import median
from typing import Any, Final
from uuid import UUID

import httpx
import structlog
from anyio.to_thread import run_sync
from fastapi import FastAPI
from sqlalchemy import Select, TextClause, bindparam, create_engine, func, select, text
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.access import service as access
from app.access.models import CareTeamMember
from app.access.permissions import GRANTABLE, Role
from app.core.clock import now
from app.core.crypto import Vault
from app.core.database import Base, Reach
from app.core.ids import encode, new_id
from app.core.settings import Settings
from app.ledger.service import Occasion, begin
from app.main import create_app
from bench.notes import served
from bench.outcome_rows import ADMINISTRATIONS, CHUNK, Pair, Writer
from bench.record import command, record

SEATS: Final = 40
CHANCE: Final = Random(7)  # noqa: S311 - which couples are asked for is no secret
SCORE, STANDING, SERIES, COUPLE = (
    Base.metadata.tables[name] for name in ("score", "couple_standing", "series_outcome", "couple")
)
SEAT = CareTeamMember.__table__
# The change of every series of the clinic, first score to last, from the scores themselves.
WINDOW: Final = text(
    "SELECT measure_code, scale, count(*), avg(latest - intake) FROM ("
    "SELECT partner_id, measure_code, scale, max(CASE WHEN up = 1 THEN value END) AS intake,"
    " max(CASE WHEN down = 1 THEN value END) AS latest FROM ("
    "SELECT partner_id, measure_code, scale, value,"
    " row_number() OVER (PARTITION BY couple_id, partner_id, measure_code, scale ORDER BY answered_at, id) AS up,"
    " row_number() OVER (PARTITION BY couple_id, partner_id, measure_code, scale ORDER BY answered_at DESC, id DESC) AS down"
    " FROM score WHERE clinic_id = :clinic_id AND value IS NOT NULL AND reason IS NULL) AS told"
    " GROUP BY partner_id, measure_code, scale) AS moved GROUP BY measure_code, scale"
).bindparams(bindparam("clinic_id", type_=SCORE.c.clinic_id.type))
Took = tuple[list[float], list[float]]
Statement = Select[*tuple[Any, ...]] | TextClause


@dataclass(frozen=True)
class Case:
    """One kind of answer: where it is, who asks, and the bare statement below it."""

    name: str
    path: str
    key: str
    statement: Statement


@dataclass
class Floors:
    """The bare ways of answering the same: a statement, and the bytes that were answered."""

    app: FastAPI
    clinic_id: UUID
    cases: dict[str, tuple[Statement, bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.app.router.routes.insert(0, Route("/bare/{number}", self._answer))

    def put(self, number: str, statement: Statement, answer: bytes) -> None:
        """One more floor."""
        self.cases[number] = (statement, answer)

    async def _answer(self, request: Request) -> Response:
        runtime = self.app.state.runtime
        return Response(await run_sync(self._run, request.path_params["number"], limiter=runtime.threads))

    def _run(self, number: str) -> bytes:
        statement, answer = self.cases[number]
        engine = self.app.state.runtime.database.engine
        with engine.connect().execution_options(durable=False) as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL app.clinic_id = '{self.clinic_id}'")
            parameters = {} if isinstance(statement, Select) else {"clinic_id": self.clinic_id}
            assert connection.execute(statement, parameters).all()
        return answer


@dataclass(frozen=True)
class Clinic:
    """Who asks in the clinic that grows, and whom the member cares for."""

    id: UUID
    member_id: UUID
    member_key: str
    integration_key: str

    def cases(self, told: Pair, pulses: Pair) -> Iterator[Case]:
        """Every kind of answer, about these couples where it is about one."""
        own = (SCORE.c.clinic_id == self.id, SCORE.c.value.is_not(None))
        shown = select(*(SCORE.c[name] for name in ("measure_code", "scale", "administration_id", "answered_at", "value")))
        order = (SCORE.c.partner_id, SCORE.c.measure_code, SCORE.c.scale, SCORE.c.answered_at, SCORE.c.id)
        for name, pair in (("outcomes", told), ("outcomes/cycle", pulses)):
            path = f"/v1/couples/{encode('cpl', pair.id)}/{name}"
            yield Case(name, path, self.member_key, shown.where(*own, SCORE.c.couple_id == pair.id).order_by(*order))
        theirs = select(SEAT.c.couple_id).where(SEAT.c.clinic_id == self.id, SEAT.c.member_id == self.member_id)
        page = self._page(of_safety=True).where(STANDING.c.couple_id.in_(theirs))
        yield Case("caseload of a therapist", "/v1/caseload", self.member_key, page)
        yield Case("caseload of the clinic", "/v1/caseload", self.integration_key, self._page(of_safety=False))
        yield Case("clinic", "/v1/clinic/outcomes", self.integration_key, self._sums())

    def _page(self, *, of_safety: bool) -> Select[*tuple[Any, ...]]:
        place = (STANDING.c.urgency, STANDING.c.weight, STANDING.c.couple_id)
        within = (COUPLE.c.clinic_id == STANDING.c.clinic_id) & (COUPLE.c.id == STANDING.c.couple_id)
        return (
            select(*place, STANDING.c.rule, STANDING.c.concern, STANDING.c.visits, COUPLE.c.external_id, STANDING.c.shown)
            .join(COUPLE, within)
            .where(STANDING.c.clinic_id == self.id, STANDING.c.of_safety == of_safety, STANDING.c.in_care)
            .order_by(*place)
            .limit(51)
        )

    def _sums(self) -> Select[*tuple[Any, ...]]:
        place = (SERIES.c.measure_code, SERIES.c.scale, SERIES.c.concern, SERIES.c.protocol)
        moved = SERIES.c.latest - SERIES.c.intake
        sums = (func.count(), func.sum(moved), func.sum(moved * moved), func.count(SERIES.c.weeks_to_improvement))
        return select(*place, *sums).where(SERIES.c.clinic_id == self.id).group_by(*place)


def opened(app: FastAPI) -> Clinic:
    """A clinic with a therapist and clinic software."""
    clinic_id, runtime = access.new_clinic_id(), app.state.runtime
    with runtime.database.transaction(Reach(clinic_id)) as session:
        begin(session, Occasion("operator", None, None, "bench", encode("req", new_id()), now()))
        access.create_clinic(session, Vault(session, runtime.cache), "Bench", now())
        member = access.add_member(session, "bench", Role.THERAPIST, "IT", now())
        made = access.add_integration(session, "bench", {str(scope) for scope in GRANTABLE}, now())
        keys = [access.issue_key(session, one, "demo", now()) for one in (member, made)]
    return Clinic(clinic_id, member.id, *keys)


def milliseconds(client: httpx.Client, path: str, key: str) -> tuple[float, bytes]:
    """How long one answer takes, and what it is."""
    began = time.perf_counter()
    answer = client.get(path, headers={"Authorization": f"Bearer {key}"}).raise_for_status()
    return (time.perf_counter() - began) * 1000, answer.content


@dataclass
class Grown:
    """Medians by name at the first size, to be compared with."""

    first: dict[str, float] = field(default_factory=dict)

    def told(self, name: str, ours: list[float], bare: list[float]) -> str:
        """One line of the table."""
        here = median(ours)
        tail = sorted(ours)[int(len(ours) * 0.95)]
        ratio = median(one / other for one, other in zip(ours, bare, strict=True))
        grown = here / self.first.setdefault(name, here)
        told = f"  {name:24} {here:9.2f} ms (p95 {tail:8.2f}), bare {median(bare):9.2f} ms"
        return f"{told}, ratio {ratio:6.2f}, grown {grown:5.2f}"


def measure(clinic: Clinic, floors: Floors, client: httpx.Client, seated: list[Pair], rounds: int) -> dict[str, Took]:
    """What each kind of answer took, ours and bare: interleaved, other couples each time."""
    told = [pair for pair in seated if not pair.has_pulses]
    pulses = [pair for pair in seated if pair.has_pulses]
    took: dict[str, Took] = {}
    for number in range(rounds + 5):
        for place, case in enumerate(clinic.cases(CHANCE.choice(told), CHANCE.choice(pulses))):
            ours, answer = milliseconds(client, case.path, case.key)
            floors.put(str(place), case.statement, answer)
            bare, same = milliseconds(client, f"/bare/{place}", case.key)
            assert same == answer
            if number >= 5:  # what comes before warms up
                times = took.setdefault(case.name, ([], []))
                times[0].append(ours)
                times[1].append(bare)
    return took


def check(clinic: Clinic, client: httpx.Client, seated: list[Pair], couples: int) -> None:
    """That the answers are those of a clinic of this size."""
    for case in clinic.cases(seated[-1], seated[0]):
        told = client.get(case.path, headers={"Authorization": f"Bearer {case.key}"}).raise_for_status().json()
        if case.name == "outcomes":
            assert sum(len(one["points"]) for partner in told["partners"] for one in partner["series"]) == ADMINISTRATIONS
        elif case.name == "outcomes/cycle":
            assert all(partner["what_followed"]["sexual_first"]["correlation"] for partner in told["partners"])
        elif case.name == "clinic":
            assert (told["couples"], told["up_to_date"]) == (couples, True), (told["couples"], told["up_to_date"])
        else:
            assert len(told["items"]) == min(50, len(seated) if "therapist" in case.name else couples)
            assert all(item["current"] for item in told["items"])


def analyse(settings: Settings) -> None:
    """Statistics for whoever plans the statements, as they are taken by themselves in a clinic that has grown for years."""
    owner = create_engine((settings.owner_database_url or settings.database_url).get_secret_value())
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    owner.dispose()


def run(settings: Settings, sizes: list[int], rounds: int, windows: int) -> None:
    """Prints a table a size."""
    app = create_app(settings)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    clinic, grown = opened(app), Grown()
    floors = Floors(app, clinic.id)
    writer = Writer(app.state.runtime, settings, clinic.id, clinic.member_id)
    kind = "PostgreSQL" if app.state.runtime.database.is_postgresql else "SQLite"
    began = time.perf_counter()
    writer.grow_to(min(CHUNK, sizes[0]))
    reckoning = time.perf_counter()
    writer.reckon()
    reckoned = len(writer.pairs) / (time.perf_counter() - reckoning)
    print(f"{kind}: figures of {len(writer.pairs):,} couples reckoned by the service, {reckoned:.0f} couples a second")
    seated = seats(writer)
    with served(app) as url, httpx.Client(base_url=url, timeout=600) as client:
        for size in sizes:
            writer.grow_to(size)
            analyse(settings)
            written = time.perf_counter() - began
            check(clinic, client, seated, size)
            held = f"{size * ADMINISTRATIONS:,} administrations, {writer.scores:,} scores"
            print(f"{size:,} couples, {held}; written in {written:.0f} s")
            for name, (ours, bare) in measure(clinic, floors, client, seated, rounds).items():
                print(grown.told(name, ours, bare))
            window(clinic, floors, client, windows)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"  peak memory of server, floors and this command together {peak:.0f} MB", flush=True)
            began = time.perf_counter()
    app.state.runtime.database.close()


def seats(writer: Writer) -> list[Pair]:
    """Seats the member with some couples of either kind, from all over the first ones."""
    pulses = [pair for pair in writer.pairs if pair.has_pulses]
    told = [pair for pair in writer.pairs if not pair.has_pulses]
    found = [*pulses[:: -(-len(pulses) // SEATS)], *told[:: -(-len(told) // SEATS)]]
    writer.seat(found)
    return found


def window(clinic: Clinic, floors: Floors, client: httpx.Client, rounds: int) -> None:
    """What the clinic's figures would cost from the scores themselves."""
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(rounds):
        elapsed, answer = milliseconds(client, "/v1/clinic/outcomes", clinic.integration_key)
        floors.put("window", WINDOW, answer)
        ours.append(elapsed)
        bare.append(milliseconds(client, "/bare/window", clinic.integration_key)[0])
    if rounds:
        times = median(other / one for one, other in zip(ours, bare, strict=True))
        print(f"  clinic, against a window over all scores: {median(bare):,.0f} ms, {times:.1f} times as long")


def main() -> None:
    """Measures SQLite in a throwaway folder, or the PostgreSQL that was named."""
    parser = command(__doc__)
    parser.add_argument("--couples", type=int, action="append", help="size of the clinic; told several times, it grows")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--windows", type=int, default=3, help="rounds of the window over all scores")
    given = parser.parse_args()
    with record(given) as settings:
        run(settings, sorted(given.couples or [1_000]), given.rounds, given.windows)


if __name__ == "__main__":
    main()
