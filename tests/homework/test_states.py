"""The table of states, tried by chance in every order."""

from itertools import product

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.homework.states import NOUNS, REASONS, TRANSITIONS, Move, MoveImpossibleError, Status, after, impossible

ENDS = {Status.COMPLETED, Status.STOPPED}
PROTECTED = {Status.DRAFT, Status.OFFERED}


class _PlanLife(RuleBasedStateMachine):
    """A plan that is pushed about; `gate` is whether its last way into running led through one."""

    def __init__(self) -> None:
        super().__init__()
        self.status = Status.DRAFT
        self.passed = [Status.DRAFT]
        self.gates = 0

    @rule(move=st.sampled_from(Move))
    def push(self, move: Move) -> None:
        if move not in TRANSITIONS[self.status]:
            with pytest.raises(MoveImpossibleError) as refused:
                after(self.status, move)
            assert all(NOUNS[possible] in refused.value.sentence for possible in TRANSITIONS[self.status])
            return
        self.status = after(self.status, move)
        self.gates += move in {Move.ACTIVATE, Move.RESUME}
        self.passed.append(self.status)

    @invariant()
    def nothing_runs_that_was_not_let_through_a_gate(self) -> None:
        assert self.status in PROTECTED | {Status.STOPPED} or self.gates

    @invariant()
    def what_has_ended_stays_ended(self) -> None:
        assert not ENDS & set(self.passed[:-1])

    @invariant()
    def every_pause_is_left_through_a_gate_or_for_good(self) -> None:
        for before, later in zip(self.passed, self.passed[1:], strict=False):
            assert before is not Status.PAUSED or later in {Status.ACTIVE, Status.STOPPED}


TestPlanLife = _PlanLife.TestCase
TestPlanLife.settings = settings(max_examples=100, stateful_step_count=30, derandomize=True, deadline=None)


@pytest.mark.parametrize(("status", "move"), list(product(Status, Move)))
def test_a_plan_moves_where_the_table_says_and_nowhere_else(status: Status, move: Move) -> None:
    if move in TRANSITIONS[status]:
        assert after(status, move) is TRANSITIONS[status][move]
    else:
        with pytest.raises(MoveImpossibleError, match="plan_move_impossible"):
            after(status, move)


def test_every_state_can_be_reached_and_every_open_plan_can_be_stopped() -> None:
    reached = {Status.DRAFT} | {to for moves in TRANSITIONS.values() for to in moves.values()}
    assert reached == set(Status) == set(TRANSITIONS)
    assert all(Move.STOP in moves for status, moves in TRANSITIONS.items() if status not in ENDS)
    assert all(Move.PAUSE in TRANSITIONS[status] for status in (Status.ACTIVE, Status.HELD))


def test_every_move_has_its_words() -> None:
    assert set(REASONS) == set(NOUNS) == set(Move)
    assert "Nothing follows" in impossible(Status.STOPPED)
