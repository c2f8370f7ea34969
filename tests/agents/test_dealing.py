"""What a step comes to under other prices than the grid's, and part of the way to them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from agents.dealing import Dealing, Part
from agents.decisions import Situation
from agents.fleet import Fleet

FleetOf = Callable[..., Fleet]
SituationOf = Callable[..., Situation]
DealingOf = Callable[..., Dealing]


@pytest.fixture
def seller_and_buyer(fleet: FleetOf, situation: SituationOf, dealing: DealingOf) -> Dealing:
    """Home 1 holds 5 kWh worth 40 cents each, home 2 holds nothing and needs 3 kWh."""
    homes = fleet(2, charge_efficiency_fraction=1.0, discharge_efficiency_fraction=1.0)
    return dealing(situation(homes, [5.0, 0.0], [0.0, 3.0], [0.0, 0.0]), [40.0, 20.0])


def test_at_the_grids_prices_nobody_gives_up_what_is_worth_more(seller_and_buyer: Dealing) -> None:
    dealt = seller_and_buyer.deal(seller_and_buyer.terms)
    assert dealt.trades.seller.size == 0
    assert dealt.flows.import_kwh.tolist() == [0.0 + 2.5, 3.0]  # home 1 charges for 40 cents
    assert dealt.battery_kwh.tolist() == [2.5, 0.0]
    assert dealt.after.stored_kwh == pytest.approx([1.35 + 7.5, 1.35])


def test_what_is_dear_enough_is_sold(seller_and_buyer: Dealing) -> None:
    # 40 cents are 50 per delivered kWh.
    dealt = seller_and_buyer.deal(seller_and_buyer.terms_at(51.0, 5.0))
    assert dealt.trades.sold_kwh(2).tolist() == [2.5, 0.0]
    assert dealt.trades.price_cents_per_kwh.tolist() == [51.0]
    assert dealt.flows.import_kwh == pytest.approx([0.0, 1.0])
    assert dealt.battery_kwh.tolist() == [-2.5, 0.0]


def test_part_of_the_way_is_a_share_of_what_changes(seller_and_buyer: Dealing) -> None:
    start = seller_and_buyer.deal(seller_and_buyer.terms_at(45.0, 5.0))
    end = seller_and_buyer.deal_again(seller_and_buyer.terms_at(51.0, 5.0))
    part = Part(start, end, 0.4)
    assert part.sold_kwh_max.tolist() == [1.0, np.inf]
    dealt = seller_and_buyer.deal_again(end.terms, part)
    assert dealt.trades.sold_kwh(2).tolist() == [1.0, 0.0]
    assert dealt.battery_kwh == pytest.approx([-1.0, 0.0])
    assert dealt.flows.import_kwh == pytest.approx([0.0, 2.2])


def test_dealing_again_counts_once(seller_and_buyer: Dealing) -> None:
    terms = seller_and_buyer.terms_at(51.0, 5.0)
    first = seller_and_buyer.deal(terms)
    for _ in range(5):
        again = seller_and_buyer.deal_again(terms)
        assert again.trades.delivered_kwh.tobytes() == first.trades.delivered_kwh.tobytes()
    rules = {"sold_per_day_max_kwh": 10.0}
    assert seller_and_buyer.scheduler.rules.sold_per_day_max_kwh == rules["sold_per_day_max_kwh"]
    sold = [seller_and_buyer.deal(terms).trades.sold_kwh(2)[0] for _ in range(4)]
    assert sold == pytest.approx([2.5, 2.5, 2.5, 0.0])  # after the first: 10 kWh a day


def test_a_posted_price_moves_with_the_grids(
    fleet: FleetOf, situation: SituationOf, dealing: DealingOf
) -> None:
    homes = situation(fleet(2), [0, 0], [1, 0], [0, 1])
    market = dealing(homes, mechanism="posted_price", signal=20.0)
    assert market.terms.posted_cents_per_kwh == 20.0
    assert market.terms_at(50.0, 5.0).posted_cents_per_kwh == 35.0
    assert market.terms_at(35.0, 0.0).posted_cents_per_kwh == 15.0
    assert market.terms_at(35.0, 5.0) == market.terms


def test_homes_stay_on_their_feeders_whatever_the_price(
    fleet: FleetOf, situation: SituationOf, dealing: DealingOf
) -> None:
    homes = replace(fleet(2), feeder=np.array([0, 1]))
    market = dealing(situation(homes, [0, 0], [1, 0], [0, 1]), mechanism="regional")
    moved = market.terms_at(50.0, 5.0)
    assert moved.feeder is not None
    assert moved.feeder.tolist() == [0, 1]
    assert moved.between_loss_fraction == market.terms.between_loss_fraction > 0.0


def test_without_a_mechanism_nobody_hands_in_orders(
    fleet: FleetOf, situation: SituationOf, dealing: DealingOf
) -> None:
    alone = dealing(situation(fleet(2), [0, 0], [1, 0], [0, 1]), mechanism="none")
    dealt = alone.deal(alone.terms)
    assert (dealt.orders.home.size, dealt.trades.seller.size) == (0, 0)
    assert dealt.flows.export_kwh.tolist() == [0.0, 1.0]
