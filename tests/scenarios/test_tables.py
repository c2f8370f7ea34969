"""The Parquet tables, read back."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from model import recorder
from model.results import PRICE_COLUMNS, ROUND_COLUMNS, STEP_COLUMNS, TRADE_COLUMNS, Chunk, Results
from model.tape import Held
from scenarios import tables
from scenarios.compare import Comparison, Means, compare
from scenarios.schema import Scenario


def test_steps_hold_every_column_of_every_arm_bit_by_bit(
    tmp_path: Path, comparison: Comparison
) -> None:
    tables.write_steps_and_trades(tmp_path, comparison.arms)
    table = parquet.read_table(tmp_path / tables.STEPS_FILE)
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
    tables.write_steps_and_trades(tmp_path, arms)
    table = parquet.read_table(tmp_path / tables.TRADES_FILE)
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


def test_rounds_hold_every_round_of_every_arm(tmp_path: Path, learned: Comparison) -> None:
    path = tmp_path / "rounds"
    tables.write_rounds(path, learned.arms)
    table = parquet.read_table(path)
    assert table.column_names == ["arm", *(column.name for column in ROUND_COLUMNS)]
    assert table["arm"].to_pylist() == ["self_use"] * 4
    with parquet.ParquetFile(path) as file:
        assert [file.metadata.row_group(group).num_rows for group in range(2)] == [0, 4]
    for column in ROUND_COLUMNS:
        kept = learned.arms["self_use"].rounds[column.name]
        np.testing.assert_array_equal(table[column.name].to_numpy(), kept)
    units = {each.name: each.metadata[b"unit"].decode() for each in table.schema}
    assert {name for name, unit in units.items() if unit} == {"bytes_up", "bytes_down"}
    assert all(each.metadata[b"meaning"] for each in table.schema)


def test_every_field_has_a_unit_and_a_meaning(tmp_path: Path, comparison: Comparison) -> None:
    units = {}
    tables.write_steps_and_trades(tmp_path, comparison.arms)
    tables.write_prices(tmp_path / "prices.parquet", comparison.arms)
    for path in tmp_path.iterdir():
        for field in parquet.read_schema(path):
            units[field.name] = field.metadata[b"unit"].decode()
            assert field.metadata[b"meaning"]
    assert len(units) > len(STEP_COLUMNS) + len(PRICE_COLUMNS)
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
    tape = Held(kept=[Chunk(0, steps, results.trades)])
    return replace(results, tape=tape, home_ids=np.arange(homes_count), peak=peak)


def test_a_home_step_of_pure_noise_takes_at_most_115_bytes(
    tmp_path: Path, comparison: Comparison
) -> None:
    noise = _noisy(comparison.arms["market"], steps_count=1000, homes_count=100)
    tables.write_steps_and_trades(tmp_path, {"market": noise})
    assert (tmp_path / tables.STEPS_FILE).stat().st_size <= 115 * 100_000


@pytest.fixture
def streamed(tmp_path: Path, small: Scenario, monkeypatch: pytest.MonkeyPatch) -> Comparison:
    """Live two arms whose chunks are 7 steps of 4 homes; the last chunk is of 6 steps."""
    monkeypatch.setattr(recorder, "HOME_STEPS_AT_ONCE", 30)
    return compare(small, ["self_use", "market"], means=Means(tmp_path / "parts"))


def test_a_streamed_run_reads_like_one_that_was_held(
    streamed: Comparison, comparison: Comparison
) -> None:
    for name, results in streamed.arms.items():
        held = comparison.arms[name]
        assert [chunk.steps_count for chunk in results.chunks()] == [7] * 6 + [6]
        assert [chunk.first_step for chunk in results.chunks()] == list(range(0, 48, 7))
        for table, columns in (("steps", STEP_COLUMNS), ("trades", TRADE_COLUMNS)):
            found, expected = getattr(results, table), getattr(held, table)
            for column in columns:
                assert found[column.name].dtype == column.dtype
                assert found[column.name].tobytes() == expected[column.name].tobytes(), column
        for found, expected in (
            (results.totals.homes, held.totals.homes),
            (results.totals.steps, held.totals.steps),
        ):
            assert {k: v.tobytes() for k, v in found.items()} == {
                k: v.tobytes() for k, v in expected.items()
            }
        assert results.trades_count == held.trades_count
        assert results.stored_kwh_final.tobytes() == held.stored_kwh_final.tobytes()
        assert results.ledger_head == held.ledger_head


def test_only_the_ledger_that_is_published_is_kept(
    streamed: Comparison, comparison: Comparison
) -> None:
    assert streamed.arms["market"].ledger == comparison.arms["market"].ledger
    assert streamed.arms["self_use"].ledger == b""


def test_a_chunk_is_a_row_group_of_steps_and_one_of_trades(
    tmp_path: Path, streamed: Comparison, comparison: Comparison
) -> None:
    arms = {name: comparison.arms[name] for name in streamed.arms}
    for name, results in (("parts", streamed.arms), ("whole", arms)):
        (tmp_path / f"from_{name}").mkdir()
        tables.write_steps_and_trades(tmp_path / f"from_{name}", results)
    for file in (tables.STEPS_FILE, tables.TRADES_FILE):
        parts, whole = tmp_path / "from_parts" / file, tmp_path / "from_whole" / file
        assert parquet.ParquetFile(parts).num_row_groups == 2 * 7
        assert parquet.ParquetFile(whole).num_row_groups == 2
        assert parquet.read_table(parts).equals(parquet.read_table(whole))


def test_the_chunks_of_an_arm_are_files_whose_bytes_hang_on_nothing_else(
    tmp_path: Path, streamed: Comparison
) -> None:
    market, arms = streamed.arms["market"], ("self_use", "market")
    names = {path.name for path in (tmp_path / "parts").glob("*.parquet")}
    assert names == {
        f"{arm}.{number:05}.{table}.parquet"
        for arm in arms
        for number in range(7)
        for table in ("steps", "trades")
    }
    again = tables.Parts(tmp_path, "market", market.home_ids, keeps_ledger=False)
    with again:
        for chunk in market.chunks():
            again.write(chunk)
    for path in tmp_path.glob("*.parquet"):
        assert path.read_bytes() == (tmp_path / "parts" / path.name).read_bytes()


def test_a_tape_of_files_goes_on_from_a_mark(tmp_path: Path, comparison: Comparison) -> None:
    results = comparison.arms["market"]
    (chunk,) = results.chunks()
    with tables.Parts(tmp_path, "market", results.home_ids, keeps_ledger=True) as parts:
        parts.ledger.write(b"head and ")
        parts.write(chunk)
        mark = parts.mark()
        parts.ledger.write(b"more than that")
        parts.write(chunk)
    with tables.Parts(tmp_path, "market", results.home_ids, keeps_ledger=True) as parts:
        parts.ledger.write(b"head ")  # as a new ledger begins
        parts.rewind(mark)
        parts.ledger.write(b"tail")
        assert parts.mark() == (1, len(b"head and tail"))
    assert b"".join(parts.ledger_parts()) == b"head and tail"
    (kept,) = parts.chunks()
    assert kept.steps["load_kwh"].tobytes() == chunk.steps["load_kwh"].tobytes()


@pytest.mark.parametrize("mark", [(1, 0), (0, 99)])
def test_a_tape_of_files_is_not_rewound_to_what_is_not_there(
    tmp_path: Path, mark: tuple[int, int]
) -> None:
    with tables.Parts(tmp_path, "market", np.arange(2), keeps_ledger=True) as parts:
        parts.ledger.write(b"head")
        with pytest.raises(ValueError, match=r"market.* is not whole"):
            parts.rewind(mark)


def test_parts_take_nothing_once_they_are_closed(tmp_path: Path) -> None:
    with tables.Parts(tmp_path, "market", np.arange(2), keeps_ledger=True) as parts:
        parts.ledger.write(b"block")
    with pytest.raises(ValueError, match="market are not open"):
        parts.ledger.write(b"another")
    assert b"".join(parts.ledger_parts()) == b"block"
    assert list(parts.chunks()) == []


def test_a_ledger_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "market.ledger.bin").mkdir()
    parts = tables.Parts(tmp_path, "market", np.arange(2), keeps_ledger=True)
    with pytest.raises(IsADirectoryError), parts:
        pass
