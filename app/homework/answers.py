"""What partners answered, put together from the compartments this caller reaches, in a fixed number of queries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.clinical.check_ins import CheckIn as Said
from app.clinical.check_ins import LogValue
from app.core.crypto import Owner
from app.core.database import Compartment
from app.homework.models import CheckIn, PrivateAnswer
from app.homework.schemas import CheckInCreate
from app.safety.models import SafetySignal

SOURCE: Final = "check_in"
# What a partner answered, to somebody who may know only whether the exercise was done.
SUMMARY: Final[Mapping[str, Any]] = MappingProxyType(
    {"mood_before": None, "mood_after": None, "pain": None, "obstacles": [], "note": None, "log": {}}
)


@dataclass(frozen=True)
class Answered:
    """One check-in as far as its reader may know it; what is out of reach is None."""

    row: CheckIn
    open: Mapping[str, Any]
    private: dict[str, Any] | None
    pressure: int | None
    forced: bool | None
    afraid: bool | None

    @property
    def willingness(self) -> int | None:
        """How willing before, 0-10."""
        return None if self.private is None else self.private["willingness"]

    @property
    def log(self) -> dict[str, LogValue]:
        """What the protocol logs, as far as it is within reach."""
        return {**self.open["log"], **({} if self.private is None else self.private["log"])}

    def said(self, zone: tzinfo, sequence: int) -> Said:
        """The check-in as the clinical rules read it."""
        return Said(
            occurred_on=self.row.occurred_at.astimezone(zone).date(),
            done=self.row.done,  # type: ignore[arg-type]  # checked when it came in
            log=self.log,
            willingness=self.willingness,
            pressure=self.pressure,
            mood_before=self.open["mood_before"],
            mood_after=self.open["mood_after"],
            pain=self.open["pain"],
            force=bool(self.forced),
            afraid=bool(self.afraid),
            sequence=sequence,
        )


def seal_answers(work: Work, row: CheckIn, body: CheckInCreate, private_fields: frozenset[str]) -> None:
    """Parts the answers: what the partner's own compartment holds, and what only the care team may see."""
    log: dict[str, dict[str, Any]] = {"open": {}, "private": {}}
    for code, value in body.log.items():
        log["private" if code in private_fields else "open"][code] = value
    ratings = {name: getattr(body, name) for name in ("mood_before", "mood_after", "pain", "obstacles", "note")}
    row.answers = work.vault.seal(row, "answers", ratings | {"log": log["open"]})
    private = PrivateAnswer(
        clinic_id=work.actor.clinic_id,
        couple_id=row.couple_id,
        check_in_id=row.id,
        partner_id=row.partner_id,
        compartment=Compartment.SAFETY,
    )
    hidden = {"willingness": body.willingness, "log": log["private"]}
    private.answers = work.vault.seal(private, "answers", hidden)
    work.session.add(row)
    work.session.flush()
    work.session.add(private)
    work.session.flush()


def read_answers(work: Work, rows: Sequence[CheckIn]) -> list[Answered]:
    """Check-ins, of whatever couples, with everything this caller may know of them; three queries for all."""
    ids, couple_ids = [row.id for row in rows], {row.couple_id for row in rows}
    work.vault.load_keys({(Owner.PARTNER, row.partner_id) for row in rows})
    found = select(PrivateAnswer).where(PrivateAnswer.couple_id.in_(couple_ids), PrivateAnswer.check_in_id.in_(ids))
    private = {row.check_in_id: work.vault.open(row, "answers", row.answers) for row in work.session.scalars(found)}
    pressures, told = _signals(work, couple_ids, ids)
    reach = work.session.reach
    return [
        Answered(
            row=row,
            open=work.vault.open(row, "answers", row.answers) if reach.holds_all_of(row) else SUMMARY,
            private=private.get(row.id),
            pressure=pressures.get(row.id),
            forced=("force", row.id) in told if work.sees_safety else None,
            afraid=("fear", row.id) in told if work.sees_safety else None,
        )
        for row in rows
    ]


def _signals(work: Work, couple_ids: Collection[UUID], ids: list[UUID]) -> tuple[dict[UUID, int | None], set[tuple[str, UUID]]]:
    signals = work.session.execute(
        select(SafetySignal.source_id, SafetySignal.kind, SafetySignal.value).where(
            SafetySignal.couple_id.in_(couple_ids), SafetySignal.source == SOURCE, SafetySignal.source_id.in_(ids)
        )
    ).all()
    pressures = {signal.source_id: signal.value for signal in signals if signal.kind == "pressure"}
    return pressures, {(signal.kind, signal.source_id) for signal in signals}
