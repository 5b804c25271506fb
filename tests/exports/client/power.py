"""Power cuts: the program ends just before it would touch its folder for the n-th time."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

TOUCHES: Final = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir"})
_WATCH: dict[str, int] = {}  # touches that a folder may still see; a hook can be set, and never be taken away


class StoppedError(BaseException):
    """The end, as far as the program can tell."""


def _watch(event: str, told: tuple[Any, ...]) -> None:
    if not _WATCH or event not in TOUCHES or not isinstance(told[0], str | os.PathLike):
        return
    for folder, left in _WATCH.items():
        if Path(told[0]).is_relative_to(folder):
            _WATCH[folder] = left - 1
            if left <= 0:
                raise StoppedError


sys.addaudithook(_watch)


@contextmanager
def stopped_at(touch: int, folder: Path) -> Iterator[None]:
    """Ends what the block does at a touch of the folder, if it comes to so many; from then on nothing touches it."""
    _WATCH[str(folder)] = touch
    try:
        yield
    except StoppedError:
        pass
    finally:
        _WATCH.clear()
