"""Prices from files, wholesale prices with an adder, and prices drawn at random."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.local_time import utc_from_local
from profiles.tariffs.config import TariffConfig
from profiles.tariffs.price_series import RateSeries
from profiles.tariffs.price_sources import Band, Retail, Wholesale, peak_and_cheap, within_band
from profiles.tariffs.span import Span, span_of


def series(prices: list[float], exports: list[float] | None = None) -> RateSeries:
    """Hours from the first of January, 2026, UTC."""
    start = int(np.datetime64("2026-01-01", "m").astype(np.int64))
    export = None if exports is None else np.array(exports)
    return RateSeries(
        "x.csv",
        start,
        60,
        zoned=True,
        rate_per_kwh=np.array(prices),
        export_cents_per_kwh=export,
    )


def hours(count: int, ahead: int = 0, start: str = "2026-01-01") -> Span:
    return span_of(utc_from_local(start, "UTC"), 60, count, "UTC", ahead)


LONDON = [11.76] * 6 + [3.99] * 3 + [11.76] * 8 + [67.2] * 3 + [11.76] * 4


def test_dear_and_cheap_hours_of_a_dynamic_tariff_are_found() -> None:
    found = Retail(series(LONDON), "none").imports(hours(24))
    assert found.import_cents_per_kwh.tolist() == LONDON
    assert np.flatnonzero(found.cheap).tolist() == [6, 7, 8]
    assert np.flatnonzero(found.peak).tolist() == [17, 18, 19]
    assert found.export_cents_per_kwh is None


def test_a_day_of_one_price_is_neither_dear_nor_cheap() -> None:
    peak, cheap = peak_and_cheap(np.full(24, 20.0), np.zeros(24, np.int64))
    assert not peak.any()
    assert not cheap.any()


def test_every_day_is_held_against_itself() -> None:
    prices = np.concatenate([np.arange(24.0), 100.0 + np.arange(24.0)])
    peak, cheap = peak_and_cheap(prices, np.repeat([5, 6], 24))
    assert np.flatnonzero(cheap).tolist() == [*range(6), *range(24, 30)]
    assert np.flatnonzero(peak).tolist() == [*range(18, 24), *range(42, 48)]


@given(st.lists(st.floats(-100.0, 500.0), min_size=1, max_size=60), st.integers(1, 30))
def test_no_step_is_both_and_dear_steps_are_dearer_than_cheap_ones(
    prices: list[float], day_steps: int
) -> None:
    price, day = np.array(prices), np.arange(len(prices)) // day_steps
    peak, cheap = peak_and_cheap(price, day)
    assert not (peak & cheap).any()
    for number in np.unique(day):
        dear, low = price[peak & (day == number)], price[cheap & (day == number)]
        if dear.size and low.size:
            assert dear.min() > low.max()


def test_the_adder_makes_the_mean_of_the_run_the_retail_reference() -> None:
    wholesale = [1.0, 2.0, 6.0, 900.0]  # the last is only looked ahead to
    found = Wholesale(series(wholesale), TariffConfig(name="lmp")).imports(hours(3, ahead=1))
    assert found.import_cents_per_kwh == pytest.approx([25.0, 26.0, 30.0, 924.0])
    assert found.import_cents_per_kwh[:3].mean() == pytest.approx(27.0)


def test_the_thresholds_are_held_against_the_wholesale_price() -> None:
    config = TariffConfig(name="lmp", adder_cents_per_kwh=20)
    found = Wholesale(series([-5.0, 1.99, 2.0, 4.0, 4.01]), config).imports(hours(5))
    assert found.import_cents_per_kwh == pytest.approx([15.0, 21.99, 22.0, 24.0, 24.01])
    assert found.cheap.tolist() == [True, True, False, False, False]
    assert found.peak.tolist() == [False, False, False, False, True]


@given(
    limits=st.tuples(*[st.floats(-50.0, 50.0)] * 4),
    seed=st.integers(0, 10**18),
    draw_every=st.sampled_from(["hour", "step"]),
)
def test_drawn_prices_stay_within_the_band(
    limits: tuple[float, ...],
    seed: int,
    draw_every: Any,  # noqa: ANN401, one of two words
) -> None:
    buy, sell = sorted(limits[:2]), sorted(limits[2:])
    config = TariffConfig(
        buy_min_cents_per_kwh=buy[0],
        buy_max_cents_per_kwh=buy[1],
        sell_min_cents_per_kwh=sell[0],
        sell_max_cents_per_kwh=sell[1],
        draw_every=draw_every,
    )
    found = Band(config, seed).imports(hours(50))
    assert found.export_cents_per_kwh is not None
    for price, (low, high) in (
        (found.import_cents_per_kwh, buy),
        (found.export_cents_per_kwh, sell),
    ):
        assert price.min() >= low - 1e-9
        assert price.max() <= high + 1e-9


def test_prices_are_drawn_evenly_and_the_two_have_nothing_to_do_with_each_other() -> None:
    found = Band(TariffConfig(), 3).imports(hours(20_000))
    assert found.export_cents_per_kwh is not None
    share = (found.import_cents_per_kwh - 28.0) / 23.0
    assert np.histogram(share, 10, (0.0, 1.0))[0] == pytest.approx([2000] * 10, abs=150)
    assert abs(np.corrcoef(share, found.export_cents_per_kwh)[0, 1]) < 0.03


def test_the_same_hour_has_the_same_price_whenever_the_run_starts() -> None:
    band = Band(TariffConfig(), 3)
    year = band.imports(hours(400)).import_cents_per_kwh
    later = band.imports(hours(30, start="2026-01-05T07:00")).import_cents_per_kwh
    assert later.tolist() == year[4 * 24 + 7 :][:30].tolist()
    other_seed = Band(TariffConfig(), 4).imports(hours(400)).import_cents_per_kwh
    assert (other_seed != year).all()


def test_a_price_holds_for_an_hour_or_for_a_step() -> None:
    span = span_of(utc_from_local("2026-01-01", "UTC"), 15, 96, "UTC")
    by_hour = Band(TariffConfig(), 3).imports(span).import_cents_per_kwh
    assert np.unique(by_hour).size == 24
    assert by_hour[::4].tolist() == by_hour[3::4].tolist()
    by_step = Band(TariffConfig(draw_every="step"), 3).imports(span).import_cents_per_kwh
    assert np.unique(by_step).size == 96


def test_prices_of_a_file_are_moved_to_the_limits_of_the_band() -> None:
    found = within_band(series([20.0, 30.0, 60.0], [2.0, 4.0, 9.0]), TariffConfig())
    assert found.rate_per_kwh.tolist() == [28.0, 30.0, 51.0]
    assert found.export_cents_per_kwh is not None
    assert found.export_cents_per_kwh.tolist() == [3.0, 4.0, 7.0]


def test_what_the_file_of_a_band_does_not_say_is_drawn() -> None:
    drawn = Band(TariffConfig(), 3).imports(hours(2))
    read = Band(TariffConfig(), 3, series([30.0, 31.0])).imports(hours(2))
    assert read.import_cents_per_kwh.tolist() == [30.0, 31.0]
    assert drawn.export_cents_per_kwh is not None
    assert read.export_cents_per_kwh is not None
    assert read.export_cents_per_kwh.tolist() == drawn.export_cents_per_kwh.tolist()
    both = Band(TariffConfig(), 3, series([30.0, 31.0], [4.0, 5.0])).imports(hours(2))
    assert both.export_cents_per_kwh is not None
    assert both.export_cents_per_kwh.tolist() == [4.0, 5.0]
