"""What a plan's life looks like from outside the care team, and how it catches up with the truth; pure decisions."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from app.homework.states import ENDS, TRANSITIONS, Move, Status, after, is_possible

Place = tuple[Status, int]
# Once a pause can be hidden, a plan has been offered and begun long since.
CATCHING_UP: Final = (Move.HOLD, Move.PAUSE, Move.RESUME, Move.SET_STAGE, Move.COMPLETE, Move.STOP)


@dataclass(frozen=True)
class Step:
    """One change of a plan on one track; `follows` is the number of the step that whoever made it saw as the latest."""

    number: int
    follows: int
    status: str
    stage: int
    reason: str
    actor_kind: str
    stopped_by: UUID | None
    shown_at: datetime

    @property
    def place(self) -> Place:
        """Where the plan stood after it."""
        return Status(self.status), self.stage


def kept(steps: Sequence[Step]) -> list[Step]:
    """The steps that show outside the care team now or will, oldest first.

    A step that was not shown yet when somebody outside moved the plan from where it stood for them is never shown.
    """
    found: list[Step] = []
    least = steps[-1].number if steps else 0
    for step in reversed(steps):
        if step.number <= least:
            found.append(step)
        least = min(least, step.follows)
    return found[::-1]


def told(steps: Sequence[Step], now: datetime) -> list[Step]:
    """The steps that show outside the care team now, oldest first: a beginning of the track that only ever grows.

    The opening is never hidden, not even from a machine whose clock is a little behind.
    """
    return [step for step in kept(steps) if step.shown_at <= now or step.number == 1]


def counted(steps: Sequence[Step]) -> list[Step]:
    """The same, numbered as their reader would count them: a gap would tell."""
    return [replace(step, number=number) for number, step in enumerate(steps, start=1)]


def truly_after(status: Status, made: Move) -> Status:
    """Where a plan truly stands after a move of somebody who cannot see a hidden pause.

    Such a move can end the plan; it never sets going what has been paused.
    """
    if is_possible(status, made):
        return after(status, made)
    return ENDS[made] if made in ENDS and TRANSITIONS[status] else status


def way(start: Place, goal: Place) -> tuple[Move, ...]:
    """The shortest way from one place to another by the table of states; () where they are one, or none leads there."""
    tried: set[Place] = {start}
    waiting: deque[tuple[Place, tuple[Move, ...]]] = deque([(start, ())])
    while waiting:
        place, walked = waiting.popleft()
        if place == goal:
            return walked
        for made in CATCHING_UP:
            if is_possible(place[0], made):
                stage = goal[1] if made is Move.SET_STAGE else place[1]
                reached = (after(place[0], made), stage)
                if reached not in tried:
                    tried.add(reached)
                    waiting.append((reached, (*walked, made)))
    return ()


def given_shows_at(truth: Step, shown: Sequence[Step], now: datetime) -> datetime:
    """When an assignment of a running plan shows outside the care team.

    At once, unless the plan is not shown to run at this stage yet: then with the step that shows it.
    """
    stands = told(shown, now)[-1].place
    return now if stands == truth.place else max(now, shown[-1].shown_at)
