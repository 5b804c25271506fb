"""Random lives of a couple over HTTP, legal and illegal steps of both partners mixed, each compared with a small truth."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import func, select

from app.clinical.protocols import PROTOCOLS
from app.core.ids import decode
from app.ledger.models import LedgerEvent
from tests.conftest import Caller, Clinic
from tests.homework.records import CALM_LOG, WELL, Course, draft
from tests.homework.truth import POSSIBLE, THERAPY, ZONE, Given, Line, PlanTruth, Scope, Step, Truth
from tests.outcomes.records import answers_of
from tests.safety.records import AFRAID, CALM, done, new_pair

NUMBERS = count(1)
# What makes a couple: sensate focus shares touch at each stage, simmering at none.
SHARED = {"sensate_focus": dict.fromkeys(range(1, 6), True), "simmering": dict.fromkeys(range(1, 5), False)}
LOGS = {"sensate_focus": CALM_LOG, "simmering": {"moments": 3, "guilt": 0, "intrusive_thoughts": 0}}
SCOPES: tuple[Scope, ...] = (
    *(("homework_stage", "sensate_focus", stage) for stage in (1, 2, 3)),
    ("homework_stage", "simmering", 1),
    THERAPY,
    ("data_sharing", None, None),
)
WHICH = st.sampled_from("ab")
CALLERS = st.sampled_from(["therapist", "machine"])
PLAN = st.sampled_from([0, 0, 0, 1])
PLACE = st.integers(0, 9)
MOVES = st.sampled_from(["offers", "activations", "holds", "pauses", "resumptions", "resumptions", "completions", "stops"])
# A key lives 90 days: no story is longer.
LONGEST = timedelta(days=88)
ORDER = ("advance", "hold", "step_back")


class CoupleMachine(RuleBasedStateMachine):
    """One couple with a plan that shares touch and one that does not, its therapist, and a machine account."""

    def __init__(self, clinic: Clinic, therapist: Caller, machine: Caller, start: datetime) -> None:
        super().__init__()
        clinic.clock.moment = start
        self.clinic, self.start = clinic, start
        self.callers = {"therapist": therapist, "machine": machine}
        self.truth = Truth()
        self.pair = new_pair(therapist, f"life-{next(NUMBERS)}")
        self.courses = [draft(self.pair, protocol=protocol, **self._named(protocol)) for protocol in SHARED]
        self.assignments: list[tuple[Course, dict[str, Any]]] = []
        self.given: list[dict[str, tuple[datetime, datetime]]] = [{}, {}]
        self.written: list[list[dict[str, Any]]] = [[], []]
        self.seen: dict[str, Any] = {}
        self.unchanged: frozenset[str] = frozenset()
        self.shown = [0, 0]
        opened, told = Step("draft", 1, "opened", None), Line("draft", 1, "opened", self.now, self.now)
        self.truth.plans = [
            PlanTruth(protocol, course.path, SHARED[protocol], [opened], [told])
            for protocol, course in zip(SHARED, self.courses, strict=True)
        ]

    def _named(self, protocol: str) -> dict[str, str]:
        """Who practises, where one does; the couple's concern is the relationship's."""
        return {"practising_partner_id": self.pair.a} if PROTOCOLS[protocol].has_one_practise else {}

    @property
    def now(self) -> datetime:
        """The time it is, but for some milliseconds."""
        return self.clinic.clock.moment

    @initialize(begun=st.sampled_from(["bare", "ready", "running", "running", "running"]))
    def begin(self, begun: str) -> None:
        """Some lives begin before the gate, some with a plan that runs already."""
        if begun == "bare":
            return
        for which in "ab":
            self.screen(which, calm=True, alone=True)
        self.clear("cleared")
        for which in "ab":
            self.consent(which, SCOPES[0])
            self.consent(which, SCOPES[1])
        if begun == "running":
            for noun in ("offers", "activations"):
                self.move(0, noun, "therapist")
            self.assign(0, "therapist")
        self.unchanged = frozenset()

    # Protection.

    @rule(which=WHICH, calm=st.booleans(), alone=st.sampled_from([True, True, True, False]))
    def screen(self, which: str, calm: bool, alone: bool) -> None:
        """A partner is screened; the one who was not alone was not."""
        before = self.changes()
        answer = self.pair.screen(which, CALM if calm else AFRAID, taken_alone=alone)
        if not alone:
            self.refused(answer, 422, "screen_not_taken_alone", before)
            return
        done(answer)
        self.truth.screened_on[which] = self.now.astimezone(ZONE).date()
        self.truth.asks_for_review[which] = not calm
        if not calm:
            self.truth.overtaken = True
            self.truth.stop("screen_needs_review", which, self.now)
        self.unseen("ab")

    @rule(decision=st.sampled_from(["cleared", "cleared", "blocked"]))
    def clear(self, decision: str) -> None:
        """The therapist decides."""
        before = self.changes()
        told = {"blockers": ["unwilling_partner"]} if decision == "blocked" else {}
        answer = self.pair.clear(decision=decision, reason="Seen alone.", **told)
        if decision == "cleared" and not self.truth.may_clear(self.now):
            self.refused(answer, 409, "clearance_needs_screens", before)
            return
        done(answer)
        self.truth.clearance, self.truth.overtaken = (decision, self.now), False
        if decision == "blocked":
            self.truth.stop("clearance_blocked", None, self.now)
        self.unseen("ab")

    @rule(which=WHICH, scope=st.sampled_from(SCOPES))
    def consent(self, which: str, scope: Scope) -> None:
        """A partner says yes."""
        kind, protocol, stage = scope
        body = self.pair.consent(which, stage, kind=kind, protocol=protocol)
        self.truth.consents.append(Given(which, scope, body))
        self.unseen("ab")

    @precondition(lambda self: self.truth.consents)
    @rule(place=PLACE, caller=CALLERS)
    def withdraw(self, place: int, caller: str) -> None:
        """A partner takes a yes back, be it for the second time."""
        given = self.truth.consents[place % len(self.truth.consents)]
        self.pair.withdraw(given.which, given.body, self.callers[caller])
        self.truth.withdraw(given, self.now)
        self.unseen("ab")

    @rule(which=WHICH, item_9=st.sampled_from([0, 2]))
    def answer_phq9(self, which: str, item_9: int) -> None:
        """A partner answers how low they feel; a thought of self-harm waits for the therapist."""
        path = self.pair.partner(which) + "/administrations"
        answers = answers_of("phq9", 3) | {"9": item_9}
        done(self.pair.therapist.post(path, json={"measure": "phq9", "answers": answers}))
        if item_9:
            self.truth.signal("self_harm", item_9, "review", which, self.now)
        self.unseen("b" if which == "a" else "a")

    @precondition(lambda self: self.truth.signals)
    @rule(place=PLACE)
    def review(self, place: int) -> None:
        """The therapist attends to an answer."""
        place %= len(self.truth.signals)
        found = list(self.pair.therapist.every(self.pair.path + "/safety-signals"))[place]
        done(self.pair.therapist.post(f"{self.pair.path}/safety-signals/{found['id']}/reviews", json={}), 200)
        self.truth.signals[place].reviewed = True
        self.unseen("ab")

    # The work.

    @rule(number=PLAN, noun=MOVES, caller=CALLERS)
    def move(self, number: int, noun: str, caller: str) -> None:
        """Somebody moves a plan, if it can be."""
        plan, before = self.truth.plans[number], self.changes()
        steps = self.steps_for(caller, number)
        shown, stage = steps[-1]["status"], steps[-1]["stage"]
        answer = self.courses[number].move(noun, self.callers[caller])
        if noun not in POSSIBLE[shown]:
            self.refused(answer, 409, "plan_move_impossible", before, possible=shown)
        elif noun in {"activations", "resumptions"} and (unmet := self.truth.unmet(plan, stage, self.now)):
            self.refused(answer, 409, "plan_cannot_go_on_now", before, faults=unmet if caller == "therapist" else [])
        elif noun in {"activations", "resumptions"} and (shown, stage) != (plan.status, plan.stage) and plan.status != "active":
            # Who cannot see that it was paused does not set it going again.
            assert caller == "machine"
            self.refused(answer, 409, "plan_cannot_go_on_now", before, faults=[])
        else:
            stands = POSSIBLE[shown][noun] if noun != "pauses" or caller == "therapist" else shown
            assert done(answer, 200)["status"] == stands
            if caller == "therapist":
                plan.move(noun, self.now)
            else:
                plan.move_as_seen(noun, self.now, len(steps))

    @rule(number=PLAN, caller=CALLERS)
    def assign(self, number: int, caller: str) -> None:
        """Somebody gives the stage for a week, if it may run."""
        plan, before = self.truth.plans[number], self.changes()
        step, outside = self.steps_for(caller, number)[-1], self.steps_for("machine", number)[-1]
        ends_on = self.now.astimezone(ZONE).date() + timedelta(days=7)
        body = {"ends_on": str(ends_on), "occasions": 2}
        answer = self.callers[caller].post(self.courses[number].path + "/assignments", json=body)
        if step["status"] != "active":
            self.refused(answer, 409, "plan_move_impossible", before, possible=step["status"])
        elif unmet := self.truth.unmet(plan, step["stage"], self.now):
            self.refused(answer, 409, "plan_cannot_go_on_now", before, faults=unmet if caller == "therapist" else [])
        elif (step["status"], step["stage"]) != (plan.status, plan.stage):
            self.refused(answer, 409, "plan_cannot_go_on_now", before, faults=[])
        else:
            given, told = done(answer), plan.told[-1]
            as_told = (outside["status"], outside["stage"]) == (plan.status, plan.stage)
            shows = (self.now, self.now) if as_told else (told.earliest, told.latest)
            self.assignments.append((self.courses[number], given))
            self.given[number][given["id"]] = shows

    @precondition(lambda self: self.assignments)
    @rule(
        which=WHICH,
        place=PLACE,
        pressure=st.sampled_from([0, 0, 0, 4, 8]),
        forced=st.sampled_from([False] * 4 + [True]),
        kept=st.sampled_from(["within_rules", "within_rules", "not_done", "declined"]),
        caller=CALLERS,
    )
    def check_in(self, which: str, place: int, pressure: int, forced: bool, kept: str, caller: str) -> None:  # noqa: PLR0917 - what is said
        """A partner says how it was; of a paused plan too."""
        course, assignment = self.assignments[place % len(self.assignments)]
        plan = self.truth.plans[self.courses.index(course)]
        said: dict[str, Any] = {**WELL, "log": LOGS[plan.protocol]} if kept == "within_rules" else {}
        said |= {"done": kept, "pressure": pressure, "felt_forced": forced}
        partner_id = self.pair.a if which == "a" else self.pair.b
        path = f"{course.path}/assignments/{assignment['id']}/check-ins"
        before = self.changes()
        answer = self.callers[caller].post(path, json={"partner_id": partner_id, **said})
        if caller == "machine" and answer.status_code == 404:
            assert self.given[self.courses.index(course)][assignment["id"]][1] >= self.now
            assert self.changes() == before
            return
        heard = done(answer)
        assert (heard["pressure"] is None) == (caller == "machine")
        self.truth.signal(
            "pressure", pressure, "pause" if pressure >= 7 else "review" if pressure >= 3 else "none", which, self.now
        )
        if forced:
            self.truth.signal("force", None, "pause", which, self.now)
        self.unseen("b" if which == "a" else "a")

    @rule(number=PLAN, decision=st.sampled_from(ORDER), reasoned=st.booleans())
    def decide(self, number: int, decision: str, reasoned: bool) -> None:
        """The therapist decides on the stage, with the verdict or against it."""
        course, plan, before = self.courses[number], self.truth.plans[number], self.changes()
        verdict = course.verdict()["verdict"]
        answer = course.decide(decision, **({"override_reason": "They asked for it."} if reasoned else {}))
        following = plan.stage + {"advance": 1, "hold": 0, "step_back": -1 if plan.stage > 1 else 0}[decision]
        completes = following not in plan.shared
        if plan.status != "active":
            self.refused(answer, 409, "plan_move_impossible", before, possible=plan.status)
        elif verdict != decision and not reasoned:
            self.refused(answer, 422, "override_needs_reason", before)
        elif decision != "hold" and not completes and (unmet := self.truth.unmet(plan, following, self.now)):
            self.refused(answer, 409, "plan_cannot_go_on_now", before, faults=unmet)
        else:
            assert done(answer)["overridden"] == (verdict != decision)
            if completes:
                plan.move("completions", self.now)
            elif decision != "hold":
                plan.move("advancements", self.now, stage=following)

    @rule(hours=st.sampled_from([6, 13, 61, 24 * 42, 24 * 84]))
    def let_time_pass(self, hours: int) -> None:
        """Pauses come to be shown, clearances run out."""
        if self.now + timedelta(hours=hours) < self.start + LONGEST:
            self.clinic.clock.turn(hours=hours)
            self.truth.run_out(self.now)

    # What holds after every step.

    @invariant()
    def everything_holds(self) -> None:
        """In the order in which the second looks at what the first has read."""
        self.what_the_therapist_reads_is_the_truth()
        self.every_signal_waits_where_the_therapist_looks()
        self.nothing_shared_runs_against_anyone()
        self.everyone_else_reads_a_neutral_beginning_of_it()

    def what_the_therapist_reads_is_the_truth(self) -> None:
        """States and transitions as they are: numbered without a gap, and what was written once stays."""
        names = {"a": self.pair.a, "b": self.pair.b, None: None}
        read = done(self.pair.therapist.get(self.pair.path + "/plans"), 200)["items"]
        for number, plan in enumerate(self.truth.plans):
            steps = self.steps_for("therapist", number)
            stands = tuple(read[number][name] for name in ("status", "stage", "version"))
            assert stands == (plan.status, plan.stage, len(plan.steps))
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

    def nothing_shared_runs_against_anyone(self) -> None:
        """While shared touch runs, both consent to its stage and nothing known forbids it.

        A thought of self-harm may wait: it keeps the next step from being taken, and pauses nothing.
        """
        for plan, written in zip(self.truth.plans, self.written, strict=True):
            if written[-1]["status"] == "active" and plan.shared[plan.stage]:
                waiting = all(signal.reviewed or signal.response == "review" for signal in self.truth.signals)
                allowed = {"signal_open"} if waiting else set()
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
            given = {one["id"] for one in seen[f"assignments {number}"]}
            moments = self.given[number].items()
            assert {one for one, (_, latest) in moments if latest < self.now} <= given
            assert given <= {one for one, (earliest, _) in moments if earliest <= self.now}
        for view in self.unchanged:
            assert seen[view] == self.seen[view], view
        self.seen, self.unchanged = seen, frozenset()

    # What the steps ask.

    def steps_for(self, caller: str, number: int) -> list[dict[str, Any]]:
        """A plan's life as somebody reads it."""
        steps: list[dict[str, Any]] = done(self.callers[caller].get(self.courses[number].path + "/transitions"), 200)["items"]
        return steps

    def views(self) -> dict[str, Any]:
        """All that can be fetched without being the therapist: for the couple, and for each partner."""
        machine, paths = self.callers["machine"], {"plans": self.pair.path + "/plans"}
        for number, course in enumerate(self.courses):
            paths |= {
                f"transitions {number}": course.path + "/transitions",
                f"assignments {number}": course.path + "/assignments",
            }
        found = {name: done(machine.get(path), 200)["items"] for name, path in paths.items()}
        for which in "ab":
            outcomes = done(machine.get(f"{self.pair.path}/outcomes?as=partner_{which}"), 200)
            found["outcomes " + which] = outcomes | {"as_of": None}
        return found

    def unseen(self, by: str) -> None:
        """What was done must change nothing for the couple, nor for these partners."""
        self.unchanged = frozenset(name for name in self.seen if not name.startswith("outcomes") or name[-1] in by)

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
        elif faults is None:
            assert told["errors"]
