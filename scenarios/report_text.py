"""The figures of a run as text for a terminal: plain characters, no colour."""

from collections.abc import Sequence

from model.metrics import ROUNDING_KWH
from scenarios.bounds import Bound
from scenarios.summary import Added, Home, Measures, Savings, Summary

_HOMES_LISTED_MAX = 20
_HEADINGS = (
    "arm", "cost USD", "saved %", "import kWh", "export kWh", "P2P kWh", "trades", "peak kW",
    "peak-hours kWh",
)  # fmt: skip
_BASELINE = "grid_only"


def report(figures: Summary) -> str:
    """Lay out a summary: context, a table of arms, what each step adds and each home gains."""
    days = f"{figures.days:g} day{'' if figures.days == 1 else 's'}"
    context = (
        f"{figures.scenario}: {figures.homes_count} homes, {days} from {figures.start_local}, "
        f"{figures.step_minutes}-minute steps, seed {figures.seed}"
    )
    rows = [_row(name, arm, figures) for name, arm in figures.arms.items()]
    rows += [_bound_row(name, found, figures) for name, found in figures.bounds.items()]
    parts = [context, "", _table([_HEADINGS, *rows])]
    parts += [line for name, arm in figures.arms.items() for line in _standing(name, arm)]
    parts += [line for name, arm in figures.arms.items() for line in _shortfall(name, arm)]
    parts += [
        f"{name}: {found.status}: {found.reason}"
        for name, found in figures.bounds.items()
        if found.cost_usd is None
    ]
    parts += _added(figures.added)
    parts += _captured(figures.savings)
    if figures.savings is not None and figures.savings.homes_worse_off_count is not None:
        parts += ["", *_gains(figures.homes, figures.savings.homes_worse_off_count)]
    return "\n".join(parts)


def _row(name: str, arm: Measures, figures: Summary) -> tuple[str, ...]:
    return (
        name,
        f"{arm.cost_usd:.2f}",
        "-" if name == _BASELINE else _saved(arm.cost_usd, figures),
        f"{arm.import_kwh:.1f}",
        f"{arm.export_kwh:.1f}",
        f"{arm.p2p_kwh:.1f}",
        str(arm.trades_count),
        f"{arm.peak_import_kw:.1f}",
        f"{arm.peak_window_import_kwh:.1f}",
    )


def _standing(name: str, arm: Measures) -> list[str]:
    """Say what the cost holds besides energy, where the tariff has any of it."""
    fixed_usd, credit_usd = arm.bill.fixed_charge_usd, arm.bill.baseline_credit_usd
    entries = [f"{fixed_usd:.2f} USD of standing charges"] if fixed_usd else []
    entries += [f"{credit_usd:.2f} USD of baseline credit"] if credit_usd else []
    return [f"{name}: cost includes {' and '.join(entries)}"] if entries else []


def _bound_row(name: str, found: Bound, figures: Summary) -> tuple[str, ...]:
    """Lay out a bound, which has no trades, and no figures where there is no optimum."""
    saved = "-" if found.cost_usd is None else _saved(found.cost_usd, figures)
    one = [found.import_kwh, found.export_kwh, found.p2p_kwh, None]
    one += [found.peak_import_kw, found.peak_window_import_kwh]
    cells = ["-" if value is None else f"{value:.1f}" for value in one]
    cost = "-" if found.cost_usd is None else f"{found.cost_usd:.2f}"
    return (name, cost, saved, *cells)


def _saved(cost_usd: float, figures: Summary) -> str:
    """Say how much of the baseline's cost is saved."""
    baseline = figures.arms.get(_BASELINE)
    if baseline is None or baseline.cost_usd <= 0.0:
        return "-"
    return f"{100.0 * (baseline.cost_usd - cost_usd) / baseline.cost_usd:.1f}"


def _captured(savings: Savings | None) -> list[str]:
    """Say how much of what is possible the market saves."""
    if savings is None or savings.captured_of_bound_fraction is None:
        return []
    told = f"captured by market: {100.0 * savings.captured_of_bound_fraction:.1f} % of the bound"
    if savings.trading_captured_fraction is not None:
        told += f", {100.0 * savings.trading_captured_fraction:.1f} % of its trading part"
    return ["", told]


def _shortfall(name: str, arm: Measures) -> list[str]:
    """Say what was cut: an arm must not look cheap for leaving load unserved."""
    if arm.unserved_kwh + arm.curtailed_kwh < ROUNDING_KWH:
        return []
    unserved, curtailed = arm.unserved_kwh, arm.curtailed_kwh
    return [f"{name}: {unserved:.1f} kWh of load unserved, {curtailed:.1f} kWh of PV curtailed"]


def _added(added: Added) -> list[str]:
    """Say what solar, battery, planning and trading save, as far as their arms were run."""
    saved = {name.removesuffix("_usd"): usd for name, usd in added.model_dump().items()}
    told = [f"{name} {usd:.2f}" for name, usd in saved.items() if usd is not None]
    return ["", f"saved by each step [USD]: {', '.join(told)}"] if told else []


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Align columns: the first to the left, figures to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        first, *others = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        lines.append("  ".join([first.strip().ljust(widths[0]), *others]))
    return "\n".join(lines)


def _gains(homes: Sequence[Home], worse_off_count: int) -> list[str]:
    """Say what each home gains by trading, against planning alone."""
    gains = {home.household_id: home.trading_gain_usd_per_day or 0.0 for home in homes}
    worst = min(gains, key=gains.__getitem__)
    lines = ["gain from trading, against plan_alone [USD/day]"]
    if len(gains) <= _HOMES_LISTED_MAX:
        listed = [f"home {home_id} {gain:+.2f}" for home_id, gain in gains.items()]
        lines.append("  " + ", ".join(listed))
    lines.append(
        f"  mean {sum(gains.values()) / len(gains):+.2f}, worst {gains[worst]:+.2f} "
        f"(home {worst}), worse off by more than a cent: {worse_off_count} of {len(gains)} homes"
    )
    return lines
