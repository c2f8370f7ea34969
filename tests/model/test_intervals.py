"""Intervals over days, against paper, against scipy, and against what they promise."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import fft, stats

from model import intervals, metrics
from model.community import Community
from model.results import Results
from model.setup import Setup
from profiles.profiles import Profiles

ResultsOf = Callable[..., Results]
USD = 100_000_000  # microcents


def _half_width(daily: list[float]) -> float:
    interval = intervals.mean_interval(np.array(daily))
    assert interval is not None
    return 0.5 * (interval[1] - interval[0])


@pytest.mark.parametrize("daily", [[], [3.0]])
def test_less_than_two_days_have_no_interval(daily: list[float]) -> None:
    assert intervals.mean_interval(np.array(daily)) is None


def test_two_days_on_paper() -> None:
    # One cosine: cos(45 degrees) * (7 - 3); its square over 2 days, the root: 2. Student's t with
    # one degree of freedom is the tangent of 0.475 half turns, 12.706.
    low, high = intervals.mean_interval(np.array([3.0, 7.0])) or (0.0, 0.0)
    width = 2.0 * np.tan(0.475 * np.pi)
    assert (low, high) == (pytest.approx(5.0 - width), pytest.approx(5.0 + width))


def test_three_days_on_paper() -> None:
    # Cosines at 30, 90, 150 and 60, 180, 300 degrees: sqrt(3)/2 (1 - 4) and (1 - 2 * 7 + 4) / 2.
    # Their squares times 2/3 are 4.5 and 13.5; the mean of both over three days is 3. Student's t
    # with two degrees of freedom at 97.5 % is 4.302653.
    assert _half_width([1.0, 7.0, 4.0]) == pytest.approx(np.sqrt(3.0) * 4.302653, rel=1e-6)


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=60))
def test_it_is_that_of_a_cosine_transform_and_students_t(daily: list[float]) -> None:
    count = len(daily)
    cosines = min(count - 1, max(2, round(0.4 * count ** (2 / 3))))
    spectrum = fft.dct(np.array(daily), norm="ortho")[1 : cosines + 1]
    error = np.sqrt((spectrum**2).mean() / count)
    expected = stats.t.interval(0.95, cosines, np.mean(daily), 1.0)
    low, high = intervals.mean_interval(np.array(daily)) or (0.0, 0.0)
    assert low == pytest.approx(np.mean(daily) + error * (expected[0] - np.mean(daily)), abs=1e-6)
    assert high == pytest.approx(np.mean(daily) + error * (expected[1] - np.mean(daily)), abs=1e-6)


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=40),
    st.floats(-1e3, 1e3),
    st.floats(0.01, 100.0),
)
def test_it_moves_with_the_days_and_widens_with_them(
    daily: list[float], shift: float, scale: float
) -> None:
    low, high = intervals.mean_interval(np.array(daily)) or (0.0, 0.0)
    moved = intervals.mean_interval(scale * np.array(daily) + shift)
    assert moved == pytest.approx((scale * low + shift, scale * high + shift), abs=1e-6)
    assert low <= np.mean(daily) <= high


def test_days_that_are_all_alike_leave_nothing_open() -> None:
    assert intervals.mean_interval(np.full(30, 4.0)) == pytest.approx((4.0, 4.0))


@pytest.mark.parametrize(
    ("count", "resemblance", "held_min"),
    [(7, 0.0, 0.94), (7, 0.3, 0.92), (30, 0.0, 0.94), (30, 0.3, 0.93), (30, 0.5, 0.92)],
)
def test_it_holds_the_truth_about_as_often_as_it_says_though_days_resemble_each_other(
    count: int, resemblance: float, held_min: float
) -> None:
    """Of days that resemble their neighbours Student's t on its own holds far less often."""
    rng = np.random.default_rng(11)
    shocks = rng.standard_normal((2000, count + 50))
    days = np.zeros_like(shocks)
    for day in range(1, count + 50):
        days[:, day] = resemblance * days[:, day - 1] + shocks[:, day]
    held, plain = 0, 0
    for daily in days[:, 50:]:
        low, high = intervals.mean_interval(daily) or (0.0, 0.0)
        held += low <= 0.0 <= high
        error = daily.std(ddof=1) / np.sqrt(count)
        plain += abs(daily.mean()) <= stats.t.ppf(0.975, count - 1) * error
    assert held_min <= held / 2000 <= 0.97
    if resemblance:
        assert plain / 2000 < 0.9 < held / 2000


