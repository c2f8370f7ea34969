"""The plain CSV files, read back and worked out again."""

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.results import Chunk, Results
from model.tape import Held
from scenarios import csv_tables
from scenarios.compare import Comparison

HEADER = (
    "step,household_id,production,consumption,stored_kwh,battery_pct,wallet,grid_buy,grid_sell,"
    "p2p_trades,p2p_buy_amount,p2p_sell_amount"
)


@pytest.fixture(scope="module")
def market(comparison: Comparison) -> Results:
    """Return the arm that trades."""
    return comparison.arms["market"]


def _lines(path: Path, results: Results, wallet_usd: float = 0.0) -> list[dict[str, str]]:
    csv_tables.write(path, results, wallet_usd)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_columns_are_those_that_other_tools_expect(tmp_path: Path, market: Results) -> None:
    csv_tables.write(tmp_path / "a.csv", market, 0.0)
    text = (tmp_path / "a.csv").read_bytes().decode()
    assert text.splitlines()[0] == HEADER
    assert "\r" not in text
    assert text.endswith("\n")


def test_there_is_one_row_per_step_and_home(tmp_path: Path, market: Results) -> None:
    rows = _lines(tmp_path / "a.csv", market)
    expected = [(str(step), str(home)) for step in range(48) for home in (1, 2, 3, 4)]
    assert [(row["step"], row["household_id"]) for row in rows] == expected


def test_every_amount_has_six_decimals_and_no_minus_zero(tmp_path: Path, market: Results) -> None:
    steps = market.steps | {"import_kwh": np.full((48, 4), -1e-9)}
    tape = Held(kept=[Chunk(0, steps, market.trades)])
    for row in _lines(tmp_path / "a.csv", replace(market, tape=tape)):
        for name in set(row) - {"step", "household_id", "p2p_trades"}:
            assert re.fullmatch(r"-?\d+\.\d{6}", row[name]), name
        assert row["grid_buy"] == "0.000000"
        assert re.fullmatch(r"(\d+:\d+\.\d{6}(-\d+:\d+\.\d{6})*)?", row["p2p_trades"])


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("production", "pv_kwh"),
        ("consumption", "load_kwh"),
        ("stored_kwh", "stored_kwh"),
        ("grid_buy", "import_kwh"),
        ("grid_sell", "export_kwh"),
        ("p2p_buy_amount", "p2p_in_kwh"),
        ("p2p_sell_amount", "p2p_out_kwh"),
    ],
)
def test_energies_are_those_of_the_run(
    tmp_path: Path, market: Results, name: str, column: str
) -> None:
    written = [float(row[name]) for row in _lines(tmp_path / "a.csv", market)]
    np.testing.assert_allclose(written, market.steps[column].ravel(), atol=5.1e-7)


def test_the_battery_is_in_percent_of_its_capacity(tmp_path: Path, market: Results) -> None:
    rows = _lines(tmp_path / "a.csv", market)
    for row in rows:
        assert float(row["battery_pct"]) == pytest.approx(
            100.0 * float(row["stored_kwh"]) / 13.5, abs=1e-5
        )
    none = replace(market, capacity_kwh=np.zeros(4))
    assert {row["battery_pct"] for row in _lines(tmp_path / "b.csv", none)} == {"0.000000"}


def _cut(results: Results, chunk_steps: int) -> Results:
    """Let the same run come in chunks of so many steps."""
    steps, trades = results.steps, results.trades
    tape = Held()
    for first in range(0, results.steps_count, chunk_steps):
        span = slice(first, first + chunk_steps)
        among = (trades["step"] >= first) & (trades["step"] < first + chunk_steps)
        lived = {name: column[span] for name, column in steps.items()}
        tape.write(Chunk(first, lived, {name: column[among] for name, column in trades.items()}))
    return replace(results, tape=tape)


@pytest.mark.parametrize("chunk_steps", [1, 7, 24])
def test_a_run_in_chunks_gives_the_same_file(
    tmp_path: Path, market: Results, chunk_steps: int
) -> None:
    csv_tables.write(tmp_path / "whole.csv", market, 0.0)
    csv_tables.write(tmp_path / "cut.csv", _cut(market, chunk_steps), 0.0)
    assert (tmp_path / "cut.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_the_wallet_is_what_it_held_plus_the_cash_so_far(tmp_path: Path, market: Results) -> None:
    rows = _lines(tmp_path / "a.csv", market, wallet_usd=100.0)
    wallet_usd = dict.fromkeys((1, 2, 3, 4), 100.0)
    for index, row in enumerate(rows):
        step, column = divmod(index, 4)
        cash = sum(
            sign * int(market.steps[f"{name}_microcents"][step, column])
            for name, sign in (
                ("export_credit", 1),
                ("p2p_received", 1),
                ("import_cost", -1),
                ("p2p_paid", -1),
                ("fee", -1),
                ("fixed_charge", -1),
                ("baseline_credit", 1),
            )
        )
        wallet_usd[column + 1] += cash / 1e8
        assert float(row["wallet"]) == pytest.approx(wallet_usd[column + 1], abs=1e-6)


def test_a_wallet_on_paper(tmp_path: Path, results: Callable[..., Results]) -> None:
    # Step 0: 2 kWh at 35 cents, 0.5 kWh at 20 from a neighbour, a fee of 1 cent, 40 cents of
    # standing charge, 16 cents of credit. Step 1: 3 kWh sold at 5, 1.2 kWh at 20 to a neighbour,
    # the same charge.
    usd = 10**8
    run = results(
        2,
        1,
        import_cost_microcents=[[70 * usd // 100], [0]],
        p2p_paid_microcents=[[10 * usd // 100], [0]],
        fee_microcents=[[usd // 100], [0]],
        fixed_charge_microcents=[[40 * usd // 100], [40 * usd // 100]],
        baseline_credit_microcents=[[16 * usd // 100], [0]],
        export_credit_microcents=[[0], [15 * usd // 100]],
        p2p_received_microcents=[[0], [24 * usd // 100]],
    )
    wallets = [row["wallet"] for row in _lines(tmp_path / "a.csv", run, wallet_usd=5.0)]
    assert wallets == ["3.950000", "3.940000"]  # 5 - 0.70 - 0.10 - 0.01 - 0.40 + 0.16, then - 0.01


def test_trades_stand_on_the_buyers_row_and_add_up(tmp_path: Path, market: Results) -> None:
    trades_count = 0
    sold_kwh = np.zeros((48, 4))
    for row in _lines(tmp_path / "a.csv", market):
        parts = [part.split(":") for part in row["p2p_trades"].split("-") if part]
        trades_count += len(parts)
        bought_kwh = sum(float(kwh) for _, kwh in parts)
        assert bought_kwh == pytest.approx(float(row["p2p_buy_amount"]), abs=1e-5)
        for seller, kwh in parts:
            assert seller != row["household_id"]
            sold_kwh[int(row["step"]), int(seller) - 1] += float(kwh)
    assert trades_count == market.trades["step"].size > 0
    np.testing.assert_allclose(sold_kwh, 0.95 * market.steps["p2p_out_kwh"], atol=1e-5)
