"""The pictures of a run: what arms cost, what each step adds, when energy flows, who gains.

They are drawn in the style of `scenarios.charts`; the same figures give the same bytes.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from model.metrics import ADDED
from profiles.arrays import Floats
from profiles.errors import InputError, shown
from scenarios import charts
from scenarios.charts import COLOURS, FRAME_INCHES, GAIN, INK, LOSS, OTHER, ROW_INCHES
from scenarios.reporting.course import Course

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_DURATION = ("grid_only", "self_use", "plan_alone", "market")
"""Arms whose loads are drawn, where they were run; else all, the leading one last."""
_LINE_INCHES, _HEAT_INCHES, _POINTS = 2.9, 2.3, 401
_DAY_MINUTES = 1440


def picture(course: Course, kind: str) -> str:
    """Draw one picture of a run as SVG.

    Parameters
    ----------
    course : Course
        The run.
    kind : str
        One of `KINDS`.

    Returns
    -------
    str
        Empty where the run does not have what would be drawn.

    Raises
    ------
    InputError
        If there is no such kind.
    """
    if kind not in KINDS:
        raise InputError(f"plot: must be one of {', '.join(KINDS)} (got {shown(kind)})")
    return KINDS[kind](course)


def _costs(course: Course) -> str:
    figures = course.figures
    told = ", ".join(f"{name} {arm.cost_usd:.2f}" for name, arm in figures.arms.items())
    height = FRAME_INCHES + ROW_INCHES * len(figures.arms)

    def draw(figure: "Figure") -> None:
        charts.draw_costs(figure.add_subplot(), figures)

    return charts.drawn(height, f"Cost by arm in dollars: {told}.", draw)


def _gains(course: Course) -> str:
    gains = charts.gains_of(course.figures)
    if not gains:
        return ""
    rows = min(len(gains), charts.HOMES_NAMED_MAX)
    worst, best = min(gains.values()), max(gains.values())
    told = f"Gain of {len(gains)} homes by trading, from {worst:.2f} to {best:.2f} dollars a day."

    def draw(figure: "Figure") -> None:
        charts.draw_gains(figure.add_subplot(), gains)

    return charts.drawn(FRAME_INCHES + 0.3 + ROW_INCHES * rows, told, draw)


def _added(course: Course) -> str:
    """Draw a fall from the bare meter to the market, step by step."""
    arms = course.figures.arms
    steps = [step for step in ADDED if {step[1], step[2]} <= arms.keys()]
    if not steps:
        return ""
    saved = [arms[before].cost_usd - arms[after].cost_usd for _, before, after in steps]
    names = [name.removesuffix("_usd") for name, _, _ in steps]
    told = ", ".join(f"{name} {usd:.2f}" for name, usd in zip(names, saved, strict=True))

    def draw(figure: "Figure") -> None:
        _draw_fall(figure.add_subplot(), course, steps)

    height = FRAME_INCHES + ROW_INCHES * (len(steps) + 2)
    return charts.drawn(height, f"Saved by each step in dollars: {told}.", draw)


def _draw_fall(axes: "Axes", course: Course, steps: list[tuple[str, str, str]]) -> None:
    arms = course.figures.arms
    first, last = steps[0][1], steps[-1][2]
    rows = [(first, 0.0, arms[first].cost_usd, COLOURS.get(first, OTHER))]
    for name, before, after in steps:
        fall = arms[before].cost_usd - arms[after].cost_usd
        colour = GAIN if fall >= 0.0 else LOSS
        rows.append((name.removesuffix("_usd"), arms[after].cost_usd, fall, colour))
    rows.append((last, 0.0, arms[last].cost_usd, COLOURS.get(last, OTHER)))
    for place, (_, left, width, colour) in enumerate(rows):
        axes.barh(place, width, left=left, height=0.72, color=colour)
        ends = place in (0, len(rows) - 1)
        text = f"{width:.2f}" if ends else f"{-width:+.2f}"
        end = max(left, left + width, 0.0)
        axes.annotate(text, (end, place), (4, 0), textcoords="offset points", va="center")
    axes.axvline(0.0, color=INK, linewidth=0.8)
    axes.set_yticks(range(len(rows)), [name for name, *_ in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.margins(x=0.12)
    axes.set_xlabel("cost [USD], and what each step takes off it")


def _load_duration(course: Course) -> str:
    names = [name for name in _DURATION if name in course.arms] or [*course.arms]
    peaks = ", ".join(f"{name} {course.arms[name].net_import_kw.max():.1f}" for name in names)

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot()
        for name in names:
            share, load_kw = duration(course.arms[name].net_import_kw)
            axes.plot(100.0 * share, load_kw, color=COLOURS.get(name, OTHER), label=name)
        axes.axhline(0.0, color=INK, linewidth=0.8)
        axes.grid(color=charts.PALE, linewidth=0.6)
        axes.set_xlim(0.0, 100.0)
        axes.set_xlabel("share of the time [%]")
        axes.set_ylabel("imports less exports\nof the community [kW]")
        axes.legend(frameon=False)

    told = f"Load duration of the community; highest import less export in kW: {peaks}."
    return charts.drawn(_LINE_INCHES, told, draw)


def duration(load_kw: Floats) -> tuple[Floats, Floats]:
    """Sort a load, the highest first.

    Returns
    -------
    share : ndarray, shape (k,)
        Of the time, from 0 to 1.
    load_kw : ndarray, shape (k,)
        That is exceeded so long, at most `_POINTS` of them [kW].
    """
    falling = np.sort(load_kw)[::-1]
    share = np.linspace(0.0, 1.0, min(_POINTS, max(2, falling.size)))
    places = np.round(share * (falling.size - 1)).astype(np.int64)
    return share, falling[places]


def _heat(course: Course) -> str:
    """Draw prices and the charge of batteries over the days of the clock and their hours."""
    name = course.leading
    arm = course.arms[name]
    panels = [("the grid's price [cents/kWh]", arm.tariff_cents_per_kwh, "viridis")]
    if np.isfinite(arm.clearing_cents_per_kwh).any():
        title = f"price of trades, {name} [cents/kWh]"
        panels.append((title, arm.clearing_cents_per_kwh, "viridis"))
    if arm.charge_fraction is not None:
        panels.append(
            (f"charge of all batteries, {name} [%]", 100.0 * arm.charge_fraction, "cividis")
        )
    maps = [(title, over_days(course, values), colours) for title, values, colours in panels]

    def draw(figure: "Figure") -> None:
        for place, (title, grid, colours) in enumerate(maps, 1):
            _draw_map(figure, figure.add_subplot(len(maps), 1, place), title, (grid, colours))

    ranges = ", ".join(
        f"{title} from {np.nanmin(grid):.0f} to {np.nanmax(grid):.0f}" for title, grid, _ in maps
    )
    told = f"By day and hour: {ranges}."
    return charts.drawn(_HEAT_INCHES * len(maps), told, draw)


def _draw_map(figure: "Figure", axes: "Axes", title: str, shown_as: tuple[Floats, str]) -> None:
    grid, colours = shown_as
    days = grid.shape[1]
    image = axes.imshow(
        grid, aspect="auto", origin="lower", cmap=colours, interpolation="none",
        extent=(0.0, days, 0.0, 24.0),
    )  # fmt: skip
    axes.set_title(title, loc="left", fontweight="bold")
    axes.set_yticks([0, 6, 12, 18, 24])
    axes.set_ylabel("hour")
    axes.set_xlabel("day of the run")
    places = np.unique(np.linspace(0, days - 1, min(days, 10)).round().astype(np.int64))
    axes.set_xticks(places + 0.5, [str(place + 1) for place in places])
    bar = figure.colorbar(image, ax=axes, pad=0.01, aspect=12)
    bar.outline.set_visible(False)


def over_days(course: Course, values: Floats) -> Floats:
    """Lay a series (T,) over the local clock: slots of a day x days of the calendar.

    A slot that the clock shows twice is the mean of both, and one that it leaves out is NaN.
    """
    local, minutes = course.local, course.figures.step_minutes
    slot, day = local.minute // minutes, local.day - local.day[0]
    known = np.isfinite(values)
    shape = (_DAY_MINUTES // minutes, int(day[-1]) + 1)
    sums, counts = np.zeros(shape), np.zeros(shape)
    np.add.at(sums, (slot[known], day[known]), values[known])
    np.add.at(counts, (slot[known], day[known]), 1.0)
    found: Floats = np.divide(sums, counts, out=np.full(shape, np.nan), where=counts > 0.0)
    return found


KINDS: Mapping[str, Callable[[Course], str]] = MappingProxyType(
    {
        "costs": _costs,
        "added": _added,
        "load_duration": _load_duration,
        "heat": _heat,
        "gains": _gains,
    }
)
"""What can be drawn of a run."""
