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
        shown = self.status_for(caller, number)
        answer = self.courses[number].move(noun, self.callers[caller])
        if noun not in POSSIBLE[shown]:
            self.refused(answer, 409, "plan_move_impossible", before, possible=shown)
        elif noun not in POSSIBLE[plan.status]:
            # A pause that is not shown yet stands in the way: a second one is answered as the first, the rest is closed.
            assert caller == "machine"
            if noun == "pauses":
                done(answer, 200)
                assert self.changes() == before
            else:
                self.refused(answer, 409, "plan_cannot_go_on_now", before, faults=[])
        elif noun in {"activations", "resumptions"} and (unmet := self.truth.unmet(plan, plan.stage, self.now)):
            self.refused(answer, 409, "plan_cannot_go_on_now", before, faults=unmet if caller == "therapist" else [])
        else:
            done(answer, 200)
            plan.move(noun, self.now)

    @rule(number=PLAN, caller=CALLERS)
    def assign(self, number: int, caller: str) -> None:
        """Somebody gives the stage for a week, if it may run."""
        plan, before = self.truth.plans[number], self.changes()
        shown = self.status_for(caller, number)
        body = {"ends_on": self.today(days=7), "occasions": 2}
        answer = self.callers[caller].post(self.courses[number].path + "/assignments", json=body)
        if shown != "active":
            self.refused(answer, 409, "plan_move_impossible", before, possible=shown)
        elif plan.status != "active":
            self.refused(answer, 409, "plan_cannot_go_on_now", before, faults=[])
        elif unmet := self.truth.unmet(plan, plan.stage, self.now):
            self.refused(answer, 409, "plan_cannot_go_on_now", before, faults=unmet if caller == "therapist" else [])
        else:
            self.assignments.append((self.courses[number], done(answer)))

    @precondition(lambda self: self.assignments)
    @rule(which=WHICH, place=PLACE, said=SAID, caller=CALLERS)
    def check_in(self, which: str, place: int, said: dict[str, Any], caller: str) -> None:
        """A partner says how it was; of a paused plan too."""
        course, assignment = self.assignments[place % len(self.assignments)]
        plan = self.truth.plans[self.courses.index(course)]
        partner_id = self.pair.a if which == "a" else self.pair.b
        path = f"{course.path}/assignments/{assignment['id']}/check-ins"
        body = {"partner_id": partner_id, **self.in_full(plan, said)}
        heard = done(self.callers[caller].post(path, json=body))
        assert (heard["pressure"] is None) == (caller == "machine")
        self.was_told(plan, which, said)

    def in_full(self, plan: PlanTruth, said: dict[str, Any]) -> dict[str, Any]:
        """What is sent of an occasion."""
        return ({**WELL, "log": plan.kind.log} if said["done"] == "within_rules" else {}) | said

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
