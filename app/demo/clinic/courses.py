"""What the invented couples answer, how their hours are spent and how their homework goes, as their parts have it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from app.demo.clinic.cast import GMSEX_EVERY, RDAS_EVERY, Pair
from app.demo.clinic.truths import KEPT, TURNED, Setting

Done = Literal["within_rules", "partly", "not_done", "declined"]
VISIT_EVERY, CSI4_EVERY, PHQ9_EVERY = 4, 8, 16
TALKING: Final = {"communication": 35, "logistics": 10, "sexual_concern": 5}
WORKING: Final = {"sexual_concern": 30, "homework": 10, "relationship": 5}
FSFI_COUPLES, FSFI_WEEKS = 4, (0, 4, 8, 12)
"""How many plain couples' partner A is given the FSFI, and when; between first and last there is no sexual activity."""

OCCASION_DAYS: Final = (2, 6, 10)
WINDOW_WEEKS, WINDOWS = 2, 4
PRESSED: Final = 8


@dataclass(frozen=True)
class Asked:
    """One measure given to one partner in a week; no total where the partner declined, or could not answer."""

    couple: int
    partner: int
    week: int
    measure: str
    total: int | None
    reason: str | None = None


@dataclass(frozen=True)
class Tried:
    """What one partner says of one occasion; only what took place has moods."""

    done: Done
    willingness: int | None = None
    pressure: int | None = None
    mood_before: int | None = None
    mood_after: int | None = None

    @property
    def counts(self) -> bool:
        """Whether it is one of those whose turn-around rate is planted."""
        if self.willingness is None or self.pressure is None or self.mood_before is None:
            return False
        return self.willingness >= 5 and self.pressure <= 1 and 3 <= self.mood_before <= 5

    @property
    def turned(self) -> bool:
        """Whether it ended better than it began."""
        return self.mood_after is not None and self.mood_before is not None and self.mood_after > self.mood_before


@dataclass
class Homework:
    """A couple's plan: windows of two weeks, each with as many occasions of both partners, and how it ends."""

    begins: int
    windows: list[int]
    occasions: list[list[tuple[Tried, Tried]]] = field(default_factory=list)
    ends: Literal["completed", "stopped", "paused", "active"] = "completed"

    @property
    def tried(self) -> Iterator[tuple[Tried, Tried]]:
        """Every occasion."""
        return (occasion for window in self.occasions for occasion in window)

    @property
    def ends_in(self) -> int:
        """The week after the last window."""
        return self.windows[-1] + WINDOW_WEEKS if self.windows else self.begins + 1


def visits_of(pair: Pair, setting: Setting) -> dict[int, dict[str, int]]:
    """Minutes by topic of each hour, by week."""
    weeks = range(0, pair.leaves_in or setting.weeks, VISIT_EVERY)
    last = max(weeks)
    return {week: dict(TALKING if _talks(pair, week, last) else WORKING) for week in weeks}


def _talks(pair: Pair, week: int, last: int) -> bool:
    match pair.role:
        case "rabbit_hole" | "talking_but_better" | "talking_with_a_plan":
            return week > 0
        case "talked_once":
            return week == last
        case _:
            return False


def answers_of(pair: Pair, setting: Setting, rng: np.random.Generator) -> list[Asked]:
    """Every measure but the pulse; sexual satisfaction may become better, the relationship may follow, mood stays."""
    found: list[Asked] = []
    for partner in (0, 1):
        for measure, totals in (
            ("gmsex", _gmsex(pair, partner, setting, rng)),
            ("rdas", _rdas(pair, partner, setting, rng)),
            ("csi4", _csi4(pair, partner, setting, rng)),
            ("phq9", _phq9(setting, rng)),
        ):
            found += [Asked(pair.number, partner, week, measure, total) for week, total in totals.items()]
    weeks = pair.leaves_in or setting.weeks
    return [one for asked in found if asked.week < weeks for one in _with_gaps(pair, asked, weeks, rng)]


def _with_gaps(pair: Pair, asked: Asked, weeks: int, rng: np.random.Generator) -> Iterator[Asked]:
    """Some are declined and some never given, where nothing that is planted hangs on them."""
    must_stand = asked.week == 0 or asked.week in pair.improves_in or asked.week in pair.follows_in
    drawn = rng.random()
    if must_stand or asked.week >= weeks - 3 * GMSEX_EVERY or asked.measure != "gmsex" or drawn >= 0.1:
        yield asked
    elif drawn < 0.05:
        yield Asked(asked.couple, asked.partner, asked.week, asked.measure, None, "declined")


def _gmsex(pair: Pair, partner: int, setting: Setting, rng: np.random.Generator) -> dict[int, int]:
    """Totals 5-35. Reliably better is 8 points or more and better ones gain 10 to 13; others stay within 2 points of intake.

    A standard error of measurement is 2.8 points, so nobody slips by chance; who worsens does so in the last two answers.
    """
    weeks = range(0, setting.weeks, GMSEX_EVERY)
    if pair.role == "worsening" and partner == 1:
        start = int(rng.integers(24, 28))
        falls = {week: (0, -2, -10, -13)[min(3, max(0, 3 - (len(weeks) - 1 - place)))] for place, week in enumerate(weeks)}
        return {week: start + falls[week] for week in weeks}
    start = int(rng.integers(11, 20))
    # Where one is ahead, the gap is wider than the 11 points that error alone could make of it.
    after, before = ((13, 13), (-1, 1)) if pair.role == "one_ahead" else ((10, 13), (-1, 2))
    better = pair.improves_in[partner]
    return {week: start + (0 if week == 0 else _from(better, week, rng, after, before)) for week in weeks}


