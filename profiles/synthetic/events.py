"""Things that run for a while at a power, laid into steps.

h is the number of homes, E of events per home, T of steps.
"""

import numpy as np

from profiles.arrays import Floats


def spread(
    start_minute: Floats, minutes: Floats, power_kw: Floats, steps_count: int, step_minutes: int
) -> Floats:
    """Lay events into steps.

    Parameters
    ----------
    start_minute : ndarray, shape (h, E)
        When each event starts, in minutes since the start of the record.
    minutes : ndarray, shape (h, E)
        How long it lasts [min]; 0 or less for an event that does not take place.
    power_kw : ndarray, broadcast to (h, E)
        Power while it lasts [kW].
    steps_count, step_minutes : int
        Number and length of the steps [min]; what runs beyond them is cut off.

    Returns
    -------
    ndarray, shape (h, T)
        Energy per step [kWh].
    """
    homes_count = start_minute.shape[0]
    kwh = np.zeros(homes_count * steps_count)
    if not (minutes > 0.0).any():
        return kwh.reshape(homes_count, steps_count)
    home, event = np.nonzero(minutes > 0.0)
    start = start_minute[home, event]
    end = start + minutes[home, event]
    power_kw = np.broadcast_to(power_kw, start_minute.shape)[home, event]
    first = np.floor(start / step_minutes).astype(np.int64)
    for later in range(int(np.ceil(minutes.max() / step_minutes)) + 1):
        step = first + later
        from_minute = np.maximum(start, step * step_minutes)
        until_minute = np.minimum(end, (step + 1) * step_minutes)
        within = (until_minute > from_minute) & (step >= 0) & (step < steps_count)
        energy_kwh = power_kw * ((until_minute - from_minute) / 60.0)
        np.add.at(kwh, (home * steps_count + step)[within], energy_kwh[within])
    return kwh.reshape(homes_count, steps_count)
