"""A cap is kept by price first and by order last; cases on paper.

The grid asks 35 cents and pays 5. Batteries lose nothing, hold up to 9.45 kWh and move 2.5.
"""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import capacity
from agents.dealing import Dealing, Dealt
from agents.decisions import Situation
from agents.fleet import Fleet

FREE = 1000.0
ALONE = {"mechanism": "none"}

SituationOf = Callable[..., Situation]
DealingOf = Callable[..., Dealing]
Rows = list[float]


@pytest.fixture(scope="module")
def homes(fleet: Callable[..., Fleet], situation: SituationOf) -> Callable[..., Situation]:
    """Show homes a step: what they hold, need and generate."""

    def build(held_kwh: Rows, load_kwh: Rows, pv_kwh: Rows | None = None) -> Situation:
        count = len(held_kwh)
        lossless = {"charge_efficiency_fraction": 1.0, "discharge_efficiency_fraction": 1.0}
        ratings = fleet(count, **lossless)
        return situation(ratings, held_kwh, load_kwh, pv_kwh or [0.0] * count)

    return build


def _kept(
    step: Dealing, import_kwh: float = FREE, export_kwh: float = FREE, *, idle: bool = False
) -> tuple[Dealt, float]:
    dealt = step.deal(step.terms)
    return capacity.kept(step, dealt, (import_kwh, export_kwh), idle=idle)


def test_what_keeps_within_the_capacity_stays_as_it_is(
    homes: SituationOf, dealing: DealingOf
) -> None:
    step = dealing(homes([5, 5], [3, 3]), [40, 40])
    dealt = step.deal(step.terms)
    kept, scarcity = capacity.kept(step, dealt, (11.0, 0.0), idle=False)
    assert dealt.flows.import_kwh.tolist() == [5.5, 5.5]  # 40 cents pay for charging, too
    assert kept is dealt
    assert np.isnan(scarcity)


def test_batteries_serve_their_homes_once_that_pays_and_no_more_than_needed(
    homes: SituationOf, dealing: DealingOf
) -> None:
    # 40 cents are what the energy is worth: there all homes are ready to give 2.5 kWh at once.
    dealt, scarcity = _kept(dealing(homes([5, 5], [3, 3]), [40, 40], **ALONE), 5.0)
    assert scarcity == pytest.approx(40.0, abs=1e-3)
    assert dealt.battery_kwh == pytest.approx([-0.5, -0.5], abs=1e-5)
    assert dealt.flows.import_kwh == pytest.approx([2.5, 2.5], abs=1e-5)
    assert 5.0 - 1e-6 <= dealt.flows.import_kwh.sum() <= 5.0 + 1e-9
    assert dealt.flows.unserved_kwh.tolist() == [0.0, 0.0]


def test_the_cheapest_energy_is_given_first(homes: SituationOf, dealing: DealingOf) -> None:
    dealt, scarcity = _kept(dealing(homes([5, 5], [3, 3]), [40, 60], **ALONE), 5.0)
    assert scarcity == pytest.approx(60.0, abs=1e-3)
    # Home 1 gives all it can below 60 cents; home 2 charges less than it would at 35.
    assert dealt.battery_kwh == pytest.approx([-2.5, 1.5], abs=1e-5)


def test_charging_waits_when_the_grid_is_full(homes: SituationOf, dealing: DealingOf) -> None:
    dealt, scarcity = _kept(dealing(homes([0, 0], [1, 1]), [45, 45], **ALONE), 4.0)
    assert scarcity == pytest.approx(45.0, abs=1e-3)
    assert dealt.battery_kwh == pytest.approx([1.0, 1.0], abs=1e-5)


def test_neighbours_sell_once_scarcity_pays_for_the_loss(
    homes: SituationOf, dealing: DealingOf
) -> None:
    step = dealing(homes([5, 0], [0, 3]), [40, 20])
    dealt, scarcity = _kept(step, 2.0)
    # 40 cents out of the battery are 50 delivered, above the tariff and below the 100 of the rules.
    assert scarcity == pytest.approx(50.0, abs=1e-3)
    assert dealt.trades.price_cents_per_kwh == pytest.approx([50.0], abs=1e-3)
    assert dealt.trades.delivered_kwh == pytest.approx([1.0], abs=1e-5)
    assert dealt.battery_kwh == pytest.approx([-1.25, 0.0], abs=1e-5)
    assert dealt.flows.import_kwh == pytest.approx([0.0, 2.0], abs=1e-5)


