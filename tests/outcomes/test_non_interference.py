"""Worlds that differ only in what B said in private answer A, and everyone acting for A, byte for byte alike."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.access import actor
from app.access.views import SEEN_BY
from app.core.database import Compartment
from app.homework import tracks
from tests.homework.records import CALM_LOG
from tests.notes.records import new_note
from tests.outcomes.records import answers_of
from tests.outcomes.worlds import World, moment, seen_by_a, seen_by_machine, stamp

# on each of the two engines; CONTRIBUTING.md tells how to try more
PAIRS = int(os.environ.get("REKINDLE_PAIRS", "0"))
SAID = moment(hours=1)
LATER = moment(hours=2)
SHOWN = moment(hours=61)
RATING = st.integers(0, 10)


class InterferenceError(AssertionError):
    """Two worlds answered differently."""


@dataclass(frozen=True)
class Act:
    """Something that B does, and what to call it; the number keeps moments of the same kind apart."""

    told: str
    do: Callable[[World, int], object] = field(repr=False)


# What only the care team may know.


def withdraw() -> Act:
    path = "{b}/consents/{consent}/withdrawals"
    return Act(
        "withdraws",
        lambda world, _: world.post(SAID, path.format(b=world.partner("b"), consent=world.ids["consent b"]), status=200),
    )


def consent_again() -> Act:
    return Act("consents again", lambda world, _: world.consent(SAID, "b"))


def screen(answers: list[int]) -> Act:
    body = {"taken_alone": True, "answers": {str(item): answer for item, answer in enumerate(answers, start=1)}}
    return Act(f"is screened: {answers}", lambda world, _: world.post(SAID, world.partner("b") + "/safety-screens", body))


def block() -> Act:
    return Act("is not safe", lambda world, _: world.clear(SAID, decision="blocked", blockers=["coercion_or_violence"]))


def suspect() -> Act:
    path = "{couple}/episodes/{episode}/concerns"
    body = {"code": "ipv_suspected_or_confirmed", "bearer": "partner_b"}
    return Act(
        "tells of violence",
        lambda world, _: world.post(SAID, path.format(couple=world.couple, episode=world.ids["episode"]), body),
    )


def diagnose(code: str) -> Act:
    def do(world: World, _: int) -> object:  # the same one twice is refused, and changes nothing either
        path = world.partner("b") + "/diagnoses"
        body = {"system": "icd10cm", "code": code, "exclusion_override": {"reason": "Both found."}}
        return world.call(SAID, "POST", path, body)

    return Act(f"is diagnosed: {code}", do)


def private_answers() -> st.SearchStrategy[dict[str, Any]]:
    """The answers of a check-in that are nobody's but the care team's."""
    log = st.fixed_dictionaries({}, optional=dict.fromkeys(("stopped_early_by_me", "asks_to_go_back"), st.booleans()))
    rating = st.none() | RATING
    told = {"felt_forced": st.booleans(), "felt_afraid": st.booleans()}
    return st.fixed_dictionaries({"willingness": rating, "pressure": rating, **told, "log": log})


def confide() -> Act:
    def do(world: World, _: int) -> object:
        return world.post(SAID, f"{world.couple}/psychotherapy-notes", {"text": "I side with whoever speaks less."})

    return Act("is thought about", do)


SECRETS = st.one_of(
    st.builds(confide),
    st.builds(withdraw),
    st.builds(consent_again),
    st.builds(screen, st.lists(st.integers(1, 5), min_size=5, max_size=5)),
    st.builds(block),
    st.builds(suspect),
    st.builds(diagnose, st.sampled_from(["T74.11XA", "Z69.11"])),
)


# What B's own compartment holds.


def measure(code: str, total: int) -> Act:
    body = {"measure": code, "answers": answers_of(code, total)}
    return Act(f"scores {total} on {code}", lambda world, _: world.post(SAID, world.partner("b") + "/administrations", body))


def rate(severity: int, distressed: bool) -> Act:
    def do(world: World, _: int) -> object:
        body = {"partner_id": world.ids["b"], "severity": severity, "distressed": distressed}
        return world.post(SAID, f"{world.couple}/concerns/{world.ids['concern']}/ratings", body)

    return Act(f"rates the concern {severity}, {distressed}", do)


def frame(words: str) -> Act:
    def do(world: World, _: int) -> object:
        return world.post(SAID, world.partner("b") + "/framings", {"concern_id": world.ids["concern"], "words": words})

    return Act(f"frames the concern: {words}", do)


def check_in(done: str, moods: tuple[int | None, int | None], note: str | None, private: dict[str, Any]) -> Act:
    def do(world: World, number: int) -> object:
        said = {"mood_before": moods[0], "mood_after": moods[1], "note": note, "occurred_at": stamp(moment(minutes=number))}
        log = CALM_LOG if done in {"within_rules", "partly", "not_within_rules"} else {}
        body = {"partner_id": world.ids["b"], "done": done, **said, **private, "log": log | private["log"]}
        return world.post(SAID, world.check_ins, body)

    return Act(f"checks in: {done}, {moods}, {note}, {private}", do)


def write(signed: bool) -> Act:
    def do(world: World, _: int) -> object:
        note = world.post(SAID, f"{world.couple}/notes", new_note("partner_b"))
        path = f"{world.couple}/notes/{note['id']}/signatures"
        return world.post(SAID, path, {"version": 1}, status=200) if signed else note

    return Act(f"is written about, signed: {signed}", do)


MOODS = st.tuples(st.none() | RATING, st.none() | RATING)
DONE = st.sampled_from(["within_rules", "partly", "not_within_rules", "not_done", "declined"])
PRIVATE = st.one_of(
    st.builds(measure, st.just("gmsex"), st.integers(5, 35)),
    st.builds(measure, st.just("phq9"), st.integers(0, 24)),
    st.builds(rate, RATING, st.booleans()),
    st.builds(check_in, DONE, MOODS, st.none() | st.just("In my own words."), private_answers()),
    st.builds(write, st.booleans()),
    st.builds(diagnose, st.sampled_from(["F52.0", "R68.82", "Z63.0", "Z70.3"])),
    st.builds(frame, st.sampled_from(["Never.", "Always, and it wears me out."])),
)


@dataclass(frozen=True)
class Differences:
    """What B does in one of the worlds: first what is for the care team alone, then what is B's own."""

    answers: dict[str, Any]
    secrets: list[Act] = field(default_factory=list)
    own: list[Act] = field(default_factory=list)

    def keep_secrets(self, world: World) -> None:
        """B checks in as in the other world, with other private answers, and does what nobody may see."""
        check_in("within_rules", (4, 6), "As ever.", self.answers).do(world, 0)
        for number, act in enumerate(self.secrets):
            act.do(world, number)

    def act(self, world: World) -> None:
        """B does what the other world's B does not."""
        for number, act in enumerate(self.own, start=1):
            act.do(world, number)


