"""A table that somebody wrote: what it says, and what makes it be refused."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.results import Results
from profiles.errors import InputError
from scenarios import csv_results, csv_tables
from scenarios.compare import Comparison
from scenarios.csv_results import CsvResults

PIECES = (
    b",", b"\n", b'"', b"-", b":", b"3:1-", b"nan", b"1e999", b"\r", b"\0", b"\xff", b"9" * 20,
)  # fmt: skip
BY_HAND = Path(__file__).parents[1] / "data" / "hand_written_results" / "optimized_results.csv"


@pytest.fixture(scope="module")
def by_hand() -> CsvResults:
    """Two homes, three steps, in no order."""
    return csv_results.read(BY_HAND)


def test_rows_are_sorted_by_step_and_home(by_hand: CsvResults) -> None:
    assert by_hand.step.tolist() == [0, 1, 2]
    assert by_hand.household_id.tolist() == [3, 8]
    amounts = {name: column.tolist() for name, column in by_hand.amounts.items()}
    assert amounts == {
        "production": [[2.0, 0.0], [1.0, 0.0], [0.0, 0.0]],
        "consumption": [[0.5, 1.0], [0.5, 1.0], [0.25, 1.0]],
        "stored_kwh": [[1.0, 0.0], [1.5, 0.0], [0.7, 0.0]],
        "battery_pct": [[10.0, 0.0], [15.0, 0.0], [7.0, 0.0]],
        "wallet": [[10.1, 9.7], [10.1, 9.35], [10.22, 9.0]],
        "grid_buy": [[0.0, 0.62], [0.0, 1.0], [0.0, 0.525]],
        "grid_sell": [[0.1, 0.0], [0.0, 0.0], [0.0, 0.0]],
        "p2p_buy_amount": [[0.0, 0.38], [0.0, 0.0], [0.0, 0.475]],
        "p2p_sell_amount": [[0.4, 0.0], [0.0, 0.0], [0.5, 0.0]],
    }


def test_trades_are_listed_in_order(by_hand: CsvResults) -> None:
    assert {name: column.tolist() for name, column in by_hand.trades.items()} == {
        "step": [0, 2],
        "seller_id": [3, 3],
        "buyer_id": [8, 8],
        "delivered_kwh": [0.38, 0.475],
    }


def test_figures_are_as_on_paper(by_hand: CsvResults) -> None:
    figures = by_hand.figures()
    assert figures.grid_buy_kwh == pytest.approx(2.145)
    assert figures.grid_sell_kwh == pytest.approx(0.1)
    assert figures.p2p_kwh == pytest.approx(0.855)
    assert figures.trades_count == 2
    assert figures.self_sufficiency_fraction == pytest.approx(1.0 - 2.145 / 4.25)
    assert figures.loss_fraction == pytest.approx(0.05)
    assert figures.loss_residual_kwh_max == pytest.approx(0.0, abs=1e-12)
    assert figures.wallet_usd_final.tolist() == [10.22, 9.0]
    # From step 1 on; in step 2 home 3 takes 0.8 kWh out of its battery and uses 0.75.
    assert by_hand.balance_residual_kwh == pytest.approx(np.array([[0, 0], [0.05, 0]]), abs=1e-12)
    assert figures.balance_residual_kwh_max == pytest.approx(0.05)


def _changed(path: Path, *changes: tuple[str, str]) -> Path:
    text = BY_HAND.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.joinpath("a.csv").write_text(text, encoding="utf-8")
    return path / "a.csv"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("3,1,1,0.5", "3,1,-1,0.5", ":4: production: must be at least 0 (got '-1')"),
        ("1.5,15", "1.5,101", ":4: battery_pct: must be at most 100 (got '101')"),
        ("9.35,1", "-2e9,1", ":5: wallet: must be at least -1e+09 (got '-2e9')"),
        ("9.35,1", "9.35,2e9", ":5: grid_buy: must be at most 1e+09 (got '2e9')"),
        ("9.35,1", "nan,1", ":5: wallet: must be a number (got 'nan')"),
        ("8,1,0,1.0", "8,x,0,1.0", ":5: step: must be a number (got 'x')"),
        ("8,1,0,1.0", "8.5,1,0,1.0", ":5: household_id: must be a whole number (got '8.5')"),
        ("8,1,0,1.0", "3,1,0,1.0", ":5: household_id: must stand once in a step, see line 4"),
        ("8,1,0,1.0", "9,1,0,1.0", ": step 0: household_id: 9 is missing"),
        ("8,1,0,1.0,0,0,9.35,1,0,,0,0,\n", "", ": step 1: household_id: 8 is missing"),
        ("3:0.475,0.475", "3:0.475,0.4", ":7: p2p_buy_amount: must be p2p_trades added up, 0.475"),
        ("9.35,1,0,,0,0,", "9.35,1,0,,0.1,0,", ":5: p2p_buy_amount: must be p2p_trades added up"),
        (",0,0.4,", ",0,0.3,", ":3: p2p_sell_amount: must be at least its trades added up, 0.38"),
        ("15,10.1,0,0,,0,0,", "15,10.1,0,0,,0,0.2,", ":4: p2p_sell_amount: must be its trades"),
        ("3:0.475", "8:0.475", ":7: p2p_trades: a home must not buy from itself (got '8:0.475')"),
        ("3:0.475", "4:0.475", ":7: p2p_trades: a seller must be a household_id of this file"),
        ("3:0.475", "3:1e999", ":7: p2p_trades: must hold finite numbers (got '3:1e999')"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = _changed(tmp_path, (old, new))
    with pytest.raises(InputError) as caught:
        csv_results.read(path)
    assert str(caught.value).startswith(f"{path}{message}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "cell",
    [
        "3:0.5-x", "3", "3:", ":0.475", "3:-0.475", "3:0.475-", "-3:0.475", "3:0.475;8:0",
        "3:0.475--8:0", "x:0.475", "3.5:0.475", "3:nan", "3:0.475-8:1e", "3=0.475", "\u0663:0.475",
        "3:0,475", "3 : 0.475", "1e5:0.475", "9999999999999999:0.475",
    ],
)  # fmt: skip
def test_malformed_trades_are_refused(tmp_path: Path, cell: str) -> None:
    path = _changed(tmp_path, ("3:0.475", f'"{cell}"'))
    with pytest.raises(InputError) as caught:
        csv_results.read(path)
    assert str(caught.value) == (
        f"{path}:7: p2p_trades: must be empty or like 3:0.5-7:1.25, seller:kWh of each trade "
        f"(got '{cell}')"
    )


@pytest.mark.parametrize(
    "cell", ["3:0.475", "3:0.4-3:0.075", "3.0:4.75e-01", "3:0.474999-3:1e-06", "3:0.475-3:0"]
)
def test_trades_may_be_written_as_other_programs_do(tmp_path: Path, cell: str) -> None:
    read = csv_results.read(_changed(tmp_path, ("3:0.475", cell)))
    assert read.trades["delivered_kwh"][1:].sum() == pytest.approx(0.475)


def test_many_small_trades_may_each_be_off_by_half_a_decimal(tmp_path: Path) -> None:
    # 0.000001 may have been anything up to 0.0000015: 475 of them 0.0007, but not 0.00073.
    sellers = "-".join(["3:0.000001"] * 475)
    changes = ("3:0.475,0.475", f"{sellers},0.000700"), (",0,0.5,", ",0,0.0007,")
    assert csv_results.read(_changed(tmp_path, *changes)).trades["step"].size == 476
    with pytest.raises(InputError, match="p2p_buy_amount: must be p2p_trades added up"):
        csv_results.read(_changed(tmp_path, *changes[1:], ("3:0.475,0.475", f"{sellers},0.00073")))


@pytest.mark.parametrize("steps", [(0, 1, 3), (0, 2, 3), (5, 7, 9)])
def test_steps_follow_each_other_from_any_first_one(
    tmp_path: Path, by_hand: CsvResults, steps: tuple[int, int, int]
) -> None:
    header, *rows = BY_HAND.read_text(encoding="utf-8").splitlines()

    def write(numbers: tuple[int, ...]) -> Path:
        moved = []
        for row in rows:
            home, step, rest = row.split(",", 2)
            moved.append(f"{home},{numbers[int(step)]},{rest}")
        path = tmp_path / "a.csv"
        path.write_text("\n".join([header, *moved]), encoding="utf-8")
        return path

    with pytest.raises(InputError, match=r"step: must follow \d without a gap \(got '\d'\)$"):
        csv_results.read(write(steps))
    later = csv_results.read(write((17, 18, 19)))
    assert later.step.tolist() == [17, 18, 19]
    assert later.amounts["wallet"].tolist() == by_hand.amounts["wallet"].tolist()
    assert later.figures().p2p_kwh == by_hand.figures().p2p_kwh


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(BY_HAND.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content)))
        cut = data.draw(st.integers(0, 12))
        content[at : at + cut] = data.draw(st.binary(max_size=4) | st.sampled_from(PIECES))
    path = tmp_path_factory.getbasetemp() / "damaged.csv"
    path.write_bytes(bytes(content))
    try:
        table = csv_results.read(path)
    except InputError as error:
        assert str(error).startswith(f"{path}:")  # noqa: PT017, reading it is fine too
        assert len(str(error).splitlines()) == 1  # noqa: PT017
    else:
        assert all(np.isfinite(column).all() for column in table.amounts.values())
        assert np.isfinite(table.figures().balance_residual_kwh_max)


def test_one_home_and_one_step_are_a_table(tmp_path: Path) -> None:
    header = ",".join(csv_tables.COLUMNS)
    (tmp_path / "a.csv").write_text(f"{header}\n0,1,0,0,0,0,-5,0,0,,0,0\n", encoding="utf-8")
    figures = csv_results.read(tmp_path / "a.csv").figures()
    assert (figures.self_sufficiency_fraction, figures.loss_fraction) == (None, None)
    assert figures.balance_residual_kwh_max == figures.loss_residual_kwh_max == 0.0
    assert figures.wallet_usd_final.tolist() == [-5.0]


COLUMNS = {
    "production": "pv_kwh",
    "consumption": "load_kwh",
    "stored_kwh": "stored_kwh",
    "grid_buy": "import_kwh",
    "grid_sell": "export_kwh",
    "p2p_buy_amount": "p2p_in_kwh",
    "p2p_sell_amount": "p2p_out_kwh",
}


@pytest.mark.parametrize("arm", ["self_use", "market"])
def test_what_is_written_is_read_back(tmp_path: Path, comparison: Comparison, arm: str) -> None:
    results: Results = comparison.arms[arm]
    csv_tables.write(tmp_path / "a.csv", results, 20.0)
    read = csv_results.read(tmp_path / "a.csv")
    assert read.household_id.tolist() == results.home_ids.tolist()
    for name, column in COLUMNS.items():
        np.testing.assert_allclose(read.amounts[name], results.steps[column], rtol=0, atol=5.1e-7)
    wallet_usd = 20.0 + results.cash_microcents.cumsum(axis=0) / 1e8
    np.testing.assert_allclose(read.amounts["wallet"], wallet_usd, rtol=0, atol=5.1e-7)
    keys = "buyer_id", "seller_id", "step"
    ours = np.lexsort([results.trades[key] for key in keys])
    theirs = np.lexsort([read.trades[key] for key in keys])
    for key in keys:
        assert read.trades[key][theirs].tolist() == results.trades[key][ours].tolist()
    np.testing.assert_allclose(
        read.trades["delivered_kwh"][theirs],
        results.trades["delivered_kwh"][ours],
        rtol=0,
        atol=5.1e-7,
    )
    figures = read.figures()
    assert figures.grid_buy_kwh == pytest.approx(results.steps["import_kwh"].sum(), abs=1e-3)
    if arm == "market":
        assert figures.loss_fraction == pytest.approx(0.05, abs=1e-5)
        assert figures.loss_residual_kwh_max < 1e-5


def test_what_does_not_balance_is_loss_curtailed_or_unserved(
    tmp_path: Path, comparison: Comparison
) -> None:
    results = comparison.arms["market"]
    csv_tables.write(tmp_path / "a.csv", results, 0.0)
    s = results.steps
    lost = s["charge_kwh"] - s["discharge_kwh"] - np.diff(s["stored_kwh"], axis=0, prepend=np.nan)
    expected = (lost + s["curtailed_kwh"] - s["unserved_kwh"])[1:]
    found = csv_results.read(tmp_path / "a.csv").balance_residual_kwh
    np.testing.assert_allclose(found, expected, rtol=0, atol=5e-6)
    assert found.max() > 0.01
