"""Battery physics for a whole fleet: pure functions on arrays, no state, no files.

n is the number of homes. Energies are AC; positive energy charges.
"""

import numpy as np

from agents.fleet import Fleet, FleetState
from profiles.arrays import Floats


def reach(fleet: Fleet, state: FleetState) -> tuple[Floats, Floats]:
    """Most that each battery can give (at most 0) and take this step, AC, shapes (n,) [kWh]."""
    room_kwh = (fleet.stored_kwh_max - state.stored_kwh) / fleet.charge_efficiency_fraction
    held_kwh = (state.stored_kwh - fleet.stored_kwh_min) * fleet.discharge_efficiency_fraction
    power_kwh = fleet.power_kwh_max
    return -np.minimum(power_kwh, held_kwh), np.minimum(power_kwh, room_kwh)


def carry_out(fleet: Fleet, state: FleetState, wanted_kwh: Floats) -> tuple[Floats, FleetState]:
    """Carry out wanted energy as far as ratings and stored energy allow.

    Parameters
    ----------
    fleet : Fleet
        Ratings of the n batteries.
    state : FleetState
        What they hold when the step begins.
    wanted_kwh : ndarray, shape (n,)
        AC energy asked for over the step [kWh], positive charges.

    Returns
    -------
    battery_kwh : ndarray, shape (n,)
        AC energy that flows [kWh], positive charges.
    state : FleetState
        What they hold when the step ends.

    Raises
    ------
    ValueError
        If a battery holds more or less than its limits allow.

    References
    ----------
    .. [1] T. Brown et al., "PyPSA," J. Open Res. Softw. 6(4), 2018, storage units.
    """
    low, high = fleet.stored_kwh_min, fleet.stored_kwh_max
    wrong = np.flatnonzero((state.stored_kwh < low) | (state.stored_kwh > high))
    if wrong.size:
        row = wrong[0]
        raise ValueError(
            f"home {fleet.home_ids[row]} holds {state.stored_kwh[row]:.3f} kWh, "
            f"limits {low[row]:.3f}..{high[row]:.3f}"
        )
    battery_kwh = np.clip(wanted_kwh, *reach(fleet, state))
    into_kwh = np.maximum(battery_kwh, 0.0) * fleet.charge_efficiency_fraction
    out_kwh = np.maximum(-battery_kwh, 0.0) / fleet.discharge_efficiency_fraction
    # Rounding may leave a few 1e-16 kWh beyond a limit; take them off.
    stored_kwh = np.clip(state.stored_kwh + into_kwh - out_kwh, low, high)
    return battery_kwh, FleetState(stored_kwh, state.throughput_kwh + into_kwh + out_kwh)
