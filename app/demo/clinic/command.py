"""`rekindle demo --clinic`: makes the invented year once, serves it, and says what is planted in it and where to look."""

from datetime import datetime
from typing import Final

from fastapi import FastAPI

from app.demo.clinic.hand import Hand
from app.demo.clinic.truths import YEAR
from app.demo.clinic.writing import Writer
from app.demo.clinic.year import invent
from app.demo.run import Making
from app.demo.seed import TurnedClock


def _write(app: FastAPI, key: str, clock: TurnedClock, start: datetime) -> int:
    year = invent(YEAR)
    Writer(Hand(app.state.runtime, clock, key), year, start).write()
    return len(year.pairs)


THE_YEAR: Final = Making("200 invented couples and a year of their care", "a minute", YEAR.weeks, _write)
