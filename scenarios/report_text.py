"""The figures of a run as text for a terminal: plain characters, no colour."""

from collections.abc import Sequence

from model.metrics import ROUNDING_KWH
from scenarios.summary import Added, Home, Measures, Summary

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
    parts = [context, "", _table([_HEADINGS, *rows])]
    parts += [line for name, arm in figures.arms.items() for line in _standing(name, arm)]
    parts += [line for name, arm in figures.arms.items() for line in _shortfall(name, arm)]
    parts += _added(figures.added)
    if figures.savings is not None and figures.savings.homes_worse_off_count is not None:
        parts += ["", *_gains(figures.homes, figures.savings.homes_worse_off_count)]
    return "\n".join(parts)


def _row(name: str, arm: Measures, figures: Summary) -> tuple[str, ...]:
    baseline = figures.arms.get(_BASELINE)
    saved = "-"
    if baseline is not None and baseline.cost_usd > 0.0 and name != _BASELINE:
        saved = f"{100.0 * (baseline.cost_usd - arm.cost_usd) / baseline.cost_usd:.1f}"
    return (
        name,
        f"{arm.cost_usd:.2f}",
        saved,
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
