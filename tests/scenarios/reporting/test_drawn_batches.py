"""What is read off the pictures of a large batch, and its counts, is what its Parquet tells.

Nine runs are too many for bars. One of them lacks the arm that leads, as one may that was added.
"""

import json
import re
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import pytest

from scenarios import compare, store
from scenarios.load import load
from scenarios.reporting import report
from tests.scenarios.reporting.drawn_by_hand import Axes, Picture, pictures
from tests.scenarios.reporting.recomputed import Recomputed

QUICK = ("homes.count=2", "run.days=1", "carbon.name=none")
KNOBS = {
    "battery.capacity_kwh": (3.0, 9.0, 5.0, 6.5, 13.0, 8.0, 4.0, 11.0, 10.0),
    "battery.soc_initial_fraction": (0.5, 0.2, 0.75, 0.6, 0.3, 0.8, 0.4, 0.7, 0.35),
    "battery.discharge_efficiency_fraction": (0.9, 0.97, 0.92, 0.95, 1.0, 0.91, 0.96, 0.93, 0.99),
    "tariff.export_cents_per_kwh": (3.0, 7.0, 4.0, 11.0, 1.0, 6.0, 9.0, 2.0, 5.5),
}
NO_AXIS = {"market.loss_fraction": (0.0, 0.1) * 4 + (0.0,), "seed": range(1, 10)}
SHORT = 3  # place of the run without the arm that leads
COUNT, LEADS = 9, "self_use"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    out, made = tmp_path_factory.mktemp("many"), []
    for place in range(COUNT):
        typed = [f"{path}={values[place]}" for path, values in {**KNOBS, **NO_AXIS}.items()]
        arms = ["grid_only", LEADS][: 1 if place == SHORT else 2]
        lived = compare.compare(load("fontana_mixed", (*QUICK, *typed)), arms)
        made.append(store.save(lived, out).rename(out / f"run {place}"))
    return made


@pytest.fixture(scope="module")
def page(folders: list[Path], tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("drawn") / "report.html"
    return report.run(folders, out).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def drawn(page: str) -> list[Picture]:
    return pictures(page)


@pytest.fixture(scope="module")
def runs(folders: list[Path]) -> list[Recomputed]:
    return [Recomputed(folder) for folder in folders]


def per_day(runs: list[Recomputed], arm: str) -> list[float]:
    return [run.cost(arm) / run.days for run in runs if arm in run.arms]


def read(axes: Axes, places: np.ndarray) -> np.ndarray:
    return np.column_stack([axes.scale("x")(places[:, 0]), axes.scale("y")(places[:, 1])])


def knob(run: Recomputed, path: str) -> float:
    """Read what was typed from the manifest."""
    found: Any = run.scenario
    for name in path.split("."):
        found = found[name]
    value: float = found
    return value


def test_the_page_has_these_pictures_and_no_other(drawn: list[Picture]) -> None:
    """Those of a run are drawn of the first three."""
    kinds = [" ".join(each.label.split()[:2]) for each in drawn]
    of_runs = [kind for kind in ("Saved by", "Load duration", "By day") for _ in range(3)]
    assert kinds == ["Cost in", "Cost of", *of_runs]


def test_every_run_has_a_mark_where_a_day_costs_that_much_and_a_dot_is_their_median(
    drawn: list[Picture], runs: list[Recomputed]
) -> None:
    (axes,) = drawn[0].axes
    along, (rows, names) = axes.scale("x"), axes.ticks("y")
    assert names == ["grid_only", LEADS]
    series = axes.marks()
    assert len(series) == 2 * len(names)
    for place, arm in enumerate(names):
        wanted = per_day(runs, arm)
        assert len(wanted) == (COUNT if arm == "grid_only" else COUNT - 1)
        (colour, marks), (of_dot, dot) = series[2 * place : 2 * place + 2]
        assert colour == of_dot
        assert along(marks[:, 0]) == pytest.approx(np.array(wanted), abs=1e-4)
        assert along(dot[:, 0]) == pytest.approx(np.array([median(wanted)]), abs=1e-4)
        for points in (marks, dot):
            assert points[:, 1] == pytest.approx(np.full(len(points), rows[place]), abs=0.01)
    (zero,) = (line for _, line in axes.lines())
    assert along(zero[:, 0]) == pytest.approx(np.zeros(2), abs=1e-4)
    count, *ends = (float(text) for text in re.findall(r"-?\d+(?:\.\d+)?", drawn[0].label))
    wanted = [pick(per_day(runs, arm)) for arm in names for pick in (min, max)]
    assert (count, ends) == (COUNT, pytest.approx(wanted, abs=0.005))


def test_each_knob_of_three_values_has_a_panel_with_a_mark_per_run_that_has_the_arm(
    drawn: list[Picture], runs: list[Recomputed]
) -> None:
    panels = {axes.title("x"): axes for axes in drawn[1].axes}
    assert len(drawn[1].axes) == len(panels)
    assert {*panels} == {*KNOBS}, "neither seeds nor a knob of two values"
    having = [run for run in runs if LEADS in run.arms]
    for path, axes in panels.items():
        ((_, marks),) = axes.marks()
        known = [knob(run, path) for run in having]
        wanted = np.column_stack([known, per_day(having, LEADS)])
        assert axes.title("y") == f"cost, {LEADS} [USD/day]"
        assert read(axes, marks) == pytest.approx(wanted, abs=1e-4), path
        assert len({*known}) == COUNT - 1, "no run could stand for another"
    assert drawn[1].label == f"Cost of {LEADS} in dollars a day over {', '.join(panels)}."


def test_counts_of_runs_and_the_values_that_occur_are_those_of_the_folders(
    page: str, runs: list[Recomputed]
) -> None:
    assert f"<h1>{COUNT} runs of fontana_mixed</h1>" in page
    assert f"{COUNT} runs. Key figures are those of the first, run 0." in page
    rows = re.findall(r'<th scope="row">([\w.]+)</th><td class="text wrap">([^<]*)</td>', page)
    told = dict(rows)
    assert told.keys() == {*KNOBS, *NO_AXIS}
    for path, text in told.items():
        values = [json.dumps(each) for each in dict.fromkeys(knob(run, path) for run in runs)]
        left = f"; and {len(values) - 8} more" if len(values) > 8 else ""
        assert text == "; ".join(values[:8]) + left, path


def test_rows_that_are_left_to_the_files_are_counted(
    folders: list[Path], page: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "more rows stand" not in page
    monkeypatch.setattr("scenarios.reporting.cells.ROWS_SHOWN_MAX", 5)
    monkeypatch.setattr("scenarios.reporting.page.RECIPES_MAX", 2)
    short = report.run(folders, tmp_path / "report.html").read_text(encoding="utf-8")
    assert f"The hashes of {COUNT - 2} more runs stand" in short
    left = dict(re.findall(r"(\d+) more rows stand in report_tables/(\w+)\.csv", short))
    whole = {
        name: len(pd.read_parquet(tmp_path / "report_tables" / f"{name}.parquet"))
        for name in left.values()
    }
    assert {name: int(count) for count, name in left.items()}.items() >= {
        "runs": whole["runs"] - 5, "arms": whole["arms"] - 5, "added": whole["added"] - 5,
    }.items()  # fmt: skip
