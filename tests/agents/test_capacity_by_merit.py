"""The price of scarcity and who gives way, held against merit order worked out on paper."""

from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agents import capacity
from agents.dealing import Dealing
from agents.decisions import Situation
from agents.fleet import Fleet

Rows = list[float]


def _three(*amounts: float) -> st.SearchStrategy[Rows]:
    return st.lists(st.sampled_from(amounts), min_size=3, max_size=3)


def _by_merit(shown: tuple[Rows, Rows], values: Rows, most_kwh: float) -> tuple[float, list[float]]:
    """Work out price and imports by crossing out what is worth least; nobody generates or trades.

    A kWh that is not charged costs what it would be worth in the battery, and so does one that the
    battery gives. Batteries keep nine tenths of what goes in and of what comes out.
    """
    offers, imports = [], []
    for home, (held, load, value) in enumerate(zip(*shown, values, strict=True)):
        charge = min(2.5, (9.45 - held) / 0.9) if 0.9 * value > 35.0 else 0.0
        give = min(2.5, 0.9 * held, load)
        served = give if value / 0.9 < 35.0 else 0.0
        imports.append(load + charge - served)
        offers += [(0.9 * value, home, charge), (value / 0.9, home, give - served)]
    price = 35.0
    for level in sorted({cents for cents, _, kwh in offers if kwh > 0.0}):
        over = sum(imports) - most_kwh
        same = [(home, kwh) for cents, home, kwh in offers if cents == level and kwh > 0.0]
        if over <= 1e-9:
            break
        share = min(1.0, over / sum(kwh for _, kwh in same))
        for home, kwh in same:
            imports[home] -= share * kwh
        price = level
    return price, imports


@given(
    shown=st.tuples(_three(0.0, 0.3, 2.0, 9.0), _three(0.5, 1.0, 4.0)),
    values=_three(20.0, 36.0, 40.0, 41.5, 60.0, 80.0),
    share=st.floats(0.3, 0.99),
)
def test_the_cap_is_kept_at_the_least_loss_of_what_is_stored(
    fleet: Callable[..., Fleet],
    situation: Callable[..., Situation],
    dealing: Callable[..., Dealing],
    shown: tuple[Rows, Rows],
    values: Rows,
    share: float,
) -> None:
    ratings = fleet(3, charge_efficiency_fraction=0.9, discharge_efficiency_fraction=0.9)
    step = dealing(situation(ratings, *shown, [0.0] * 3), values, mechanism="none")
    free = step.deal(step.terms)
    most_kwh = share * float(free.flows.import_kwh.sum())
    assume(most_kwh > 0.01)
    price, imports = _by_merit(shown, values, most_kwh)
    dealt, scarcity = capacity.kept(step, free, (most_kwh, 1000.0), idle=False)
    if sum(imports) <= most_kwh + 1e-6:
        assert scarcity == pytest.approx(price, abs=2e-3)
        assert dealt.flows.import_kwh == pytest.approx(imports, abs=1e-5)
        assert dealt.flows.unserved_kwh.tolist() == [0.0] * 3
    else:  # no price is enough, so load goes dark in proportion
        assert scarcity == 100.0
        dark = sum(imports) - most_kwh
        assert dealt.flows.unserved_kwh == pytest.approx([i * dark / sum(imports) for i in imports])
