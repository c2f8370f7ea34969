"""What a scenario lets all of its homes together import and export: constants, or a file."""

from dataclasses import replace
from pathlib import Path

from profiles import own_files
from profiles.errors import FitError, shown, shown_path
from profiles.grid_capacity import KW_MAX, GridCapacity
from profiles.profiles import Profiles
from scenarios.schema import Scenario


def load(
    scenario: Scenario, profiles: Profiles, homes_count: int, steps_count: int
) -> GridCapacity | None:
    """Read what the grid brings and takes in every step of the run and of what it looks ahead to.

    Where only one way is limited, the other is as large as all connections together.

    Parameters
    ----------
    scenario : Scenario
        What is asked for.
    profiles : Profiles
        Their step says how far ahead plans look.
    homes_count, steps_count : int
        Homes that take part, and steps of the run.

    Returns
    -------
    GridCapacity or None
        None without a limit.

    Raises
    ------
    FitError
        If the file has fewer steps than the run.
    InputError
        If the file is wrong, with the place in it.
    """
    grid, ahead = scenario.grid, scenario.forecast.horizon_steps(profiles.step_minutes)
    if grid.capacity_path is not None:
        path = own_files.found(grid.capacity_path)
        if not _is_file(path):
            got = shown(shown_path(path), 200)
            raise FitError("grid.capacity_path", f"must be a file (got {got})")
        found = GridCapacity.from_file(path)
        # The knob tells it apart in a manifest from another file of the same name.
        named = tuple(
            replace(each, name=f"grid.capacity_path: {each.name}") for each in found.inputs
        )
        found = replace(found, inputs=named)
        if found.steps_count < steps_count:
            limit = f"must have {steps_count} timesteps or more for the run"
            reason = f"{shown_path(path)}: {limit} (got {found.steps_count})"
            raise FitError("grid.capacity_path", reason)
    else:
        import_kw, export_kw = grid.community_import_kw_max, grid.community_export_kw_max
        if import_kw is None and export_kw is None:
            return None
        found = GridCapacity.constant(
            min(homes_count * grid.import_kw_max, KW_MAX) if import_kw is None else import_kw,
            min(homes_count * grid.export_kw_max, KW_MAX) if export_kw is None else export_kw,
            steps_count,
        )
    return found.over(steps_count + ahead, profiles.steps_per_day)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # such as a name that is too long, or has a zero byte
        return False
