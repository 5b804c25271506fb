"""Couples before the gate, built through the API."""

from dataclasses import dataclass
from typing import Any

from tests.conftest import Caller

CALM = {"1": 1, "2": 1, "3": 1, "4": 1, "5": 1}
AFRAID = {"1": 3, "2": 2, "3": 3, "4": 2, "5": 1}


def done(response: Any, status: int = 201) -> Any:
    """The body of an answer that had to be this."""
    assert response.status_code == status, response.text
    return response.json()


@dataclass
class Pair:
    """A couple with an open episode, and the therapist who sees it."""

    therapist: Caller
    path: str
    a: str
    b: str
    episode: dict[str, Any]

    @property
    def concern_id(self) -> str:
        """The primary concern."""
        return str(self.episode["concerns"][0]["id"])

    def partner(self, which: str) -> str:
        """The path of a partner."""
        return f"{self.path}/partners/{self.a if which == 'a' else self.b}"

    def screen(self, which: str, answers: dict[str, Any] | None = None, **more: Any) -> Any:
        """A screen taken alone."""
        body = {"taken_alone": True, "answers": answers or CALM, **more}
        return self.therapist.post(self.partner(which) + "/safety-screens", json=body)

    def clear(self, **more: Any) -> Any:
        """A clearance after both interviews."""
        day = self.today()
        body = {"decision": "cleared", "interviewed_a_on": day, "interviewed_b_on": day, **more}
        return self.therapist.post(self.path + "/clearances", json=body)

    def today(self) -> str:
        """The day it is for the couple."""
        app: Any = self.therapist.app
        return str(app.state.runtime.clock().date())

    def consent(self, which: str, stage: int | None = 1, caller: Caller | None = None, **more: Any) -> dict[str, Any]:
        """A consent to one stage of sensate focus, unless told otherwise."""
        body = {"kind": "homework_stage", "protocol": "sensate_focus", "stage": stage, "text_version": "1", "language": "en"}
        made: dict[str, Any] = done((caller or self.therapist).post(self.partner(which) + "/consents", json=body | more))
        return made

    def withdraw(self, which: str, consent: dict[str, Any], caller: Caller | None = None) -> Any:
        """A withdrawal."""
        path = f"{self.partner(which)}/consents/{consent['id']}/withdrawals"
        return done((caller or self.therapist).post(path), 200)

    def flag(self, code: str, which: str | None = None) -> dict[str, Any]:
        """A red flag about one partner, or the couple."""
        made: dict[str, Any] = done(self.therapist.post(self.path + "/red-flags", json=self._about(which, code=code)))
        return made

    def lower(self, flag: dict[str, Any]) -> dict[str, Any]:
        """The same flag, cleared."""
        path = f"{self.path}/red-flags/{flag['id']}/clearings"
        cleared: dict[str, Any] = done(self.therapist.post(path, json={"reason": "It no longer holds."}), 200)
        return cleared

    def found(self, code: str, which: str | None = None, **more: Any) -> dict[str, Any]:
        """A precondition recorded of one partner, or the couple; met unless told otherwise."""
        body = self._about(which, code=code, met=True) | more
        made: dict[str, Any] = done(self.therapist.post(self.path + "/precondition-records", json=body))
        return made

    def _about(self, which: str | None, **body: Any) -> dict[str, Any]:
        return body if which is None else body | {"partner_id": self.a if which == "a" else self.b}

    def ready(self, stage: int = 1) -> tuple[dict[str, Any], dict[str, Any]]:
        """Everything the gate asks for; the two consents."""
        for which in "ab":
            done(self.screen(which))
        done(self.clear())
        return self.consent("a", stage), self.consent("b", stage)


def new_pair(therapist: Caller, number: str = "1", concern: str = "desire_discrepancy", bearer: str = "relationship") -> Pair:
    """A couple whose primary concern is a difference in desire, unless told, and who are distressed by the relationship too."""
    body = {
        "time_zone": "Europe/Berlin",
        "partner_a": {"record_number": f"A-{number}", "name": "Alex"},
        "partner_b": {"record_number": f"B-{number}", "name": "Robin"},
    }
    couple = done(therapist.post("/v1/couples", json=body))
    path = f"/v1/couples/{couple['id']}"
    primary = {"code": concern, "bearer": bearer}
    concerns = {"primary_concern": primary, "other_concerns": [{"code": "relationship_distress"}]}
    episode = done(therapist.post(path + "/episodes", json=concerns))
    a, b = (partner["id"] for partner in couple["partners"])
    return Pair(therapist, path, a, b, episode)
