"""Orders as rows: home, energy, limit; and trades as rows, for the eye."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from market.orders import Orders, Trades

Row = tuple[int, float, float]  # home, quantity_kwh, limit_cents_per_kwh


def any_rows(
    lowest_cents: float = 5.0, highest_cents: float = 35.0
) -> st.SearchStrategy[list[Row]]:
    """Draw up to 24 orders of homes 0 to 8, in eighths of a kWh and steps of 2.5 cents."""
    return st.lists(
        st.tuples(
            st.integers(0, 8),
            st.integers(-16, 16).map(lambda eighths: eighths / 8),
            st.integers(round(lowest_cents / 2.5), round(highest_cents / 2.5)).map(
                lambda steps: 2.5 * steps
            ),
        ),
        max_size=24,
    )


def orders_of(given: Sequence[Row] | Sequence[tuple[int, float, float, bool]]) -> Orders:
    """Make orders of rows; a fourth entry says whether a row is of a battery."""
    marked = [(*row, False)[:4] for row in given]
    home, quantity, limit, battery = zip(*marked, strict=True) if marked else ((), (), (), ())
    return Orders(
        np.array(home, dtype=np.int64),
        np.array(quantity, dtype=np.float64),
        np.array(limit, dtype=np.float64),
        np.array(battery, dtype=np.bool_),
    )


def told(trades: Trades) -> list[tuple[int, int, float, float]]:
    """List seller, buyer, delivered energy and price of each trade."""
    columns = trades.seller, trades.buyer, trades.delivered_kwh, trades.price_cents_per_kwh
    return list(zip(*(column.tolist() for column in columns), strict=True))
