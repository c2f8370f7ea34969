"""CPU time of one step's market: limits, clearing, pairing, settlement and ledger.

Run from the root of the repository: `python -m benchmarks.matching`.
"""

from collections.abc import Callable
from dataclasses import replace
from time import process_time

import numpy as np

from market import limits, matching
from market.config import MarketConfig
from market.ledger import Ledger, verify
from market.mechanisms import call_auction
from market.orders import Orders, Terms, sum_by_home, terms
from market.pairing import pair
from market.records import postings
from market.settlement import settle

CONFIG = MarketConfig()
ORDERS_PER_HOME = 5
FEEDERS_COUNT = 4


def main() -> None:
    """Print a line per measurement."""
    for orders_count, runs_count in ((10_000, 30), (1_000_000, 3)):
        _market(orders_count, runs_count)
    _ledger(homes_count=1_000, blocks_count=20)


def _market(orders_count: int, runs_count: int) -> None:
    orders, room = community(orders_count)
    step = terms(CONFIG, 35.0, 5.0, signal_cents_per_kwh=25.0)
    allowed = limits.apply(orders, CONFIG, step, room)
    clearing = call_auction.clear(allowed, step)
    homes_count = room.buy_kwh_max.size
    bought_kwh = sum_by_home(allowed.home, np.maximum(clearing.accepted_kwh, 0.0), homes_count)
    sold_kwh = sum_by_home(allowed.home, np.maximum(-clearing.accepted_kwh, 0.0), homes_count)
    price, loss = clearing.price_cents_per_kwh, step.loss_fraction
    seconds = {
        "limits": best(lambda: limits.apply(orders, CONFIG, step, room), runs_count),
        "clear": best(lambda: call_auction.clear(allowed, step), runs_count),
        "pair": best(lambda: pair(bought_kwh, sold_kwh, loss, price, _rng()), runs_count),
        "limits + clear + pair": best(lambda: whole(orders, step, room), runs_count),
        "clear + pair, all orders": best(
            lambda: matching.match("call_auction", orders, step, _rng()), runs_count
        ),
    }
    fed = replace(step, feeder=np.arange(homes_count) * FEEDERS_COUNT // homes_count)
    for mechanism in ("posted_price", "mid_market", "pay_as_bid", "regional"):
        seconds[f"{mechanism}, all orders"] = best(
            lambda name=mechanism: matching.match(name, orders, fed, _rng()), runs_count
        )
    for name, spent in seconds.items():
        print(f"{orders_count:>9,} orders  {name:<26} {1e3 * spent:9.2f} ms")


def whole(orders: Orders, step: Terms, room: limits.Room) -> None:
    """Apply the rules and match what is left."""
    allowed = limits.apply(orders, CONFIG, step, room)
    matching.match("call_auction", allowed, step, _rng())


def _ledger(homes_count: int, blocks_count: int) -> None:
    orders, room = community(homes_count * ORDERS_PER_HOME)
    step = terms(CONFIG, 35.0, 5.0)
    trades = matching.match("call_auction", limits.apply(orders, CONFIG, step, room), step, _rng())
    import_kwh, export_kwh = _rng().random((2, homes_count))
    home_ids = np.arange(homes_count)
    bills = settle(trades, import_kwh, export_kwh, (35.0, 5.0), 0.0)
    posted = postings(trades, bills, import_kwh, export_kwh, home_ids)
    listing = best(lambda: postings(trades, bills, import_kwh, export_kwh, home_ids), blocks_count)
    ledger = Ledger(bytes(32), home_ids)
    spent = []
    for index in range(blocks_count):
        began = process_time()
        ledger.post(index, 1_800 * index, 1_800, posted)
        spent.append(process_time() - began)
    data = ledger.to_bytes()
    print(f"    ledger  {posted.size:,} records: list {1e3 * listing:.2f} ms,", end=" ")
    print(f"post {1e3 * min(spent):.2f} ms, {posted.size / min(spent):,.0f} records/s")
    began = process_time()
    verified = verify(data, ledger.head_hash)
    rate = len(data) / (process_time() - began) / 1e6
    print(f"    verify  {verified.records_count:,} records: {rate:.1f} MB/s")


def community(orders_count: int) -> tuple[Orders, limits.Room]:
    """Make up orders of about 0.4 kWh each at limits around the tariff's range."""
    rng = _rng()
    homes_count = orders_count // ORDERS_PER_HOME
    sign = rng.choice([-1.0, 1.0], homes_count)
    home = np.repeat(np.arange(homes_count), ORDERS_PER_HOME)
    orders = Orders(
        home=home,
        quantity_kwh=sign[home] * rng.gamma(2.0, 0.2, orders_count),
        limit_cents_per_kwh=rng.uniform(5.0, 40.0, orders_count),
        from_battery=rng.random(orders_count) < 0.5,
    )
    connection_kwh = np.full(homes_count, 4.0)
    return orders, limits.Room(connection_kwh, connection_kwh, np.zeros(homes_count))


def best(work: Callable[[], object], runs_count: int) -> float:
    """Time some work, compiled before, and return the shortest time [CPU seconds]."""
    work()  # kernels compile on their first call
    spent = []
    for _ in range(runs_count):
        began = process_time()
        work()
        spent.append(process_time() - began)
    return min(spent)


def _rng() -> np.random.Generator:
    return np.random.default_rng(1)


if __name__ == "__main__":
    main()
