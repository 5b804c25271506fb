"""Two clinics alike but for which partner it was: everything to be seen, fetched, followed and timed is equal."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from app.access.work import Work
from app.core.database import Compartment
from app.core.ids import decode
from app.couples.service import partners_of
from app.homework import plans, reveals
from app.homework.models import HomeworkPlan, PlanTransition
from app.homework.schemas import PlanRead
from app.ledger.models import LedgerEvent
from app.ledger.service import events_in_commit_order
from app.partner_pages import answers
from app.partner_pages.models import LinkUse, PartnerLink
from tests.conftest import ENGINES
from tests.outcomes.acts import KINDS, MENU, Kind, hand_out_links
from tests.outcomes.records import answers_of
from tests.outcomes.statements import statements
from tests.outcomes.test_non_interference import LATER, SAID, SHOWN, InterferenceError
from tests.outcomes.worlds import Json, World, moment, seen_by_a, seen_by_machine

YES = {"agreed": True}
LAST, EXPIRED = moment(hours=62), moment(hours=80)
MOVES = ("offers", "activations", "pauses", "resumptions")
ENDS = ("holds", "completions")


@dataclass
class Played:
    """One story: what each of the acts cost, and what could be seen after it."""

    costs: list[list[str]]
    hidden: list[str]
    refusals: list[str]
    shown: list[str]
    followed: list[Any]
    others: list[str]


def played(world: World, kind: Kind, who: str | None) -> Played:
    """Begins a couple's story anew, in which it was this partner, or nobody."""
    world.begin()
    for which in "ab":
        body = {"kind": "therapy", "text_version": "1", "language": "en"}
        world.ids["therapy " + which] = world.post(moment(minutes=9), world.partner(which) + "/consents", body)["id"]
        hand_out_links(world, which)
    kind.prepare(world)
    costs = dict(acted(world, kind, who))
    kind.follow(world)
    hidden, refusals = list(fetched(world, LATER)), list(refused(world))
    told, shown = followed(world), [*fetched(world, SHOWN), *seen_by_links(world, EXPIRED)]
    others = list(used_by_the_other(world, "a" if who == "b" else "b"))
    order = "ba" if who == "b" else "ab"
    return Played([costs[which] for which in order if which in costs], hidden, refusals, shown, told, others)


def acted(world: World, kind: Kind, who: str | None) -> Iterator[tuple[str, list[str]]]:
    """Each partner's part of it in turn, with the statements it took."""
    for which in "ab":
        if ask := kind.ask(world, which, which == who):
            with statements(world.runtime) as found:
                world.post(SAID, ask.path, ask.body, ask.status, world.stranger if ask.by_link else None)
            yield which, list(found)


def fetched(world: World, at: Any) -> Iterator[str]:
    """Each answer to a machine account, in both partners' views and to both partners' links, with the statements it took."""
    for see in (seen_by_machine, seen_by_a, seen_by_links, seen_of_a_menu):
        with statements(world.runtime) as found:
            for answer in see(world, at):
                yield "\n".join([answer, *found])
                found.clear()


def seen_by_links(world: World, at: Any) -> Iterator[str]:
    """What each link shows, open or not, and how each stands for a machine account."""
    for _purpose, url in world.links_of("a", "b"):
        yield world.masked(world.answer(at, url))
    for which in "ab":
        yield world.masked(world.call(at, "GET", world.partner(which) + "/links", caller=world.ehr))


def seen_of_a_menu(world: World, at: Any) -> Iterator[str]:
    """What is shown of the menu, where there is one."""
    if "menu" in world.ids:
        yield world.masked(world.call(at, "GET", f"{world.menu}/overlaps", caller=world.ehr))


def used_by_the_other(world: World, which: str) -> Iterator[str]:
    """How the links of the one it was not are answered when they are used, with the statements it took."""
    bodies: dict[str, Json] = {"measure": {"measure": {"answers": answers_of("gmsex", 20)}}, "consent": {"consent": YES}}
    for purpose, url in world.links_of(which):
        with statements(world.runtime) as found:
            answer = world.answer(LAST, url, "/stop" if purpose == "stop" else "/answers", bodies.get(purpose))
        assert answer.status_code == 200, answer.text
        yield "\n".join([world.masked(answer), *found])


