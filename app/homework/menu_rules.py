"""What of a menu is ever shown, and why nothing follows from what is not."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final

from app.clinical.menu import OPEN_TO, Reply
from app.errors import ConflictError, Fault, InvalidError

NEVER: Final = 0
MOST_SHOWN: Final = 5
LARGEST_RATIO: Final = 2
_DRAWS: Final = 64


class MenuReplacedError(ConflictError):
    """The couple has a newer menu."""

    code = "menu_replaced"
    detail = "A newer menu has taken this one's place; use that one."


class MenuItemUnknownError(InvalidError):
    """An answer is about something that is not on the menu."""

    code = "menu_item_unknown"
    detail = "Answer only to what is on this menu."


class OwnItemTwiceError(InvalidError):
    """Two items of the couple's own say the same."""

    code = "own_item_twice"
    detail = "Two items of your own say the same; leave one out."


def check_items_known(answered: Iterable[str], on_menu: Iterable[str]) -> None:
    """Raises MenuItemUnknownError."""
    if set(answered) - set(on_menu):
        raise MenuItemUnknownError(faults=(Fault("/answers", "menu_item_unknown", MenuItemUnknownError.detail),))


def check_own_items(texts: Sequence[str]) -> None:
    """Raises OwnItemTwiceError: an item listed twice would be drawn for twice."""
    seen: set[str] = set()
    for place, text in enumerate(texts):
        if plain(text) in seen:
            raise OwnItemTwiceError(faults=(Fault(f"/own_items/{place}", "own_item_twice", OwnItemTwiceError.detail),))
        seen.add(plain(text))


def plain(text: str) -> str:
    """A wording without case, spacing and punctuation: what makes two items the same."""
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


def release_round(seed: bytes, item: str) -> int:
    """The only reveal of this couple that could ever show this item; NEVER for every second item.

    Drawn once by the couple's secret seed and the same for ever: the first reveal with probability 1/4, the second 1/8,
    the third 1/16 and so on. Neither new answers nor a new menu draw it again, so asking again teaches nothing.
    """
    number = int.from_bytes(_drawn(seed, "release", item)[:8])
    if number & 1:
        return NEVER
    halvings = number >> 1
    return next((place for place in range(1, _DRAWS) if halvings >> (place - 1) & 1), NEVER)


def rank(seed: bytes, item: str) -> bytes:
    """Where this item stands in the couple's secret order, which decides what is shown when there is more than fits."""
    return _drawn(seed, "rank", item)


def _drawn(seed: bytes, purpose: str, item: str) -> bytes:
    return hmac.digest(seed, f"{purpose}\0{item}".encode(), hashlib.sha256)


def overlaps(one: Mapping[str, Reply], other: Mapping[str, Reply]) -> list[str]:
    """What both answered with yes or maybe."""
    return [item for item, reply in one.items() if reply in OPEN_TO and other.get(item) in OPEN_TO]


def shown_of(shared: Iterable[str], number: int, releases: Mapping[str, int], ranks: Mapping[str, bytes]) -> list[str]:
    """What reveal `number` shows of the overlaps: those it may show, at most five, in the order of the codes.

    For what is not shown, whatever has been answered and shown before, the partner's "no" is at most twice as likely
    (LARGEST_RATIO) as it was before looking: with probability 1/2 or more this very list would have been shown had
    that answer been a yes. A list that holds an item says nothing of earlier answers to it either, as no other reveal
    could have shown it. The argument stands in `docs/decisions/0015-what-a-menu-shows.md`.
    """
    due = [item for item in shared if releases[item] == number]
    return sorted(sorted(due, key=lambda item: ranks[item])[:MOST_SHOWN])


def next_reveal_from(last: datetime | None, weeks: int) -> datetime | None:
    """When the next reveal may be; None when it may be at any time."""
    return None if last is None else last + timedelta(weeks=weeks)


def shown_until(now: datetime, days: tuple[float, float], random: Random) -> datetime:
    """When a list goes away by itself: at a moment nobody can foresee, so that one taken back looks the same."""
    return now + timedelta(milliseconds=round(random.uniform(*days) * 86_400_000))
