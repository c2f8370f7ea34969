"""What this system was asked to show beside what it measures, as the page `docs/claims.md`.

Run with ``python -m benchmarks.claims > docs/claims.md``, two minutes. It lives two weeks of
``compare fontana_mixed``, every arm and bound, and times a market, a step and a whole run.
"""

import platform
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from resource import RUSAGE_CHILDREN, getrusage
from tempfile import TemporaryDirectory
from time import process_time

import numpy as np

from benchmarks import matching, step
from market.orders import terms
from model import metrics
from model.results import Results
from scenarios import compare, load
from scenarios.compare import Comparison

WEEKS = {"July": "2017-07-01", "January": "2017-01-10"}
SCENARIO, DAYS = "fontana_mixed", 7
ORDERS_COUNTS = (1_000_000, 100_000, 5_000, 50)  # of 200,000, 20,000, 1,000 and 10 homes

Measured = Callable[[Mapping[str, Results]], float]


@dataclass(frozen=True, slots=True)
class Claim:
    """One reading of a figure: what was asked, and how it is counted."""

    name: str  # of what was asked, at the first reading of it
    label: str
    asked: tuple[float, float] | None  # a fraction, least and most; None if it only explains
    measured: Measured


def fallen(arm: str, baseline: str, of: Callable[[Results], float]) -> Measured:
    """Count by which share a measure is lower in an arm."""

    def fraction(arms: Mapping[str, Results]) -> float:
        return 1.0 - of(arms[arm]) / of(arms[baseline])

    return fraction


def saved(arm: str, baseline: str) -> Measured:
    """Count the share of a baseline's cost that an arm saves."""
    return fallen(arm, baseline, metrics.cost_usd)


def highest_kw(results: Results) -> float:
    """Return the community's highest import at any hour [kW]."""
    return float(results.step_sums("import_kwh").max()) * 60.0 / results.step_minutes


def highest_at_peak_kw(results: Results) -> float:
    """Return its highest import in the tariff's peak hours [kW]."""
    return float(results.step_sums("import_kwh")[results.peak].max()) * 60.0 / results.step_minutes


def peak_kwh(results: Results) -> float:
    """Add up its imports in the tariff's peak hours [kWh]."""
    return float(results.step_sums("import_kwh")[results.peak].sum())


def shifted(arms: Mapping[str, Results], *, losses: bool) -> float:
    """Compare a kWh of the cheapest hours with one of the peak, on the way through a battery."""
    market = arms["market"]
    tariff = market.prices["tariff_cents_per_kwh"]
    efficiency = metrics.battery_efficiency_fraction(market) if losses else 1.0
    return 1.0 - float(tariff.min()) / (efficiency or 1.0) / float(tariff.max())


def buyers_saved(arms: Mapping[str, Results]) -> float:
    """Compare what buyers pay for traded energy with what the grid would have charged."""
    market = arms["market"]
    trades = market.trades
    tariff = market.prices["tariff_cents_per_kwh"][trades["step"]]
    bill = metrics.bill_usd(market)
    paid_usd = bill["p2p_paid_usd"] + bill["fee_usd"]
    return 1.0 - 100.0 * paid_usd / float(tariff @ trades["delivered_kwh"])


def trading_saved(arms: Mapping[str, Results]) -> float:
    """Compare what trading saves with what the grid would have charged for the traded energy."""
    trades = arms["market"].trades
    tariff = arms["market"].prices["tariff_cents_per_kwh"][trades["step"]]
    saved_usd = metrics.cost_usd(arms["plan_alone"]) - metrics.cost_usd(arms["market"])
    return 100.0 * saved_usd / float(tariff @ trades["delivered_kwh"])


def left_fraction(results: Results) -> float:
    """Return the share of the solar generation that leaves the community or is turned down."""
    left = results.home_sums("export_kwh").sum() + results.home_sums("curtailed_kwh").sum()
    return float(left / results.home_sums("pv_kwh").sum())


def waste_usd(results: Results) -> float:
    """Value what leaves: at the arm's mean import price, less what the grid paid for it [USD]."""
    import_kwh = results.home_sums("import_kwh").sum()
    bill = metrics.bill_usd(results)
    left_kwh = results.home_sums("export_kwh").sum() + results.home_sums("curtailed_kwh").sum()
    return float(left_kwh * bill["import_cost_usd"] / import_kwh) - bill["export_credit_usd"]


