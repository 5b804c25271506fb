"""However couples agree and take it back, between any two exports nobody comes or goes alone."""

from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from app.exports.deidentified.cohort import Cohort, Draw, next_cohort

K = 5
BOTH, ONE = frozenset({"individual_a", "individual_b"}), frozenset({"individual_a"})
COUPLES = [UUID(int=number) for number in range(60)]
AGREED = st.dictionaries(st.sampled_from(COUPLES), st.sampled_from([BOTH, ONE]))
STEPS = st.lists(
    st.tuples(st.sets(st.sampled_from(COUPLES), max_size=20), st.sets(st.sampled_from(COUPLES), max_size=20)),
    min_size=1,
    max_size=8,
)


def drawing(seed: int) -> Draw:
    """Chance that can be had again."""
    return Random(seed).sample  # noqa: S311 - a test


def history(steps: list[tuple[set[UUID], set[UUID]]], seed: int) -> list[tuple[dict[UUID, frozenset[str]], Cohort]]:
    """After each step who agrees, and the cohort; the first set of a step says yes, the second takes it back."""
    agreed: dict[UUID, frozenset[str]] = {}
    cohort, told, draw = Cohort(), [], drawing(seed)
    for yes, no in steps:
        agreed = {one: sides for one, sides in (agreed | dict.fromkeys(yes, BOTH)).items() if one not in no}
        cohort = next_cohort(cohort, agreed, K, draw)
        told.append((dict(agreed), cohort))
    return told


@given(STEPS, st.integers(0, 1000))
@settings(max_examples=150)
def test_between_any_two_exports_nobody_comes_or_goes_alone(steps: list[tuple[set[UUID], set[UUID]]], seed: int) -> None:
    cohorts = [set(cohort.members) for _, cohort in history(steps, seed)]
    for later, after in enumerate(cohorts):
        for before in cohorts[:later]:
            assert len(before - after) not in range(1, K)
            assert len(after - before) not in range(1, K)


@given(STEPS, st.integers(0, 1000))
@settings(max_examples=150)
def test_nobody_is_in_it_who_does_not_agree(steps: list[tuple[set[UUID], set[UUID]]], seed: int) -> None:
    for agreed, cohort in history(steps, seed):
        assert all(sides <= agreed.get(one, frozenset()) for one, sides in cohort.members.items())


def test_whoever_takes_it_back_goes_at_once_and_others_with_them() -> None:
    everyone = dict.fromkeys(COUPLES, BOTH)
    first = next_cohort(Cohort(), everyone, K, drawing(1))
    left = {one: sides for one, sides in everyone.items() if one != COUPLES[7]}
    second = next_cohort(first, left, K, drawing(1))
    assert COUPLES[7] not in second.members
    assert len(first.members) - len(second.members) == K
    third = next_cohort(second, left | dict.fromkeys([UUID(int=100 + n) for n in range(K)], BOTH), K, drawing(1))
    assert not second.out & third.members.keys()  # the one that stayed away would be known


def test_one_partner_who_takes_it_back_takes_the_couple_out_and_does_not_bring_the_other_in_alone() -> None:
    everyone = dict.fromkeys(COUPLES, BOTH)
    first = next_cohort(Cohort(), everyone, K, drawing(2))
    second = next_cohort(first, everyone | {COUPLES[3]: ONE}, K, drawing(2))
    assert COUPLES[3] not in second.members
