"""Follow the tariff's hours: fill the battery when energy is cheap, live on it at the peak.

This is what home batteries call time-based control, at its plainest [1]_: in cheap hours charge
from panels and grid until full; at the peak serve the own load, and never export; in the hours
between store what the panels spare and hold it for the peak. It reads the clock and looks at no
forecast.

References
----------
.. [1] Tesla, "Time-Based Control", support page of the Powerwall: it charges when energy costs
   are low and powers the home when they are high.
"""

import numpy as np

from agents import battery, curves
from agents.decisions import Decisions, Situation


def decide(situation: Situation) -> Decisions:
    """Set each battery by the hour, shapes (n,).

    Charging from the grid leaves the load what the connection can bring in.
    """
    fleet = situation.fleet
    spare_kwh = situation.pv_kwh - situation.load_kwh
    if situation.cheap:
        wanted_kwh = np.maximum(fleet.import_kwh_max + spare_kwh, 0.0)
    elif situation.peak:
        wanted_kwh = spare_kwh
    else:
        wanted_kwh = np.maximum(spare_kwh, 0.0)
    set_point_kwh, _ = battery.carry_out(fleet, situation.state, wanted_kwh)
    return Decisions(set_point_kwh, curves.none(fleet.homes_count))
