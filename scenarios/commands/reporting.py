"""The command `report`. What it returns is printed; all that is heavy comes in later."""

from pathlib import Path
from typing import Annotated

import typer


def report(
    folders: Annotated[
        list[Path], typer.Argument(metavar="FOLDER...", help="Results of runs, or batches.")
    ],
    out: Annotated[Path, typer.Option(help="Page to write.")] = Path("report.html"),
) -> str:
    """Write runs as one page to send: tables, differences, pictures, how to make them again."""
    from scenarios.reporting import report as reporting  # noqa: PLC0415

    return f"report: {reporting.run(folders, out)}"
