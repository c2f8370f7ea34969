"""The pictures of several runs: what each costs, and what the knobs do in which they differ."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from scenarios import charts
from scenarios.charts import COLOURS, FRAME_INCHES, INK, LINE, OTHER, PALE
from scenarios.reporting.folders import Reported
from scenarios.reporting.points import SEED, differing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BARS_MAX, KNOBS_MAX = 6, 6
"""More runs are drawn as a spread; more knobs are left to the table."""
_BAR_INCHES, _GROUP_INCHES, _PANEL_INCHES = 0.15, 0.12, 2.4
_PANELS_PER_ROW, _POINTS_MIN = 3, 3
_RUNS = ("#7a4fb5", "#4c86c6", "#d07f3c", "#c9a227", "#3f7d4e", "#8c959f")


def costs(runs: Sequence[Reported]) -> str:
    """Draw what a day costs in every arm of every run, as SVG; empty for a single run."""
    arms = list(dict.fromkeys(name for run in runs for name in run.course.arms))
    if len(runs) < 2:
        return ""
    few = len(runs) <= BARS_MAX
    per_arm = _GROUP_INCHES + (_BAR_INCHES * len(runs) if few else 2.0 * _BAR_INCHES)
    height = FRAME_INCHES + per_arm * len(arms)

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot()
        (_draw_bars if few else _draw_spread)(axes, runs, arms)
        axes.set_yticks(range(len(arms)), arms)
        axes.set_ylim(len(arms) - 0.4, -0.6)
        axes.axvline(0.0, color=INK, linewidth=0.8)
        axes.set_xlabel("cost [USD/day]")

    told = [f"{arm} {min(found):.2f} to {max(found):.2f}"
            for arm in arms if (found := _per_day(runs, arm))]  # fmt: skip
    return charts.drawn(
        height, f"Cost in dollars a day over {len(runs)} runs: {', '.join(told)}.", draw
    )


def _draw_bars(axes: "Axes", runs: Sequence[Reported], arms: Sequence[str]) -> None:
    """Draw a bar per arm and run, those of an arm beside each other."""
    thick, bars = 0.8 / len(runs), []
    for place, run in enumerate(runs):
        usd = [_usd_per_day(run, arm) if arm in run.course.arms else np.nan for arm in arms]
        at = np.arange(len(arms)) - 0.4 + (place + 0.5) * thick
        bars.append(axes.barh(at, usd, height=0.86 * thick, color=_RUNS[place]))
    # Named here, for a label of an artist that begins with "_" would be left out.
    names = [run.label for run in runs]
    axes.legend(bars, names, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _draw_spread(axes: "Axes", runs: Sequence[Reported], arms: Sequence[str]) -> None:
    """Draw a mark per arm and run, and their middle."""
    for place, arm in enumerate(arms):
        usd = _per_day(runs, arm)
        colour = COLOURS.get(arm, OTHER)
        axes.plot(usd, np.full(len(usd), place), "|", color=colour, markersize=9, alpha=0.7)
        axes.plot([np.median(usd)], [place], "o", color=colour, markersize=4)
    axes.grid(axis="x", color=PALE, linewidth=0.6)


def effects(runs: Sequence[Reported]) -> str:
    """Draw the cost of the leading arm over each knob that varies and is a number, as SVG.

    Empty where no knob takes three values.
    """
    varied = differing([run.manifest.scenario for run in runs])
    numeric = {path: values for path, values in varied.items() if path != SEED and _numbers(values)}
    shown = dict([*numeric.items()][:KNOBS_MAX])
    if not shown:
        return ""
    arm = runs[0].course.leading
    chosen = [run for run in runs if arm in run.course.arms]
    rows = -(-len(shown) // _PANELS_PER_ROW)

    def draw(figure: "Figure") -> None:
        columns = min(_PANELS_PER_ROW, len(shown))
        for place, (path, values) in enumerate(shown.items(), 1):
            axes = figure.add_subplot(rows, columns, place)
            usd = [_usd_per_day(run, arm) for run in chosen]
            known = [value for value, run in zip(values, runs, strict=True) if run in chosen]
            axes.plot(known, usd, "o", color=LINE, markersize=4, alpha=0.7)
            axes.grid(color=PALE, linewidth=0.6)
            axes.set_xlabel(path)
            axes.set_ylabel(f"cost, {arm} [USD/day]")

    told = f"Cost of {arm} in dollars a day over {', '.join(shown)}."
    return charts.drawn(_PANEL_INCHES * rows, told, draw)


def _numbers(values: Sequence[object]) -> bool:
    sound = all(isinstance(each, int | float) and not isinstance(each, bool) for each in values)
    return sound and len(set(values)) >= _POINTS_MIN


def _per_day(runs: Sequence[Reported], arm: str) -> list[float]:
    return [_usd_per_day(run, arm) for run in runs if arm in run.course.arms]


def _usd_per_day(run: Reported, arm: str) -> float:
    return run.course.figures.arms[arm].cost_usd / run.course.figures.days
