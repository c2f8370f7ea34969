"""The bounds of a comparison as figures, and how much of what they save the market does."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from model import baselines, metrics
from model.bound import BoundResult, captured_fractions
from model.results import Results
from profiles.config import Section
from scenarios.compare import Comparison
from scenarios.summary_arms import Outage

NO_ARMS: Mapping[str, Results] = MappingProxyType({})


class Bound(Section):
    """The best that was possible, all known beforehand. Null where it was not computed."""

    status: Literal["optimal", "not computed", "time limit", "failed"]
    """Whether it was found."""

    reason: str
    """Why not, else empty."""

    cost_usd: float | None
    """What all homes pay [USD], counted as the cost of an arm."""

    import_kwh: float | None
    """From the grid [kWh]."""

    export_kwh: float | None
    """To the grid [kWh]."""

    p2p_kwh: float | None
    """Traded between homes, delivered [kWh]."""

    curtailed_kwh: float | None
    """Generation turned down [kWh]."""

    unserved_kwh: float | None
    """Load that connections or grid could not carry [kWh]."""

    outage: Outage | None = None
    """The time without the main grid; null where it was always there."""

    peak_import_kw: float | None
    """Highest import of the community [kW]."""

    peak_window_import_kwh: float | None
    """Import in the tariff's peak periods [kWh]."""

    saved_fraction: dict[str, float | None]
    """Share of the cost of each baseline that is saved [1]; empty where it was not computed."""


def told(found: BoundResult, arms: Mapping[str, Results] = NO_ARMS) -> dict[str, object]:
    """Return the figures of `Bound`, beside those baselines that are among the arms."""
    figures = {name: getattr(found, name, None) for name in Bound.model_fields}
    return figures | {"saved_fraction": baselines.saved_fractions(found.cost_usd, arms)}


def captured(comparison: Comparison) -> dict[str, float | None]:
    """Tell what the market captures of the bound, where both are there; else nothing."""
    arms = comparison.arms
    if "market" not in arms:
        return {}
    costs_usd = {name: metrics.cost_usd(results) for name, results in arms.items()}
    return captured_fractions(costs_usd, comparison.bounds)
