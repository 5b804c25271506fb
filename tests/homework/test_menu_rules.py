"""What a menu shows, and that nothing follows from what it does not: computed exactly over every possible draw."""

from collections import Counter
from fractions import Fraction
from itertools import permutations, product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.clinical.menu import MENU, MENU_BY_CODE, Reply
from app.errors import InvalidError
from app.homework import menu_rules
from app.homework.menu_rules import (
    LARGEST_RATIO,
    NEVER,
    check_items_known,
    check_own_items,
    overlaps,
    plain,
    rank,
    release_round,
    shown_of,
    shown_until,
)
from tests.conftest import Wristwatch

ITEMS = ("x", "y", "z")
CHANCE = {NEVER: Fraction(5, 8), 1: Fraction(1, 4), 2: Fraction(1, 8)}  # later reveals than the second show in neither
REPLIES: tuple[Reply | None, ...] = ("yes", "maybe", "no", None)
Sheet = dict[str, Reply]
History = tuple[tuple[str, ...], ...]


def sheets() -> st.SearchStrategy[Sheet]:
    """Any answers, with items left open."""
    drawn = st.fixed_dictionaries({item: st.sampled_from(REPLIES) for item in ITEMS})
    return drawn.map(lambda sheet: {item: reply for item, reply in sheet.items() if reply is not None})


def histories(mine: list[Sheet], theirs: list[Sheet]) -> dict[History, Fraction]:
    """How likely each course of two reveals is, over every draw of releases and of the secret order."""
    found: Counter[History] = Counter()
    orders = list(permutations(ITEMS))
    for draw in product(CHANCE, repeat=len(ITEMS)):
        chance = Fraction(1)
        for release in draw:
            chance *= CHANCE[release]
        releases = dict(zip(ITEMS, draw, strict=True))
        for order in orders:
            ranks = {item: bytes([place]) for place, item in enumerate(order)}
            shown = (
                shown_of(overlaps(a, b), number, releases, ranks)
                for number, (a, b) in enumerate(zip(mine, theirs, strict=True), 1)
            )
            found[tuple(tuple(items) for items in shown)] += chance / len(orders)  # type: ignore[assignment]  # Fractions count too
    return dict(found)  # type: ignore[arg-type]  # and stay Fractions


@pytest.mark.parametrize("most", [1, 2, 5])
@settings(max_examples=25)
@given(st.lists(sheets(), min_size=2, max_size=2), st.lists(sheets(), min_size=2, max_size=2), st.data())
def test_a_no_and_a_yes_differ_by_the_stated_ratio_at_most(
    most: int, mine: list[Sheet], theirs: list[Sheet], data: st.DataObject
) -> None:
    before, menu_rules.MOST_SHOWN = menu_rules.MOST_SHOWN, most  # type: ignore[misc]  # three items never fill five places
    try:
        said = data.draw(st.lists(st.sampled_from(REPLIES), min_size=2, max_size=2))
        refused = [sheet | {"x": "no"} for sheet in theirs]
        other = [
            {**sheet, "x": reply} if reply else {k: v for k, v in sheet.items() if k != "x"}
            for sheet, reply in zip(theirs, said, strict=True)
        ]
        with_no, with_other = histories(mine, refused), histories(mine, other)
    finally:
        menu_rules.MOST_SHOWN = before  # type: ignore[misc]  # as it was
    unseen = {course for course in with_no | with_other if not any("x" in shown for shown in course)}
    for course in unseen:
        assert 1 <= with_no[course] / with_other[course] <= LARGEST_RATIO


def test_the_bound_is_not_idle_and_without_the_draw_it_would_break(monkeypatch: pytest.MonkeyPatch) -> None:
    everything: list[Sheet] = [{"x": "yes"}, {"x": "yes"}]
    refused: list[Sheet] = [{"x": "no"}, {"x": "no"}]
    unseen: History = ((), ())
    assert histories(everything, refused)[unseen] / histories(everything, everything)[unseen] == Fraction(8, 5)
    certain = {NEVER: Fraction(0), 1: Fraction(1), 2: Fraction(0)}
    monkeypatch.setattr("tests.homework.test_menu_rules.CHANCE", certain)
    assert histories(everything, refused)[unseen] == 1
    assert histories(everything, everything)[unseen] == 0


