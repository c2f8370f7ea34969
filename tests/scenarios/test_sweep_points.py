"""From a sweep to its points."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scenarios.schema import SEED_MAX
from scenarios.sweep import Hypercube, Range, Sweep, Whole
from scenarios.sweep_points import points, seeds


def test_every_combination_is_run_and_the_last_knob_changes_fastest() -> None:
    sweep = Sweep(scenario="a", grid={"x": [1, 2], "y": ["p", "q"]}, list=({"z": 5}, {"w": 6}))
    assert [dict(point.knobs) for point in points(sweep)] == [
        {"x": x, "y": y} | other for x in (1, 2) for y in "pq" for other in ({"z": 5}, {"w": 6})
    ]
    first, second, *_ = points(sweep)
    assert first.places == {"x": "grid.x.0", "y": "grid.y.0", "z": "list.0.z"}
    assert second.places["w"] == "list.1.w"


def test_whole_runs_come_last_and_all_are_repeated_with_the_same_seeds() -> None:
    sweep = Sweep(scenario="a", grid={"x": [1]}, runs=(Whole(set={"y": 2}),), repetitions=2)
    first, second = seeds(sweep)
    told = [(dict(each.knobs), each.whole, each.repetition, each.seed) for each in points(sweep)]
    assert told == [
        ({"x": 1}, None, 1, first),
        ({"x": 1}, None, 2, second),
        ({"y": 2}, 0, 1, first),
        ({"y": 2}, 0, 2, second),
    ]


def test_whole_runs_alone_are_not_joined_by_the_scenario_itself() -> None:
    assert [each.whole for each in points(Sweep(runs=(Whole(scenario="a"),)))] == [0]
    repeated = Sweep(scenario="a", repetitions=3)
    assert [(dict(each.knobs), each.repetition) for each in points(repeated)] == [
        ({}, 1), ({}, 2), ({}, 3),
    ]  # fmt: skip


def test_without_repetitions_seeds_are_left_to_the_scenario() -> None:
    (point,) = points(Sweep(scenario="a", grid={"x": [1]}))
    assert (point.repetition, point.seed) == (None, None)


@given(seed=st.integers(0, SEED_MAX), count=st.integers(2, 200))
def test_seeds_differ_are_exact_everywhere_and_more_begin_with_the_same(
    seed: int, count: int
) -> None:
    drawn = seeds(Sweep(scenario="a", seed=seed, repetitions=count))
    assert len(set(drawn)) == count
    assert all(each == int(float(each)) and 0 <= each < 2**53 for each in drawn)
    assert seeds(Sweep(scenario="a", seed=seed, repetitions=count - 1)) == drawn[:-1]


def test_seeds_are_those_that_numpy_spawns() -> None:
    child = np.random.SeedSequence(5, spawn_key=(1,))
    expected = int(child.generate_state(1, np.uint64)[0]) >> 11
    assert seeds(Sweep(scenario="a", seed=5, repetitions=2))[1] == expected


@given(count=st.integers(1, 60), seed=st.integers(0, SEED_MAX))
def test_every_slice_of_every_range_has_one_sample(count: int, seed: int) -> None:
    knobs = {"x": Range(low=0.0, high=float(count)), "y": Range(low=1, high=count + 1)}
    cube = Hypercube(runs_count=count, seed=seed, knobs=knobs)
    drawn = [point.knobs for point in points(Sweep(scenario="a", latin_hypercube=cube))]
    slices = sorted(int(each["x"]) for each in drawn)  # type: ignore[call-overload]
    assert slices == list(range(count))
    whole = sorted(each["y"] for each in drawn)  # type: ignore[type-var]
    assert all(later - earlier <= 2 for earlier, later in pairwise(whole))
    again = [point.knobs for point in points(Sweep(scenario="a", latin_hypercube=cube))]
    assert again == drawn
