"""Runs as objects that show themselves: in a notebook, as data frames, as pictures.

`Run` and `Batch` are folders, `Comparison` is what `compare` lives through in memory. Every figure
is the one that a report shows.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from profiles.errors import InputError
from scenarios import charts, load, store
from scenarios import compare as comparing
from scenarios.reporting import folders, paired, pictures, pictures_of_runs, sheets
from scenarios.reporting.course import Course, of_comparison
from scenarios.reporting.folders import Reported
from scenarios.reporting.sheets import Sheet
from scenarios.reporting.showing import Picture, Table, check_known, drawn
from scenarios.schema import Scenario
from scenarios.summary import Summary

if TYPE_CHECKING:
    import pandas as pd

NOTHING_SET: Mapping[str, Any] = MappingProxyType({})


class OneRun:
    """What a run in a folder and one in memory have in common: figures, pictures, differences."""

    course: Course
    """The run over time."""

    @property
    def figures(self) -> Summary:
        """All figures of the run, as in its `summary.json`."""
        return self.course.figures

    def table(self, name: str = "arms") -> Table:
        """Return figures of the run.

        Parameters
        ----------
        name : str
            "arms", "outage", "against", "added", "carbon", "homes" or "days".

        Raises
        ------
        InputError
            If there is no such table.
        """
        check_known("table", name, sheets.OF_RUN)
        return Table(sheets.sheet(self.course, name), charts.title(self.figures))

    def to_pandas(self, name: str = "arms") -> "pd.DataFrame":
        """Return figures of the run as a data frame; names are those of `table`."""
        return self.table(name).to_pandas()

    def plot(self, kind: str = "costs") -> Picture:
        """Draw the run.

        Parameters
        ----------
        kind : str
            "costs", "added", "load_duration", "heat" or "gains".

        Raises
        ------
        InputError
            If there is no such picture, or the arms that it shows were not run.
        """
        return drawn(kind, pictures.picture(self.course, kind))

    def against(self, other: "OneRun") -> Table:
        """Hold the arms of this run against those of another, paired by day.

        Parameters
        ----------
        other : Run or Comparison
            A saving above zero says that this run is cheaper than it.

        Returns
        -------
        Table
            Cost per day in both, their difference and its 95 % interval, by arm. There is no
            interval where they do not live through the same days.
        """
        names = [name for name in other.course.arms if name in self.course.arms]
        labels = "other", "this"
        found = [paired.of_arm(other.course, self.course, name, labels) for name in names]
        sheet = Sheet("differences", sheets.DIFFERENCES, sheets.difference_rows(found))
        return Table(sheet, f"{charts.title(self.figures)}, against {charts.title(other.figures)}")

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


class Run(OneRun):
    """A folder of results.

    Parameters
    ----------
    folder : str, Path or Reported
        As `compare` and `simulate` leave it, or what was read of it.

    Raises
    ------
    InputError
        If it is not what a run has written.
    """

    def __init__(self, folder: str | Path | Reported) -> None:
        if not isinstance(folder, Reported):
            folder = folders.reported(Path(folder), Path(folder).name)
        self.label, self.course = folder.label, folder.course
        self.manifest = folder.manifest

    def __repr__(self) -> str:
        """Name the folder and what was run."""
        return f"Run({self.label}: {charts.title(self.figures)})"


class Comparison(OneRun):
    """Arms of a scenario that were lived in memory.

    Parameters
    ----------
    lived : scenarios.compare.Comparison
        What `scenarios.compare` returns; it holds every step and trade.
    """

    def __init__(self, lived: comparing.Comparison) -> None:
        self.lived = lived

    @cached_property
    def course(self) -> Course:  # type: ignore[override]
        """The run over time, worked out when it is asked for."""
        return of_comparison(self.lived)

    def save(self, out: str | Path = "results") -> Run:
        """Store the comparison in a new folder below ``out``, as the program does.

        Raises
        ------
        InputError
            If nothing can be written there.
        """
        return Run(store.save(self.lived, Path(out)))

    def __repr__(self) -> str:
        """Say what was run."""
        return f"Comparison({charts.title(self.figures)})"


class Batch:
    """The runs of a batch.

    Parameters
    ----------
    folder : str or Path
        Of a batch.

    Raises
    ------
    InputError
        If it has no finished run, or one is not what a run has written.
    """

    def __init__(self, folder: str | Path) -> None:
        self.label = Path(folder).name
        self._found = folders.collected([Path(folder)])
        self._sheets = sheets.sheets(self._found)

    @property
    def runs(self) -> dict[str, Run]:
        """The finished runs by their labels."""
        return {run.label: Run(run) for run in self._found.runs}

    @property
    def missing(self) -> dict[str, str]:
        """Why runs failed, by their labels."""
        return {run.label: run.problem for run in self._found.missing}

    def __getitem__(self, label: str) -> Run:
        """Return one run."""
        return self.runs[label]

    def __len__(self) -> int:
        """Count the finished runs."""
        return len(self._found.runs)

    def table(self, name: str = "runs") -> Table:
        """Return figures of all runs.

        Parameters
        ----------
        name : str
            "runs", "differences", "repeated", or one of those of a run.

        Raises
        ------
        InputError
            If there is no such table.
        """
        check_known("table", name, self._sheets)
        return Table(self._sheets[name], f"{self.label}: {len(self)} runs")

    def to_pandas(self, name: str = "runs") -> "pd.DataFrame":
        """Return figures of all runs as a data frame; names are those of `table`."""
        return self.table(name).to_pandas()

    def plot(self, kind: str = "costs") -> Picture:
        """Draw all runs.

        Parameters
        ----------
        kind : str
            "costs" by arm, or "effects" of the knobs that vary.

        Raises
        ------
        InputError
            If there is no such picture, or too few runs for it.
        """
        drawings = {"costs": pictures_of_runs.costs, "effects": pictures_of_runs.effects}
        check_known("plot", kind, drawings)
        return drawn(kind, drawings[kind](self._found.runs))

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()

    def __repr__(self) -> str:
        """Name the batch, and count its runs."""
        return f"Batch({self.label}: {len(self)} runs)"


def compare(
    scenario: str | Path | Scenario,
    settings: Mapping[str, Any] = NOTHING_SET,
    arms: Iterable[str] | None = None,
) -> Comparison:
    """Live through a scenario in several ways, in memory.

    Parameters
    ----------
    scenario : str, Path or Scenario
        A shipped name, a file, or a scenario that was loaded.
    settings : mapping
        Values by knob, such as ``{"run.days": 2, "tariff.name": "two_level"}``.
    arms : iterable of str, optional
        Names of arms and bounds; all if None.

    Raises
    ------
    InputError
        One line, before anything is computed, if a knob or an arm is refused.
    """
    texts = [f"{knob}={json.dumps(value)}" for knob, value in settings.items()]
    if isinstance(scenario, Scenario):
        if texts:
            raise InputError("settings: must be empty for a scenario that was loaded")
        return Comparison(comparing.compare(scenario, arms))
    loaded, profiles = load.with_profiles(str(scenario), texts)
    return Comparison(comparing.compare(loaded, arms, means=comparing.Means(profiles=profiles)))
