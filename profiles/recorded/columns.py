"""The columns that a file of meter readings or of weather may have, and how each is resampled.

A `flow` is an amount of its interval: parts are equal, longer intervals are sums. A `level` is a
mean over its interval, a `state` what held when the interval ended.
"""

from collections.abc import Mapping
from math import inf
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


SENSOR_RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "soc_fraction": (0.0, 1.0),
        "soh_fraction": (0.0, 1.5),
        "charge_kwh": (-10_000.0, 10_000.0),
        "cycles": (0.0, 1e6),
    }
)
"""Lowest and highest value that is believed of a battery; a new one may exceed its rating."""

WEATHER_RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "_c": (-90.0, 70.0),
        "_fraction": (0.0, 1.0),
        "_w_per_m2": (-50.0, 2000.0),
        "_m_per_s": (0.0, 120.0),
        "_hpa": (0.0, 1100.0),
        "_mm": (0.0, 500.0),
    }
)
"""The same of weather, by unit: beyond the records of the Earth, and of a sensor at night."""


def range_of(name: str) -> tuple[float, float]:
    """Lowest and highest value that is believed of a column of homes or of weather."""
    if name in ENERGIES:
        return 0.0, inf  # the most is a matter of power and interval
    if name in SENSOR_RANGES:
        return SENSOR_RANGES[name]
    return next((r for unit, r in WEATHER_RANGES.items() if name.endswith(unit)), (-inf, inf))


def weather_how(name: str) -> How | None:
    """Tell how a column of weather is resampled; None if its name ends in no known unit."""
    return next((how for unit, how in WEATHER_UNITS.items() if name.endswith(unit)), None)


def is_flow(name: str) -> bool:
    """Tell whether a column of homes or weather is an amount of its interval."""
    return METERED.get(name, weather_how(name)) == "flow"
