"""Commonwatt on the command line: data on stdout, progress and errors on stderr.

Exit codes: 0 done, 1 the run failed or broke a law, 2 input refused, 4 verification failed,
130 interrupted. Everything heavy is imported by the command that needs it.
"""

import json
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from profiles.strict_yaml import Value
    from scenarios.compare import Comparison, Means, Progress
    from scenarios.schema import Scenario
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

generating = typer.Typer(help="Write files that others can read.", rich_markup_mode=None)
app.add_typer(generating, name="generate")

Name = Annotated[str, typer.Argument(metavar="SCENARIO", help="A shipped name or a file.")]
Texts = list[str] | None
Settings = Annotated[Texts, typer.Option("--set", metavar="KEY=VALUE", help="As run.days=2.")]
Overrides = Annotated[Texts, typer.Option("--override", metavar="NAME", help="As unlimited.")]
Start = Annotated[str | None, typer.Option(help="First local date, or date and time.")]
Days = Annotated[int | None, typer.Option(help="Length of the run [days].")]
Homes = Annotated[int | None, typer.Option(help="How many homes take part.")]
Seed = Annotated[int | None, typer.Option(help="Start of every random draw.")]
Out = Annotated[Path, typer.Option(help="Folder in which a folder of results is made.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Cores to use, else as many as pay.")]
Csv = Annotated[bool, typer.Option("--csv", help="Write CSV files however long they are.")]
Kind = Annotated[str, typer.Argument(metavar="[scenario|summary|timeline|parameters]")]
RESULTS = Path("results")


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
) -> None:
    """Run a scenario in several ways and print what each costs."""
    chosen = None if arms is None else [name.strip() for name in arms.split(",")]
    typed = scenario, settings or [], _options(start, days, homes, seed), overrides or []
    from scenarios import compare as comparing  # noqa: PLC0415
    from scenarios import session  # noqa: PLC0415

    def live(loaded: "Scenario", progress: "Progress", means: "Means") -> "Comparison":
        return comparing.compare(loaded, chosen, progress, means)

    _tell(*session.run(typed, live, out, workers=workers, quiet=quiet, csv=csv), as_json)


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
) -> None:
    """Run a scenario once, with its own strategy and market."""
    typed = scenario, settings or [], _options(start, days, homes, seed), overrides or []
    from scenarios import compare, session  # noqa: PLC0415

    live = compare.simulate
    _tell(*session.run(typed, live, out, workers=workers, quiet=quiet, csv=csv), as_json)


@app.command()
def scenarios(as_json: AsJson = False) -> None:
    """List the scenarios that ship with the project."""
    from scenarios.schema import purposes  # noqa: PLC0415

    known = purposes()
    if as_json:
        rows = [{"name": name, "purpose": purpose} for name, purpose in known.items()]
        print(json.dumps(rows, indent=2))
        return
    for name, purpose in known.items():
        print(f"{name:{max(map(len, known))}}  {purpose}")


@generating.command("profiles")
def generate_profiles(  # noqa: PLR0913, an option is an argument
    scenario: Annotated[str, typer.Argument(metavar="[SCENARIO]")] = "synthetic",
    *,
    output: Annotated[Path, typer.Option(help="File to write, .csv or .parquet.")],
    weather: Annotated[Path | None, typer.Option(help="File for the weather, likewise.")] = None,
    settings: Settings = None,
    overrides: Overrides = None,
    start: Start = None,
    days: Days = None,
    homes: Homes = None,
    step_minutes: Annotated[int | None, typer.Option(help="15, 30 or 60 [min].")] = None,
    seed: Seed = None,
) -> None:
    """Generate homes: load by appliance, generation, battery sensors, and the weather."""
    from scenarios import generate  # noqa: PLC0415

    options = _options(start, days, homes, seed)
    if step_minutes is not None:
        options["--step-minutes"] = step_minutes
    loaded = generate.typed(scenario, settings or [], options, overrides or [])
    print(generate.write_homes(loaded, output, weather))


@generating.command("grid-capacity")
def generate_grid_capacity(  # noqa: PLR0913, an option is an argument
    *,
    output: Annotated[Path, typer.Option(help="File to write, .csv or .parquet.")],
    steps: Annotated[int, typer.Option(help="How many steps.")] = 90,
    base_import_kw: Annotated[float, typer.Option(help="Before the peak [kW].")] = 5000.0,
    base_export_kw: Annotated[float, typer.Option(help="Likewise [kW].")] = 4000.0,
    peak_reduction: Annotated[float, typer.Option(help="Missing from 16 to 20 h [1].")] = 0.5,
    noise_std: Annotated[float, typer.Option(help="Relative, of every value [1].")] = 0.1,
    seed: Annotated[int, typer.Option(help="Start of the draws.")] = 0,
    step_minutes: Annotated[int, typer.Option(help="15, 30 or 60 [min].")] = 30,
) -> None:
    """Generate what the grid can bring to a community and take from it, step by step."""
    from scenarios import generate  # noqa: PLC0415

    shape = (base_import_kw, base_export_kw, peak_reduction, noise_std, seed)
    print(generate.write_capacity(output, steps, shape, step_minutes))


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
    from scenarios import store  # noqa: PLC0415

    problems = store.verify(path)
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
def check(out: Out = RESULTS) -> None:
    """Check that this installation works: one line per check."""
    from scenarios import preflight  # noqa: PLC0415

    passed = True
    for found in preflight.checks(out):
        passed &= found.ok
        print(f"{'ok' if found.ok else 'FAILED':6}  {found.name:8} {found.text}", flush=True)
    if not passed:
        raise typer.Exit(FAILED)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        What was typed; that of the process if None.
    """
    try:
        typed = None if arguments is None else list(arguments)
        code = int(app(args=typed, prog_name="commonwatt", standalone_mode=False) or OK)
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
    print(f"error: {text}", file=sys.stderr)
    return REFUSED if refused else FAILED


def _options(
    start: str | None, days: int | None, homes: int | None, seed: int | None
) -> "dict[str, Value]":
    typed: dict[str, Value] = {"--start": start, "--days": days, "--homes": homes, "--seed": seed}
    return {option: value for option, value in typed.items() if value is not None}


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
