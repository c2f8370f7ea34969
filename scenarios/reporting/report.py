"""Writes a report: a page to send, and its tables beside it."""

from collections.abc import Sequence
from pathlib import Path

from profiles.errors import InputError
from scenarios import store
from scenarios.reporting import files, folders
from scenarios.reporting.page import page
from scenarios.reporting.sheets import sheets

_ENDS = (".html", ".htm")


def run(paths: Sequence[Path], out: Path) -> Path:
    """Read folders of runs and batches and write their report.

    Parameters
    ----------
    paths : sequence of Path
        Result folders, and folders of batches; the first run is what others are held against.
    out : Path
        The page. Its tables come into a folder beside it, "report_tables" for "report.html";
        files that are there are replaced.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    InputError
        Before anything is written, if a folder is not what a run has written or the page cannot
        be written there.
    """
    _check(paths, out)
    found = folders.collected(paths)
    laid = sheets(found)
    tables = out.with_name(f"{out.stem}_tables")
    text = page(found, laid, tables.name)
    try:
        files.written(laid.values(), tables)
        files.replaced(out, text)
    except OSError as error:
        raise InputError(f"--out {out}: cannot be written ({error.strerror or error})") from None
    return out


def _check(paths: Sequence[Path], out: Path) -> None:
    """Refuse a place where no report can be, or where it would damage what it tells of."""
    if out.suffix.lower() not in _ENDS:
        raise InputError(f"--out {out}: must end in .html (got {out.suffix!r})")
    if out.is_dir():
        raise InputError(f"--out {out}: must be a file (it is a folder)")
    inside = next((path for path in paths if out.resolve().is_relative_to(path.resolve())), None)
    if inside is not None:
        raise InputError(f"--out {out}: must lie outside of {inside}, which holds what was written")
    store.check_writable(out.parent)
