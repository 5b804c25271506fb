"""Steps of the work: plans moved, stages given and decided on, occasions told of."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.homework.life import CALLERS, PLACE, PLAN, WHICH, Life
from tests.homework.plan_truth import POSSIBLE, PlanTruth
from tests.homework.records import WELL
from tests.safety.records import done

MOVES = st.sampled_from(["offers", "activations", "holds", "pauses", "resumptions", "resumptions", "completions", "stops"])
ORDER = ("advance", "hold", "step_back")
KEPT = st.sampled_from(["within_rules", "within_rules", "not_done", "declined"])
SAID = st.fixed_dictionaries(
    {
        "done": KEPT,
        "pressure": st.sampled_from([0, 0, 0, 4, 8]),
        "felt_forced": st.sampled_from([False] * 4 + [True]),
        "felt_afraid": st.sampled_from([False] * 4 + [True]),
    }
)


class LifeOfWork(Life):
    """What is done with plans, by the therapist and by software."""

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
        body = {"ends_on": self.today(days=7), "occasions": 2}
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
            self.given[number][given["id"]] = (self.now, self.now) if as_told else (told.earliest, told.latest)
            self.assignments.append((self.courses[number], given))

    def shows(self, place: int) -> bool:
        """Whether an assignment surely shows outside the care team."""
        course, assignment = self.assignments[place]
        return self.given[self.courses.index(course)][assignment["id"]][1] < self.now

    @precondition(lambda self: self.assignments)
    @rule(which=WHICH, place=PLACE, said=SAID, caller=CALLERS)
    def check_in(self, which: str, place: int, said: dict[str, Any], caller: str) -> None:
        """A partner says how it was; of a paused plan too."""
        place, before = place % len(self.assignments), self.changes()
        course, assignment = self.assignments[place]
        plan = self.truth.plans[self.courses.index(course)]
        partner_id = self.pair.a if which == "a" else self.pair.b
        path = f"{course.path}/assignments/{assignment['id']}/check-ins"
        body = {"partner_id": partner_id, **self.in_full(plan, which, said)}
        answer = self.callers[caller].post(path, json=body)
        if caller == "machine" and answer.status_code == 404:
            assert not self.shows(place)
            assert self.changes() == before
            return
        heard = done(answer)
        assert (heard["pressure"] is None) == (caller == "machine")
        self.was_told(plan, which, said)

    def in_full(self, plan: PlanTruth, which: str, said: dict[str, Any]) -> dict[str, Any]:
        """What is sent of an occasion."""
        return ({**WELL, "log": plan.log_of(which)} if said["done"] == "within_rules" else {}) | said

    def was_told(self, plan: PlanTruth, which: str, said: dict[str, Any]) -> None:
        """Pressure, force and fear have become known, and nobody but the care team may notice."""
        pauses_from = plan.kind.thresholds.get("pressure_pause", 7)
        pressure = said["pressure"]
        response = "pause" if pressure >= pauses_from else "review" if pressure >= 3 else "none"
        self.truth.signal("pressure", pressure, response, which, self.now)
        for kind, felt in (("force", said["felt_forced"]), ("fear", said["felt_afraid"])):
            if felt:
                self.truth.signal(kind, None, "pause", which, self.now)
        self.unseen("b" if which == "a" else "a")

    @rule(number=PLAN, decision=st.sampled_from([*ORDER, "advance"]), reasoned=st.sampled_from([True, True, False]))
    def decide(self, number: int, decision: str, reasoned: bool) -> None:
        """The therapist decides on the stage, with the verdict or against it."""
        course, plan, before = self.courses[number], self.truth.plans[number], self.changes()
        verdict = course.verdict()["verdict"]
        answer = course.decide(decision, **({"override_reason": "They asked for it."} if reasoned else {}))
        following = plan.stage + {"advance": 1, "hold": 0, "step_back": -1 if plan.stage > 1 else 0}[decision]
        completes = following > plan.kind.stages
        if plan.status != "active":
            self.refused(answer, 409, "plan_move_impossible", before, possible=plan.status)
        elif verdict != decision and not reasoned:
            self.refused(answer, 422, "override_needs_reason", before, faults=["required"])
        elif decision != "hold" and not completes and (unmet := self.truth.unmet(plan, following, self.now)):
            self.refused(answer, 409, "plan_cannot_go_on_now", before, faults=unmet)
        else:
            assert done(answer)["overridden"] == (verdict != decision)
            if completes:
                plan.move("completions", self.now)
            elif decision != "hold":
                plan.move("advancements", self.now, stage=following)
