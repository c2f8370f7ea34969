"""The scenario `synthetic` over many seeds, as the tables of `docs/synthetic.md`.

Run with ``python -m benchmarks.headline [seeds]``, by default 30. Each seed is ``python run.py
compare synthetic --seed SEED --json``: other homes, other weather, the same tariff and day.
"""

import sys
import time
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from scenarios import compare, load
from scenarios.summary import Headline, Measures, Summary, summary

SEEDS_COUNT = 30


def lived(seed: int) -> Summary:
    """Run every arm of one seed."""
    return summary(compare.compare(load.load("synthetic", options={"--seed": seed})))


def spread(values: Iterable[float], digits: int = 1) -> str:
    """Write median and, in brackets, what one in ten falls below and one in ten exceeds."""
    low, half, high = np.percentile(list(values), [10, 50, 90])
    return f"{half:.{digits}f} ({low:.{digits}f}..{high:.{digits}f})"


def arms_table(found: Sequence[Summary]) -> list[str]:
    """Compare the arms: median over the seeds and p10..p90."""
    title = (
        "| arm | cost, USD | `market` saves, % | trades | highest import, kW | "
        "import at the peak, kWh | battery efficiency |"
    )
    lines = [title, "|---|---:|---:|---:|---:|---:|---:|"]
    for name in found[0].arms:
        arms = [figures.arms[name] for figures in found]
        saved = [
            100.0 * (1.0 - figures.arms["market"].cost_usd / figures.arms[name].cost_usd)
            for figures in found
        ]
        cells = (
            spread((arm.cost_usd for arm in arms), 2),
            "-" if name == "market" else spread(saved),
            spread((arm.trades_count for arm in arms), 0) if name == "market" else "-",
            spread(arm.peak_import_kw for arm in arms),
            spread(arm.peak_window_import_kwh for arm in arms),
            _efficiency(arms),
        )
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return lines


def _efficiency(arms: Sequence[Measures]) -> str:
    known = [arm.battery_efficiency for arm in arms if arm.battery_efficiency is not None]
    return spread(known, 3) if known else "-"


def gains_table(found: Sequence[Summary]) -> list[str]:
    """Tell how the homes share what trading brings, against planning alone."""
    homes_count = sum(figures.homes_count for figures in found)
    gains = [home.trading_gain_usd_per_day or 0.0 for each in found for home in each.homes]
    savings = [figures.savings for figures in found if figures.savings is not None]
    worse = [each.homes_worse_off_count or 0 for each in savings]
    counts = range(max(worse) + 1)
    seeds = [str(worse.count(count)) for count in counts]
    return [
        "| what trading brings, against `plan_alone` | |",
        "|---|---:|",
        f"| homes worse off by more than a cent, of {homes_count} | {sum(worse)} |",
        f"| seeds with {', '.join(map(str, counts))} of them | {', '.join(seeds)} |",
        f"| gain of a home, USD a day, mean | {np.mean(gains):+.2f} |",
        f"| the same, median and p10..p90 | {spread(gains, 2)} |",
        f"| largest loss of a home, USD a day | {min(gains):+.2f} |",
    ]


def headline_table(headline: Headline | None) -> list[str]:
    """Write the headline of one run."""
    if headline is None:
        raise ValueError("the arms grid_only and market are needed")
    digits: dict[str, Callable[[float], str]] = {
        "savings_percent": "{:.1f}".format,
        "trades_executed": "{:.0f}".format,
        "battery_efficiency": "{:.3f}".format,
    }
    cells = [
        "-" if value is None else digits.get(name, "{:.2f}".format)(value)
        for name, value in headline.model_dump().items()
    ]
    names = [f"`{name}`" for name in headline.model_dump()]
    return [f"| {' | '.join(names)} |", "|" + "---:|" * len(names), f"| {' | '.join(cells)} |"]


def main() -> None:
    """Print the tables, and the CPU time that they took."""
    seeds_count = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS_COUNT
    found = [lived(seed) for seed in range(seeds_count)]
    for table in (headline_table(found[0].headline), arms_table(found), gains_table(found)):
        print("\n".join(table), end="\n\n")
    cpu_s = time.process_time()
    print(f"{seeds_count} seeds: {cpu_s:.0f} CPU s, imports and compilation included")


if __name__ == "__main__":
    main()
