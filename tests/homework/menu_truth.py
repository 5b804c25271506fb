"""A small truth of the menus: who answered and agreed, what a reveal may show and how long it may stand."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from tests.homework.plan_truth import LATEST, SOONEST

BETWEEN_REVEALS: Final = timedelta(weeks=12)
SHORTEST, LONGEST = timedelta(days=14), timedelta(days=42)
MOST: Final = 5


@dataclass
class Sheet:
    """What one partner said to one menu."""

    answers: dict[str, str] | None = None
    agrees: bool = False

    @property
    def open_to(self) -> set[str]:
        """What this partner would like, or might."""
        return {code for code, reply in (self.answers or {}).items() if reply != "no"}


@dataclass
class Reveal:
    """What both would like of one menu, and between which moments what is shown of it goes away."""

    menu: int
    overlaps: set[str]
    earliest: datetime
    latest: datetime
    codes: list[str] | None = None


@dataclass
class MenusTruth:
    """All menus of a couple; the last one counts."""

    bodies: list[dict[str, Any]] = field(default_factory=list)
    sheets: list[dict[str, Sheet]] = field(default_factory=list)
    reveal: Reveal | None = None
    revealed_at: datetime | None = None
    ever_shown: set[str] = field(default_factory=set)

    def open(self, body: dict[str, Any]) -> None:
        """A menu takes the place of the one before."""
        self.bodies.append(body)
        self.sheets.append({"a": Sheet(), "b": Sheet()})

    def reveal_if_both_agree(self, now: datetime, *, is_safe: bool) -> bool:
        """Both have answered and agreed, safety allows it, and the last reveal is long enough ago."""
        a, b = self.sheets[-1]["a"], self.sheets[-1]["b"]
        both = all(sheet.answers is not None and sheet.agrees for sheet in (a, b))
        if not both or not is_safe or (self.revealed_at is not None and now < self.revealed_at + BETWEEN_REVEALS):
            return False
        a.agrees = b.agrees = False
        self.revealed_at = now
        self.reveal = Reveal(len(self.sheets) - 1, a.open_to & b.open_to, now + SHORTEST, now + LONGEST)
        return True

    def take_back(self, which: str, now: datetime) -> None:
        """One partner takes all answers back."""
        for sheets in self.sheets:
            sheets[which] = Sheet()
        self._end(now)

    def stop(self, now: datetime) -> None:
        """Nothing is revealed that was agreed to before."""
        for sheets in self.sheets:
            for sheet in sheets.values():
                sheet.agrees = False
        self._end(now)

    def _end(self, now: datetime) -> None:
        if self.reveal is not None:
            self.reveal.earliest = min(self.reveal.earliest, now + SOONEST)
            self.reveal.latest = min(self.reveal.latest, now + LATEST)

    def check(self, menu: int, told: dict[str, Any], now: datetime) -> None:
        """What is shown of a menu is some of what both would like, the same as long as it stands, and never comes back."""
        codes = [item["code"] for item in told["items"]]
        assert told["status"] == ("shown" if codes else "not_yet")
        reveal = self.reveal
        if reveal is None or reveal.menu != menu:
            assert codes == []
        elif reveal.codes is None:
            assert set(codes) <= reveal.overlaps - self.ever_shown, "shown without both, or for the second time"
            assert len(set(codes)) == len(codes) <= MOST
            reveal.codes = codes
            self.ever_shown |= set(codes)
        elif now < reveal.earliest:
            assert codes == reveal.codes
        else:
            assert codes in ([], reveal.codes)
            assert now < reveal.latest or codes == []
            reveal.codes = codes
