"""States as tables: which event leads where, and where a thing stands after all that happened to it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeVar

S = TypeVar("S")
E = TypeVar("E")
Life = Mapping[S, Mapping[E, S]]


def after(life: Life[S, E], start: S, happened: Iterable[tuple[datetime | None, E]]) -> S:
    """The state after what happened, in order of time; None is what did not happen.

    An event without an arrow from where the thing stands changes nothing. Of events at one moment the first given is first.
    """
    state = start
    told = [(moment, event) for moment, event in happened if moment is not None]
    for _, event in sorted(told, key=lambda one: one[0]):
        state = life[state].get(event, state)
    return state
