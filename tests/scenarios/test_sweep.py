"""What a person types to have a scenario run many times."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.config import validated
from profiles.errors import InputError
from profiles.strict_yaml import parse
from scenarios.sweep import RUNS_MAX, Range, Sweep

SHARES = st.floats(0.0, 1.0, exclude_max=True)
ENDS = st.tuples(st.integers(-1000, 1000), st.integers(1, 1000))


def _sweep(text: str) -> Sweep:
    return validated(parse(text, "s.yaml"), Sweep)


@given(ends=ENDS, share=SHARES)
def test_whole_numbers_stay_whole_and_both_ends_are_possible(
    ends: tuple[int, int], share: float
) -> None:
    low, high = ends[0], ends[0] + ends[1]
    drawn = Range(low=low, high=high)
    assert isinstance(drawn.at(share), int)
    assert low <= drawn.at(share) <= high
    assert (drawn.at(0.0), drawn.at(math.nextafter(1.0, 0.0))) == (low, high)


@given(low=st.floats(0.001, 10.0), factor=st.floats(1.01, 1000.0), share=SHARES)
def test_a_logarithm_is_spread_evenly(low: float, factor: float, share: float) -> None:
    drawn = Range(low=low, high=low * factor, log=True)
    expected = math.log(low) + share * math.log(low * factor / low)
    assert math.log(drawn.at(share)) == pytest.approx(expected, abs=1e-9)


def test_a_whole_range_has_slices_of_equal_width() -> None:
    drawn = Range(low=1, high=3)
    assert [drawn.at(n / 6) for n in range(6)] == [1, 1, 2, 2, 3, 3]
    assert Range(low=1.0, high=3.0).at(0.25) == 1.5


def test_runs_are_counted_without_making_them() -> None:
    text = """
scenario: fontana
grid: {market.loss_fraction: [0, 0.1], run.days: [1, 2, 3]}
list: [{seed: 1}, {seed: 2}]
latin_hypercube: {runs_count: 5, knobs: {battery.capacity_kwh: [5.0, 20.0]}}
runs: [{set: {homes.count: 2}}]
"""
    assert _sweep(text).count == 2 * 3 * 2 * 5 + 1
    assert _sweep(f"{text}repetitions: 4").count == 4 * 61
    assert _sweep("{scenario: fontana, repetitions: 7}").count == 7
    assert _sweep("{runs: [{scenario: fontana}, {scenario: london}]}").count == 2


CUBE = "scenario: a\nlatin_hypercube:\n  runs_count: 2\n  knobs:"
REFUSED = [
    ("scenario: fontana", "s.yaml:1: must vary something by grid, list, latin_hypercube, repet"),
    ("{scenario: fontana, grid: {}, list: []}", "s.yaml:1: must vary something by"),
    ("grid: {seed: [1]}", "s.yaml:1: scenario: is missing"),
    ("scenario: a\ngrid:\n  seed: []", "s.yaml:3: grid.seed: must have at least 1 value (got 0)"),
    ("scenario: a\ngrid:\n  seed: 5", "s.yaml:3: grid.seed: must be a list (got 5)"),
    ("scenario: a\nlist:\n  - {}", "s.yaml:3: list.0: must set at least 1 knob (got 0)"),
    ("scenario: a\nlist: {seed: 1}", "s.yaml:2: list: must be a list (got {'seed': 1})"),
    ("scenario: a\nset: [1]\nrepetitions: 1", "s.yaml:2: set: must be a mapping (key: value)"),
    ("scenario: a\nrepetitions: 0", "s.yaml:2: repetitions: must be at least 1 (got 0)"),
    ("scenario: a\nlatin_hypercube: {runs_count: 2, knobs: {}}", "s.yaml:2: latin_hypercube.knobs"),
    (
        f"{CUBE} {{x: [5, 3]}}",
        "s.yaml:4: latin_hypercube.knobs.x.high: must be above low, 5 (got 3)",
    ),
    (
        f"{CUBE} {{x: [5]}}",
        "s.yaml:4: latin_hypercube.knobs.x: must be [low, high] (got 1 values)",
    ),
    (
        f"{CUBE}\n    x: {{low: 0, high: 1, log: true}}",
        "s.yaml:5: latin_hypercube.knobs.x.low: must be above 0 for a logarithm (got 0)",
    ),
    ("{runs: [{set: {seed: 1}}]}", "s.yaml:1: runs.0: must name a scenario, the sweep has none"),
    ('{runs: [{scenario: a, label: "x\\ny"}]}', "s.yaml:1: runs.0.label: must be printable"),
    ("{runs: [{scenario: a, days: 3}]}", "s.yaml:1: runs.0.days: is not a known key (known: scen"),
    ("{scenario: a, arms: [market], simulate: true, repetitions: 2}", "s.yaml:1: arms: must be"),
    (
        "{scenario: a, repetitions: 10000, list: [{seed: 1}, {seed: 2}]}",
        f"s.yaml:1: must plan at most {RUNS_MAX} runs (got 20000)",
    ),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_plans_no_runs_is_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(InputError) as refused:
        _sweep(text)
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)
