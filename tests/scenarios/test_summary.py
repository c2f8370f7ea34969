"""The figures as JSON."""

import json
from dataclasses import replace
from math import fsum

import numpy as np
import pytest
from pydantic import ValidationError

from model import metrics
from scenarios.compare import Comparison, compare
from scenarios.schema import Scenario
from scenarios.summary import Summary, as_json, schema, summary


def test_a_summary_agrees_with_the_measures(comparison: Comparison) -> None:
    figures = summary(comparison)
    assert (figures.scenario, figures.start_local) == ("fontana_mixed", "2017-07-01 00:00")
    assert (figures.days, figures.step_minutes, figures.homes_count) == (1.0, 30, 4)
    for name, results in comparison.arms.items():
        costs_usd = metrics.home_costs_usd(results)
        assert figures.arms[name].cost_usd == pytest.approx(costs_usd.sum())
        by_home = [home.cost_usd[name] for home in figures.homes]
        np.testing.assert_allclose(by_home, costs_usd)
    assert [home.household_id for home in figures.homes] == [1, 2, 3, 4]


def test_baseline_and_optimized_are_two_of_the_arms(comparison: Comparison) -> None:
    figures = summary(comparison)
    assert figures.headline is not None
    assert figures.headline.baseline_pge_cost == figures.arms["grid_only"].cost_usd
    assert figures.headline.optimized_cost == figures.arms["market"].cost_usd
    assert figures.headline.savings == pytest.approx(
        figures.headline.baseline_pge_cost - figures.headline.optimized_cost
    )
    assert figures.headline.trades_executed == figures.arms["market"].trades_count > 0


def test_what_each_step_saves_adds_up_to_the_whole_way(comparison: Comparison) -> None:
    figures = summary(comparison)
    cost = {name: arm.cost_usd for name, arm in figures.arms.items()}
    added = figures.added.model_dump()
    assert list(added) == ["solar_usd", "battery_usd", "planning_usd", "trading_usd"]
    assert sum(added.values()) == pytest.approx(cost["gross"] - cost["market"])
    assert min(added.values()) > 0.0  # in a week of July each is worth something


def test_the_entries_of_the_bill_add_up_to_the_cost(comparison: Comparison) -> None:
    for arm in summary(comparison).arms.values():
        bill = arm.bill
        assert arm.cost_usd == fsum(
            (
                bill.import_cost_usd, -bill.export_credit_usd, bill.p2p_paid_usd,
                -bill.p2p_received_usd, bill.fee_usd, bill.fixed_charge_usd,
                -bill.baseline_credit_usd, -bill.stored_change_usd,
            )
        )  # fmt: skip


def test_what_was_not_run_is_null(small: Scenario) -> None:
    figures = summary(compare(small, ["grid_only"]))
    assert figures.headline is None
    assert figures.savings is None
    assert set(figures.added.model_dump().values()) == {None}
    assert figures.homes[0].trading_gain_usd_per_day is None
    assert list(figures.homes[0].cost_usd) == ["grid_only"]
    assert json.loads(as_json(figures))["arms"]["grid_only"]["battery_efficiency"] is None


def test_the_json_is_what_the_schema_describes(comparison: Comparison) -> None:
    text = as_json(summary(comparison))
    assert Summary.model_validate_json(text) == summary(comparison)
    described = schema()
    assert json.loads(text).keys() == described["properties"].keys()
    assert set(described["required"]) == set(described["properties"])
    assert json.loads(text)["arms"]["market"].keys() == (
        described["$defs"]["Measures"]["properties"].keys()
    )
    fields = described["$defs"]["Savings"]["properties"]
    assert all(field["description"] for field in fields.values())


def test_no_figure_may_be_nan(comparison: Comparison) -> None:
    broken = replace(comparison.arms["market"], energy_residual_kwh_max=float("nan"))
    with pytest.raises(ValidationError):
        summary(replace(comparison, arms={"market": broken}))
