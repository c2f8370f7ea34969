"""Runs as objects: a folder and memory tell the same, and what they tell is that of a report."""

import json
from pathlib import Path

import pandas as pd
import pytest

from profiles.errors import InputError
from scenarios import compare as comparing
from scenarios import store
from scenarios.load import load
from scenarios.notebook import Batch, Comparison, Run, compare

QUICK = {"run.days": 2, "homes.count": 3, "forecast.samples_count": 1, "forecast.horizon_hours": 6}
ARMS = ["grid_only", "self_use"]


@pytest.fixture(scope="module")
def kept() -> Comparison:
    return compare("fontana_mixed", QUICK, ARMS)


@pytest.fixture(scope="module")
def other() -> Comparison:
    return compare("fontana_mixed", {**QUICK, "tariff.name": "two_level"}, ARMS)


def test_a_folder_tells_what_memory_does(kept: Comparison, tmp_path: Path) -> None:
    run = kept.save(tmp_path)
    assert run.figures == kept.figures
    for name in ("arms", "against", "added", "carbon", "homes", "days"):
        pd.testing.assert_frame_equal(run.to_pandas(name), kept.to_pandas(name))
    for kind in ("costs", "added", "load_duration", "heat"):
        assert run.plot(kind).svg == kept.plot(kind).svg
    assert run._repr_html_() == kept._repr_html_()
    assert run.manifest.scenario.run.days == 2
    assert Run(tmp_path / run.label).figures == run.figures


def test_they_show_themselves_in_a_line_and_as_a_table(kept: Comparison, tmp_path: Path) -> None:
    title = "fontana_mixed: 3 homes, 2 days from 2017-07-01 00:00"
    assert repr(kept) == f"Comparison({title})"
    run = kept.save(tmp_path)
    assert repr(run) == f"Run({run.label}: {title})"
    cost_usd = kept.figures.arms["self_use"].cost_usd
    assert f"<td>self_use</td><td>{cost_usd:.2f}</td>" in run._repr_html_()


def test_two_runs_are_paired_by_day(kept: Comparison, other: Comparison) -> None:
    found = other.against(kept).to_pandas().set_index("arm")
    daily = kept.to_pandas("days").pivot_table(index="arm", columns="day", values="cost_usd")
    daily -= other.to_pandas("days").pivot_table(index="arm", columns="day", values="cost_usd")
    for arm in ARMS:
        row = found.loc[arm]
        assert row["saved_usd_per_day"] == pytest.approx(daily.loc[arm].mean())
        assert (
            row["saved_usd_per_day_low"] < row["saved_usd_per_day"] < row["saved_usd_per_day_high"]
        )
        assert (row["over"], row["pairs_count"]) == ("days", 2)
    back = kept.against(other).to_pandas().set_index("arm")
    assert back["saved_usd_per_day"].tolist() == (-found["saved_usd_per_day"]).tolist()


def test_knobs_are_typed_as_they_are(kept: Comparison) -> None:
    assert kept.lived.scenario == load(
        "fontana_mixed", [f"{knob}={json.dumps(value)}" for knob, value in QUICK.items()]
    )
    loaded = compare(kept.lived.scenario, arms=["grid_only"])
    assert loaded.figures.arms["grid_only"].cost_usd == kept.figures.arms["grid_only"].cost_usd


def test_what_is_wrong_is_refused_in_one_line(kept: Comparison, tmp_path: Path) -> None:
    for work, told in (
        (lambda: compare("fontana", {"market.loss_fraction": 2}), "market.loss_fraction: must be"),
        (lambda: compare(kept.lived.scenario, {"seed": 1}), "settings: must be empty"),
        (lambda: kept.table("days_"), "table: must be one of arms, "),
        (lambda: kept.plot("gains"), "plot: what gains shows was not run"),
        (lambda: kept.plot("pie"), "plot: must be one of costs, "),
        (lambda: Run(tmp_path / "nowhere"), "no such folder"),
        (lambda: Batch(tmp_path), "is missing: no run"),
    ):
        with pytest.raises(InputError, match=told) as refusal:
            work()
        assert str(refusal.value).isprintable()


def test_a_batch_has_its_runs_by_number_their_tables_and_pictures(tmp_path: Path) -> None:
    folder = tmp_path / "batch"
    (folder / "runs").mkdir(parents=True)
    (folder / "failed").mkdir()
    (folder / "batch.json").write_text("{}", encoding="utf-8")
    (folder / "failed" / "00004.json").write_text('{"problem": "a law was broken"}', "utf-8")
    for number, days in enumerate((1, 2, 3), 1):
        lived = comparing.compare(
            load("fontana_mixed", ("homes.count=2", f"run.days={days}")), ARMS
        )
        store.save(lived, folder / "runs").rename(folder / "runs" / f"{number:05d}")
    batch = Batch(folder)
    assert repr(batch) == "Batch(batch: 3 runs)"
    assert (len(batch), [*batch.runs]) == (3, ["00001", "00002", "00003"])
    assert batch.missing == {"00004": "a law was broken"}
    frame = batch.to_pandas()
    assert frame["run.days"].tolist() == [1.0, 2.0, 3.0]
    assert frame["cost_usd"][1] == batch["00002"].figures.arms["self_use"].cost_usd
    assert len(batch.to_pandas("days")) == 2 * (1 + 2 + 3)
    assert "<td>00003</td>" in batch._repr_html_()
    assert "over 3 runs" in repr(batch.plot())
    assert "over run.days" in repr(batch.plot("effects"))
    with pytest.raises(InputError, match="plot: must be one of costs, effects"):
        batch.plot("heat")
