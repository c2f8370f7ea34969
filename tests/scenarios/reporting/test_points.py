"""Repetitions are found, knobs that differ are named, and a scenario is told by what it sets."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.errors import InputError
from scenarios.load import load
from scenarios.reporting import folders, points
from scenarios.reporting.folders import Collection
from scenarios.schema import Scenario

SETTINGS = (
    "seed=7", "run.days=2", "market.loss_fraction=0.2", "tariff.name=two_level",
    "homes.without_pv=[1, 2]", "battery.capacity_kwh=5", "homes.feeders={a: [1, 2], b: [3]}",
    "carbon.name=caiso_pge", "carbon.repeat_year=weekday", "grid.import_kw_max=9",
)  # fmt: skip


def test_runs_that_differ_by_their_seed_are_one_point(batch: Path) -> None:
    found = folders.collected([batch]).runs
    assert [[run.label for run in point] for point in points.points(found)] == [
        ["00001", "00002"],
        ["00003", "00004"],
    ]


def test_a_second_run_of_a_seed_is_a_point_of_its_own(batch: Path) -> None:
    one, two, *_ = folders.collected([batch]).runs
    again = points.points([one, two, one])
    assert [len(point) for point in again] == [2, 1]


def test_the_name_of_a_scenario_decides_nothing(collection: Collection) -> None:
    scenario = collection.runs[0].manifest.scenario
    renamed = scenario.model_copy(update={"name": "other", "purpose": "another"})
    assert points.differing([scenario, renamed]) == {}


def test_knobs_that_differ_are_named_with_their_values(collection: Collection) -> None:
    found = points.differing([run.manifest.scenario for run in collection.runs])
    assert found == {
        "tariff.name": ["pge_tou_c", "two_level"],
        "tariff.export_cents_per_kwh": [5.0, 7.0],
    }


def test_a_knob_that_a_scenario_lacks_is_none() -> None:
    plain, fed = load("fontana"), load("fontana", ["homes.feeders={a: [1, 2, 3]}", "homes.count=3"])
    found = points.differing([plain, fed])
    assert found["homes.feeders.a"] == [None, [1, 2, 3]]


@given(st.lists(st.sampled_from(SETTINGS), unique=True))
def test_the_file_of_a_scenario_is_read_back_to_an_equal_one(
    tmp_path_factory: pytest.TempPathFactory, settings: list[str]
) -> None:
    try:
        scenario = load("fontana_mixed", settings)
    except InputError:  # feeders name homes that others leave out
        return
    path = tmp_path_factory.mktemp("yaml") / "scenario.yaml"
    text = points.as_yaml(scenario)
    path.write_text(text, encoding="utf-8")
    assert Scenario.load(path) == scenario
    assert len(text) < 1000, "only what differs from the defaults"