def less_waste(arm: str, baseline: str) -> Measured:
    """Count what an arm wastes less, as a share of the baseline's cost."""

    def fraction(arms: Mapping[str, Results]) -> float:
        less_usd = waste_usd(arms[baseline]) - waste_usd(arms[arm])
        return less_usd / metrics.cost_usd(arms[baseline])

    return fraction


SAVING, SHIFTING, TRADED, WASTE, PEAK = (
    (0.2, 0.4),
    (0.45, 1.0),
    (0.15, 0.25),
    (0.05, 0.1),
    (0.25, 1.0),
)
CLAIMS = (
    Claim("Saving", "`market` against `plan_alone`", SAVING, saved("market", "plan_alone")),
    Claim("", "`market` against `self_use`", SAVING, saved("market", "self_use")),
    Claim("", "`market` against `grid_only`", SAVING, saved("market", "grid_only")),
    Claim(
        "Time shifting",
        "`time_of_use` against `self_use`",
        SHIFTING,
        saved("time_of_use", "self_use"),
    ),
    Claim("", "`plan_alone` against `self_use`", SHIFTING, saved("plan_alone", "self_use")),
    Claim("", "a kWh, after losses", SHIFTING, lambda arms: shifted(arms, losses=True)),
    Claim("", "a kWh, by the tariff", SHIFTING, lambda arms: shifted(arms, losses=False)),
    Claim("", "fewer imports at the peak", None, fallen("market", "grid_only", peak_kwh)),
    Claim("Traded energy", "to its buyers", TRADED, buyers_saved),
    Claim("", "to buyers and sellers", TRADED, trading_saved),
    Claim("Less waste", "`market` against `self_use`", WASTE, less_waste("market", "self_use")),
    Claim("", "`market` against `grid_only`", WASTE, less_waste("market", "grid_only")),
    Claim(
        "", "solar that leaves, `grid_only`", None, lambda arms: left_fraction(arms["grid_only"])
    ),
    Claim("", "solar that leaves, `self_use`", None, lambda arms: left_fraction(arms["self_use"])),
    Claim("", "solar that leaves, `market`", None, lambda arms: left_fraction(arms["market"])),
    Claim("Peak", "highest import at any hour", PEAK, fallen("market", "grid_only", highest_kw)),
    Claim("", "in peak hours", PEAK, fallen("market", "grid_only", highest_at_peak_kw)),
)


def lived(start: str) -> Comparison:
    """Run a week, every arm and bound."""
    return compare.compare(load.load(SCENARIO, options={"--start": start, "--days": DAYS}))


def figures_table(found: Mapping[str, Mapping[str, Results]]) -> list[str]:
    """Lay out what is counted over a week."""
    lines = [
        f"| figure | reading | asked | {' | '.join(found)} | reached |",
        f"|---|---|---:|{'---:|' * len(found)}---|",
    ]
    for claim in CLAIMS:
        values = [claim.measured(arms) for arms in found.values()]
        shown = " | ".join(f"{100.0 * value:.1f} %" for value in values)
        name = f"**{claim.name}**" if claim.name else ""
        told = verdict(claim, values)
        lines.append(f"| {name} | {claim.label} | {asked(claim)} | {shown} | {told} |")
    return lines


def asked(claim: Claim) -> str:
    """Write what was asked."""
    if claim.asked is None:
        return "-"
    low, high = (100.0 * end for end in claim.asked)
    return f"{low:.0f} %" if high == 100.0 else f"{low:.0f} to {high:.0f} %"


def verdict(claim: Claim, values: Sequence[float]) -> str:
    """Say in which weeks the least that was asked is reached."""
    if claim.asked is None:
        return ""
    reached = [name for name, value in zip(WEEKS, values, strict=True) if value >= claim.asked[0]]
    return "yes" if len(reached) == len(WEEKS) else (f"in {reached[0]}" if reached else "no")


def times_table() -> list[str]:
    """Time a market, a step of ten homes and a whole run, in seconds of one processor."""
    mean_s, worst_s = step_s()
    rows = [
        *((f"matching {count:,} orders", "0.1", matching_s(count)) for count in ORDERS_COUNTS),
        ("interval of 10 homes, the longest of a week", "1", worst_s),
        ("interval of 10 homes, mean", "1", mean_s),
        (f"`compare {SCENARIO} --days {DAYS}`, all arms and bounds", "300", program_s()),
    ]
    lines = ["| figure | asked below, s | CPU s | reached |", "|---|---:|---:|---|"]
    for label, most, spent_s in rows:
        reached = "yes" if spent_s < float(most) else "no"
        lines.append(f"| {label} | {most} | {spent_s:.2g} | {reached} |")
    return lines


