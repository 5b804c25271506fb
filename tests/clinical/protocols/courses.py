"""Courses of check-ins: good ones, to be spoilt an answer at a time, and what the rules say of the partner who gave them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from app.clinical.check_ins import CheckIn, Done, LogValue
from app.clinical.protocol import Protocol
from app.clinical.verdict import PartnerVerdict, Verdict, decide

START = date(2026, 1, 5)
RATINGS = ("willingness", "pressure", "mood_before", "mood_after", "pain")
Found = tuple[str, str]


@dataclass(frozen=True)
class Course:
    """A stage of a protocol with what a good session of it is, how many it takes, and how many days lie between two."""

    protocol: Protocol
    stage: int
    needs: int
    good: dict[str, LogValue] = field(default_factory=dict)
    every: int = 1

    def session(self, place: int, *, done: Done = "within_rules", **spoilt: LogValue) -> CheckIn:
        """A good session, but for what is given."""
        ratings = {name: spoilt.pop(name) for name in RATINGS if name in spoilt}
        told = CheckIn(START + timedelta(days=place * self.every), done, {**self.good, **spoilt})
        calm = replace(told, willingness=7, pressure=0, mood_before=5, mood_after=6, pain=0)
        return replace(calm, **ratings)  # type: ignore[arg-type]  # ratings are numbers or nothing

    def sessions(self, count: int | None = None) -> list[CheckIn]:
        """Good sessions, as many as it takes."""
        return [self.session(place) for place in range(self.needs if count is None else count)]

    def spoilt(self, back: int, *, done: Done = "within_rules", **spoilt: LogValue) -> list[CheckIn]:
        """Enough good sessions, and the one so many before the last (0 is the last) spoilt."""
        place = self.needs - 1 - back
        told = self.sessions()
        told[place] = self.session(place, done=done, **spoilt)
        return told

    def decide(self, a: Sequence[CheckIn], b: Sequence[CheckIn] | None = None) -> Verdict:
        """The verdict; A bears the concern, and B's sessions are good unless given."""
        return decide(self.protocol, self.stage, {"a": a, "b": self.sessions() if b is None else b}, practising="a")

    def of(self, check_ins: Sequence[CheckIn]) -> PartnerVerdict:
        """The verdict of the one who bears the concern."""
        return self.decide(check_ins).partners["a"]

    def found(self, check_ins: Sequence[CheckIn]) -> Found:
        """That verdict and the rule that fired."""
        verdict = self.of(check_ins)
        return verdict.verdict, verdict.rule
