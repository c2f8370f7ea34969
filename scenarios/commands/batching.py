"""The commands `batch` and `resume`. What one returns is printed; what is heavy comes later."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.commands import options
from scenarios.commands.options import (
    RESULTS,
    AsJson,
    Csv,
    Days,
    Homes,
    Out,
    Overrides,
    Quiet,
    Seed,
    Settings,
    Start,
    Workers,
)  # fmt: skip

if TYPE_CHECKING:
    from profiles.strict_yaml import Value

Kind = Annotated[
    str, typer.Option("--engine", metavar="processes|dask", help="What makes the runs.")
]
Address = Annotated[str | None, typer.Option(metavar="TCP", help="Scheduler of the engine dask.")]
Sweep = Annotated[
    str, typer.Argument(metavar="SWEEP_OR_SCENARIO", help="A shipped name or a file.")
]


def batch(  # noqa: PLR0913, an option is an argument
    sweep: Sweep,
    *,
    grid: Annotated[
        list[str] | None, typer.Option(metavar="KEY=A,B", help="Values to run; may be repeated.")
    ] = None,
    repetitions: Annotated[int | None, typer.Option(help="Each run with so many seeds.")] = None,
    settings: Settings = None,
    overrides: Overrides = None,
    start: Start = None,
    days: Days = None,
    homes: Homes = None,
    seed: Seed = None,
    arms: Annotated[str | None, typer.Option(metavar="A,B", help="Arms; all if left out.")] = None,
    simulate: Annotated[
        bool, typer.Option("--simulate", help="The scenario's own strategy instead of arms.")
    ] = False,
    csv: Csv = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the plan, its time and disk; run nothing.")
    ] = False,
    out: Out = RESULTS,
    engine: Kind = "processes",
    address: Address = None,
    workers: Workers = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> tuple[str, int]:
    """Run a scenario many times: values of knobs, samples, seeds, or whole runs of a list."""
    more: dict[str, Value] = {}
    if repetitions is not None:
        more["--repetitions"] = repetitions
    if arms is not None:
        more["--arms"] = [name.strip() for name in arms.split(",")]
    more |= {name: True for name, asked in (("--simulate", simulate), ("--csv", csv)) if asked}
    chosen = options.typed(start, days, homes, seed)
    from scenarios import batch_session  # noqa: PLC0415
    from scenarios.sweep_source import Typed  # noqa: PLC0415

    typed = Typed(sweep, settings or [], chosen, overrides or [], grid or [], more)
    means = batch_session.Means(engine, address, workers, quiet=quiet)
    if dry_run:
        return batch_session.planned(typed, means, as_json=as_json), 0
    return batch_session.run(typed, out, means, as_json=as_json)


def resume(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Of a batch, or of results.")],
    engine: Kind = "processes",
    address: Address = None,
    workers: Workers = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> tuple[str, int]:
    """Go on with what was interrupted, and try again what failed."""
    from scenarios import batch_session  # noqa: PLC0415

    means = batch_session.Means(engine, address, workers, quiet=quiet)
    return batch_session.resume(folder, means, as_json=as_json)
