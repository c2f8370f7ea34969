"""Every figure of a report, computed anew from the Parquet files of a result folder.

Nothing of the program is used but the names of its columns: pandas reads, adds and divides. What
was typed, such as the size of batteries, is read from the scenario in `manifest.json`. The bound is
solved anew (`bound_by_hand.py`). Its energies are those of one of many runs that cost the same, and
are read from `summary.json`, after such a run was found.
"""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import fft, stats

from tests.scenarios.reporting.bound_by_hand import BoundByHand

SIGNS = {
    "import_cost": 1, "export_credit": -1, "p2p_paid": 1, "p2p_received": -1, "fee": 1,
    "fixed_charge": 1, "baseline_credit": -1,
}  # fmt: skip
STEPS = ("gross", "grid_only", "self_use", "plan_alone", "market")
BASELINES = ("grid_only", "self_use", "plan_alone")
LOCAL = "Etc/GMT+8"  # the clock of the bundled homes, the whole year


def interval(daily: np.ndarray) -> tuple[float, float]:
    """Compute the 95 % interval of a mean of days by scipy's cosine transform."""
    count = len(daily)
    cosines = min(count - 1, max(2, round(0.4 * count ** (2 / 3))))
    waves = fft.dct(daily, norm="ortho")[1 : cosines + 1]
    width = stats.t.ppf(0.975, cosines) * np.sqrt((waves**2).mean() / count)
    return float(daily.mean() - width), float(daily.mean() + width)


