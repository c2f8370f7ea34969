"""The picture of a comparison: what each arm costs, and what each home gains by trading.

It is drawn from the published figures alone. The same figures give the same bytes: no date, no
random names, none of the settings that a machine may have.
"""

import logging
import warnings
from collections.abc import Callable, Mapping
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios.summary import Summary

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH_INCHES, ROW_INCHES, FRAME_INCHES = 9.0, 0.27, 0.9
TITLE_PAD = 18  # points, so that the name of the bound has room above its line
HOMES_NAMED_MAX, _POINTS = 20, 201  # more homes are drawn as a spread of so many points
_BASELINE, _BOUND = "grid_only", "bound"
INK, PALE, GAIN, LOSS, LINE = "#30363d", "#d0d7de", "#3f7d4e", "#b3261e", "#0b7285"
OTHER = "#b7b0a4"
COLOURS = {
    "gross": "#6e7781", "grid_only": "#8c959f", "self_use": "#c9a227", "time_of_use": "#d07f3c",
    "plan_alone": "#4c86c6", "market": "#7a4fb5", "unlimited": "#a98bd0",
    "market_perfect": "#a98bd0",
}  # fmt: skip
_STYLE: dict[Any, object] = {
    "font.family": ["DejaVu Sans", "sans-serif"],  # the library brings the first
    "font.size": 8.5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": PALE,
    "figure.constrained_layout.w_pad": 0.1,
    "figure.constrained_layout.h_pad": 0.1,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "ytick.major.size": 0.0,
    "text.parse_math": False,  # a dollar in the name of a scenario is a dollar
    "svg.fonttype": "none",  # text stays text, for those who search and those who listen
    "svg.hashsalt": "commonwatt",  # else names within the file are drawn at random
}


def picture(found: Mapping[str, Summary]) -> str:
    """Draw comparisons as SVG, on white, so that it can be read on any page.

    Parameters
    ----------
    found : mapping
        Figures by the title that stands above them; at least one.
    """
    heights = [FRAME_INCHES + ROW_INCHES * len(figures.arms) for figures in found.values()]

    def draw(figure: "Figure") -> None:
        grid = figure.add_gridspec(len(found), 2, height_ratios=heights, width_ratios=[2.2, 1.0])
        for row, (heading, figures) in enumerate(found.items()):
            gains = gains_of(figures)
            costs = figure.add_subplot(grid[row, 0] if gains else grid[row, :])
            costs.set_title(heading, loc="left", fontweight="bold", pad=TITLE_PAD)
            draw_costs(costs, figures)
            if gains:
                draw_gains(figure.add_subplot(grid[row, 1]), gains)

    return drawn(sum(heights), _told(found), draw)


def drawn(height_inches: float, told: str, draw: "Callable[[Figure], None]") -> str:
    """Draw a figure as SVG in the style of the house.

    Parameters
    ----------
    height_inches : float
        Its height; every picture has the same width.
    told : str
        What it shows, in words.
    draw : callable
        Given the empty figure.
    """
    # A font list that is made at the first use is nobody's concern.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    from matplotlib import rc_context, rcdefaults, rcParams  # noqa: PLC0415, half a second
    from matplotlib.figure import Figure  # noqa: PLC0415

    with rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of letters in a name that the font lacks
        rcdefaults()
        rcParams.update(_STYLE)
        figure = Figure((_WIDTH_INCHES, height_inches), layout="constrained")
        draw(figure)
        _lay_out(figure)
        text = StringIO()
        about = {"Date": None, "Creator": None, "Title": told}
        figure.savefig(text, format="svg", metadata=about, facecolor="white")
    return text.getvalue()


def _lay_out(figure: "Figure") -> None:
    """Give the axes their places once, to a hundred-thousandth of the figure.

    The solver behind the layout orders its unknowns by where they lie in memory, so that the last
    digits of a place differ from one drawing to the next, and with them the bytes of the file.
    """
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes in figure.axes:
        left, bottom, width, height = (round(edge, 5) for edge in axes.get_position().bounds)
        axes.set_position((left, bottom, width, height))


