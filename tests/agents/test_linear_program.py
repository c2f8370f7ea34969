"""Small programs solved on paper, and whatever a solver may do instead of solving."""

import gc
import weakref
from collections.abc import Callable

import highspy
import numpy as np
import pytest

from agents import linear_program
from agents.linear_program import LinearProgram, Outcome


def quiet() -> None:
    """Hear nothing."""


def bread_and_milk() -> LinearProgram:
    """Cheapest food: bread (2 cents) has 1 of each nutrient, milk (3 cents) has 1 and 3."""
    program = LinearProgram()
    food = program.columns([2.0, 3.0], 0.0, np.inf)
    nutrients = program.rows([4.0, 6.0], np.inf)
    program.put(nutrients[:, None], food, [[1.0, 1.0], [1.0, 3.0]])
    return program


def solved(program: LinearProgram) -> Outcome:
    return program.solve(60.0, quiet)


def test_a_program_solved_on_paper() -> None:
    """Both rows bind: 3 loaves and 1 milk cost 9."""
    outcome = solved(bread_and_milk())
    assert (outcome.status, outcome.reason) == ("optimal", "")
    assert outcome.cost == pytest.approx(9.0)
    np.testing.assert_allclose(outcome.values, [3.0, 1.0])


def test_blocks_are_numbered_in_the_order_in_which_they_come() -> None:
    program = LinearProgram()
    first, second = program.columns(np.zeros((2, 3)), 0.0, 1.0), program.columns(1.0, 0.0, [1, 2])
    assert first.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert second.tolist() == [6, 7]
    assert program.rows(-np.inf, np.ones((2, 1))).tolist() == [[0], [1]]
    assert program.rows(0.0, 0.0).tolist() == 2
    assert (program.columns_count, program.rows_count) == (8, 3)


def test_a_place_that_is_filled_twice_is_refused() -> None:
    """The solver would have to guess whether the two add up."""
    program = bread_and_milk()
    program.put(np.array([0]), np.array([0]), 1.0)
    outcome = solved(program)
    assert (outcome.status, outcome.reason) == ("failed", "the solver refused the program")


def test_what_contradicts_itself_fails_in_the_solvers_words() -> None:
    program = bread_and_milk()
    program.put(program.rows(-np.inf, [1.0]), np.array([0]), 1.0)
    program.put(program.rows(-np.inf, [0.5]), np.array([1]), 1.0)
    outcome = solved(program)
    assert (outcome.status, outcome.reason) == ("failed", "Infeasible")
    assert outcome.values.size == 0
    assert np.isnan(outcome.cost)


def test_what_has_no_end_fails_in_the_solvers_words() -> None:
    program = LinearProgram()
    program.put(program.rows(0.0, [1.0]), program.columns([-1.0, 1.0], 0.0, np.inf), [1.0, -1.0])
    program.columns([-1.0], 0.0, np.inf)
    outcome = solved(program)
    assert outcome.status == "failed"
    assert "nbounded" in outcome.reason


def test_an_empty_program_fails_rather_than_raises() -> None:
    assert solved(LinearProgram()).status == "failed"


def large() -> LinearProgram:
    """More than can be solved in no time."""
    rng = np.random.default_rng(1)
    program = LinearProgram()
    columns = program.columns(rng.uniform(1.0, 2.0, 400), 0.0, 1.0)
    rows = program.rows(rng.uniform(20.0, 40.0, 300), np.inf)
    program.put(rows[:, None], columns, rng.uniform(0.0, 1.0, (300, 400)))
    return program


def test_a_solver_that_runs_out_of_time_says_so() -> None:
    outcome = large().solve(1e-9, quiet)
    assert (outcome.status, outcome.reason) == ("time limit", "the time is up")


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Make the solver say three times that it is still busy; lists what it was told."""
    told: list[str] = []

    class Slow(highspy.Highs):  # type: ignore[misc]
        def wait(self, timeout: float = -1.0) -> tuple[bool, highspy.HighsStatus | None]:
            found = super().wait(timeout)
            told.append("asked")
            return (False, None) if len(told) <= 3 else found

        def cancelSolve(self) -> None:  # noqa: N802, its name in highspy
            told.append("cancelled")
            super().cancelSolve()

    monkeypatch.setattr(linear_program.highspy, "Highs", Slow)
    return told


def test_somebody_hears_that_the_solver_is_at_work(slow: list[str]) -> None:
    heard: list[str] = []
    assert bread_and_milk().solve(60.0, lambda: heard.append("alive")).status == "optimal"
    assert heard == ["alive"] * 3
    assert "cancelled" not in slow


@pytest.mark.usefixtures("slow")
def test_a_person_can_stop_the_solver(slow: list[str]) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bread_and_milk().solve(60.0, stop)
    assert slow.count("cancelled") == 1


def test_no_solver_outlives_its_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each holds its whole program; ``own_bound`` makes one for every home."""
    made: list[weakref.ref[object]] = []

    class Counted(highspy.Highs):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            made.append(weakref.ref(self))

    monkeypatch.setattr(linear_program.highspy, "Highs", Counted)
    gc.disable()
    try:
        assert solved(bread_and_milk()).status == "optimal"
        assert large().solve(1e-9, quiet).status == "time limit"
        assert [solver() for solver in made] == [None, None]
    finally:
        gc.enable()


@pytest.mark.parametrize("error", [RuntimeError("out of order"), MemoryError(), ValueError("x")])
def test_a_solver_that_raises_fails(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Callable[..., object]:
        raise error

    monkeypatch.setattr(linear_program.highspy, "Highs", broken)
    outcome = solved(bread_and_milk())
    assert outcome.status == "failed"
    assert outcome.reason == f"{type(error).__name__}: {error}"
