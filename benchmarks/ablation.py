"""What each part of planning under uncertainty is worth, as the tables of `docs/planning.md`.

Run with ``python -m benchmarks.ablation [scenario start days [row ...]]``, by default every row on
``fontana_mixed`` for 30 days from 2017-07-01; the rows named ``closing`` are those under "what is
missing to the bound". A row is ``python run.py compare SCENARIO --start DATE --days DAYS --arms
grid_only,plan_alone,market,bound --set KEY=VALUE``, with the bound under the same rules.
"""

import sys
import time
from collections.abc import Mapping
from types import MappingProxyType

from model import metrics
from model.bound import captured_fractions
from scenarios import compare, load
from scenarios.compare import Comparison
from scenarios.schema import Scenario

DEFAULTS = ("fontana_mixed", "2017-07-01", "30")
# Both trusts are one habit: what homes do in earnest and while they rehearse.
TRUSTING = ("strategy.signal_trust_fraction=1", "market.rehearsal.trust_fraction=1")

SLOW = ("market.rehearsal.rounds_count=10", "market.rehearsal.step_fraction=0.1")

PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "everything": (),
        "aggregate battery": ("market.price_signal=marginal",),
        "3 rounds": ("market.rehearsal.rounds_count=3",),
        "no price on quota": ("market.rehearsal.quota_slope=0",),
        "full trust": TRUSTING,
        "no guard": ("strategy.guard_days=0",),
        "recourse 0": ("strategy.recourse_fraction=0",),
        "recourse 1": ("strategy.recourse_fraction=1",),
        "end not learned": ("strategy.end_learning_fraction=0",),
        "48 cells": ("strategy.cells_count=48",),
        "96 cells": ("strategy.cells_count=96",),
        "192 cells": ("strategy.cells_count=192",),
        "latest days": (
            "forecast.futures.likeness_weight=0",
            "forecast.futures.weekend_weight=0",
        ),
        "no bias taken off": ("forecast.futures.bias_fraction=0",),
        "14 samples": ("forecast.samples_count=14",),
        "one future": ("forecast.samples_count=0",),
        "slot_mean": ("forecast.name=slot_mean",),
    }
)
"""Settings by row: every part of the recipe, changed alone."""

CLOSING: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "perfect load": ("forecast.name=perfect_load",),
        "perfect PV": ("forecast.name=perfect_pv",),
        "perfect": ("forecast.name=perfect",),
        "rules lifted": (),
        "no loss": ("market.loss_fraction=0",),
        "rules lifted, no loss": ("market.loss_fraction=0",),
        "rules lifted, perfect": ("forecast.name=perfect",),
        "perfect, 10 slow rounds": ("forecast.name=perfect", *SLOW),
    }
)
"""Likewise: what would have to be known, or allowed."""

LIFTED = ("rules lifted", "rules lifted, no loss", "rules lifted, perfect")
"""Rows over which the override ``unlimited`` is laid as well."""


class Ablation:
    """Runs the rows of one span; what rows share is run once."""

    def __init__(self, name: str, start: str, days: int) -> None:
        self._name, self._options = name, {"--start": start, "--days": days}
        self._shared: dict[tuple[str, ...], Comparison] = {}

    def row(self, name: str, settings: tuple[str, ...]) -> str:
        """Run a row and lay it out in Markdown."""
        cpu_s = time.process_time()
        overrides = ("unlimited",) if name in LIFTED else ()
        scenario = load.load(self._name, settings, self._options, overrides)
        plain = Scenario()
        ours = scenario.market.model_copy(
            update={name: getattr(plain.market, name) for name in ("price_signal", "rehearsal")}
        )
        # How homes plan is no concern of idle batteries and bounds.
        unplanned = {"forecast": plain.forecast, "strategy": plain.strategy, "market": ours}
        best = self._once(scenario.model_copy(update=unplanned), "grid_only", "bound")
        # Nor are the rules of trade one of homes that do not.
        unheard = {name: getattr(plain.strategy, name) for name in LISTENING}
        apart = {"strategy": scenario.strategy.model_copy(update=unheard), "market": plain.market}
        alone = self._once(scenario.model_copy(update=apart), "plan_alone")
        arms = best.arms | alone.arms | compare.compare(scenario, ("market",)).arms
        costs_usd = {each: metrics.cost_usd(results) for each, results in arms.items()}
        captured = captured_fractions(costs_usd, best.bounds)
        gains_usd = metrics.home_costs_usd(arms["plan_alone"])
        gains_usd = gains_usd - metrics.home_costs_usd(arms["market"])
        cells = (
            name,
            *(_percent(captured.get(key)) for key in KEYS),
            f"{100.0 * gains_usd.min() / scenario.run.days:+.1f}",
            f"{costs_usd['market']:.2f}",
            f"{time.process_time() - cpu_s:.0f}",
        )
        return f"| {' | '.join(cells)} |"

    def _once(self, scenario: Scenario, *arms: str) -> Comparison:
        key = (scenario.model_dump_json(), *arms)
        if key not in self._shared:
            self._shared[key] = compare.compare(scenario, arms)
        return self._shared[key]


LISTENING = ("signal_trust_fraction", "guard_days")
KEYS = ("captured_of_bound_fraction", "trading_captured_fraction")


def _percent(fraction: float | None) -> str:
    return "-" if fraction is None else f"{100.0 * fraction:.1f}"


def main() -> None:
    """Print the rows that are asked for, and the CPU time that each took."""
    name, start, days = (*sys.argv[1:4], *DEFAULTS[len(sys.argv[1:4]) :])
    rows = {**PARTS, **CLOSING}
    asked = sys.argv[4:] or list(rows)
    if "closing" in asked:
        asked = [*(each for each in asked if each != "closing"), *CLOSING]
    ablation = Ablation(name, start, int(days))
    print(f"{name}, {days} days from {start}", end="\n\n")
    print("| | captured, % | of trade, % | worst home, cents/day | cost, USD | CPU s |")
    print("|---|---:|---:|---:|---:|---:|")
    for row in asked:
        print(ablation.row(row, rows[row]), flush=True)


if __name__ == "__main__":
    main()
