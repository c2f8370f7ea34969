"""Homes as they are drawn from their kinds."""

from dataclasses import fields
from itertools import pairwise

import numpy as np

from profiles.synthetic.homes import CHARGERS_KW, Homes, block, draw
from profiles.synthetic.household_types import TYPES, names

SHARES, PV_KW = (0.6, 0.0), (3.5, 6.5)


def _drawn(kinds: tuple[str, ...], seed: int = 0, shares: tuple[float, float] = SHARES) -> Homes:
    return draw(seed, kinds, shares, PV_KW, 180.0)


def _same(left: Homes, right: Homes) -> bool:
    return all(
        np.array_equal(getattr(left, field.name), getattr(right, field.name))
        for field in fields(Homes)
    )


def test_a_home_does_not_depend_on_how_many_there_are() -> None:
    many = _drawn(names(50, None))
    assert _same(block(many, slice(0, 7)), _drawn(names(7, None)))
    assert not _same(_drawn(names(7, None)), _drawn(names(7, None), seed=1))


def test_ids_count_from_one() -> None:
    assert _drawn(("flat", "ev")).home_ids.tolist() == [1, 2]


def test_flats_have_no_panels_and_no_car() -> None:
    flats = _drawn(("flat",) * 200, shares=(1.0, 1.0))
    assert not flats.pv_kw.any()
    assert not flats.charger_kw.any()
    assert not flats.pool_kw.any()


def test_panels_and_cars_are_as_common_as_asked_for() -> None:
    houses = _drawn(("house",) * 400, shares=(0.3, 0.2))
    assert abs((houses.pv_kw > 0.0).mean() - 0.3) < 0.06
    assert abs((houses.charger_kw > 0.0).mean() - 0.2) < 0.06
    rated = houses.pv_kw[houses.pv_kw > 0.0]
    assert PV_KW[0] <= rated.min() < 3.7
    assert 6.3 < rated.max() <= PV_KW[1]


def test_asking_for_more_panels_leaves_everything_else_as_it_is() -> None:
    some, all_of_them = (_drawn(("house",) * 20, shares=(share, 0.0)) for share in (0.3, 1.0))
    for field in fields(Homes):
        if field.name != "pv_kw":
            left, right = getattr(some, field.name), getattr(all_of_them, field.name)
            assert np.array_equal(left, right), field.name
    had = some.pv_kw > 0.0
    assert np.array_equal(all_of_them.pv_kw[had], some.pv_kw[had])


def test_every_home_of_the_kind_ev_has_a_charger() -> None:
    cars = _drawn(("ev",) * 100)
    assert set(cars.charger_kw.tolist()) <= set(CHARGERS_KW)
    assert len(set(cars.charger_kw.tolist())) == len(CHARGERS_KW)


def test_what_a_kind_owns_is_as_common_as_its_table_says() -> None:
    kind, flats = TYPES["flat"], _drawn(("flat",) * 400)
    columns = {"dishwasher": flats.dishwasher_kw, "stove": flats.stove_kw, "ac": flats.ac_kw}
    columns |= {"dryer": flats.dryer_kw, "water_heater": flats.tank_kw}
    for name, power_kw in columns.items():
        assert abs((power_kw > 0.0).mean() - kind.owns_fraction[name]) < 0.07, name


def test_figures_stay_within_their_kinds_table() -> None:
    kind, homes = TYPES["family"], _drawn(("family",) * 200)
    for name in ("plugs_kw", "active_kw", "cooling_kw", "leak_kw_per_k", "glass_m2"):
        low, high = getattr(kind, name)
        column = getattr(homes, name)
        assert low <= column.min() < column.max() <= high
    assert set(homes.persons.tolist()) == {3.0, 4.0, 5.0}


def test_people_rise_before_they_leave_and_come_back_before_they_sleep(homes: Homes) -> None:
    times = (homes.wake_minute, homes.leave_minute, homes.return_minute, homes.sleep_minute)
    assert all((early < late).all() for early, late in pairwise(times))
