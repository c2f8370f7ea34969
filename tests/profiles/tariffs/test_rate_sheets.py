"""The tariffs of 2026, read off the rate sheets by hand: prices, kinds of day, clock changes.

In 2026, July 15 and January 14 are Wednesdays, July 18 and January 17 Saturdays; Independence Day
is a Saturday, Labor Day September 7, Thanksgiving Day November 26. Each list of a day is (steps of
half an hour, cents).
"""

from pathlib import Path

import numpy as np
import pytest

from profiles.local_time import utc_from_local
from profiles.tariffs import catalogue
from profiles.tariffs.config import TariffConfig
from profiles.tariffs.grid_prices import GridPrices

CALIFORNIA = "America/Los_Angeles"
DEAR, LOW = "peak", "cheap"


def day_of(name: str, date: str, steps: int = 48) -> GridPrices:
    start = utc_from_local(date, CALIFORNIA)
    return catalogue.load(TariffConfig(name=name)).grid_prices(start, 30, steps, CALIFORNIA)


SHEETS: dict[str, list[tuple[str, float, str]]] = {
    "pge_e_tou_c_2026": [
        ("2026-06-01T00:00", 39.940, LOW),  # the first moment of summer
        ("2026-07-15T15:30", 39.940, LOW),
        ("2026-07-15T16:00", 52.240, DEAR),
        ("2026-07-18T20:30", 52.240, DEAR),  # a Saturday like any day
        ("2026-07-04T18:00", 52.240, DEAR),
        ("2026-07-15T21:00", 39.940, LOW),
        ("2026-09-30T20:30", 52.240, DEAR),
        ("2026-10-01T16:00", 39.757, DEAR),
        ("2026-01-14T03:00", 36.757, LOW),
        ("2026-05-31T23:30", 36.757, LOW),
    ],
    "pge_e_tou_d_2026": [
        ("2026-07-15T16:30", 34.212, LOW),
        ("2026-07-15T17:00", 47.708, DEAR),
        ("2026-07-15T19:30", 47.708, DEAR),
        ("2026-07-15T20:00", 34.212, LOW),
        ("2026-07-18T18:00", 34.212, LOW),  # Saturday
        ("2026-07-19T18:00", 34.212, LOW),  # Sunday
        ("2026-07-03T18:00", 34.212, LOW),  # Friday: Independence Day is observed
        ("2026-09-07T18:00", 34.212, LOW),  # Labor Day
        ("2026-09-08T18:00", 47.708, DEAR),
        ("2026-11-11T18:00", 34.886, LOW),  # Veterans Day
        ("2026-11-26T18:00", 34.886, LOW),  # Thanksgiving Day
        ("2026-11-27T18:00", 38.747, DEAR),  # the day after is a working day
        ("2026-01-19T18:00", 38.747, DEAR),  # so is Martin Luther King Jr. Day
        ("2026-01-14T12:00", 34.886, LOW),
    ],
    "pge_ev2_a_2026": [
        ("2026-07-15T00:00", 22.558, LOW),
        ("2026-07-15T14:30", 22.558, LOW),
        ("2026-07-15T15:00", 42.760, ""),
        ("2026-07-15T16:00", 53.809, DEAR),
        ("2026-07-18T20:30", 53.809, DEAR),
        ("2026-07-15T21:00", 42.760, ""),
        ("2026-07-15T23:30", 42.760, ""),
        ("2026-01-14T14:30", 22.558, LOW),
        ("2026-01-14T15:00", 39.428, ""),
        ("2026-01-14T16:00", 41.099, DEAR),
        ("2026-12-25T23:30", 39.428, ""),
    ],
    "pge_e_elec_2026": [
        ("2026-07-15T14:30", 33.358, LOW),
        ("2026-07-15T15:30", 39.026, ""),
        ("2026-07-19T16:00", 55.214, DEAR),
        ("2026-07-15T22:00", 39.026, ""),
        ("2026-01-14T05:00", 28.468, LOW),
        ("2026-01-14T15:00", 29.854, ""),
        ("2026-01-14T18:00", 32.063, DEAR),
        ("2026-01-14T21:00", 29.854, ""),
    ],
    "sce_tou_d_prime_2026": [
        ("2026-07-15T15:30", 26.698, LOW),
        ("2026-07-15T16:00", 59.291, DEAR),
        ("2026-07-18T16:00", 40.182, DEAR),  # Saturday
        ("2026-07-03T16:00", 59.291, DEAR),  # a holiday on a Saturday moves no Friday
        ("2026-09-07T20:30", 40.182, DEAR),  # Labor Day
        ("2026-09-07T21:00", 26.698, LOW),
        ("2026-01-14T07:30", 24.633, LOW),
        ("2026-01-14T12:00", 24.633, LOW),
        ("2026-01-14T16:00", 56.646, DEAR),
        ("2026-01-17T20:30", 56.646, DEAR),  # in winter every day is alike
        ("2026-01-14T21:00", 24.633, LOW),
    ],
    "sce_tou_d_4_9pm_2026": [
        ("2026-07-15T15:30", 34.666, LOW),
        ("2026-07-15T16:00", 58.477, DEAR),
        ("2026-07-18T20:30", 46.482, DEAR),
        ("2026-01-14T07:30", 37.515, ""),
        ("2026-01-14T08:00", 33.605, LOW),
        ("2026-01-14T15:30", 33.605, LOW),
        ("2026-01-14T16:00", 51.112, DEAR),
        ("2026-01-18T21:00", 37.515, ""),
    ],
}


