"""How often a 95 % interval over days holds the truth, as the table of `docs/arms.md`.

Run with ``python -m benchmarks.intervals``. Days are drawn so that each resembles the one before by
a given correlation, around a mean of 0; an interval that does not hold 0 is wrong.
"""

import numpy as np
from scipy import special

from model.intervals import mean_interval
from profiles.arrays import Floats

DAYS = (7, 30, 348)
CORRELATIONS = (0.0, 0.3, 0.5)
SERIES_COUNT, BOOTSTRAPPED_COUNT, RESAMPLES_COUNT = 4000, 400, 400


def drawn(rng: np.random.Generator, days: int, correlation: float, count: int) -> Floats:
    """Draw series of days, (count, days)."""
    shocks = rng.standard_normal((count, days + 100))
    for day in range(1, days + 100):
        shocks[:, day] += correlation * shocks[:, day - 1]
    return shocks[:, 100:]


def ours(daily: Floats) -> bool:
    """Whether the interval of the arms table holds 0."""
    low, high = mean_interval(daily) or (0.0, 0.0)
    return low <= 0.0 <= high


def students(daily: Floats) -> bool:
    """Whether Student's t on its own, which takes days for independent, holds 0."""
    quantile = float(special.stdtrit(daily.size - 1, 0.975))
    return abs(daily.mean()) <= quantile * daily.std(ddof=1) / np.sqrt(daily.size)


def bootstrapped(daily: Floats, rng: np.random.Generator) -> bool:
    """Whether a stationary bootstrap holds 0; its blocks have the cube root of the days on average.

    References
    ----------
    .. [1] D. N. Politis, J. P. Romano, "The stationary bootstrap," J. Am. Stat. Assoc. 89, 1994.
    """
    shape = (RESAMPLES_COUNT, daily.size)
    starts = rng.integers(daily.size, size=shape)
    anew = rng.random(shape) < daily.size ** (-1 / 3)
    picked = starts.copy()
    for day in range(1, daily.size):
        following = (picked[:, day - 1] + 1) % daily.size
        picked[:, day] = np.where(anew[:, day], starts[:, day], following)
    low, high = np.quantile(daily[picked].mean(axis=1), (0.025, 0.975))
    return bool(low <= 0.0 <= high)


def main() -> None:
    """Print the table."""
    rng = np.random.default_rng(0)
    print("| days | correlation | ours | Student's t | stationary bootstrap |")
    print("|---:|---:|---:|---:|---:|")
    for days in DAYS:
        for correlation in CORRELATIONS:
            series = drawn(rng, days, correlation, SERIES_COUNT)
            held = [np.mean([method(daily) for daily in series]) for method in (ours, students)]
            few = series[:BOOTSTRAPPED_COUNT]
            held.append(np.mean([bootstrapped(daily, rng) for daily in few]))
            cells = " | ".join(f"{100 * share:.0f} %" for share in held)
            print(f"| {days} | {correlation:g} | {cells} |")


if __name__ == "__main__":
    main()
