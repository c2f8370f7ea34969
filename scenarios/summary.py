"""The figures of a run as one JSON object, whose schema is published.

A figure that does not exist (no battery was used, an arm was not run) is null.
"""

import json
from typing import Any

from model import metrics
from profiles.config import Section
from profiles.local_time import local_stamp
from scenarios.compare import Comparison

_COST = "_cost_usd"


class Headline(Section):
    """The arm grid_only beside the arm market, over all homes and the whole run."""

    baseline_pge_cost: float
    """Cost of grid_only [USD]."""

    optimized_cost: float
    """Cost of market [USD]."""

    savings: float
    """What the market saves [USD]."""

    savings_percent: float | None
    """What the market saves [% of the baseline]."""

    trades_executed: int
    """Trades between homes."""

    battery_efficiency: float | None
    """AC energy out per AC energy in, corrected for the change in store [1]."""


class Bill(Section):
    """What the homes of one arm paid and received, by entry; all that is added up is the cost."""

    import_cost_usd: float
    """Paid to the grid for energy, before any credit [USD]."""

    export_credit_usd: float
    """Received from the grid for energy [USD]; lowers the cost."""

    p2p_paid_usd: float
    """Paid to other homes [USD]."""

    p2p_received_usd: float
    """Received from other homes [USD]; lowers the cost."""

    fee_usd: float
    """Paid to the operator [USD]."""

    fixed_charge_usd: float
    """Standing charge, paid to the grid [USD]."""

    baseline_credit_usd: float
    """Received from the grid for imports within the allowance [USD]; lowers the cost."""

    stored_change_usd: float
    """Worth of the energy gained in store [USD]; lowers the cost. No money flows for it."""


class Measures(Section):
    """Sums over homes and steps of one arm."""

    cost_usd: float
    """Imports, less exports, plus and less trade, plus fees and standing charges, less credits and
    the worth of energy gained in store [USD]."""

    bill: Bill
    """The same by entry."""

    load_kwh: float
    """Consumption [kWh]."""

    pv_kwh: float
    """What the panels could generate [kWh]."""

    import_kwh: float
    """From the grid [kWh]."""

    export_kwh: float
    """To the grid [kWh]."""

    p2p_kwh: float
    """Traded between homes, delivered [kWh]."""

    trades_count: int
    """Trades between homes."""

    grid_fallback_kwh: float
    """Orders left unmatched, which the grid served [kWh]."""

    curtailed_kwh: float
    """Generation turned down [kWh]."""

    unserved_kwh: float
    """Load that connections or grid could not carry [kWh]."""

    peak_import_kw: float
    """Highest import of the community [kW]."""

    peak_window_import_kwh: float
    """Import in the tariff's peak periods [kWh]."""

    battery_efficiency: float | None
    """AC energy out per AC energy in, corrected for the change in store [1]."""

    cycles_mean: float
    """Full cycles of a battery, mean over homes."""

    health_fraction_mean: float
    """State of health at the end, mean over homes [1]."""

    energy_residual_kwh_max: float
    """Largest violation of an energy balance [kWh]."""

    money_sum_microcents: int
    """Sum of all accounts [microcents], exactly 0."""


class Savings(Section):
    """What the arm market saves against the others, and how homes share it."""

    market_vs_grid_only_fraction: float | None = None
    """Share of the cost of grid_only that is saved [1]."""

    market_vs_self_use_fraction: float | None = None
    """Share of the cost of self_use that is saved [1]."""

    trading_vs_plan_alone_fraction: float | None = None
    """Share of the cost of plan_alone that is saved [1]: what trading adds to planning."""

    homes_worse_off_count: int | None = None
    """Homes that lose more than a cent a day by trading, against planning alone."""

    worst_home_gain_usd_per_day: float | None = None
    """Smallest gain of a home from trading [USD/day]; below 0 is a loss."""

    mean_home_gain_usd_per_day: float | None = None
    """Gain from trading, mean over homes [USD/day]."""

    jain_fairness: float | None = None
    """Jain's index of the gains [1]; 1 if all homes gain the same."""

    peak_import_kw: float | None = None
    """Highest import of the community in the arm market [kW]."""

    peak_window_import_kwh: float | None = None
    """Import in the tariff's peak periods in the arm market [kWh]."""


class Added(Section):
    """What each step from a bare meter to the market saves over the one before it."""

    solar_usd: float | None
    """Panels: gross less grid_only [USD]."""

    battery_usd: float | None
    """Batteries that store own surplus: grid_only less self_use [USD]."""

    planning_usd: float | None
    """Planning them against the tariff: self_use less plan_alone [USD]."""

    trading_usd: float | None
    """Trading, and planning for it: plan_alone less market [USD]."""


class Home(Section):
    """One home over the whole run."""

    household_id: int
    """Id of the home."""

    cost_usd: dict[str, float]
    """Cost by arm [USD]."""

    trading_gain_usd_per_day: float | None
    """Gain from trading, against planning alone [USD/day]."""


class Summary(Section):
    """What a run or a comparison tells in figures."""

    scenario: str
    """Name of the scenario."""

    start_local: str
    """Start of the first step by the local clock."""

    days: float
    """Length of the run [days]."""

    step_minutes: int
    """Length of a step [min]."""

    homes_count: int
    """Homes that took part."""

    seed: int
    """Seed of the scenario."""

    headline: Headline | None
    """Baseline and optimized; null if one of the two arms was not run."""

    arms: dict[str, Measures]
    """Measures by arm, the plainest arm first."""

    savings: Savings | None
    """What the market saves; null if the arm was not run."""

    added: Added
    """What solar, battery, planning and trading save; null where an arm was not run."""

    homes: list[Home]
    """Homes in the order of their ids."""


def summary(comparison: Comparison) -> Summary:
    """Condense a comparison into its figures."""
    scenario, arms = comparison.scenario, comparison.arms
    first = arms[comparison.last]
    return Summary.model_validate(
        {
            "scenario": scenario.name,
            "start_local": local_stamp(first.start_utc, first.zone),
            "days": first.days,
            "step_minutes": first.step_minutes,
            "homes_count": first.homes_count,
            "seed": scenario.seed,
            "headline": metrics.headline(arms),
            "arms": {
                name: metrics.measures(results) | {"bill": metrics.bill_usd(results)}
                for name, results in arms.items()
            },
            "savings": metrics.savings(arms) or None,
            "added": metrics.added_usd(arms),
            "homes": [_home(row) for row in metrics.home_table(arms)],
        }
    )


def as_json(figures: Summary) -> str:
    """Write figures as indented JSON that ends with a line break."""
    return json.dumps(figures.model_dump(mode="json"), indent=2, allow_nan=False) + "\n"


def schema() -> dict[str, Any]:
    """JSON Schema of `Summary`."""
    return Summary.model_json_schema(mode="serialization")


def _home(row: dict[str, float | int]) -> dict[str, object]:
    costs = {key.removesuffix(_COST): value for key, value in row.items() if key.endswith(_COST)}
    gain = row.get("trading_gain_usd_per_day")
    home_id = row["household_id"]
    return {"household_id": home_id, "cost_usd": costs, "trading_gain_usd_per_day": gain}
