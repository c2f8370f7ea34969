"""Kinds of households, and what tells them apart.

`docs/synthetic.md` says where the figures come from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class HomeType:
    """What homes of one kind have in common; each home draws its own from it."""

    persons: tuple[int, int]  # fewest and most
    works_fraction: float  # homes that nobody is in on a working day
    has_roof: bool  # of its own, for panels
    owns_fraction: Mapping[str, float]  # share of homes that have it, by electric appliance
    ev_fraction: float  # share of homes with an electric car
    pool_fraction: float  # share of homes with a pool pump
    plugs_kw: Range  # standby and what runs all day
    active_kw: Range  # lights, cooking aids and entertainment while somebody is up
    cooling_kw: Range  # heat that the air conditioner moves
    leak_kw_per_k: Range  # heat through walls and windows
    glass_m2: Range  # window that lets the full sun in


def _owns(
    dishwasher: float, dryer: float, stove: float, tank: float, ac: float
) -> dict[str, float]:
    shares = {"dishwasher": dishwasher, "dryer": dryer, "stove": stove, "water_heater": tank}
    return shares | {"ac": ac}


_HOUSE = HomeType(
    persons=(2, 3),
    works_fraction=0.45,
    has_roof=True,
    owns_fraction=_owns(0.85, 0.45, 0.40, 0.25, 0.92),
    ev_fraction=0.0,
    pool_fraction=0.15,
    plugs_kw=(0.20, 0.50),
    active_kw=(0.24, 0.48),
    cooling_kw=(9.0, 13.0),
    leak_kw_per_k=(0.28, 0.42),
    glass_m2=(3.0, 6.0),
)

TYPES: Mapping[str, HomeType] = MappingProxyType(
    {
        "house": _HOUSE,
        "family": HomeType(
            persons=(3, 5),
            works_fraction=0.35,
            has_roof=True,
            owns_fraction=_owns(0.95, 0.60, 0.45, 0.25, 0.95),
            ev_fraction=0.0,
            pool_fraction=0.25,
            plugs_kw=(0.26, 0.60),
            active_kw=(0.30, 0.60),
            cooling_kw=(11.0, 16.0),
            leak_kw_per_k=(0.32, 0.48),
            glass_m2=(3.5, 7.0),
        ),
        "flat": HomeType(
            persons=(1, 2),
            works_fraction=0.60,
            has_roof=False,
            owns_fraction=_owns(0.60, 0.20, 0.60, 0.40, 0.75),
            ev_fraction=0.0,
            pool_fraction=0.0,
            plugs_kw=(0.09, 0.22),
            active_kw=(0.13, 0.28),
            cooling_kw=(4.0, 7.0),
            leak_kw_per_k=(0.10, 0.18),
            glass_m2=(1.0, 2.5),
        ),
        "ev": replace(_HOUSE, persons=(2, 4), ev_fraction=1.0),
        "retired": HomeType(
            persons=(1, 2),
            works_fraction=0.0,
            has_roof=True,
            owns_fraction=_owns(0.80, 0.45, 0.45, 0.25, 0.92),
            ev_fraction=0.0,
            pool_fraction=0.15,
            plugs_kw=(0.18, 0.44),
            active_kw=(0.17, 0.36),
            cooling_kw=(8.0, 12.0),
            leak_kw_per_k=(0.28, 0.42),
            glass_m2=(3.0, 6.0),
        ),
    }
)
"""Kinds of households by name."""

PATTERN = (
    "house", "family", "flat", "ev", "retired", "house", "family", "flat", "house", "ev",
)  # fmt: skip
"""Kinds of homes 1, 2, ... where nobody chose them; it repeats."""


def names(count: int, types: Mapping[str, int] | None) -> tuple[str, ...]:
    """Name the kinds of homes 1 to `count`: as chosen, in that order, or by the pattern."""
    if types is None:
        return tuple(PATTERN[home % len(PATTERN)] for home in range(count))
    return tuple(name for name, number in types.items() for _ in range(number))
