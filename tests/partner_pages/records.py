"""Links of partners, made and used through the API."""

from dataclasses import dataclass
from typing import Any

from tests.client import Client
from tests.conftest import Caller
from tests.homework.records import CALM_LOG, Course
from tests.safety.records import Pair, done

GMSEX = {"answers": {"1": 4, "2": 5, "3": 3, "4": 4, "5": 6}}
WELL = {"done": "within_rules", "willingness": 6, "pressure": 0, "mood_before": 4, "mood_after": 7, "log": CALM_LOG}
STAGE_1 = {"kind": "homework_stage", "protocol": "sensate_focus", "stage": 1, "text_version": "1", "language": "en"}
YES = {"agreed": True}


@dataclass
class Held:
    """A link in the hands of a partner, who sends no key."""

    client: Client
    made: dict[str, Any]

    @property
    def path(self) -> str:
        """Its address."""
        return str(self.made["url"])

    def read(self) -> Any:
        """What it asks."""
        return self.client.get(self.path)

    def answer(self, headers: dict[str, str] | None = None, **parts: Any) -> Any:
        """Answers what it asks."""
        return self.client.post(self.path + "/answers", json=parts, headers=headers)

    def stop(self) -> Any:
        """Says stop."""
        return self.client.post(self.path + "/stop")


def ask(pair: Pair, which: str, purpose: str, caller: Caller | None = None, **more: Any) -> Held:
    """A new link for one partner."""
    made = done((caller or pair.therapist).post(pair.partner(which) + "/links", json={"purpose": purpose, **more}))
    return Held(nobody(pair), made)


def nobody(pair: Pair) -> Client:
    """A client without a key."""
    return Client(pair.therapist.app)


def ask_measure(pair: Pair, which: str = "a", code: str = "gmsex", **more: Any) -> Held:
    """A link to a measure."""
    return ask(pair, which, "measure", measure={"code": code, "language": "en"}, **more)


def ask_consent(pair: Pair, which: str = "a", **more: Any) -> Held:
    """A link to a consent."""
    return ask(pair, which, "consent", consent=STAGE_1, **more)


def ask_check_in(course: Course, which: str = "a", **more: Any) -> Held:
    """A link to a check-in on a new assignment."""
    asked = {"plan_id": course.path.rpartition("/")[2], "assignment_id": done(course.assign())["id"]}
    return ask(course.pair, which, "check_in", check_in=asked, **more)


def of_each_purpose(course: Course, which: str) -> dict[str, tuple[Held, dict[str, Any]]]:
    """One link of each purpose, with the answers that fit it."""
    return {
        "measure": (ask_measure(course.pair, which), {"measure": GMSEX}),
        "check_in": (ask_check_in(course, which), {"check_in": WELL}),
        "consent": (ask_consent(course.pair, which), {"consent": YES}),
        "stop": (ask(course.pair, which, "stop"), {}),
    }


def administrations(pair: Pair, which: str) -> list[dict[str, Any]]:
    """One partner's administrations."""
    items: list[dict[str, Any]] = done(pair.therapist.get(pair.partner(which) + "/administrations"), 200)["items"]
    return items


def consents(pair: Pair, which: str) -> list[dict[str, Any]]:
    """One partner's consents."""
    items: list[dict[str, Any]] = done(pair.therapist.get(pair.partner(which) + "/consents"), 200)["items"]
    return items


def state(held: Held, pair: Pair, which: str, caller: Caller | None = None) -> str:
    """Where a link stands, as somebody sees it."""
    path = f"{pair.partner(which)}/links/{held.made['id']}"
    return str(done((caller or pair.therapist).get(path), 200)["state"])
