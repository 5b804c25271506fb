"""Rows that the database spells are, byte for byte, those that the formats spell."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Double, literal, select

from app.access.permissions import MACHINE
from app.core.database import Compartment, Reach
from app.core.ids import encode
from app.core.schemas import wire_moment
from app.core.snapshots import NumberText, spelled_number
from app.exports import straight
from app.exports.engine import Part, stream, write_tables
from app.exports.formats import formats
from app.exports.reading import Reading
from app.exports.straight import Lines
from app.exports.table import Row
from app.exports.tables import tables
from app.measures.models import Administration, Score
from tests.conftest import Caller, Clinic
from tests.exports.kept import Kept
from tests.exports.snapshots import reading
from tests.measures.records import administer, couple, totals

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
REASONS = (None, None, None, "no_activity", "declined", "not_asked", "skipped", "too_few_answers", "inactive_or_partial")
STRAIGHT = [table for table in tables().values() if table.straight is not None]
LAID_OUT = [form for form in formats().values() if form.layout is not None]


def chance_of_a_test() -> Random:
    """The same draws whatever was drawn by tests before, so that what fails fails again."""
    return Random(20261129)  # noqa: S311 - made-up scores, not secrets


def drawn_value(chance: Random) -> float:
    """A number of any size up to 2^53, from where on PostgreSQL may spell one more digit; whole and short ones more often."""
    some = (
        float(chance.randint(-50, 400)),
        chance.uniform(-1, 60),
        chance.choice((0.0, -0.0, 1e15, 8.5e15, -1e15, 1e-4, 1e-5, 5e-324)),
        round(chance.uniform(0, 36), 1),
        chance.uniform(1e14, 9e15),
    )
    return chance.choice(some)


def write_scores(clinic: Clinic, therapist: Caller) -> None:
    """Two couples, a correction, and scores with every reason and all kinds of numbers."""
    chance = chance_of_a_test()
    pairs = [couple(therapist, str(number)) for number in (1, 2)]
    first = administer(therapist, pairs[0], totals(20)).json()
    administer(therapist, pairs[0], totals(21), supersedes=first["id"])
    for pair in pairs:
        administer(therapist, pair, totals(12), slot=1)
    with clinic.at_desk() as (session, _vault):
        session.info["reach"] = Reach(clinic.id, MACHINE)
        for given_one in session.scalars(select(Administration)).all():
            for number in range(60):
                reason = chance.choice(REASONS)
                session.add(
                    Score(
                        couple_id=given_one.couple_id,
                        partner_id=given_one.partner_id,
                        compartment=given_one.compartment,
                        administration_id=given_one.id,
                        measure_code=chance.choice(("gmsex", "rekindle_pulse")),
                        scale=f"scale_{number % 3}",
                        answered_at=EPOCH + timedelta(milliseconds=chance.randrange(-(10**12), 10**12)),
                        value=None if chance.random() < 0.1 else drawn_value(chance),
                        reason=reason,
                        prorated=chance.random() < 0.5,
                        standard_error=None if chance.random() < 0.7 else drawn_value(chance),
                    )
                )


def spelled_by_formats(found: Reading, table: str, form: str) -> bytes:
    """The whole table as its format writes it."""
    return b"".join(formats()[form].write(tables()[table], tables()[table].read(found)))


@pytest.mark.parametrize("form", [form.code for form in LAID_OUT])
def test_the_database_spells_the_bytes_that_the_format_spells(clinic: Clinic, therapist: Caller, form: str) -> None:
    write_scores(clinic, therapist)
    with reading(clinic) as found:
        for table in STRAIGHT:
            slow = spelled_by_formats(found, table.name, form)
            assert b"".join(stream(found, table, formats()[form])) == slow
            assert slow.count(b"\n") > 180


def test_nothing_beyond_the_reader_is_spelled(clinic: Clinic, therapist: Caller) -> None:
    write_scores(clinic, therapist)
    with reading(clinic) as found:
        ids = [one for page in found.couples() for one in page]
    released = {"measures": {"individual_a": {ids[0]}}}
    narrowed: tuple[dict[str, Any], ...] = (
        {"released": released},
        {"since": frozenset({ids[1]})},
        {"since": frozenset()},
        {"released": {}},
    )
    for about in narrowed:
        with reading(clinic, **about) as found:
            assert b"".join(stream(found, tables()["scores"], formats()["csv"])) == spelled_by_formats(found, "scores", "csv")


def test_a_reach_that_ends_before_the_rows_ends_before_them_here_too(clinic: Clinic, therapist: Caller) -> None:
    write_scores(clinic, therapist)
    with reading(clinic) as found:
        session = found.work.session
        everything = b"".join(stream(found, tables()["scores"], formats()["csv"]))
        with session.reaching(frozenset({Compartment.INDIVIDUAL_A})):
            mine = b"".join(stream(found, tables()["scores"], formats()["csv"]))
            assert mine == spelled_by_formats(found, "scores", "csv")
        with session.reaching(frozenset()):
            assert b"".join(stream(found, tables()["scores"], formats()["csv"])).count(b"\n") == 1
    assert 1 < mine.count(b"\n") < everything.count(b"\n")


def test_a_table_that_reads_otherwise_is_not_spelled_by_the_database(clinic: Clinic, therapist: Caller) -> None:
    write_scores(clinic, therapist)
    seen = 0

    def counted(found: Reading) -> Iterator[Sequence[Row]]:
        nonlocal seen
        for page in tables()["scores"].read(found):
            seen += len(page)
            yield page

    with reading(clinic) as found:
        told = b"".join(stream(found, replace(tables()["scores"], read=counted), formats()["csv"]))
    assert seen == told.count(b"\n") - 1 > 180


def test_parts_are_cut_at_the_same_rows(clinic: Clinic, therapist: Caller) -> None:
    write_scores(clinic, therapist)
    with reading(clinic) as found:
        for rows in (1_000_000, 100, 7):
            sink = Kept()
            parts: list[Part] = list(write_tables(found, [tables()["scores"]], LAID_OUT, sink, rows))
            for form in LAID_OUT:
                own = [part for part in parts if part.format == form.code]
                head = form.header(tables()["scores"]) if form.header else b""
                assert all(part.rows == rows for part in own[:-1])
                assert all(sink.files[part.name].startswith(head) for part in own)
                told = b"".join(sink.files[part.name].removeprefix(head) for part in own)
                assert head + told == spelled_by_formats(found, "scores", form.code)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_a_number_reads_back_as_itself(values: list[float]) -> None:
    assert [float(spelled_number(value)) for value in values] == values


def test_the_database_spells_numbers_the_same(clinic: Clinic) -> None:
    chance = chance_of_a_test()
    values = [drawn_value(chance) for _ in range(500)]
    values += [struct.unpack(">d", chance.randbytes(8))[0] for _ in range(500)]
    values = [value for value in values if abs(value) < 2**53]
    with reading(clinic) as found:
        spelled = found.work.session.execute(select(*(NumberText(literal(value, Double())) for value in values))).one()
    assert list(spelled) == [spelled_number(value) for value in values]


@given(st.lists(st.uuids(), min_size=1), st.lists(st.integers(-(10**14), 10**14), min_size=1))
def test_ids_and_moments_are_spelled_as_the_wire_spells_them(ids: list[UUID], microseconds: list[int]) -> None:
    raw = np.frombuffer(b"".join(one.bytes for one in ids), np.uint8).reshape(-1, 16)
    spelled = straight.letters(raw)
    assert [bytes(one).decode() for one in spelled] == [encode("cpl", one).removeprefix("cpl_") for one in ids]
    sent = np.frombuffer(b"".join(struct.pack(">q", one) for one in microseconds), np.uint8).reshape(-1, 8)
    told = [wire_moment(EPOCH + timedelta(microseconds=one)) for one in microseconds]
    assert [bytes(one).decode() for one in straight.moments(sent)] == told


def test_lines_are_cut_where_they_end() -> None:
    lines = Lines(3, b"a\nb\nc\n")
    assert lines.cut(2) == (Lines(2, b"a\nb\n"), Lines(1, b"c\n"))
    assert lines.cut(3) == lines.cut(9) == (lines, Lines(0, b""))
