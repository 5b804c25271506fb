"""Steps with partners' links: made, used once, expired, revoked; whoever shuts one, it fails in one way."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.homework.life import CALLERS, PLACE, WHICH
from tests.homework.life_of_work import SAID, LifeOfWork
from tests.homework.truth import Given, LinkTruth
from tests.outcomes.records import answers_of
from tests.partner_pages.records import Held, nobody
from tests.safety.records import done

MOST_LINKS = 5
PURPOSES = st.sampled_from(["measure", "check_in", "check_in", "consent", "consent", "stop"])


class LifeOfLinks(LifeOfWork):
    """What partners do by themselves."""

    @precondition(lambda self: len(self.held) < MOST_LINKS)
    @rule(which=WHICH, purpose=PURPOSES, place=PLACE, hours=st.sampled_from([9, 500, 2000]), caller=CALLERS)
    def make_link(self, which: str, purpose: str, place: int, hours: int, caller: str) -> None:
        """Somebody makes a link for one partner."""
        if purpose == "check_in" and not (self.assignments and self.shows(place % len(self.assignments))):
            purpose = "measure"
        asks, part = self._asked(purpose, place)
        body = {"purpose": purpose, "expires_in_hours": hours, **part}
        made = done(self.callers[caller].post(self.pair.partner(which) + "/links", json=body))
        self.held.append(Held(nobody(self.pair), made))
        self.truth.links.append(LinkTruth(which, purpose, asks, self.now, self.now + timedelta(hours=hours)))
        self.unseen("b" if which == "a" else "a")

    def _asked(self, purpose: str, place: int) -> tuple[Any, dict[str, Any]]:
        """What a link asks for, in the words of the truth and in those of the API."""
        match purpose:
            case "measure":
                return None, {"measure": {"code": "phq9", "language": "en"}}
            case "check_in":
                course, assignment = self.assignments[place % len(self.assignments)]
                plan_id = course.path.rpartition("/")[2]
                return course, {"check_in": {"plan_id": plan_id, "assignment_id": assignment["id"]}}
            case "consent":
                kind, protocol, stage = scope = self.scopes[place % len(self.scopes)]
                said = {"kind": kind, "text_version": "1", "language": "en"}
                named = {} if protocol is None else {"protocol": protocol, "stage": stage}
                return scope, {"consent": said | named}
            case _:
                return None, {}

    @precondition(lambda self: self.held)
    @rule(place=PLACE, said=SAID, item_9=st.sampled_from([0, 0, 2]))
    def use_link(self, place: int, said: dict[str, Any], item_9: int) -> None:
        """A partner does what the link is for, if it opens."""
        held, link = self.held[place % len(self.held)], self.truth.links[place % len(self.held)]
        before, opens = self.changes(), link.opens(self.now)
        answer = self._answered(held, link, said, item_9)
        if not opens:
            self.is_shut(held, answer, before)
            return
        assert set(done(answer, 200)) == {"received_at"}
        match link.purpose:
            case "measure":
                if item_9:
                    self.truth.signal("self_harm", item_9, "review", link.which, self.now)
                self.unseen("b" if link.which == "a" else "a")
            case "check_in":
                plan = self.truth.plans[self.courses.index(link.asks)]
                self.was_told(plan, link.which, said)
            case "consent":
                self._said_yes(link)
                self.unseen("ab")
            case _:
                self.truth.stop_everything(link.which, self.now)
                self.unseen("ab")
        link.is_used = True

    def _answered(self, held: Held, link: LinkTruth, said: dict[str, Any], item_9: int) -> Any:
        match link.purpose:
            case "measure":
                return held.answer(measure={"answers": answers_of("phq9", 3) | {"9": item_9}})
            case "check_in":
                plan = self.truth.plans[self.courses.index(link.asks)]
                return held.answer(check_in=self.in_full(plan, link.which, said))
            case "consent":
                return held.answer(consent={"agreed": True})
            case _:
                return held.stop()

    def _said_yes(self, link: LinkTruth) -> None:
        """A yes counts once, and not after a no."""
        took_back_at = self.truth.took_back_at.get(link.which)
        if link.is_used or (took_back_at is not None and took_back_at > link.made_at):
            return
        body = list(self.pair.therapist.every(self.pair.partner(link.which) + "/consents"))[-1]
        assert (body["kind"], body["protocol"], body["stage"]) == link.asks
        self.truth.consents.append(Given(link.which, link.asks, body))

    @precondition(lambda self: self.held)
    @rule(place=PLACE)
    def misuse_link(self, place: int) -> None:
        """Whoever tries something else with a link changes nothing."""
        held, link = self.held[place % len(self.held)], self.truth.links[place % len(self.held)]
        before, opens = self.changes(), link.opens(self.now)
        answer = held.answer(consent={"agreed": True}) if link.purpose == "stop" else held.stop()
        if link.purpose == "stop" or not opens:
            self.is_shut(held, answer, before, also_its_page=not opens)
            return
        assert (answer.status_code, answer.json()["code"]) == (404, "link_not_open")
        assert self.changes() == before
        self.unseen("ab")

    @precondition(lambda self: self.held)
    @rule(place=PLACE, caller=CALLERS)
    def revoke_link(self, place: int, caller: str) -> None:
        """Somebody closes a link for good."""
        held, link = self.held[place % len(self.held)], self.truth.links[place % len(self.held)]
        path = f"{self.pair.partner(link.which)}/links/{held.made['id']}/revocations"
        done(self.callers[caller].post(path), 200)
        link.is_revoked = True
        self.unseen("b" if link.which == "a" else "a")

    def is_shut(self, held: Held, answer: Any, before: int, *, also_its_page: bool = True) -> None:
        """One answer, whatever shut it, and nothing changes."""
        for one in (answer, held.read()) if also_its_page else (answer,):
            told = {name: value for name, value in one.json().items() if name not in {"request_id", "instance"}}
            found = one.status_code, told
            self.shut = self.shut or found
            assert found == self.shut
            assert told.get("code") == "link_not_open"
        assert self.changes() == before
