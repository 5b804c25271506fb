"""Six invented couples and how the months went for them; nothing here comes from a real person."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

Level = Callable[[float], float]
Done = Literal["within_rules", "partly", "not_done", "declined"]


@dataclass(frozen=True)
class Course:
    """How one partner fares: well-being 0-1 by share of the months gone, and mood after an occasion against before."""

    level: Level
    lift: int = 2
    done: tuple[Done, ...] = ("within_rules",)


@dataclass(frozen=True)
class Story:
    """One couple: what they come with, what they are given, how it goes."""

    label: str
    names: tuple[str, str]
    concern: str
    downstream: str
    protocol: str | None
    a: Course
    b: Course
    topic: Literal["sexual_concern", "communication"] = "sexual_concern"
    pressed_in_week: int | None = None


def steady(level: float) -> Level:
    """Nothing changes."""
    return lambda _share: level


def line(start: float, end: float) -> Level:
    """A straight way from start to end."""
    return lambda share: start + (end - start) * share


STORIES: Final = (
    Story(
        "recovering-together", ("Alex", "Robin"), "desire_discrepancy", "relationship_distress", "sensate_focus",
        Course(line(0.25, 0.85)), Course(line(0.35, 0.9)),
    ),
    Story(
        "one-ahead", ("Sam", "Kim"), "low_sex_relationship", "relationship_distress", "scheduled_intimacy",
        Course(line(0.3, 0.8)), Course(line(0.4, 0.45), lift=1, done=("within_rules", "partly")),
    ),
    Story(
        "growing-worse", ("Jo", "Chris"), "performance_anxiety", "relationship_distress", "sensate_focus",
        Course(line(0.7, 0.2), lift=-1), Course(line(0.6, 0.5)),
    ),
    Story(
        "lost-in-talking", ("Lee", "Dana"), "desire_discrepancy", "relationship_distress", None,
        Course(steady(0.4)), Course(steady(0.45)), topic="communication",
    ),
    Story(
        "tasks-left-out", ("Toni", "Max"), "low_sex_relationship", "relationship_distress", "affection_ritual",
        Course(line(0.4, 0.5), done=("not_done", "not_done", "within_rules")), Course(line(0.45, 0.5), done=("within_rules",)),
    ),
    Story(
        "quietly-paused", ("Nic", "Mika"), "desire_discrepancy", "relationship_distress", "affection_ritual",
        Course(line(0.5, 0.6)), Course(line(0.5, 0.55)), pressed_in_week=20,
    ),
)  # fmt: skip
