"""Commonwatt on the command line: data on stdout, progress and errors on stderr.

Exit codes: 0 done, 1 the run failed or broke a law, 2 input refused, 4 verification failed,
130 interrupted. Everything heavy is imported by the command that needs it.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from profiles.profiles import Profiles
    from profiles.strict_yaml import Value
    from scenarios.compare import Comparison, Progress
    from scenarios.schema import Scenario

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
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Set a knob, as market.loss_fraction=0.04."),
]
Start = Annotated[str | None, typer.Option(help="First local date, or date and time.")]
Days = Annotated[int | None, typer.Option(help="Length of the run [days].")]
Homes = Annotated[int | None, typer.Option(help="How many homes take part.")]
Seed = Annotated[int | None, typer.Option(help="Start of every random draw.")]
Out = Annotated[Path, typer.Option(help="Folder in which a folder of results is made.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress.")]
Workers = Annotated[
    int | None, typer.Option(min=1, help="Cores to use; as many as pay if left out.")
]
Csv = Annotated[bool, typer.Option("--csv", help="Write CSV files however long they are.")]
Kind = Annotated[str, typer.Argument(metavar="[scenario|summary|parameters]", show_default=False)]
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
    loaded, profiles = _loaded(scenario, settings, _options(start, days, homes, seed), quiet)
    from scenarios import compare as comparing  # noqa: PLC0415

    def live(progress: "Progress", parts: Path) -> "Comparison":
        means = comparing.Means(parts, workers, profiles)
        return comparing.compare(loaded, chosen, progress, means)

    _publish(live, out, as_json, quiet, csv)


@app.command()
def simulate(  # noqa: PLR0913, an option is an argument
    scenario: Name,
    *,
    settings: Settings = None,
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
    loaded, profiles = _loaded(scenario, settings, _options(start, days, homes, seed), quiet)
    from scenarios import compare as comparing  # noqa: PLC0415

    def live(progress: "Progress", parts: Path) -> "Comparison":
        return comparing.simulate(loaded, progress, comparing.Means(parts, workers, profiles))

    _publish(live, out, as_json, quiet, csv)


@app.command()
def scenarios(as_json: AsJson = False) -> None:
    """List the scenarios that ship with the project."""
    from scenarios.family import shipped  # noqa: PLC0415
    from scenarios.schema import Scenario  # noqa: PLC0415

    purposes = {name: Scenario.load(name).purpose for name in shipped()}
    if as_json:
        rows = [{"name": name, "purpose": purpose} for name, purpose in purposes.items()]
        print(json.dumps(rows, indent=2))
        return
    width = max(map(len, purposes))
    for name, purpose in purposes.items():
        print(f"{name:{width}}  {purpose}")


@generating.command("profiles")
def generate_profiles(  # noqa: PLR0913, an option is an argument
    scenario: Annotated[str, typer.Argument(metavar="[SCENARIO]")] = "synthetic",
    *,
    output: Annotated[Path, typer.Option(help="File to write, .csv or .parquet.")],
    weather: Annotated[Path | None, typer.Option(help="File for the weather, likewise.")] = None,
    settings: Settings = None,
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
    loaded = generate.typed(scenario, settings or [], options)
    generate.check_paths(output, *([weather] if weather else []))
    print(generate.write(loaded, output, weather))


@app.command()
def validate(scenario: Name, settings: Settings = None, as_json: AsJson = False) -> None:
    """Check a scenario without running it; --json prints it complete."""
    loaded, _ = _loaded(scenario, settings, {})
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
def schema(of: Kind = "scenario") -> None:
    """Print the JSON Schema of a scenario or of summary.json, or all parameters as Markdown."""
    from profiles.errors import InputError  # noqa: PLC0415
    from scenarios import parameters, summary  # noqa: PLC0415
    from scenarios.schema import Scenario  # noqa: PLC0415

    if of == "parameters":
        print(parameters.page(), end="")
    elif of in ("scenario", "summary"):
        found = Scenario.model_json_schema() if of == "scenario" else summary.schema()
        print(json.dumps(found, indent=2))
    else:
        raise InputError(f"schema: must be scenario, summary or parameters (got {of!r})")


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
    from model.checks import LawError  # noqa: PLC0415
    from profiles.errors import InputError  # noqa: PLC0415

    usage = getattr(error, "format_message", None)  # what was typed is no command
    if usage is not None or isinstance(error, InputError):
        code, text = REFUSED, usage() if usage is not None else str(error)
    elif isinstance(error, LawError):
        code, text = FAILED, f"a law was broken: {error}"
    elif isinstance(error, OSError):
        code, text = FAILED, f"{error.filename or 'results'}: {error.strerror or error}"
    else:
        hint = "COMMONWATT_DEBUG=1 shows where"
        code, text = FAILED, f"unexpected {type(error).__name__}: {error} ({hint})"
    print(f"error: {' '.join(text.split())}", file=sys.stderr)
    return code


def _options(
    start: str | None, days: int | None, homes: int | None, seed: int | None
) -> "dict[str, Value]":
    typed: dict[str, Value] = {"--start": start, "--days": days, "--homes": homes, "--seed": seed}
    return {option: value for option, value in typed.items() if value is not None}


def _loaded(
    name: str, settings: list[str] | None, options: "dict[str, Value]", quiet: bool = True
) -> "tuple[Scenario, Profiles]":
    from scenarios.load import with_profiles  # noqa: PLC0415
    from scenarios.progress import Reporter  # noqa: PLC0415

    with Reporter(quiet, "homes") as progress:
        return with_profiles(name, settings or [], options, partial(progress, "generated"))


def _publish(
    live: "Callable[[Progress, Path], Comparison]", out: Path, as_json: bool, quiet: bool, csv: bool
) -> None:
    """Live what was asked for, store it and print it."""
    from scenarios import report_text, store  # noqa: PLC0415
    from scenarios.progress import Reporter  # noqa: PLC0415
    from scenarios.summary import summary  # noqa: PLC0415

    store.check_writable(out)
    with store.draft(out) as draft:
        with Reporter(quiet) as progress:
            comparison = live(progress, draft.parts)
        figures = summary(comparison)
        folder = store.publish(draft, comparison, csv=csv)
    if as_json:
        print(json.dumps({**figures.model_dump(mode="json"), "result_folder": str(folder)}))
    else:
        print(report_text.report(figures))
        print(f"\nresult_folder: {folder}")


if __name__ == "__main__":
    sys.exit(main())
