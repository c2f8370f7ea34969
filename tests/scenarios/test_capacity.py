"""What a scenario lets its homes import and export together, and what is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from profiles.errors import FitError
from profiles.grid_capacity import KW_MAX, GridCapacity
from profiles.profiles import Profiles
from scenarios import fit
from scenarios.capacity import load
from scenarios.schema import Scenario


def _capped(**grid: Any) -> Scenario:  # noqa: ANN401, any knob
    run = {"start": "2017-03-16", "days": 5, "step_minutes": 60}
    return Scenario.model_validate({"run": run, "grid": grid})


def _refusal(scenario: Scenario, profiles: Profiles) -> FitError:
    with pytest.raises(FitError) as refusal:
        fit.check(scenario, profiles)
    assert "\n" not in str(refusal.value)
    return refusal.value


def test_without_a_limit_the_grid_is_as_large_as_all_connections(meters: Profiles) -> None:
    assert load(_capped(), meters, 3, 48) is None
    found = load(_capped(community_import_kw_max=12.0), meters, 3, 48)
    assert found is not None
    assert found.import_capacity_kw.tolist() == [12.0] * (48 + 24)  # and a day is looked ahead
    assert found.export_capacity_kw.tolist() == [3 * 8.0] * (48 + 24)
    found = load(_capped(community_export_kw_max=0.0, import_kw_max=1e9), meters, 3, 48)
    assert found is not None
    assert set(found.import_capacity_kw) == {KW_MAX}  # as much as a file may say
    assert set(found.export_capacity_kw) == {0.0}


def test_a_file_of_capacities_has_a_row_for_every_step_of_the_run(
    meters: Profiles, tmp_path: Path
) -> None:
    path = tmp_path / "grid.csv"
    scenario = _capped(capacity_path=str(path))
    GridCapacity(np.arange(120.0), np.zeros(120)).save(path)
    fit.check(scenario, meters)
    found = load(scenario, meters, 3, 120)
    assert found is not None
    assert found.import_capacity_kw[120:].tolist() == list(range(96, 120))  # the last day again
    assert [each.name for each in found.inputs] == ["grid.capacity_path: grid.csv"]
    GridCapacity.constant(9.0, 9.0, 119).save(path)
    assert str(_refusal(scenario, meters)) == (
        f"grid.capacity_path: {path}: must have 120 timesteps or more for the run (got 119)"
    )


@pytest.mark.parametrize("name", ["none.csv", "a\0b.csv", "x" * 999, "."])
def test_a_capacity_that_is_no_file_is_refused(meters: Profiles, name: str) -> None:
    error = _refusal(_capped(capacity_path=name), meters)
    assert str(error).startswith("grid.capacity_path: must be a file (got ")
