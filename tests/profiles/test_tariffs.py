"""Tariffs: the shipped tables by hand, and files that leave a minute out or price it twice."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles import tariffs
from profiles.errors import InputError
from profiles.local_time import local_time, utc_from_local
from profiles.strict_yaml import parse

ZONE = "-08:00"
SUMMER, WINTER = [6, 7, 8, 9], [1, 2, 3, 4, 5, 10, 11, 12]


def hours_of(month: int, name: str) -> list[float]:
    local = local_time(utc_from_local(f"2017-{month:02}-15", ZONE), 60, 24, ZONE)
    return list(map(float, tariffs.load(name).import_cents_per_kwh(local)))


@pytest.mark.parametrize("month", SUMMER)
def test_pge_tou_c_in_summer(month: int) -> None:
    expected = [28.0] * 6 + [35.0] * 10 + [51.0] * 4 + [35.0] * 4
    assert hours_of(month, "pge_tou_c") == expected


@pytest.mark.parametrize("month", WINTER)
def test_pge_tou_c_in_winter(month: int) -> None:
    expected = [28.0] * 6 + [33.0] * 10 + [40.0] * 4 + [33.0] * 4
    assert hours_of(month, "pge_tou_c") == expected


@pytest.mark.parametrize("month", [1, 7])
def test_two_level_is_the_same_all_year(month: int) -> None:
    assert hours_of(month, "two_level") == [28.0] * 16 + [51.0] * 4 + [28.0] * 4


@pytest.mark.parametrize("name", ["pge_tou_c", "two_level"])
def test_the_peak_is_from_four_to_eight(name: str) -> None:
    local = local_time(utc_from_local("2017-01-15", ZONE), 15, 96, ZONE)
    peak = tariffs.load(name).is_peak(local)
    assert np.flatnonzero(peak).tolist() == list(range(64, 80))


@pytest.mark.parametrize("name", ["pge_tou_c", "two_level"])
def test_the_lowest_price_is_28_cents(name: str) -> None:
    assert tariffs.load(name).lowest_import_cents_per_kwh == 28.0


def test_the_cheapest_hours_are_cheap() -> None:
    day = local_time(np.datetime64("2017-07-03T00:00:00", "s"), 60, 24, "UTC")
    assert np.flatnonzero(tariffs.load("pge_tou_c").is_cheap(day)).tolist() == [0, 1, 2, 3, 4, 5]
    two_level = tariffs.load("two_level")
    np.testing.assert_array_equal(two_level.is_cheap(day), ~two_level.is_peak(day))


def test_where_every_hour_costs_the_same_none_is_cheap() -> None:
    day = local_time(np.datetime64("2017-07-03T00:00:00", "s"), 60, 24, "UTC")
    assert not tariffs.from_document(parse(flat(), "flat.yaml")).is_cheap(day).any()


def test_the_clock_change_moves_the_peak_with_the_people() -> None:
    zone = "America/Los_Angeles"
    local = local_time(utc_from_local("2017-03-12", zone), 30, 46, zone)
    peak = tariffs.load("pge_tou_c").is_peak(local)
    assert np.flatnonzero(peak).tolist() == list(range(30, 38))


def test_the_shipped_files_are_found_and_bear_their_names() -> None:
    assert tariffs.names() == ("pge_tou_c", "two_level")
    for name in tariffs.names():
        tariff = tariffs.load(name)
        assert tariff.name == name
        assert tariff.description
        assert not tariff.cents_per_kwh.flags.writeable
        assert not tariff.peak.flags.writeable


@pytest.mark.parametrize("name", ["pge", "", "../pge_tou_c", "PGE_TOU_C"])
def test_an_unknown_name_is_refused_and_the_known_ones_are_named(name: str) -> None:
    with pytest.raises(InputError, match=r"tariff\.name: must be one of pge_tou_c, two_level"):
        tariffs.load(name)


def flat(months: str = "[1,2,3,4,5,6,7,8,9,10,11,12]", hours: str = '["00:00-24:00"]') -> str:
    return f"""\
