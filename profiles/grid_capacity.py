"""What the grid can bring to a whole community, and take from it, step by step.

T is the number of steps; step 0 is the first of a run.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa

from profiles.arrays import Floats
from profiles.errors import InputError
from profiles.profiles import STEP_MINUTES, Input
from profiles.tables import writing
from profiles.tables.table import Table, opened, table

COLUMNS = ("timestep", "import_capacity_kw", "export_capacity_kw")
KW_MAX = 1e9
"""Largest capacity that is believed [kW]; nothing limits a community that has more."""
STEPS_MAX = 10_000_000

_PEAK_MINUTES = 16 * 60, 20 * 60  # since midnight, the end not included


@dataclass(frozen=True, slots=True, eq=False)
class GridCapacity:
    """Most that all homes together may import and export, mean power of each step."""

    import_capacity_kw: Floats  # (T,)
    export_capacity_kw: Floats  # (T,)
    inputs: tuple[Input, ...] = ()  # the file that it was read from

    @property
    def steps_count(self) -> int:
        """Number of steps, T."""
        return self.import_capacity_kw.size

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read a CSV or Parquet file with the columns `COLUMNS`, a row per step in order of time.

        Parameters
        ----------
        path : str or Path
            The file; `timestep` counts 0, 1, 2, ... from the start of the run.

        Raises
        ------
        InputError
            With the file and the place: no such file or table, a column too many or too few, a
            cell that is empty or no finite number from 0 to 1e9 [kW], a step left out or given
            twice.
        """
        file = opened(Path(path), COLUMNS)
        file.check_known(COLUMNS)
        rows = table(file)
        _check_steps(rows)
        import_kw, export_kw = (_capacity_kw(rows, name) for name in COLUMNS[1:])
        return cls(import_kw, export_kw, (file.input,))

    @classmethod
    def constant(cls, import_kw: float, export_kw: float, steps: int) -> Self:
        """Let every step have the same capacity [kW].

        Raises
        ------
        InputError
            If a capacity is not from 0 to 1e9, or there is no step.
        """
        _check_count(steps)
        for name, value in (("import_kw", import_kw), ("export_kw", export_kw)):
            _check(name, value, KW_MAX)
        return cls(np.full(steps, float(import_kw)), np.full(steps, float(export_kw)))

    @classmethod
    def generate(  # noqa: PLR0913, each is a figure of the shape
        cls,
        steps: int = 90,
        base_import_kw: float = 5000.0,
        base_export_kw: float = 4000.0,
        peak_reduction: float = 0.5,
        noise_std: float = 0.1,
        seed: int = 0,
        *,
        step_minutes: int = 30,
    ) -> Self:
        """Draw a capacity that falls every evening, as where a feeder is shared with others.

        Step t begins at ``t * step_minutes`` after a local midnight. From 16:00 to 20:00 both
        capacities are ``1 - peak_reduction`` times their base, at all other times the base. Each
        value is then multiplied by ``1 + noise_std * z``, with z drawn from a standard normal
        distribution for it alone, first those of all imports, and is no less than 0.

        Parameters
        ----------
        steps : int
            Number of steps T, at least 1.
        base_import_kw, base_export_kw : float
            Capacity outside the evening peak, before the noise [kW].
        peak_reduction : float
            Share of it that is missing at the peak [1].
        noise_std : float
            Standard deviation of the noise, relative [1].
        seed : int
            Start of the draws, 0 or more; the same seed gives the same capacity.
        step_minutes : int
            Length of a step, 15, 30 or 60 [min].

        Raises
        ------
        InputError
            With the argument that is out of bounds.
        """
        _check_count(steps)
        for name, value, highest in (
            ("base_import_kw", base_import_kw, KW_MAX),
            ("base_export_kw", base_export_kw, KW_MAX),
            ("peak_reduction", peak_reduction, 1.0),
            ("noise_std", noise_std, 10.0),
            ("seed", seed, math.inf),
        ):
            _check(name, value, highest)
        if step_minutes not in STEP_MINUTES:
            limit = " or ".join(map(str, STEP_MINUTES))
            raise InputError(f"step_minutes: must be {limit} (got {step_minutes})")
        minute = np.arange(steps) * step_minutes % (24 * 60)
        peak = (minute >= _PEAK_MINUTES[0]) & (minute < _PEAK_MINUTES[1])
        share = np.where(peak, 1.0 - peak_reduction, 1.0)
        noise = 1.0 + noise_std * np.random.default_rng(seed).standard_normal((2, steps))
        bases_kw = np.array([[base_import_kw], [base_export_kw]])
        return cls(*np.clip(bases_kw * share * noise, 0.0, KW_MAX))

    def save(self, path: str | Path) -> None:
        """Write a file that `from_file` reads back to the same numbers.

        Parameters
        ----------
        path : str or Path
            To create or replace; `.csv` or `.parquet` says how.

        Raises
        ------
        InputError
            If the name ends otherwise.
        OSError
            If writing fails; then the path is as it was.
        """
        kinds = (pa.int64(), pa.float64(), pa.float64())
        schema = pa.schema(list(zip(COLUMNS, kinds, strict=True)))
        columns = (np.arange(self.steps_count), self.import_capacity_kw, self.export_capacity_kw)
        batch = pa.record_batch([pa.array(column) for column in columns], schema=schema)
        writing.write(Path(path), schema, [batch])

    def over(self, steps_count: int, steps_per_day: int) -> Self:
        """Give the first ``steps_count`` steps; beyond the last one its day repeats.

        A run needs a capacity for each of its steps. What plans look ahead to beyond them is
        taken for what it was a day before.
        """
        known = self.steps_count
        day = min(steps_per_day, known)
        step = np.arange(steps_count)
        step = np.where(step < known, step, known - day + (step - known) % day)
        return type(self)(self.import_capacity_kw[step], self.export_capacity_kw[step], self.inputs)


def _check_steps(rows: Table) -> None:
    """Refuse rows that do not count 0, 1, 2, ..."""
    column = COLUMNS[0]
    timestep = rows.whole(column, 0, STEPS_MAX)
    after = np.diff(timestep, prepend=-1)
    for broken, limit in (
        (after == 0, "must be given once, and the row before has it too"),
        (after < 0, "must be later than the row before"),
        (after > 1, "must be 1 more than in the row before, from 0 on"),
    ):
        if broken.any():
            raise rows.refusal(broken, column, limit)


def _capacity_kw(rows: Table, column: str) -> Floats:
    rows.check_given(column)
    return rows.numbers(column, 0.0, KW_MAX)


def _check_count(steps: int) -> None:
    if not 1 <= steps <= STEPS_MAX:
        raise InputError(f"steps: must be from 1 to {STEPS_MAX} (got {steps})")


def _check(name: str, value: float, highest: float) -> None:
    if not 0.0 <= value <= highest:
        bounds = f"from 0 to {highest:g}" if highest < math.inf else "at least 0"
        raise InputError(f"{name}: must be {bounds} (got {value:g})")
