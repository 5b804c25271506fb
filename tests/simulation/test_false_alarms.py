"""How often change is found where there is none, and where there is; simulated, by `pytest -m simulation -n 0 -s`."""

from collections.abc import Callable, Sequence
from functools import cache

import pytest

from app.clinical.change import Change, two_in_a_row
from tests.simulation.people import CLINICAL_MEAN, FUNCTIONAL_MEAN, NORMS, Course, changes, observed

pytestmark = [pytest.mark.simulation, pytest.mark.timeout(600)]

PEOPLE, LOOKS = 20_000, 12
Tell = Callable[[str], None]


@cache
def nothing_happens() -> list[list[Change]]:
    """Looks at people whose true scores never move."""
    return changes(observed(Course(PEOPLE, LOOKS)))


def share(people: Sequence[Sequence[Change]], alarmed: Callable[[Sequence[str]], bool]) -> float:
    """In percent, of whom it is true."""
    return 100 * sum(alarmed([look.change_class for look in looks]) for looks in people) / len(people)


def test_one_look_without_change_says_deteriorated_in_a_fortieth(tell: Tell) -> None:
    looks = [look for person in nothing_happens() for look in person]
    worse = 100 * sum(look.change_class == "deteriorated" for look in looks) / len(looks)
    better = 100 * sum(look.change_class in {"improved", "recovered"} for look in looks) / len(looks)
    tell(f"no change, per look: deteriorated {worse:.2f} %, improved {better:.2f} % (by design 2.5 % each)")
    assert worse == pytest.approx(2.5, abs=0.5)
    assert better == pytest.approx(2.5, abs=0.5)


@pytest.mark.parametrize(("looks", "expected"), [(1, 2.5), (3, 6.3), (6, 10.4), (12, 16.0)])
def test_every_further_look_adds_false_alarms(looks: int, expected: float, tell: Tell) -> None:
    """The figures are those of facts 1.8.3, found there by another simulation."""
    found = share(nothing_happens(), lambda classes: "deteriorated" in classes[:looks])
    tell(f"no change, {looks} looks: at least one 'deteriorated' in {found:.1f} % (expected {expected} %)")
    assert found == pytest.approx(expected, abs=0.8)


def test_two_in_a_row_keeps_false_alarms_rare_over_twelve_looks(tell: Tell) -> None:
    once = share(nothing_happens(), lambda classes: "deteriorated" in classes)
    twice = share(nothing_happens(), ever_twice)
    tell(f"no change, 12 looks: one look alone alarms {once:.1f} %, two in a row {twice:.1f} %")
    assert 0 < twice < once / 2


def ever_twice(classes: Sequence[str]) -> bool:
    """Whether the alarm rang after any look."""
    return any(two_in_a_row(list(classes[:seen])) for seen in range(2, len(classes) + 1))  # type: ignore[arg-type]


def test_those_who_began_badly_improve_by_regression_to_the_mean_alone(tell: Tell) -> None:
    scores = observed(Course(100_000, 1))
    low = scores[scores[:, 0] <= CLINICAL_MEAN - NORMS.sd]
    found = changes(low)
    better = share(found, lambda classes: classes[0] in {"improved", "recovered"})
    worse = share(found, lambda classes: classes[0] == "deteriorated")
    gained = float((low[:, 1] - low[:, 0]).mean())
    tell(f"no change, a SD worse at intake: gain {gained:.2f}, improved {better:.1f} %, deteriorated {worse:.1f} %")
    assert gained == pytest.approx(1.2, abs=0.1)
    assert better == pytest.approx(5.3, abs=0.6)
    assert worse == pytest.approx(0.9, abs=0.3)


def test_a_recovery_is_found(tell: Tell) -> None:
    """True scores rise from the clinical to the functional mean over twelve looks."""
    recovering = changes(observed(Course(PEOPLE, LOOKS, (FUNCTIONAL_MEAN - CLINICAL_MEAN) / LOOKS)))
    found = share(recovering, lambda classes: classes[-1] in {"improved", "recovered"})
    recovered = share(recovering, lambda classes: classes[-1] == "recovered")
    worse = share(recovering, ever_twice)
    tell(
        f"a true gain of 11.3 points: reliable at the end in {found:.1f} %, recovered {recovered:.1f} %, alarmed {worse:.2f} %"
    )
    # A true gain of 11.3 with S_diff 3.248 passes 6.366 in Phi((11.3 - 6.366) / 3.248) = 93.6 %.
    assert found == pytest.approx(93.6, abs=1.0)
    assert worse < 1
