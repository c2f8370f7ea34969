"""A cap below the peak: what keeping it costs each arm, as the table of `docs/grid-capacity.md`.

Run with ``python -m benchmarks.capacity [days] [share]``, by default 30 and 0.25: `fontana_mixed`
in summer and in winter, every arm without a cap and with one that lies that share below the
highest import of `grid_only`.
"""

import sys
import time
from collections.abc import Iterator

import numpy as np

from model import metrics
from model.results import Results
from scenarios import compare, load
from scenarios.arms import ARMS

STARTS = ("2017-07-01", "2017-01-10")


def table(start: str, days: int, share: float) -> Iterator[str]:
    """Compare the arms of one span, a line each."""
    knobs = [f"run.start={start}", f"run.days={days}"]
    free = compare.compare(load.load("fontana_mixed", knobs), ARMS).arms
    cap_kw = (1.0 - share) * peak_kw(free["grid_only"])
    capped = [*knobs, f"grid.community_import_kw_max={cap_kw!r}"]
    yield f"{start}, {days} days, cap {cap_kw:.2f} kW"
    yield (
        "| arm | peak without a cap, kW | peak, kW | over the cap, kWh | unserved, % of load "
        "| steps that bind | cost, USD | without a cap, USD |"
    )
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    arms = compare.compare(load.load("fontana_mixed", capped), ARMS).arms
    for name, results in arms.items():
        cells = (
            f"`{name}`",
            f"{peak_kw(free[name]):.2f}",
            f"{peak_kw(results):.2f}",
            f"{over_kwh(results, cap_kw):.1e}",
            f"{unserved_percent(results):.3f}",
            str(np.count_nonzero(np.isfinite(results.prices["scarcity_cents_per_kwh"]))),
            f"{metrics.cost_usd(results):.2f}",
            f"{metrics.cost_usd(free[name]):.2f}",
        )
        yield f"| {' | '.join(cells)} |"


def peak_kw(results: Results) -> float:
    """Highest import of the community [kW]."""
    return float(results.step_sums("import_kwh").max()) * 60 / results.step_minutes


def over_kwh(results: Results, cap_kw: float) -> float:
    """Largest import of a step above the cap [kWh]; rounding leaves some 1e-15."""
    most_kwh = cap_kw * results.step_minutes / 60
    return max(0.0, float(results.step_sums("import_kwh").max()) - most_kwh)


def unserved_percent(results: Results) -> float:
    """Load that went dark, in percent of all load."""
    unserved_kwh = results.home_sums("unserved_kwh").sum()
    return float(100.0 * unserved_kwh / results.home_sums("load_kwh").sum())


def main() -> None:
    """Print both tables, and the CPU time that they took."""
    days = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    share = float(sys.argv[2]) if len(sys.argv) > 2 else 0.25
    for start in STARTS:
        print("\n".join(table(start, days, share)), end="\n\n")
    print(f"{time.process_time():.0f} CPU s, imports and compilation included")


if __name__ == "__main__":
    main()
