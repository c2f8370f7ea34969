"""Where runs are saved: the folder that the dashboard was started with, or one right below it."""

import os
import re
from pathlib import Path

from profiles.errors import InputError, shown
from scenarios import runs

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,49}")
_DEVICE = re.compile(r"con|prn|aux|nul|com\d|lpt\d", re.IGNORECASE)  # elsewhere no folder's name


def listed(root: Path) -> list[str]:
    """List the folders below the dashboard's that may hold runs and are none themselves."""
    try:
        with os.scandir(root) as entries:
            names = [each.name for each in entries if each.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    taken = {*runs.names(root)}
    return sorted(name for name in names if _NAME.fullmatch(name) and name not in taken)


def chosen(root: Path, name: str) -> Path:
    """Return the folder of a name, which is made when a run is saved in it.

    Parameters
    ----------
    root : Path
        The dashboard's.
    name : str
        Empty for that folder itself.

    Raises
    ------
    InputError
        If it is no plain name, or something else has it.
    """
    if not name:
        return root
    if not _NAME.fullmatch(name) or _DEVICE.fullmatch(name):
        limit = "must be a name of at most 50 letters, digits, _ and -"
        raise InputError(f"folder: {limit} (got {shown(name)})")
    if os.path.lexists(root / name) and name not in listed(root):
        raise InputError(f"folder: must be a new one, or one for runs (got {shown(name)})")
    return root / name
