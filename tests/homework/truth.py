"""A small truth beside the service: what must stand after each step, written without any of the service's own rules."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from tests.homework.menu_truth import MenusTruth
from tests.homework.plan_truth import UNIVERSAL, PlanTruth

ZONE: Final = ZoneInfo("Europe/Berlin")
TWELVE_WEEKS: Final = timedelta(weeks=12)
Scope = tuple[str, str | None, int | None]
THERAPY: Final[Scope] = ("therapy", None, None)
SHARING: Final[Scope] = ("data_sharing", None, None)


@dataclass
class Given:
    """A consent."""

    which: str
    scope: Scope
    body: dict[str, Any]
    in_force: bool = True


@dataclass
class SignalTruth:
    """An answer that waits for the therapist."""

    kind: str
    value: int | None
    response: str
    reviewed: bool = False


@dataclass
class FlagTruth:
    """A red flag."""

    code: str
    about: str | None
    body: dict[str, Any]
    is_open: bool = True


@dataclass
class LinkTruth:
    """A link in a partner's hands."""

    which: str
    purpose: str
    asks: Any
    made_at: datetime
    expires_at: datetime
    is_used: bool = False
    is_revoked: bool = False

    def opens(self, now: datetime) -> bool:
        """Whether it opens. A consent's looks the same before and after; a stop may be needed again."""
        is_spent = self.is_used and self.purpose not in {"consent", "stop"}
        return not self.is_revoked and not is_spent and now < self.expires_at


@dataclass
class Truth:
    """All that the gates look at, for one couple."""

    screened_on: dict[str, date] = field(default_factory=dict)
    asks_for_review: dict[str, bool] = field(default_factory=dict)
    clearance: tuple[str, datetime] | None = None
    overtaken: bool = False
    consents: list[Given] = field(default_factory=list)
    took_back_at: dict[str, datetime] = field(default_factory=dict)
    signals: list[SignalTruth] = field(default_factory=list)
    flags: list[FlagTruth] = field(default_factory=list)
    findings: dict[tuple[str, str | None], tuple[bool, date | None]] = field(default_factory=dict)
    links: list[LinkTruth] = field(default_factory=list)
    plans: list[PlanTruth] = field(default_factory=list)
    menus: MenusTruth = field(default_factory=MenusTruth)

    def may_clear(self, now: datetime) -> bool:
        """Whether each partner was screened alone in the last twelve weeks."""
        first = now.astimezone(ZONE).date() - TWELVE_WEEKS
        return len(self.screened_on) == 2 and all(day >= first for day in self.screened_on.values())

    def unmet(self, plan: PlanTruth, stage: int, now: datetime) -> list[str]:
        """What a stage of a plan still needs."""
        scope = ("homework_stage", plan.kind.protocol, stage)
        found = self._unmet_of_touch(scope, now) if stage in plan.kind.shared else self._unmet_of_therapy(plan)
        found += ["red_flag_open"] * len(self.open_flags & plan.kind.forbidden_by(stage))
        return found + ["precondition_missing" for code in plan.kind.preconditions if not self._is_met(plan, code, now)]

    def _unmet_of_therapy(self, plan: PlanTruth) -> list[str]:
        waiting = ["signal_open"] if any(one.response == "pause" and not one.reviewed for one in self.signals) else []
        return waiting + [f"therapy_left_{which}" for which in plan.practising or "ab" if self.left_therapy(which)]

    def unmet_of_menu(self, now: datetime) -> list[str]:
        """What a reveal still needs besides both partners' agreement."""
        found = self._unmet_of_touch(None, now)
        return found + ["red_flag_open"] * len(self.open_flags & UNIVERSAL)

    def _unmet_of_touch(self, scope: Scope | None, now: datetime) -> list[str]:
        found = [f"screen_missing_{which}" for which in "ab" if which not in self.screened_on]
        found += self._unmet_of_clearance(now)
        if scope is not None:
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
    def open_flags(self) -> set[str]:
        """Codes of what is open, whomever it is about."""
        return {flag.code for flag in self.flags if flag.is_open}

    def is_denied(self, code: str) -> bool:
        """Whether it was last found not to be met, of whomever."""
        return any(named == code and not met for (named, _), (met, _) in self.findings.items())

    def _is_met(self, plan: PlanTruth, code: str, now: datetime) -> bool:
        today, about = now.astimezone(ZONE).date(), {None, *(plan.practising or "ab")}
        lasting = [last for (named, whom), (_, last) in self.findings.items() if named == code and whom in about]
        return not self.is_denied(code) and any(last is None or today <= last for last in lasting)

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
            if plan.status == "active" and plan.shares:
                plan.move("pauses", self.clearance[1] + TWELVE_WEEKS, reason="clearance_expired")

    def withdraw(self, named: Given, now: datetime) -> None:
        """Ends every consent of that partner to the same thing, and what rests on it."""
        if self._end(named.which, {named.scope}, now) and named.scope != SHARING:
            self.stop("consent_withdrawn", named.which, now, protocol=named.scope[1])

    def stop_everything(self, which: str, now: datetime) -> None:
        """One partner says stop: no yes stays but that to sharing data, no link asks for one, and nothing goes on."""
        self._end(which, {given.scope for given in self.consents} - {SHARING}, now)
        self.stop("consent_withdrawn", which, now)
        for link in self.links:
            link.is_used |= link.which == which and link.purpose == "consent" and now < link.expires_at

    def _end(self, which: str, scopes: set[Scope], now: datetime) -> bool:
        ended = [one for one in self.consents if one.which == which and one.scope in scopes and one.in_force]
        for given in ended:
            given.in_force, self.took_back_at[which] = False, now
        return bool(ended)

    def signal(self, kind: str, value: int | None, response: str, which: str, now: datetime) -> None:
        """Keeps a signal; one that calls for a pause ends the clearance."""
        if response == "none":
            return
        self.signals.append(SignalTruth(kind, value, response))
        if response == "pause":
            self.overtaken = True
            self.stop(kind, which, now)

    def stop(
        self, reason: str, which: str | None, now: datetime, *, protocol: str | None = None, about: str | None = None
    ) -> None:
        """Pauses what runs and is concerned, and takes back what was agreed of the menu."""
        for plan in self.plans:
            if plan.status in {"active", "held"} and plan.is_stopped_by(reason, protocol=protocol, about=about):
                plan.move("pauses", now, reason=reason, by=which)
        if protocol is None:
            self.menus.stop(now)
