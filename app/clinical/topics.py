"""What an hour can go to, and which of it leads past the sexual concern when it takes the hour over (our proposal)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True)
class Topic:
    """One topic of an hour; `leads_past` marks those that a couple can be lost in while the sexual concern waits."""

    code: str
    meaning: str
    leads_past: bool = False


_ALL: Final = (
    Topic("sexual_concern", "the sexual concern itself, and talk about it"),
    Topic("homework", "homework given, tried and gone through, whatever it is made of"),
    Topic("relationship", "the two with each other, as far as it is no exercise in talking"),
    Topic("communication", "how they talk: listening, quarrels, rules of conversation", leads_past=True),
    Topic("individual", "one partner's own: health, work, family, history"),
    Topic("logistics", "appointments, fees, insurance, forms", leads_past=True),
)
TOPICS: Final[Mapping[str, Topic]] = MappingProxyType({topic.code: topic for topic in _ALL})
LEADING_PAST: Final = tuple(topic.code for topic in _ALL if topic.leads_past)
