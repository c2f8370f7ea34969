"""How many 48-step plans a CPU second makes: value segments, first action, whole plan.

Run with ``python -m benchmarks.planning``. Homes and days are drawn from the bundled year.
"""

import time
from collections.abc import Callable

import numpy as np

from agents import nonconvex, planning
from profiles import fontana
from profiles.arrays import Floats

PLANS_COUNT = 2000
STEPS_COUNT = 48
RUNS_COUNT = 15


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the fewest CPU seconds of several runs; the first one compiles."""
    work()
    spent = []
    for _ in range(RUNS_COUNT):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return min(spent)


def days(rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw load and PV of random homes over random spans, shape (plans, 48) [kWh]."""
    year = fontana.read()
    home = rng.integers(0, year.homes_count, PLANS_COUNT)
    first = rng.integers(0, year.steps_count - STEPS_COUNT, PLANS_COUNT)
    rows = first[:, None] + np.arange(STEPS_COUNT)
    return year.load_kwh[rows, home[:, None]], year.pv_kwh[rows, home[:, None]]


def main() -> None:
    """Print plans per CPU second."""
    load, pv = days(np.random.default_rng(0))
    hour = np.arange(STEPS_COUNT) / 2.0
    tariff = np.where((hour >= 16) & (hour < 20), 51.0, np.where(hour < 6, 28.0, 35.0))
    prices = np.stack((tariff, np.full(STEPS_COUNT, 5.0)), axis=1)
    root = 0.9**0.5
    limits = np.tile([9.45, 2.5, root, root, 10.0, 4.0], (PLANS_COUNT, 1))
    held = np.linspace(0.0, 9.45, PLANS_COUNT)
    terminal = np.full(PLANS_COUNT, 28.0 * root)
    now = (float(tariff[0]), 5.0)

    def first_action() -> Floats:
        curves = planning.value_segments(load[:, None], pv[:, None], prices, limits, terminal)
        return planning.best_batteries(held, load[:, 0], pv[:, 0], now, limits, curves)

    def whole_plan() -> Floats:
        return planning.plan(load, pv, prices, limits, held, terminal)[0]

    dear = prices.copy()
    dear[36:40, 1] = 80.0  # two hours of the evening in which exporting pays more than importing

    def odd_plan() -> Floats:
        return nonconvex.plan(load, pv, dear, limits, held, terminal)[0]

    for name, work in (
        ("value segments, first action", first_action),
        ("whole plan", whole_plan),
        ("whole plan, exporting pays more for 2 hours", odd_plan),
    ):
        seconds = cpu_seconds(work)
        print(
            f"{name}: {PLANS_COUNT / seconds:,.0f} plans of {STEPS_COUNT} steps per CPU second "
            f"({1e6 * seconds / PLANS_COUNT:.1f} us each)"
        )


if __name__ == "__main__":
    main()
