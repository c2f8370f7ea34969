"""The figures of a run as text for a terminal: plain characters, no colour, 100 columns."""

import textwrap
from collections.abc import Iterator, Sequence

from model.baselines import BASELINES
from model.metrics import ROUNDING_KWH
from scenarios.bounds import Bound
from scenarios.charts import title
from scenarios.rounds import Federated
from scenarios.summary import Added, Rules, Savings, Summary
from scenarios.summary_arms import Against, Measures, Outage

COLUMNS_MAX = 100
_HOMES_LISTED_MAX = 20
_DECIMALS_UP_TO = 1e5  # digits behind the point say nothing about a figure above it
_NONE = "-"
_GAP = "  "  # between columns, if the table then fits
_GLUE = "\xa0"  # a space at which no line is broken
_ARMS = (  # two lines of a heading of the text, and the same at length
    ("", "arm", "arm"),
    ("", "cost USD", "cost [USD]"),
    ("saved", "grid", "saved against grid_only [%]"),
    ("against", "self", "saved against self_use [%]"),
    ("[%]", "plan", "saved against plan_alone [%]"),
    ("peak", "kW", "highest import [kW]"),
    ("window", "kWh", "import at peak hours [kWh]"),
    ("P2P", "kWh", "traded [kWh]"),
    ("", "trades", "trades"),
)
_CARBON = ("CO2", "kg", "CO2 [kg]")
_LEGEND = (
    "grid, self, plan: saved against grid_only, self_use, plan_alone; window: import in peak hours"
)
_GAINS = (
    ("", "against plan_alone"), ("saved", "USD/day"), ("95 %", "from"), ("", "to"),
    ("by home", "mean"), ("USD/day", "worst"), ("of", "home"), ("worse", "off"), ("", "Jain"),
)  # fmt: skip


def report(figures: Summary) -> str:
    """Lay out a summary.

    Context, a table of all arms, what they lack, what each step adds and each rule costs, and
    what trading brings to whom.
    """
    context = f"{title(figures)}, {figures.step_minutes}-minute steps, seed {figures.seed}"
    notes = [part for line in remarks(figures) for part in wrapped(line)]
    blocks = [[context], _arms(figures), notes, _gains(figures)]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _arms(figures: Summary) -> list[str]:
    """Lay out one row per arm and bound, and say what stands beside the table."""
    headings = [(upper, lower) for upper, lower, _ in _headings(figures)]
    lines = table(headings, arms_rows(figures))
    lines += [_LEGEND] if set(figures.arms) & set(BASELINES) else []
    lines += [line for name, arm in figures.arms.items() for line in _standing(name, arm)]
    lines += cut(figures)
    for name, found in figures.bounds.items():
        lines += wrapped(f"{name}: {found.status}: {found.reason}") if found.reason else []
    return lines


def _row(name: str, arm: Measures) -> list[str]:
    saved = [arm.against[b].saved_fraction if b in arm.against else None for b in BASELINES]
    return [
        name,
        _figure(arm.cost_usd, 2),
        *map(_percent, saved),
        _figure(arm.peak_import_kw),
        _figure(arm.peak_window_import_kwh),
        _figure(arm.p2p_kwh),
        str(arm.trades_count),
        _figure(arm.carbon_kg),
    ]


def _bound_row(name: str, found: Bound) -> list[str]:
    """Lay out a bound, which has no trades, and no figures where there is no optimum."""
    return [
        name,
        _figure(found.cost_usd, 2),
        *(_percent(found.saved_fraction.get(baseline)) for baseline in BASELINES),
        _figure(found.peak_import_kw),
        _figure(found.peak_window_import_kwh),
        _figure(found.p2p_kwh),
        _NONE,
        _NONE,
    ]


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


def cut(figures: Summary) -> list[str]:
    """Say what each arm left unserved or turned down, and how it lived through an outage."""
    lines: list[str] = []
    for name, arm in figures.arms.items():
        lines += [*_shortfall(name, arm), *_outage(name, arm.outage)]
    for name, found in figures.bounds.items():
        lines += _outage(name, found.outage)
    return lines


def _outage(name: str, told: Outage | None) -> list[str]:
    """Say how much of the load was served while the main grid was away."""
    if told is None:
        return []
    served = f"{100.0 * told.served_fraction:.1f} % of {told.load_kwh:.1f} kWh served"
    shared = f"{told.shared_kwh:.1f} kWh of it shared"
    return [f"{name}: {told.outage_hours:g} h without the main grid: {served}, {shared}"]


def remarks(figures: Summary) -> list[str]:
    """Say what no row of the table can, a line each however long."""
    lines = [*_added(figures.added), *_captured(figures.savings), *_rules(figures.rules)]
    market = figures.arms.get("market")
    if market is not None:
        lines += _interval(market.against, figures.days)
    for name, arm in figures.arms.items():
        lines += _learned(name, arm.federated)
    if figures.carbon_rates:
        lines.append(f"CO2: imports less exports, at the marginal rates of {figures.carbon_rates}")
    return lines


def arms_rows(figures: Summary) -> list[list[str]]:
    """Write the figures of each arm, then of each bound, under `arms_columns`."""
    rows = [_row(name, arm) for name, arm in figures.arms.items()]
    rows += [_bound_row(name, found) for name, found in figures.bounds.items()]
    return rows if figures.carbon_rates else [row[:-1] for row in rows]


def arms_columns(figures: Summary) -> list[str]:
    """Name the columns of `arms_rows` at length, with their units."""
    return [label for _, _, label in _headings(figures)]


