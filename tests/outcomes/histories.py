"""A couple's weeks, lived day by day through the API: whatever comes, at whatever time, and refused where it cannot be."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.conftest import Caller, Wristwatch
from tests.homework.records import WELL, Course, running
from tests.notes.records import new_note
from tests.outcomes.records import Care, answers_of
from tests.partner_pages.records import Held, ask_measure
from tests.safety.records import done

Json = dict[str, Any]
# Midnight in Berlin, where the couple lives, less the moments in which everybody looks.
LAST_MOMENT = datetime(2026, 11, 22, 22, 59, 59, 980_000, tzinfo=UTC)
PULSE = {str(number): 5 for number in range(1, 7)}


@dataclass
class History:
    """A couple on a running plan, who looks at them, and what each saw at the end of each day."""

    clock: Wristwatch
    care: Care
    course: Course
    given: list[Json]
    ehr: Caller
    held: list[Held] = field(default_factory=list)
    seen: dict[tuple[str, str, str], Json] = field(default_factory=dict)
    days: int = 0
    refused: int = 0

    @property
    def path(self) -> str:
        """The couple."""
        return self.care.pair.path

    def live(self, day: list["Act"]) -> None:
        """One day: what happens, some minutes apart, and what everybody sees at its end."""
        self.clock.moment = LAST_MOMENT + timedelta(days=self.days - 1, hours=8)
        for act in day:
            self.clock.turn(minutes=37)
            answer = act.do(self, act.which)
            self.refused += answer is not None and answer.status_code >= 400
        self.clock.moment = LAST_MOMENT + timedelta(days=self.days)
        on = str((LAST_MOMENT + timedelta(days=self.days)).date())
        for who, view, found in self.looks(""):
            self.seen[on, who, view] = found
        self.days += 1

    def looks(self, more: str) -> Iterator[tuple[str, str, Json]]:
        """What each who may look sees in each view, apart from the moment they looked."""
        looking = [("therapist", view) for view in ("therapist", "partner_a", "partner_b")]
        for who, view in (*looking, ("ehr", "therapist")):
            caller = self.ehr if who == "ehr" else self.care.therapist
            told = done(caller.get(f"{self.path}/outcomes?as={view}{more}"), 200)
            yield who, view, {name: value for name, value in told.items() if name != "as_of"}

    def post(self, path: str, body: object = None) -> Any:
        """Something the therapist sends, which may be refused."""
        return self.care.therapist.post(path, json=body)

    def newest(self, path: str) -> Json | None:
        """The last of a list."""
        items = self.care.therapist.get(path).json()["items"]
        return items[-1] if items else None


@dataclass(frozen=True)
class Act:
    """Something that happens, to or by one partner where it is one's."""

    told: str
    do: Callable[[History, str], Any] = field(repr=False)
    which: str = "a"


def begin(therapist: Caller, ehr: Caller, clock: Wristwatch, number: str) -> History:
    """A couple whose plan has just begun."""
    clock.moment = LAST_MOMENT - timedelta(hours=14)
    course = running(therapist, number)
    return History(clock, Care(course.pair, clock.moment), course, [done(course.assign())], ehr)


def measure(code: str, total: int) -> Callable[[History, str], Any]:
    """A measure answered now."""

    def do(history: History, which: str) -> Any:
        body = {"measure": code, "answers": answers_of(code, total)}
        return history.post(history.care.pair.partner(which) + "/administrations", body)

    return do


def pulse(history: History, which: str) -> Any:
    """The weekly pulse answered now."""
    return history.post(history.care.pair.partner(which) + "/administrations", {"measure": "rekindle_pulse", "answers": PULSE})


def check_in(**more: Any) -> Callable[[History, str], Any]:
    """A check-in on the latest assignment."""
    return lambda history, which: history.course.check_in(history.given[-1], which, **{**WELL, **more})


def assign(history: History, which: str) -> Any:
    """The stage given again for three days from now on, or for three that are over already."""
    starts_on = history.clock.moment.date() - timedelta(days=0 if which == "a" else 4)
    answer = history.course.assign(starts_on=str(starts_on), ends_on=str(starts_on + timedelta(days=2)), occasions=2)
    if answer.status_code == 201:
        history.given.append(answer.json())
    return answer


def move(noun: str) -> Callable[[History, str], Any]:
    """A change of the plan."""
    return lambda history, _: history.course.move(noun)


def advance(history: History, _which: str) -> Any:
    """The next stage, because the therapist says so."""
    for which in "ab":
        history.care.pair.consent(which, history.course.read()["stage"] + 1)
    return history.course.decide("advance", override_reason="They are ready.")


def withdraw(history: History, which: str) -> Any:
    """A consent taken back: a pause that shows later."""
    consent = history.course.consents[which]
    return history.post(f"{history.care.pair.partner(which)}/consents/{consent['id']}/withdrawals")


