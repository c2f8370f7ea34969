"""In which steps of a run the main grid is away."""

import numpy as np

from profiles.errors import FitError, InputError
from profiles.local_time import local_stamp, utc_from_local
from profiles.profiles import Profiles
from scenarios.schema import Scenario


def steps(scenario: Scenario, profiles: Profiles, span: tuple[int, int]) -> range:
    """Find the steps of the outage that a scenario asks for, the first of the run being 0.

    Parameters
    ----------
    scenario : Scenario
        What is asked for.
    profiles : Profiles
        Their clock reads the start.
    span : tuple of int
        First step of the run in the profiles, and count of steps.

    Returns
    -------
    range
        Empty without an outage. One that outlasts the run ends with it.

    Raises
    ------
    FitError
        If it does not begin with a step of the run, or is no whole number of steps long.
    """
    grid, minutes = scenario.grid, profiles.step_minutes
    if grid.outage_start is None:
        return range(0)
    try:
        start = utc_from_local(grid.outage_start, profiles.zone)
    except InputError as error:
        raise FitError("grid.outage_start", str(error)) from None
    length = np.timedelta64(60 * minutes, "s")
    begin = profiles.start_utc + span[0] * length
    first, left = divmod(start - begin, length)
    if not 0 <= first < span[1] or left:
        last = local_stamp(begin + (span[1] - 1) * length, profiles.zone)
        raise FitError(
            "grid.outage_start",
            f"must be the start of a {minutes}-minute step of the run, from "
            f"{local_stamp(begin, profiles.zone)} to {last} (got {grid.outage_start})",
        )
    count = grid.outage_hours * 60 / minutes
    if not count.is_integer():
        limit = f"must be a whole number of steps of {minutes / 60:g} h"
        raise FitError("grid.outage_hours", f"{limit} (got {grid.outage_hours:g})")
    return range(int(first), min(int(first) + int(count), span[1]))
