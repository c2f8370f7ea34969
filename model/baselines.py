"""Every arm of a comparison beside each baseline: what it saves, how surely, and for whom."""

from collections.abc import Mapping

from model import intervals, metrics
from model.results import Results

BASELINES = ("grid_only", "self_use", "plan_alone")
"""Arms against which all others are held, the plainest first."""

Figures = dict[str, float | int | None]


def against(arms: Mapping[str, Results]) -> dict[str, dict[str, Figures]]:
    """Hold every arm against each baseline that was run.

    Returns
    -------
    dict
        By arm and baseline, an arm not against itself: what is saved over the run and per day, the
        95 % interval of the latter over paired days, and how homes share it. The interval is None
        for a run of less than two days.
    """
    homes_usd = {name: metrics.home_costs_usd(results) for name, results in arms.items()}
    days_usd = {name: intervals.day_costs_usd(results) for name, results in arms.items()}
    costs_usd = {name: metrics.cost_usd(results) for name, results in arms.items()}
    baselines = [name for name in BASELINES if name in arms]
    found: dict[str, dict[str, Figures]] = {name: {} for name in arms}
    for name, results in arms.items():
        for baseline in baselines:
            if baseline == name:
                continue
            saved_usd = costs_usd[baseline] - costs_usd[name]
            interval = intervals.mean_interval(days_usd[baseline] - days_usd[name])
            low, high = (None, None) if interval is None else interval
            found[name][baseline] = {
                "saved_usd": saved_usd,
                "saved_fraction": metrics.fraction_saved(costs_usd[baseline], costs_usd[name]),
                "saved_usd_per_day": saved_usd / results.days,
                "saved_usd_per_day_low": low,
                "saved_usd_per_day_high": high,
            } | metrics.shared((homes_usd[baseline] - homes_usd[name]) / results.days)
    return found


def saved_fractions(cost_usd: float | None, arms: Mapping[str, Results]) -> dict[str, float | None]:
    """Tell which share of each baseline's cost another cost saves [1]; nothing if it is None."""
    if cost_usd is None:
        return {}
    before_usd = {name: metrics.cost_usd(arms[name]) for name in BASELINES if name in arms}
    return {name: metrics.fraction_saved(usd, cost_usd) for name, usd in before_usd.items()}


def rules(arms: Mapping[str, Results]) -> dict[str, float | None] | None:
    """Tell what the limits on orders and days and the margin cost, if both arms were run."""
    if not {"market", "unlimited"} <= arms.keys():
        return None
    market, unlimited = metrics.cost_usd(arms["market"]), metrics.cost_usd(arms["unlimited"])
    return {
        "cost_usd": market - unlimited,
        "cost_fraction": metrics.fraction_saved(market, unlimited),
    }
