"""Weekly pulses of both partners, told through the API."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.conftest import Caller
from tests.outcomes.records import Care, Json
from tests.safety.records import done

ITEMS = ("sexual_satisfaction", "relationship_satisfaction", "closeness", "desire", "stress", "irritability_tolerance")
# Two ratings that rise and fall, each at its own pace.
UP_AND_DOWN = [(place * 7) % 5 + 3 for place in range(90)]
OTHERWISE = [(place * 5) % 7 + 2 for place in range(90)]
CALM = dict.fromkeys(ITEMS, 5)


def answers(**told: int | None) -> Json:
    """The answers of one week; 5 where nothing else is told, and no hours."""
    found: Json = {str(number): told.get(code, CALM[code]) for number, code in enumerate(ITEMS, start=1)}
    hours = told.get("hours")
    return found | ({} if hours is None else {"7": hours})


def stamp(at: datetime) -> str:
    """A moment as it is sent."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def tell(care: Care, which: str, weeks: Sequence[Mapping[str, int | None] | None], ends: int = 0) -> None:
    """One partner's pulses, a week apart; the last one `ends` weeks ago, None is a week without."""
    items = [
        care.person(which)
        | {"measure": "rekindle_pulse", "answers": answers(**told)}
        | {"answered_at": stamp(care.today - timedelta(weeks=ends + ago, minutes=1))}
        for ago, told in enumerate(reversed(weeks))
        if told is not None
    ]
    done(care.therapist.post("/v1/administrations/batch", json={"items": items}))


def told(sexual: Sequence[int], relational: Sequence[int]) -> list[Mapping[str, int | None]]:
    """The two ratings that the cycle reads, week by week."""
    both = zip(sexual, relational, strict=True)
    return [{"sexual_satisfaction": one, "relationship_satisfaction": other} for one, other in both]


def cycle(care: Care, query: str = "", caller: Caller | None = None) -> Json:
    """The couple's cycle."""
    found: Json = done((caller or care.therapist).get(f"{care.pair.path}/outcomes/cycle{query}"), 200)
    return found


def partner(found: Json, which: str) -> Json:
    """One partner's part of it, which has to be there."""
    own: Json = next(one for one in found["partners"] if one["slot"] == which)
    return own


def without_ids(value: Any) -> Any:
    """The same without ids and slots, to compare one partner with the other."""
    if isinstance(value, dict):
        return {name: without_ids(one) for name, one in value.items() if not name.endswith("_id") and name != "slot"}
    return [without_ids(one) for one in value] if isinstance(value, list) else value