def title(figures: Summary) -> str:
    """Name a comparison: whose homes, how many, when."""
    days = f"{figures.days:g} day{'' if figures.days == 1 else 's'}"
    homes = f"{figures.homes_count} home{'' if figures.homes_count == 1 else 's'}"
    return f"{figures.scenario}: {homes}, {days} from {figures.start_local}"


def _told(found: Mapping[str, Summary]) -> str:
    """Say in words what is drawn, for those who do not see it."""
    costs = [
        f"{each}: {', '.join(f'{name} {arm.cost_usd:.0f}' for name, arm in figures.arms.items())}"
        for each, figures in found.items()
    ]
    return f"Cost by arm in dollars. {'. '.join(costs)}."


def draw_costs(axes: "Axes", figures: Summary) -> None:
    """Draw a bar per arm, the plainest on top, and the bound as a line across them."""
    names, costs_usd = list(figures.arms), [arm.cost_usd for arm in figures.arms.values()]
    colours = [COLOURS.get(name, OTHER) for name in names]
    places = range(len(names))
    axes.barh(places, costs_usd, height=0.72, color=colours)
    for place, name in enumerate(names):
        cost_usd = costs_usd[place]
        against = figures.arms[name].against.get(_BASELINE)
        saved = None if against is None else against.saved_fraction
        share = "" if saved is None else f"  {-100.0 * saved:+.1f} %"
        axes.annotate(
            f"{_dollars(cost_usd)}{share}",
            (max(cost_usd, 0.0), place),
            (4, 0),
            textcoords="offset points",
            va="center",
        )
    bound = figures.bounds.get(_BOUND)
    if bound is not None and bound.cost_usd is not None:
        axes.axvline(bound.cost_usd, color=LINE, linewidth=1.2, linestyle=(0, (4, 2)))
        axes.annotate(
            f"bound {_dollars(bound.cost_usd)}",
            (bound.cost_usd, 1.0),
            (0, 4),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            color=LINE,
        )
    axes.set_yticks(places, names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.margins(x=0.2)
    axes.set_xlabel(f"cost [USD]; percent against {_BASELINE}")


def _dollars(amount_usd: float) -> str:
    return f"{amount_usd:.{0 if abs(amount_usd) >= 100.0 else 2}f}"


def gains_of(figures: Summary) -> dict[int, float]:
    """Tell what each home gains by trading over planning alone [USD/day], if both were run."""
    gains = {home.household_id: home.trading_gain_usd_per_day for home in figures.homes}
    return {home_id: gain for home_id, gain in gains.items() if gain is not None}


def draw_gains(axes: "Axes", gains: Mapping[int, float]) -> None:
    """Draw a bar per home in the order of their ids, or the spread of the gains of many."""
    if len(gains) <= HOMES_NAMED_MAX:
        values = np.array([*gains.values()])
        axes.barh(range(values.size), values, height=0.72, color=np.where(values < 0.0, LOSS, GAIN))
        axes.set_yticks(range(values.size), map(str, gains))
        axes.set_ylim(values.size - 0.4, -0.6)
        axes.set_title("home", loc="left", pad=TITLE_PAD)
    else:
        share = np.linspace(0.0, 1.0, _POINTS)
        spread = np.quantile([*gains.values()], share)
        for colour, side in ((LOSS, np.minimum(spread, 0.0)), (GAIN, np.maximum(spread, 0.0))):
            axes.fill_betweenx(share, side, color=colour, linewidth=0.0)
        axes.set_yticks([0.0, 0.5, 1.0], ["worst", "middle", "best"])
        axes.set_ylim(0.0, 1.0)
        axes.set_title(f"{len(gains)} homes", loc="left", pad=TITLE_PAD)
    axes.axvline(0.0, color=INK, linewidth=0.8)
    axes.set_xlabel("gain in market over\nplan_alone [USD/day]")
