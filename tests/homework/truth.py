"""A small truth beside the service: what must stand after each step, written without any of the service's own rules."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Europe/Berlin")
TWELVE_WEEKS: Final = timedelta(weeks=12)
SOONEST, LATEST = timedelta(hours=12), timedelta(hours=60)
NEVER: Final = timedelta(0)
POSSIBLE: Final[dict[str, dict[str, str]]] = {
    "draft": {"offers": "offered", "stops": "stopped"},
    "offered": {"activations": "active", "stops": "stopped"},
    "active": {
        "holds": "held",
        "pauses": "paused",
        "advancements": "active",
        "completions": "completed",
        "stops": "stopped",
    },
    "held": {"resumptions": "active", "pauses": "paused", "completions": "completed", "stops": "stopped"},
    "paused": {"resumptions": "active", "stops": "stopped"},
    "completed": {},
    "stopped": {},
}
WORDS: Final = {
    "offers": "offered",
    "activations": "activated",
    "holds": "held_by_therapist",
    "pauses": "paused_by_therapist",
    "resumptions": "resumed",
    "advancements": "stage_set_by_therapist",
    "completions": "completed",
    "stops": "stopped_by_therapist",
}
Scope = tuple[str, str | None, int | None]
THERAPY: Final[Scope] = ("therapy", None, None)


LEADS_TO: Final = {"active": "resumptions", "held": "holds", "paused": "pauses", "completed": "completions", "stopped": "stops"}


@dataclass
class Step:
    """One change of a plan as it truly was."""

    status: str
    stage: int
    reason: str
    stopped_by: str | None


@dataclass
class Line:
    """One change of a plan as everyone else is told it, and between which moments it starts to show."""

    status: str
    stage: int
    reason: str
    earliest: datetime
    latest: datetime

    def then(self, noun: str, earliest: datetime, latest: datetime, stage: int | None = None) -> "Line":
        """What follows it, never before it."""
        moments = max(self.earliest, earliest), max(self.latest, latest)
        return Line(POSSIBLE[self.status][noun], stage or self.stage, WORDS[noun], *moments)


@dataclass
class PlanTruth:
    """A plan: which of its stages share touch, what happened to it, and what will have been told of that."""

    protocol: str
    path: str
    shared: dict[int, bool]
    steps: list[Step]
    told: list[Line]

    @property
    def status(self) -> str:
        """Where it stands."""
        return self.steps[-1].status

    @property
    def stage(self) -> int:
        """Its stage."""
        return self.steps[-1].stage

    def move(
        self, noun: str, now: datetime, *, stage: int | None = None, reason: str | None = None, by: str | None = None
    ) -> None:
        """Writes a change down; it never shows before what came before it."""
        first, last = (SOONEST, LATEST) if noun == "pauses" else (NEVER, NEVER)
        self.told.append(self.told[-1].then(noun, now + first, now + last, stage))
        self.steps.append(Step(POSSIBLE[self.status][noun], stage or self.stage, reason or WORDS[noun], by))

    def move_as_seen(self, noun: str, now: datetime, seen: int) -> None:
        """Somebody to whom only so many lines show moves it: they see that at once, and later how it truly stands."""
        hidden = self.told[seen:]
        del self.told[seen:]
        first, last = (SOONEST, LATEST) if noun == "pauses" else (NEVER, NEVER)
        self.told.append(self.told[-1].then(noun, now + first, now + last))
        if noun in POSSIBLE[self.status]:
            self.steps.append(Step(POSSIBLE[self.status][noun], self.stage, WORDS[noun], None))
        elif noun in {"completions", "stops"} and POSSIBLE[self.status]:
            self.steps.append(Step(POSSIBLE["active"][noun], self.stage, WORDS[noun], None))
        else:
            self.steps.append(self.steps[-1])
        if hidden:
            self._tell_the_rest(hidden[-1])

    def _tell_the_rest(self, when: Line) -> None:
        line = self.told[-1]
        nouns = []
        if POSSIBLE[line.status]:
            going = line.status == "active"
            if not going and (line.stage != self.stage or (line.status == "paused" and self.status in {"held", "completed"})):
                nouns, going = ["resumptions"], True
            nouns += ["advancements"] if line.stage != self.stage else []
            nouns += [LEADS_TO[self.status]] if self.status != ("active" if going else line.status) else []
        for noun in nouns:
            stage = self.stage if noun == "advancements" else None
            self.told.append(self.told[-1].then(noun, when.earliest, when.latest, stage))


@dataclass
class Given:
    """A consent."""

    which: str
    scope: Scope
    body: dict[str, str]
    in_force: bool = True


@dataclass
class SignalTruth:
    """An answer that waits for the therapist."""

    kind: str
    value: int | None
    response: str
    reviewed: bool = False


@dataclass
class Truth:
    """All that the gate looks at, for one couple."""

    screened_on: dict[str, date] = field(default_factory=dict)
    asks_for_review: dict[str, bool] = field(default_factory=dict)
    clearance: tuple[str, datetime] | None = None
    overtaken: bool = False
    consents: list[Given] = field(default_factory=list)
    signals: list[SignalTruth] = field(default_factory=list)
    plans: list[PlanTruth] = field(default_factory=list)

    def may_clear(self, now: datetime) -> bool:
        """Whether each partner was screened alone in the last twelve weeks."""
        first = now.astimezone(ZONE).date() - TWELVE_WEEKS
        return len(self.screened_on) == 2 and all(day >= first for day in self.screened_on.values())

    def unmet(self, plan: PlanTruth, stage: int, now: datetime) -> list[str]:
        """What a stage of a plan still needs."""
        if not plan.shared[stage]:
            return [f"therapy_left_{which}" for which in "ab" if self.left_therapy(which)]
        scope = ("homework_stage", plan.protocol, stage)
        found = [f"screen_missing_{which}" for which in "ab" if which not in self.screened_on]
        found += self._unmet_of_clearance(now)
        found += [f"consent_missing_{which}" for which in "ab" if not self.consents_to(which, scope)]
        return found + (["signal_open"] if self.waits else [])

    def _unmet_of_clearance(self, now: datetime) -> list[str]:
        match self.clearance:
            case None:
                return ["clearance_missing"]
            case ("blocked", _):
                return ["clearance_blocked"]
            case (_, decided_at) if decided_at + TWELVE_WEEKS <= now:
                return ["clearance_expired"]
        return ["clearance_overtaken"] if self.overtaken else []

    @property
    def waits(self) -> bool:
        """Whether an answer that closes the gate waits for review."""
        return any(
            (signal.response == "pause" or signal.kind == "self_harm") and not signal.reviewed for signal in self.signals
        )

    def consents_to(self, which: str, scope: Scope) -> bool:
        """Whether a partner consents to this, and has not left therapy."""
        own = [given for given in self.consents if given.which == which]
        return any(given.in_force for given in own if given.scope == scope) and not self.left_therapy(which)

    def left_therapy(self, which: str) -> bool:
        """Whether a partner took back the last consent to therapy."""
        return [given.in_force for given in self.consents if (given.which, given.scope) == (which, THERAPY)][-1:] == [False]

    def run_out(self, now: datetime) -> None:
        """Pauses shared touch that goes on, as of the moment the clearance ran out."""
        if self.clearance is None or self.clearance[0] == "blocked" or self.clearance[1] + TWELVE_WEEKS > now:
            return
        for plan in self.plans:
            if plan.status == "active" and plan.shared[plan.stage]:
                plan.move("pauses", self.clearance[1] + TWELVE_WEEKS, reason="clearance_expired")

    def withdraw(self, named: Given, now: datetime) -> None:
        """Ends every consent of that partner to the same thing, and what rests on it."""
        same = [one for one in self.consents if (one.which, one.scope) == (named.which, named.scope) and one.in_force]
        for given in same:
            given.in_force = False
        if same and named.scope[0] != "data_sharing":
            self.stop("consent_withdrawn", named.which, now, protocol=named.scope[1], only_shared=False)

    def signal(self, kind: str, value: int | None, response: str, which: str, now: datetime) -> None:
        """Keeps a signal; one that calls for a pause ends the clearance."""
        if response == "none":
            return
        self.signals.append(SignalTruth(kind, value, response))
        if response == "pause":
            self.overtaken = True
            self.stop(kind, which, now)

    def stop(
        self, reason: str, which: str | None, now: datetime, *, protocol: str | None = None, only_shared: bool = True
    ) -> None:
        """Pauses what runs."""
        for plan in self.plans:
            concerns_it = plan.shared[plan.stage] or not only_shared
            if plan.status in {"active", "held"} and concerns_it and protocol in {None, plan.protocol}:
                plan.move("pauses", now, reason=reason, by=which)
