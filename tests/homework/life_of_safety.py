"""Steps of protection: screens, clearances, consents, signals, red flags and preconditions."""

from datetime import date
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.homework.life import ABOUT, CALLERS, PLACE, WHICH, Life
from tests.homework.plan_truth import BEGUN_ALONE, UNIVERSAL
from tests.homework.truth import ZONE, FlagTruth, Given
from tests.outcomes.records import answers_of
from tests.safety.records import AFRAID, CALM, done

FLAGS = st.sampled_from([*sorted(UNIVERSAL), "unprocessed_trauma", "trauma_intrusions", "trauma_flashbacks"])
CONDITIONS = sorted(code for kind in BEGUN_ALONE.values() for code in kind.preconditions)


class LifeOfSafety(Life):
    """What is recorded to protect both."""

    @rule(which=WHICH, calm=st.sampled_from([True, True, False]), alone=st.sampled_from([True, True, True, False]))
    def screen(self, which: str, calm: bool, alone: bool) -> None:
        """A partner is screened; the one who was not alone was not."""
        before = self.changes()
        answer = self.pair.screen(which, CALM if calm else AFRAID, taken_alone=alone)
        if not alone:
            self.refused(answer, 422, "screen_not_taken_alone", before, faults=["not_alone"])
            return
        done(answer)
        self.truth.screened_on[which] = self.now.astimezone(ZONE).date()
        self.truth.asks_for_review[which] = not calm
        if not calm:
            self.truth.overtaken = True
            self.truth.stop("screen_needs_review", which, self.now)
        self.unseen("ab")

    @rule(decision=st.sampled_from(["cleared", "cleared", "cleared", "blocked"]))
    def clear(self, decision: str) -> None:
        """The therapist decides."""
        before = self.changes()
        told: dict[str, Any] = {"blockers": ["unwilling_partner"]} if decision == "blocked" else {}
        answer = self.pair.clear(decision=decision, reason="Seen alone.", **told)
        if decision == "cleared" and not self.truth.may_clear(self.now):
            self.refused(answer, 409, "clearance_needs_screens", before)
            assert answer.json()["errors"]
            return
        done(answer)
        self.truth.clearance, self.truth.overtaken = (decision, self.now), False
        if decision == "blocked":
            self.truth.stop("clearance_blocked", None, self.now)
        self.unseen("ab")

    @rule(which=WHICH, place=PLACE)
    def consent(self, which: str, place: int) -> None:
        """A partner says yes."""
        kind, protocol, stage = scope = self.scopes[place % len(self.scopes)]
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

    @rule(code=FLAGS, about=ABOUT)
    def raise_flag(self, code: str, about: str | None) -> None:
        """The therapist finds something that forbids an exercise, perhaps for the second time."""
        flags, before = self.truth.flags, self.changes()
        body = {"code": code} if about is None else {"code": code, "partner_id": self.pair.a if about == "a" else self.pair.b}
        answer = self.pair.therapist.post(self.pair.path + "/red-flags", json=body)
        if any(flag.is_open and (flag.code, flag.about) == (code, about) for flag in flags):
            self.refused(answer, 409, "red_flag_is_open", before)
            return
        flags.append(FlagTruth(code, about, done(answer)))
        self.truth.stop("red_flag_opened", about, self.now, about=code)
        self.unseen("ab")

    @precondition(lambda self: self.truth.flags)
    @rule(place=PLACE)
    def lower_flag(self, place: int) -> None:
        """It no longer holds, be it cleared for the second time."""
        flag = self.truth.flags[place % len(self.truth.flags)]
        self.pair.lower(flag.body)
        flag.is_open = False
        self.unseen("ab")

    @rule(place=PLACE, about=ABOUT, met=st.sampled_from([True, True, False]), days=st.sampled_from([None, 3, 60]))
    def find(self, place: int, about: str | None, met: bool, days: int | None) -> None:
        """The therapist finds a precondition met, perhaps for a while, or not met."""
        needed = self.truth.plans[-1].kind.preconditions or CONDITIONS
        code = needed[place % len(needed)]
        expires_on = self.today(days=days) if met and days else None
        self.pair.found(code, about, met=met, expires_on=expires_on)
        self.truth.findings[code, about] = (met, date.fromisoformat(expires_on) if expires_on else None)
        if not met:
            self.truth.stop("precondition_not_met", about, self.now, about=code)
        self.unseen("ab")
