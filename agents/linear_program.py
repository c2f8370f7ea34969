"""A linear program that grows by blocks of columns and rows, and HiGHS, which solves it.

References
----------
.. [1] Q. Huangfu, J. A. J. Hall, "Parallelizing the dual revised simplex method," Mathematical
   Programming Computation 10(1), 2018: HiGHS.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import highspy
import numpy as np
from numpy.typing import ArrayLike

from profiles.arrays import Floats, Integers

Status = Literal["optimal", "time limit", "failed"]
_HEARD_EVERY_S = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What the solver made of a program."""

    status: Status
    reason: str  # the solver's words where it found no optimum, else empty
    cost: float  # at the optimum, else nan
    values: Floats  # (columns,) at the optimum, else empty


class LinearProgram:
    """Minimise cost @ x within bounds on every column x and every row of factors @ x."""

    def __init__(self) -> None:
        self._columns: list[tuple[Floats, Floats, Floats]] = []  # cost, lower, upper
        self._rows: list[tuple[Floats, Floats]] = []  # lower, upper
        self._factors: list[tuple[Integers, Integers, Floats]] = []  # row, column, factor
        self.columns_count = 0
        self.rows_count = 0

    def columns(self, cost: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> Integers:
        """Add a block of columns as large as its arguments, and return their numbers."""
        block = np.broadcast_arrays(
            *(np.asarray(each, np.float64) for each in (cost, lower, upper))
        )
        shape = block[0].shape
        self._columns.append((block[0].ravel(), block[1].ravel(), block[2].ravel()))
        first, self.columns_count = self.columns_count, self.columns_count + block[0].size
        return np.arange(first, self.columns_count).reshape(shape)

    def rows(self, lower: ArrayLike, upper: ArrayLike) -> Integers:
        """Add a block of rows, empty so far, as large as its arguments; return their numbers."""
        low, high = np.broadcast_arrays(*(np.asarray(each, np.float64) for each in (lower, upper)))
        self._rows.append((low.ravel(), high.ravel()))
        first, self.rows_count = self.rows_count, self.rows_count + low.size
        return np.arange(first, self.rows_count).reshape(low.shape)

    def put(self, rows: Integers, columns: Integers, factors: ArrayLike) -> None:
        """Put factors where rows and columns meet, each place once; the three are broadcast."""
        row, column, factor = np.broadcast_arrays(rows, columns, np.asarray(factors, np.float64))
        self._factors.append((row.ravel(), column.ravel(), factor.ravel()))

    def solve(self, time_limit_s: float, alive: Callable[[], None]) -> Outcome:
        """Solve it.

        Parameters
        ----------
        time_limit_s : float
            Wall clock time that the solver may take [s].
        alive : callable
            Called now and then while the solver works.

        Returns
        -------
        Outcome
            Whatever the solver does, an error of its own included.
        """
        try:
            return self._solved(time_limit_s, alive)
        except Exception as error:  # noqa: BLE001, a solver's failure is a result
            return _without_optimum("failed", f"{type(error).__name__}: {error}")

    def _solved(self, time_limit_s: float, alive: Callable[[], None]) -> Outcome:
        solver = highspy.Highs()  # type: ignore[no-untyped-call]  # the package has no types here
        solver.HandleUserInterrupt = True
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("solver", "simplex")
        solver.setOptionValue("time_limit", time_limit_s)
        if solver.passModel(self._for_highs()) == highspy.HighsStatus.kError:
            return _without_optimum("failed", "the solver refused the program")
        try:
            _run(solver, alive)
            return self._read(solver)
        finally:
            solver.HandleUserInterrupt = False  # else it refers to itself and keeps its memory

    def _read(self, solver: highspy.Highs) -> Outcome:
        found = solver.getModelStatus()
        if found == highspy.HighsModelStatus.kTimeLimit:
            return _without_optimum("time limit", "the time is up")
        if found != highspy.HighsModelStatus.kOptimal:
            return _without_optimum("failed", solver.modelStatusToString(found))
        values = np.array(solver.getSolution().col_value)
        cost = solver.getObjectiveValue()
        if values.size != self.columns_count or not np.isfinite([cost, values.sum()]).all():
            return _without_optimum("failed", "the solver's optimum is no number")
        return Outcome("optimal", "", cost, values)

    def _for_highs(self) -> highspy.HighsLp:
        cost, lower, upper = (np.concatenate(parts) for parts in zip(*self._columns, strict=True))
        row, column, factor = (np.concatenate(part) for part in zip(*self._factors, strict=True))
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = self.columns_count, self.rows_count
        program.col_cost_, program.col_lower_, program.col_upper_ = cost, lower, upper
        program.row_lower_ = np.concatenate([low for low, _ in self._rows])
        program.row_upper_ = np.concatenate([high for _, high in self._rows])
        order = np.lexsort((row, column))
        matrix = program.a_matrix_
        matrix.format_ = highspy.MatrixFormat.kColwise
        matrix.start_ = np.searchsorted(column[order], np.arange(self.columns_count + 1))
        matrix.index_, matrix.value_ = row[order], factor[order]
        return program


def _run(solver: highspy.Highs, alive: Callable[[], None]) -> None:
    """Let the solver work in a thread of its own, so that a person can stop it."""
    solver.startSolve()
    try:
        while not solver.wait(_HEARD_EVERY_S)[0]:
            alive()
    except BaseException:
        solver.cancelSolve()  # type: ignore[no-untyped-call]  # likewise
        while not solver.wait(_HEARD_EVERY_S)[0]:
            pass
        raise


def _without_optimum(status: Status, reason: str) -> Outcome:
    return Outcome(status, reason, float("nan"), np.empty(0))