def _headings(figures: Summary) -> list[tuple[str, str, str]]:
    return [*_ARMS, _CARBON] if figures.carbon_rates else [*_ARMS]


def _added(added: Added) -> list[str]:
    """Say what solar, battery, planning and trading save, as far as their arms were run."""
    saved = {name.removesuffix("_usd"): usd for name, usd in added.model_dump().items()}
    told = [f"{name} {usd:.2f}" for name, usd in saved.items() if usd is not None]
    return [f"saved by each step [USD]: {', '.join(told)}"] if told else []


def _captured(savings: Savings | None) -> list[str]:
    """Say how much of what is possible the market saves."""
    if savings is None or savings.captured_of_bound_fraction is None:
        return []
    told = f"captured by market: {100.0 * savings.captured_of_bound_fraction:.1f} % of the bound"
    if savings.trading_captured_fraction is not None:
        told += f", {100.0 * savings.trading_captured_fraction:.1f} % of its trading part"
    return [told]


def _rules(rules: Rules | None) -> list[str]:
    """Say what the rules of trade cost."""
    if rules is None:
        return []
    share = "" if rules.cost_fraction is None else f", {100.0 * rules.cost_fraction:.1f} %"
    limits = "limits on orders and days and the margin"
    return [f"{limits} cost market {rules.cost_usd:.2f} USD{share} (see unlimited)"]


def _interval(against: dict[str, Against], days: float) -> list[str]:
    """Say how surely the market saves."""
    told = [
        f"{one.saved_usd_per_day:.2f} ({one.saved_usd_per_day_low:.2f} to "
        f"{one.saved_usd_per_day_high:.2f}) against {baseline}"
        for baseline, one in against.items()
        if one.saved_usd_per_day_low is not None
    ]
    if not told:
        return []
    return [f"market saves [USD/day], 95 % interval over {days:g} days: {', '.join(told)}"]


def _learned(name: str, told: Federated | None) -> list[str]:
    """Say what the rounds of an arm came to, and what they took."""
    if told is None:
        return []
    losses = [
        f"{_figure(before, 4)} to {_figure(after, 4)} in the {which}"
        for which, before, after in (
            ("first", told.first_loss_before, told.first_loss_after),
            ("last", told.last_loss_before, told.last_loss_after),
        )
        if before is not None
    ]
    count = told.rounds_count
    rounds = f"{count} federated round{'' if count == 1 else 's'}"
    taken = f"each of {told.participants_mean:.1f} homes"
    if told.samples_count:
        taken += f" and {told.samples_count / count:.0f} windows"
    missing = f"{told.refused_count} refused, {told.late_count} late, {told.dropped_count} missing"
    sent = f"{told.bytes_up / 1e6:.1f} MB up, {told.bytes_down / 1e6:.1f} MB down"
    spent = "" if told.epsilon is None else f"; epsilon {told.epsilon:.2f}"
    return [
        f"{name}: {rounds}, {taken}; loss {', '.join(losses) or _NONE}",
        f"{name}: {told.changed_count} changed the network; {missing}; {sent}{spent}",
    ]


def _gains(figures: Summary) -> list[str]:
    """Say what trading brings over planning alone, by arm, and home by home in the market."""
    baseline = BASELINES[-1]
    rows = [
        _gain_row(name, arm.against[baseline], figures)
        for name, arm in figures.arms.items()
        if arm.trades_count and baseline in arm.against
    ]
    lines = table(_GAINS, rows) if rows else []
    gains = {home.household_id: home.trading_gain_usd_per_day for home in figures.homes}
    known = {home_id: gain for home_id, gain in gains.items() if gain is not None}
    if known and len(known) <= _HOMES_LISTED_MAX:
        listed = (f"home{_GLUE}{home_id}{_GLUE}{gain:+.2f}" for home_id, gain in known.items())
        lines += wrapped(f"gain in market [USD/day]: {', '.join(listed)}")
    return lines


def _gain_row(name: str, one: Against, figures: Summary) -> list[str]:
    gains_usd = {
        home.household_id: home.cost_usd[BASELINES[-1]] - home.cost_usd[name]
        for home in figures.homes
    }
    low, high = one.saved_usd_per_day_low, one.saved_usd_per_day_high
    return [
        name,
        _figure(one.saved_usd_per_day, 2),
        _figure(low, 2),
        _figure(high, 2),
        f"{one.mean_home_gain_usd_per_day:+.2f}",
        f"{one.worst_home_gain_usd_per_day:+.2f}",
        str(min(gains_usd, key=gains_usd.__getitem__)),
        f"{one.homes_worse_off_count}/{figures.homes_count}",
        _figure(one.jain_fairness, 2),
    ]


def _figure(value: float | None, decimals: int = 1) -> str:
    if value is None:
        return _NONE
    return f"{value:.{decimals if abs(value) < _DECIMALS_UP_TO else 0}f}"


def _percent(fraction: float | None) -> str:
    return _figure(None if fraction is None else 100.0 * fraction)


def table(headings: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]]) -> list[str]:
    """Align columns under headings of two lines: the first to the left, figures to the right."""
    cells = [*zip(*headings, strict=True), *rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    fits = sum(widths) + len(_GAP) * (len(widths) - 1) <= COLUMNS_MAX
    return [(_GAP if fits else " ").join(_aligned(row, widths)).rstrip() for row in cells]


def _aligned(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
        yield cell.ljust(width) if place == 0 else cell.rjust(width)


def wrapped(line: str) -> list[str]:
    """Break a line that is longer than a terminal is wide."""
    lines = textwrap.wrap(
        line, COLUMNS_MAX, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    return [part.replace(_GLUE, " ") for part in lines]
