"""How the figures of a table are written on a page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from scenarios.reporting.sheets import Field, Sheet, Value

NONE = "-"
_DIGITS = 6  # of a knob that is shown as short as it goes

ROWS_SHOWN_MAX = 200
"""Further rows of a table stand in its file alone."""

_SIGNED = (
    "saved",
    "gain",
    "worst_home_gain",
    "mean_home_gain",
    "solar",
    "battery",
    "planning",
    "trading",
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as it is shown."""

    name: str  # of its column
    text: str
    kind: str  # "text", "number", "up" or "down"
    value: str  # the number as it is in the files, for those who read the page by program


@dataclass(frozen=True, slots=True)
class Shown:
    """A table as it is shown."""

    name: str
    caption: str
    headings: list[tuple[str, str]]  # name and kind
    rows: list[list[Cell]]
    places: list[int]  # of the rows in the whole table
    left_count: int  # rows that are not shown


def shown(
    sheet: Sheet,
    caption: str,
    without: Sequence[str] = (),
    wanted: Callable[[Mapping[str, Value]], bool] = lambda _: True,
) -> Shown:
    """Write a table for a page.

    Parameters
    ----------
    sheet : Sheet
        The table.
    caption : str
        What stands above it.
    without : sequence of str
        Columns that are left out.
    wanted : callable
        Chooses rows, given their values by column.
    """
    names = [field.name for field in sheet.fields]
    rows = [dict(zip(names, row, strict=True)) for row in sheet.rows]
    places = [place for place, row in enumerate(rows) if wanted(row)]
    fields = [field for field in sheet.fields if field.name not in without]
    return Shown(
        name=sheet.name,
        caption=caption,
        headings=[(heading(field), "text" if field.text else "number") for field in fields],
        rows=[
            [cell(field, rows[place][field.name]) for field in fields]
            for place in places[:ROWS_SHOWN_MAX]
        ],
        places=places[:ROWS_SHOWN_MAX],
        left_count=max(0, len(places) - ROWS_SHOWN_MAX),
    )


def heading(field: Field) -> str:
    """Name a column with its unit."""
    unit = "%" if field.unit == "1" else field.unit
    return f"{field.meaning} [{unit}]" if unit else field.meaning


def cell(field: Field, value: Value) -> Cell:
    """Write one value: what does not exist as a dash, a share as per cent."""
    if isinstance(value, str) or value is None:
        return Cell(field.name, written(field, value), "text" if field.text else "number", "")
    text, kind = written(field, value), "number"
    signed = field.decimals is not None and field.name.startswith(_SIGNED)
    if signed and float(text):  # what is shown as 0 is neither
        kind = "up" if value > 0.0 else "down"
    return Cell(field.name, text, kind, repr(value))


def written(field: Field, value: Value) -> str:
    """Write one value as text, rounded as its field says."""
    if value is None:
        return NONE
    if isinstance(value, str):
        return value
    if field.decimals is None:
        return f"{value:.{_DIGITS}g}"
    text = f"{100.0 * value if field.unit == '1' else value:.{field.decimals}f}"
    return text.removeprefix("-") if float(text) == 0.0 else text
