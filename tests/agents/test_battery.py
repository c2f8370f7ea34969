"""Battery physics: what is asked for, as far as ratings and stored energy allow."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import battery
from agents.fleet import Fleet, FleetState

FleetOf = Callable[..., Fleet]

# 10 kWh, of which 1 to 8 are used; 2 kWh AC per step; 0.9 in, 0.8 out.
RATINGS = {
    "capacity_kwh": 10.0,
    "power_kw_max": 4.0,
    "charge_efficiency_fraction": 0.9,
    "discharge_efficiency_fraction": 0.8,
}


def _state(*stored_kwh: float) -> FleetState:
    return FleetState(np.array(stored_kwh), np.zeros(len(stored_kwh)))


@pytest.mark.parametrize(
    ("stored_kwh", "wanted_kwh", "flows_kwh", "after_kwh"),
    [
        (4.0, 0.0, 0.0, 4.0),
        (4.0, 1.0, 1.0, 4.9),  # 1 * 0.9 reaches the cells
        (4.0, 9.0, 2.0, 5.8),  # power binds
        (7.1, 2.0, 1.0, 8.0),  # room for 0.9 in the cells: 1 AC
        (8.0, 2.0, 0.0, 8.0),  # full
        (4.0, -0.8, -0.8, 3.0),  # 0.8 AC takes 1 out of the cells
        (4.0, -9.0, -2.0, 1.5),  # power binds
        (2.0, -2.0, -0.8, 1.0),  # 1 above the minimum gives 0.8 AC
        (1.0, -2.0, 0.0, 1.0),  # empty
    ],
)
def test_a_battery_does_what_is_asked_as_far_as_it_can(
    fleet: FleetOf, stored_kwh: float, wanted_kwh: float, flows_kwh: float, after_kwh: float
) -> None:
    moved, after = battery.carry_out(
        fleet(1, **RATINGS), _state(stored_kwh), np.array([wanted_kwh])
    )
    assert moved[0] == pytest.approx(flows_kwh, abs=1e-12)
    assert after.stored_kwh[0] == pytest.approx(after_kwh)


def test_each_home_follows_its_own_wish(fleet: FleetOf) -> None:
    moved, after = battery.carry_out(
        fleet(3, **RATINGS), _state(4.0, 4.0, 4.0), np.array([1.0, 0.0, -0.8])
    )
    assert moved.tolist() == [1.0, 0.0, -0.8]
    assert after.stored_kwh == pytest.approx([4.9, 4.0, 3.0])


def test_what_goes_through_the_cells_is_counted_both_ways(fleet: FleetOf) -> None:
    homes, state = fleet(1, **RATINGS), _state(4.0)
    _, state = battery.carry_out(homes, state, np.array([1.0]))
    _, state = battery.carry_out(homes, state, np.array([-0.8]))
    assert state.throughput_kwh == pytest.approx([0.9 + 1.0])


def test_reach_is_the_smaller_of_power_and_what_the_cells_hold_or_take(fleet: FleetOf) -> None:
    give, take = battery.reach(fleet(3, **RATINGS), _state(1.5, 4.5, 7.55))
    assert give == pytest.approx([-0.4, -2.0, -2.0])
    assert take == pytest.approx([2.0, 2.0, 0.5])


@pytest.mark.parametrize(
    ("stored_kwh", "message"),
    [(0.9, "home 2 holds 0.900 kWh, limits 1.000..8.000"), (8.1, "home 2 holds 8.100 kWh")],
)
def test_a_state_outside_its_limits_is_refused_by_home(
    fleet: FleetOf, stored_kwh: float, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        battery.carry_out(fleet(2, **RATINGS), _state(4.0, stored_kwh), np.zeros(2))


def test_without_a_battery_nothing_flows(fleet: FleetOf) -> None:
    moved, after = battery.carry_out(fleet(1, kind="none"), _state(0.0), np.array([3.0]))
    assert (moved[0], after.stored_kwh[0]) == (0.0, 0.0)


ENERGIES = st.lists(st.floats(-20.0, 20.0), min_size=1, max_size=30)


@given(wanted=ENERGIES, into=st.floats(0.3, 1.0), out=st.floats(0.3, 1.0), start=st.floats(0, 1))
def test_any_sequence_of_wishes_obeys_the_cell_law(
    fleet: FleetOf, wanted: list[float], into: float, out: float, start: float
) -> None:
    homes = fleet(1, charge_efficiency_fraction=into, discharge_efficiency_fraction=out)
    low, high = homes.stored_kwh_min[0], homes.stored_kwh_max[0]
    state = _state(min(low + start * (high - low), high))
    for wish in wanted:
        moved, after = battery.carry_out(homes, state, np.array([wish]))
        gained = moved[0] * into if moved[0] > 0.0 else moved[0] / out
        assert after.stored_kwh[0] - state.stored_kwh[0] == pytest.approx(gained, abs=1e-12)
        assert low <= after.stored_kwh[0] <= high
        assert abs(moved[0]) <= min(abs(wish), homes.power_kwh_max[0]) + 1e-15
        assert moved[0] * wish >= 0.0  # never against the wish
        state = after


@given(charged=st.floats(0.01, 2.5))
def test_a_ninety_percent_battery_gives_ninety_percent_back(fleet: FleetOf, charged: float) -> None:
    homes, state = fleet(1), _state(1.35)
    into, state = battery.carry_out(homes, state, np.array([charged]))
    out, state = battery.carry_out(homes, state, np.array([-99.0]))
    assert -out[0] / into[0] == pytest.approx(0.9)
    assert state.stored_kwh[0] == pytest.approx(1.35)
