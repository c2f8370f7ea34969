"""What a run cost and what the arms of a comparison tell, from recorded numbers alone.

T steps, n homes. Money in dollars for people; the books stay in microcents.
"""

from collections.abc import Mapping
from math import fsum
from typing import Any

import numpy as np

from model.results import Results
from profiles.arrays import Floats

MICROCENTS_PER_USD = 100_000_000
WORSE_OFF_USD_PER_DAY = 0.01
"""A home counts as worse off for trading if it loses more than a cent a day."""
ADDED = (
    ("solar_usd", "gross", "grid_only"),
    ("battery_usd", "grid_only", "self_use"),
    ("planning_usd", "self_use", "plan_alone"),
    ("trading_usd", "plan_alone", "market"),
)
"""What is added from one arm to the next."""
ROUNDING_KWH = 1e-6
"""Less energy than this, summed over a run, cannot be told from rounding."""
BILL_SIGNS = {
    "import_cost_usd": 1,
    "export_credit_usd": -1,
    "p2p_paid_usd": 1,
    "p2p_received_usd": -1,
    "fee_usd": 1,
    "fixed_charge_usd": 1,
    "baseline_credit_usd": -1,
    "stored_change_usd": -1,
}
"""The entries of a bill: 1 where an entry adds to the cost, -1 where it lowers it."""
CASH_SIGNS = {
    f"{entry.removesuffix('_usd')}_microcents": sign
    for entry, sign in BILL_SIGNS.items()
    if entry != "stored_change_usd"
}
"""The same by column of `STEP_COLUMNS`, for the entries for which money flows."""


def home_costs_usd(results: Results) -> Floats:
    """Cost of each home, shape (n,) [USD].

    Imports at tariff, less exports at credit, plus trade paid, less trade received, plus fees,
    plus standing charges, less baseline credits, less what the change in stored energy is worth
    (the lowest import price of the tariff, after the loss of taking it out), so that no arm gains
    by emptying its batteries.
    """
    paid_microcents = np.zeros(results.homes_count, np.int64)
    for column, sign in CASH_SIGNS.items():
        paid_microcents += sign * results.home_sums(column)
    return np.asarray(paid_microcents / MICROCENTS_PER_USD - _stored_change_usd(results))


def bill_usd(results: Results) -> dict[str, float]:
    """Split the cost of all homes into the entries of their bills [USD]; `BILL_SIGNS` has signs."""
    bill = {
        column.replace("_microcents", "_usd"): int(results.home_sums(column).sum())
        / MICROCENTS_PER_USD
        for column in CASH_SIGNS
    }
    return bill | {"stored_change_usd": fsum(_stored_change_usd(results))}


def cost_usd(results: Results) -> float:
    """Cost of all homes [USD]: the entries of the bill with their signs, rounded once."""
    return fsum(BILL_SIGNS[name] * usd for name, usd in bill_usd(results).items())


def _stored_change_usd(results: Results) -> Floats:
    """Value the energy that each home gained in store, shape (n,) [USD]."""
    gained_kwh = results.stored_kwh_final - results.stored_kwh_initial
    return np.asarray(gained_kwh * results.stored_value_cents_per_kwh / 100.0)


def carbon_kg(results: Results) -> float | None:
    """Carbon dioxide that the community's exchange with the grid causes [kg]; None if unknown.

    Each step's imports less exports, at the marginal rate of the grid: an import makes the plants
    that answer to demand run more, an export less [1]_. Differences between arms are therefore
    emissions caused or avoided; the figure of one arm is no share of what the whole grid emits.

    References
    ----------
    .. [1] WattTime, "API documentation," legacy-docs.watttime.org: emissions avoided by shifting
       energy are the series of shifted energy times that of the marginal rate, summed.
    """
    rates_kg_per_kwh = results.prices["carbon_kg_per_kwh"]
    if np.isnan(rates_kg_per_kwh).any():
        return None
    net_kwh = results.step_sums("import_kwh") - results.step_sums("export_kwh")
    return float(net_kwh @ rates_kg_per_kwh)


def battery_efficiency_fraction(results: Results) -> float | None:
    """AC energy out per AC energy in, corrected for the change in store; None if none came out."""
    discharged_kwh = float(results.home_sums("discharge_kwh").sum())
    if discharged_kwh < ROUNDING_KWH:
        return None
    gained_kwh = results.stored_kwh_final - results.stored_kwh_initial
    into_kwh = results.home_sums("charge_kwh")
    into_kwh = into_kwh - gained_kwh / results.charge_efficiency_fraction
    return discharged_kwh / float(into_kwh.sum())


def measures(results: Results) -> dict[str, Any]:
    """Sum up one arm over homes and steps."""
    hours = results.step_minutes / 60.0
    import_kwh = results.step_sums("import_kwh")  # (T,)
    return {
        "cost_usd": cost_usd(results),
        "load_kwh": float(results.home_sums("load_kwh").sum()),
        "pv_kwh": float(results.home_sums("pv_kwh").sum()),
        "import_kwh": float(import_kwh.sum()),
        "export_kwh": float(results.home_sums("export_kwh").sum()),
        "p2p_kwh": float(results.home_sums("p2p_in_kwh").sum()),
        "trades_count": results.trades_count,
        "grid_fallback_kwh": float(results.home_sums("fallback_kwh").sum()),
        "curtailed_kwh": float(results.home_sums("curtailed_kwh").sum()),
        "unserved_kwh": float(results.home_sums("unserved_kwh").sum()),
        "outage": outage(results),
        "peak_import_kw": float(import_kwh.max()) / hours,
        "peak_window_import_kwh": float(import_kwh[results.peak].sum()),
        "carbon_kg": carbon_kg(results),
        "battery_efficiency": battery_efficiency_fraction(results),
        "cycles_mean": float(results.cycles.mean()),
        "health_fraction_mean": float(results.health_fraction.mean()),
        "energy_residual_kwh_max": results.energy_residual_kwh_max,
        "money_sum_microcents": results.money_sum_microcents,
    }


