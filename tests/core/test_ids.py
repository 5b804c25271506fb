"""Ids: sortable, opaque, refused when mistyped."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.ids import ALPHABET, decode, encode, new_id

UUIDS = st.integers(0, 2**128 - 1).map(lambda number: UUID(int=number))
PREFIXES = st.sampled_from(["cpl", "prt", "nte", "req"])


@given(PREFIXES, UUIDS)
def test_an_id_comes_back_from_its_text(prefix: str, value: UUID) -> None:
    assert decode(prefix, encode(prefix, value)) == value
    assert decode(prefix, value) == value


@given(UUIDS, UUIDS)
def test_texts_sort_as_their_ids_do(one: UUID, other: UUID) -> None:
    assert (encode("cpl", one) < encode("cpl", other)) == (one < other)


def test_new_ids_are_of_version_7_and_each_is_larger_than_the_one_before() -> None:
    made = [new_id() for _ in range(20_000)]
    assert made == sorted(set(made))
    assert {(value.version, value.variant) for value in made} == {(7, "specified in RFC 4122")}


@given(PREFIXES, UUIDS, st.integers(0, 29), st.characters())
def test_a_changed_letter_is_another_id_or_none(prefix: str, value: UUID, place: int, letter: str) -> None:
    text = encode(prefix, value)
    changed = text[:place] + letter + text[place + 1 :]
    try:
        found = decode(prefix, changed)
    except ValueError:
        return
    assert (found == value) == (changed == text)
    assert letter in ALPHABET or changed == text


@pytest.mark.parametrize(
    "odd", ["", "cpl", "cpl_", "CPL_01jeenwv00e008000000000001", "cpl_01JEENWV00E008000000000001", 7, None]
)
def test_what_is_no_id_is_refused_without_being_repeated(odd: object) -> None:
    with pytest.raises(ValueError, match="an id of this kind") as refused:
        decode("cpl", odd)
    assert len(str(odd)) < 5 or str(odd) not in str(refused.value)


@given(PREFIXES, PREFIXES, UUIDS)
def test_an_id_of_another_kind_is_refused(prefix: str, other: str, value: UUID) -> None:
    if prefix != other:
        with pytest.raises(ValueError, match="starts with"):
            decode(other, encode(prefix, value))