name: flat
description: one price
seasons:
  - name: all
    months: {months}
    periods:
      - name: always
        hours: {hours}
        import_cents_per_kwh: 30
"""


def test_a_flat_tariff_can_be_written() -> None:
    tariff = tariffs.from_document(parse(flat(), "flat.yaml"))
    assert (tariff.cents_per_kwh == 30.0).all()
    assert not tariff.peak.any()


@given(st.lists(st.integers(1, 1439), unique=True, max_size=6))
def test_any_cut_of_the_day_prices_every_minute_once(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), 1440]
    clocks = [f"{minute // 60:02}:{minute % 60:02}" for minute in edges]
    periods = "".join(
        f"      - {{name: p{index}, hours: ['{first}-{end}'], import_cents_per_kwh: {index}}}\n"
        for index, (first, end) in enumerate(pairwise(clocks))
    )
    head = flat().partition("      - name: always")[0]
    cents = tariffs.from_document(parse(head + periods, "cut.yaml")).cents_per_kwh
    expected = np.repeat(np.arange(len(edges) - 1.0), np.diff(edges))
    assert np.array_equal(cents, np.tile(expected, (12, 1)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (flat(hours='["00:00-23:59"]'), "x.yaml:6: seasons.0.periods: must price every minute"),
        (flat(hours='["00:01-24:00"]'), "none at 00:00"),
        (
            flat(hours='["00:00-24:00", "12:00-13:00"]'),
            "x.yaml:8: seasons.0.periods.0.hours.1: a minute must have one price (got two at 12",
        ),
        (flat(hours='["20:00-06:00"]'), "must be a span of the day"),
        (flat(hours='["06:00-06:00"]'), "must be a span of the day"),
        (flat(hours='["00:00-24:30"]'), "must be a span of the day"),
        (flat(hours='["0-24"]'), "x.yaml:8: seasons.0.periods.0.hours.0: must be a span"),
        (flat(hours="[]"), "x.yaml:8: seasons.0.periods.0.hours: "),
        (flat(hours="[6]"), "seasons.0.periods.0.hours.0: must be text (got 6)"),
        (flat(months="[1,2,3]"), "x.yaml:3: seasons: must hold every month (got none for 4, 5"),
        (flat(months="[1,1]"), "x.yaml:5: seasons.0.months.1: a month must stand once"),
        (flat(months="[13]"), "x.yaml:5: seasons.0.months.0: must be at most 12 (got 13)"),
        (flat(months="[6.0]"), "x.yaml:5: seasons.0.months.0: must be a whole number (got 6.0)"),
        (flat(months="summer"), "x.yaml:5: seasons.0.months: must be a list (got 'summer')"),
        (flat().replace("30", "'30'"), "x.yaml:9: seasons.0.periods.0.import_cents_per_kwh: must"),
        (flat().replace("30", "true"), "must be a number (got True)"),
        (flat().replace("30", "5000"), "must be at most 1000 (got 5000)"),
        (flat().replace("name: flat", "nam: flat"), "name: is missing"),
        (
            flat().replace("import_cents", "cents") + "        import_cents_per_kwh: 3\n",
            "cents_per_kwh: is not a known key (known: name, hours, import_cents_per_kwh, peak)",
        ),
        (flat() + "  - nothing\n", "x.yaml:10: seasons.1: must be a mapping"),
    ],
)
def test_a_file_that_breaks_a_rule_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(InputError) as refusal:
        tariffs.from_document(parse(text, "x.yaml"))
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_month_in_two_seasons_is_refused() -> None:
    second = flat(months="[12]").partition("seasons:\n")[2]
    with pytest.raises(InputError, match=r"x.yaml:11: seasons.1.months.0: .* \(got 12\)"):
        tariffs.from_document(parse(flat() + second, "x.yaml"))
