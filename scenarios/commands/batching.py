"""The command `resume`, which goes on with runs that were ended early."""

from pathlib import Path
from typing import Annotated

import typer

from scenarios.commands.options import Quiet, Workers

Left = Annotated[Path, typer.Argument(metavar="FOLDER", help="Of results, or a draft in it.")]


def resume(folder: Left, *, workers: Workers = None, quiet: Quiet = False) -> str:
    """Go on with runs that were ended early."""
    from profiles.errors import InputError  # noqa: PLC0415
    from scenarios import job, session  # noqa: PLC0415

    drafts = job.unfinished(folder)
    if not drafts:
        raise InputError(f"{folder}: must hold a run that was ended early (there is none)")
    means = session.Means(workers, quiet)
    return "\n".join(f"result_folder: {session.go_on(draft, means)[1]}" for draft in drafts)
