"""Generated communities as a whole."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.arrays import Floats
from profiles.config import SyntheticConfig
from profiles.errors import InputError
from profiles.profiles import Profiles
from profiles.synthetic import generator
from profiles.synthetic.generator import APPLIANCES, generate


def _generated(step_minutes: int = 30, seed: int = 0, **knobs: Any) -> Profiles:  # noqa: ANN401, any knob
    settings = {"homes_count": 6, "days": 6, "start": "2018-07-01"} | knobs
    return generate(SyntheticConfig.model_validate(settings), step_minutes, seed)


def _bytes(profiles: Profiles) -> list[bytes]:
    columns = [profiles.load_kwh, profiles.pv_kwh, *profiles.weather.values()]
    return [column.tobytes() for column in (*columns, *profiles.appliances_kwh.values())]


def _homes(profiles: Profiles, count: int) -> list[bytes]:
    return _bytes(profiles.select(profiles.home_ids[:count].tolist()))


@pytest.mark.parametrize("count", [1, 5])
def test_a_home_is_the_same_however_many_there_are(count: int) -> None:
    few, many = _generated(homes_count=count), _generated(homes_count=33)
    assert few.home_types == many.home_types[:count]
    assert _homes(few, count) == _homes(many, count)


def test_a_home_is_the_same_in_blocks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _generated(homes_count=11)
    for homes_at_once in (1, 3, 10):
        monkeypatch.setattr(generator, "_BLOCK_VALUES", homes_at_once * whole.steps_count)
        assert _bytes(_generated(homes_count=11)) == _bytes(whole)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    first = _bytes(_generated())
    assert first == _bytes(_generated())
    others = _bytes(_generated(seed=1))
    dark_or_absent = [a == b for a, b in zip(first, others, strict=True)]
    assert not dark_or_absent[0]
    assert sum(dark_or_absent) <= 4  # the clear sky, and appliances that six homes may lack


def test_more_days_leave_the_earlier_ones_as_they_were() -> None:
    """But for the last: where it ends, cars stop charging."""
    short, long = _generated(days=4), _generated(days=7)
    kept = slice(0, 3 * 48)
    np.testing.assert_allclose(short.load_kwh[kept], long.load_kwh[kept], atol=1e-9)
    np.testing.assert_allclose(short.pv_kwh[kept], long.pv_kwh[kept], atol=1e-9)


def test_the_load_is_the_sum_of_nine_appliances(community: Profiles) -> None:
    assert tuple(community.appliances_kwh) == APPLIANCES
    assert len(APPLIANCES) == 9
    total_kwh = sum(community.appliances_kwh.values())
    np.testing.assert_allclose(total_kwh, community.load_kwh, rtol=0, atol=1e-9)
    assert all(kwh.any() for kwh in community.appliances_kwh.values())


def test_homes_are_cooled_on_hot_days_only(community: Profiles) -> None:
    ac_kwh, air_c = community.appliances_kwh["ac"], community.weather["temperature_c"]
    assert not ac_kwh[air_c <= 21.0].any()
    assert ac_kwh[air_c > 32.0].mean() > 4.0 * ac_kwh[(air_c > 21.0) & (air_c < 26.0)].mean() > 0.0
    winter = _generated(start="2018-01-08", homes_count=20)
    assert winter.appliances_kwh["ac"].sum() < 0.01 * winter.load_kwh.sum()


def test_the_sun_gives_nothing_by_night_and_no_more_than_a_clear_sky(community: Profiles) -> None:
    dark = community.weather["clear_sky_ghi_w_per_m2"] == 0.0
    assert dark.mean() > 0.35
    assert not community.pv_kwh[dark].any()
    assert 0.3 < community.pv_kwh.any(axis=0).mean() < 0.7
    # A rating of 6.5 kW behind an inverter of 1/1.2 of it with 96 % efficiency.
    assert community.pv_kwh.max() <= 0.5 * 6.5 / 1.2 * 0.96


def test_clouds_cost_what_they_hide() -> None:
    clear, dull = (
        _generated(cloud_mean_fraction=share, cloud_season_fraction=0.0, homes_count=12)
        for share in (0.0, 1.0)
    )
    sunny = clear.pv_kwh.sum(axis=0) > 0.0
    ratio = dull.pv_kwh[:, sunny].sum() / clear.pv_kwh[:, sunny].sum()
    assert 0.2 < ratio < 0.3


def test_a_roof_in_california_yields_what_meters_there_show() -> None:
    """Nine homes of Fontana gave 1.36 to 1.80 MWh a year and kW installed."""
    year = _generated(days=365, homes_count=8, pv_fraction=1.0, pv_kw_min=5.0, pv_kw_max=5.0)
    roofs = year.pv_kwh[:, year.pv_kwh.any(axis=0)].sum(axis=0) / 5000.0
    assert ((roofs > 1.2) & (roofs < 1.85)).all()


@pytest.mark.parametrize(("start", "steps"), [("2026-03-07", 142), ("2026-10-31", 146)])
def test_a_record_over_a_change_of_the_clock_has_an_hour_less_or_more(
    start: str, steps: int
) -> None:
    assert _generated(start=start, days=3).steps_count == steps


def test_people_live_by_the_local_clock_and_the_sun_does_not() -> None:
    """On 8 March 2026 the clock jumps an hour ahead."""
    profiles = _generated(start="2026-02-23", days=28, homes_count=60, pv_fraction=1.0)
    local = profiles.local_time()
    after = local.day >= np.datetime64("2026-03-08", "D").astype(np.int64)

    def centre(kwh: Floats, chosen: Floats) -> float:
        total_kwh = kwh.sum(axis=1)[chosen]
        return float((total_kwh * local.minute[chosen]).sum() / total_kwh.sum())

    cooking = profiles.appliances_kwh["stove"]
    evening = local.minute >= 900
    shift = centre(cooking, after & evening) - centre(cooking, ~after & evening)
    assert abs(shift) < 12.0
    assert 40.0 < centre(profiles.pv_kwh, after) - centre(profiles.pv_kwh, ~after) < 75.0


def test_working_days_weekends_and_holidays_differ_by_day(community: Profiles) -> None:
    """At noon on 4 July, a Wednesday, more is used at home than on the next Wednesday."""
    local = community.local_time()
    noon = (local.minute >= 570) & (local.minute < 930)
    habits = ("misc", "computers", "stove", "washing_machine")
    by_habit = sum(community.appliances_kwh[name] for name in habits)

    def used(dates: list[str]) -> float:
        days = np.array(dates, "datetime64[D]").astype(np.int64)
        return float(np.asarray(by_habit)[noon & np.isin(local.day, days)].mean())

    holiday, weekends = used(["2018-07-04"]), used(["2018-06-30", "2018-07-01", "2018-07-08"])
    working = used(["2018-06-27", "2018-07-03", "2018-07-05", "2018-07-11"])
    assert holiday > 1.1 * working
    assert weekends > 1.1 * working


def test_evenings_are_the_peak_and_nights_the_valley(community: Profiles) -> None:
    hour = community.local_time().minute // 60
    shape = np.array([community.load_kwh[hour == each].mean() for each in range(24)])
    assert 16 <= int(shape.argmax()) <= 20
    assert 1.3 < shape.max() / shape.mean() < 2.2
    assert int(shape.argmin()) in (2, 3, 4, 5)


def test_a_home_uses_what_homes_of_california_use() -> None:
    year = _generated(days=365, homes_count=40, start="2017-07-18")
    daily_kwh = year.load_kwh.sum(axis=0) / 365.0
    assert 16.0 < daily_kwh.mean() < 25.0
    assert daily_kwh.min() > 5.0
    assert daily_kwh.max() < 60.0
    assert 3.0 < 2.0 * np.median(year.load_kwh.max(axis=0)) < 12.0  # kW


def test_chosen_kinds_are_what_they_say() -> None:
    profiles = _generated(homes_count=None, types={"ev": 3, "flat": 2}, days=10, pv_fraction=1.0)
    assert profiles.home_types == ("ev", "ev", "ev", "flat", "flat")
    charged = profiles.appliances_kwh["ev_charging"].any(axis=0)
    assert charged.tolist() == [True, True, True, False, False]
    assert profiles.pv_kwh.any(axis=0).tolist() == [True, True, True, False, False]


@pytest.mark.parametrize("step_minutes", [15, 60])
def test_other_steps_hold_the_same_weather_and_habits(step_minutes: int) -> None:
    """Events keep their time; noise that is drawn by the step does not."""
    half, other = _generated(30, days=14), _generated(step_minutes, days=14)
    assert other.step_minutes == step_minutes
    for name in ("stove", "dishwasher", "washing_machine"):
        sums = half.appliances_kwh[name].sum(axis=0), other.appliances_kwh[name].sum(axis=0)
        np.testing.assert_allclose(*sums, atol=2.0)
        assert sums[0].any()
    assert other.load_kwh.sum() == pytest.approx(half.load_kwh.sum(), rel=0.08)


@pytest.mark.parametrize("step_minutes", [0, 5, 45])
def test_another_length_of_step_is_refused(step_minutes: int) -> None:
    with pytest.raises(InputError, match="synthetic: step_minutes: must be 15 or 30 or 60"):
        _generated(step_minutes)


KNOBS = st.fixed_dictionaries(
    {
        "homes_count": st.integers(1, 4),
        "days": st.integers(1, 3),
        "start": st.dates(
            min_value=np.datetime64("1971-01-01").item(),
            max_value=np.datetime64("2188-12-28").item(),
        ).map(str),
        "zone": st.sampled_from(["UTC", "-08:00", "Asia/Kathmandu", "Pacific/Auckland"]),
        "holidays_country": st.sampled_from([None, "US", "NZ"]),
        "holidays_subdivision": st.none(),
        "latitude_degrees": st.floats(-65.0, 65.0),
        "longitude_degrees": st.floats(-180.0, 180.0),
        "temperature_mean_c": st.floats(-10.0, 35.0),
        "temperature_season_c": st.floats(0.0, 30.0),
        "temperature_day_c": st.floats(0.0, 20.0),
        "heat_wave_c": st.floats(0.0, 15.0),
        "cloud_mean_fraction": st.floats(0.0, 1.0),
        "cloud_season_fraction": st.floats(0.0, 0.5),
        "pv_fraction": st.floats(0.0, 1.0),
        "pv_kw_min": st.floats(0.1, 3.0),
        "pv_kw_max": st.floats(3.0, 100.0),
        "ev_fraction": st.floats(0.0, 1.0),
    }
)


@given(KNOBS, st.sampled_from([15, 30, 60]), st.integers(0, 10**18 - 1))
@settings(max_examples=60)
def test_whatever_is_allowed_can_be_generated(
    knobs: dict[str, Any], step_minutes: int, seed: int
) -> None:
    """`checked` has seen every column: finite, and no energy below 0."""
    profiles = _generated(step_minutes, seed, **knobs)
    hours = step_minutes / 60.0
    assert profiles.homes_count == knobs["homes_count"]
    total_kwh = sum(profiles.appliances_kwh.values())
    np.testing.assert_allclose(total_kwh, profiles.load_kwh, rtol=0, atol=1e-9)
    assert (profiles.load_kwh > 0.0).all()
    assert profiles.load_kwh.max() < 40.0 * hours
    assert profiles.pv_kwh.max() <= knobs["pv_kw_max"] * hours
    assert not profiles.appliances_kwh["ac"][profiles.weather["temperature_c"] <= 21.0].any()
    cloud = profiles.weather["cloud_fraction"]
    assert 0.0 <= cloud.min() <= cloud.max() <= 1.0


def test_what_is_generated_cannot_be_changed(community: Profiles) -> None:
    with pytest.raises(ValueError, match="read-only"):
        community.load_kwh[0, 0] = 1.0
    assert replace(community).origin.resampling == "generated in steps of the run"