@pytest.mark.parametrize(
    ("name", "stamp", "cents", "flag"),
    [(name, *row) for name, rows in SHEETS.items() for row in rows],
)
def test_a_moment_costs_what_the_sheet_says(name: str, stamp: str, cents: float, flag: str) -> None:
    moment = day_of(name, stamp, 1)
    assert moment.import_cents_per_kwh[0] == cents
    assert (moment.peak[0], moment.cheap[0]) == (flag == DEAR, flag == LOW)


def test_every_tariff_of_2026_has_a_sheet() -> None:
    assert set(SHEETS) == {name for name in catalogue.shipped() if name.endswith("_2026")}


@pytest.mark.parametrize("name", SHEETS)
def test_charges_and_credits_are_those_of_the_sheet(name: str) -> None:
    summer, winter = day_of(name, "2026-07-15"), day_of(name, "2026-01-14")
    fixed_cents = 79.343 if name.startswith("pge") else 79.4
    baseline = {"pge_e_tou_c_2026": (8.140, 13.5, 11.0)}.get(name, (0.0, 0.0, 0.0))
    assert summer.fixed_cents.sum() == pytest.approx(fixed_cents)
    assert (summer.baseline_cents_per_kwh == baseline[0]).all()
    assert summer.baseline_kwh.sum() == pytest.approx(baseline[1])
    assert winter.baseline_kwh.sum() == pytest.approx(baseline[2])


# Both clock changes of 2026 fall on a Sunday in winter. What the night loses or gains is an hour
# of the lowest price; the evening keeps its hours.
SUNDAYS = {
    "pge_tou_c": ([(12, 28.0), (20, 33.0), (8, 40.0), (8, 33.0)], 28.0),
    "two_level": ([(32, 28.0), (8, 51.0), (8, 28.0)], 28.0),
    "pge_e_tou_c_2026": ([(32, 36.757), (10, 39.757), (6, 36.757)], 36.757),
    "pge_e_tou_d_2026": ([(48, 34.886)], 34.886),
    "pge_ev2_a_2026": ([(30, 22.558), (2, 39.428), (10, 41.099), (6, 39.428)], 22.558),
    "pge_e_elec_2026": ([(30, 28.468), (2, 29.854), (10, 32.063), (6, 29.854)], 28.468),
    "sce_tou_d_prime_2026": ([(32, 24.633), (10, 56.646), (6, 24.633)], 24.633),
    "sce_tou_d_4_9pm_2026": ([(16, 37.515), (16, 33.605), (10, 51.112), (6, 37.515)], 37.515),
}


@pytest.mark.parametrize("name", SUNDAYS)
@pytest.mark.parametrize(("date", "steps"), [("2026-03-08", 46), ("2026-11-01", 50)])
def test_every_step_of_a_clock_change_has_the_right_price(name: str, date: str, steps: int) -> None:
    spans, night = SUNDAYS[name]
    usual = [cents for count, cents in spans for _ in range(count)]
    expected = usual[2:] if steps == 46 else [night, night, *usual]
    day = day_of(name, date, steps)
    assert day.import_cents_per_kwh.tolist() == expected
    dear = max(usual) if max(usual) > min(usual) else None
    assert day.peak.tolist() == [cents == dear for cents in expected]
    fixed_cents = 0.0 if not name.endswith("_2026") else 79.343 if name[0] == "p" else 79.4
    assert day.fixed_cents == pytest.approx([fixed_cents / steps] * steps)
    allowance = 11.0 if name == "pge_e_tou_c_2026" else 0.0
    assert day.baseline_kwh == pytest.approx([allowance / steps] * steps)


def test_every_shipped_tariff_is_walked_through_both_clock_changes() -> None:
    assert set(SUNDAYS) == set(catalogue.shipped())


def test_a_dynamic_tariff_of_london_follows_the_british_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three prices by the half hour, stamps without a zone, as in the trial of 2013."""
    monkeypatch.chdir(tmp_path)
    rows = [
        (f"2013-03-{day} {step // 2:02}:{step % 2 * 30:02}:00", 11.76)
        for day in (30, 31)
        for step in range(48)
    ]
    for first, last, cents in ((34, 40, 67.20), (48 + 2, 48 + 6, 3.99)):
        rows[first:last] = [(stamp, cents) for stamp, _ in rows[first:last]]
    text = "".join(f"{stamp},{cents}\n" for stamp, cents in rows)
    Path("london.csv").write_text(f"ts,import_cents_per_kwh\n{text}", encoding="utf-8")
    tariff = catalogue.load(TariffConfig(name="file", path="london.csv"))
    prices = tariff.grid_prices(
        utc_from_local("2013-03-30", "Europe/London"), 30, 48 + 46, "Europe/London"
    )
    usual = [11.76] * 34 + [67.20] * 6 + [11.76] * 8
    # On the 31st, the low price from 01:00 to 03:00 loses the hour that the clock leaves out.
    assert prices.import_cents_per_kwh.tolist() == [*usual, 11.76, 11.76, 3.99, 3.99, *[11.76] * 42]
    assert np.flatnonzero(prices.peak).tolist() == list(range(34, 40))
    assert np.flatnonzero(prices.cheap).tolist() == [50, 51]
