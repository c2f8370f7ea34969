"""The pictures of several runs: few as bars, many as a spread, knobs that vary as an axis."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from scenarios.reporting import folders, pictures_of_runs
from scenarios.reporting.folders import Collection, Reported


def varied(run: Reported, count: int) -> list[Reported]:
    """Make runs of other losses that cost what the first did."""
    scenario = run.manifest.scenario
    found = []
    for place in range(count):
        market = scenario.market.model_copy(update={"loss_fraction": 0.01 * place})
        other = scenario.model_copy(update={"market": market})
        manifest = run.manifest.model_copy(update={"scenario": other})
        found.append(replace(run, label=f"run {place}", manifest=manifest))
    return found


def told(svg: str) -> str:
    found = re.search(r"<dc:title>([^<]+)</dc:title>", svg)
    assert found is not None
    return found[1]


def test_one_run_is_not_compared(collection: Collection) -> None:
    assert pictures_of_runs.costs(collection.runs[:1]) == ""


def test_a_legend_names_every_run_whatever_its_name_begins_with(collection: Collection) -> None:
    runs = [replace(run, label=f"_{run.label}") for run in collection.runs]
    svg = pictures_of_runs.costs(runs)
    assert ">_plain</text>" in svg
    assert "_&lt;b&gt;cheap &amp; free</text>" in svg


def test_few_runs_are_bars_with_a_legend(collection: Collection) -> None:
    svg = pictures_of_runs.costs(collection.runs)
    assert ">plain</text>" in svg
    assert "&lt;b&gt;cheap &amp; free</text>" in svg
    usd = [run.course.figures.arms["market"].cost_usd / 3.0 for run in collection.runs]
    assert f"market {min(usd):.2f} to {max(usd):.2f}" in told(svg)


def test_many_runs_are_a_spread(collection: Collection) -> None:
    svg = pictures_of_runs.costs(varied(collection.runs[0], 9))
    assert "over 9 runs" in told(svg)
    assert ">run 0</text>" not in svg


def test_a_knob_with_three_values_is_an_axis(collection: Collection) -> None:
    run = collection.runs[0]
    assert pictures_of_runs.effects(varied(run, 2)) == ""
    svg = pictures_of_runs.effects(varied(run, 3))
    assert told(svg) == "Cost of market in dollars a day over market.loss_fraction."
    assert ">market.loss_fraction</text>" in svg


def test_seeds_and_names_are_no_axis(batch: Path, collection: Collection) -> None:
    assert pictures_of_runs.effects(folders.collected([batch]).runs) == ""
    assert pictures_of_runs.effects(collection.runs) == ""


@pytest.mark.parametrize("missing", ["market", "self_use"])
def test_an_arm_that_only_some_have_is_drawn_of_those(collection: Collection, missing: str) -> None:
    one, two = collection.runs
    arms = {name: arm for name, arm in two.course.arms.items() if name != missing}
    fewer = replace(two, course=replace(two.course, arms=arms))
    usd = one.course.figures.arms[missing].cost_usd / 3.0
    assert f"{missing} {usd:.2f} to {usd:.2f}" in told(pictures_of_runs.costs([one, fewer]))
