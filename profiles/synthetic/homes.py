"""Homes, drawn one by one from their kind of household.

n is the number of homes. `docs/synthetic.md` says where the figures come from.
"""

from dataclasses import dataclass, fields
from math import exp

import numpy as np

from profiles.arrays import Floats, Integers
from profiles.synthetic.draws import Purpose, stream
from profiles.synthetic.household_types import TYPES, HomeType, Range

CHARGERS_KW = (1.4, 3.8, 7.2, 9.6, 11.5)  # a plain socket, then 240 V circuits of 20 to 60 A
_CHARGER_FRACTIONS = (0.15, 0.15, 0.40, 0.20, 0.10)


@dataclass(frozen=True, slots=True, eq=False)
class Homes:
    """What n homes are and have; every field but the first is (n,)."""

    home_ids: Integers  # (n,)
    persons: Floats  # [1]
    works: Floats  # 1 if nobody is in on a working day, else 0
    wake_minute: Floats  # of a working day, by the wall clock
    leave_minute: Floats
    return_minute: Floats
    sleep_minute: Floats
    plugs_kw: Floats  # always on
    active_kw: Floats  # while somebody is up
    pool_kw: Floats  # of a pump; 0 without a pool
    pool_minute: Floats  # at which it starts every day
    screens_kw: Floats  # computers in use
    fridge_kw: Floats  # while a compressor runs
    fridge_cycle_minutes: Floats
    fridge_phase_fraction: Floats
    washer_kwh: Floats  # of a load
    dryer_kw: Floats  # 0 without an electric one
    dishwasher_kw: Floats  # while it heats; 0 without one
    stove_kw: Floats  # mean while cooking; 0 without an electric one
    tank_kw: Floats  # electricity of the water heater; 0 without an electric one
    tank_gain: Floats  # heat per electricity [1]
    bath_kwh: Floats  # heat of the hot water of a person and day
    ac_kw: Floats  # electricity of the air conditioner at 28 C outside; 0 without one
    cooling_kw: Floats
    leak_kw_per_k: Floats
    glass_m2: Floats
    inertia_hours: Floats  # time constant of the house
    setpoint_c: Floats
    charger_kw: Floats  # 0 without an electric car
    drive_kwh: Floats  # of a working day, at the plug
    plug_in_kwh: Floats  # drawn from the car's battery before it is plugged in
    timer: Floats  # 1 if charging waits for midnight
    pv_kw: Floats  # 0 without panels
    tilt_degrees: Floats
    azimuth_degrees: Floats


def draw(
    seed: int, home_types: tuple[str, ...], shares: tuple[float, float], pv_kw: Range, facing: float
) -> Homes:
    """Draw homes.

    Parameters
    ----------
    seed : int
        Of the run.
    home_types : tuple of str, length n
        Kinds of homes 1 to n.
    shares : tuple of float
        Share of homes with a roof that have panels, and share of those with a roof, beside the
        kind `ev`, that have an electric car [1].
    pv_kw : tuple of float
        Smallest and largest rating of panels [kW].
    facing : float
        Azimuth that panels face on average [degrees from north, clockwise].
    """
    rows = []
    for row, name in enumerate(home_types):
        rng = stream(seed, Purpose.TRAITS, row + 1)
        kind = TYPES[name]
        drawn = _habits(kind, rng) | _devices(kind, rng) | _house(kind, rng)
        rows.append(drawn | _outdoors(kind, rng, shares, pv_kw, facing))
    ids = np.arange(1, len(rows) + 1, dtype=np.int64)
    columns = {f.name: np.array([r[f.name] for r in rows]) for f in fields(Homes)[1:]}
    return Homes(ids, **columns)


def block(homes: Homes, rows: slice) -> Homes:
    """Take some homes out of many."""
    return Homes(**{field.name: getattr(homes, field.name)[rows] for field in fields(Homes)})


def _habits(kind: HomeType, rng: np.random.Generator) -> dict[str, float]:
    wake = 400.0 + 30.0 * rng.standard_normal()
    return {
        "persons": float(rng.integers(kind.persons[0], kind.persons[1] + 1)),
        "works": float(rng.random() < kind.works_fraction),
        "wake_minute": min(max(wake, 300.0), 500.0),
        "leave_minute": min(max(wake + 80.0 + 20.0 * rng.standard_normal(), 360.0), 620.0),
        "return_minute": min(max(1050.0 + 85.0 * rng.standard_normal(), 870.0), 1230.0),
        "sleep_minute": min(max(1365.0 + 40.0 * rng.standard_normal(), 1260.0), 1470.0),
    }


def _devices(kind: HomeType, rng: np.random.Generator) -> dict[str, float]:
    owns = {name: rng.random() < share for name, share in kind.owns_fraction.items()}
    fridges = 1.0 + kind.has_roof * (rng.random() < 0.3)
    heat_pump = rng.random() < 0.3
    cooling_kw = rng.uniform(*kind.cooling_kw)
    return {
        "plugs_kw": rng.uniform(*kind.plugs_kw),
        "active_kw": rng.uniform(*kind.active_kw),
        "pool_kw": (rng.random() < kind.pool_fraction) * rng.uniform(0.7, 1.4),
        "pool_minute": rng.uniform(480.0, 660.0),
        "screens_kw": rng.uniform(0.06, 0.20),
        "fridge_kw": fridges * rng.uniform(0.11, 0.17),
        "fridge_cycle_minutes": rng.uniform(45.0, 80.0),
        "fridge_phase_fraction": rng.random(),
        "washer_kwh": rng.uniform(0.25, 0.60),
        "dryer_kw": owns["dryer"] * rng.uniform(2.2, 3.2),
        "dishwasher_kw": owns["dishwasher"] * rng.uniform(1.0, 1.4),
        "stove_kw": owns["stove"] * rng.uniform(1.2, 2.4),
        "tank_kw": owns["water_heater"] * (0.9 if heat_pump else 4.5),
        "tank_gain": 3.0 if heat_pump else 1.0,
        "bath_kwh": 1.7 * exp(0.25 * rng.standard_normal()),
        "cooling_kw": cooling_kw,
        "ac_kw": owns["ac"] * cooling_kw / rng.uniform(3.0, 4.0),
    }


def _house(kind: HomeType, rng: np.random.Generator) -> dict[str, float]:
    return {
        "leak_kw_per_k": rng.uniform(*kind.leak_kw_per_k),
        "glass_m2": rng.uniform(*kind.glass_m2),
        "inertia_hours": rng.uniform(18.0, 40.0),
        "setpoint_c": min(max(23.7 + 1.3 * rng.standard_normal(), 21.5), 28.0),
    }


def _outdoors(
    kind: HomeType,
    rng: np.random.Generator,
    shares: tuple[float, float],
    pv_kw: Range,
    facing: float,
) -> dict[str, float]:
    pv_fraction, ev_fraction = shares
    has_pv = rng.random() < pv_fraction
    has_ev = rng.random() < max(kind.ev_fraction, kind.has_roof * ev_fraction)
    return {
        "pv_kw": kind.has_roof * has_pv * rng.uniform(*pv_kw),
        "tilt_degrees": rng.uniform(12.0, 28.0),
        "azimuth_degrees": facing + min(max(45.0 * rng.standard_normal(), -100.0), 100.0),
        "charger_kw": has_ev * float(rng.choice(CHARGERS_KW, p=_CHARGER_FRACTIONS)),
        "drive_kwh": 8.5 * exp(0.35 * rng.standard_normal()),
        "plug_in_kwh": rng.uniform(0.0, 20.0),
        "timer": float(rng.random() < 0.35),
    }
