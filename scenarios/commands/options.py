"""Arguments and options that commands have in common, each with its line of help."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:  # reading YAML would slow down `--help`
    from profiles.strict_yaml import Value

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
Every = Annotated[
    float, typer.Option("--checkpoint-every", min=0.0, metavar="S", help="Seconds between states.")
]
Csv = Annotated[bool, typer.Option("--csv", help="Write CSV files however long they are.")]
Kind = Annotated[str, typer.Argument(metavar="[scenario|summary|timeline|parameters]")]
RESULTS = Path("results")


def typed(
    start: str | None, days: int | None, homes: int | None, seed: int | None
) -> "dict[str, Value]":
    """Keep the options that were typed, by name, as `scenarios.load.load` takes them."""
    options: dict[str, Value] = {
        "--start": start, "--days": days, "--homes": homes, "--seed": seed,
    }  # fmt: skip
    return {option: value for option, value in options.items() if value is not None}
