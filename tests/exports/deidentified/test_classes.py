"""Whatever couples there are, no class is smaller than k, and what is told of a couple is true of it."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from app.exports.deidentified.classes import Ladder, classify
from app.exports.deidentified.traits import NAMES, Traits, ladders_of

CONCERNS = st.sampled_from(["desire_discrepancy", "performance_anxiety", "vaginismus"])
TRAITS = st.builds(
    Traits,
    concern=CONCERNS,
    protocol=st.sampled_from([None, "sensate_focus", "graded_dilator"]),
    close_reason=st.sampled_from([None, "completed", "lost_contact"]),
    days_in_care=st.integers(0, 900),
    measures=st.tuples(*[st.sampled_from([frozenset(), frozenset({"fsfi"}), frozenset({"iief15"})])] * 2),
)
RECORDS = st.lists(TRAITS, max_size=120).map(
    lambda those: {number: ladders_of(one, both=True) for number, one in enumerate(those)}
)


@given(RECORDS, st.integers(2, 12))
def test_no_class_is_smaller_than_k(couples: dict[int, tuple[Ladder, ...]], k: int) -> None:
    found = classify(couples, k)
    assert found.told.keys() | found.left_out == couples.keys()
    assert not found.told.keys() & found.left_out
    assert all(size >= k for size in found.sizes)


@given(RECORDS, st.integers(2, 12))
def test_whoever_knows_all_traits_of_a_couple_finds_k_that_fit_or_none(couples: dict[int, tuple[Ladder, ...]], k: int) -> None:
    found = classify(couples, k)
    for known in couples.values():
        fitting = [
            one
            for one, words in found.told.items()
            if all(word is None or word in own for word, own in zip(words, known, strict=True))
        ]
        assert not fitting or len(fitting) >= k


@given(RECORDS, st.integers(2, 12))
def test_what_is_told_of_a_couple_is_true(couples: dict[int, tuple[Ladder, ...]], k: int) -> None:
    for one, words in classify(couples, k).told.items():
        assert len(words) == len(NAMES)
        assert all(word is None or word in ladder for word, ladder in zip(words, couples[one], strict=True))


@given(RECORDS)
def test_where_one_is_enough_everything_is_told(couples: dict[int, tuple[Ladder, ...]]) -> None:
    found = classify(couples, 1)
    assert found.told == {one: tuple(ladder[0] for ladder in ladders) for one, ladders in couples.items()}


def test_a_few_rare_ones_cost_the_many_nothing() -> None:
    couples = dict.fromkeys(range(100), (("common",),)) | dict.fromkeys(range(100, 103), (("rare",),))
    found = classify(couples, 11)
    assert Counter(found.told.values()) == {("common",): 100}
    assert len(found.left_out) == 3


def test_what_is_rare_is_told_a_rung_coarser() -> None:
    kinds = {"completed": 20, "moved": 6, "lost_contact": 6}
    couples = {(kind, number): ((kind, "ended"),) for kind, count in kinds.items() for number in range(count)}
    assert Counter(classify(couples, 11).told.values()) == {("completed",): 20, ("ended",): 12}
