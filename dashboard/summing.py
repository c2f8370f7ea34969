"""What a saved run comes to, in words and tables for a page."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.widgets import column, row
from model.metrics import MICROCENTS_PER_USD
from profiles.arrays import Floats
from profiles.errors import InputError
from scenarios import plain_files, report_text, stage, stored
from scenarios.compare import leading
from scenarios.summary import Summary

PICTURE_BYTES_MAX = 4_000_000
_NONE = "-"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure that a run is known by."""

    label: str
    value: str
    hint: str


def final_wallets_usd(folder: Path) -> dict[str, Floats]:
    """Add up what every home has at the end of a run, by arm, shape (n,) [USD].

    Of the arm that leads and its baseline, from what the tables of a folder say.

    Raises
    ------
    InputError
        If the folder is not what a run has written.
    """
    run = stored.read(folder)
    first = np.array([home.equipment.wallet_usd_initial for home in run.figures.homes])
    found = {}
    for name in _shown(run.figures):
        cash = sum(chunk.cash_microcents.sum(axis=0) for chunk in run.arms[name].chunks())
        found[name] = first + cash / MICROCENTS_PER_USD
    return found


def key_figures(figures: Summary, wallets_usd: Mapping[str, Floats] | None) -> list[Figure]:
    """List what a run is known by: savings, wallets, the grid, trade, the bound."""
    shown = _shown(figures)
    arm = figures.arms[shown[0]]
    told = [Figure(f"Cost of {shown[0]}", f"{arm.cost_usd:.2f} USD", "stored energy counted")]
    head, savings = figures.headline, figures.savings
    if head is not None:
        share = "" if head.savings_percent is None else f"{head.savings_percent:.1f} %"
        told.insert(
            0,
            Figure(
                "Saved by the market",
                share or f"{head.savings:.2f} USD",
                f"{head.savings:.2f} of {head.baseline_pge_cost:.2f} USD against grid_only",
            ),
        )
    if savings is not None and savings.captured_of_bound_fraction is not None:
        share = f"{100 * savings.captured_of_bound_fraction:.1f} %"
        told.append(Figure("Captured of the bound", share, "of the best that was possible"))
    if len(shown) > 1:
        told += _against(figures, shown, wallets_usd)
    told += [
        Figure("Traded between homes", f"{arm.p2p_kwh:.1f} kWh", f"in {arm.trades_count} trades"),
        Figure("Bought from the grid", f"{arm.import_kwh:.1f} kWh", f"all homes, {shown[0]}"),
        Figure("Sold to the grid", f"{arm.export_kwh:.1f} kWh", f"all homes, {shown[0]}"),
    ]
    return told


def arms_table(figures: Summary) -> dict[str, Any]:
    """Lay out the arms and bounds as `compare` prints them."""
    labels, rows = report_text.arms_columns(figures), report_text.arms_rows(figures)
    return {
        "caption": "Arms and bounds",
        "columns": [column(label, number=place > 0) for place, label in enumerate(labels)],
        "rows": [row(texts[0], texts) for texts in rows],
    }


def homes_table(figures: Summary, wallets_usd: Mapping[str, Floats] | None) -> dict[str, Any]:
    """Lay out the homes: wallets at the end, costs, what trading brings."""
    shown = _shown(figures)[::-1]  # the baseline first
    labels = ["home", *(f"wallet at the end, {name} [USD]" for name in shown)]
    labels += ["difference [USD]"] if len(shown) > 1 else []
    labels += [*(f"cost, {name} [USD]" for name in shown), "gain from trading [USD/day]"]
    rows = []
    for place, home in enumerate(figures.homes):
        ends = [None if wallets_usd is None else float(wallets_usd[n][place]) for n in shown]
        figure = [*ends]
        if len(shown) > 1:
            figure.append(None if None in ends else ends[1] - ends[0])  # type: ignore[operator]
        figure += [home.cost_usd.get(name) for name in shown]
        figure.append(home.trading_gain_usd_per_day)
        texts = [_NONE if value is None else f"{value:.2f}" for value in figure]
        name = str(home.household_id)
        rows.append(row(name, [name, *texts], [home.household_id, *figure]))
    return {
        "caption": "Homes",
        "columns": [column(label, number=place > 0) for place, label in enumerate(labels)],
        "rows": rows,
        "sorts": True,
    }


def picture(folder: Path) -> str:
    """Return the picture of a run as an address of its own; empty if there is none to show."""
    try:
        content = plain_files.content(folder, "arms.svg", PICTURE_BYTES_MAX)
    except InputError:
        return ""
    return f"data:image/svg+xml;base64,{base64.b64encode(content).decode()}"


def _shown(figures: Summary) -> tuple[str, ...]:
    """Name the arm that leads, and its baseline if there is one."""
    baseline = stage.baseline_of(figures.arms)
    return (leading(figures.arms), *(() if baseline is None else (baseline,)))


def _against(
    figures: Summary, shown: tuple[str, ...], wallets_usd: Mapping[str, Floats] | None
) -> list[Figure]:
    """Say what the arm that leads makes better than its baseline."""
    arm, baseline = (figures.arms[name] for name in shown)
    told = []
    if wallets_usd is not None:
        more_usd = float(wallets_usd[shown[0]].sum() - wallets_usd[shown[1]].sum())
        hint = f"all wallets at the end, against {shown[1]}"
        told.append(Figure("Wallet improvement", f"{more_usd:+.2f} USD", hint))
    if baseline.import_kwh > 0.0:
        share = 1.0 - arm.import_kwh / baseline.import_kwh
        hint = f"{arm.import_kwh:.1f} of {baseline.import_kwh:.1f} kWh, against {shown[1]}"
        told.append(Figure("Grid-buy reduction", f"{100.0 * share:.1f} %", hint))
    return told
