"""How much every home wants at a given price. m is the number of orders, n of homes."""

import numpy as np

from market.orders import Orders, sum_by_home
from profiles.arrays import Floats


def net_kwh(orders: Orders, price_cents_per_kwh: float, loss_fraction: float) -> Floats:
    """Energy that each home buys at a price, less what it sells, delivered, shape (n,) [kWh].

    A bid counts if its limit is at or above the price, an ask if it is at or below. What a home
    would sell to itself its own wiring carries.
    """
    homes_count = int(orders.home.max(initial=-1)) + 1
    # Sums of floats depend on their order, so the orders are brought into one of their own.
    row = np.lexsort((orders.quantity_kwh, orders.home))
    home, quantity_kwh = orders.home[row], orders.quantity_kwh[row]
    limit = orders.limit_cents_per_kwh[row]
    buys = np.where(limit >= price_cents_per_kwh, np.maximum(quantity_kwh, 0.0), 0.0)  # (m,)
    sells = np.where(limit <= price_cents_per_kwh, np.maximum(-quantity_kwh, 0.0), 0.0)  # injected
    offered_kwh = (1.0 - loss_fraction) * sum_by_home(home, sells, homes_count)
    return sum_by_home(home, buys, homes_count) - offered_kwh
