"""Random lives of a couple over HTTP, legal and illegal steps of both partners mixed, each compared with a small truth."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.homework.life import LONGEST
from tests.homework.life_of_links import LifeOfLinks
from tests.homework.life_of_menus import LifeOfMenus
from tests.homework.life_of_safety import LifeOfSafety
from tests.homework.plan_truth import BEGUN_ALONE
from tests.homework.truth import THERAPY

BEGUN = ["bare", "ready", "running", "running", "alone", "together"]


class CoupleMachine(LifeOfSafety, LifeOfLinks, LifeOfMenus):
    """Everything that can happen to a couple's homework."""

    @initialize(
        begun=st.sampled_from(BEGUN),
        third=st.sampled_from(sorted(BEGUN_ALONE)),
        bearer=st.sampled_from(["partner_a", "partner_b", "relationship"]),
    )
    def begin(self, begun: str, third: str = "stop_start", bearer: str = "partner_a") -> None:
        """Some lives begin before every gate, some with plans that run already, alone or together."""
        self.draft_what_begins_alone(third, bearer)
        if begun != "bare":
            for which in "ab":
                self.screen(which, calm=True, alone=True)
            self.clear("cleared")
        if begun in {"ready", "running"}:
            for which in "ab":
                self.consent(which, 0)
                self.consent(which, self.scopes.index(THERAPY))
        if begun == "running":
            for noun in ("offers", "activations"):
                self.move(0, noun, "therapist")
            self.assign(0, "therapist")
        if begun in {"alone", "together"}:
            self.begin_alone(also_together=begun == "together")
        self.unchanged = frozenset()

    def begin_alone(self, *, also_together: bool) -> None:
        """What is practised alone first runs, up to its last stage alone or its first together."""
        plan = self.truth.plans[2]
        for place in range(len(plan.kind.preconditions)):
            self.find(place, None, met=True, days=60)
        for which in "ab":
            self.consent(which, self.scopes.index(("homework_stage", plan.kind.protocol, plan.kind.alone + 1)))
        for noun in ("offers", "activations"):
            self.move(2, noun, "therapist")
        for _ in range(plan.kind.alone - (0 if also_together else 1)):
            self.decide(2, "advance", reasoned=True)
        self.assign(2, "therapist")

    @rule(hours=st.sampled_from([6, 13, 61, 24 * 4, 24 * 42, 24 * 84]))
    def let_time_pass(self, hours: int) -> None:
        """Pauses come to be shown; clearances, what was found met, links and what is shown run out."""
        if self.now + timedelta(hours=hours) < self.start + LONGEST:
            self.clinic.clock.turn(hours=hours)
            self.truth.run_out(self.now)
