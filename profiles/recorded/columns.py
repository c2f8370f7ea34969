"""The columns that a file of meter readings or of weather may have, and how each is resampled.

A `flow` is an amount of its interval: parts are equal, longer intervals are sums. A `level` is a
mean over its interval, a `state` what held when the interval ended.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

How = Literal["flow", "level", "state"]

APPLIANCES = (
    "fridge", "washing_machine", "dishwasher", "ev_charging", "ac", "stove", "water_heater",
    "computers", "misc",
)  # fmt: skip
"""What a home's load may be split into; a column is called `fridge_kwh`."""

SENSORS: Mapping[str, How] = MappingProxyType(
    {"soc_fraction": "state", "soh_fraction": "state", "charge_kwh": "flow", "cycles": "state"}
)
"""What a home's battery may report: charge and health, energy into it, full cycles so far."""

ENERGIES = ("load_kwh", "pv_kwh", *(f"{name}_kwh" for name in APPLIANCES))
"""Columns of a home that are energy per interval, never negative."""

METERED: Mapping[str, How] = MappingProxyType({**dict.fromkeys(ENERGIES, "flow"), **SENSORS})
"""Columns of a home that are numbers."""

WEATHER_UNITS: Mapping[str, How] = MappingProxyType(
    {
        "_c": "level",
        "_fraction": "level",
        "_w_per_m2": "level",
        "_m_per_s": "level",
        "_hpa": "level",
        "_mm": "flow",
    }
)
"""Endings of the names of weather columns: the unit, and what follows from it."""


def weather_how(name: str) -> How | None:
    """Tell how a column of weather is resampled; None if its name ends in no known unit."""
    return next((how for unit, how in WEATHER_UNITS.items() if name.endswith(unit)), None)


def is_flow(name: str) -> bool:
    """Tell whether a column of homes or weather is an amount of its interval."""
    return METERED.get(name, weather_how(name)) == "flow"
