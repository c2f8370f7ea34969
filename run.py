"""Commonwatt on the command line: data on stdout, progress and errors on stderr.

Exit codes: 0 done, 1 the run failed or broke a law, 2 input refused, 3 runs of a batch failed,
4 verification failed, 130 interrupted. Everything heavy is imported by the command that needs it.
"""

import json
import os
import sys
import traceback
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.commands import batching, generating, learning, options, reporting
from scenarios.commands.options import (
    RESULTS,
    AsJson,
    Csv,
    Days,
    Every,
    Homes,
    Kind,
    Name,
    Out,
    Overrides,
    Quiet,
    Seed,
    Settings,
    Start,
    Workers,
)  # fmt: skip

if TYPE_CHECKING:
    from scenarios.summary import Summary

OK, FAILED, REFUSED, NOT_VERIFIED, INTERRUPTED = 0, 1, 2, 4, 130

app = typer.Typer(
    name="commonwatt",
    help="Simulate a peer-to-peer energy community.",
    epilog="Without a command: compare fontana_mixed --start 2017-07-01 --days 7.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

app.add_typer(generating.app, name="generate")


@app.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    """Run the reference comparison if no command is given."""
    if context.invoked_subcommand is None:
        compare("fontana_mixed", start="2017-07-01", days=7)


@app.command()
def compare(  # noqa: PLR0913, an option is an argument
    scenario: Name,
    *,
    settings: Settings = None,
    overrides: Overrides = None,
    start: Start = None,
    days: Days = None,
    homes: Homes = None,
    seed: Seed = None,
    arms: Annotated[str | None, typer.Option(metavar="A,B", help="Arms; all if left out.")] = None,
    out: Out = RESULTS,
    as_json: AsJson = False,
    quiet: Quiet = False,
    csv: Csv = False,
    workers: Workers = None,
    checkpoint_every: Every = 30.0,
) -> None:
    """Run a scenario in several ways and print what each costs."""
    chosen = None if arms is None else tuple(name.strip() for name in arms.split(","))
    typed = scenario, settings or [], options.typed(start, days, homes, seed), overrides or []
    from scenarios import job, session  # noqa: PLC0415

    asked = partial(job.Job, arms=chosen, csv=csv)
    means = session.Means(workers, quiet, checkpoint_every)
    _tell(*session.run(typed, asked, out, means), as_json)


@app.command()
def simulate(  # noqa: PLR0913, an option is an argument
    scenario: Name,
    *,
    settings: Settings = None,
    overrides: Overrides = None,
    start: Start = None,
    days: Days = None,
    homes: Homes = None,
    seed: Seed = None,
    out: Out = RESULTS,
    as_json: AsJson = False,
    quiet: Quiet = False,
    csv: Csv = False,
    workers: Workers = None,
    checkpoint_every: Every = 30.0,
) -> None:
    """Run a scenario once, with its own strategy and market."""
    typed = scenario, settings or [], options.typed(start, days, homes, seed), overrides or []
    from scenarios import job, session  # noqa: PLC0415

    asked = partial(job.Job, simulate=True, csv=csv)
    means = session.Means(workers, quiet, checkpoint_every)
    _tell(*session.run(typed, asked, out, means), as_json)


@app.command()
def scenarios(as_json: AsJson = False) -> None:
    """List the scenarios that ship with the project, by what they are about."""
    from scenarios import family, schema  # noqa: PLC0415

    groups = family.groups().items()
    if as_json:
        rows = [
            {
                "group": group,
                "name": name,
                "purpose": schema.purpose(name),
                "needs": schema.needs(name),
            }
            for group, names in groups
            for name in names
        ]
        print(json.dumps(rows, indent=2))
        return
    width, told = max(map(len, family.shipped())), schema.purposes()
    blocks = (
        [group, *(f"  {name:{width}}  {told[name]}" for name in names)] for group, names in groups
    )
    print("\n\n".join("\n".join(block) for block in blocks))


@app.command()
def validate(
    scenario: Name,
    settings: Settings = None,
    overrides: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Check a scenario without running it; --json prints it complete."""
    from scenarios.load import load  # noqa: PLC0415

    loaded = load(scenario, settings or [], {}, overrides or [])
    told = f"ok: {loaded.name}, {loaded.run.days} days from {loaded.run.start}\n"
    print(loaded.as_json() if as_json else told, end="")


@app.command()
def verify(
    path: Annotated[Path, typer.Argument(metavar="FOLDER_OR_LEDGER")], as_json: AsJson = False
) -> None:
    """Check that a folder of results, or a ledger alone, is what was written."""
    from scenarios import batch_folder, store  # noqa: PLC0415

    problems = (batch_folder if batch_folder.is_batch(path) else store).verify(path)
    if as_json:
        print(json.dumps({"ok": not problems, "problems": problems}))
    elif not problems:
        print(f"ok: {path}")
    for problem in problems:
        print(f"{path}: {problem}", file=sys.stderr)
    if problems:
        raise typer.Exit(NOT_VERIFIED)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Results of a run.")],
    output: Annotated[Path, typer.Option(help="File to write.")] = Path("timeline.json"),
    start: Annotated[str | None, typer.Option(help="First local date to show.")] = None,
    days: Annotated[int | None, typer.Option(help="Local dates to show.")] = None,
) -> None:
    """Write a run as the file that the player shows."""
    from scenarios import timeline  # noqa: PLC0415

    print(timeline.export(folder, output, start, days))


@app.command()
def schema(of: Kind = "scenario") -> None:
    """Print the JSON Schema of a scenario, summary or timeline, or all parameters as Markdown."""
    from scenarios import parameters  # noqa: PLC0415

    print(parameters.published(of), end="")


@app.command()
def dashboard(
    folder: Annotated[Path, typer.Argument(help="Saved runs, or one of them.")] = RESULTS,
    port: Annotated[int, typer.Option(min=1, max=65535, help="On this machine only.")] = 8765,
    opens: Annotated[bool | None, typer.Option("--open/--no-open", help="Browse.")] = None,
) -> None:
    """Show the community in a browser: watch a run, start one, compare those that are saved."""
    from dashboard import server  # noqa: PLC0415

    server.serve(folder, port, browse=sys.stdout.isatty() if opens is None else opens)


@app.command()
def check(
    scenario: Annotated[str, typer.Argument(metavar="[SCENARIO]")] = "fontana", out: Out = RESULTS
) -> None:
    """Check that this installation works, and which features a scenario's homes fill."""
    from scenarios import preflight  # noqa: PLC0415

    passed = True
    for found in preflight.checks(out, scenario):
        passed &= found.ok
        print(f"{'ok' if found.ok else 'FAILED':6}  {found.name:8} {found.text}", flush=True)
    if not passed:
        raise typer.Exit(FAILED)


for command in (
    batching.batch, batching.resume, learning.train, learning.federate, learning.evaluate,
    reporting.report,
):  # fmt: skip
    app.command()(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        What was typed; that of the process if None.
    """
    try:
        typed = None if arguments is None else list(arguments)
        ended = app(args=typed, prog_name="commonwatt", standalone_mode=False)
        # A command of another module returns what it has to tell, some with a code beside it.
        told, code = ended if isinstance(ended, tuple) else (ended, OK)
        if isinstance(told, str):
            print(told)
        code = int(told if isinstance(told, int) else code)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except Exception as error:  # noqa: BLE001, every error ends in one line
        if os.environ.get("COMMONWATT_DEBUG") == "1":
            traceback.print_exc()
        return _explained(error)
    if code == INTERRUPTED:  # versions of typer differ in how they say so
        print("interrupted; nothing was written", file=sys.stderr)
    return code


def _explained(error: Exception) -> int:
    """Say in one line what went wrong, and return the exit code."""
    from scenarios.failures import told  # noqa: PLC0415

    refused, text = told(error)
    code: int = getattr(error, "exit_code", REFUSED if refused else FAILED)
    print(text if code == INTERRUPTED else f"error: {text}", file=sys.stderr)
    return code


def _tell(figures: "Summary", folder: Path, as_json: bool) -> None:
    """Print what a run tells, and where it is stored."""
    from scenarios import report_text  # noqa: PLC0415

    if as_json:
        print(json.dumps({**figures.model_dump(mode="json"), "result_folder": str(folder)}))
    else:
        print(report_text.report(figures))
        print(f"\nresult_folder: {folder}")


if __name__ == "__main__":
    sys.exit(main())
