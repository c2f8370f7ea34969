"""Makes the README's table and picture: two months of the reference community, every arm.

``python -m benchmarks.readme`` writes them; ``--check`` says whether they are up to date. Each
month is ``python run.py compare fontana_mixed --start DATE --days 30 --json``.
"""

import sys
from pathlib import Path

from profiles.strict_yaml import Value
from scenarios import charts, compare, load
from scenarios.summary import Summary, summary

ROOT = Path(__file__).parents[1]
README, PICTURE = ROOT / "README.md", ROOT / "docs" / "costs.svg"
OPEN, CLOSE = "<!-- figures -->\n", "<!-- /figures -->"
STARTS = ("2017-07-01", "2017-01-10")
DAYS = 30
BASELINE = "grid_only"
MEANINGS = {
    "gross": "no panels, no battery: the load alone",
    "grid_only": "panels only, batteries idle",
    "self_use": "each battery stores its home's own surplus",
    "time_of_use": "each battery charges in cheap hours and serves the load at the peak",
    "plan_alone": "each battery planned against the tariff",
    "market": "planned against the community's prices, and traded",
    "unlimited": "the same without limits on orders and days, and without margin",
    "market_perfect": "the market, knowing load and sun of the days ahead",
    "score_rule": "trades by a score, before prices fall or rise",
    "score_rule_corrected": "the same the other way around",
    "own_bound": "the best that each home can do alone, all known beforehand",
    "bound": "the best that all homes can do together, all known beforehand",
}


def months() -> dict[str, Summary]:
    """Run both months."""
    found = {}
    for start in STARTS:
        options: dict[str, Value] = {"--start": start, "--days": DAYS}
        found[f"from {start}"] = summary(
            compare.compare(load.load("fontana_mixed", options=options), MEANINGS)
        )
    return found


def table(found: dict[str, Summary]) -> str:
    """Lay the costs out in Markdown."""
    lines = [
        f"Nine homes, {DAYS} days, cost in dollars and how far it is from that of `{BASELINE}`:",
        "",
        "| arm | what homes do | " + " | ".join(f"{name}" for name in found) + " |",
        "|---|---|" + "---:|" * len(found),
    ]
    for arm, meaning in MEANINGS.items():
        cells = [_cost(figures, arm) for figures in found.values()]
        lines.append(f"| `{arm}` | {meaning} | " + " | ".join(cells) + " |")
    lines += ["", *(_added(name, figures) for name, figures in found.items())]
    lines += ["", *(_gain(name, figures) for name, figures in found.items())]
    return "\n".join(lines) + "\n"


def _cost(figures: Summary, arm: str) -> str:
    """Write what an arm or a bound costs, and how far it is from the baseline."""
    known = figures.arms.get(arm) or figures.bounds.get(arm)
    if known is None or known.cost_usd is None:
        return "not computed"
    if arm == BASELINE:
        return f"{known.cost_usd:.0f}"
    share = known.cost_usd / figures.arms[BASELINE].cost_usd - 1.0
    return f"{known.cost_usd:.0f} ({100 * share:+.1f} %)"


def _added(name: str, figures: Summary) -> str:
    solar, battery, planning, trading = figures.added.model_dump().values()
    return (
        f"{name.capitalize()}, solar saves {solar:.0f} dollars, self-use of the battery "
        f"{battery:.0f} more, planning {planning:.0f} more and trading {trading:.0f} more."
    )


def _gain(name: str, figures: Summary) -> str:
    savings, homes = figures.savings, figures.homes
    if savings is None or savings.worst_home_gain_usd_per_day is None:
        raise ValueError(f"{name}: the arms plan_alone and market are needed")
    gains = [home.trading_gain_usd_per_day or 0.0 for home in homes]
    worst = savings.worst_home_gain_usd_per_day
    home_id = homes[gains.index(worst)].household_id
    mean = sum(gains) / len(gains)
    return (
        f"{name.capitalize()}, trading brings a home {100 * mean:.1f} cents a day on "
        f"average, home {home_id} least ({100 * worst:+.1f}); "
        f"{savings.homes_worse_off_count} of {len(homes)} lose more than a cent a day."
    )


def wanted() -> dict[Path, str]:
    """Compose the files as they should be."""
    found = months()
    drawn = {f"{DAYS} days {name}": figures for name, figures in found.items()}
    before, rest = README.read_text(encoding="utf-8").split(OPEN)
    after = rest.split(CLOSE)[1]
    image = "![Cost of nine homes in July and January, by arm](docs/costs.svg)\n"
    text = f"{before}{OPEN}{table(found)}\n{image}{CLOSE}{after}"
    return {README: text, PICTURE: charts.picture(drawn)}


def main() -> int:
    """Write the files, or check them."""
    files = wanted()
    stale = [path for path, text in files.items() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.name} is out of date: run python -m benchmarks.readme")
        return int(bool(stale))
    for path in stale:
        path.write_text(files[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
