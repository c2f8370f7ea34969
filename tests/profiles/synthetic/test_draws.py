"""Streams of random numbers by purpose and home."""

import numpy as np

from profiles.synthetic.draws import Purpose, bell, bustle, daily, stream

IDS = np.arange(1, 6)


def test_a_homes_numbers_do_not_depend_on_other_homes() -> None:
    every = daily(3, Purpose.COOKING, IDS, 7, 4)
    alone = daily(3, Purpose.COOKING, IDS[2:3], 7, 4)
    assert np.array_equal(every[:, 2:3], alone)
    noise = bustle(3, Purpose.PLUGS, IDS, 50, 1.5)
    assert np.array_equal(noise[2:3], bustle(3, Purpose.PLUGS, IDS[2:3], 50, 1.5))


def test_more_days_leave_the_first_as_they_were() -> None:
    longer = daily(3, Purpose.COOKING, IDS, 9, 4)
    assert np.array_equal(longer[:, :, :7], daily(3, Purpose.COOKING, IDS, 7, 4))
    noise = bustle(3, Purpose.PLUGS, IDS, 90, 1.5)
    assert np.array_equal(noise[:, :50], bustle(3, Purpose.PLUGS, IDS, 50, 1.5))


def test_seed_purpose_and_home_each_make_another_stream() -> None:
    keys = [(0, Purpose.TRAITS, 1), (1, Purpose.TRAITS, 1), (0, Purpose.DISHES, 1)]
    keys += [(0, Purpose.TRAITS, 2), (0, Purpose.TRAITS, 0)]
    assert len({stream(*key).random() for key in keys}) == len(keys)


def test_the_numbers_of_purposes_never_move() -> None:
    """They name the streams: another number would be another community."""
    assert [purpose.name for purpose in Purpose] == [
        "CLIMATE", "CLOUDS", "HEAT_WAVES", "TRAITS", "PRESENCE", "LAUNDRY", "DISHES", "COOKING",
        "BATHING", "DRIVING", "PLUGS", "SCREENS",
    ]  # fmt: skip
    assert [int(purpose) for purpose in Purpose] == list(range(12))


def test_bustle_has_mean_one_and_rare_peaks() -> None:
    noise = bustle(0, Purpose.PLUGS, np.array([1]), 40_000, 1.5)
    assert abs(noise.mean() - 1.0) < 0.02
    assert abs(noise.var() - 1.0 / 1.5) < 0.03
    assert noise.min() > 0.0


def test_a_bell_is_centred_and_bounded() -> None:
    assert bell(np.array([[0.0, 0.5, 1.0]] * 3)).tolist() == [-3.0, 0.0, 3.0]
    many = bell(np.random.default_rng(0).random((3, 100_000)))
    assert abs(many.mean()) < 0.01
    assert abs(many.var() - 1.0) < 0.01
