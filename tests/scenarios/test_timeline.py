"""The file that the player shows, held against the tables that it is made from."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

import run
from model.results import Chunk, Results
from model.tape import Held
from profiles.errors import InputError
from scenarios import store, timeline
from scenarios.compare import Comparison
from scenarios.stage import ROWS_MAX, Span, Window, default_window
from scenarios.summary import summary
from scenarios.timeline_schema import Timeline
from tests.scenarios import timelines

ENERGIES = ("load_kwh", "pv_kwh", "import_kwh", "export_kwh", "p2p_in_kwh", "p2p_out_kwh")
HALF_DIGIT = 0.5e-4 + 1e-9


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, comparison: Comparison) -> Path:
    """Store the small comparison, once for all tests, which only read it."""
    return store.save(comparison, tmp_path_factory.mktemp("out"))


def _noise(
    results: Callable[..., Results], steps_count: int, homes_count: int, seed: int
) -> Results:
    """Write down a run in which every home trades with every other, and all else is random."""
    rng = np.random.default_rng(seed)
    shape, count = (steps_count, homes_count), 3 * steps_count
    seller = rng.integers(0, homes_count, count)
    buyer = (seller + rng.integers(1, max(homes_count, 2), count)) % homes_count
    step, delivered_kwh = np.sort(rng.integers(0, steps_count, count)), rng.gamma(1.0, 0.3, count)
    columns: dict[str, object] = {name: rng.gamma(1.0, 0.5, shape) for name in ENERGIES}
    for name, home in (("p2p_in_kwh", buyer), ("p2p_out_kwh", seller)):
        sums = np.bincount(step * homes_count + home, delivered_kwh, steps_count * homes_count)
        columns[name] = sums.reshape(shape)
    return results(
        steps_count,
        homes_count,
        **columns,
        stored_kwh=rng.uniform(0.0, 9.0, shape),
        stored_kwh_initial=np.full(homes_count, 2.0),
        stored_value_cents_per_kwh=np.full(homes_count, 23.4),
        import_cost_microcents=rng.integers(0, 10**8, shape),
        p2p_received_microcents=rng.integers(0, 10**7, shape),
        trades={
            "step": step,
            "seller_id": seller + 1,
            "buyer_id": buyer + 1,
            "delivered_kwh": delivered_kwh,
            "injected_kwh": delivered_kwh,
            "price_cents_per_kwh": rng.uniform(5.0, 35.0, count),
            "amount_microcents": np.zeros(count, np.int64),
            "fee_microcents": np.zeros(count, np.int64),
        },
    )


def test_a_folder_gives_the_bytes_of_the_comparison(folder: Path, comparison: Comparison) -> None:
    told = timeline.as_json(timelines.of_comparison(comparison))
    assert timeline.as_json(timeline.of_folder(folder)) == told
    assert told == json.dumps(json.loads(told), separators=(",", ":")) + "\n"


def _cut(results: Results, steps_count: int) -> Results:
    """Keep the same run in chunks of so many steps."""
    steps, trades, chunks = results.steps, results.trades, []
    for first in range(0, results.steps_count, steps_count):
        theirs = (trades["step"] >= first) & (trades["step"] < first + steps_count)
        rows = {name: column[first : first + steps_count] for name, column in steps.items()}
        dealt = {name: column[theirs] for name, column in trades.items()}
        chunks.append(Chunk(first, rows, dealt))
    return replace(results, tape=Held(kept=chunks))


def _chosen(window: Window, _: Span) -> Window:
    return window


def test_a_run_in_many_chunks_gives_the_same_bytes(
    comparison: Comparison, folder: Path, tmp_path: Path
) -> None:
    arms = {name: _cut(results, 7) for name, results in comparison.arms.items()}
    cut = replace(comparison, arms=arms)
    saved = store.save(cut, tmp_path)
    assert parquet.ParquetFile(saved / "steps.parquet").num_row_groups == 7 * len(arms)
    for window in (Window(0, 48), Window(10, 20), Window(14, 7)):
        choose = partial(_chosen, window)
        expected = timeline.as_json(timeline.of_folder(folder, choose))
        assert timeline.as_json(timelines.of_comparison(cut, window)) == expected
        assert timeline.as_json(timeline.of_folder(saved, choose)) == expected


def test_a_timeline_is_what_its_schema_says(comparison: Comparison) -> None:
    told = timelines.of_comparison(comparison)
    read = Timeline.model_validate_json(timeline.as_json(told))
    assert list(told) == list(Timeline.model_fields)
    assert read.summary == summary(comparison)
    assert (read.title, read.baseline, read.optimized) == (
        "fontana_mixed: 4 homes, 1 day from 2017-07-01 00:00", "self_use", "market",
    )  # fmt: skip
    for arm in read.arms.values():
        assert {len(column) for column in arm.steps.model_dump().values()} == {48}
    assert read.local[33] == "2017-07-01 16:30"


def test_every_energy_is_that_of_the_tables(folder: Path) -> None:
    told = timeline.of_folder(folder)
    table = parquet.read_table(folder / "steps.parquet").to_pandas()
    for arm, shown in told["arms"].items():
        rows = table[table["arm"] == arm]
        for name in (*ENERGIES, "stored_kwh"):
            written = rows[name].to_numpy().reshape(48, 4)
            np.testing.assert_allclose(shown["steps"][name], written, rtol=0, atol=HALF_DIGIT)
        moved = (rows["charge_kwh"] - rows["discharge_kwh"]).to_numpy().reshape(48, 4)
        np.testing.assert_allclose(shown["steps"]["battery_kwh"], moved, rtol=0, atol=HALF_DIGIT)


def test_the_last_cost_is_that_of_the_summary_in_every_arm(comparison: Comparison) -> None:
    figures, told = summary(comparison), timelines.of_comparison(comparison)
    assert list(told["cost_usd"]) == list(figures.arms)
    for name, usd in told["cost_usd"].items():
        assert usd[-1] == pytest.approx(figures.arms[name].cost_usd, abs=HALF_DIGIT)
    gains = told["arms"]["market"]["steps"]["gain_usd"][-1]
    for home, gain in zip(figures.homes, gains, strict=True):
        saved_usd = home.cost_usd["self_use"] - home.cost_usd["market"]
        assert gain == pytest.approx(saved_usd, abs=HALF_DIGIT)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(homes_count=st.sampled_from([1, 2, 7, 60, 61, 67]), seed=st.integers(0, 99))
def test_energy_and_money_are_kept_whatever_rows_there_are(
    results: Callable[..., Results], made_up: Callable[..., Comparison], homes_count: int, seed: int
) -> None:
    arms = {
        name: _noise(results, 5, homes_count, seed + more)
        for more, name in enumerate(("self_use", "market"))
    }
    told = timelines.of_comparison(made_up(arms))
    rows_count = min(homes_count, ROWS_MAX + 1)
    assert sum(home["members_count"] for home in told["homes"]) == homes_count
    for name, shown in told["arms"].items():
        for column in ENERGIES:
            sums = np.sum(shown["steps"][column], axis=1)
            kept = arms[name].step_sums(column)
            np.testing.assert_allclose(sums, kept, rtol=0, atol=rows_count * HALF_DIGIT)
        for step, trades in enumerate(shown["trades"]):
            assert len({tuple(trade[:2]) for trade in trades}) == len(trades)
            for party, column in ((0, "p2p_out_kwh"), (1, "p2p_in_kwh")):
                sums = np.zeros(rows_count)
                for trade in trades:
                    sums[trade[party]] += trade[2]
                told_kwh, off = shown["steps"][column][step], (len(trades) + 1) * HALF_DIGIT
                np.testing.assert_allclose(sums, told_kwh, rtol=0, atol=off)


def test_of_many_homes_those_that_trade_most_have_a_row(
    results: Callable[..., Results], made_up: Callable[..., Comparison], tmp_path: Path
) -> None:
    arms = {name: _noise(results, 20, 80, len(name)) for name in ("self_use", "market")}
    made = made_up(arms)
    told = timelines.of_comparison(made)
    kwh = arms["market"].home_sums("p2p_in_kwh") + arms["market"].home_sums("p2p_out_kwh")
    most = sorted(1 + np.argsort(-kwh, kind="stable")[:60])
    assert [home["id"] for home in told["homes"]] == [*most, None]
    assert told["homes"][60]["members_count"] == 20
    assert {step[60] for step in told["arms"]["market"]["steps"]["state"]} == {0}
    assert {state for step in told["arms"]["market"]["steps"]["state"] for state in step} == {
        -1, 0, 1,
    }  # fmt: skip
    Timeline.model_validate_json(timeline.as_json(told))
    saved = store.save(made, tmp_path)
    assert timeline.as_json(timeline.of_folder(saved)) == timeline.as_json(told)


def test_what_adds_up_is_counted_from_the_start_of_the_run(folder: Path) -> None:
    whole, part = timeline.of_folder(folder), timeline.of_folder(folder, lambda _: Window(30, 10))
    assert part["local"] == whole["local"][30:40]
    assert part["start_utc"] == "2017-07-01T23:00:00Z"
    assert part["steps_count"] == 10
    assert part["title"].endswith("0.208333 days from 2017-07-01 15:00")
    assert part["cost_usd"] == {arm: usd[30:40] for arm, usd in whole["cost_usd"].items()}
    for arm, shown in part["arms"].items():
        for name in ("trades", "signal_cents_per_kwh", "forecast_pv_kwh"):
            assert shown[name] == whole["arms"][arm][name][30:40]
        assert shown["steps"] == {
            name: column[30:40] for name, column in whole["arms"][arm]["steps"].items()
        }


def test_a_longer_run_is_shown_in_part(
    results: Callable[..., Results], made_up: Callable[..., Comparison], tmp_path: Path
) -> None:
    made = made_up({"market": _noise(results, 1600, 2, 1)})
    with pytest.raises(InputError, match="at most 1500 steps"):
        timelines.of_comparison(made)
    chosen = default_window(timeline.span_of(summary(made)))
    assert len(timelines.of_comparison(made, chosen)["local"]) == 31 * 48
    saved = store.save(made, tmp_path)
    written = timeline.export(saved, tmp_path / "part.json", "2017-07-31", 9)
    part = Timeline.model_validate_json(written.read_bytes())
    assert (part.local[0], part.steps_count) == ("2017-07-31 00:00", 1600 - 28 * 48)
    whole = json.loads(written.read_bytes())["summary"]["arms"]["market"]["cost_usd"]
    assert part.cost_usd["market"][-1] == pytest.approx(whole, abs=HALF_DIGIT)


def test_a_simulation_is_shown_without_a_baseline(comparison: Comparison, tmp_path: Path) -> None:
    alone = {"market": comparison.arms["market"]}
    lived = replace(comparison, arms=alone, bounds={}, simulated=True)
    told = timeline.of_folder(store.save(lived, tmp_path))
    assert (told["baseline"], list(told["arms"]), list(told["cost_usd"])) == (
        None, ["market"], ["market"],
    )  # fmt: skip
    assert not np.any(told["arms"]["market"]["steps"]["gain_usd"])


def test_the_program_writes_a_timeline_and_prints_where(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run.main(["export", str(folder)]) == run.OK
    assert capsys.readouterr().out == "timeline.json\n"
    written = (tmp_path / "timeline.json").read_text(encoding="utf-8")
    assert written == timeline.as_json(timeline.of_folder(folder))
    arguments = ["--output", "part.json", "--start", "2017-07-01", "--days", "1"]
    assert run.main(["export", str(folder), *arguments]) == run.OK
    assert (tmp_path / "part.json").read_text(encoding="utf-8") == written
    assert sorted(path.name for path in tmp_path.iterdir()) == ["part.json", "timeline.json"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--output", "no/such/t.json"], "error: --output no/such/t.json: must be a file in a"),
        (["--output", "."], "error: --output .: must be a file in a folder that exists"),
        (["--output", "folder"], "error: --output folder: cannot be written (Is a directory)"),
        (["--output", "a" * 300], "cannot be written (File name too long)"),
        (["--start", "2017-07-02"], "error: --start: must be from 2017-07-01 to 2017-07-01"),
        (["--days", "0"], "error: --days: must be at least 1 (got 0)"),
    ],
)
def test_what_cannot_be_exported_is_refused(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    refused: Callable[[list[str]], str],
    arguments: list[str],
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    assert told in refused(["export", str(folder), *arguments])


def test_what_is_no_finished_run_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: Callable[[list[str]], str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sim").mkdir()
    assert refused(["export", "none"]) == "error: none: no such folder\n"
    told = "error: sim/DONE: is missing: no run, or one that was not finished\n"
    assert refused(["export", "sim"]) == told


def test_the_prices_of_an_arm_are_its_own(comparison: Comparison) -> None:
    arms = {name: comparison.arms[name] for name in ("self_use", "market")}
    prices = arms["market"].prices | {"tariff_cents_per_kwh": np.full(48, 12.3456)}
    changed = replace(comparison, arms=arms | {"market": replace(arms["market"], prices=prices)})
    told = timelines.of_comparison(changed)
    assert told["tariff_cents_per_kwh"] == [12.346] * 48
    signal = told["arms"]["market"]["signal_cents_per_kwh"]
    np.testing.assert_allclose(signal, prices["signal_cents_per_kwh"], rtol=0, atol=0.5e-3)
    assert told["arms"]["self_use"]["signal_cents_per_kwh"] == [None] * 48