def test_only_the_last_clearing_is_booked(homes: SituationOf, dealing: DealingOf) -> None:
    rules = {"sold_per_day_max_kwh": 2.0}
    step = dealing(homes([5, 0], [0, 3]), [40, 20], **rules)
    first, _ = _kept(step, 2.0)
    second, _ = _kept(step, 2.0)  # the same step of a day again: 0.75 of 2 kWh are left
    assert first.trades.sold_kwh(2)[0] == pytest.approx(1.25, abs=1e-5)
    assert second.trades.sold_kwh(2)[0] == pytest.approx(0.75, abs=1e-5)


def test_no_price_above_the_highest_of_a_trade_is_tried(
    homes: SituationOf, dealing: DealingOf
) -> None:
    step = dealing(homes([5, 5], [3, 3]), [40, 40], price_max_cents_per_kwh=38.0, **ALONE)
    dealt, scarcity = _kept(step, 5.0)
    assert scarcity == 38.0
    # They would rather hold or charge, but nobody goes dark while a battery can give.
    assert dealt.battery_kwh == pytest.approx([-0.5, -0.5])
    assert dealt.flows.unserved_kwh.tolist() == [0.0, 0.0]


def test_a_tariff_above_the_highest_price_is_the_price(
    homes: SituationOf, dealing: DealingOf
) -> None:
    step = dealing(homes([5, 5], [3, 3]), [40, 40], price_max_cents_per_kwh=20.0, **ALONE)
    assert _kept(step, 5.0)[1] == 35.0


def test_by_order_charging_is_turned_down_first_in_proportion(
    homes: SituationOf, dealing: DealingOf
) -> None:
    step = dealing(homes([5, 5], [1, 1]), set_point_kwh=[2, 1], **ALONE)
    dealt, scarcity = _kept(step, 3.5)
    assert scarcity == 100.0
    assert dealt.battery_kwh == pytest.approx([1.0, 0.5])
    assert dealt.flows.import_kwh == pytest.approx([2.0, 1.5])
    assert dealt.after.stored_kwh == pytest.approx([1.35 + 6.0, 1.35 + 5.5])


def test_then_batteries_give_to_their_homes_in_proportion_to_what_they_can(
    homes: SituationOf, dealing: DealingOf
) -> None:
    step = dealing(homes([5, 0.25], [1, 1]), set_point_kwh=[2, 1], **ALONE)
    dealt, _ = _kept(step, 1.0)
    assert dealt.battery_kwh == pytest.approx([-0.8, -0.2])  # of 1 and 0.25 kWh
    assert dealt.flows.import_kwh == pytest.approx([0.2, 0.8])
    assert dealt.flows.charge_kwh.tolist() == [0.0, 0.0]


def test_at_last_load_goes_dark_in_proportion_to_imports(
    homes: SituationOf, dealing: DealingOf
) -> None:
    step = dealing(homes([0, 0.5], [3, 1]), set_point_kwh=[0, 0], **ALONE)
    dealt, _ = _kept(step, 1.75)
    # Home 2 lives on its half kWh; 3.5 kWh are imported, of which every second one goes dark.
    assert dealt.battery_kwh == pytest.approx([0.0, -0.5])
    assert dealt.flows.unserved_kwh == pytest.approx([1.5, 0.25])
    assert dealt.flows.import_kwh == pytest.approx([1.5, 0.25])


def test_idle_batteries_stay_idle_while_load_goes_dark(
    homes: SituationOf, dealing: DealingOf
) -> None:
    step = dealing(homes([5, 5], [3, 1]), set_point_kwh=[0, 0], **ALONE)
    dealt, _ = _kept(step, 2.0, idle=True)
    assert dealt.battery_kwh.tolist() == [0.0, 0.0]
    assert dealt.flows.unserved_kwh == pytest.approx([1.5, 0.5])


def test_without_any_grid_homes_live_on_what_they_have(
    homes: SituationOf, dealing: DealingOf
) -> None:
    dealt, _ = _kept(dealing(homes([2, 0], [3, 1], [0.0, 3.0]), [40, 40]), 0.0, 0.0)
    assert dealt.flows.import_kwh == pytest.approx([0.0, 0.0], abs=1e-9)
    assert dealt.flows.export_kwh == pytest.approx([0.0, 0.0], abs=1e-9)
    # Home 2 has 2 kWh of sun to spare; sold, 1.6 of them arrive, and home 1 holds 2 more.
    assert dealt.flows.unserved_kwh.sum() == pytest.approx(0.0, abs=1e-5)


def test_the_price_of_exports_falls_until_batteries_keep_the_sun(
    homes: SituationOf, dealing: DealingOf
) -> None:
    dealt, scarcity = _kept(dealing(homes([5, 5], [0, 0], [2.0, 2.0]), [3, 3]), FREE, 3.0)
    assert np.isnan(scarcity)
    assert dealt.terms.export_cents_per_kwh == pytest.approx(3.0, abs=1e-3)
    assert dealt.battery_kwh == pytest.approx([0.5, 0.5], abs=1e-5)
    assert dealt.flows.curtailed_kwh.tolist() == [0.0, 0.0]


