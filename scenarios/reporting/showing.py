"""Tables and pictures that show themselves in a notebook."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from profiles.errors import InputError, shown
from scenarios.reporting import cells
from scenarios.reporting.inline import told
from scenarios.reporting.sheets import Sheet

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing that a notebook shows."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        """Say in words what is drawn."""
        return told(self.svg)

    def save(self, path: str | Path) -> None:
        """Write it to a file of SVG."""
        Path(path).write_text(self.svg, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Table:
    """Figures that a notebook shows, rounded; `to_pandas` has all their digits."""

    sheet: Sheet
    caption: str

    def __repr__(self) -> str:
        """Say what it tells."""
        return f"Table({self.sheet.name} of {self.caption})"

    def to_pandas(self) -> "pd.DataFrame":
        """Return the figures as a data frame; what does not exist is missing."""
        import pandas as pd  # noqa: PLC0415, half a second

        columns = {field.name: self.sheet.column(field.name) for field in self.sheet.fields}
        return pd.DataFrame(columns)

    def _repr_html_(self) -> str:
        """Write a plain table: its page says how tables look."""
        seen = cells.shown(self.sheet, self.caption)
        heads = "".join(f"<th>{escape(label)}</th>" for label, _ in seen.headings)
        rows = ("".join(f"<td>{escape(cell.text)}</td>" for cell in row) for row in seen.rows)
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        left = f"<p>{seen.left_count} more rows</p>" if seen.left_count else ""
        caption = f"<caption>{escape(self.caption)}</caption>"
        return f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>{left}"


def check_known(what: str, name: str, known: Iterable[str]) -> None:
    """Refuse a name that is not among those that are known (`InputError`)."""
    names = [*known]
    if name not in names:
        raise InputError(f"{what}: must be one of {', '.join(names)} (got {shown(name)})")


def drawn(kind: str, svg: str) -> Picture:
    """Take a picture, which is empty where there is nothing to draw (`InputError`)."""
    if not svg:
        raise InputError(f"plot: what {kind} shows was not run")
    return Picture(svg)