def agree_again(history: History, which: str) -> Any:
    """A consent to the stage given again, after what was taken back."""
    consent = history.care.pair.consent(which, history.course.read()["stage"])
    history.course.consents[which] = consent


def screen_again(history: History, _which: str) -> Any:
    """Both screened and cleared anew."""
    for which in "ab":
        done(history.care.pair.screen(which))
    return history.care.pair.clear()


def block(history: History, _which: str) -> Any:
    """No clearance any more: another pause that shows later."""
    return history.care.pair.clear(decision="blocked", blockers=["coercion_or_violence"], reason="Told in private.")


def review(history: History, _which: str) -> Any:
    """The last signal is attended to."""
    signal = history.newest(history.path + "/safety-signals")
    return signal and history.post(f"{history.path}/safety-signals/{signal['id']}/reviews", {})


def visit(history: History, _which: str) -> Any:
    """An hour held and signed today."""
    now = history.clock.moment
    hour = {"held_on": str(now.date()), "started_at": _stamp(now - timedelta(minutes=50)), "ended_at": _stamp(now)}
    note = done(history.post(history.path + "/notes", new_note("couple", **hour)))
    return history.post(f"{history.path}/notes/{note['id']}/signatures", {"version": note["version"]})


def rate(severity: int) -> Callable[[History, str], Any]:
    """What the primary concern weighs now."""

    def do(history: History, which: str) -> None:
        if history.care.pair.episode["closed_on"] is None:
            history.care.rate(which, severity)

    return do


def add_concern(code: str) -> Callable[[History, str], Any]:
    """A concern that comes up on the way; one of them is the care team's alone."""
    return lambda history, _: history.post(
        f"{history.path}/episodes/{history.care.pair.episode['id']}/concerns", {"code": code}
    )


def resolve(history: History, _which: str) -> Any:
    """The concern that came last is settled."""
    episode = history.care.therapist.get(f"{history.path}/episodes/{history.care.pair.episode['id']}").json()
    return history.post(f"{history.path}/concerns/{episode['concerns'][-1]['id']}/resolutions", {})


def close(history: History, _which: str) -> Any:
    """The episode ends, or the next one begins."""
    pair = history.care.pair
    if pair.episode["closed_on"] is None:
        answer = history.post(f"{history.path}/episodes/{pair.episode['id']}/closures", {"reason": "completed"})
    else:
        answer = history.post(f"{history.path}/episodes", {"primary_concern": {"code": "low_sex_relationship"}})
    if answer.status_code < 400:
        pair.episode = answer.json()
    return answer


def ask(history: History, which: str) -> Any:
    """A link that asks for a measure for a day and a half."""
    if history.care.pair.episode["closed_on"] is None:
        history.held.append(ask_measure(history.care.pair, which, expires_in_hours=36))


def answer_link(history: History, _which: str) -> Any:
    """The last link answered, if it still opens."""
    return (history.held and history.held[-1].answer(measure={"answers": answers_of("gmsex", 20)})) or None


def revoke(history: History, which: str) -> Any:
    """The last link revoked."""
    links = history.care.pair.partner(which) + "/links"
    link = history.newest(links)
    return link and history.post(f"{links}/{link['id']}/revocations")


def plan_more(history: History, _which: str) -> Any:
    """Another plan, drafted and perhaps never offered."""
    return history.post(history.path + "/plans", {"concern_id": history.care.pair.concern_id, "protocol": "affection_ritual"})


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


ACTS: dict[str, Callable[[History, str], Any]] = {
    "scores well on gmsex": measure("gmsex", 30),
    "scores badly on gmsex": measure("gmsex", 10),
    "scores on phq9": measure("phq9", 15),
    "answers the pulse": pulse,
    "checks in": check_in(),
    "declines": check_in(done="declined", log={}),
    "feels some pressure": check_in(pressure=4),
    "is pressed": check_in(pressure=9),
    "is given more": assign,
    "holds": move("holds"),
    "pauses": move("pauses"),
    "resumes": move("resumptions"),
    "stops": move("stops"),
    "advances": advance,
    "takes consent back": withdraw,
    "agrees again": agree_again,
    "is cleared again": screen_again,
    "is blocked": block,
    "is attended to": review,
    "comes": visit,
    "weighs it heavy": rate(9),
    "weighs it light": rate(2),
    "brings another concern": add_concern("low_sex_relationship"),
    "tells of violence": add_concern("ipv_suspected_or_confirmed"),
    "is settled": resolve,
    "ends or begins": close,
    "is asked": ask,
    "answers the link": answer_link,
    "is asked no more": revoke,
    "is planned for": plan_more,
}
