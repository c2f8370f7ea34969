"""How much homes want at a price."""

from hypothesis import given
from hypothesis import strategies as st

from market.demand import net_kwh
from market.orders import no_orders
from tests.market.rows import orders_of


def test_bids_count_from_the_price_up_and_asks_down_delivered() -> None:
    orders = orders_of([(0, 1.0, 20.0), (0, 2.0, 19.9), (2, -4.0, 20.0), (2, -8.0, 20.1)])
    assert net_kwh(orders, 20.0, 0.5).tolist() == [1.0, 0.0, -2.0]


def test_a_home_serves_itself_first() -> None:
    assert net_kwh(orders_of([(0, 3.0, 30.0), (0, -2.0, 10.0)]), 20.0, 0.5).tolist() == [2.0]


def test_without_orders_there_is_no_demand() -> None:
    assert net_kwh(no_orders(), 20.0, 0.05).size == 0


@given(
    rows=st.lists(
        st.tuples(st.integers(0, 3), st.floats(-2.0, 2.0), st.floats(0.0, 40.0)), min_size=1
    ),
    random=st.randoms(use_true_random=False),
)
def test_demand_falls_with_the_price_and_the_order_of_the_input_leaves_no_trace(
    rows: list[tuple[int, float, float]], random: object
) -> None:
    shuffled = random.sample(rows, len(rows))  # type: ignore[attr-defined]
    found = [net_kwh(orders_of(rows), price, 0.05) for price in (0.0, 10.0, 20.0, 40.0)]
    for dearer, cheaper in zip(found[1:], found, strict=False):
        assert (dearer <= cheaper + 1e-12).all()
    assert net_kwh(orders_of(shuffled), 20.0, 0.05).tobytes() == found[2].tobytes()
