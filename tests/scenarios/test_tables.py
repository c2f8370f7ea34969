"""The Parquet tables, read back."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from model.results import PRICE_COLUMNS, STEP_COLUMNS, TRADE_COLUMNS, Results
from scenarios import tables
from scenarios.compare import Comparison


def test_steps_hold_every_column_of_every_arm_bit_by_bit(
    tmp_path: Path, comparison: Comparison
) -> None:
    tables.write_steps(tmp_path / "steps", comparison.arms)
    table = parquet.read_table(tmp_path / "steps")
    names = ["arm", "step", "household_id", *(column.name for column in STEP_COLUMNS)]
    assert table.column_names == names
    assert table["arm"].to_pylist() == [name for name in comparison.arms for _ in range(48 * 4)]
    arms = len(comparison.arms)
    steps = [step for _ in range(arms) for step in range(48) for _ in range(4)]
    assert table["step"].to_pylist() == steps
    assert table["household_id"].to_pylist() == [1, 2, 3, 4] * 48 * arms
    for column in STEP_COLUMNS:
        written = table[column.name].to_numpy().reshape(arms, 48, 4)
        kept = np.stack([results.steps[column.name] for results in comparison.arms.values()])
        assert written.dtype == column.dtype
        np.testing.assert_array_equal(written, kept)


def test_trades_hold_every_trade(tmp_path: Path, comparison: Comparison) -> None:
    arms = {name: comparison.arms[name] for name in ("self_use", "market")}
    tables.write_trades(tmp_path / "trades", arms)
    table = parquet.read_table(tmp_path / "trades")
    assert table.column_names == ["arm", *(column.name for column in TRADE_COLUMNS)]
    assert set(table["arm"].to_pylist()) == {"market"}
    for column in TRADE_COLUMNS:
        np.testing.assert_array_equal(
            table[column.name].to_numpy(), comparison.arms["market"].trades[column.name]
        )


def test_prices_name_each_step_by_both_clocks(tmp_path: Path, comparison: Comparison) -> None:
    tables.write_prices(tmp_path / "prices", comparison.arms)
    table = parquet.read_table(tmp_path / "prices")
    assert table.column_names == [
        "arm",
        "step",
        "start_utc",
        "start_local",
        *(column.name for column in PRICE_COLUMNS),
    ]
    row = table.slice(5 * 48 + 33, 1).to_pylist()[0]
    assert (row["arm"], row["step"]) == ("market", 33)
    assert f"{row['start_utc']:%Y-%m-%d %H:%M %Z}" == "2017-07-02 00:30 UTC"
    assert row["start_local"] == "2017-07-01T16:30"
    assert row["tariff_cents_per_kwh"] == 51.0
    for column in PRICE_COLUMNS:
        kept = np.concatenate([each.prices[column.name] for each in comparison.arms.values()])
        np.testing.assert_array_equal(table[column.name].to_numpy(), kept)


def test_the_local_clock_may_show_an_hour_twice(tmp_path: Path, comparison: Comparison) -> None:
    results = replace(
        comparison.arms["market"],
        zone="America/Los_Angeles",
        start_utc=np.datetime64("2017-11-05T07:00:00", "s"),
    )
    tables.write_prices(tmp_path / "prices", {"market": results})
    clock = parquet.read_table(tmp_path / "prices")["start_local"].to_pylist()
    assert clock[:6] == [f"2017-11-05T{t}" for t in ("00:00", "00:30", "01:00", "01:30") * 1] + [
        "2017-11-05T01:00",
        "2017-11-05T01:30",
    ]


def test_every_field_has_a_unit_and_a_meaning(tmp_path: Path, comparison: Comparison) -> None:
    units = {}
    for write in (tables.write_steps, tables.write_trades, tables.write_prices):
        write(tmp_path / "table", comparison.arms)
        for field in parquet.read_schema(tmp_path / "table"):
            units[field.name] = field.metadata[b"unit"].decode()
            assert field.metadata[b"meaning"]
    suffixes = {
        "_cents_per_kwh": "cents/kWh", "_kg_per_kwh": "kg/kWh", "_kwh": "kWh",
        "_microcents": "microcents",
    }  # fmt: skip
    for name, unit in units.items():
        told = (each for suffix, each in suffixes.items() if name.endswith(suffix))
        assert unit == next(told, ""), name


def _noisy(results: Results, steps_count: int, homes_count: int) -> Results:
    """Every energy a random float, every amount a random integer up to a dollar."""
    rng = np.random.default_rng(0)
    shape = (steps_count, homes_count)
    steps = {
        column.name: rng.gamma(1.0, 0.5, shape).astype(column.dtype)
        if np.issubdtype(column.dtype, np.floating)
        else rng.integers(-1, 2, shape)
        if column.dtype is np.int8
        else rng.integers(0, 10**8, shape)
        for column in STEP_COLUMNS
    }
    peak = np.zeros(steps_count, dtype=np.bool_)
    return replace(results, steps=steps, home_ids=np.arange(homes_count), peak=peak)


def test_a_home_step_of_pure_noise_takes_at_most_115_bytes(
    tmp_path: Path, comparison: Comparison
) -> None:
    noise = _noisy(comparison.arms["market"], steps_count=1000, homes_count=100)
    tables.write_steps(tmp_path / "steps", {"market": noise})
    assert (tmp_path / "steps").stat().st_size <= 115 * 100_000


def test_long_tables_are_written_in_parts(
    tmp_path: Path, comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables.write_steps(tmp_path / "whole", comparison.arms)
    monkeypatch.setattr(tables, "_ROWS_AT_ONCE", 30)  # 7 steps of 4 homes
    tables.write_steps(tmp_path / "parts", comparison.arms)
    assert parquet.ParquetFile(tmp_path / "parts").num_row_groups == 7 * len(comparison.arms)
    assert parquet.read_table(tmp_path / "parts").equals(parquet.read_table(tmp_path / "whole"))
