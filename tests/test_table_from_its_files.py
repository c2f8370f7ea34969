"""Every figure of summary.json, worked out again from the tables of the same folder with pandas.

Nothing of the program's own measures is used: what the tables hold, the scenario's parameters, and
the tariff's hours as its page states them. T steps, n homes.
"""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import fft, stats

from scenarios import store
from scenarios.compare import compare
from scenarios.load import load

KNOBS = ("homes.count=4", "forecast.samples_count=2", "forecast.horizon_hours=12")
ARMS = ("gross", "grid_only", "self_use", "plan_alone", "market", "unlimited", "bound")
BASELINES = ("grid_only", "self_use", "plan_alone")
GAINS = {
    "homes_worse_off_count", "worst_home_gain_usd_per_day", "mean_home_gain_usd_per_day",
    "jain_fairness",
}  # fmt: skip
DAYS = 3
WORTH_USD_PER_KWH = 0.28 * np.sqrt(0.9)  # super off-peak, after the loss of taking it out
SIGNS = {
    "import_cost": 1, "export_credit": -1, "p2p_paid": 1, "p2p_received": -1, "fee": 1,
    "fixed_charge": 1, "baseline_credit": -1,
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run three days of four homes under a tariff with fees, and keep what is written."""
    scenario = load("fontana_mixed", [*KNOBS, "market.fee_cents_per_kwh=0.5"], {"--days": DAYS})
    return store.save(compare(scenario, ARMS), tmp_path_factory.mktemp("table"))


@pytest.fixture(scope="module")
def told(folder: Path) -> dict[str, Any]:
    """Read what the folder says in figures."""
    figures: dict[str, Any] = json.loads((folder / "summary.json").read_bytes())
    return figures


@pytest.fixture(scope="module")
def steps(folder: Path) -> pd.DataFrame:
    """Join what homes did with the prices of the step."""
    steps = pd.read_parquet(folder / "steps.parquet").astype({"arm": str})
    prices = pd.read_parquet(folder / "prices.parquet").astype({"arm": str})
    joined = steps.merge(prices, on=["arm", "step"], validate="many_to_one")
    clock = pd.to_datetime(joined["start_local"])
    joined["day"] = clock.dt.normalize()
    joined["peak"] = clock.dt.hour.between(16, 19)
    paid = sum(sign * joined[f"{name}_microcents"] for name, sign in SIGNS.items())
    joined["paid_usd"] = paid / 1e8
    return joined


@pytest.fixture(scope="module")
def gained(folder: Path, steps: pd.DataFrame) -> pd.DataFrame:
    """Say how much energy each home gained in store on each day [kWh], by arm, home and day."""
    battery = json.loads((folder / "params.json").read_bytes())["battery"]
    initial = battery["capacity_kwh"] * battery["soc_initial_fraction"]
    at_end = steps.sort_values("step").groupby(["arm", "household_id", "day"])["stored_kwh"].last()
    before = at_end.groupby(level=[0, 1]).shift(1)
    first = before.isna() & (at_end.index.get_level_values("arm") != "gross")
    gains = at_end - before.mask(first, initial).fillna(0.0)
    return gains.rename("gained_kwh").reset_index()


def _costs(steps: pd.DataFrame, gained: pd.DataFrame, by: str) -> pd.Series:
    """Sum up the cost by arm and day, or by arm and home [USD]."""
    paid = steps.groupby(["arm", by])["paid_usd"].sum()
    return paid - WORTH_USD_PER_KWH * gained.groupby(["arm", by])["gained_kwh"].sum()


def test_what_an_arm_did_is_what_its_table_holds(
    told: dict[str, Any], steps: pd.DataFrame, folder: Path
) -> None:
    trades = pd.read_parquet(folder / "trades.parquet").astype({"arm": str})
    for arm, figures in told["arms"].items():
        lived = steps[steps["arm"] == arm]
        by_step = lived.groupby("step")[["import_kwh", "export_kwh"]].sum()
        for name in ("load", "pv", "import", "export", "curtailed", "unserved"):
            assert figures[f"{name}_kwh"] == pytest.approx(lived[f"{name}_kwh"].sum())
        assert figures["p2p_kwh"] == pytest.approx(lived["p2p_in_kwh"].sum())
        assert figures["p2p_kwh"] == pytest.approx(
            trades.loc[trades["arm"] == arm, "delivered_kwh"].sum()
        )
        assert figures["trades_count"] == (trades["arm"] == arm).sum()
        assert figures["grid_fallback_kwh"] == pytest.approx(lived["fallback_kwh"].sum())
        assert figures["peak_import_kw"] == pytest.approx(2.0 * by_step["import_kwh"].max())
        window = lived.loc[lived["peak"], "import_kwh"].sum()
        assert figures["peak_window_import_kwh"] == pytest.approx(window)
        net = lived["import_kwh"] - lived["export_kwh"]
        assert figures["carbon_kg"] == pytest.approx((net * lived["carbon_kg_per_kwh"]).sum())
        assert figures["carbon_kg"] > 0.0


def test_what_batteries_did_is_what_the_table_holds(
    told: dict[str, Any], steps: pd.DataFrame, gained: pd.DataFrame
) -> None:
    root = np.sqrt(0.9)
    for arm, figures in told["arms"].items():
        lived = steps[steps["arm"] == arm]
        into, out = lived["charge_kwh"].sum(), lived["discharge_kwh"].sum()
        cycles = (root * into + out / root) / 2.0 / 13.5 / 4
        assert figures["cycles_mean"] == pytest.approx(cycles)
        assert figures["health_fraction_mean"] == pytest.approx(1.0 - 3.3e-5 * cycles)
        held = gained.loc[gained["arm"] == arm, "gained_kwh"].sum()
        if out == 0.0:
            assert figures["battery_efficiency"] is None
        else:
            assert figures["battery_efficiency"] == pytest.approx(out / (into - held / root))


def test_what_an_arm_costs_is_what_its_table_holds(
    told: dict[str, Any], steps: pd.DataFrame, gained: pd.DataFrame
) -> None:
    by_home = _costs(steps, gained, "household_id")
    for arm, figures in told["arms"].items():
        lived = steps[steps["arm"] == arm]
        for name in SIGNS:
            amount = lived[f"{name}_microcents"].sum() / 1e8
            assert figures["bill"][f"{name}_usd"] == pytest.approx(amount)
        stored = WORTH_USD_PER_KWH * gained.loc[gained["arm"] == arm, "gained_kwh"].sum()
        assert figures["bill"]["stored_change_usd"] == pytest.approx(stored)
        assert figures["cost_usd"] == pytest.approx(by_home[arm].sum())
        for home in told["homes"]:
            cost = by_home[arm, home["household_id"]]
            assert home["cost_usd"][arm] == pytest.approx(cost)


def test_what_an_arm_saves_follows_from_the_tables(
    told: dict[str, Any], steps: pd.DataFrame, gained: pd.DataFrame
) -> None:
    by_home, by_day = (_costs(steps, gained, each) for each in ("household_id", "day"))
    assert by_day["market"].size == DAYS
    for arm, figures in told["arms"].items():
        assert set(figures["against"]) == set(BASELINES) - {arm}
        for baseline, beside in figures["against"].items():
            daily = (by_day[baseline] - by_day[arm]).to_numpy()
            saved = daily.sum()
            assert beside["saved_usd"] == pytest.approx(saved)
            assert beside["saved_fraction"] == pytest.approx(saved / by_day[baseline].sum())
            assert beside["saved_usd_per_day"] == pytest.approx(daily.mean())
            # Two cosines of three days, so two degrees of freedom.
            error = np.sqrt((fft.dct(daily, norm="ortho")[1:] ** 2).mean() / DAYS)
            low, high = stats.t.interval(0.95, 2, daily.mean(), error)
            assert beside["saved_usd_per_day_low"] == pytest.approx(low, abs=1e-9)
            assert beside["saved_usd_per_day_high"] == pytest.approx(high, abs=1e-9)
            gain = (by_home[baseline] - by_home[arm]).to_numpy() / DAYS
            assert beside["homes_worse_off_count"] == (gain < -0.01).sum()
            assert beside["worst_home_gain_usd_per_day"] == pytest.approx(gain.min())
            assert beside["mean_home_gain_usd_per_day"] == pytest.approx(gain.mean())
            happy = gain.clip(min=0.0)
            if happy.any():
                jain = happy.sum() ** 2 / (gain.size * (happy**2).sum())
                assert beside["jain_fairness"] == pytest.approx(jain)
            else:
                assert beside["jain_fairness"] is None


def test_the_sums_over_arms_follow_from_the_tables(
    told: dict[str, Any], steps: pd.DataFrame, gained: pd.DataFrame
) -> None:
    cost = _costs(steps, gained, "day").groupby(level=0).sum()
    best = told["bounds"]["bound"]["cost_usd"]
    saved, added, headline = told["savings"], told["added"], told["headline"]
    assert headline["baseline_pge_cost"] == pytest.approx(cost["grid_only"])
    assert headline["optimized_cost"] == pytest.approx(cost["market"])
    assert headline["savings"] == pytest.approx(cost["grid_only"] - cost["market"])
    share = 1.0 - cost["market"] / cost["grid_only"]
    assert headline["savings_percent"] == pytest.approx(100.0 * share)
    assert saved["market_vs_grid_only_fraction"] == pytest.approx(share)
    assert saved["market_vs_self_use_fraction"] == pytest.approx(
        1.0 - cost["market"] / cost["self_use"]
    )
    assert saved["trading_vs_plan_alone_fraction"] == pytest.approx(
        1.0 - cost["market"] / cost["plan_alone"]
    )
    for key, start in (("captured_of_bound", "grid_only"), ("trading_captured", "plan_alone")):
        captured = (cost[start] - cost["market"]) / (cost[start] - best)
        assert saved[f"{key}_fraction"] == pytest.approx(captured)
    way = ("gross", "grid_only", "self_use", "plan_alone", "market")
    for usd, (before, after) in zip(added.values(), pairwise(way), strict=True):
        assert usd == pytest.approx(cost[before] - cost[after])
    market = told["arms"]["market"]  # its own figures and gains are worked out above
    assert saved.items() >= {
        (name, market[name]) for name in ("peak_import_kw", "peak_window_import_kwh")
    } | {
        (name, figure) for name, figure in market["against"]["plan_alone"].items() if name in GAINS
    }
    for home in told["homes"]:
        gain = (home["cost_usd"]["plan_alone"] - home["cost_usd"]["market"]) / DAYS
        assert home["trading_gain_usd_per_day"] == pytest.approx(gain)
    assert told["rules"]["cost_usd"] == pytest.approx(cost["market"] - cost["unlimited"])
    assert told["rules"]["cost_fraction"] == pytest.approx(1 - cost["unlimited"] / cost["market"])
    for baseline, fraction in told["bounds"]["bound"]["saved_fraction"].items():
        assert fraction == pytest.approx(1.0 - best / cost[baseline])


def test_what_homes_have_and_when_they_lived(
    folder: Path, told: dict[str, Any], steps: pd.DataFrame
) -> None:
    """The stamps of Fontana have a fixed offset."""
    battery = json.loads((folder / "params.json").read_bytes())["battery"]
    stored_kwh = battery["capacity_kwh"] * battery["soc_initial_fraction"]
    generated_kwh = steps.groupby("household_id")["pv_kwh"].sum()
    for home in told["homes"]:
        assert home["equipment"] == {
            "has_pv": generated_kwh[home["household_id"]] > 0.0,
            "battery_capacity_kwh": battery["capacity_kwh"],
            "stored_kwh_initial": pytest.approx(stored_kwh),
            "stored_value_cents_per_kwh": pytest.approx(100.0 * WORTH_USD_PER_KWH),
            "wallet_usd_initial": 0.0,
        }
    assert f"{steps['start_utc'].min():%Y-%m-%dT%H:%M:%SZ}" == told["start_utc"]
    assert (told["zone"], told["steps_count"]) == ("-08:00", steps["step"].max() + 1)


def test_no_figure_was_left_out(told: dict[str, Any]) -> None:
    """Whoever adds a figure works it out above, too."""
    assert set(told) == {
        "scenario", "start_local", "start_utc", "zone", "days", "step_minutes", "steps_count",
        "homes_count", "seed", "carbon_rates", "headline", "arms", "bounds", "savings", "rules",
        "added", "homes",
    }  # fmt: skip
    assert len(told["arms"]["market"]) == 22
    assert told["arms"]["market"]["outage"] is None  # there was none
    assert len(told["arms"]["market"]["against"]["grid_only"]) == 9
    assert len(told["savings"]) == 11
