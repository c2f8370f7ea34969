"""Tariffs as they are typed: what is laid out over the year, and what is refused with its line."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiles.errors import InputError
from profiles.strict_yaml import parse
from profiles.tariffs.tariff_file import read
from profiles.tariffs.time_of_use import TimeOfUse


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


def tables(text: str) -> TimeOfUse:
    return read(parse(text, "x.yaml"))[1]


def refused(text: str) -> str:
    with pytest.raises(InputError) as refusal:
        read(parse(text, "x.yaml"))
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def test_a_flat_tariff_can_be_written() -> None:
    tariff = tables(flat())
    assert tariff.cents_per_kwh.shape == (12, 2, 1440)
    assert (tariff.cents_per_kwh == 30.0).all()
    assert not tariff.peak.any()
    assert not tariff.cheap.any()
    assert not any(table.flags.writeable for table in (tariff.cents_per_kwh, tariff.peak))


def test_prices_may_be_negative() -> None:
    assert (tables(flat().replace("30", "-30")).cents_per_kwh == -30.0).all()


@given(st.lists(st.integers(1, 1439), unique=True, max_size=6))
def test_any_cut_of_the_day_prices_every_minute_once(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), 1440]
    clocks = [f"{minute // 60:02}:{minute % 60:02}" for minute in edges]
    periods = "".join(
        f"      - {{name: p{index}, hours: ['{first}-{end}'], import_cents_per_kwh: {index}}}\n"
        for index, (first, end) in enumerate(pairwise(clocks))
    )
    head = flat().partition("      - name: always")[0]
    expected = np.repeat(np.arange(len(edges) - 1.0), np.diff(edges))
    assert np.array_equal(tables(head + periods).cents_per_kwh, np.tile(expected, (12, 2, 1)))


def test_kinds_of_day_may_have_prices_of_their_own() -> None:
    text = flat().replace("always\n", "week\n        days: weekdays\n        cheap: true\n")
    text += """\
      - name: free
        days: weekends_and_holidays
        hours: ["00:00-24:00"]
        import_cents_per_kwh: 20
        peak: true
"""
    tariff = tables(text)
    assert (tariff.cents_per_kwh[:, 0] == 30.0).all()
    assert (tariff.cents_per_kwh[:, 1] == 20.0).all()
    assert tariff.cheap[:, 0].all()
    assert not tariff.cheap[:, 1].any()
    assert tariff.peak[:, 1].all()
    assert not tariff.peak[:, 0].any()


HOURS = "x.yaml:8: seasons.0.periods.0.hours"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (flat(hours='["00:00-23:59"]'), "x.yaml:6: seasons.0.periods: must price every minute"),
        (flat(hours='["00:01-24:00"]'), "(got none at 00:00 of a weekday)"),
        (
            flat(hours='["00:00-24:00", "12:00-13:00"]'),
            f"{HOURS}.1: a minute must have one price (got two at 12:00 of a weekday)",
        ),
        (
            flat().replace("always\n", "always\n        days: weekdays\n"),
            "must price every minute (got none at 00:00 of a weekend day or holiday)",
        ),
        (
            flat().replace("always\n", "always\n        days: sundays\n"),
            "x.yaml:8: seasons.0.periods.0.days: must be 'all', 'weekdays' or 'weekends_and_holi",
        ),
        (flat(hours='["20:00-06:00"]'), "must be a span of the day"),
        (flat(hours='["06:00-06:00"]'), "must be a span of the day"),
        (flat(hours='["00:00-24:30"]'), "must be a span of the day"),
        (flat(hours='["0-24"]'), f"{HOURS}.0: must be a span"),
        (flat(hours="[]"), f"{HOURS}: "),
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
            "cents_per_kwh: is not a known key (known: name, days, hours, import_cents_per_kwh, ",
        ),
        (flat() + "  - nothing\n", "x.yaml:10: seasons.1: must be a mapping"),
        (
            flat() + "        peak: true\n        cheap: true\n",
            "x.yaml:11: seasons.0.periods.0.cheap: must be false in hours of the peak (got True)",
        ),
        (flat() + "fixed_cents_per_day: a lot\n", "x.yaml:10: fixed_cents_per_day: must be a num"),
    ],
)
def test_a_file_that_breaks_a_rule_is_refused_with_its_line(text: str, message: str) -> None:
    assert message in refused(text)


def test_a_month_in_two_seasons_is_refused() -> None:
    second = flat(months="[12]").partition("seasons:\n")[2]
    message = refused(flat() + second)
    assert message.startswith("x.yaml:11: seasons.1.months.0: a month must stand once")
    assert message.endswith("(got 12)")


def baseline(territory: str = "P", allowances: str = "P: {all: 10.5}") -> str:
    return f"""\
baseline:
  credit_cents_per_kwh: 8
  territory: {territory}
  kwh_per_day: {{{allowances}}}
"""


def test_a_baseline_is_read_by_territory_and_season() -> None:
    file, _ = read(parse(flat() + baseline(allowances="P: {all: 10.5}, Q: {all: 9}"), "x.yaml"))
    assert file.baseline is not None
    assert file.baseline.kwh_per_day == {"P": {"all": 10.5}, "Q": {"all": 9.0}}
    assert file.season_of_month() == ["all"] * 12


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (baseline("Z"), "x.yaml:12: baseline.territory: must be one of P (got 'Z')"),
        (baseline(allowances=""), "baseline.territory: must have an allowance (got 'P')"),
        (
            baseline(allowances="P: {summer: 1}"),
            "x.yaml:13: baseline.kwh_per_day.P: must have an allowance for each of all (got summer",
        ),
        (baseline(allowances="P: {}"), "must have an allowance for each of all (got none)"),
        (baseline(allowances="P: {all: -1}"), "baseline.kwh_per_day.P.all: must be at least 0"),
        (baseline(allowances="P: 4"), "x.yaml:13: baseline.kwh_per_day.P: "),
    ],
)
def test_a_baseline_without_its_allowance_is_refused(text: str, message: str) -> None:
    assert message in refused(flat() + text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{country: ZZ, names: [New Year's Day]}", "x.yaml:10: holidays.country: must be a coun"),
        ("{country: US, subdivision: QQ, names: [Labor Day]}", "known calendar (got US-QQ)"),
        (
            "\n  country: US\n  names: [Labor Day, Labour Day]",
            "x.yaml:12: holidays.names.1: must be one of Christmas Day, Columbus Day, ",
        ),
        ("{country: US, names: []}", "holidays.names: "),
        ("{country: US}", "holidays.names: is missing"),
    ],
)
def test_a_holiday_that_is_not_known_is_refused(text: str, message: str) -> None:
    assert message in refused(flat() + f"holidays: {text}\n")
