"""Random numbers of generated homes: a stream of its own for every purpose and home.

h is the number of homes asked for, D of days, T of steps. A home's numbers depend on the seed, the
purpose and its id, so neither other homes nor a longer span change them. Draws come in order of
time: those of the first days stay when days are added.
"""

from enum import IntEnum

import numpy as np

from profiles.arrays import Floats, Integers


class Purpose(IntEnum):
    """What a stream is for. Numbers are never reused: they name the streams."""

    CLIMATE = 0  # of the community: days
    CLOUDS = 1  # of the community: steps
    HEAT_WAVES = 2  # of the community: days
    TRAITS = 3
    PRESENCE = 4
    LAUNDRY = 5
    DISHES = 6
    COOKING = 7
    BATHING = 8
    DRIVING = 9
    PLUGS = 10
    SCREENS = 11


COMMUNITY = 0  # stands for the home in the streams that all homes share; ids start at 1


def stream(seed: int, purpose: Purpose, home_id: int = COMMUNITY) -> np.random.Generator:
    """Open the stream of one purpose and home."""
    key = np.random.SeedSequence(entropy=seed, spawn_key=(int(purpose), home_id))
    return np.random.default_rng(key)


def daily(seed: int, purpose: Purpose, home_ids: Integers, days: int, count: int) -> Floats:
    """Draw `count` uniform numbers in [0, 1) for every home and day, shape (count, h, D)."""
    drawn = np.empty((home_ids.size, days, count))
    for row, home_id in enumerate(home_ids.tolist()):
        drawn[row] = stream(seed, purpose, home_id).random((days, count))
    return np.ascontiguousarray(np.moveaxis(drawn, 2, 0))


def bustle(
    seed: int, purpose: Purpose, home_ids: Integers, steps_count: int, shape: float
) -> Floats:
    """Draw a positive number of mean 1 for every home and step, shape (h, T).

    The distribution is a gamma; the smaller its `shape`, the rarer and higher the peaks.
    """
    drawn = np.empty((home_ids.size, steps_count))
    for row, home_id in enumerate(home_ids.tolist()):
        stream(seed, purpose, home_id).standard_gamma(shape, out=drawn[row])
    drawn /= shape
    return drawn


def bell(uniform: Floats) -> Floats:
    """Turn three uniform numbers (3, ...) into one of mean 0, variance 1 and at most 3 in size.

    Their sum is close to normal, and adding is exact to the bit wherever it is done.
    """
    return np.asarray(2.0 * (uniform[0] + uniform[1] + uniform[2]) - 3.0)