def matching_s(orders_count: int) -> float:
    """Time the rules of trade, the call auction and the pairing: the longest of ten times."""
    orders, room = matching.community(orders_count)
    known = terms(matching.CONFIG, 35.0, 5.0, signal_cents_per_kwh=25.0)
    spent = []
    for _ in range(11):
        began = process_time()
        matching.whole(orders, known, room)
        spent.append(process_time() - began)
    return max(spent[1:])  # the first compiles


def program_s() -> float:
    """Time the command as it is typed, from its start to its folder, all its processes together."""
    with TemporaryDirectory() as out:
        began = getrusage(RUSAGE_CHILDREN)
        command = [sys.executable, "run.py", "compare", SCENARIO, "--days", str(DAYS)]
        command += ["--quiet", "--out", out]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603, its own words
        ended = getrusage(RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime


def step_s() -> tuple[float, float]:
    """Time the steps of ten homes that trade, the first left out: mean and longest."""
    community = step.community(step.many_homes(10, DAYS), DAYS, "market")
    community.step()  # compiles
    spent = []
    while not community.finished:
        began = process_time()
        community.step()
        spent.append(process_time() - began)
    return float(np.mean(spent)), max(spent)


HEAD = f"""# What was asked, and what is measured

This page is made by one command, `python -m benchmarks.claims`, from the weeks that begin on
{WEEKS["July"]} and {WEEKS["January"]}: `compare {SCENARIO} --days {DAYS}`, nine homes of
which five have panels, tariff `pge_tou_c`. Costs count imports, exports, trade, fees and what
stored energy is worth, as on the page about [arms](arms.md). A week is one draw of the weather: the
README has months, and a [report](report.md) has intervals.

Of what was asked no more is known than its name and number. Where it can be read in several ways
each is shown, the least flattering first, and held against the same number.

## Energy and money
"""

NOTES = """
How each figure is counted, and what it does not say:

- **Saving, 20 to 40 %.** Cost of `market` against that of the same homes without trade: planning
  alone, storing only their own surplus, or with idle batteries. Trade alone saves far less than
  20 %; batteries, planning and trade together reach it in July.
- **Time shifting, 45 %.** As a share of a bill it is nowhere near: a rule that charges in cheap
  hours and serves the peak costs no less than `self_use` in July, and planning saves some more. The
  number is the tariff's, which asks 51 cents at the peak and 28 in the cheapest hours of summer: a
  kWh bought then and used at the peak costs 45 % less, before the battery's losses. The winter's
  peak is cheaper. In how much imports fall at the peak, panels and trade have their part.
- **Traded energy, 15 to 25 %.** What buyers pay per delivered kWh, fees included, against the
  grid's price of the same step, weighted by energy. The market clears near the tariff: most of the
  gain is the sellers', whom the grid pays 5 cents. To both together it is all that trade saves,
  `plan_alone` less `market`, against what the grid would have charged for the traded energy; that
  batteries are planned by other prices is part of it.
- **Less waste, 5 to 10 %.** Solar energy that leaves the community at 5 cents, or is turned down,
  is bought back later: it is valued at the arm's mean import price, less what the grid paid, as a
  share of the baseline's cost. Against `self_use`, which stores its own surplus, next to nothing is
  left to gain. It is part of the saving above, not besides it.
- **Peak, -25 %.** The community's highest import, against `grid_only`. It more than doubles, for
  batteries charge together when energy is cheap: `grid.community_import_kw_max` keeps that within a
  [capacity](grid-capacity.md). In the tariff's peak hours it falls by more than was asked.

## Time

Seconds of one processor; kernels are compiled before. A market is the longest of ten, with five
orders per home. The command is timed from its start, imports and all processes included.
"""


def main() -> None:
    """Print the page."""
    found = {name: lived(start).arms for name, start in WEEKS.items()}
    print(HEAD)
    print("\n".join(figures_table(found)))
    print(NOTES)
    print("\n".join(times_table()))
    print(f"\nMeasured with Python {platform.python_version()} on {platform.machine()}.")


if __name__ == "__main__":
    main()
