"""How much is done in a round, and the rate at which it is learned."""

import pytest

from forecasting.federated.config import FederatedConfig
from forecasting.federated.pace import Pace, in_a_run, offline


def test_what_is_left_open_is_decided_by_the_occasion() -> None:
    knobs = FederatedConfig()
    assert in_a_run(knobs, 9).clients_count == 9
    assert offline(knobs, 62).clients_count == 10
    assert offline(knobs, 4).clients_count == 4
    assert in_a_run(knobs, 9).epochs == 2
    assert in_a_run(knobs, 9).windows_count == 64


def test_what_is_typed_counts() -> None:
    knobs = FederatedConfig(clients_per_round=3, epochs=2, windows_per_round=7, learning_rate=0.5)
    for pace in (in_a_run(knobs, 9), offline(knobs, 9)):
        assert (pace.clients_count, pace.epochs, pace.windows_count) == (3, 2, 7)
        assert pace.learning_rate == 0.5


def test_a_home_goes_through_its_windows_twice_at_most_unless_more_is_typed() -> None:
    knobs = FederatedConfig(rounds_count=50)
    assert drawn(offline(knobs, 9), 6500) == 260  # 50 rounds of all, 13,000 windows
    assert drawn(offline(knobs, 62), 13_000) == 480  # 8 rounds of its own, 3,900 windows
    assert drawn(offline(knobs, 62), 1000) == 248
    assert drawn(offline(FederatedConfig(rounds_count=50, epochs=2), 9), 6500) == 130
    assert drawn(offline(knobs, 9), 3) == 1
    typed = FederatedConfig(windows_per_round=700)
    assert drawn(offline(typed, 9), 10) == 700
    assert drawn(in_a_run(knobs, 9), 10) == 64


def drawn(pace: Pace, windows_count: int) -> int:
    return pace.drawn_count(windows_count, pace.turns_count)


def test_the_rate_of_a_run_stays_and_that_of_a_past_falls_to_a_hundredth() -> None:
    knobs = FederatedConfig(learning_rate=0.1, rounds_count=3)
    assert [in_a_run(knobs, 9).rate(number) for number in (0, 500)] == [0.1, 0.1]
    falling = [offline(knobs, 9).rate(number) for number in range(3)]
    assert falling == pytest.approx([0.1, 0.1 * (0.01 + 0.99 / 2), 0.001])


def test_a_single_round_has_the_highest_rate() -> None:
    assert Pace(1, 1, 1, 1, 0.2, 1).rate(0) == pytest.approx(0.2)
