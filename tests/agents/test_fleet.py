"""Homes as arrays: what is configured is what every home has."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.config import BatteryConfig, GridConfig
from agents.fleet import Fleet, FleetState, fleet_of, initial_state
from agents.planning import CHARGE, DISCHARGE, EXPORT, IMPORT, POWER, RANGE

IDS = np.array([3, 7, 8])


def test_a_configured_battery_becomes_energies_per_step() -> None:
    # 13.5 kWh of which 10 to 80 %; 5 kW, 20 kW in and 8 kW out for a quarter of an hour.
    fleet = fleet_of(IDS, BatteryConfig(), GridConfig(), step_hours=0.25)
    assert fleet.homes_count == 3
    assert fleet.home_ids.tolist() == [3, 7, 8]
    assert fleet.capacity_kwh.tolist() == [13.5] * 3
    assert fleet.stored_kwh_min == pytest.approx([1.35] * 3)
    assert fleet.stored_kwh_max == pytest.approx([10.8] * 3)
    assert fleet.power_kwh_max.tolist() == [1.25] * 3
    assert fleet.import_kwh_max.tolist() == [5.0] * 3
    assert fleet.export_kwh_max.tolist() == [2.0] * 3


def test_a_home_without_a_battery_has_no_range_and_no_power_but_a_connection() -> None:
    fleet = fleet_of(IDS, BatteryConfig(kind="none"), GridConfig(), step_hours=0.5)
    for rating in (fleet.capacity_kwh, fleet.stored_kwh_max, fleet.power_kwh_max):
        assert rating.tolist() == [0.0] * 3
    assert fleet.import_kwh_max.tolist() == [10.0] * 3
    assert initial_state(fleet, BatteryConfig(kind="none")).stored_kwh.tolist() == [0.0] * 3


def test_homes_hang_on_one_feeder_unless_it_is_said() -> None:
    told = np.array([2, 0, 2])
    assert fleet_of(IDS, BatteryConfig(), GridConfig(), 0.5).feeder.tolist() == [0, 0, 0]
    assert fleet_of(IDS, BatteryConfig(), GridConfig(), 0.5, told).feeder.tolist() == [2, 0, 2]


def test_the_kernels_are_given_each_rating_in_its_place() -> None:
    battery = BatteryConfig(
        capacity_kwh=10.0, charge_efficiency_fraction=0.9, discharge_efficiency_fraction=0.8
    )
    limits = fleet_of(IDS, battery, GridConfig(), step_hours=0.5).limits
    assert limits.shape == (3, 6)
    assert limits[:, RANGE] == pytest.approx([7.0] * 3)
    assert limits[1, [POWER, CHARGE, DISCHARGE, IMPORT, EXPORT]].tolist() == [2.5, 0.9, 0.8, 10, 4]


def test_the_kernels_limits_are_a_copy() -> None:
    fleet = fleet_of(IDS, BatteryConfig(), GridConfig(), step_hours=0.5)
    fleet.limits[:] = 0.0
    assert fleet.limits[0, POWER] == 2.5


def test_rows_keep_every_rating_of_their_homes() -> None:
    names = Fleet.__slots__
    columns: dict[str, Any] = {
        name: np.arange(3.0) + 10 * place for place, name in enumerate(names)
    }
    whole = Fleet(**columns)
    part = whole.rows(np.array([2, 0]))
    assert part.homes_count == 2
    for place, name in enumerate(names):
        assert getattr(part, name).tolist() == [10 * place + 2, 10 * place]


@given(low=st.floats(0, 1), high=st.floats(0, 1), share=st.floats(0, 1), size=st.floats(0.1, 1e3))
def test_the_first_charge_lies_within_the_limits(
    low: float, high: float, share: float, size: float
) -> None:
    low, high = min(low, high), max(low, high)
    start = min(max(low + share * (high - low), low), high)
    battery = BatteryConfig(
        capacity_kwh=size,
        soc_min_fraction=low,
        soc_max_fraction=high,
        soc_initial_fraction=start,
    )
    fleet = fleet_of(IDS, battery, GridConfig(), step_hours=0.5)
    state = initial_state(fleet, battery)
    assert (state.stored_kwh >= fleet.stored_kwh_min).all()
    assert (state.stored_kwh <= fleet.stored_kwh_max).all()
    assert state.stored_kwh == pytest.approx([size * start] * 3)
    assert state.throughput_kwh.tolist() == [0.0] * 3


def test_a_full_cycle_is_twice_the_capacity_through_the_cells() -> None:
    fleet = fleet_of(IDS, BatteryConfig(capacity_kwh=10.0), GridConfig(), step_hours=0.5)
    state = FleetState(np.full(3, 5.0), np.array([0.0, 20.0, 50.0]))
    assert state.cycles(fleet).tolist() == [0.0, 1.0, 2.5]


def test_health_falls_linearly_with_cycles_and_ends_at_nothing() -> None:
    battery = BatteryConfig(capacity_kwh=10.0, fade_fraction_per_cycle=0.01)
    fleet = fleet_of(IDS, battery, GridConfig(), step_hours=0.5)
    state = FleetState(np.full(3, 5.0), np.array([0.0, 200.0, 4000.0]))
    assert state.health_fraction(fleet) == pytest.approx([1.0, 0.9, 0.0])


def test_six_thousand_cycles_leave_eighty_percent_by_default() -> None:
    fleet = fleet_of(IDS, BatteryConfig(), GridConfig(), step_hours=0.5)
    state = FleetState(fleet.stored_kwh_min, np.full(3, 6000 * 2 * 13.5))
    assert state.health_fraction(fleet) == pytest.approx([0.802] * 3)


def test_no_battery_has_no_cycles_and_stays_new() -> None:
    fleet = fleet_of(IDS, BatteryConfig(kind="none"), GridConfig(), step_hours=0.5)
    state = initial_state(fleet, BatteryConfig(kind="none"))
    assert state.cycles(fleet).tolist() == [0.0] * 3
    assert state.health_fraction(fleet).tolist() == [1.0] * 3


def test_a_reserve_is_out_of_reach_while_the_grid_is_there() -> None:
    battery = BatteryConfig(capacity_kwh=10.0, reserve_fraction=0.3)
    fleet = fleet_of(IDS, battery, GridConfig(), step_hours=0.5)
    assert fleet.reserve_kwh.tolist() == [3.0] * 3
    assert initial_state(fleet, battery).stored_kwh.tolist() == [4.0] * 3
    tied = fleet.on_grid(np.array([4.0, 6.0, 8.0]))
    assert tied.stored_kwh_min.tolist() == [4.0] * 3
    assert fleet.stored_kwh_min.tolist() == [1.0] * 3


def test_a_reserve_that_was_used_is_filled_by_all_that_is_charged() -> None:
    battery = BatteryConfig(capacity_kwh=10.0, reserve_fraction=0.3)
    fleet = fleet_of(IDS, battery, GridConfig(), step_hours=0.5)
    assert fleet.on_grid(np.array([1.0, 2.5, 4.0])).stored_kwh_min.tolist() == [1.0, 2.5, 4.0]


def test_without_a_reserve_the_fleet_is_the_same_on_the_grid() -> None:
    fleet = fleet_of(IDS, BatteryConfig(), GridConfig(), step_hours=0.5)
    assert fleet.on_grid(np.array([2.0] * 3)) is fleet
