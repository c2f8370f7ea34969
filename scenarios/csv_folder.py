"""Reads the plain files of a result folder, whoever wrote them: this program, another, a person.

A person's folder may hold no more than one table; what is there has to fit together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.results import Columns
from profiles import strict_yaml
from profiles.arrays import Integers
from profiles.errors import InputError
from profiles.grid_capacity import COLUMNS as CAPACITY_COLUMNS
from profiles.strict_yaml import Value
from scenarios import csv_columns, csv_results
from scenarios.csv_results import CsvResults
from scenarios.csv_tables import BASELINE_FILE, OPTIMIZED_FILE

CAPACITY_FILE = "grid_capacity.csv"


@dataclass(frozen=True, slots=True, eq=False)
class CsvFolder:
    """What a folder holds; at least one of the tables is there."""

    baseline: CsvResults | None
    optimized: CsvResults | None
    grid_capacity: Columns | None  # as `GridCapacity`, in order of time; the tables' steps or more
    params: Mapping[str, Value] | None  # as they stand in the file


def read(folder: Path) -> CsvFolder:
    """Read a result folder.

    Parameters
    ----------
    folder : Path
        With `baseline_results.csv` or `optimized_results.csv` or both, and perhaps with
        `grid_capacity.csv` and `params.json`. Other files are not looked at.

    Raises
    ------
    InputError
        One line, for the first thing that is missing, malformed or at odds with the rest.
    """
    try:
        there = folder.is_dir()
    except OSError as error:  # such as a name that is too long
        raise InputError(f"{folder}: cannot be read ({error.strerror})") from None
    baseline, optimized = (
        csv_results.read(folder / name) if (folder / name).exists() else None
        for name in (BASELINE_FILE, OPTIMIZED_FILE)
    )
    table = baseline or optimized
    if table is None:
        got = "neither" if there else "no folder"
        wanted = f"must hold {BASELINE_FILE} or {OPTIMIZED_FILE}"
        raise InputError(f"{folder}: {wanted} (got {got})")
    if baseline is not None and optimized is not None:
        _check_same(folder, baseline, optimized)
    params = folder / "params.json"
    return CsvFolder(
        baseline=baseline,
        optimized=optimized,
        grid_capacity=_capacity(folder / CAPACITY_FILE, table.step),
        params=strict_yaml.read(params).data if params.exists() else None,
    )


def _check_same(folder: Path, baseline: CsvResults, optimized: CsvResults) -> None:
    """Refuse two tables that are not about the same homes and steps."""
    for field in ("step", "household_id"):
        wanted, got = getattr(baseline, field), getattr(optimized, field)
        if not np.array_equal(wanted, got):
            odd = np.setxor1d(wanted, got)
            missing = "lacks" if odd[0] in wanted else "has"
            limit = f"must be those of {BASELINE_FILE}"
            raise InputError(f"{folder / OPTIMIZED_FILE}: {field}: {limit} (it {missing} {odd[0]})")


def _capacity(path: Path, step: Integers) -> Columns | None:
    """Read the limits of the community's connection, if there are any."""
    if not path.exists():
        return None
    columns = csv_columns.read(path, CAPACITY_COLUMNS)
    timestep = columns.whole_numbers("timestep")
    csv_results.refuse_gap(columns, "timestep", timestep)
    order = np.argsort(timestep, kind="stable")
    twice = np.flatnonzero(np.diff(timestep[order]) == 0)
    if twice.size:
        row = int(order[twice[0] + 1])
        raise columns.refusal(row, "timestep", "must stand once", str(timestep[row]))
    for outermost, found in ((step[0], timestep.min()), (step[-1], timestep.max())):
        if not timestep.min() <= outermost <= timestep.max():
            raise InputError(f"{path}: timestep: must reach {outermost} (ends at {found})")
    found_kw = {name: columns.numbers(name, 0.0)[order] for name in CAPACITY_COLUMNS[1:]}
    return {"timestep": timestep[order]} | found_kw
