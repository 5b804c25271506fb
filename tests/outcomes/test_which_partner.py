"""Two clinics alike but for which partner it was: everything to be seen, fetched, followed and timed is equal."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from app.access.work import Work
from app.core.database import Compartment
from app.core.ids import decode
from app.couples.service import partners_of
from app.homework import plans
from app.homework.models import HomeworkPlan, PlanTransition
from app.homework.schemas import PlanRead
from app.ledger.models import LedgerEvent
from tests.conftest import ENGINES
from tests.homework.records import CALM_LOG, WELL
from tests.outcomes.records import answers_of
from tests.outcomes.statements import statements
from tests.outcomes.test_non_interference import LATER, SAID, SHOWN, InterferenceError
from tests.outcomes.worlds import Json, World, moment, seen_by_a, seen_by_machine, stamp
from tests.safety.records import AFRAID, CALM

MOVES = ("offers", "activations", "holds", "pauses", "resumptions", "completions")


@dataclass(frozen=True)
class Ask:
    """One request: its path below the couple, its body, and the status it has to have."""

    path: str
    body: Json | None = None
    status: int = 201


# What one partner does, and what the other does meanwhile, if anything.
Kind = Callable[[World, str, bool], Ask | None]


def withdraws(world: World, which: str, it_was: bool) -> Ask | None:
    path = f"{world.partner(which)}/consents/{world.ids['consent ' + which]}/withdrawals"
    return Ask(path, status=200) if it_was else None


def leaves_therapy(world: World, which: str, it_was: bool) -> Ask | None:
    path = f"{world.partner(which)}/consents/{world.ids['therapy ' + which]}/withdrawals"
    return Ask(path, status=200) if it_was else None


def is_afraid(world: World, which: str, it_was: bool) -> Ask:
    return Ask(world.partner(which) + "/safety-screens", {"taken_alone": True, "answers": AFRAID if it_was else CALM})


def thinks_of_harm(world: World, which: str, it_was: bool) -> Ask:
    answers = answers_of("phq9", 5 if it_was else 7) | {"9": 2 if it_was else 0}
    return Ask(world.partner(which) + "/administrations", {"measure": "phq9", "answers": answers, "answered_at": stamp(SAID)})


def _says(**private: Any) -> Kind:
    def ask(world: World, which: str, it_was: bool) -> Ask:
        said = {**WELL, "partner_id": world.ids[which], "occurred_at": stamp(moment(minutes=30))}
        return Ask(world.check_ins, said | (private if it_was else {}))

    return ask


KINDS: dict[str, Kind] = {
    "withdraws": withdraws,
    "leaves therapy": leaves_therapy,
    "is afraid": is_afraid,
    "thinks of harm": thinks_of_harm,
    "does not want to": _says(willingness=0),
    "feels some pressure": _says(pressure=4),
    "is pressed": _says(pressure=9),
    "is forced": _says(felt_forced=True),
    "would go back": _says(log=CALM_LOG | {"asks_to_go_back": True, "stopped_early_by_me": True}),
}


@dataclass
class Played:
    """One story: what each of the acts cost, and what could be seen after it."""

    costs: list[list[str]]
    hidden: list[str]
    refusals: list[str]
    shown: list[str]
    followed: list[Any]


def played(world: World, kind: Kind, who: str | None) -> Played:
    """Begins a couple's story anew, in which it was this partner, or nobody."""
    world.begin()
    for which in "ab":
        body = {"kind": "therapy", "text_version": "1", "language": "en"}
        world.ids["therapy " + which] = world.post(moment(minutes=9), world.partner(which) + "/consents", body)["id"]
    costs = dict(acted(world, kind, who))
    hidden, refusals = list(fetched(world, LATER)), list(refused(world))
    shown = list(fetched(world, SHOWN))
    others = "ba" if who == "b" else "ab"
    return Played([costs[which] for which in others if which in costs], hidden, refusals, shown, followed(world))


def acted(world: World, kind: Kind, who: str | None) -> Iterator[tuple[str, list[str]]]:
    """Each partner's part of it in turn, with the statements it took."""
    for which in "ab":
        if ask := kind(world, which, which == who):
            with statements(world.runtime) as found:
                world.post(SAID, ask.path, ask.body, ask.status)
            yield which, list(found)