def test_by_order_batteries_stop_giving_then_take_and_then_panels_are_turned_down(
    homes: SituationOf, dealing: DealingOf
) -> None:
    def lived(most_kwh: float) -> Dealt:
        given = dealing(homes([5, 9.2], [0, 0], [1.0, 3.0]), set_point_kwh=[-2, 0], **ALONE)
        return _kept(given, FREE, most_kwh)[0]

    assert lived(5.0).battery_kwh == pytest.approx([-1.0, 0.0])
    # No longer giving leaves 4 kWh of sun; of these the batteries can take 1 and 0.25.
    assert lived(3.5).battery_kwh == pytest.approx([0.4, 0.1])
    last = lived(1.375)
    assert last.battery_kwh == pytest.approx([1.0, 0.25])
    assert last.flows.curtailed_kwh == pytest.approx([0.0, 1.375])
    assert last.flows.export_kwh == pytest.approx([0.0, 1.375])


def test_idle_batteries_take_nothing_while_panels_are_turned_down(
    homes: SituationOf, dealing: DealingOf
) -> None:
    step = dealing(homes([0, 0], [0, 0], [4.0, 2.0]), set_point_kwh=[0, 0], **ALONE)
    dealt, _ = _kept(step, FREE, 3.0, idle=True)
    assert dealt.battery_kwh.tolist() == [0.0, 0.0]
    assert dealt.flows.curtailed_kwh == pytest.approx([2.0, 1.0])


def test_both_directions_are_kept_at_once(homes: SituationOf, dealing: DealingOf) -> None:
    step = dealing(homes([0, 0], [4, 0], [0.0, 4.0]), set_point_kwh=[0, 0], **ALONE)
    dealt, scarcity = _kept(step, 1.0, 1.0, idle=True)
    assert scarcity == 100.0
    assert dealt.flows.unserved_kwh == pytest.approx([3.0, 0.0])
    assert dealt.flows.curtailed_kwh == pytest.approx([0.0, 3.0])


def _three(*amounts: float) -> st.SearchStrategy[Rows]:
    return st.lists(st.sampled_from(amounts), min_size=3, max_size=3)


@given(
    shown=st.tuples(
        _three(0.0, 0.3, 2.0, 9.45), _three(0.0, 0.1, 1.0, 4.0), _three(0.0, 0.1, 1.0, 4.0)
    ),
    values=_three(-5.0, 0.0, 4.0, 20.0, 36.0, 60.0, 130.0),
    most_kwh=st.tuples(st.floats(0.0, 12.0), st.floats(0.0, 12.0)),
    mechanism=st.sampled_from(["call_auction", "posted_price", "none"]),
)
def test_any_step_keeps_within_any_capacity_and_no_load_is_dark_beside_a_charged_battery(
    homes: SituationOf,
    dealing: DealingOf,
    shown: tuple[Rows, Rows, Rows],
    values: Rows,
    most_kwh: tuple[float, float],
    mechanism: str,
) -> None:
    step = dealing(homes(*shown), values, mechanism=mechanism, signal=30.0)
    dealt, scarcity = _kept(step, *most_kwh)
    flows = dealt.flows
    assert flows.import_kwh.sum() <= most_kwh[0] + 3e-9
    assert flows.export_kwh.sum() <= most_kwh[1] + 3e-9
    into = flows.pv_kwh - flows.curtailed_kwh + flows.import_kwh + flows.p2p_in_kwh
    out = flows.load_kwh - flows.unserved_kwh + flows.export_kwh + flows.p2p_out_kwh
    assert into - out == pytest.approx(dealt.battery_kwh, abs=1e-9)
    assert np.isnan(scarcity) or 35.0 <= scarcity <= 100.0
    dark = flows.unserved_kwh > 1e-9
    left_kwh = dealt.after.stored_kwh - step.situation.fleet.stored_kwh_min
    idle_power = flows.discharge_kwh < step.situation.fleet.power_kwh_max - 1e-9
    assert not (dark & (left_kwh > 1e-9) & idle_power).any()


def test_the_same_step_is_kept_in_the_same_way(homes: SituationOf, dealing: DealingOf) -> None:
    shown = homes([5, 5, 0, 0], [0, 0, 2, 3])
    found = [_kept(dealing(shown, [40, 41, 20, 20]), 3.0)[0] for _ in range(2)]
    for name in ("seller", "buyer", "delivered_kwh"):
        one, other = (getattr(dealt.trades, name) for dealt in found)
        assert one.tobytes() == other.tobytes()
    assert found[0].terms.tariff_cents_per_kwh == found[1].terms.tariff_cents_per_kwh