def test_the_costs_of_days_on_paper(results: ResultsOf) -> None:
    paid = np.zeros((96, 2), np.int64)
    paid[0], paid[50] = [3 * USD, 2 * USD], [4 * USD, -1 * USD]
    stored = np.full((96, 2), 1.0)
    stored[40:70] = [3.0, 2.0]  # 3 kWh more at the first midnight, gone again by the second
    run = results(
        96,
        2,
        import_cost_microcents=paid,
        stored_kwh=stored,
        stored_kwh_initial=np.full(2, 1.0),
        stored_value_cents_per_kwh=np.full(2, 20.0),
        capacity_kwh=np.full(2, 10.0),
    )
    assert intervals.day_costs_usd(run) == pytest.approx([5.0 - 0.6, 3.0 + 0.6])


def test_energy_of_unlike_worth_still_adds_up(results: ResultsOf) -> None:
    stored = np.tile([5.0, 1.0], (96, 1))
    run = results(
        96,
        2,
        stored_kwh=stored,
        stored_kwh_initial=np.array([1.0, 1.0]),
        stored_value_cents_per_kwh=np.array([30.0, 10.0]),
        capacity_kwh=np.array([10.0, 10.0]),
    )
    # 4 kWh at 30 cents, all gained on the first day; the mean worth is 20, and the 40 cents that
    # it misses are spread over both days.
    assert intervals.day_costs_usd(run) == pytest.approx([-0.8 - 0.2, 0.0 - 0.2])


def test_a_day_begins_when_the_run_does_and_lasts_as_long_as_the_clock_says(
    results: ResultsOf,
) -> None:
    # 3 November 2018, 12:00 in California; on the 4th the clock goes back, after 25 hours it is
    # 12:00 again.
    paid = np.full((98, 1), USD, np.int64)
    run = results(
        98, 1, import_cost_microcents=paid, start_utc=np.datetime64("2018-11-03T19:00:00", "s")
    )
    assert intervals.day_costs_usd(run) == pytest.approx([50.0, 48.0])


def test_an_hour_shown_twice_lies_on_the_day_of_its_first(results: ResultsOf) -> None:
    # The run starts at 01:30; half an hour later it is 01:00 again.
    paid = np.full((50, 1), USD, np.int64)
    run = results(
        50, 1, import_cost_microcents=paid, start_utc=np.datetime64("2018-11-04T08:30:00", "s")
    )
    assert intervals.day_costs_usd(run) == pytest.approx([50.0])


@pytest.mark.parametrize("days", [0.75, 2.0])
def test_the_costs_of_days_add_up_to_the_cost_of_a_run(
    three_homes: Profiles,
    setup_of: Callable[..., Setup],
    lived: Callable[[Setup], Community],
    days: float,
) -> None:
    run = lived(setup_of(three_homes, "market", days=days)).results()
    costs = intervals.day_costs_usd(run)
    assert costs.size == np.ceil(days)
    assert costs.sum() == pytest.approx(metrics.cost_usd(run), abs=1e-9)


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=30))
def test_independent_draws_have_the_interval_of_students_t(values: list[float]) -> None:
    low, high = intervals.independent_interval(np.array(values)) or (0.0, 0.0)
    error = float(np.std(values, ddof=1)) / np.sqrt(len(values))
    width = stats.t.ppf(0.975, len(values) - 1) * error
    assert low == pytest.approx(np.mean(values) - width, abs=1e-6)
    assert high == pytest.approx(np.mean(values) + width, abs=1e-6)


def test_one_draw_has_no_interval() -> None:
    assert intervals.independent_interval(np.array([3.0])) is None