def outage(results: Results) -> dict[str, float] | None:
    """Tell what homes lived on while the main grid was away; None where it never was."""
    if not results.outage:
        return None
    lived = {
        name: float(results.step_sums(name)[results.outage].sum())
        for name in ("load_kwh", "unserved_kwh", "p2p_in_kwh")
    }
    return in_outage(results.outage, results.step_minutes, *lived.values())


def in_outage(
    steps: range, step_minutes: int, load_kwh: float, unserved_kwh: float, shared_kwh: float
) -> dict[str, float]:
    """Tell how an outage went, of which these are sums over homes and its ``steps``."""
    served_fraction = 1.0 - unserved_kwh / load_kwh if load_kwh > 0.0 else 1.0
    return {
        "outage_hours": len(steps) * step_minutes / 60.0,
        "load_kwh": load_kwh,
        "unserved_kwh": unserved_kwh,
        "shared_kwh": shared_kwh,
        "served_fraction": served_fraction,
    }


def headline(arms: Mapping[str, Results]) -> dict[str, float | int | None] | None:
    """Baseline (``grid_only``) beside optimized (``market``); None if either was not run."""
    if not {"grid_only", "market"} <= arms.keys():
        return None
    baseline, optimized = cost_usd(arms["grid_only"]), cost_usd(arms["market"])
    saved = fraction_saved(baseline, optimized)
    return {
        "baseline_pge_cost": baseline,
        "optimized_cost": optimized,
        "savings": baseline - optimized,
        "savings_percent": None if saved is None else 100.0 * saved,
        "trades_executed": arms["market"].trades_count,
        "battery_efficiency": battery_efficiency_fraction(arms["market"]),
    }


def savings(arms: Mapping[str, Results]) -> dict[str, float | int | None]:
    """Tell what ``market`` saves against each other arm that was run, and how it is shared."""
    if "market" not in arms:
        return {}
    market = cost_usd(arms["market"])
    found: dict[str, float | int | None] = {}
    for name, key in (
        ("grid_only", "market_vs_grid_only_fraction"),
        ("self_use", "market_vs_self_use_fraction"),
        ("plan_alone", "trading_vs_plan_alone_fraction"),
    ):
        if name in arms:
            found[key] = fraction_saved(cost_usd(arms[name]), market)
    if "plan_alone" in arms:
        found |= shared(trading_gain_usd_per_day(arms))
    measured = measures(arms["market"])
    found["peak_import_kw"] = measured["peak_import_kw"]
    found["peak_window_import_kwh"] = measured["peak_window_import_kwh"]
    return found


def added_usd(arms: Mapping[str, Results]) -> dict[str, float | None]:
    """Tell what each step from meter to market saves over the one before it [USD].

    The four add up to what separates ``gross`` from ``market``; None where an arm was not run.
    """
    cost_usd = {name: float(home_costs_usd(results).sum()) for name, results in arms.items()}
    return {
        key: cost_usd[before] - cost_usd[after] if {before, after} <= cost_usd.keys() else None
        for key, before, after in ADDED
    }


def trading_gain_usd_per_day(arms: Mapping[str, Results]) -> Floats:
    """Tell what each home gains by trading over planning alone, shape (n,) [USD per day]."""
    gain = home_costs_usd(arms["plan_alone"]) - home_costs_usd(arms["market"])
    return gain / arms["market"].days


def shared(gain: Floats) -> dict[str, float | int | None]:
    """Tell how homes share a gain, shape (n,) [USD per day]."""
    return {
        "homes_worse_off_count": int(np.count_nonzero(gain < -WORSE_OFF_USD_PER_DAY)),
        "worst_home_gain_usd_per_day": float(gain.min()),
        "mean_home_gain_usd_per_day": float(gain.mean()),
        "jain_fairness": jain_fairness(gain),
    }


def jain_fairness(gain: Floats) -> float | None:
    """Jain's index of the gains: 1 if all homes gain the same, 1/n if one gains all.

    A loss counts as no gain. None if nobody gains.

    References
    ----------
    .. [1] R. Jain, D. Chiu, W. Hawe, "A quantitative measure of fairness," DEC-TR-301, 1984.
    """
    gained = np.maximum(gain, 0.0)
    squares = float((gained**2).sum())
    return float(gained.sum()) ** 2 / (gained.size * squares) if squares > 0.0 else None


def fraction_saved(before: float, after: float) -> float | None:
    """Share of a cost that is saved [1]; None if there was no cost to save."""
    return (before - after) / before if before > 0.0 else None


def home_table(arms: Mapping[str, Results]) -> list[dict[str, float | int]]:
    """One row per home: its id, its cost in every arm [USD], its gain from trading [USD/day]."""
    costs = {name: home_costs_usd(results) for name, results in arms.items()}
    ids = next(iter(arms.values())).home_ids.tolist()
    gains = trading_gain_usd_per_day(arms) if {"plan_alone", "market"} <= arms.keys() else None
    rows: list[dict[str, float | int]] = []
    for row, home_id in enumerate(ids):
        entry: dict[str, float | int] = {"household_id": int(home_id)}
        entry |= {f"{name}_cost_usd": float(cost[row]) for name, cost in costs.items()}
        if gains is not None:
            entry["trading_gain_usd_per_day"] = float(gains[row])
        rows.append(entry)
    return rows
