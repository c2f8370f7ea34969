"""Homes without the main grid share what they have; cases on paper, and the best that is possible.

Batteries lose nothing unless a test says so, hold up to 9.45 kWh and move 2.5. What one home gives
to another loses a fifth.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents import battery, island
from agents.dealing import Dealing, Dealt
from agents.decisions import Situation
from agents.fleet import Fleet
from benchmarks.served import most_served_kwh

SituationOf = Callable[..., Situation]
DealingOf = Callable[..., Dealing]
Rows = Sequence[float]


@pytest.fixture(scope="module")
def homes(fleet: Callable[..., Fleet], situation: SituationOf) -> SituationOf:
    """Show homes a step: what they hold, need and generate."""

    def build(
        held_kwh: Rows, load_kwh: Rows, pv_kwh: Rows | None = None, **knobs: float
    ) -> Situation:
        count = len(held_kwh)
        lossless = {"charge_efficiency_fraction": 1.0, "discharge_efficiency_fraction": 1.0}
        ratings = fleet(count, **(lossless | knobs))
        return situation(ratings, held_kwh, load_kwh, pv_kwh or [0.0] * count)

    return build


def _lived(step: Dealing, *, idle: bool = False) -> Dealt:
    return island.lived(step.scheduler, step.situation, step.terms, idle=idle)


def test_what_panels_spare_serves_a_neighbour_before_it_is_stored(
    homes: SituationOf, dealing: DealingOf
) -> None:
    dealt = _lived(dealing(homes([0, 0], [0, 1], [2, 0])))
    assert dealt.trades.injected_kwh == pytest.approx([1.25])
    assert dealt.trades.delivered_kwh == pytest.approx([1.0])
    assert dealt.battery_kwh == pytest.approx([0.75, 0.0])
    assert dealt.flows.unserved_kwh == pytest.approx([0.0, 0.0])


def test_a_battery_serves_its_own_home_first_and_then_others(
    homes: SituationOf, dealing: DealingOf
) -> None:
    dealt = _lived(dealing(homes([1, 5], [2, 1])))
    assert dealt.battery_kwh == pytest.approx([-1.0, -2.25])  # 1.25 of it deliver 1
    assert dealt.flows.p2p_in_kwh == pytest.approx([1.0, 0.0])
    scarce = _lived(dealing(homes([1, 1], [2, 1])))
    assert scarce.trades.seller.size == 0
    assert scarce.flows.unserved_kwh == pytest.approx([1.0, 0.0])


def test_what_does_not_suffice_is_shared_in_proportion_to_what_is_lacking(
    homes: SituationOf, dealing: DealingOf
) -> None:
    dealt = _lived(dealing(homes([0, 0, 1], [3, 1, 0])))
    assert dealt.flows.p2p_in_kwh == pytest.approx([0.6, 0.2, 0.0])
    assert dealt.flows.unserved_kwh == pytest.approx([2.4, 0.8, 0.0])


def test_all_give_in_proportion_to_what_they_can(homes: SituationOf, dealing: DealingOf) -> None:
    dealt = _lived(dealing(homes([1, 2, 0], [0, 0, 1.2])))
    assert dealt.battery_kwh == pytest.approx([-0.5, -1.0, 0.0])


def test_idle_batteries_hold_still_and_panels_are_shared_all_the_same(
    homes: SituationOf, dealing: DealingOf
) -> None:
    step = dealing(homes([5, 0], [1, 1], [0, 1.5]))
    dealt = _lived(step, idle=True)
    assert dealt.battery_kwh.tolist() == [0.0, 0.0]
    assert dealt.after.stored_kwh.tolist() == step.situation.state.stored_kwh.tolist()
    assert dealt.flows.unserved_kwh == pytest.approx([0.6, 0.0])


def test_a_neighbours_battery_is_spared_only_where_lines_lose_less_than_cells(
    homes: SituationOf, dealing: DealingOf
) -> None:
    lossy_lines = _lived(dealing(homes([0, 5], [0, 1], [1, 0])))
    assert lossy_lines.battery_kwh == pytest.approx([1.0, -1.0])
    root = {"charge_efficiency_fraction": 0.9, "discharge_efficiency_fraction": 0.9}
    lossy_cells = _lived(dealing(homes([0, 5], [0, 1], [1, 0], **root), loss_fraction=0.0))
    assert lossy_cells.battery_kwh == pytest.approx([0.0, 0.0])
    assert lossy_cells.trades.delivered_kwh == pytest.approx([1.0])


def test_what_no_home_needs_fills_other_batteries_and_the_rest_is_turned_down(
    homes: SituationOf, dealing: DealingOf
) -> None:
    dealt = _lived(dealing(homes([9.45, 0], [0, 0], [2, 0])))
    assert dealt.battery_kwh == pytest.approx([0.0, 1.6])
    full = _lived(dealing(homes([9.45, 8.65], [0, 0], [2, 0])))
    assert full.battery_kwh == pytest.approx([0.0, 0.8])
    assert full.flows.curtailed_kwh == pytest.approx([1.0, 0.0])


def test_a_connection_carries_what_it_carries(homes: SituationOf, dealing: DealingOf) -> None:
    dealt = _lived(dealing(homes([9.45, 0], [0, 3], [3, 0], export_kw_max=2.0)))
    assert dealt.flows.p2p_out_kwh == pytest.approx([1.0, 0.0])
    assert dealt.flows.unserved_kwh == pytest.approx([0.0, 2.2])
    narrow = _lived(dealing(homes([5, 0], [0, 3], import_kw_max=1.0)))
    assert narrow.flows.p2p_in_kwh == pytest.approx([0.0, 0.5])


def test_feeders_serve_their_own_before_others_on_whose_way_more_is_lost(
    homes: SituationOf, dealing: DealingOf
) -> None:
    shown = homes([2, 0, 0], [0, 1, 1])
    shown = replace(shown, fleet=replace(shown.fleet, feeder=np.array([0, 0, 1])))
    rules = {"mechanism": "regional", "regional": {"between_loss_fraction": 0.5}}
    dealt = _lived(dealing(shown, **rules))
    assert dealt.flows.p2p_in_kwh == pytest.approx([0.0, 1.0, 0.3])
    assert dealt.flows.p2p_out_kwh == pytest.approx([2.0, 0.0, 0.0])


@pytest.mark.parametrize("mechanism", ["none", "call_auction"])
def test_no_rule_of_trade_stands_in_the_way_and_no_quota_is_used_up(
    homes: SituationOf, dealing: DealingOf, mechanism: str
) -> None:
    rules = {"order_max_kwh": 0.1, "sold_per_day_max_kwh": 0.1, "trade_min_kwh": 5.0}
    step = dealing(homes([5, 0], [0, 1]), mechanism=mechanism, **rules)
    assert _lived(step).trades.delivered_kwh == pytest.approx([1.0])
    assert step.scheduler.quota_left_kwh(17000).tolist() == [0.1, 0.1]


@pytest.mark.parametrize(
    ("rules", "price"),
    [
        ({}, 35.0),
        ({"price_max_cents_per_kwh": 20.0}, 20.0),
        ({"price_min_cents_per_kwh": 50.0}, 50.0),
    ],
)
def test_what_is_given_is_paid_at_the_tariff_within_the_range_of_prices(
    homes: SituationOf, dealing: DealingOf, rules: dict[str, float], price: float
) -> None:
    dealt = _lived(dealing(homes([5, 0], [0, 1]), **rules))
    assert dealt.trades.price_cents_per_kwh.tolist() == [price]


SOME = st.floats(0.0, 6.0)


@settings(max_examples=60)
@given(
    rows=st.lists(st.tuples(st.floats(0.0, 9.45), SOME, SOME), min_size=1, max_size=5),
    loss=st.sampled_from([0.0, 0.05, 0.4]),
    kept=st.sampled_from([1.0, 0.9]),
    idle=st.booleans(),
)
def test_no_way_of_sharing_serves_more_in_a_step(
    homes: SituationOf, dealing: DealingOf, rows: list[tuple[float, float, float]], loss: float,
    kept: float, idle: bool,
) -> None:  # fmt: skip
    held, load, pv = (list(column) for column in zip(*rows, strict=True))
    lossy = {"charge_efficiency_fraction": kept, "discharge_efficiency_fraction": kept}
    step = dealing(homes(held, load, pv, **lossy, export_kw_max=3.0), loss_fraction=loss)
    dealt = _lived(step, idle=idle)
    served_kwh = float((dealt.flows.load_kwh - dealt.flows.unserved_kwh).sum())
    known = step.situation
    ratings = known.fleet
    if idle:
        ratings = replace(ratings, power_kwh_max=np.zeros(len(rows)))
    best_kwh = most_served_kwh(
        ratings, known.state.stored_kwh, known.load_kwh[None], known.pv_kwh[None], loss
    )
    assert served_kwh == pytest.approx(best_kwh, abs=1e-6)
    low, high = battery.reach(known.fleet, known.state)
    assert (dealt.battery_kwh >= low - 1e-9).all()
    assert (dealt.battery_kwh <= high + 1e-9).all()
    assert not dealt.flows.import_kwh.any()
    assert not dealt.flows.export_kwh.any()
