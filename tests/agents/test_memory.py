"""What homes carry from step to step."""

from collections.abc import Callable

import numpy as np
import pytest

from agents.fleet import Fleet
from agents.memory import Experience, Memory

ROOT = 0.9**0.5  # what is left of a stored kWh when it is taken out


def _experience(fleet: Fleet, lowest: float = 28.0, learning: float = 0.25) -> Experience:
    return Experience(fleet, 4, 3, lowest, learning)


def test_before_a_slot_is_lived_energy_is_worth_refilling(fleet: Callable[..., Fleet]) -> None:
    full = 28.0 * ROOT * 9.45
    known = _experience(fleet(2)).at_end(3)
    assert known == pytest.approx(np.array([[0.0, full / 3, 2 * full / 3, full, full]] * 2))


def test_energy_that_costs_nothing_is_worth_nothing(fleet: Callable[..., Fleet]) -> None:
    assert _experience(fleet(1), lowest=-4.0).at_end(0).tolist() == [[0.0] * 5]
    assert _experience(fleet(1, kind="none")).at_end(0).tolist() == [[0.0] * 5]


def test_a_slot_learns_a_share_of_what_the_newest_day_says(fleet: Callable[..., Fleet]) -> None:
    homes = _experience(fleet(1), lowest=0.0)
    newest = np.array([[7.0, 27.0, 37.0, 47.0, 47.0]])  # 20, 30 and 40 more than empty
    homes.learn(5, newest)  # slot 1 of the second day
    assert homes.at_end(1) == pytest.approx(0.25 * (newest - 7.0))
    homes.learn(1, newest)
    assert homes.at_end(9) == pytest.approx(0.4375 * (newest - 7.0))
    for slot in (0, 2, 3):
        assert homes.at_end(slot).tolist() == [[0.0] * 5]


def test_a_home_that_learns_nothing_keeps_to_the_lowest_price(fleet: Callable[..., Fleet]) -> None:
    homes = _experience(fleet(1), learning=0.0)
    before = homes.at_end(0).copy()
    homes.learn(0, np.full((1, 5), 3.0))
    assert homes.at_end(0).tolist() == before.tolist()


def test_some_homes_know_what_is_theirs() -> None:
    benefit, quota = np.arange(15.0).reshape(3, 5), np.arange(6.0).reshape(3, 2)
    part = Memory(benefit, quota, 20, 2.0, 0.5).rows(np.array([2, 0]))
    assert part.end_benefit_cents.tolist() == benefit[[2, 0]].tolist()
    found, today, depth = part.limits
    assert found.tolist() == quota[[2, 0]].tolist()
    assert (today, depth, part.recourse_fraction) == (20, 2.0, 0.5)