def test_what_is_shown_once_says_nothing_about_answers_at_other_times() -> None:
    mine: list[Sheet] = [{"x": "yes"}, {"x": "yes"}]
    steady = histories(mine, [{"x": "yes"}, {"x": "yes"}])
    turned_away = histories(mine, [{"x": "yes"}, {"x": "no"}])
    came_round = histories(mine, [{"x": "no"}, {"x": "maybe"}])
    assert turned_away[("x",), ()] == steady[("x",), ()] == Fraction(1, 4)
    assert came_round[(), ("x",)] == steady[(), ("x",)] == Fraction(1, 8)


def test_an_item_belongs_to_one_reveal_and_half_of_all_to_none() -> None:
    random = Random(7)  # noqa: S311 - the same seeds at every run
    seeds = [random.randbytes(32) for _ in range(8_000)]
    counted = Counter(release_round(seed, "long_hug") for seed in seeds)
    for release, chance in ((NEVER, 1 / 2), (1, 1 / 4), (2, 1 / 8), (3, 1 / 16)):
        assert counted[release] / len(seeds) == pytest.approx(chance, abs=0.02)
    joint = Counter((release_round(seed, "long_hug") == NEVER, release_round(seed, "toys") == NEVER) for seed in seeds)
    assert all(count / len(seeds) == pytest.approx(1 / 4, abs=0.02) for count in joint.values())


@given(st.binary(min_size=32, max_size=32), st.sampled_from(sorted(MENU_BY_CODE)))
def test_a_draw_is_the_same_for_ever_and_the_order_is_another_draw(seed: bytes, item: str) -> None:
    assert release_round(seed, item) == release_round(seed, item)
    assert rank(seed, item) == rank(seed, item) != rank(seed, item + "_")


def test_only_what_both_answered_with_yes_or_maybe_overlaps() -> None:
    for one, other in product(REPLIES, repeat=2):
        mine: Sheet = {"x": one} if one else {}
        theirs: Sheet = {"x": other} if other else {}
        assert overlaps(mine, theirs) == (["x"] if {one, other} <= {"yes", "maybe"} else [])


def test_at_most_five_are_shown_and_their_order_is_that_of_the_codes() -> None:
    codes = sorted(MENU_BY_CODE)
    ranks = {code: bytes([255 - place]) for place, code in enumerate(codes)}
    assert shown_of(reversed(codes), 1, dict.fromkeys(codes, 1), ranks) == codes[-5:]
    assert shown_of(codes, 2, dict.fromkeys(codes, 1), ranks) == []


def test_answers_to_what_is_not_on_the_menu_and_the_same_wish_twice_are_refused() -> None:
    check_items_known(["x"], ITEMS)
    with pytest.raises(InvalidError) as unknown:
        check_items_known(["x", "w"], ITEMS)
    check_own_items(["A walk", "A talk"])
    with pytest.raises(InvalidError) as twice:
        check_own_items(["A walk.", "B", "a  WALK"])
    assert [error.value.faults[0].pointer for error in (unknown, twice)] == ["/answers", "/own_items/2"]
    assert plain("A  walk, outside!") == "a walk outside"


def test_the_menu_has_no_item_twice_and_every_group() -> None:
    assert len(MENU_BY_CODE) == len(MENU) == len({plain(item.text) for item in MENU})
    assert {item.group for item in MENU} == {"affectionate", "sensual", "erotic", "talk"}


def test_a_list_goes_away_at_a_moment_within_the_days_given(clock: Wristwatch) -> None:
    now, random = clock(), Random(1)  # noqa: S311 - nothing secret
    ends = {shown_until(now, (14, 42), random) for _ in range(50)}
    assert len(ends) == 50
    assert all(14 <= (end - now).total_seconds() / 86_400 <= 42 for end in ends)
