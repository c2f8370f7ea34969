"""The page of a report: one HTML file that asks nothing of any other place.

Whatever a folder says is text in it: names are escaped, and a policy in its head forbids scripts,
forms and everything that would have to be fetched.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from scenarios.reporting import reproduce, sections
from scenarios.reporting.cells import Cell, cell
from scenarios.reporting.folders import Collection, Missing
from scenarios.reporting.reproduce import Knob, Recipe
from scenarios.reporting.sections import Section
from scenarios.reporting.sheets import Sheet

RECIPES_MAX = 20
"""Runs whose scenarios are printed."""
_KNOB_COLUMNS_MAX = 6


@dataclass(frozen=True, slots=True)
class Card:
    """A figure that a run is known by."""

    label: str
    sheet: str
    row: int
    cell: Cell
    unit: str
    hint: str


@dataclass(frozen=True, slots=True)
class Page:
    """All that stands on the page."""

    title: str
    subtitle: str
    tables: str  # name of the folder with the tables
    cards: list[Card]
    sections: list[Section]
    missing: list[Missing]
    knobs: list[Knob]
    knobs_caption: str
    knob_columns: list[str]
    recipes: list[Recipe]
    recipes_left_count: int
    versions: list[tuple[str, str]]


def page(found: Collection, laid: Mapping[str, Sheet], tables: str) -> str:
    """Write the page of a report as HTML.

    Parameters
    ----------
    found : Collection
        Its runs.
    laid : mapping
        Its tables by name, as `sheets.sheets` gives them.
    tables : str
        Name of the folder in which they lie as files.
    """
    runs = found.runs
    few = len(runs) <= _KNOB_COLUMNS_MAX
    told = Page(
        title=sections.title(runs),
        subtitle=_subtitle(found),
        tables=tables,
        cards=_cards(laid),
        sections=sections.sections(runs, laid),
        missing=found.missing,
        knobs=reproduce.knobs(runs, _KNOB_COLUMNS_MAX),
        knobs_caption="Knobs in which runs differ" + ("" if few else ", with their values"),
        knob_columns=[run.label for run in runs] if few else ["values"],
        recipes=[reproduce.recipe(run) for run in runs[:RECIPES_MAX]],
        recipes_left_count=max(0, len(runs) - RECIPES_MAX),
        versions=reproduce.versions(runs),
    )
    folder = files("scenarios.reporting")
    source, css = (
        folder.joinpath(f"report.{end}").read_text("utf-8") for end in ("html.j2", "css")
    )
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(source)
    return template.render(page=told, css=css) + "\n"


def _subtitle(found: Collection) -> str:
    missing = f", {len(found.missing)} without results" if found.missing else ""
    count, first = len(found.runs), found.runs[0]
    if count == 1:
        return f"Run {first.label}, seed {first.manifest.seed}{missing}"
    return f"{count} runs{missing}. Key figures are those of the first, {first.label}."


def _cards(laid: Mapping[str, Sheet]) -> list[Card]:
    """Show the first run by its leading arm."""
    runs = laid["runs"]
    label, arm = runs.column("run")[0], str(runs.column("arm")[0])
    wanted = [
        ("Saved", "runs", "saved_fraction", "%", f"{arm} against grid_only"),
        ("Cost", "runs", "cost_usd", "USD", f"{arm}, stored energy counted"),
        (
            "Captured of the bound",
            "runs",
            "captured_of_bound_fraction",
            "%",
            "of the best possible",
        ),
        ("Traded between homes", "arms", "p2p_kwh", "kWh", f"delivered, {arm}"),
        ("Highest import", "arms", "peak_import_kw", "kW", f"of the community, {arm}"),
        ("Load served in the outage", "outage", "served_fraction", "%", f"without the grid, {arm}"),
        ("CO2 saved", "carbon", "saved_carbon_kg", "kg", f"{arm} against grid_only"),
    ]
    cards = []
    for name, sheet, column, unit, hint in wanted:
        row = _row(laid[sheet], {"run": label, "arm": arm})
        field = next(each for each in laid[sheet].fields if each.name == column)
        value = None if row is None else laid[sheet].column(column)[row]
        if row is not None and value is not None:
            cards.append(Card(name, sheet, row, cell(field, value), unit, hint))
    return cards


def _row(sheet: Sheet, wanted: Mapping[str, object]) -> int | None:
    """Find the first row that holds some values."""
    columns = [sheet.column(name) for name in wanted]
    rows = zip(*columns, strict=True)
    return next((place for place, row in enumerate(rows) if row == tuple(wanted.values())), None)
