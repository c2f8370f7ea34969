"""What a command does that runs a scenario: load it, live it, store what it leaves behind."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from profiles.strict_yaml import Value
from scenarios import load, store
from scenarios.compare import Comparison, Means, Progress
from scenarios.progress import Reporter
from scenarios.schema import Scenario
from scenarios.summary import Summary, summary

Typed = tuple[str, Sequence[str], Mapping[str, Value], Sequence[str]]
"""A name or path, settings, options and overrides, as `scenarios.load.load` takes them."""

Live = Callable[[Scenario, Progress, Means], Comparison]
"""Lives what was loaded."""


def run(
    typed: Typed,
    live: Live,
    out: Path,
    *,
    workers: int | None = None,
    quiet: bool = False,
    csv: bool = False,
) -> tuple[Summary, Path]:
    """Load a scenario, live it and store it.

    Parameters
    ----------
    typed : tuple
        Says which scenario.
    live : callable
        Lives it.
    out : Path
        Parent of the new folder of results.
    workers : int, optional
        Cores to be used; as many as pay if None.
    quiet : bool
        Show no progress.
    csv : bool
        Write the CSV files however long they are.

    Returns
    -------
    figures : Summary
        What it tells.
    folder : Path
        Where it is stored.

    Raises
    ------
    InputError
        Before anything is computed, if what was typed cannot be run or stored.
    """
    with Reporter(quiet, "homes") as progress:
        loaded, profiles = load.with_profiles(*typed, told=partial(progress, "generated"))
    store.check_writable(out)
    with store.draft(out) as draft:
        with Reporter(quiet) as progress:
            comparison = live(loaded, progress, Means(draft.parts, workers, profiles))
        figures = summary(comparison)  # before the tables are moved
        return figures, store.publish(draft, comparison, csv=csv)