WORLD = st.builds(Differences, private_answers(), st.lists(SECRETS, max_size=2), st.lists(PRIVATE, max_size=3))


def pause(world: World) -> None:
    """A pause is shown in the end, whoever it was for: where B gave no reason, the therapist pauses by hand."""
    if world.call(SAID, "GET", world.plan).json()["status"] == "active":
        world.post(SAID, world.plan + "/pauses", status=200)


def a_goes_on(world: World) -> str:
    """A checks in and is answered, and says how much the concern weighs."""
    body = {"partner_id": world.ids["a"], "done": "within_rules", "mood_before": 4, "mood_after": 6, "log": CALM_LOG}
    return world.masked(world.call(LATER, "POST", world.check_ins, body, world.ehr))


def same(first: Iterable[str], second: Iterable[str]) -> None:
    """Raises InterferenceError with the first answer that differs."""
    for one, other in zip(first, second, strict=True):
        if one != other:
            raise InterferenceError(f"\n{one}\n\n{other}")


def compared(pair: tuple[World, World], differences: tuple[Differences, Differences]) -> None:
    """Plays the story in both worlds and compares what is answered, at each of its turns."""
    for world, told in zip(pair, differences, strict=True):
        world.begin()
        told.keep_secrets(world)
    first, second = pair
    same(seen_by_machine(first, LATER), seen_by_machine(second, LATER))
    for world, told in zip(pair, differences, strict=True):
        told.act(world)
    same([a_goes_on(first)], [a_goes_on(second)])
    same(seen_by_a(first, LATER), seen_by_a(second, LATER))
    for world in pair:
        pause(world)
    same(seen_by_a(first, SHOWN), seen_by_a(second, SHOWN))


@pytest.mark.timeout(0 if PAIRS else 120)
def test_what_b_keeps_to_themselves_changes_no_answer_to_a_nor_to_a_machine(worlds: tuple[World, World]) -> None:
    @settings(max_examples=PAIRS or 3, derandomize=not PAIRS, phases=set(Phase) - {Phase.explain})
    @given(st.tuples(WORLD, WORLD))
    def holds(differences: tuple[Differences, Differences]) -> None:
        compared(worlds, differences)

    holds()


NOTHING = Differences({"willingness": 6, "pressure": 0, "felt_forced": False, "felt_afraid": False, "log": {}})


def test_a_view_that_let_bs_rows_through_would_be_noticed(worlds: tuple[World, World], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SEEN_BY, "partner_a", SEEN_BY["partner_a"] | {Compartment.INDIVIDUAL_B})
    for own in (measure("gmsex", 20), rate(9, distressed=True)):
        with pytest.raises(InterferenceError, match=r'"view":"partner_a"'):
            compared(worlds, (NOTHING, Differences(NOTHING.answers, own=[own])))


def test_a_machine_that_reached_the_safety_compartment_would_be_noticed(
    worlds: tuple[World, World], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actor, "MACHINE", frozenset(Compartment))
    for secret in (withdraw(), suspect(), block()):
        with pytest.raises(InterferenceError):
            compared(worlds, (NOTHING, Differences(NOTHING.answers, [secret])))


def test_a_pause_that_showed_at_once_would_be_noticed(worlds: tuple[World, World], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracks, "pause_shows_at", lambda now, *_: now)
    with pytest.raises(InterferenceError, match="paused_by_therapist"):
        compared(worlds, (NOTHING, Differences(NOTHING.answers, [withdraw()])))