def refused(world: World) -> Iterator[str]:
    """How a machine account is answered that gives new work or moves the plan."""
    asked: list[tuple[str, Json | None]] = [("assignments", {"ends_on": "2026-11-29", "occasions": 2})]
    for noun, body in [*asked, *((noun, None) for noun in MOVES)]:
        with statements(world.runtime) as found:
            answer = world.call(LATER, "POST", f"{world.plan}/{noun}", body, world.ehr)
        yield "\n".join([world.masked(answer), *found])


def followed(world: World) -> list[Any]:
    """The couple's changes that are not filed under safety, in commit order: what a feed of changes could tell."""
    world.app.state.runtime = world.runtime
    with world.clinic.at_desk() as (session, _vault):
        query = select(LedgerEvent).where(
            LedgerEvent.couple_id == decode("cpl", world.ids["couple"]),
            LedgerEvent.kind != "read",
            (LedgerEvent.compartment.is_(None)) | (LedgerEvent.compartment != Compartment.SAFETY),
        )
        rows = {row.id: row for row in session.scalars(query)}
        order = [found[1] for found in events_in_commit_order(session, None, 10_000) if found[1] in rows]
        assert len(order) == len(rows) > 0
        return [
            (row.operation, row.kind, row.actor_kind, row.compartment, row.subject, row.subject_version)
            for row in map(rows.__getitem__, order)
        ]


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
    same(first.others, second.others)
    return first


# The gate tries the kinds that differ most from each other; all of them, on both engines, when more pairs are asked for.
IN_GATE = ("is pressed", "is flagged", "does not meet it", "says no to much", "stops by link", "stays silent")
EVERY = [(engine, told) for engine in ENGINES for told in KINDS]
GATE = [("postgresql", "withdraws"), *(("sqlite", told) for told in IN_GATE)]


@pytest.mark.parametrize(("engine_name", "told"), EVERY if os.environ.get("REKINDLE_PAIRS") else GATE, indirect=["engine_name"])
def test_whose_it_was_cannot_be_seen_fetched_followed_or_timed(
    worlds: tuple[World, World], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is drawn by chance is drawn alike in both worlds: every item for the first reveal, in the order of their codes.
    monkeypatch.setattr(reveals, "release_round", lambda *_: 1)
    monkeypatch.setattr(reveals, "rank", lambda _seed, code: bytes([MENU.index(code)]))
    seen = compared(worlds, KINDS[told])
    assert any('"status":"shown"' in answer for answer in seen.hidden) == (told == "says no to much")


@pytest.mark.parametrize("told", ["withdraws", "is forced"])
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_machine_that_holds_and_ends_a_plan_reads_the_same_whether_or_not_it_was_paused(
    worlds: tuple[World, World], told: str
) -> None:
    seen = []
    for world, who in zip(worlds, ("b", None), strict=True):
        world.begin()
        dict(acted(world, KINDS[told], who))
        ended = [world.masked(world.call(LATER, "POST", f"{world.plan}/{noun}", caller=world.ehr)) for noun in ENDS]
        assert ended[0].startswith("200")
        seen.append([*ended, *fetched(world, LATER), *fetched(world, SHOWN)])
    same(*seen)


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
        compared(worlds, KINDS["withdraws"])


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_consent_link_that_told_it_was_used_would_be_noticed(
    worlds: tuple[World, World], monkeypatch: pytest.MonkeyPatch
) -> None:
    def openly(work: Work, link: PartnerLink) -> None:
        use = {"couple_id": link.couple_id, "partner_id": link.partner_id, "link_id": link.id, "used_at": work.now}
        work.session.add(LinkUse(compartment=link.compartment, **use))
        work.session.flush()

    monkeypatch.setattr(answers, "spend", openly)
    with pytest.raises(InterferenceError, match='"state":"used"'):
        compared(worlds, KINDS["stays silent"])
