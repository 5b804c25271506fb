"""The life of one couple over HTTP, what each step of it is compared with, and what everyone else sees of it."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant
from sqlalchemy import func, select

from app.core.ids import decode
from app.ledger.models import LedgerEvent
from tests.conftest import Caller, Clinic
from tests.homework.plan_truth import BEGUN_ALONE, POSSIBLE, SENSATE, SIMMERING, Kind, Line, PlanTruth, Step
from tests.homework.records import Course, draft
from tests.homework.truth import SHARING, THERAPY, ZONE, Scope, Truth
from tests.partner_pages.records import Held
from tests.safety.records import done, new_pair

NUMBERS = count(1)
WHICH = st.sampled_from("ab")
ABOUT = st.sampled_from(["a", "b", None])
CALLERS = st.sampled_from(["therapist", "machine"])
PLAN = st.sampled_from([0, 0, 1, 2, 2])
PLACE = st.integers(0, 9)
# A key lives 90 days: no story is longer.
LONGEST = timedelta(days=88)


class Life(RuleBasedStateMachine):
    """One couple with plans that share touch, that do not, and that begin alone; its therapist, and a machine account."""

    def __init__(self, clinic: Clinic, therapist: Caller, machine: Caller, start: datetime) -> None:
        super().__init__()
        clinic.clock.moment = start
        self.clinic, self.start = clinic, start
        self.callers = {"therapist": therapist, "machine": machine}
        self.truth = Truth()
        self.pair = new_pair(therapist, f"life-{next(NUMBERS)}")
        self.courses: list[Course] = []
        self.assignments: list[tuple[Course, dict[str, Any]]] = []
        self.given: list[dict[str, tuple[datetime, datetime]]] = []
        self.written: list[list[dict[str, Any]]] = []
        self.shown: list[int] = []
        self.held: list[Held] = []
        self.shut: Any = None
        self.seen: dict[str, Any] = {}
        self.unchanged: frozenset[str] = frozenset()
        self.draft(SENSATE, self.pair.concern_id)
        self.draft(SIMMERING, self.pair.concern_id, "a", practising_partner_id=self.pair.a)

    @property
    def now(self) -> datetime:
        """The time it is, but for some milliseconds."""
        return self.clinic.clock.moment

    @property
    def scopes(self) -> list[Scope]:
        """What one can say yes to: stages of what this couple does, to therapy, to sharing data."""
        found: list[Scope] = [("homework_stage", "sensate_focus", stage) for stage in (1, 1, 1, 2, 3)]
        found += [("homework_stage", plan.kind.protocol, plan.kind.alone + 1) for plan in self.truth.plans[1:]]
        return [*found, THERAPY, SHARING]

    def draft(self, kind: Kind, concern_id: str, practising: str | None = None, **named: str) -> None:
        """One more plan."""
        course = draft(self.pair, protocol=kind.protocol, concern_id=concern_id, thresholds=kind.thresholds, **named)
        opened, told = Step("draft", 1, "opened", None), Line("draft", 1, "opened", self.now, self.now)
        self.courses.append(course)
        self.truth.plans.append(PlanTruth(kind, [opened], [told], practising))
        self.given.append({})
        self.written.append([])
        self.shown.append(0)

    def draft_what_begins_alone(self, protocol: str, bearer: str) -> None:
        """One more concern, and its plan; whose the concern is practises, and B where it is the relationship's."""
        kind = BEGUN_ALONE[protocol]
        path = f"{self.pair.path}/episodes/{self.pair.episode['id']}/concerns"
        concern = done(self.pair.therapist.post(path, json={"code": kind.concern, "bearer": bearer}))
        named = {"practising_partner_id": self.pair.b} if bearer == "relationship" else {}
        self.draft(kind, concern["id"], "a" if bearer == "partner_a" else "b", **named)

    # What holds after every step.

    @invariant()
    def everything_holds(self) -> None:
        """In the order in which the second looks at what the first has read."""
        self.what_the_therapist_reads_is_the_truth()
        self.every_signal_waits_where_the_therapist_looks()
        self.nothing_runs_against_anyone()
        self.everyone_else_reads_a_neutral_beginning_of_it()
        self.a_menu_shows_only_what_both_would_like()

    def what_the_therapist_reads_is_the_truth(self) -> None:
        """States and transitions as they are: numbered without a gap, and what was written once stays."""
        names = {"a": self.pair.a, "b": self.pair.b, None: None}
        read = done(self.pair.therapist.get(self.pair.path + "/plans"), 200)["items"]
        for number, plan in enumerate(self.truth.plans):
            stands = tuple(read[number][name] for name in ("status", "stage", "version"))
            assert stands == (plan.status, plan.stage, len(plan.steps))
            if len(self.written[number]) == len(plan.steps):
                continue
            steps = self.steps_for("therapist", number)
            assert [step["number"] for step in steps] == list(range(1, len(plan.steps) + 1))
            expected = [(step.status, step.stage, step.reason, names[step.stopped_by]) for step in plan.steps]
            assert [(step["status"], step["stage"], step["reason"], step["stopped_by"]) for step in steps] == expected
            assert steps[: len(self.written[number])] == self.written[number]
            self.written[number] = steps

    def every_signal_waits_where_the_therapist_looks(self) -> None:
        """What both answered that asks for attention, and whether somebody attended to it."""
        signals = [(signal.kind, signal.value, signal.response, signal.reviewed) for signal in self.truth.signals]
        found = self.pair.therapist.every(self.pair.path + "/safety-signals")
        assert signals == [(one["kind"], one["value"], one["response"], one["reviewed_at"] is not None) for one in found]

    def nothing_runs_against_anyone(self) -> None:
        """While a plan runs, both consent to a touch that is shared, and nothing known forbids its stage.

        What was found met may have run out, and a thought of self-harm may wait: they keep the next step from being taken,
        and pause nothing.
        """
        for plan, written in zip(self.truth.plans, self.written, strict=True):
            if written[-1]["status"] != "active":
                continue
            allowed = set()
            if all(signal.reviewed or signal.response == "review" for signal in self.truth.signals):
                allowed.add("signal_open")
            if not any(map(self.truth.is_denied, plan.kind.preconditions)):
                allowed.add("precondition_missing")
            assert set(self.truth.unmet(plan, plan.stage, self.now)) <= allowed

    def everyone_else_reads_a_neutral_beginning_of_it(self) -> None:
        """A machine account reads the truth in neutral words, each step when its time has come and never taken back.

        What was done in private changes nothing of what can be fetched for the couple or for the other partner.
        """
        seen = self.views()
        for number, plan in enumerate(self.truth.plans):
            found = seen[f"transitions {number}"]
            told = [(step["status"], step["stage"], step["reason"]) for step in found]
            assert told == [(line.status, line.stage, line.reason) for line in plan.told[: len(found)]]
            assert [step["number"] for step in found] == list(range(1, len(found) + 1))
            assert all(step["stopped_by"] is None for step in found)
            assert found[: self.shown[number]] == self.seen.get(f"transitions {number}", [])
            due = sum(line.latest < self.now for line in plan.told)
            allowed = sum(line.earliest <= self.now for line in plan.told)
            assert max(due, self.shown[number]) <= len(found) <= allowed
            self.shown[number] = len(found)
            self.what_was_given_shows_with_its_stage(number, {one["id"] for one in seen[f"assignments {number}"]})
        for view in self.unchanged & set(self.seen):
            assert seen[view] == self.seen[view], view
        self.seen, self.unchanged = seen, frozenset()

    def what_was_given_shows_with_its_stage(self, number: int, found: set[str]) -> None:
        """An assignment shows as soon as the plan is shown to be where it was given, and not before."""
        moments = self.given[number].items()
        assert {one for one, (_, latest) in moments if latest < self.now} <= found
        assert found <= {one for one, (earliest, _) in moments if earliest <= self.now}

    def a_menu_shows_only_what_both_would_like(self) -> None:
        """Only what both agreed to see of what both would like; how far it is, the therapist reads as it is."""
        menus = self.truth.menus
        for number in range(len(menus.bodies)):
            menus.check(number, self.seen[f"overlaps {number}"], self.now)
        if menus.bodies:
            told = done(self.pair.therapist.get(f"{self.menu_path()}/standing"), 200)
            expected = [(sheet.answers is not None, sheet.agrees) for sheet in menus.sheets[-1].values()]
            assert [(one["has_answered"], one["agrees"]) for one in told["partners"]] == expected
            assert told["waits_for"] == self.truth.unmet_of_menu(self.now)
            assert (told["revealed_at"] is None) == (menus.revealed_at is None)

    # What the steps ask.

    def menu_path(self, number: int = -1) -> str:
        """The path of a menu."""
        return f"{self.pair.path}/menus/{self.truth.menus.bodies[number]['id']}"

    def steps_for(self, caller: str, number: int) -> list[dict[str, Any]]:
        """A plan's life as somebody reads it."""
        steps: list[dict[str, Any]] = done(self.callers[caller].get(self.courses[number].path + "/transitions"), 200)["items"]
        return steps

    def views(self) -> dict[str, Any]:
        """All that can be fetched without being the therapist: for the couple, and, under a or b, for each partner."""
        machine, paths = self.callers["machine"], {"plans": self.pair.path + "/plans"}
        for number, course in enumerate(self.courses):
            paths |= {
                f"transitions {number}": course.path + "/transitions",
                f"assignments {number}": course.path + "/assignments",
            }
        paths |= {f"links {which}": self.pair.partner(which) + "/links" for which in {one.which for one in self.truth.links}}
        found = {name: done(machine.get(path), 200)["items"] for name, path in paths.items()}
        for which in "ab":
            outcomes = done(machine.get(f"{self.pair.path}/outcomes?as=partner_{which}"), 200)
            found["outcomes " + which] = outcomes | {"as_of": None}
        for number in range(len(self.truth.menus.bodies)):
            found[f"overlaps {number}"] = done(machine.get(self.menu_path(number) + "/overlaps"), 200)
        for number, (held, link) in enumerate(zip(self.held, self.truth.links, strict=True)):
            if link.opens(self.now):
                found[f"page {number} {link.which}"] = done(held.read(), 200)
        return found

    def unseen(self, by: str, *, but: str = "") -> None:
        """What was done must change nothing for the couple, nor for these partners."""
        others = {"a", "b"} - set(by)
        self.unchanged = frozenset(name for name in self.seen if name[-1] not in others and name != but)

    def changes(self) -> int:
        """How many changes the trail of this couple tells."""
        with self.clinic.at_desk() as (session, _vault):
            couple_id = decode("cpl", self.pair.path.rpartition("/")[2])
            query = select(func.count()).select_from(LedgerEvent)
            return int(
                session.execute(query.where(LedgerEvent.couple_id == couple_id, LedgerEvent.kind != "read")).scalar_one()
            )

    def refused(
        self, answer: Any, status: int, code: str, before: int, *, faults: list[str] | None = None, possible: str | None = None
    ) -> None:
        """A refusal names what is possible, to whom it may, and changes nothing."""
        told = answer.json()
        assert (answer.status_code, told.get("code")) == (status, code), answer.text
        assert self.changes() == before
        if faults is not None:
            assert [fault["code"] for fault in told["errors"]] == faults
            assert all(len(fault["detail"]) > 20 for fault in told["errors"])
        if possible is not None:
            assert told["detail"].startswith(f"The plan is {possible}.")
            assert set(told["detail"].rstrip(".").replace(":", ",").split(", ")) >= set(POSSIBLE[possible])

    def today(self, **later: int) -> str:
        """The day it is where the couple lives, or a later one."""
        return str(self.now.astimezone(ZONE).date() + timedelta(**later))