def _rdas(pair: Pair, partner: int, setting: Setting, rng: np.random.Generator) -> dict[int, int]:
    """Totals 0-69; reliably better is 12 points or more, and those that follow gain 13 to 16, past the line at 47.31."""
    start = int(rng.integers(36, 45))
    follows = pair.follows_in[partner]
    weeks = range(0, setting.weeks, RDAS_EVERY)
    return {week: start + (0 if week == 0 else _from(follows, week, rng, (13, 16), (-2, 3))) for week in weeks}


def _csi4(pair: Pair, partner: int, setting: Setting, rng: np.random.Generator) -> dict[int, int]:
    """Totals 0-21: no class can rest on them, and they tell the same as the RDAS."""
    start = int(rng.integers(8, 12))
    follows = pair.follows_in[partner]
    weeks = (0, *range(CSI4_EVERY // 2, setting.weeks, CSI4_EVERY))
    return {week: start + (0 if week == 0 else _from(follows, week, rng, (5, 7), (0, 1))) for week in weeks}


def _phq9(setting: Setting, rng: np.random.Generator) -> dict[int, int]:
    """Totals 0-27; nobody's mood changes by the 6 points that would be reliable, and nobody says anything in item 9."""
    start = int(rng.integers(3, 9))
    return {week: start + (0 if week == 0 else int(rng.integers(-1, 2))) for week in range(0, setting.weeks, PHQ9_EVERY)}


def _has_come(from_week: int | None, week: int) -> bool:
    return from_week is not None and week >= from_week


def _from(from_week: int | None, week: int, rng: np.random.Generator, after: tuple[int, int], before: tuple[int, int]) -> int:
    low, high = after if _has_come(from_week, week) else before
    return int(rng.integers(low, high + 1))


def homework_of(pair: Pair, setting: Setting, rng: np.random.Generator) -> Homework | None:
    """The plan of a couple that has one, with every occasion of both."""
    if pair.protocol is None:
        return None
    homework = _windows(pair, setting)
    for number, _ in enumerate(homework.windows):
        window = [(_tried(pair.protocol, rng), _tried(pair.protocol, rng)) for _ in OCCASION_DAYS]
        if pair.role == "pressed" and number == 1:
            a, _ = window[0]
            homework.occasions.append([(a, Tried("within_rules", 6, PRESSED, 4, 3))])
            homework.windows = homework.windows[:2]
            homework.ends = "paused"
            break
        homework.occasions.append(window)
    _end_well(pair, homework, rng)
    return homework


def _windows(pair: Pair, setting: Setting) -> Homework:
    if pair.role == "talking_with_a_plan":
        begins = setting.weeks - 3 * WINDOW_WEEKS - 1
        return Homework(begins, [begins + WINDOW_WEEKS * number for number in range(3)], ends="active")
    count = WINDOWS if setting.weeks > 26 else 3
    windows = [1 + WINDOW_WEEKS * number for number in range(count)]
    if pair.leaves_in is not None:
        windows = [week for week in windows if week + WINDOW_WEEKS < pair.leaves_in]
    return Homework(1, windows, ends="stopped" if pair.role == "lost" else "completed")


def _tried(protocol: str, rng: np.random.Generator) -> Tried:
    drawn = rng.random()
    kept = KEPT[protocol]
    if drawn >= kept + (1 - kept) / 2:
        return Tried("declined" if rng.random() < 0.2 else "not_done")
    done: Done = "within_rules" if drawn < kept else "partly"
    kind = rng.random()
    if kind < 0.7:
        return _told(done, (5, 10), (3, 5), TURNED, rng)
    if kind < 0.8:  # from a good mood there is less to gain
        return _told(done, (5, 10), (6, 8), 0.25, rng)
    if kind < 0.9:  # from a very low one nearly everything is better
        return _told(done, (5, 10), (0, 2), 0.9, rng)
    return _told(done, (1, 4), (3, 5), 0.15, rng)  # not willing: it does not turn around


def _told(done: Done, willing: tuple[int, int], mood: tuple[int, int], better: float, rng: np.random.Generator) -> Tried:
    before = int(rng.integers(mood[0], mood[1] + 1))
    after = before + int(rng.integers(1, 3)) if rng.random() < better else before - int(rng.integers(0, 2))
    return Tried(done, int(rng.integers(willing[0], willing[1] + 1)), int(rng.integers(0, 2)), before, max(0, after))


def _end_well(pair: Pair, homework: Homework, rng: np.random.Generator) -> None:
    """The last two tasks of B are left undone in the couples that play that part, and of nobody else."""
    if not homework.occasions:
        return
    last = homework.occasions[-1]
    if pair.role == "tasks_missed":
        for place in (-2, -1):
            last[place] = (_done(last[place][0], rng), Tried("not_done"))
    elif pair.role != "pressed":
        last[-1] = (_done(last[-1][0], rng), _done(last[-1][1], rng))


def _done(tried: Tried, rng: np.random.Generator) -> Tried:
    return tried if tried.done in {"within_rules", "partly"} else _told("within_rules", (5, 10), (3, 5), TURNED, rng)
