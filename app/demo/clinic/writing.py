"""Writes an invented year into an empty record, week by week."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np

from app.access.permissions import Permission
from app.couples.episodes import close_episode, open_episode, rate_concern
from app.couples.schemas import CoupleCreate, EpisodeClose, EpisodeCreate, RatingCreate
from app.couples.service import open_couple
from app.demo.clinic.answering import answers_to, pulse_of
from app.demo.clinic.cast import Pair
from app.demo.clinic.courses import Asked, Homework
from app.demo.clinic.hand import Hand
from app.demo.clinic.practising import Held, check_in, move_on, stop
from app.demo.clinic.year import Year
from app.measures.schemas import LARGEST_BATCH, BatchCreate
from app.measures.service import record_batch
from app.notes.schemas import NoteCreate, SignatureCreate
from app.notes.service import write_note
from app.notes.signatures import sign_note
from app.safety.consents import give_consent
from app.safety.schemas import ConsentCreate

RATED_IN: Final = (12, 24, -2)
"""Weeks in which concerns are weighed again; the last one counts from the end."""

HEAVY, LIGHT = 8, 3
"""What a concern weighs while it stands, and once it has eased."""


DATA_SHARING: Final = ConsentCreate(kind="data_sharing", text_version="invented-1", language="en")


def shares_data(pair: Pair) -> int:
    """How many of the two agree that their data are shared without their names; in nine couples of ten both do."""
    return 2 if pair.number % 10 != 9 else pair.number // 10 % 2


class Writer:
    """Brings a year into the record that a hand reaches; the first week begins at `start`."""

    def __init__(self, hand: Hand, year: Year, start: datetime) -> None:
        self._hand, self._year, self._start = hand, year, start
        self._held: list[Held] = []
        self._asked: defaultdict[int, list[Asked]] = defaultdict(list)
        for one in year.asked:
            self._asked[one.week].append(one)

    def write(self) -> None:
        """Every week from intake to the end of the year."""
        for week in range(self._year.setting.weeks):
            with self._hand.week():
                self._turn(week)
                self._week(week)

    def _turn(self, week: int, **more: float) -> None:
        """Sets the clock within a week; it never goes back."""
        clock = self._hand.clock
        clock.moment = max(clock.moment, self._start + timedelta(weeks=week, **more))

    def _week(self, week: int) -> None:
        if week == 0:
            self._held = [self._open(pair) for pair in self._year.pairs]
        for held in self._held:
            if held.pair.leaves_in == week:
                self._leave(held)
        for held in self._in_care(week):
            if (minutes := self._year.visits[held.pair.number].get(week)) is not None:
                self._visit(held, minutes)
        self._turn(week, hours=2)
        self._answer(week)
        for held, homework in self._practising(week):
            move_on(self._hand, held, homework, week)
        for day in range(7):
            self._turn(week, days=day, hours=12)
            for held, homework in self._practising(week):
                check_in(self._hand, held, homework, week, day)
        for held in self._in_care(week) if {week, week - self._year.setting.weeks} & set(RATED_IN) else ():
            self._rate(held, week)

    def _in_care(self, week: int) -> Iterator[Held]:
        return (held for held in self._held if self._year.is_there(held.pair, week))

    def _practising(self, week: int) -> Iterator[tuple[Held, Homework]]:
        for held in self._in_care(week):
            homework = self._year.homework[held.pair.number]
            if homework is not None and homework.windows:
                yield held, homework

    def _open(self, pair: Pair) -> Held:
        partners = {
            f"partner_{slot}": {"record_number": f"{pair.label}-{slot}", "name": f"Invented {slot.upper()} {pair.number}"}
            for slot in "ab"
        }
        made = self._hand.do(
            Permission.COUPLES_WRITE,
            open_couple,
            CoupleCreate.model_validate({"external_id": pair.label, "time_zone": "UTC", **partners}),
        )
        a, b = (partner.id for partner in made.partners)
        for partner in (a, b)[: shares_data(pair)]:
            self._hand.do(Permission.CONSENTS_WRITE, give_consent, made.id, partner, DATA_SHARING)
        ratings = [{"partner_id": partner, "severity": HEAVY, "distressed": True} for partner in (a, b)]
        episode = self._hand.do(
            Permission.COUPLES_WRITE,
            open_episode,
            made.id,
            EpisodeCreate.model_validate(
                {
                    "primary_concern": {"code": pair.concern, "ratings": ratings},
                    "other_concerns": [{"code": "relationship_distress", "ratings": ratings}],
                }
            ),
        )
        primary, downstream = (concern.id for concern in episode.concerns)
        return Held(pair, made.id, (a, b), episode.id, (primary, downstream))

    def _leave(self, held: Held) -> None:
        stop(self._hand, held, self._year.homework[held.pair.number])
        ended = EpisodeClose.model_validate({"reason": held.pair.leaves_as})
        self._hand.do(Permission.COUPLES_WRITE, close_episode, held.id, held.episode, ended)

    def _visit(self, held: Held, minutes: dict[str, int]) -> None:
        ended = self._hand.clock.moment
        note = self._hand.do(
            Permission.NOTES_WRITE,
            write_note,
            held.id,
            NoteCreate.model_validate(
                {
                    "about": "couple",
                    "held_on": ended.date(),
                    "started_at": ended - timedelta(minutes=50),
                    "ended_at": ended,
                    "format": "free",
                    "sections": {"text": "An invented hour."},
                    "attendance": {"partner_a": "present", "partner_b": "present"},
                    "minutes_by_topic": minutes,
                }
            ),
        )
        self._hand.do(Permission.NOTES_WRITE, sign_note, held.id, note.id, SignatureCreate(version=note.version))

    def _answer(self, week: int) -> None:
        items = [*self._pulses(week), *(self._questionnaire(asked) for asked in self._asked[week])]
        for first in range(0, len(items), LARGEST_BATCH):
            some = BatchCreate.model_validate({"items": items[first : first + LARGEST_BATCH]})
            self._hand.do(Permission.ADMINISTRATIONS_WRITE, record_batch, some)

    def _pulses(self, week: int) -> Iterator[dict[str, Any]]:
        answers, answered = self._year.pulses.answers, self._year.pulses.answered
        for held in self._in_care(week):
            for partner in np.flatnonzero(answered[held.pair.number, :, week]):
                pulse = pulse_of(answers[held.pair.number, partner, week].tolist())
                yield self._item(held, int(partner), "rekindle_pulse", week) | {"answers": pulse}

    def _questionnaire(self, asked: Asked) -> dict[str, Any]:
        return self._item(self._held[asked.couple], asked.partner, asked.measure, asked.week) | answers_to(asked)

    def _rate(self, held: Held, week: int) -> None:
        """What the primary concern and the downstream one weigh by now: less where they have eased, and only there."""
        if held.plan is None:
            return
        for concern, eased_in in zip(held.concerns, (held.pair.improves_in, held.pair.follows_in), strict=True):
            for partner, eased in zip(held.partners, eased_in, strict=True):
                severity = LIGHT if eased is not None and eased <= week else HEAVY
                rated = RatingCreate.model_validate(
                    {"partner_id": partner, "severity": severity, "distressed": severity == HEAVY}
                )
                self._hand.do(Permission.COUPLES_WRITE, rate_concern, held.id, concern, rated)

    def _item(self, held: Held, partner: int, measure: str, week: int) -> dict[str, Any]:
        return {
            "couple_id": held.id,
            "partner_id": held.partners[partner],
            "measure": measure,
            "answered_at": self._start + timedelta(weeks=week, hours=1),
            "external_id": f"{held.pair.label}-{'ab'[partner]}-{measure}-{week}",
        }