def fetched(world: World, at: Any) -> Iterator[str]:
    """Each answer to a machine account and in both partners' views, with the statements it took."""
    for see in (seen_by_machine, seen_by_a):
        with statements(world.runtime) as found:
            for answer in see(world, at):
                yield "\n".join([answer, *found])
                found.clear()


def refused(world: World) -> Iterator[str]:
    """How a machine account is answered that gives new work or moves the plan."""
    asked: list[tuple[str, Json | None]] = [("assignments", {"ends_on": "2026-11-29", "occasions": 2})]
    for noun, body in [*asked, *((noun, None) for noun in MOVES)]:
        with statements(world.runtime) as found:
            answer = world.call(LATER, "POST", f"{world.plan}/{noun}", body, world.ehr)
        yield "\n".join([world.masked(answer), *found])


def followed(world: World) -> list[Any]:
    """The couple's changes in the trail that are not filed under safety, in order: what a feed of changes could tell."""
    world.app.state.runtime = world.runtime
    with world.clinic.at_desk() as (session, _vault):
        query = select(LedgerEvent).where(
            LedgerEvent.couple_id == decode("cpl", world.ids["couple"]),
            LedgerEvent.kind != "read",
            (LedgerEvent.compartment.is_(None)) | (LedgerEvent.compartment != Compartment.SAFETY),
        )
        rows = session.scalars(query.order_by(LedgerEvent.id))
        return [(row.operation, row.kind, row.actor_kind, row.compartment, row.subject, row.subject_version) for row in rows]


def same(first: Iterable[Any], second: Iterable[Any]) -> None:
    for one, other in zip(first, second, strict=True):
        if one != other:
            raise InterferenceError(f"\n{one}\n\n{other}")


def compared(worlds: tuple[World, World], kind: Kind) -> Played:
    """A in the one world, B in the other; returns what was seen of A's."""
    first, second = (played(world, kind, who) for world, who in zip(worlds, "ab", strict=True))
    same(first.costs, second.costs)
    same(first.hidden, second.hidden)
    same(first.refusals, second.refusals)
    same(first.shown, second.shown)
    same(first.followed, second.followed)
    return first


# The gate tries the kinds that differ most from each other; all of them, on both engines, when more pairs are asked for.
IN_GATE = ("withdraws", "is afraid", "is pressed", "thinks of harm")
EVERY = [(engine, told) for engine in ENGINES for told in KINDS]
GATE = [("postgresql", "withdraws"), *(("sqlite", told) for told in IN_GATE)]


@pytest.mark.parametrize(("engine_name", "told"), EVERY if os.environ.get("REKINDLE_PAIRS") else GATE, indirect=["engine_name"])
def test_whose_it_was_cannot_be_seen_fetched_followed_or_timed(worlds: tuple[World, World], told: str) -> None:
    compared(worlds, KINDS[told])


@pytest.mark.parametrize("told", ["is forced", "feels some pressure"])
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_until_a_pause_is_shown_nothing_to_be_fetched_tells_that_anything_happened(
    worlds: tuple[World, World], told: str
) -> None:
    somebody, nobody = (played(worlds[0], KINDS[told], who) for who in ("b", None))
    same(somebody.hidden, nobody.hidden)
    assert (somebody.refusals == nobody.refusals) == (told == "feels some pressure")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_an_extra_statement_for_one_of_the_partners_would_be_noticed(
    worlds: tuple[World, World], monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(work: Work, plans: Sequence[HomeworkPlan]) -> list[PlanRead]:
        with work.session.reaching(frozenset(Compartment)):
            steps = select(PlanTransition.stopped_by).where(PlanTransition.couple_id == plans[0].couple_id)
            stopped_by = set(work.session.scalars(steps)) - {None}
        b = partners_of(work, plans[0].couple_id)[1]
        return read(work, plans) if b.id not in stopped_by else [*read(work, plans), *read(work, plans)][: len(plans)]

    read = plans.read
    monkeypatch.setattr(plans, "read", slowly)
    with pytest.raises(InterferenceError, match="SELECT"):
        compared(worlds, withdraws)