class Recomputed:
    """One folder."""

    def __init__(self, folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        self.scenario, self.folder = manifest["scenario"], folder
        self.steps = pd.read_parquet(folder / "steps.parquet")
        self.trades = pd.read_parquet(folder / "trades.parquet")
        self.prices = pd.read_parquet(folder / "prices.parquet")
        battery = self.scenario["battery"]
        self.capacity_kwh = battery["capacity_kwh"]
        self.initial_kwh = self.capacity_kwh * battery["soc_initial_fraction"]
        # A stored kWh saves what it would cost to have it again, at the lowest price there is.
        lowest = self.prices["tariff_cents_per_kwh"].min()
        self.worth_cents_per_kwh = lowest * battery["discharge_efficiency_fraction"]
        self.homes = sorted(set(self.steps["household_id"]))
        self.arms = list(dict.fromkeys(self.steps["arm"]))
        self.days = self._day().nunique()
        self.of_homes = {arm: self._home_costs(arm) for arm in self.arms}
        self.of_days = {arm: self._day_costs(arm) for arm in self.arms}

    def _day(self) -> pd.Series:
        stamps = self.prices[self.prices["arm"] == self.arms[0]]["start_utc"]
        return stamps.dt.tz_convert(LOCAL).dt.date.reset_index(drop=True)

    def _of(self, arm: str) -> pd.DataFrame:
        return self.steps[self.steps["arm"] == arm]

    def _home_costs(self, arm: str) -> pd.Series:
        """Return what each home pays [USD]."""
        rows = self._of(arm)
        paid = sum(sign * rows[f"{name}_microcents"] for name, sign in SIGNS.items()) / 1e8
        costs = paid.groupby(rows["household_id"]).sum()
        last = rows[rows["step"] == rows["step"].max()].set_index("household_id")["stored_kwh"]
        for home in self.homes:
            gained_kwh = last[home] - (self.initial_kwh if arm != "gross" else 0.0)
            costs[home] -= gained_kwh * self.worth_cents_per_kwh / 100.0
        return costs

    def cost(self, arm: str) -> float:
        """Return what all homes pay [USD]."""
        if arm == "bound":
            return self.bound.cost_usd
        return float(self.of_homes[arm].sum())

    def _day_costs(self, arm: str) -> np.ndarray:
        """Return what each day costs [USD]; every home's kWh has the same worth here."""
        rows = self._of(arm).copy()
        rows["usd"] = sum(sign * rows[f"{n}_microcents"] for n, sign in SIGNS.items()) / 1e8
        by_step = rows.groupby("step")[["usd", "stored_kwh"]].sum()
        initial = self.initial_kwh * len(self.homes)
        gained = by_step["stored_kwh"].diff()
        gained.iloc[0] = by_step["stored_kwh"].iloc[0] - (initial if arm != "gross" else 0.0)
        costs = by_step["usd"] - gained * self.worth_cents_per_kwh / 100.0
        return costs.groupby(self._day().to_numpy()).sum().to_numpy()

    @property
    def at_peak(self) -> np.ndarray:
        """Tell the steps from four to eight in the evening, (T,)."""
        stamps = self.prices[self.prices["arm"] == self.arms[0]]["start_utc"]
        hour = stamps.dt.tz_convert(LOCAL).dt.hour.to_numpy()
        return (hour >= 16) & (hour < 20)

    @cached_property
    def bound(self) -> BoundByHand:
        """The cheapest run of all homes, solved from the meters and prices of an arm."""
        prices = self.prices[self.prices["arm"] == "grid_only"]
        meters = self._of("grid_only")[["step", "household_id", "load_kwh", "pv_kwh"]]
        return BoundByHand(self.scenario, meters, prices, self.at_peak, self._outage())

    @cached_property
    def of_bound(self) -> dict[str, Any]:
        """What the summary tells of the bound; one of the cheapest runs has all of it."""
        text = (self.folder / "summary.json").read_text(encoding="utf-8")
        told: dict[str, Any] = json.loads(text)["bounds"]["bound"]
        assert self.bound.has(told)
        return told

    def _outage(self) -> range:
        grid, first = self.scenario["grid"], self.scenario["run"]["start"]
        if grid["outage_start"] is None:
            return range(0)
        ahead = pd.Timestamp(grid["outage_start"]) - pd.Timestamp(first)
        begins = int(ahead / pd.Timedelta(minutes=30))
        return range(begins, begins + int(2 * grid["outage_hours"]))

    def carbon(self, arm: str) -> float:
        """Return carbon dioxide of imports less exports [kg]."""
        rows = self._of(arm).groupby("step")[["import_kwh", "export_kwh"]].sum()
        rates = self.prices[self.prices["arm"] == arm].set_index("step")["carbon_kg_per_kwh"]
        return float(((rows["import_kwh"] - rows["export_kwh"]) * rates).sum())

    def measure(self, arm: str, name: str) -> float | None:
        """Return one figure of an arm."""
        if name == "cost_usd":
            return self.cost(arm)
        if arm == "bound":
            return self.of_bound.get(name)
        rows = self._of(arm)
        imports = rows.groupby("step")["import_kwh"].sum()
        special: dict[str, float] = {
            "p2p_kwh": rows["p2p_in_kwh"].sum(),
            "trades_count": (self.trades["arm"] == arm).sum(),
            "peak_import_kw": 2.0 * imports.max(),
            "peak_window_import_kwh": imports[self.at_peak].sum(),
        }
        return float(special[name] if name in special else rows[name].sum())

    def outage(self, arm: str, steps: range) -> dict[str, float]:
        """Return what an arm lived on in some steps without the main grid."""
        if arm == "bound":
            return dict(self.of_bound["outage"])
        rows = self._of(arm)
        sums = rows[rows["step"].isin(steps)].sum(numeric_only=True)
        assert sums["import_kwh"] == sums["export_kwh"] == 0.0
        return {
            "outage_hours": 0.5 * len(steps),
            "load_kwh": sums["load_kwh"],
            "unserved_kwh": sums["unserved_kwh"],
            "shared_kwh": sums["p2p_in_kwh"],
            "served_fraction": 1.0 - sums["unserved_kwh"] / sums["load_kwh"],
        }

    def against(self, arm: str, baseline: str) -> dict[str, float | None]:
        """Hold an arm against a baseline."""
        before, after = self.cost(baseline), self.cost(arm)
        low, high = interval(self.of_days[baseline] - self.of_days[arm])
        gain = (self.of_homes[baseline] - self.of_homes[arm]) / self.days
        gained = gain.clip(lower=0.0)
        squares = float((gained**2).sum())
        return {
            "saved_usd": before - after,
            "saved_fraction": (before - after) / before,
            "saved_usd_per_day": (before - after) / self.days,
            "saved_usd_per_day_low": low,
            "saved_usd_per_day_high": high,
            "mean_home_gain_usd_per_day": gain.mean(),
            "worst_home_gain_usd_per_day": gain.min(),
            "homes_worse_off_count": float((gain < -0.01).sum()),
            "jain_fairness": gained.sum() ** 2 / (len(gain) * squares) if squares else None,
        }


def expected(run: Recomputed, sheet: str, row: dict[str, Any], column: str) -> float | None:
    """Compute one figure of a run's own tables; the row says of what it is."""
    arm = row.get("arm", "market")
    if sheet in {"runs", "carbon"}:
        return _of_run(run, arm)[column]
    if sheet == "arms":
        return run.measure(arm, column)
    if sheet == "against":
        return run.against(arm, row["baseline"])[column]
    if sheet == "added":
        place = ("solar_usd", "battery_usd", "planning_usd", "trading_usd").index(column)
        return run.cost(STEPS[place]) - run.cost(STEPS[place + 1])
    if sheet == "days":
        return float(run.of_days[arm][row["day"]])
    cost = run.of_homes[arm][row["household_id"]]
    alone = run.of_homes["plan_alone"][row["household_id"]]
    return float(cost if column == "cost_usd" else (alone - cost) / run.days)


def _of_run(run: Recomputed, arm: str) -> dict[str, float]:
    base, carbon = run.cost("grid_only"), run.carbon("grid_only")
    return {
        "days": run.days,
        "homes_count": len(run.homes),
        "seed": run.scenario["seed"],
        "cost_usd": run.cost(arm),
        "saved_usd": base - run.cost(arm),
        "saved_fraction": 1.0 - run.cost(arm) / base,
        "captured_of_bound_fraction": (base - run.cost("market")) / (base - run.cost("bound")),
        "carbon_kg": run.carbon(arm),
        "saved_carbon_kg": carbon - run.carbon(arm),
        "saved_carbon_fraction": 1.0 - run.carbon(arm) / carbon,
    }


def between(first: Recomputed, second: Recomputed, arm: str) -> dict[str, float]:
    """Hold an arm of the second run against that of the first, by day."""
    low, high = interval(first.of_days[arm] - second.of_days[arm])
    one, two = first.cost(arm) / first.days, second.cost(arm) / second.days
    return {
        "baseline_usd_per_day": one,
        "run_usd_per_day": two,
        "saved_usd_per_day": one - two,
        "saved_usd_per_day_low": low,
        "saved_usd_per_day_high": high,
        "pairs_count": first.days,
    }


def over_seeds(saved: list[float]) -> dict[str, float]:
    """Compute the mean of what seeds save, and its 95 % interval by scipy's Student's t."""
    error = stats.sem(saved)
    low, high = stats.t.interval(0.95, len(saved) - 1, np.mean(saved), error)
    return {
        "saved_usd_per_day": float(np.mean(saved)),
        "saved_usd_per_day_low": float(low),
        "saved_usd_per_day_high": float(high),
        "pairs_count": len(saved),
    }
